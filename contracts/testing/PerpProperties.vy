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
from ..modules.exchange import linear

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


# --- fills ---


@pure
@external
def fill_price(price: uint256, skew: int256, delta: int256, skew_scale: uint256) -> bool:
    """
    @notice price * (1 + (skew + delta / 2) / scale), up for a purchase and down
            for a sale.
    """
    if not self._can_fill(skew, delta, skew_scale):
        return True
    fill: uint256 = linear._fill_price(price, skew, delta, skew_scale)
    scale: uint256 = 2 * skew_scale
    exact: uint256 = price * convert(convert(scale, int256) + 2 * skew + delta, uint256)
    if delta > 0:
        return self._is_ceiling(fill, exact, scale)
    return self._is_floor(fill, exact, scale)


@pure
@external
def round_trip(
    price: uint256, skew: int256, first: int256, second: int256, skew_scale: uint256
) -> bool:
    """
    @notice An order in two parts, then closed at once: never a gain, whatever
            the skew was; and no more lost than a unit of price for each unit.
    """
    whole: int256 = first + second
    if not self._can_fill(skew, first, skew_scale) or whole == 0:
        return True
    if not self._can_fill(skew + first, second, skew_scale):
        return True
    if not self._can_fill(skew + whole, -whole, skew_scale):
        return True
    paid: int256 = self._paid(price, skew, first, skew_scale)
    paid += self._paid(price, skew + first, second, skew_scale)
    paid += self._paid(price, skew + whole, -whole, skew_scale)
    units: int256 = abs(first) + abs(second) + abs(whole)
    return paid >= 0 and paid < units


@pure
@external
def impact_is_covered(price: uint256, first: int256, second: int256, skew_scale: uint256) -> bool:
    """
    @notice What orders have paid in impact covers what the market owes back for
            the skew they have led to, rounded up.
    """
    if not self._can_fill(0, first, skew_scale):
        return True
    if not self._can_fill(first, second, skew_scale):
        return True
    skew: int256 = first + second
    taken: int256 = self._paid(price, 0, first, skew_scale)
    taken += self._paid(price, first, second, skew_scale)
    taken -= skew * convert(price, int256)
    owed: int256 = convert(linear._impact_owed_up(skew, price, skew_scale), int256)
    return taken >= owed


@pure
@external
def impact_owed_up(price: uint256, skew: int256, skew_scale: uint256) -> bool:
    size: uint256 = convert(abs(skew), uint256)
    return self._is_ceiling(
        linear._impact_owed_up(skew, price, skew_scale), size * size * price, 2 * skew_scale
    )


@pure
@external
def largest_order_down(skew: int256, skew_scale: uint256, headroom_wad: int256, buy: bool) -> bool:
    """
    @notice Its impact is within the headroom; one unit more is not, unless it is two
            skew scales already.
    """
    order: int256 = convert(linear._largest_order_down(skew, skew_scale, headroom_wad, buy), int256)
    scale: int256 = convert(skew_scale, int256)
    side: int256 = skew if buy else -skew
    if order < 0 or order > 2 * scale:
        return False
    if order > 0 and (2 * side + order) * _SWAD > 2 * headroom_wad * scale:
        return False
    return order == 2 * scale or (2 * side + order + 1) * _SWAD > 2 * headroom_wad * scale


@pure
@external
def closing_cost(
    price: uint256,
    skew_scale: uint256,
    margin: uint256,
    long: uint256,
    short: uint256,
    size: uint256,
) -> bool:
    """
    @notice Inside the caps on open interest, closing any position loses at most
            half of its maintenance margin to impact, but for a unit of price.
    @param size Of the position, at most its side's interest.
    """
    cap: uint256 = linear._interest_cap(skew_scale, margin)
    if not self._is_floor(cap, skew_scale * margin, 2 * _WAD):
        return False
    if long > cap or short > cap or size == 0:
        return True
    skew: int256 = convert(long, int256) - convert(short, int256)
    closed: int256 = convert(size, int256)
    allowed: uint256 = size * price * margin
    if size <= long:
        fill: uint256 = linear._fill_price(price, skew, -closed, skew_scale)
        if fill < price and (price - fill - 1) * size * 2 * _WAD > allowed:
            return False
    if size <= short:
        fill: uint256 = linear._fill_price(price, skew, closed, skew_scale)
        if fill > price and (fill - price - 1) * size * 2 * _WAD > allowed:
            return False
    return True


# --- funding ---


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
    said: int256 = linear._funding_step(price, rate_, elapsed)
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


@pure
@external
def reserve_claim_up(units: uint256, price: uint256, skew: int256, skew_scale: uint256) -> bool:
    """
    @notice At least the notional at the skew's price, by less than a unit of
            price for each unit above it.
    """
    claim: uint256 = capacity._reserve_claim_up(units, price, skew, skew_scale)
    premium: uint256 = 0
    if skew > 0:
        premium = convert(skew, uint256)
    exact: uint256 = units * price * (skew_scale + premium)
    return claim * skew_scale >= exact and claim * skew_scale <= exact + units * skew_scale


# --- internal ---


@pure
@internal
def _can_fill(skew: int256, delta: int256, skew_scale: uint256) -> bool:
    scale: int256 = convert(2 * skew_scale, int256)
    factor: int256 = scale + 2 * skew + delta
    return delta != 0 and factor > 0 and factor <= 2 * scale


@pure
@internal
def _paid(price: uint256, skew: int256, delta: int256, skew_scale: uint256) -> int256:
    """
    @return For an order, negative for what a sale brings.
    """
    return delta * convert(linear._fill_price(price, skew, delta, skew_scale), int256)


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
