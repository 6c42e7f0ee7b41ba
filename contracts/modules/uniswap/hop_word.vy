# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title hop_word
@notice The hops of a path over Uniswap v3 pools, one word each: pool (160 bits),
        fee (24), tick spacing (24), whether it is the path's last one (bit
        254), and whether a sale takes token 0 in (bit 255).
@dev Hop h of component i is at 3 * i + h; paths lead to the collateral.
"""

HOPS: constant(uint256) = 3
LAST: constant(uint256) = 1 << 254
SELLS_0: constant(uint256) = 1 << 255
PIPS: constant(uint256) = 10**6

_BITS_24: constant(uint256) = 2**24 - 1


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
