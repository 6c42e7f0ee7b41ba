# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title pool_depth
@license AGPL-3.0-only
@notice How much of a component the pools of its path take or give within a
        slippage bound, also where other components trade through them first.
"""

from snekmate.utils import math

from ....interfaces import IAaveQuoter
from ....interfaces import IUniswapV3

from . import hop_word
from . import path_walk
from . import price_limit

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_BISECTIONS: constant(uint256) = 24
_HUGE: constant(uint256) = 2**127  # more than any pool trades
_SAFE_PART: constant(uint256) = 10**15  # of a depth: what rounding may bring over the limit


@view
@internal
def _shared_depth_down(
    vault: IAaveQuoter.Vault,
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
    crowd: uint256 = self._crowd_up(vault.hops, i, direction, prices, bound)
    if crowd == 0:
        return self._depth_down(vault, i, sells, prices[i], bound)
    if not hop_word._is_last(vault.hops[hop_word.HOPS * i]):
        crowd *= 2
    within: uint256 = min(bound, _WAD)
    alone: uint256 = self._depth_down(vault, i, sells, prices[i], within - within * within // _WAD)
    return math._mul_div(alone, _WAD, _WAD + crowd, False)


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
            if path_walk._leads_through(hops, j, pool):
                flow += direction[j] * prices[j]
        busiest = max(busiest, flow)
        if hop_word._is_last(hops[hop_word.HOPS * i + h]):
            break
    own: uint256 = max(direction[i] * prices[i], 1)
    return math._mul_div(busiest, _WAD + min(bound, _WAD), own, True)


@view
@internal
def _depth_down(
    vault: IAaveQuoter.Vault, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @return Native units that the path's pools take or give within the bound,
            rounded down: up to the price limit of a single pool, but for what
            rounding may bring over it; by bisection over several, because only
            their whole loss is bounded.
    """
    hop: uint256 = vault.hops[hop_word.HOPS * i]
    if not hop_word._is_last(hop):
        return self._bisected_down(vault, i, sells, price, bound)
    limit: uint256 = price_limit._limit(hop, sells, price, bound, vault.scale // vault.units[i])
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = path_walk._walk(vault.hops, i, sells, _HUGE, limit)
    return traded - min(traded // _SAFE_PART + 1, traded)


@view
@internal
def _bisected_down(
    vault: IAaveQuoter.Vault, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @dev First down in halves to an amount that fits, from one that moves the
         first pool to four times or a quarter of its price, then up again by
         the halves of that amount.
    """
    fits: uint256 = self._far_down(vault.hops[hop_word.HOPS * i], sells)
    for _: uint256 in range(128):
        if fits == 0 or self._fits(vault, i, sells, fits, price, bound):
            break
        fits //= 2
    step: uint256 = fits // 2
    for _: uint256 in range(_BISECTIONS):
        if step != 0 and self._fits(vault, i, sells, fits + step, price, bound):
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
    furthest: uint256 = price_limit._furthest(hop, sells)
    limit: uint256 = min(root * 2, furthest)
    if hop_word._falls(hop, sells):
        limit = max(root // 2, furthest)
    units: uint256 = 0
    passed: uint256 = 0
    units, passed, root = path_walk._walk_hop(hop, sells, _HUGE, limit)
    return units


@view
@internal
def _fits(
    vault: IAaveQuoter.Vault,
    i: uint256,
    sells: bool,
    amount: uint256,
    price: uint256,
    bound: uint256,
) -> bool:
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = path_walk._walk(
        vault.hops, i, sells, amount, path_walk._no_limit(vault.hops, i, sells)
    )
    if traded != amount:
        return False
    fair: uint256 = math._mul_div(amount * vault.units[i], price, vault.scale, not sells)
    accepted: uint256 = math._mul_div(fair, min(bound, _WAD), _WAD, False)
    if sells:
        return collateral + accepted >= fair + 1
    return collateral <= fair + accepted
