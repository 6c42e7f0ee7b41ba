# SPDX-License-Identifier: AGPL-3.0-only
"""The router, a token with 100,000 paid in, and a rich trader who has none yet."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Given, deploy_system
from tests.support.aave_venue_harness import renewed
from tests.support.plans import make_aave_plan, make_plan
from tests.support.router_harness import RouterHarness, equip, make_router_harness, with_models
from tests.support.system_harness import deploy_harness

PAID_IN = 100_000 * 10**6


@pytest.fixture(scope="package")
def made(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str
) -> tuple[RouterHarness, int]:
    base = deploy_harness(chain, owner, keeper, make_aave_plan(1))
    at = chain.now()
    base.fund(depositor)
    made = make_router_harness(base)
    equip(made, trader)
    return made, at


@pytest.fixture
def harness(made: tuple[RouterHarness, int], depositor: str, trader: str) -> RouterHarness:
    base = renewed(made[0].base, made[1])
    base.names[trader] = trader
    base.deposit(PAID_IN, depositor)
    return with_models(made[0], base)


@pytest.fixture
def shares(chain: LocalBackend, attacker: str) -> Contract:
    """Somebody's own contract in the place of a token."""
    return chain.deploy("HostileShares", sender=attacker)


@pytest.fixture(scope="package")
def on_weth(chain: LocalBackend, owner: str, made: tuple[RouterHarness, int]) -> Contract:
    """A token on the embedded exchange whose collateral is WETH itself."""
    weth, plan = made[0].tokens["WETH"], make_plan(decimals=18)
    system = deploy_system(chain, plan, owner, Given(collateral=weth.address))
    liquidity, insurance = plan.venue.pool_liquidity, plan.venue.insurance
    chain.set_balance(owner, 2 * liquidity)
    weth.deposit(sender=owner, value=liquidity + insurance)
    weth.approve(system.venue.pool, liquidity + insurance, sender=owner)
    system.venue.pool.requestDeposit(liquidity, owner, owner, sender=owner)
    system.venue.pool.deposit(liquidity, owner, sender=owner)
    system.venue.pool.fund_insurance(insurance, sender=owner)
    return system.token
