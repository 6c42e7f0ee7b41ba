# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title hops
@notice The hops of a path over Uniswap v3 pools, one word each: pool (160 bits),
        fee (24), tick spacing (24), whether it is the path's last one (bit
        254), and whether a sale takes token 0 in (bit 255).
@dev Hop h of component i is at 3 * i + h; paths lead to the collateral.
"""

from snekmate.utils import math

HOPS: constant(uint256) = 3
LAST: constant(uint256) = 1 << 254
SELLS_0: constant(uint256) = 1 << 255
PIPS: constant(uint256) = 10**6

_WAD: constant(uint256) = 10**18
_BITS_24: constant(uint256) = 2**24 - 1
_Q192: constant(uint256) = 2**192
_MIN_SQRT: constant(uint256) = 4_295_128_739
_MAX_SQRT: constant(uint256) = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342


@pure
@internal
def _packed(pool: address, fee: uint24, spacing: int24, sells_0: bool, last: bool) -> uint256:
    word: uint256 = convert(pool, uint256)
    word |= convert(fee, uint256) << 160
    word |= convert(spacing, uint256) << 184
    if sells_0:
        word |= SELLS_0
    if last:
        word |= LAST
    return word


@pure
@internal
def _pool(hop: uint256) -> address:
    return convert(hop & (2**160 - 1), address)


@pure
@internal
def _fee(hop: uint256) -> uint256:
    """
    @return 1e-6 of what goes in.
    """
    return hop >> 160 & _BITS_24


@pure
@internal
def _spacing(hop: uint256) -> uint256:
    return hop >> 184 & _BITS_24


@pure
@internal
def _is_last(hop: uint256) -> bool:
    return hop & LAST != 0


@pure
@internal
def _falls(hop: uint256, sells: bool) -> bool:
    """
    @return True when the hop takes token 0 in: the pool's price falls.
    """
    return (hop & SELLS_0 != 0) == sells


@pure
@internal
def _is_beyond(hop: uint256, sells: bool, price: uint256, limit: uint256) -> bool:
    """
    @return True when the pool's price is at or past the limit.
    """
    if self._falls(hop, sells):
        return price <= limit
    return price >= limit


@pure
@internal
def _furthest(hop: uint256, sells: bool) -> uint256:
    """
    @return The limit of a swap that has none.
    """
    return _MIN_SQRT + 1 if self._falls(hop, sells) else _MAX_SQRT - 1


@pure
@internal
def _gentle(hop: uint256, sells: bool, price: uint256, limit: uint256) -> uint256:
    """
    @notice The nearer of the limit and of where the pool's price has moved by
            twice its fee, the most that pays for no sandwich. Only for paths of
            one pool; of several, deployment checks it.
    @dev Roots move by a half of that: f - f**2 is less than sqrt(1 + 2 * f) - 1.
    """
    if not self._is_last(hop):
        return limit
    fee: uint256 = self._fee(hop)
    moved: uint256 = PIPS * PIPS + fee * (PIPS - fee)
    if self._falls(hop, sells):
        return max(limit, math._mul_div(price, PIPS * PIPS, moved, True))
    return min(limit, math._mul_div(price, moved, PIPS * PIPS, False))


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
    if not self._is_last(hop) or bound >= _WAD:
        return self._furthest(hop, sells)
    rest: uint256 = PIPS - self._fee(hop)
    falls: bool = self._falls(hop, sells)
    numerator: uint256 = 0
    if sells:
        numerator = math._ceil_div(price * (_WAD - bound) // _WAD * PIPS, rest)
    else:
        numerator = price * (_WAD + bound) // _WAD * rest // PIPS
    root: uint256 = 0
    if falls == sells:  # the component is token 0
        root = isqrt(math._mul_div(numerator, _Q192, denominator, False))
    else:
        root = isqrt(math._mul_div(denominator, _Q192, numerator, False))
    if falls:
        root += 1
    return min(max(root, _MIN_SQRT + 1), _MAX_SQRT - 1)
