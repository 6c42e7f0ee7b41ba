# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title room
@license AGPL-3.0-only
@notice What the pools of an `AaveVault`'s paths give, how far they carry a
        trade, and whether a trade is worth a sandwich.
"""

from snekmate.utils import math

from ....interfaces import IAaveQuoter
from ....interfaces import IUniswapV3

from . import hops as hop_word
from . import quote as walker

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_BISECTIONS: constant(uint256) = 24
_HUGE: constant(uint256) = 2**127  # more than any pool trades


@view
@internal
def _traded(
    hops: uint256[30], i: uint256, sells: bool, amount: uint256, limit: uint256
) -> (uint256, uint256):
    """
    @return Native units that a trade moves, and the collateral that it brings
            or takes; nothing when a later pool of the path cannot carry it.
    """
    traded: uint256 = 0
    passed: uint256 = 0
    price: uint256 = 0
    traded, passed, price = self._walked(hops[hop_word.HOPS * i], sells, amount, limit)
    for h: uint256 in range(1, hop_word.HOPS):
        if hop_word._is_last(hops[hop_word.HOPS * i + h - 1]):
            break
        hop: uint256 = hops[hop_word.HOPS * i + h]
        carried: uint256 = 0
        after: uint256 = 0
        carried, after, price = self._walked(hop, sells, passed, hop_word._furthest(hop, sells))
        if carried != passed:
            return 0, 0
        passed = after
    return traded, passed


@view
@internal
def _walked(
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
    taken, given, price = walker._walk(
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
    return hop_word._furthest(hops[hop_word.HOPS * i], sells)


@view
@internal
def _is_safe(hops: uint256[30], i: uint256, sells: bool, amount: uint256) -> bool:
    passed: uint256 = amount
    for h: uint256 in range(hop_word.HOPS):
        hop: uint256 = hops[hop_word.HOPS * i + h]
        slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(hop)).slot0()
        before: uint256 = convert(slot.sqrtPriceX96, uint256)
        near: uint256 = 0
        far: uint256 = 0
        after: uint256 = 0
        near, far, after = self._walked(hop, sells, passed, hop_word._furthest(hop, sells))
        # Prices are square roots.
        ratio: uint256 = math._mul_div(max(before, after), _WAD, min(before, after), True)
        # Components that share a pool share what it may be moved by.
        crowd: uint256 = self._users(hops, hop_word._pool(hop))
        allowed: uint256 = _WAD + 2 * hop_word._fee(hop) * 10**12 // crowd
        if near != passed or ratio >= 2 * _WAD or ratio * ratio > allowed * _WAD:
            return False
        if hop_word._is_last(hop):
            return True
        passed = far
    return True


@view
@internal
def _shared_room(
    t: IAaveQuoter.Terms,
    i: uint256,
    direction: uint256[10],
    prices: uint256[10],
    bound: uint256,
    sells: bool,
) -> uint256:
    """
    @return Native units of a component within the bound when those before it
            have traded already, rounded down.
    @dev With x the flow through a pool before the component's own y, a direct
         trade ends where x + y alone would end; of several pools the loss is at
         most that of 2 * x + y alone, but for the square of the bound.
    """
    crowd: uint256 = self._crowd_up(t.hops, i, direction, prices, bound)
    if crowd == 0:
        return self._pool_room(t, i, sells, prices[i], bound)
    if not hop_word._is_last(t.hops[hop_word.HOPS * i]):
        crowd *= 2
    within: uint256 = min(bound, _WAD)
    room: uint256 = self._pool_room(t, i, sells, prices[i], within - within * within // _WAD)
    return math._mul_div(room, _WAD, _WAD + crowd, False)


@pure
@internal
def _crowd_up(
    hops: uint256[30], i: uint256, direction: uint256[10], prices: uint256[10], bound: uint256
) -> uint256:
    """
    @return What the components before this one bring through the busiest pool
            of its path, over what itself brings, WAD.
    """
    busiest: uint256 = 0
    for h: uint256 in range(hop_word.HOPS):
        pool: address = hop_word._pool(hops[hop_word.HOPS * i + h])
        flow: uint256 = 0
        for j: uint256 in range(i, bound=_MAX):
            if self._leads_through(hops, j, pool):
                flow += direction[j] * prices[j]
        busiest = max(busiest, flow)
        if hop_word._is_last(hops[hop_word.HOPS * i + h]):
            break
    own: uint256 = max(direction[i] * prices[i], 1)
    return math._mul_div(busiest, _WAD + min(bound, _WAD), own, True)


@pure
@internal
def _users(hops: uint256[30], pool: address) -> uint256:
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


@view
@internal
def _pool_room(
    t: IAaveQuoter.Terms, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @return Native units that the path's pools take or give within the bound,
            rounded down: up to the price limit of a single pool; by bisection
            over several, because only their whole loss is bounded.
    """
    hop: uint256 = t.hops[hop_word.HOPS * i]
    if not hop_word._is_last(hop):
        return self._bisected_down(t, i, sells, price, bound)
    limit: uint256 = hop_word._limit(hop, sells, price, bound, t.scale // t.units[i])
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = self._traded(t.hops, i, sells, _HUGE, limit)
    return traded


@view
@internal
def _bisected_down(
    t: IAaveQuoter.Terms, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @dev First down in halves to an amount that fits, from one that moves the
         first pool to four times or a quarter of its price, then up again by
         the halves of that amount.
    """
    fits: uint256 = self._far_down(t.hops[hop_word.HOPS * i], sells)
    for _: uint256 in range(128):
        if fits == 0 or self._fits(t, i, sells, fits, price, bound):
            break
        fits //= 2
    step: uint256 = fits // 2
    for _: uint256 in range(_BISECTIONS):
        if step != 0 and self._fits(t, i, sells, fits + step, price, bound):
            fits += step
        step //= 2
    return fits


@view
@internal
def _far_down(hop: uint256, sells: bool) -> uint256:
    """
    @return Native units of the component that move the pool that far.
    """
    slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(hop)).slot0()
    root: uint256 = convert(slot.sqrtPriceX96, uint256)
    furthest: uint256 = hop_word._furthest(hop, sells)
    limit: uint256 = min(root * 2, furthest)
    if hop_word._falls(hop, sells):
        limit = max(root // 2, furthest)
    units: uint256 = 0
    passed: uint256 = 0
    units, passed, root = self._walked(hop, sells, _HUGE, limit)
    return units


@view
@internal
def _fits(
    t: IAaveQuoter.Terms,
    i: uint256,
    sells: bool,
    amount: uint256,
    price: uint256,
    bound: uint256,
) -> bool:
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = self._traded(t.hops, i, sells, amount, self._no_limit(t.hops, i, sells))
    if traded != amount:
        return False
    fair: uint256 = math._mul_div(amount * t.units[i], price, t.scale, not sells)
    accepted: uint256 = math._mul_div(fair, min(bound, _WAD), _WAD, False)
    if sells:
        return collateral + accepted >= fair + 1
    return collateral <= fair + accepted
