# SPDX-License-Identifier: AGPL-3.0-only
"""read: what makes a source unusable, what replaces it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.asset_plans import (
    BITCOIN,
    BURNS,
    COLLATERAL,
    DOLLAR,
    EMPTY,
    ETHER,
    FAILS,
    FAILS_EMPTY,
    SHORT,
    USD,
    combined,
    reverting,
    ten,
)
from tests.support.constants import MAX_UINT256
from tests.support.oracle_harness import OracleHarness

FLOOR, FALLBACK = WAD // 1_000, WAD // 200
NARROW = 2_001 * WAD // 10**6  # 1.001 * 1.001 - 1: both at the floor
ONE_BAD = 6_005 * WAD // 10**6  # 1.005 * 1.001 - 1: one on the fallback
ANSWER = 2_000 * 10**8
FAILED = "oracle: feed call failed"
INCOMPLETE = "oracle: round incomplete"
NOT_POSITIVE = "oracle: price not positive"
STALE = "oracle: stale price"
BOUNDS = "oracle: price out of bounds"


def test_prices_in_collateral_units(pair: OracleHarness) -> None:
    """[O-READ-1]"""
    prices = pair.oracle.read()
    assert prices.mid == ten([2_000 * WAD, 40_000 * WAD])
    assert prices.spread == ten([NARROW, NARROW])
    assert prices.updated_at == pair.now
    assert prices.restriction == 0
    assert pair.fault() == ""


def test_the_time_is_the_newest_of_the_sources_in_use(pair: OracleHarness) -> None:
    """[O-READ-12]"""
    start = pair.now
    pair.wait(1_000)
    pair.price(1, 40_000 * USD, 0, at=start + 300)
    pair.price(0, 2_000 * USD, 0, at=start + 100)
    pair.price(0, 2_000 * USD, 1)  # newer, but no mid is made of it
    pair.check()
    assert pair.oracle.read().updated_at == start + 300
    pair.price(COLLATERAL, USD, 0, at=start + 500)
    pair.check()
    assert pair.oracle.read().updated_at == start + 500


# one source, and it is bad


def test_stale_one_second_after_the_heartbeat(single: OracleHarness) -> None:
    """[O-READ-2]"""
    single.wait(3_600)
    assert single.fault() == ""
    single.wait(1)
    assert single.fault() == STALE
    single.price(0, 2_000 * USD)
    assert single.fault() == STALE  # the collateral's is as old
    single.price(COLLATERAL, USD)
    assert single.fault() == ""


@pytest.mark.parametrize("answer", [0, -1, -ANSWER, -(2**255)])
def test_zero_and_negative(single: OracleHarness, answer: int) -> None:
    """[O-READ-3]"""
    single.answer(0, 0, answer)
    assert single.fault() == NOT_POSITIVE


def test_bounds_are_inside(single: OracleHarness) -> None:
    """[O-READ-4]"""
    low, high = 10**8 // 1_000, 10**6 * 10**8
    for answer, reason in ((low, ""), (low - 1, BOUNDS), (high, ""), (high + 1, BOUNDS)):
        single.answer(0, 0, answer)
        assert single.fault() == reason


@pytest.mark.parametrize("answer", [2**128 - 1, 2**128, 2**128 + ANSWER, 2**255 - 1])
def test_absurdly_large(single: OracleHarness, answer: int) -> None:
    """Nothing wraps to a price that looks right. [O-READ-4]"""
    single.answer(0, 0, answer)
    assert single.fault() == BOUNDS


def test_incomplete_rounds(single: OracleHarness) -> None:
    """[O-READ-5]"""
    now = single.now
    for values in (
        (0, ANSWER, now, now, 0),  # no round
        (0, ANSWER, now, now, 5),
        (7, ANSWER, now, 0, 7),  # never answered
        (7, ANSWER, now, now + 1, 7),  # answered in the future
        (7, ANSWER, now, now, 6),  # answered in an earlier round
        (7, ANSWER, now, MAX_UINT256, 7),
        (7, 0, now, 0, 7),  # incomplete comes before not positive
        (0, 0, 0, 0, 0),  # all zero, as Chainlink's history holds one
    ):
        single.round(0, 0, *values)
        assert single.fault() == INCOMPLETE, values
    single.round(0, 0, 7, ANSWER, 0, now, 8)  # answered later; the start is not used
    assert single.fault() == ""
    single.round(0, 0, 2**80 - 1, ANSWER, now, now, 2**80 - 1)
    assert single.fault() == ""


@pytest.mark.parametrize("mode", [FAILS, FAILS_EMPTY, SHORT, EMPTY, BURNS])
def test_a_feed_that_does_not_answer(single: OracleHarness, mode: int) -> None:
    """[O-READ-6]"""
    single.mode(0, 0, mode)
    assert single.fault() == FAILED


def test_a_feed_without_code(single: OracleHarness) -> None:
    """[O-READ-6]"""
    single.code(0, 0)
    assert single.fault() == FAILED


def test_words_of_any_width(single: OracleHarness) -> None:
    """No answer makes the decoding itself revert, and more than five words do
    no harm. [O-READ-6]"""
    now = single.now
    single.code(0, 0, MAX_UINT256, ANSWER, MAX_UINT256, now, MAX_UINT256)
    assert single.fault() == ""
    single.code(0, 0, 9, ANSWER, now, now, 9, MAX_UINT256, 7)
    assert single.fault() == ""
    single.code(0, 0, *[MAX_UINT256] * 3, now, MAX_UINT256)
    assert single.fault() == NOT_POSITIVE
    single.code(0, 0, 9, ANSWER, now, now)  # four words
    assert single.fault() == FAILED


def test_the_quotient_has_bounds_of_its_own(chain: LocalBackend, owner: str) -> None:
    """A price that does not fit its storage, or rounds to nothing, is unusable. [O-READ-13]"""
    wide = {"min_price": 1, "max_price": 10**30, "secondary_decimals": None}
    cheap = replace(ETHER, decimals=18, price=WAD, **wide)
    dollar = replace(DOLLAR, decimals=18, price=WAD, **wide)
    harness = OracleHarness(chain, owner, [cheap], dollar)
    harness.price(0, 10**30)
    harness.price(COLLATERAL, WAD // 20)
    assert harness.mid() == 20 * 10**30  # below 2**104 = 20.28e30
    harness.price(COLLATERAL, 10**48 // 2**104)  # rounded down: 2**104 or a little more
    assert harness.fault() == BOUNDS
    harness.price(COLLATERAL, 10**48 // 2**104 + 1)
    assert 0 < 2**104 - harness.mid() < 10**15
    harness.price(0, 1)
    harness.price(COLLATERAL, WAD)
    assert harness.mid() == 1
    harness.price(COLLATERAL, WAD + 1)
    assert harness.fault() == BOUNDS


def test_a_revert_that_looks_like_a_round(single: OracleHarness) -> None:
    now = single.now
    words = (9, ANSWER, now, now, 9)
    single.code(0, 0, *words)
    assert single.fault() == ""
    single.code(0, 0)  # no code: the model has lost its round too
    single.chain.set_code(single.feed(0).address, reverting(*words))
    assert single.fault() == FAILED


# two sources


def bad_ways(harness: OracleHarness, source: int) -> dict[str, tuple[object, ...]]:
    now = harness.now
    return {
        FAILED: ("mode", 0, source, FAILS),
        INCOMPLETE: ("round", 0, source, 0, ANSWER, now, now, 0),
        NOT_POSITIVE: ("answer", 0, source, 0),
        STALE: ("answer", 0, source, ANSWER, now - 7_201),
        BOUNDS: ("answer", 0, source, 10**6 * 10**8 + 1),
    }


REASONS = [FAILED, INCOMPLETE, NOT_POSITIVE, STALE, BOUNDS]


@pytest.mark.parametrize("reason", REASONS)
def test_the_secondary_serves_for_a_bad_primary(pair: OracleHarness, reason: str) -> None:
    """[O-READ-7]"""
    pair.price(0, 2_010 * USD, 1)
    name, *args = bad_ways(pair, 0)[reason]
    getattr(pair, str(name))(*args)
    assert pair.fault() == ""
    assert (pair.mid(0), pair.spread(0)) == (2_010 * WAD, ONE_BAD)
    assert (pair.mid(1), pair.spread(1)) == (40_000 * WAD, NARROW)
    assert pair.restriction() == 0


@pytest.mark.parametrize("mode", [FAILS, FAILS_EMPTY, SHORT, EMPTY, BURNS])
def test_no_failure_of_one_source_reaches_the_other(pair: OracleHarness, mode: int) -> None:
    """Even a feed that burns all the gas that it is given. [O-READ-6]"""
    pair.mode(0, 0, mode)
    assert pair.fault() == ""
    assert (pair.mid(0), pair.spread(0)) == (2_000 * WAD, ONE_BAD)
    pair.refresh()


@pytest.mark.parametrize("reason", REASONS)
def test_a_bad_secondary_widens_the_primary(pair: OracleHarness, reason: str) -> None:
    """[O-READ-7]"""
    name, *args = bad_ways(pair, 1)[reason]
    getattr(pair, str(name))(*args)
    assert pair.fault() == ""
    assert (pair.mid(0), pair.spread(0)) == (2_000 * WAD, ONE_BAD)
    assert pair.restriction() == 0


@pytest.mark.parametrize("primary", REASONS)
def test_both_bad_gives_the_reason_of_the_primary(pair: OracleHarness, primary: str) -> None:
    """[O-READ-8]"""
    secondary = REASONS[REASONS.index(primary) - 1]
    for reason, source in ((primary, 0), (secondary, 1)):
        name, *args = bad_ways(pair, source)[reason]
        getattr(pair, str(name))(*args)
    assert pair.fault() == primary


def test_each_source_has_its_own_heartbeat(pair: OracleHarness) -> None:
    """[O-READ-2]"""
    pair.wait(3_601)
    pair.price(1, 40_000 * USD)
    pair.price(COLLATERAL, USD)
    assert pair.spread(0) == ONE_BAD
    pair.wait(3_599)
    pair.renew(0)
    assert pair.spread(0) == ONE_BAD
    pair.wait(1)
    assert pair.fault() == STALE


def test_each_source_has_its_own_decimals(chain: LocalBackend, owner: str) -> None:
    """[O-READ-11]"""
    harness = OracleHarness(chain, owner, [replace(ETHER, decimals=18, secondary_decimals=6)])
    assert (harness.mid(), harness.spread()) == (2_000 * WAD, NARROW)
    harness.price(0, 2_020 * USD, 1)
    assert (harness.mid(), harness.spread()) == (2_000 * WAD, combined(WAD // 100, FLOOR))
    harness.mode(0, 0, FAILS)
    assert harness.mid() == 2_020 * WAD


# the collateral


def test_a_depeg_is_a_price_move(pair: OracleHarness) -> None:
    """[O-READ-1]"""
    pair.price(COLLATERAL, 95 * USD // 100)
    assert pair.mid(0) == 2_000 * WAD * 100 // 95
    assert pair.mid(1) == 40_000 * WAD * 100 // 95
    assert pair.restriction() == 0
    units = pair.oracle.composition().units
    assert (
        pair.oracle.level()
        == sum(u * p for u, p in zip(units, pair.oracle.read().mid, strict=True)) // WAD
    )
    assert pair.oracle.level() == 1_052_631_578_947_368_421_052


@pytest.mark.parametrize("reason", REASONS)
def test_a_bad_collateral_feed_makes_everything_unusable(pair: OracleHarness, reason: str) -> None:
    """[O-READ-9]"""
    now = pair.now
    ways = {
        FAILED: ("mode", SHORT),
        INCOMPLETE: ("round", 3, 10**8, now, now, 2),
        NOT_POSITIVE: ("answer", -1),
        STALE: ("answer", 10**8, now - 7_201),
        BOUNDS: ("answer", 10**5 - 1),
    }
    name, *args = ways[reason]
    getattr(pair, str(name))(COLLATERAL, 0, *args)
    assert pair.fault() == ""
    assert pair.spread(0) == pair.spread(1) == ONE_BAD
    getattr(pair, str(name))(COLLATERAL, 1, *args)
    assert pair.fault() == reason


def test_one_bad_component_makes_everything_unusable(pair: OracleHarness) -> None:
    """[O-READ-9]"""
    for source in (0, 1):
        pair.answer(1, source, 0)
    assert pair.fault() == NOT_POSITIVE
    pair.mode(0, 0, FAILS)
    pair.mode(0, 1, FAILS)
    assert pair.fault() == FAILED  # the first component's comes first
    pair.price(COLLATERAL, USD, at=pair.now - 7_201)
    assert pair.fault() == STALE  # and the collateral's before it


# the same economics


@pytest.mark.parametrize("decimals", [6, 18])
def test_decimals_of_the_feeds_make_no_difference(
    chain: LocalBackend, owner: str, pair: OracleHarness, decimals: int
) -> None:
    """[O-READ-11]"""
    plans = [
        replace(plan, decimals=decimals, secondary_decimals=decimals)
        for plan in (ETHER, BITCOIN, DOLLAR)
    ]
    other = OracleHarness(chain, owner, plans[:2], plans[2])
    assert other.oracle.composition() == pair.oracle.composition()
    for ether, second, dollar in ((2_000, 2_000, 100), (2_123, 2_100, 99), (1_650, 1_640, 103)):
        for harness in (pair, other):
            harness.price(0, ether * USD, 0)
            harness.price(0, second * USD, 1)
            harness.price(COLLATERAL, dollar * USD // 100)
            harness.check()
        assert other.oracle.read() == pair.oracle.read()
        assert other.oracle.level() == pair.oracle.level()
        other.refresh()
        pair.refresh()
        assert other.state() == pair.state()


def test_ten_components(chain: LocalBackend, owner: str) -> None:
    plans = [replace(ETHER, price=(i + 1) * 7 * USD) for i in range(10)]
    harness = OracleHarness(chain, owner, plans)
    assert harness.oracle.read().mid == [(i + 1) * 7 * WAD for i in range(10)]
    harness.price(9, 71 * USD)
    assert harness.mid(9) == 71 * WAD
    harness.refresh()
    harness.mode(9, 0, FAILS)
    harness.mode(9, 1, FAILS)
    assert harness.fault() == FAILED
