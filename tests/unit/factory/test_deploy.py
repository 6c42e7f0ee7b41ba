# SPDX-License-Identifier: AGPL-3.0-only
"""A set of each kind through the factory: wired, owned, at its address, working."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Registry
from inverse_index.deployment.factory import made_by
from tests.support.constants import DAY
from tests.support.system_harness import SystemHarness

KINDS = {"perp_set": 1, "aave_set": 2}


@pytest.fixture(scope="module", params=KINDS)
def harness(request: pytest.FixtureRequest) -> SystemHarness:
    made: SystemHarness = request.getfixturevalue(request.param)
    return made


def test_wiring_and_owners(
    harness: SystemHarness, factory: Contract, owner: str, trader: str, guardian: str
) -> None:
    """[G-FA-1]"""
    system, token = harness.system, harness.token
    made = made_by(factory, token.address)
    assert made.kind == KINDS["perp_set" if system.venue.kind == "perp" else "aave_set"]
    assert (made.deployer, made.token) == (owner, token.address)
    assert made.oracle == token.oracle() == system.oracle.address
    assert made.vault == token.vault() == system.vault.address
    assert system.vault.token() == token.address
    assert token.owner() == system.oracle.owner() == made.timelock == system.timelock.address
    assert token.policy() == factory.POLICY()
    assert token.guardian() == guardian
    timelock = system.timelock
    assert timelock.get_minimum_delay() == 2 * DAY
    assert timelock.hasRole(timelock.PROPOSER_ROLE(), trader)
    if system.venue.kind == "aave":
        assert system.vault.quoter() == factory.AAVE_QUOTER()
    assert system.level_feed.oracle() == made.oracle
    assert system.nav_feed.token() == made.token
    assert system.keeper_adapter.checker(token, owner, 0)[0] is False


def test_deposit_rebalance_redeem(
    harness: SystemHarness, depositor: str, second_holder: str
) -> None:
    """Chain and model agree in every integer after each step."""
    unit = harness.system.unit
    for holder in (depositor, second_holder):
        harness.fund(holder)
    harness.deposit(100_000 * unit, depositor)
    harness.check()
    harness.move([3, -2], DAY)
    harness.rebalance()
    harness.check()
    harness.deposit(100 * unit, second_holder)
    harness.redeem(harness.token.balanceOf(depositor) // 2, depositor)
    harness.check()


def test_the_registry_of_deployments_keeps_the_timelock(
    chain: LocalBackend, harness: SystemHarness, tmp_path: object
) -> None:
    registry = Registry(31337, tmp_path)  # type: ignore[arg-type]
    registry.save(harness.system)
    found = registry.load(chain)
    assert found.timelock == harness.system.timelock
    assert found.addresses() == harness.system.addresses()
