# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title sandwich_limit
@license AGPL-3.0-only
@notice How far a trade may move a pool: a price that moves by twice the pool's
        fee at the most pays for no sandwich, since whoever trades before and
        after pays the fee twice.
@dev A rebalance stops at `_limit`, over one pool only, whatever its chunk; a flow
     has the slippage bound. At deployment the largest trade over each
     pool of a path must pass `_is_safe`.
"""

from snekmate.utils import math

from ....interfaces import IUniswapV3

from ..vault import sandwich
from . import hop_word
from . import path_walk
from . import price_limit

_WAD: constant(uint256) = 10**18


@pure
@internal
def _limit(hop: uint256, sells: bool, price: uint256, limit: uint256) -> uint256:
    """
    @notice The nearer of the limit and of where the pool's price has moved by
            twice its fee, the most that pays for no sandwich. Only for paths of
            one pool; of several, deployment checks it.
    @dev Roots move by a half of that, f: f - f**2 is less than sqrt(1 + 2 * f) - 1.
    """
    if not hop_word._is_last(hop):
        return limit
    half: uint256 = sandwich._largest_move(hop_word._fee(hop)) // 2
    moved: uint256 = hop_word.PIPS * hop_word.PIPS + half * (hop_word.PIPS - half)
    if hop_word._falls(hop, sells):
        return max(limit, math._mul_div(price, hop_word.PIPS * hop_word.PIPS, moved, True))
    return min(limit, math._mul_div(price, moved, hop_word.PIPS * hop_word.PIPS, False))


@view
@internal
def _is_safe(hops: uint256[30], i: uint256, sells: bool, amount: uint256) -> bool:
    """
    @param amount Native units of the component, the largest trade.
    @return True when no pool of the path moves by more than twice its fee; over
            the number of paths through it, as one chunk trades them all.
    """
    passed: uint256 = amount
    for h: uint256 in range(hop_word.HOPS):
        hop: uint256 = hops[hop_word.HOPS * i + h]
        slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(hop)).slot0()
        before: uint256 = convert(slot.sqrtPriceX96, uint256)
        near: uint256 = 0
        far: uint256 = 0
        after: uint256 = 0
        near, far, after = path_walk._walk_hop(
            hop, sells, passed, price_limit._furthest(hop, sells)
        )
        # Prices are square roots.
        ratio: uint256 = math._mul_div(max(before, after), _WAD, min(before, after), True)
        # Components that share a pool share what it may be moved by.
        paths: uint256 = path_walk._paths_through(hops, hop_word._pool(hop))
        allowed: uint256 = _WAD + sandwich._largest_move(hop_word._fee(hop)) * 10**12 // paths
        if near != passed or ratio >= 2 * _WAD or ratio * ratio > allowed * _WAD:
            return False
        if hop_word._is_last(hop):
            return True
        passed = far
    return True
