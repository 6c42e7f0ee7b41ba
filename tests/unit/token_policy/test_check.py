# SPDX-License-Identifier: AGPL-3.0-only
"""check: what a rebalance's trade must have achieved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.assertions import reverts
from tests.support.constants import WAD

Asked = tuple[Any, Any]  # the quoter, and the vault whose smallest trade it asks
UNIT = 10**6
MID = [2_000 * WAD, *[0] * 9]


def position(net: int, units: int) -> tuple[int, int, list[int]]:
    """N in whole units and the short in hundredths of a component."""
    shorts = [units * WAD // 100, *[0] * 9]
    return net * UNIT, units * 20 * UNIT, shorts


@pytest.fixture
def asked(quoter: Any, any_vault: Any) -> Asked:
    return quoter, any_vault


def check(asked: Asked, before: Any, after: Any, multiple: int = 1, slippage: int = 100) -> int:
    return paid(asked, before, after, 0, True, multiple, slippage)[0]


def paid(
    asked: Asked,
    before: Any,
    after: Any,
    reward: int,
    complete: bool,
    multiple: int = 1,
    slippage: int = 100,
) -> tuple[int, int]:
    """The cost, and the reward."""
    quoter, vault = asked
    more = (multiple, 1, 10**12, reward, complete)
    cost, reward = quoter.check(vault, before, after, MID, slippage, *more)
    return cost, reward


def test_cost_is_what_n_fell_by(asked: Asked) -> None:
    before, after = position(100_000, 5_300), position(99_950, 4_998)
    assert check(asked, before, after) == 50 * UNIT
    assert check(asked, before, position(100_010, 5_000)) == -10 * UNIT


def test_loss_at_the_bound_and_above(asked: Asked) -> None:
    """1% of 6,000 traded, and twice the smallest trade's and the rounding's 5 units. [T-CHK-1]"""
    before = position(100_000, 5_300)
    net, exposure, shorts = position(99_940, 5_000)
    for extra, passes in ((0, True), (10, True), (11, False)):
        after = (net - extra, exposure, shorts)
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


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_on_target_but_for_the_cost(asked: Asked, multiple: int) -> None:
    """The band is the cost that the trade was allowed, times L, a unit for the wei in
    which shorts are counted, two for the component and two for rounding: neither
    beyond nor short of it. These five are part of the allowed cost, twice."""
    target = 5_000 * multiple
    net, exposure, shorts = position(100_000, target)
    edge = (60 * UNIT + 2 * 5) * multiple + 5
    for sign in (-1, 1):
        before = position(100_000, target - 300 * sign)
        assert check(asked, before, (net, exposure + sign * edge, shorts), multiple) == 0
        with reverts("token: leverage beyond target"):
            check(asked, before, (net, exposure + sign * (edge + 1), shorts), multiple)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_beyond_the_target_by_a_gain(asked: Asked, multiple: int) -> None:
    """A pool paid 700 more than the prices say: the leverage may end below its
    target by as much as N then is above what the trade was made for."""
    target = 5_000 * multiple
    before = position(100_000, target + 300)
    net, exposure, shorts = position(100_700, target)
    edge = (60 * UNIT + 2 * 5) * multiple + 5
    assert check(asked, before, (net, exposure, shorts), multiple) == -700 * UNIT
    assert check(asked, before, (net, exposure - edge, shorts), multiple) == -700 * UNIT
    with reverts("token: leverage beyond target"):
        check(asked, before, (net, exposure - edge - 1, shorts), multiple)


def test_part_of_the_way(asked: Asked) -> None:
    """[T-CHK-4]"""
    assert check(asked, position(100_000, 6_000), position(100_000, 5_500)) == 0
    assert check(asked, position(100_000, 4_000), position(100_000, 4_001)) == 0
