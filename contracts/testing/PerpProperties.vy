# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PerpProperties
@license AGPL-3.0-only
@notice What must hold of the perpetual exchange's arithmetic, for all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.perp import capacity
from ..modules.exchange import borrowing
from ..modules.exchange import linear
from ..modules.exchange import market_depth

_WAD: constant(uint256) = 10**18
_SWAD: constant(int256) = 10**18


# --- payoff and margin ---


@pure
@external
def payoff(size: int256, price: uint256, other: uint256, funding: int256) -> bool:
    """
    @notice A long gains what a short of its size loses, size * price change.
    """
    gain: int256 = linear._value(size, other, funding) - linear._value(size, price, funding)
    loss: int256 = linear._value(-size, other, funding) - linear._value(-size, price, funding)
    moved: int256 = convert(other, int256) - convert(price, int256)
    exposure: uint256 = linear._notional(size, price)
    return (
        gain == size * moved
        and gain + loss == 0
        and exposure == convert(max(size, -size), uint256) * price
    )


@pure
@external
def share_up(amount: uint256, share_wad: uint256) -> bool:
    return self._is_ceiling(linear._share_up(amount, share_wad), amount * share_wad, _WAD)


# --- impact ---


@pure
@external
def recovered(displacement: int256, recovery: uint256, elapsed: uint256) -> bool:
    """
    @notice Nearer to zero by `recovery * elapsed`, and not beyond it.
    """
    left: int256 = linear._recovered(displacement, recovery, elapsed)
    size: uint256 = convert(abs(displacement), uint256)
    back: uint256 = recovery * elapsed
    if size <= back:
        return left == 0
    return (left > 0) == (displacement > 0) and convert(abs(left), uint256) == size - back


@pure
@external
def pushed_up(displacement: int256, delta: int256, skew_scale: uint256) -> bool:
    """
    @notice |delta| / scale further in the order's direction, rounded up.
    """
    moved: int256 = linear._pushed_up(displacement, delta, skew_scale) - displacement
    if delta < 0:
        moved = -moved
    exact: uint256 = convert(abs(delta), uint256) * linear.IMPACT_UNIT
    return moved >= 0 and self._is_ceiling(convert(moved, uint256), exact, skew_scale)


@pure
@external
def impact_up(before: int256, after: int256) -> bool:
    """
    @notice The displacement in the order's direction, on average over the way and rounded
            up; the way back to zero counts nothing.
    """
    if before == after:
        return True
    way: uint256 = convert(abs(after - before), uint256)
    return self._is_ceiling(linear._impact_up(before, after), self._area(before, after), 2 * way)


@pure
@external
def impact_in_two(before: int256, first: uint256, second: uint256, buys: bool) -> bool:
    """
    @notice An order in two parts pays no less than at once, but for rounding, and by
            that no more than a unit for each of its way.
    """
    if first == 0 or second == 0:
        return True
    sign: int256 = 1 if buys else -1
    middle: int256 = before + sign * convert(first, int256)
    after: int256 = middle + sign * convert(second, int256)
    paid: uint256 = linear._impact_up(before, middle) * first
    paid += linear._impact_up(middle, after) * second
    area: uint256 = self._area(before, after)
    return 2 * paid >= area and 2 * paid < area + 2 * (first + second)


@pure
@external
def fill_price(price: uint256, before: int256, after: int256) -> bool:
    """
    @notice The price and its impact, up for a purchase and down for a sale; never
            better than the price.
    """
    unit: uint256 = linear.IMPACT_UNIT
    impact: uint256 = linear._impact_up(before, after)
    if before == after or impact >= unit:
        return True
    fill: uint256 = linear._fill_price(price, before, after)
    if after > before:
        return fill >= price and self._is_ceiling(fill, price * (unit + impact), unit)
    return fill <= price and self._is_floor(fill, price * (unit - impact), unit)


@pure
@external
def largest_order_down(
    displacement: int256, skew_scale: uint256, headroom: int256, buy: bool
) -> bool:
    """
    @notice Its impact is within the headroom; with one unit more it is not, unless it
            first takes a displacement back.
    """
    order: int256 = convert(
        market_depth._pays_no_more_down(displacement, skew_scale, headroom, buy), int256
    )
    if order > 0 and self._impact_of(displacement, skew_scale, order, buy) > headroom:
        return False
    ahead: int256 = displacement if buy else -displacement
    return ahead < 0 or self._impact_of(displacement, skew_scale, order + 1, buy) > headroom


@pure
@external
def closing_cost(skew_scale: uint256, margin: uint256, size: uint256) -> bool:
    """
    @notice Inside the caps on open interest, closing any position moves the price by at
            most half of its maintenance margin, but for a unit of impact.
    """
    cap: uint256 = linear._interest_cap(skew_scale, margin)
    if not self._is_floor(cap, skew_scale * margin, 2 * _WAD):
        return False
    if size == 0 or size > cap:
        return True
    moved: int256 = linear._pushed_up(0, convert(size, int256), skew_scale)
    return (convert(moved, uint256) - 1) * 2 * _WAD <= margin * linear.IMPACT_UNIT


# --- funding ---


@pure
@external
def borrowing_rate_down(kept: uint256, equity: uint256, most: uint256) -> bool:
    """
    @notice At most the fourth power of the part that is kept, of the largest rate; all of
            it from there on, and none for nothing.
    """
    said: uint256 = borrowing._rate_down(kept, convert(equity, int256), most)
    if kept >= equity:
        return said == (most if kept != 0 else 0)
    return said * equity**4 <= most * kept**4


@pure
@external
def rate(skew: int256, skew_scale: uint256, max_funding: uint256) -> bool:
    """
    @notice The skew's part of the largest rate, toward zero, of the skew's sign.
    """
    said: int256 = linear._rate(skew, skew_scale, max_funding)
    return self._is_toward_zero(
        said, skew * convert(max_funding, int256), convert(skew_scale, int256)
    )


@pure
@external
def funding_step(price: uint256, rate_: int256, elapsed: uint256) -> bool:
    said: int256 = linear._funding_step(price, rate_ * convert(elapsed, int256))
    return self._is_toward_zero(said, convert(price * elapsed, int256) * rate_, _SWAD)


# --- margin ---


@pure
@external
def carried_down(spare: int256, drain: int256) -> bool:
    multiple: uint256 = capacity._carried_down(spare, drain)
    if spare < 0:
        return multiple == 0
    if drain <= 0:
        return multiple == max_value(uint256)
    return self._is_floor(multiple, convert(spare, uint256) * _WAD, convert(drain, uint256))


# --- internal ---


@pure
@internal
def _area(before: int256, after: int256) -> uint256:
    """
    @return Twice what an order of one per unit of displacement pays.
    """
    first: int256 = before if after > before else -before
    last: int256 = after if after > before else -after
    first = max(first, 0)
    last = max(last, 0)
    return convert(last * last - first * first, uint256)


@pure
@internal
def _impact_of(displacement: int256, skew_scale: uint256, order: int256, buy: bool) -> int256:
    delta: int256 = order if buy else -order
    after: int256 = linear._pushed_up(displacement, delta, skew_scale)
    return convert(linear._impact_up(displacement, after), int256)


@pure
@internal
def _is_toward_zero(q: int256, x: int256, y: int256) -> bool:
    """
    @param y Positive.
    """
    if x < 0:
        return q <= 0 and q * y >= x and q * y - x < y
    return q >= 0 and q * y <= x and x - q * y < y


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
