# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title linear
@license AGPL-3.0-only
@notice Arithmetic of a linear perpetual market, margined and settled in the
        collateral: payoff, fill price, fee, funding, depth. Pure.
@dev Sizes and prices are WAD, so their product has scale 1e36 and is exact.
     Ranges: prices to 1e28, skews and skew scales to 1e30, orders to 2e30, rates
     to 1e13; cumulative funding below 2**120 either way. Inside them nothing
     overflows.
     A market kind is these functions and nothing else: one with another payoff
     brings its own `_value` and `_notional_up`.
"""

from snekmate.utils import math

from ..lib import errors

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
    @return WAD per second that longs pay, toward zero. The caps on open
            interest clamp it well under `max_funding`.
    """
    return skew * convert(max_funding, int256) // convert(skew_scale, int256)


@pure
@internal
def _funding_step(price: uint256, rate: int256, elapsed: uint256) -> int256:
    """
    @return WAD collateral per unit that longs pay over `elapsed`, toward zero.
    """
    return convert(price * elapsed, int256) * rate // _SWAD


# --- fills ---


@pure
@internal
def _fill_price(price: uint256, skew: int256, delta: int256, skew_scale: uint256) -> uint256:
    """
    @return Oracle price plus impact, WAD, rounded up for a purchase and down for
            a sale: the price at the skew half way through the order.
    """
    scale: uint256 = 2 * skew_scale
    factor: int256 = convert(scale, int256) + 2 * skew + delta
    assert factor > 0 and factor <= convert(2 * scale, int256), errors.EXCHANGE_IMPACT
    product: uint256 = price * convert(factor, uint256)
    if delta > 0:
        return (product + scale - 1) // scale
    return product // scale


@pure
@internal
def _impact_owed_up(skew: int256, price: uint256, skew_scale: uint256) -> uint256:
    """
    @return What a market has taken in as price impact and gives back when its
            skew returns to zero, scale 1e36: the fill prices are linear in the
            skew, so this depends on the skew and not on the way to it.
    """
    return math._mul_div(
        self._notional(skew, price), convert(abs(skew), uint256), 2 * skew_scale, True
    )


# --- depth ---


@pure
@internal
def _interest_cap(skew_scale: uint256, maintenance_margin: uint256) -> uint256:
    """
    @return Largest open interest of a side, WAD units. Closing any position
            then costs at most half of its maintenance margin in price impact.
    """
    return skew_scale * maintenance_margin // (2 * _WAD)


@pure
@internal
def _largest_order_down(
    skew: int256, skew_scale: uint256, headroom_wad: int256, buy: bool
) -> uint256:
    """
    @param headroom_wad Price impact that is allowed, WAD of the oracle price, under
           1e18; below zero when the trade has to be at a discount.
    @return WAD units, rounded down, at most two skew scales.
    """
    scale: int256 = convert(skew_scale, int256)
    side: int256 = skew if buy else -skew
    # Half the order moves the price from the skew to the headroom.
    headroom: int256 = scale * headroom_wad
    half: int256 = (headroom - side * _SWAD)
    if half <= 0:
        return 0
    return convert(min(2 * half // _SWAD, 2 * scale), uint256)
