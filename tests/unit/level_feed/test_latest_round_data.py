# SPDX-License-Identifier: AGPL-3.0-only
"""latestRoundData, latestAnswer: the oracle's level, as old as its oldest price."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import COLLATERAL, FAILS, USD
from tests.support.oracle_harness import OracleWorld

ETHER, BITCOIN = 0, 1


def test_is_the_level(world: OracleWorld, feed: Contract, short: Contract) -> None:
    """[F-LVL-1]"""
    world.price(ETHER, 2_345 * USD + 678 * USD // 1_000)
    world.price(COLLATERAL, USD - USD // 1_000)
    level, now = world.oracle.level(), world.now
    assert level == world.model.level(now) and level % 10**10 != 0
    assert feed.latestRoundData() == (now, level, now, now, now)
    assert feed.latestAnswer() == level
    assert short.latestRoundData() == (now, level // 10**10, now, now, now)
    assert short.latestAnswer() == level // 10**10


def test_as_old_as_its_oldest_price(world: OracleWorld, feed: Contract) -> None:
    """Whichever asset that is of; the oracle's own time is the newest one's. [F-ALL-1]"""
    start = world.now
    for asset in (ETHER, BITCOIN, COLLATERAL):
        world.wait(600)
        times = feed.latestRoundData()
        assert times[2] == times[3] == start
        world.price(asset, world.plans[asset].price)
        assert world.oracle.read().updated_at == world.now
    assert feed.latestRoundData()[3] == start + 600  # of ether now
    world.price(ETHER, 2_000 * USD)
    assert feed.latestRoundData()[3] == start + 1_200  # of bitcoin


def test_a_newer_secondary_does_not_count_while_the_primary_serves(
    world: OracleWorld, feed: Contract
) -> None:
    start = world.now
    world.wait(600)
    world.price(ETHER, 2_000 * USD, 1)
    assert feed.latestRoundData()[3] == start


def test_the_secondary_s_time_when_it_serves(world: OracleWorld, feed: Contract) -> None:
    start = world.now
    world.wait(600)
    for asset in (ETHER, BITCOIN, COLLATERAL):
        world.price(asset, world.plans[asset].price, 0)
    assert feed.latestRoundData()[3] == start + 600
    world.mode(BITCOIN, 0, FAILS)
    assert feed.latestRoundData()[3] == start
    assert feed.latestAnswer() == world.oracle.level()


def test_round_numbers_never_fall(world: OracleWorld, feed: Contract) -> None:
    """Not even when a failure makes an older source serve. [F-ALL-2]"""
    seen = []
    for step in range(6):
        world.wait(60)
        if step % 2:
            world.price(ETHER, (2_000 + step) * USD, 0)
        world.mode(ETHER, 0, FAILS if step == 3 else 0)
        round_id, answer, started, updated, answered_in = feed.latestRoundData()
        assert answered_in == round_id == world.now
        assert 0 < started == updated <= round_id and answer > 0
        seen.append(round_id)
    assert seen == sorted(set(seen))


def test_no_transaction_but_a_price_moves_it(
    world: OracleWorld, feed: Contract, attacker: str
) -> None:
    before = feed.latestAnswer()
    world.refresh(attacker)
    assert feed.latestAnswer() == before


def test_level_is_continuous_across_new_weights(world: OracleWorld, feed: Contract) -> None:
    before = feed.latestAnswer()
    world.schedule([WAD // 4, WAD - WAD // 4])
    world.wait(2 * 86_400)
    for asset in (ETHER, BITCOIN, COLLATERAL):
        world.price(asset, world.plans[asset].price)
    world.refresh()
    assert world.oracle.composition().version == 2
    assert 0 <= before - feed.latestAnswer() <= 42_000  # a unit wei of each


@pytest.mark.parametrize("function", ["latestRoundData", "latestAnswer"])
def test_unusable_with_the_oracle_s_reason(
    world: OracleWorld, feed: Contract, function: str
) -> None:
    """[F-LVL-2]"""
    world.wait(7_201)
    assert not world.oracle.usable()
    with reverts("oracle: stale price"):
        feed.method(function)()


def test_an_oracle_reads_it(
    world: OracleWorld, chain: LocalBackend, owner: str, feed: Contract, short: Contract
) -> None:
    """As the primary and secondary source of a component of another index."""
    *_, dollar = world.arguments()[0]
    nested = {
        **dollar,
        "primary": short.address,
        "primary_decimals": 8,
        "secondary": feed.address,
        "secondary_decimals": 18,
        "secondary_heartbeat": 3_600,
    }
    arguments = world.arguments()
    arguments[0], arguments[1] = [nested, dollar], [WAD]
    outer = chain.deploy("IndexOracle", *arguments, sender=owner)
    world.price(ETHER, 2_100 * USD)
    assert outer.read().mid[0] == short.latestAnswer() * 10**10
    world.wait(3_601)
    world.price(COLLATERAL, USD)
    with reverts("oracle: stale price"):  # as old as its oldest: the heartbeat sees it
        outer.read()
