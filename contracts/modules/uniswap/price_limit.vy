# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title price_limit
@license AGPL-3.0-only
@notice The price of a pool at which a trade of a component stops: where its last
        unit is worth what the slippage bound accepts.
@dev Prices of pools are square roots of token 1 per token 0, 96 bits of fraction.
"""

from snekmate.utils import math

from . import hop_word

_WAD: constant(uint256) = 10**18
_Q192: constant(uint256) = 2**192
_MIN_SQRT: constant(uint256) = 4_295_128_739
_MAX_SQRT: constant(uint256) = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342


@pure
@internal
def _limit(
    hop: uint256, sells: bool, price: uint256, bound: uint256, denominator: uint256
) -> uint256:
    """
    @notice The pool's price at which its last unit, its fee included, is worth
            what the bound accepts. Only for paths of one pool: of several the
            loss is checked as a whole.
    @param price WAD collateral per component.
    @param denominator What turns it into native units: 10**(18 + decimals of
           the component - decimals of the collateral).
    @return Square root of token 1 per token 0, 96 bits of fraction.
    """
    if not hop_word._is_last(hop) or bound >= _WAD:
        return self._furthest(hop, sells)
    rest: uint256 = hop_word.PIPS - hop_word._fee(hop)
    falls: bool = hop_word._falls(hop, sells)
    numerator: uint256 = 0
    if sells:
        numerator = math._ceil_div(price * (_WAD - bound) // _WAD * hop_word.PIPS, rest)
    else:
        numerator = price * (_WAD + bound) // _WAD * rest // hop_word.PIPS
    root: uint256 = 0
    if falls == sells:  # the component is token 0
        root = isqrt(math._mul_div(numerator, _Q192, denominator, False))
    else:
        root = isqrt(math._mul_div(denominator, _Q192, numerator, False))
    if falls:
        root += 1
    return min(max(root, _MIN_SQRT + 1), _MAX_SQRT - 1)


@pure
@internal
def _furthest(hop: uint256, sells: bool) -> uint256:
    """
    @return The limit of a swap that has none.
    """
    return _MIN_SQRT + 1 if hop_word._falls(hop, sells) else _MAX_SQRT - 1


@pure
@internal
def _is_beyond(hop: uint256, sells: bool, price: uint256, limit: uint256) -> bool:
    """
    @return True when the pool's price is at or past the limit.
    """
    if hop_word._falls(hop, sells):
        return price <= limit
    return price >= limit
