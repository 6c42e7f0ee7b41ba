# SPDX-License-Identifier: AGPL-3.0-only
"""The router, a token with 100,000 paid in, and a rich trader who has none yet."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Given, deploy_system
from tests.aave_desk import renewed
from tests.router_world import RouterWorld, equip, make_world, with_models
from tests.systems import deploy_bench, make_aave_plan, make_plan

PAID_IN = 100_000 * 10**6


@pytest.fixture(scope="package")
def made(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str
) -> tuple[RouterWorld, int]:
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(1))
    at = chain.now()
    bench.fund(depositor)
    made = make_world(bench)
    equip(made, trader)
    return made, at


@pytest.fixture
def world(made: tuple[RouterWorld, int], depositor: str, trader: str) -> RouterWorld:
    bench = renewed(made[0].bench, made[1])
    bench.names[trader] = trader
    bench.deposit(PAID_IN, depositor)
    return with_models(made[0], bench)


@pytest.fixture
def shares(chain: LocalBackend, attacker: str) -> Contract:
    """Somebody's own contract in the place of a token."""
    return chain.deploy("HostileShares", sender=attacker)


@pytest.fixture(scope="package")
def on_weth(chain: LocalBackend, owner: str, made: tuple[RouterWorld, int]) -> Contract:
    """A token on the embedded exchange whose collateral is WETH itself."""
    weth, plan = made[0].tokens["WETH"], make_plan(decimals=18)
    system = deploy_system(chain, plan, owner, Given(collateral=weth.address))
    liquidity, insurance = plan.venue.pool_liquidity, plan.venue.insurance
    chain.set_balance(owner, 2 * liquidity)
    weth.deposit(sender=owner, value=liquidity + insurance)
    weth.approve(system.venue.pool, liquidity + insurance, sender=owner)
    system.venue.pool.deposit(liquidity, owner, sender=owner)
    system.venue.pool.fund_insurance(insurance, sender=owner)
    return system.token
