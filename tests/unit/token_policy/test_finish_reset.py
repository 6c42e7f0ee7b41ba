# SPDX-License-Identifier: AGPL-3.0-only
"""finish_reset: what a rebalance's trade must have achieved, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.model.oracle.prices import Prices, Restriction
from inverse_index.model.policy.triggers import Flows, Trigger
from inverse_index.model.token import nav
from inverse_index.model.token.modes import Mode
from inverse_index.model.vault.collateral_vault import Value
from tests.support.assertions import reverts
from tests.support.constants import WAD, ZERO

from .snapshots import UNIT, P, Snapshot, filled, reset_plan

Asked = tuple[Any, Any]  # the reset_policy, and the vault whose smallest trade it asks
Position = tuple[int, int]  # N with the hedge reserve, and the exposure; collateral
MID, SUPPLY, VIRTUAL = 2_000 * WAD, 10**23, 10**12
RESERVE = 7 * UNIT  # is released before anything is compared
SMALLEST = 5  # a wei of short and rounding, collateral


def position(net: int, hundredths: int) -> Position:
    """N in whole units and the short in hundredths of a component."""
    return net * UNIT, hundredths * 20 * UNIT


@pytest.fixture
def asked(reset_policy: Any, any_vault: Any) -> Asked:
    return reset_policy, any_vault


def held(at: Position) -> Value:
    net, exposure = at
    return Value(max(net, 0) // 5, net - max(net, 0) // 5, (exposure * VIRTUAL * WAD // MID,))


def check(
    asked: Asked, before: Position, after: Position, multiple: int = 1, slippage: int = 100
) -> int:
    return paid(asked, before, after, 0, True, multiple, slippage)[0]


def paid(
    asked: Asked,
    before: Position,
    after: Position,
    reward: int,
    complete: bool,
    multiple: int = 1,
    slippage: int = 100,
    triggers: Trigger = Trigger.EPOCH,
) -> tuple[int, int]:
    """The cost, and the reward; all else follows from these by the model's formulas."""
    reset_policy, vault = asked
    prices = Prices((MID,), (WAD // 1_000,), 0, Restriction(0))
    start = Snapshot(
        P, Flows(0, RESERVE), prices, held(before), Mode.ACTIVE, SUPPLY, 1, VIRTUAL, vault, ZERO
    )
    end = held(after)
    wanted = max(before[0], 0) * multiple * VIRTUAL * WAD // MID
    plan = reset_plan(multiple, slippage, reward, triggers, wanted)
    found = reset_policy.finish_reset(
        start.abi, plan, (end.idle, end.equity, filled(end.shorts)), complete
    )
    assert found.cost == before[0] - after[0]
    assert found.nav_before == max(before[0], 0)
    assert found.nav_after == max(after[0] - found.reward, 0)
    assert found.leverage_before == nav.leverage_down(before[1], found.nav_before)
    assert found.leverage_after == nav.leverage_down(after[1], found.nav_after)
    assert found.nav_per_share == nav.per_share_down(found.nav_after, SUPPLY, VIRTUAL)
    return found.cost, found.reward


def test_cost_is_what_n_fell_by(asked: Asked) -> None:
    before, after = position(100_000, 5_300), position(99_950, 4_998)
    assert check(asked, before, after) == 50 * UNIT
    assert check(asked, before, position(100_010, 5_000)) == -10 * UNIT


def test_loss_at_the_bound_and_above(asked: Asked) -> None:
    """1% of 6,000 traded, and twice the smallest trade's and the rounding's 5 units. [T-CHK-1]"""
    before = position(100_000, 5_300)
    net, exposure = position(99_940, 5_000)
    for extra, passes in ((0, True), (10, True), (11, False)):
        after = (net - extra, exposure)
        if passes:
            assert check(asked, before, after) == 60 * UNIT + extra
        else:
            with reverts("token: loss above bound"):
                check(asked, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(5_300, 5_301), (4_700, 4_699), (5_300, 5_700), (5_300, 4_700), (4_700, 5_310)],
)
def test_not_nearer(asked: Asked, before: int, after: int) -> None:
    """The last two have gone as far, or farther, to the other side. [T-CHK-2]"""
    with reverts("token: leverage not nearer to target"):
        check(asked, position(100_000, before), position(100_000, after))


def test_no_trade_is_not_nearer(asked: Asked) -> None:
    """[T-CHK-2]"""
    with reverts("token: leverage not nearer to target"):
        check(asked, position(100_000, 5_300), position(100_000, 5_300))


@pytest.mark.parametrize("multiple", [1, 2, 3])
@pytest.mark.parametrize("over", [100, 600, 20_000])
def test_a_part_is_paid_no_more_than_would_undo_half_of_it(
    asked: Asked, multiple: int, over: int
) -> None:
    """The exposure falls by 20: half of that, over the leverage that is left, is all of
    a reward of 30. [T-RWD-9]"""
    target = 5_000 * multiple
    before, after = position(100_000, target + over), position(100_000, target + over - 1)
    brought = 20 * UNIT * after[0] // (2 * after[1])
    for due in (0, brought - 1, brought, brought + 1, 30 * UNIT):
        assert paid(asked, before, after, due, False, multiple) == (0, min(due, brought))
    assert (after[1]) * before[0] < before[1] * (after[0] - brought)  # the leverage fell
    assert paid(asked, before, position(100_000, target), 30 * UNIT, True, multiple) == (
        0,
        30 * UNIT,
    )


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_a_part_from_below(asked: Asked, multiple: int) -> None:
    """Over L, though the leverage is lower. [T-RWD-9]"""
    target = 5_000 * multiple
    before, after = position(100_000, target - 600), position(100_000, target - 599)
    brought = 10 * UNIT // multiple
    assert paid(asked, before, after, 30 * UNIT, False, multiple) == (0, brought)


@pytest.mark.parametrize("complete", [True, False])
def test_the_rest_is_paid_a_hundredth_of_what_it_does(asked: Asked, complete: bool) -> None:
    """From above and from below. [T-RWD-15]"""
    for before, after in ((5_300, 5_240), (4_700, 4_760)):
        for due, reward in ((12 * UNIT, 12 * UNIT), (12 * UNIT + 1, 12 * UNIT)):
            start, end = position(100_000, before), position(100_000, after)
            assert paid(asked, start, end, due, complete, triggers=Trigger.CHUNK)[1] == reward
    assert paid(asked, start, end, 30 * UNIT, True)[1] == 30 * UNIT


def test_a_part_of_nothing(asked: Asked) -> None:
    """Out of no N nothing is paid. [T-RWD-9]"""
    for net in (0, -5):
        before, after = position(net, 5_000), position(net, 4_999)
        assert paid(asked, before, after, 30 * UNIT, False, 0) == (0, 0)


def test_a_part_of_closing(asked: Asked) -> None:
    """Towards no exposure it is half of what the exposure fell by. [T-RWD-9]"""
    before, after = position(100_000, 5_000), position(100_000, 4_999)
    assert paid(asked, before, after, 30 * UNIT, False, 0) == (0, 10 * UNIT)


@pytest.mark.parametrize(("before", "after"), [(5_300, 4_750), (4_700, 5_200)])
def test_beyond_the_target(asked: Asked, before: int, after: int) -> None:
    """[T-CHK-3]"""
    with reverts("token: leverage beyond target"):
        check(asked, position(100_000, before), position(100_000, after))


TRADED = 6_000 * UNIT


def traded(net: int, exposure: int, sign: int, gain: int = 0) -> tuple[Position, Position]:
    """Before and after a trade of `TRADED` in a direction, which ends at an exposure."""
    return (net, exposure - sign * TRADED), (net + gain, exposure)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_on_target_but_for_the_cost(asked: Asked, multiple: int) -> None:
    """The band is the cost that the trade was allowed, times L, a unit for the wei in
    which shorts are counted, two for the component and two for rounding: neither
    beyond nor short of it. These five are part of the allowed cost, twice."""
    net, exposure = position(100_000, 5_000 * multiple)
    edge = (TRADED // 100 + 2 * SMALLEST) * multiple + SMALLEST
    for sign in (-1, 1):
        assert check(asked, *traded(net, exposure + sign * edge, sign), multiple) == 0
        with reverts("token: leverage beyond target"):
            check(asked, *traded(net, exposure + sign * (edge + 1), sign), multiple)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_beyond_the_target_by_a_gain(asked: Asked, multiple: int) -> None:
    """A pool paid 700 more than the prices say: the leverage may end below its
    target by as much as N then is above what the trade was made for."""
    net, exposure = position(100_000, 5_000 * multiple)
    gain = 700 * UNIT
    edge = (TRADED // 100 + 2 * SMALLEST) * multiple + SMALLEST
    for short_of in (0, edge):
        at = traded(net, exposure - short_of, -1, gain)
        assert check(asked, *at, multiple) == -gain
    with reverts("token: leverage beyond target"):
        check(asked, *traded(net, exposure - edge - 1, -1, gain), multiple)


def test_part_of_the_way(asked: Asked) -> None:
    """[T-CHK-4]"""
    assert check(asked, position(100_000, 6_000), position(100_000, 5_500)) == 0
    assert check(asked, position(100_000, 4_000), position(100_000, 4_001)) == 0
