# SPDX-License-Identifier: AGPL-3.0-only
"""One factory, and a set of each kind that it made: `perp_set`, `aave_set`."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.config import PeripheryConfig
from inverse_index.deployment import Given, Plan
from inverse_index.deployment.factory import deploy_factory, deploy_set
from inverse_index.deployment.governance import Governance
from inverse_index.model.system import build_model
from tests.support.constants import DAY
from tests.support.factory_order import Order, order_of
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness

PERP_SALT, AAVE_SALT = bytes(31) + b"\x01", bytes(31) + b"\x02"


@pytest.fixture(scope="module")
def factory(chain: LocalBackend, provider: str) -> Contract:
    return deploy_factory(chain, provider)


@pytest.fixture(scope="module")
def given(trader: str, guardian: str) -> Given:
    """The trader proposes to the timelock, anyone carries out; secondaries, feeds and
    keeper adapter too."""
    periphery = PeripheryConfig(feeds=8, keeper_adapter=True)
    governance = Governance(2 * DAY, (trader,))
    return Given(governance=governance, guardian=guardian, periphery=periphery)


def harness_of(
    chain: LocalBackend,
    factory: Contract,
    owner: str,
    keeper: str,
    plan: Plan,
    given: Given,
    salt: bytes,
) -> SystemHarness:
    """A set through the factory beside its model; the owner deploys and gets the fees."""
    system = deploy_set(chain, factory, plan, owner, salt, given)
    model = build_model(plan, chain.now(), given.secondaries, system.venue.order)
    return SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))


@pytest.fixture(scope="module")
def perp_set(
    chain: LocalBackend, factory: Contract, owner: str, keeper: str, given: Given
) -> SystemHarness:
    return harness_of(chain, factory, owner, keeper, make_plan(2), given, PERP_SALT)


@pytest.fixture(scope="module")
def aave_set(
    chain: LocalBackend, factory: Contract, owner: str, keeper: str, given: Given
) -> SystemHarness:
    return harness_of(chain, factory, owner, keeper, make_aave_plan(2), given, AAVE_SALT)


@pytest.fixture
def on_perp(perp_set: SystemHarness, factory: Contract, given: Given) -> Order:
    """Another token on the oracle and exchange of `perp_set`."""
    return order_of(perp_set, factory, given)


@pytest.fixture
def on_aave(aave_set: SystemHarness, factory: Contract, given: Given) -> Order:
    return order_of(aave_set, factory, given)
