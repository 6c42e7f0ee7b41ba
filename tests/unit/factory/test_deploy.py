# SPDX-License-Identifier: AGPL-3.0-only
"""A set of each kind through the factory: wired, owned, at its address, working."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Registry
from inverse_index.deployment.factory import made_by
from tests.support.system_harness import Bench

from .conftest import DAY

KINDS = {"perp_set": 1, "aave_set": 2}


@pytest.fixture(scope="module", params=KINDS)
def bench(request: pytest.FixtureRequest) -> Bench:
    made: Bench = request.getfixturevalue(request.param)
    return made


def test_wiring_and_owners(
    bench: Bench, factory: Contract, owner: str, trader: str, guardian: str
) -> None:
    """[G-FA-1]"""
    system, token = bench.system, bench.token
    made = made_by(factory, token.address)
    assert made.kind == KINDS["perp_set" if system.venue.kind == "perp" else "aave_set"]
    assert (made.deployer, made.token) == (owner, token.address)
    assert made.oracle == token.oracle() == system.oracle.address
    assert made.vault == token.vault() == system.vault.address
    assert system.vault.token() == token.address
    assert token.owner() == system.oracle.owner() == made.timelock == system.timelock.address
    assert token.quoter() == factory.QUOTER()
    assert token.guardian() == guardian
    timelock = system.timelock
    assert timelock.get_minimum_delay() == 2 * DAY
    assert timelock.hasRole(timelock.PROPOSER_ROLE(), trader)
    if system.venue.kind == "aave":
        assert system.vault.quoter() == factory.AAVE_QUOTER()
    if system.venue.kind == "perp":
        assert system.venue.exchange.owner() == made.timelock
    assert system.level_feed.oracle() == made.oracle
    assert system.nav_feed.token() == made.token
    assert system.door.checker(token, owner, 0)[0] is False


def test_deposit_rebalance_redeem(bench: Bench, depositor: str, second_holder: str) -> None:
    """Chain and model agree in every integer after each step."""
    unit = bench.system.unit
    for holder in (depositor, second_holder):
        bench.fund(holder)
    bench.deposit(100_000 * unit, depositor)
    bench.check()
    bench.move([3, -2], DAY)
    bench.rebalance()
    bench.check()
    bench.deposit(100 * unit, second_holder)
    bench.redeem(bench.token.balanceOf(depositor) // 2, depositor)
    bench.check()


def test_the_registry_of_deployments_keeps_the_timelock(
    chain: LocalBackend, bench: Bench, tmp_path: object
) -> None:
    registry = Registry(31337, tmp_path)  # type: ignore[arg-type]
    registry.save(bench.system)
    found = registry.load(chain)
    assert found.timelock == bench.system.timelock
    assert found.addresses() == bench.system.addresses()
