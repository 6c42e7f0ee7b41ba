# SPDX-License-Identifier: AGPL-3.0-only
"""Promises of the oracle's model, for any numbers; no chain. That the contract
does the same is shown by the tests of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import MAX_UINT256, WAD, Revert, ceil_div
from inverse_index.model.oracle.feed_answers import Asset, Feed, Round
from inverse_index.model.oracle.index_oracle import (
    DEAD_DELAY,
    MIN_DELAY,
    OracleModel,
    OracleParameters,
)
from inverse_index.model.oracle.prices import Restriction, combined_up, disagreement_up
from inverse_index.model.oracle.reconstitution import index_level_down
from tests.support.constants import DAY

NOW = 1_704_067_200
FLOOR = WAD // 1_000
PARAMETERS = OracleParameters(
    fallback_spread=WAD // 200,
    max_spread=WAD // 50,
    step_limit=WAD // 5,
    step_delay=3_600,
)
REASONS = {
    "oracle: feed call failed",
    "oracle: round incomplete",
    "oracle: price not positive",
    "oracle: stale price",
    "oracle: price out of bounds",
}


def feed(price: int, decimals: int = 18, at: int = NOW) -> Feed:
    """A complete round; the price is WAD USD."""
    return Feed(decimals, 30 * DAY).at(price // 10 ** (18 - decimals), at)


def asset(price: int, second: int | None = None, decimals: int = 18, floor: int = FLOOR) -> Asset:
    secondary = None if second is None else feed(second, decimals)
    return Asset(feed(price, decimals), secondary, 1, 10**30, floor)


def model_of(
    prices: Sequence[int],
    weights: Sequence[int] | None = None,
    level: int = 1_000 * WAD,
    parameters: OracleParameters = PARAMETERS,
    collateral: int = WAD,
    floor: int = FLOOR,
) -> OracleModel:
    """Single sources; equal weights unless given."""
    rest = [WAD // len(prices)] * (len(prices) - 1)
    chosen = weights or [WAD - sum(rest), *rest]
    assets = [asset(price, floor=floor) for price in prices]
    return OracleModel(assets, asset(collateral, floor=floor), chosen, level, parameters, NOW)


def post(model: OracleModel, prices: Sequence[int], now: int) -> None:
    """Complete rounds for all components, and for the collateral at 1."""
    for each, price in zip(model.components, prices, strict=True):
        each.primary = each.primary.at(price, now)
    model.collateral.primary = model.collateral.primary.at(WAD, now)


def split(cuts: Sequence[int]) -> list[int]:
    """Weights that sum to WAD from points that cut it."""
    points = [0, *sorted(cuts), WAD]
    return [high - low for low, high in pairwise(points)]


price = st.integers(10**12, 10**24)  # a millionth of a dollar to a million
basket = st.integers(1, 10).flatmap(
    lambda k: st.tuples(
        st.lists(price, min_size=k, max_size=k),
        st.lists(st.integers(-1_999, 1_999), min_size=k, max_size=k),
        st.lists(st.integers(0, WAD), min_size=k - 1, max_size=k - 1),
    )
)
anything = st.integers(0, MAX_UINT256)
near = st.integers(NOW - 40 * DAY, NOW + 2)
rounds = st.builds(
    Round,
    round_id=st.one_of(st.sampled_from([0, 1, 2]), anything),
    answer=st.one_of(st.sampled_from([-1, 0, 1, 2**128 - 1, 2**128]), price),
    started_at=anything,
    updated_at=st.one_of(near, near, anything),
    answered_in=st.one_of(st.sampled_from([0, 1, 2]), anything),
)


# by hand


def test_a_basket_by_hand() -> None:
    model = model_of([2_000 * WAD, 40_000 * WAD])
    composition = model.composition()
    assert composition.units == (WAD // 4, WAD // 80)
    assert (composition.version, composition.effective_at) == (1, NOW)
    assert composition.due_at == MAX_UINT256
    assert model.level(NOW) == 1_000 * WAD
    post(model, [2_200 * WAD, 36_000 * WAD], NOW)
    assert model.level(NOW) == 1_000 * WAD  # 550 + 450
    assert model.read(NOW).mid == (2_200 * WAD, 36_000 * WAD)
    assert model.state() == {
        "weights": (WAD // 2, WAD // 2),
        "scheduled": ((), 0),
        "version": 1,
        "unusable_since": 0,
        "units": (WAD // 4, WAD // 80),
        "accepted": ((2_000 * WAD, 0), (40_000 * WAD, 0), (WAD, 0)),
        "observed": (0, 0, 0),
    }


def test_a_step_by_hand() -> None:
    model = model_of([100 * WAD])
    post(model, [121 * WAD], NOW)
    assert model.read(NOW).restriction == Restriction.STEP
    model.refresh(NOW)
    assert model.state()["accepted"] == ((100 * WAD, NOW), (WAD, 0))
    assert model.state()["observed"] == (121 * WAD, 0)
    assert model.read(NOW + 3_599).restriction == Restriction.STEP
    assert model.read(NOW + 3_600).restriction == Restriction(0)
    model.refresh(NOW + 3_600)
    assert model.state()["accepted"] == ((121 * WAD, 0), (WAD, 0))


def test_an_observation_is_tied_to_its_price() -> None:
    model = model_of([100 * WAD])
    post(model, [150 * WAD], NOW)
    model.refresh(NOW)
    later = NOW + 3_600
    for price, restriction in (
        (150, 0),
        (180, 0),
        (181, 1),
        (120, 0),
        (121, 0),
        (100, 0),
        (80, 0),
        (79, 1),
    ):
        post(model, [price * WAD], later)
        assert model.read(later).restriction == restriction
    model.refresh(later)
    assert model.state()["accepted"][0] == (100 * WAD, later)
    assert model.state()["observed"][0] == 79 * WAD
    post(model, [94 * WAD], later)
    model.refresh(later)
    assert model.state()["accepted"][0] == (94 * WAD, 0)


def test_the_collateral_steps_by_itself() -> None:
    """However well its components are confirmed."""
    model = model_of([100 * WAD])
    model.components[0].secondary = feed(100 * WAD)
    model.collateral.primary = feed(79 * WAD // 100)
    assert model.read(NOW).restriction == Restriction.STEP
    model.refresh(NOW)
    assert model.state()["accepted"] == ((100 * WAD, 0), (WAD, NOW))
    model.collateral.secondary = feed(79 * WAD // 100)
    assert model.read(NOW).restriction == Restriction(0)
    model.refresh(NOW)
    assert model.state()["accepted"] == ((100 * WAD, 0), (79 * WAD // 100, 0))


def test_what_is_refused_changes_nothing() -> None:
    """Units above 2**112 at a due change: refused until it is withdrawn."""
    model = model_of([10**11, 10**18], [0, WAD], 10**9 * WAD)
    model.schedule_reconstitution([WAD, 0], NOW)
    later = NOW + MIN_DELAY
    before = model.state()
    for _ in range(2):
        with pytest.raises(Revert, match="oracle: units out of range"):
            model.refresh(later)
        assert model.state() == before
    with pytest.raises(Revert, match="oracle: already scheduled"):
        model.schedule_reconstitution([0, WAD], later)
    assert model.state() == before
    model.cancel_reconstitution()
    model.refresh(later)
    with pytest.raises(Revert, match="oracle: nothing scheduled"):
        model.cancel_reconstitution()
    with pytest.raises(Revert, match="oracle: one weight per component"):
        model.schedule_reconstitution([WAD], later)
    with pytest.raises(Revert, match="oracle: weights must sum to 1e18"):
        model.schedule_reconstitution([WAD, 1], later)


def test_sources_that_disagree_at_the_start() -> None:
    with pytest.raises(Revert, match="oracle: sources disagree"):
        OracleModel([asset(WAD, 2 * WAD)], asset(WAD), [WAD], WAD, PARAMETERS, NOW)


# for any numbers


@settings(deadline=None)
@given(first=rounds, second=st.one_of(st.none(), rounds), dollar=rounds)
def test_any_rounds_give_prices_or_a_reason(
    first: Round, second: Round | None, dollar: Round
) -> None:
    model = model_of([WAD])
    component = model.components[0]
    component.primary = replace(component.primary, round=first)
    if second is not None:
        component.secondary = Feed(18, 30 * DAY, second)
    model.collateral.primary = replace(model.collateral.primary, round=dollar)
    before = model.state()
    try:
        prices = model.read(NOW)
    except Revert as refused:
        assert refused.reason in REASONS
        assert not model.usable(NOW)
        with pytest.raises(Revert, match=refused.reason):
            model.refresh(NOW)
        assert model.state() == before
        return
    assert model.usable(NOW)
    assert 0 < prices.mid[0] < 2**104
    assert combined_up(FLOOR, FLOOR) <= prices.spread[0]
    assert prices.updated_at <= NOW


@settings(deadline=None)
@given(first=price, gap_bps=st.integers(-5_000, 5_000), wei=st.integers(-9, 9))
def test_the_disagreement_just_reaches_the_higher_source(
    first: int, gap_bps: int, wei: int
) -> None:
    """From the lower one: a wei less would not. It reaches down as well, and does
    not depend on which of the two is the primary."""
    second = first * (10_000 + gap_bps) // 10_000 + wei
    gap, (low, high) = disagreement_up(first, second), sorted((first, second))
    assert gap == disagreement_up(second, first)
    assert high * WAD <= low * (WAD + gap)
    assert high * (WAD - gap) <= low * WAD
    assert gap == 0 or high * WAD > low * (WAD + gap - 1)
    model = model_of([first], floor=0)
    model.components[0].secondary = feed(second)
    prices = model.read(NOW)
    assert (prices.mid, prices.spread) == ((first,), (gap,))
    assert (Restriction.SPREAD in prices.restriction) == (gap > PARAMETERS.max_spread)


move_bps = st.one_of(st.integers(-250, 250), st.integers(-9_000, 90_000))


@settings(deadline=None)
@given(first=price, by=move_bps, dollar=st.integers(WAD // 2, 2 * WAD), dollar_by=move_bps)
def test_all_four_combinations_of_sources_lie_inside(
    first: int, by: int, dollar: int, dollar_by: int
) -> None:
    """Each source of the component with each of the collateral, between bid and
    ask; the wei to which mid is rounded down counts on the ask's side. The
    spread is exactly what (1 + a) * (1 + b) - 1 is, rounded up."""
    model = model_of([first])
    prices = [first, first * (10_000 + by) // 10_000]
    dollars = [dollar, dollar * (10_000 + dollar_by) // 10_000]
    model.components[0] = asset(*prices)
    model.collateral = asset(*dollars)
    read = model.read(NOW)
    mid, spread = read.mid[0], read.spread[0]
    for component in prices:
        for collateral in dollars:
            quote = component * WAD * WAD
            assert max(mid * (WAD - spread), 0) * collateral <= quote
            assert quote <= (mid + 1) * (WAD + spread) * collateral
    a, b = (max(disagreement_up(*pair), FLOOR) for pair in (prices, dollars))
    least = -(-((WAD + a) * (WAD + b)) // WAD) - WAD
    assert spread == least or (spread > least and Restriction.STEP in read.restriction)


@settings(deadline=None)
@given(basket=basket, level=st.integers(WAD, 10**6 * WAD))
def test_a_change_of_units_keeps_level_and_weights(
    basket: tuple[list[int], list[int], list[int]], level: int
) -> None:
    """To one wei of each component, at any prices and weights."""
    prices, moves, cuts = basket
    model = model_of(prices, level=level)
    wanted = split(cuts)
    model.schedule_reconstitution(wanted, NOW)
    later = NOW + MIN_DELAY
    moved = [p * (10_000 + by) // 10_000 for p, by in zip(prices, moves, strict=True)]
    post(model, moved, later)
    before = model.level(later)
    model.refresh(later)
    after, units = model.level(later), model.composition().units
    assert 0 <= before - after <= sum(moved) // WAD + 1
    for unit, mid, weight in zip(units, moved, wanted, strict=True):
        assert 0 <= weight * before - unit * mid < mid
    assert after == index_level_down(units, moved)
    assert model.weights == tuple(wanted)


@settings(deadline=None)
@given(
    interval=st.integers(3_600, 366 * DAY),
    offset=st.integers(0, 366 * DAY),
    waits=st.lists(st.integers(0, 20 * DAY), min_size=1, max_size=12),
    announced=st.booleans(),
)
def test_a_refresh_leaves_nothing_due(
    interval: int, offset: int, waits: list[int], announced: bool
) -> None:
    """However many intervals went by, one change, and the next at a boundary."""
    clock = replace(PARAMETERS, reweight_interval=interval, reweight_offset=min(offset, interval))
    model = model_of([WAD, 3 * WAD], parameters=clock)
    if announced:
        model.schedule_reconstitution([WAD, 0], NOW)
    now = NOW
    for wait in waits:
        now += wait
        post(model, [WAD, 3 * WAD], now)
        before = model.composition()
        model.refresh(now)
        after = model.composition()
        assert after.version - before.version == int(now >= before.due_at)
        assert now < after.due_at <= now + interval
        if after.version != before.version:
            assert after.effective_at == before.due_at <= now
        if after.due_at != model.scheduled_at:
            assert (after.due_at - clock.reweight_offset) % interval == 0
        in_force = announced and now >= NOW + MIN_DELAY
        assert model.weights == ((WAD, 0) if in_force else (WAD // 2, WAD // 2))


@settings(deadline=None)
@given(cents=st.integers(1, 10**12), other_bps=st.integers(-900, 900), dollar=st.integers(90, 110))
def test_decimals_make_no_difference(cents: int, other_bps: int, dollar: int) -> None:
    first = cents * 10**16
    second = (cents * (10_000 + other_bps)) * 10**12
    reads = []
    for decimals in (6, 8, 18):
        each = asset(first, second, decimals)
        model = model_of([first])
        model.components = [each]
        model.collateral = asset(dollar * WAD // 100, decimals=decimals)
        reads.append(model.read(NOW))
    assert reads[0] == reads[1] == reads[2]


@settings(deadline=None)
@given(mid=price, dollar=st.integers(WAD // 2, 2 * WAD))
def test_a_depeg_moves_the_price_and_nothing_else(mid: int, dollar: int) -> None:
    model = model_of([mid])
    model.collateral.primary = feed(dollar)
    prices = model.read(NOW)
    assert prices.mid[0] == mid * WAD // dollar
    steps = abs(dollar - WAD) * 5 > WAD  # the collateral's own step, in dollars
    assert (Restriction.STEP in prices.restriction) == steps
    floor = combined_up(FLOOR, FLOOR)
    covered = ceil_div(max(mid - prices.mid[0], 0) * WAD, prices.mid[0]) if steps else 0
    assert (
        prices.spread[0] == floor or 0 <= prices.spread[0] - covered <= 2 * WAD // prices.mid[0] + 2
    )


@settings(deadline=None)
@given(
    reports=st.lists(
        st.tuples(st.integers(0, 6 * DAY), st.sampled_from(["lose", "mend", "report", "refresh"])),
        max_size=12,
    )
)
def test_dead_is_a_reported_time_without_a_price(reports: list[tuple[int, str]]) -> None:
    """Against the definition: the first report of unusable prices since any call
    found them usable."""
    model = model_of([WAD])
    found = model.components[0]
    now, since = NOW, 0
    for seconds, action in reports:
        now += seconds
        usable = found.primary.round is not None and now - NOW <= 30 * DAY
        if action == "lose":
            found.primary = Feed(18, 30 * DAY)
        elif action == "mend":
            found.primary = feed(WAD)
        elif action == "refresh" and usable:
            model.refresh(now)
            since = 0
        elif action == "report" and (since or not usable):
            model.report_unusable(now)
            since = 0 if usable else since or now
        assert model.unusable_since == since
        usable = model.usable(now)
        assert model.dead(now) == (since != 0 and now - since >= DEAD_DELAY and not usable)


@settings(deadline=None)
@given(mid=price, dollar=st.integers(WAD // 2, 2 * WAD))
def test_closing_prices_are_the_last_accepted(mid: int, dollar: int) -> None:
    model = model_of([mid])
    model.collateral.primary = feed(dollar)
    model.collateral.secondary = feed(dollar)
    prices, _ = model.refresh(NOW)
    assert model.closing_prices(NOW) == model.read(NOW)
    model.components[0].primary = Feed(18, 30 * DAY)
    closing = model.closing_prices(NOW)
    assert (closing.mid, closing.updated_at, closing.restriction) == (prices.mid, 0, 0)
    assert closing.spread == (combined_up(WAD // 200, WAD // 200),)
