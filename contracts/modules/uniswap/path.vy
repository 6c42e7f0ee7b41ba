# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title path
@notice Sells borrowed components for collateral, and buys them back, straight
        from Uniswap v3 pools: one swap per hop, and everything else inside its
        callback, see `swap_callback`.
@dev A path leads from a component to the collateral over one to three pools.
"""

from snekmate.utils import math

from ....interfaces import IUniswapV3

from ..aave import account
from ..lib import errors
from . import hop_word
from . import price_limit
from . import sandwich_limit

uses: account


struct Path:
    asset: address  # the component
    via: DynArray[address, 2]  # tokens between the hops
    fees: DynArray[uint24, 3]  # of each hop, 1e-6


_MAX: constant(uint256) = 10

# @dev See `hop_word`.
HOPS: immutable(uint256[30])
# @dev The token after hop h of component i is at 2 * i + h.
VIA: immutable(address[20])

# @dev The pool that may call back now.
expected_pool: transient(address)
# @dev Component units that a purchase has brought, collateral that moved.
bought_units: transient(uint256)
moved_collateral: transient(uint256)


@deploy
def __init__(factory: address, asset: address, paths: DynArray[Path, 10]):
    """
    @param factory Uniswap v3's; its pools are trusted to be the ones of their tokens.
    @param asset The collateral, at the end of each path.
    @param paths One for each component, in the oracle's order.
    """
    hops: uint256[30] = empty(uint256[30])
    via: address[20] = empty(address[20])
    for i: uint256 in range(len(paths), bound=_MAX):
        path: Path = paths[i]
        count: uint256 = len(path.fees)
        assert count != 0 and len(path.via) + 1 == count, errors.VAULT_PATH
        token: address = path.asset
        for h: uint256 in range(count, bound=hop_word.HOPS):
            next: address = asset
            if h + 1 < count:
                next = path.via[h]
                via[2 * i + h] = next
            hops[hop_word.HOPS * i + h] = self._packed(
                factory, token, next, path.fees[h], h + 1 == count
            )
            token = next
    HOPS = hops
    VIA = via


@view
@internal
def _packed(factory: address, token: address, next: address, fee: uint24, last: bool) -> uint256:
    pool: address = staticcall IUniswapV3(factory).getPool(token, next, fee)
    assert pool != empty(address), errors.VAULT_PATH
    spacing: int24 = staticcall IUniswapV3(pool).tickSpacing()
    sells_0: bool = convert(token, uint160) < convert(next, uint160)
    return hop_word._packed(pool, fee, spacing, sells_0, last)


# --- trades ---


@internal
def _trade(
    i: uint256, sells: bool, amount: uint256, limit: uint256, partly: bool
) -> (uint256, uint256):
    """
    @param partly Stop where the pool has moved by as much as pays for no
           sandwich, whatever liquidity there is now.
    @return Native units traded, less than `amount` where the limit was met, and
            the collateral that they brought or cost. All is settled: proceeds
            supplied and units borrowed, or units repaid and paid for.
    """
    word: uint256 = HOPS[hop_word.HOPS * i]
    slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(word)).slot0()
    price: uint256 = convert(slot.sqrtPriceX96, uint256)
    if price_limit._is_beyond(word, sells, price, limit):
        return 0, 0
    end: uint256 = limit
    if partly:
        end = sandwich_limit._limit(word, sells, price, limit)
    self.moved_collateral = 0
    moved: uint256[2] = self._swap(i, 0, sells, amount, end, self)
    return moved[0 if sells else 1], self.moved_collateral


@internal
def _swap(
    i: uint256, hop: uint256, sells: bool, amount: uint256, limit: uint256, receiver: address
) -> uint256[2]:
    """
    @return What went in and what came out.
    """
    word: uint256 = HOPS[hop_word.HOPS * i + hop]
    pool: address = hop_word._pool(word)
    specified: int256 = convert(amount, int256)
    self.expected_pool = pool
    amount_0: int256 = 0
    amount_1: int256 = 0
    amount_0, amount_1 = extcall IUniswapV3(pool).swap(
        receiver,
        hop_word._falls(word, sells),
        specified if sells else -specified,
        convert(limit, uint160),
        abi_encode(i, hop, sells),
    )
    return [
        convert(max(amount_0, amount_1), uint256),
        convert(-min(amount_0, amount_1), uint256),
    ]


# --- prices ---


@view
@internal
def _limit(i: uint256, sells: bool, price: uint256, bound: uint256) -> uint256:
    """
    @return The first pool's price at which a trade of the component stops.
    """
    return price_limit._limit(
        HOPS[hop_word.HOPS * i], sells, price, bound, account.SCALE // account.UNITS[i]
    )


@view
@internal
def _fee_part_up(i: uint256, sells: bool, collateral: uint256) -> uint256:
    """
    @return What the pools' fees took, as collateral: of what a sale would have
            brought without them, of what a purchase has paid.
    """
    net: uint256 = hop_word.PIPS
    for h: uint256 in range(hop_word.HOPS):
        word: uint256 = HOPS[hop_word.HOPS * i + h]
        net = net * (hop_word.PIPS - hop_word._fee(word)) // hop_word.PIPS
        if hop_word._is_last(word):
            break
    return math._ceil_div(collateral * (hop_word.PIPS - net), net if sells else hop_word.PIPS)
