# SPDX-License-Identifier: AGPL-3.0-only
"""Uniswap v3's fixed-point mathematics: ticks, prices, amounts, one step of a swap.

Prices are square roots of token1 per token0, both in native units, at scale
2**96 ("Q96"). Amounts are native units, liquidity has its own. Fees are pips:
millionths of the amount in. Where the pool's order of roundings collapses to
one quotient, only that quotient is computed; the results are the same.
"""

from __future__ import annotations

from functools import lru_cache

from ...fixed import MAX_UINT256, OVERFLOW, Revert, ceil_div, require

MIN_TICK = -887_272
MAX_TICK = 887_272
MIN_SQRT_PRICE = 4_295_128_739  # at MIN_TICK
MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342  # at MAX_TICK
PIPS = 10**6
Q96 = 2**96
MAX_UINT128 = 2**128 - 1
MAX_UINT160 = 2**160 - 1

# 1.0001 ** -(2**i / 2) at scale 2**128, as the pool has it, i from 0 to 19.
_ROOTS = (
    0xFFFCB933BD6FAD37AA2D162D1A594001,
    0xFFF97272373D413259A46990580E213A,
    0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0,
    0xFFCB9843D60F6159C9DB58835C926644,
    0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861,
    0xFE5DEE046A99A2A811C461F1969C3053,
    0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54,
    0xF3392B0822B70005940C7A398E4B70F3,
    0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825,
    0xA9F746462D870FDF8A65DC1F90E061E5,
    0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6,
    0x9AA508B5B7A84E1C677DE54F3E99BC9,
    0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98,
    0x48A170391F7DC42444E8FA2,
)

_INVERSE_LOG = 255_738_958_999_603_826_347_141  # 2**64 / log2(sqrt(1.0001)), rounded
_ERROR_BELOW = 3_402_992_956_809_132_418_596_140_100_660_247_210  # of that, scale 2**128
_ERROR_ABOVE = 291_339_464_771_989_622_907_027_621_153_398_088_495


@lru_cache(maxsize=1 << 16)
def sqrt_price_at_tick(tick: int) -> int:
    """sqrt(1.0001 ** tick) at scale 2**96, rounded up from scale 2**128."""
    distance = abs(tick)
    require(distance <= MAX_TICK, "T")
    ratio = 1 << 128
    for place, root in enumerate(_ROOTS):
        if distance >> place & 1:
            ratio = ratio * root >> 128
    if tick > 0:
        ratio = MAX_UINT256 // ratio
    return -(-ratio >> 32)


def tick_at_sqrt_price(sqrt_price: int) -> int:
    """The greatest tick whose price is not above this one."""
    require(MIN_SQRT_PRICE <= sqrt_price < MAX_SQRT_PRICE, "R")
    top = sqrt_price.bit_length() - 1
    mantissa = sqrt_price << 127 - top if top <= 127 else sqrt_price >> top - 127
    log = top - 96 << 64  # log2 at scale 2**64: 14 bits of its fraction follow
    for place in range(63, 49, -1):
        mantissa = mantissa * mantissa >> 127
        if mantissa >> 128:
            mantissa >>= 1
            log |= 1 << place
    scaled = log * _INVERSE_LOG
    low = scaled - _ERROR_BELOW >> 128
    high = scaled + _ERROR_ABOVE >> 128
    return high if low != high and sqrt_price_at_tick(high) <= sqrt_price else low


def amount0_down(lower: int, upper: int, liquidity: int) -> int:
    """Token0 between two prices: liquidity * (1/lower - 1/upper)."""
    return (liquidity << 96) * (upper - lower) // upper // lower


def amount0_up(lower: int, upper: int, liquidity: int) -> int:
    """Token0 between two prices, rounded up."""
    return -((liquidity << 96) * (lower - upper) // upper // lower)


def amount1_down(lower: int, upper: int, liquidity: int) -> int:
    """Token1 between two prices: liquidity * (upper - lower)."""
    return liquidity * (upper - lower) >> 96


def amount1_up(lower: int, upper: int, liquidity: int) -> int:
    """Token1 between two prices, rounded up."""
    return -(liquidity * (lower - upper) >> 96)


def _after_amount0(price: int, liquidity: int, amount: int) -> int:
    """Price, rounded up, after token0 came in, or went out (negative)."""
    if amount == 0:
        return price
    depth = liquidity << 96
    product = amount * price
    if amount > 0:
        if depth + product <= MAX_UINT256:
            return ceil_div(depth * price, depth + product)
        return ceil_div(depth, depth // price + amount)  # as the pool does beyond 256 bits
    require(product >= -MAX_UINT256 and depth + product > 0, OVERFLOW)
    after = ceil_div(depth * price, depth + product)
    require(after <= MAX_UINT160, OVERFLOW)
    return after


def _after_amount1(price: int, liquidity: int, amount: int) -> int:
    """Price, rounded down, after token1 came in, or went out (negative)."""
    after = price + (amount << 96) // liquidity
    require(0 < after <= MAX_UINT160, OVERFLOW)
    return after


def swap_step(
    price: int, target: int, liquidity: int, remaining: int, fee: int
) -> tuple[int, int, int]:
    """Swap within one stretch of constant liquidity, towards the target price.

    `remaining` is what may still come in (positive, fee included) or go out
    (negative). Returns the price after, the amount in with the fee (rounded
    up) and the amount out (rounded down). Downwards token0 comes in, upwards
    token1; the direction is the target's.
    """
    down = price >= target
    lower, upper = (target, price) if down else (price, target)
    if remaining >= 0:
        needed = (amount0_up if down else amount1_up)(lower, upper, liquidity)
        available = remaining * (PIPS - fee) // PIPS
        if available >= needed:
            out = (amount1_down if down else amount0_down)(lower, upper, liquidity)
            return target, needed + ceil_div(needed * fee, PIPS - fee), out
        # Short of the target. The fee is whatever is not swapped.
        if down:
            after = _after_amount0(price, liquidity, available)
            return after, remaining, amount1_down(after, price, liquidity)
        after = _after_amount1(price, liquidity, available)
        return after, remaining, amount0_down(price, after, liquidity)

    out = (amount1_down if down else amount0_down)(lower, upper, liquidity)
    if -remaining >= out:
        after = target
    else:  # the rounding of the price covers at least the amount
        move = _after_amount1 if down else _after_amount0
        after, out = move(price, liquidity, remaining), -remaining
    paid = amount0_up(after, price, liquidity) if down else amount1_up(price, after, liquidity)
    return after, paid + ceil_div(paid * fee, PIPS - fee), out


def liquidity_after(liquidity: int, delta: int) -> int:
    """Liquidity with a signed change; the pool's reasons where it does not fit."""
    after = liquidity + delta
    if after < 0:
        raise Revert("LS")
    if after > MAX_UINT128:
        raise Revert("LA")
    return after
