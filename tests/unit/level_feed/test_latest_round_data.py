# SPDX-License-Identifier: AGPL-3.0-only
"""latestRoundData, latestAnswer: the oracle's level, as old as its oldest price."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import COLLATERAL, FAILS, USD
from tests.support.oracle_harness import OracleHarness

ETHER, BITCOIN = 0, 1


def test_is_the_level(harness: OracleHarness, feed: Contract, short: Contract) -> None:
    """[F-LVL-1]"""
    harness.price(ETHER, 2_345 * USD + 678 * USD // 1_000)
    harness.price(COLLATERAL, USD - USD // 1_000)
    level, now = harness.oracle.level(), harness.now
    assert level == harness.model.level(now) and level % 10**10 != 0
    assert feed.latestRoundData() == (now, level, now, now, now)
    assert feed.latestAnswer() == level
    assert short.latestRoundData() == (now, level // 10**10, now, now, now)
    assert short.latestAnswer() == level // 10**10


def test_as_old_as_its_oldest_price(harness: OracleHarness, feed: Contract) -> None:
    """Whichever asset that is of; the oracle's own time is the newest one's. [F-ALL-1]"""
    start = harness.now
    for asset in (ETHER, BITCOIN, COLLATERAL):
        harness.wait(600)
        times = feed.latestRoundData()
        assert times[2] == times[3] == start
        harness.price(asset, harness.plans[asset].price)
        assert harness.oracle.read().updated_at == harness.now
    assert feed.latestRoundData()[3] == start + 600  # of ether now
    harness.price(ETHER, 2_000 * USD)
    assert feed.latestRoundData()[3] == start + 1_200  # of bitcoin


def test_a_newer_secondary_does_not_count_while_the_primary_serves(
    harness: OracleHarness, feed: Contract
) -> None:
    start = harness.now
    harness.wait(600)
    harness.price(ETHER, 2_000 * USD, 1)
    assert feed.latestRoundData()[3] == start


def test_the_secondary_s_time_when_it_serves(harness: OracleHarness, feed: Contract) -> None:
    start = harness.now
    harness.wait(600)
    for asset in (ETHER, BITCOIN, COLLATERAL):
        harness.price(asset, harness.plans[asset].price, 0)
    assert feed.latestRoundData()[3] == start + 600
    harness.mode(BITCOIN, 0, FAILS)
    assert feed.latestRoundData()[3] == start
    assert feed.latestAnswer() == harness.oracle.level()


def test_round_numbers_never_fall(harness: OracleHarness, feed: Contract) -> None:
    """Not even when a failure makes an older source serve. [F-ALL-2]"""
    seen = []
    for step in range(6):
        harness.wait(60)
        if step % 2:
            harness.price(ETHER, (2_000 + step) * USD, 0)
        harness.mode(ETHER, 0, FAILS if step == 3 else 0)
        round_id, answer, started, updated, answered_in = feed.latestRoundData()
        assert answered_in == round_id == harness.now
        assert 0 < started == updated <= round_id and answer > 0
        seen.append(round_id)
    assert seen == sorted(set(seen))


def test_no_transaction_but_a_price_moves_it(
    harness: OracleHarness, feed: Contract, attacker: str
) -> None:
    before = feed.latestAnswer()
    harness.refresh(attacker)
    assert feed.latestAnswer() == before


def test_level_is_continuous_across_new_weights(harness: OracleHarness, feed: Contract) -> None:
    before = feed.latestAnswer()
    harness.schedule([WAD // 4, WAD - WAD // 4])
    harness.wait(2 * 86_400)
    for asset in (ETHER, BITCOIN, COLLATERAL):
        harness.price(asset, harness.plans[asset].price)
    harness.refresh()
    assert harness.oracle.composition().version == 2
    assert 0 <= before - feed.latestAnswer() <= 42_000  # a unit wei of each


@pytest.mark.parametrize("function", ["latestRoundData", "latestAnswer"])
def test_unusable_with_the_oracle_s_reason(
    harness: OracleHarness, feed: Contract, function: str
) -> None:
    """[F-LVL-2]"""
    harness.wait(7_201)
    assert not harness.oracle.usable()
    with reverts("oracle: stale price"):
        feed.method(function)()


def test_an_oracle_reads_it(
    harness: OracleHarness, chain: LocalBackend, owner: str, feed: Contract, short: Contract
) -> None:
    """As the primary and secondary source of a component of another index."""
    *_, dollar = harness.arguments()[0]
    nested = {
        **dollar,
        "primary": short.address,
        "primary_decimals": 8,
        "secondary": feed.address,
        "secondary_decimals": 18,
        "secondary_heartbeat": 3_600,
    }
    arguments = harness.arguments()
    arguments[0], arguments[1] = [nested, dollar], [WAD]
    outer = chain.deploy("IndexOracle", *arguments, sender=owner)
    harness.price(ETHER, 2_100 * USD)
    assert outer.read().mid[0] == short.latestAnswer() * 10**10
    harness.wait(3_601)
    harness.price(COLLATERAL, USD)
    with reverts("oracle: stale price"):  # as old as its oldest: the heartbeat sees it
        outer.read()
