# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title path_walk
@license AGPL-3.0-only
@notice What a trade over the pools of a path moves, from a walk over the ticks of
        each; and which paths share a pool.
@dev Paths are given as their hops: hop h of component i at 3 * i + h, see
     `hop_word`.
"""

from . import hop_word
from . import price_limit
from . import tick_walk

_MAX: constant(uint256) = 10


@view
@internal
def _walk(
    hops: uint256[30], i: uint256, sells: bool, amount: uint256, limit: uint256
) -> (uint256, uint256):
    """
    @return Native units that a trade moves, and the collateral that it brings
            or takes; nothing when a later pool of the path cannot carry it.
    """
    traded: uint256 = 0
    passed: uint256 = 0
    price: uint256 = 0
    traded, passed, price = self._walk_hop(hops[hop_word.HOPS * i], sells, amount, limit)
    for h: uint256 in range(1, hop_word.HOPS):
        if hop_word._is_last(hops[hop_word.HOPS * i + h - 1]):
            break
        hop: uint256 = hops[hop_word.HOPS * i + h]
        carried: uint256 = 0
        after: uint256 = 0
        carried, after, price = self._walk_hop(
            hop, sells, passed, price_limit._furthest(hop, sells)
        )
        if carried != passed:
            return 0, 0
        passed = after
    return traded, passed


@view
@internal
def _walk_hop(
    hop: uint256, sells: bool, amount: uint256, limit: uint256
) -> (uint256, uint256, uint256):
    """
    @return What one pool moves of the token nearer to the component, of the
            other one, and its price after.
    """
    specified: int256 = convert(amount, int256)
    taken: uint256 = 0
    given: uint256 = 0
    price: uint256 = 0
    taken, given, price = tick_walk._walk(
        hop_word._pool(hop),
        hop_word._fee(hop),
        hop_word._spacing(hop),
        hop_word._falls(hop, sells),
        specified if sells else -specified,
        limit,
    )
    if sells:
        return taken, given, price
    return given, taken, price


@view
@internal
def _no_limit(hops: uint256[30], i: uint256, sells: bool) -> uint256:
    return price_limit._furthest(hops[hop_word.HOPS * i], sells)


@pure
@internal
def _paths_through(hops: uint256[30], pool: address) -> uint256:
    """
    @return Components whose path leads through the pool.
    """
    found: uint256 = 0
    for i: uint256 in range(_MAX):
        if hops[hop_word.HOPS * i] != 0 and self._leads_through(hops, i, pool):
            found += 1
    return found


@pure
@internal
def _leads_through(hops: uint256[30], i: uint256, pool: address) -> bool:
    for h: uint256 in range(hop_word.HOPS):
        hop: uint256 = hops[hop_word.HOPS * i + h]
        if hop_word._pool(hop) == pool:
            return True
        if hop_word._is_last(hop):
            break
    return False
