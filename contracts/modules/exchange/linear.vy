# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title linear
@license AGPL-3.0-only
@notice Arithmetic of a linear perpetual market, margined and settled in the
        collateral: payoff, price impact, funding, depth. Pure.
@dev Sizes and prices are WAD, so their product has scale 1e36 and is exact.
     Ranges: prices to 1e28, skews and skew scales to 1e30, orders to 2e30, rates
     to 1e13; cumulative funding below 2**120 either way. Inside them nothing
     overflows.
     Impact follows Obizhaeva and Wang, "Optimal trading strategy and supply/demand
     dynamics" (2013): an order of q moves the price by q / skew_scale, the
     displacement, and pays half of that; what is not traded on comes back with time,
     here at a constant rate, which needs no exponential and makes no difference who
     asks when. A displacement has the unit 1e-15 of the price.
     A market kind is these functions and nothing else: one with another payoff
     brings its own `_value` and `_notional_up`.
"""

from ..lib import errors

# @dev Divisor of a market's smaller side in what a pool keeps: a rise by that part closes
#      no long.
PAIRED: constant(uint256) = 4
# @dev A displacement by the whole price.
IMPACT_UNIT: constant(uint256) = 10**15

_WAD: constant(uint256) = 10**18
_SWAD: constant(int256) = 10**18


# --- payoff ---


@pure
@internal
def _value(size: int256, price: uint256, funding: int256) -> int256:
    """
    @return What `size` is worth at `price`, scale 1e36, exact.
    """
    return size * (convert(price, int256) - funding)


@pure
@internal
def _notional(size: int256, price: uint256) -> uint256:
    """
    @return Absolute exposure of `size` at `price`, scale 1e36, exact.
    """
    return convert(abs(size), uint256) * price


@pure
@internal
def _share_up(amount: uint256, share_wad: uint256) -> uint256:
    """
    @return `amount * share_wad / 1e18`, rounded up.
    """
    return (amount * share_wad + _WAD - 1) // _WAD


# --- funding ---


@pure
@internal
def _rate(skew: int256, skew_scale: uint256, max_funding: uint256) -> int256:
    """
    @return WAD per second that longs pay shorts, toward zero. The caps on open
            interest clamp it well under `max_funding`.
    """
    return skew * convert(max_funding, int256) // convert(skew_scale, int256)


@pure
@internal
def _funding_step(price: uint256, charged: int256) -> int256:
    """
    @param charged Rate times seconds, WAD.
    @return WAD collateral per unit that longs pay for it, toward zero.
    """
    return convert(price, int256) * charged // _SWAD


# --- impact ---


@pure
@internal
def _recovered(displacement: int256, recovery: uint256, elapsed: uint256) -> int256:
    """
    @param recovery 1e-15 of the price per second.
    @return What is left of a displacement after some seconds, toward zero.
    """
    size: uint256 = convert(abs(displacement), uint256)
    left: int256 = convert(size - min(size, recovery * elapsed), int256)
    return left if displacement > 0 else -left


@pure
@internal
def _pushed_up(displacement: int256, delta: int256, skew_scale: uint256) -> int256:
    """
    @return The displacement after an order, whose own part is rounded away from zero.
    """
    size: uint256 = convert(abs(delta), uint256)
    push: int256 = convert((size * IMPACT_UNIT + skew_scale - 1) // skew_scale, int256)
    return displacement + push if delta > 0 else displacement - push


@pure
@internal
def _impact_up(before: int256, after: int256) -> uint256:
    """
    @return What an order pays that moves the displacement from one to the other, 1e-15 of
            the price on average: the displacement in its own direction, all along the
            way. The way back to zero is free, and pays nothing either.
    """
    first: int256 = before if after > before else -before
    last: int256 = after if after > before else -after
    if last <= 0:
        return 0
    if first >= 0:
        return convert((first + last + 1) // 2, uint256)
    way: uint256 = convert(2 * (last - first), uint256)
    return (convert(last * last, uint256) + way - 1) // way


@pure
@internal
def _fill_price(price: uint256, before: int256, after: int256) -> uint256:
    """
    @param before Displacement before the order, and `after` it, which is another.
    @return Price and impact, WAD, rounded up for a purchase and down for a sale.
    """
    impact: uint256 = self._impact_up(before, after)
    assert impact < IMPACT_UNIT, errors.EXCHANGE_IMPACT
    if after > before:
        return (price * (IMPACT_UNIT + impact) + IMPACT_UNIT - 1) // IMPACT_UNIT
    return price * (IMPACT_UNIT - impact) // IMPACT_UNIT


# --- depth ---


@pure
@internal
def _interest_cap(skew_scale: uint256, maintenance_margin: uint256) -> uint256:
    """
    @return Largest open interest of a side, WAD units: closing any position moves
            the price by at most half of its maintenance margin.
    """
    return skew_scale * maintenance_margin // (2 * _WAD)
