# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PoolProperties
@license AGPL-3.0-only
@notice What must hold of the arithmetic of Aave's and Uniswap's pools, for all
        numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.vault import idle_buffer as idle_buffer_module
from ..modules.aave import aave_math
from ..modules.aave import in_kind
from ..modules.uniswap import hop_word
from ..modules.uniswap import sandwich_limit
from ..modules.uniswap import tick_walk

_WAD: constant(uint256) = 10**18
_RAY: constant(uint256) = 10**27
_PIPS: constant(uint256) = 10**6
_Q96: constant(uint256) = 2**96


# --- Aave ---


@pure
@external
def ray_mul(x: uint256, y: uint256) -> bool:
    return self._is_nearest(aave_math._ray_mul(x, y), x * y, _RAY)


@pure
@external
def ray_div(x: uint256, y: uint256) -> bool:
    return self._is_nearest(aave_math._ray_div(x, y), x * _RAY, y)


@pure
@external
def scaled_and_back(amount: uint256, index: uint256) -> bool:
    """
    @notice Scaled by an index of at least one and back: off by at most a half of
            the index and a half, which below two is at most one unit.
    """
    back: uint256 = aave_math._ray_mul(aave_math._ray_div(amount, index), index)
    off: uint256 = back - amount if back > amount else amount - back
    return 2 * off * _RAY <= index + _RAY


@pure
@external
def worth_up(short: uint256, price: uint256, scale: uint256) -> bool:
    shorts: uint256[10] = empty(uint256[10])
    prices: uint256[10] = empty(uint256[10])
    shorts[0] = short
    prices[0] = price
    return self._is_ceiling(aave_math._worth_up(shorts, prices, 1, scale), short * price, scale)


@pure
@external
def idle_buffer(idle: uint256, equity: int256, part: uint256) -> bool:
    """
    @notice The buffer is the part's floor; above twice of it, or under half, the
            idle collateral is brought to it exactly, and never both ways.
    """
    held: int256 = max(convert(idle, int256) + equity, 0)
    buffer: uint256 = idle_buffer_module._part_down(idle, equity, part)
    if not self._is_floor(buffer, convert(held, uint256) * part, _WAD):
        return False
    surplus: uint256 = idle_buffer_module._surplus(idle, buffer)
    missing: uint256 = idle_buffer_module._missing(idle, buffer)
    if surplus != 0 and missing != 0:
        return False
    if idle > 2 * buffer:
        return idle - surplus == buffer
    if idle < buffer // 2:
        return idle + missing == buffer
    return surplus == 0 and missing == 0


@pure
@external
def deltas(target: uint256, owed: uint256, unit: uint256, price: uint256, scale: uint256) -> bool:
    """
    @notice Whole units toward the target and not beyond it, as near as they
            come; none left for a target of less than one; less than two
            collateral units stay where they are.
    """
    targets: uint256[10] = empty(uint256[10])
    shorts: uint256[10] = empty(uint256[10])
    units: uint256[10] = empty(uint256[10])
    prices: uint256[10] = empty(uint256[10])
    targets[0] = target
    shorts[0] = owed * unit
    units[0] = unit
    prices[0] = price
    delta: int256 = aave_math._deltas(targets, shorts, units, prices, 1, scale)[0]
    left: int256 = convert(owed, int256) - delta
    wanted: int256 = convert(target, int256)
    one: int256 = convert(unit, int256)
    if delta == 0:
        off: uint256 = target - owed * unit if target > owed * unit else owed * unit - target
        return off < unit or self._whole(off, unit) * price < 2 * scale
    if delta < 0:
        return left * one <= wanted and (left + 1) * one > wanted
    if target < unit:
        return left == 0
    return left * one >= wanted and (left - 1) * one < wanted


@pure
@external
def part_in_kind_up(whole: uint256, shares: uint256, supply: uint256) -> bool:
    """
    @notice The part rounded up and one more, but at most the whole.
    """
    if shares > supply:
        return True
    part: uint256 = in_kind._part_up(whole, shares, supply)
    if part == whole:
        return (whole * shares) > (whole - min(whole, 2)) * supply or whole < 2
    return self._is_ceiling(part - 1, whole * shares, supply)


# --- Uniswap ---


@pure
@external
def twice_the_fee(price: uint256, fee: uint24, falls: bool) -> bool:
    """
    @notice From the root of one price to the other, the price itself moves by at
            most twice the fee, and by no less than the fee's exact part allows.
    @param price Below 2**96.
    """
    hop: uint256 = hop_word._packed(empty(address), fee, 1, falls, True)
    limit: uint256 = 0 if falls else max_value(uint256)
    after: uint256 = sandwich_limit._limit(hop, True, price, limit)
    pips: uint256 = convert(fee, uint256)
    allowed: uint256 = _PIPS + 2 * pips
    moved: uint256 = _PIPS * _PIPS + pips * (_PIPS - pips)
    if falls:
        if price * price * _PIPS > after * after * allowed or after > price:
            return False
        return self._is_ceiling(after, price * _PIPS * _PIPS, moved)
    if after * after * _PIPS > price * price * allowed or after < price:
        return False
    return self._is_floor(after, price * moved, _PIPS * _PIPS)


@pure
@external
def quotient_up(numerator: uint256, denominator: uint256) -> bool:
    return self._is_ceiling(tick_walk._quotient_up(numerator, denominator), numerator, denominator)


@pure
@external
def moved(price: uint256, after: uint256, liquidity: uint256, zero_for_one: bool) -> bool:
    """
    @notice In: rounded up, twice for token 0, off by less than two units. Out:
            rounded down, as often.
    """
    low: uint256 = min(price, after)
    high: uint256 = max(price, after)
    start: uint256 = high if zero_for_one else low
    end: uint256 = low if zero_for_one else high
    taken: uint256 = 0
    given: uint256 = 0
    taken, given = tick_walk._moved_up_down(start, end, liquidity, zero_for_one)
    zero: uint256 = liquidity * _Q96 * (high - low)  # over low * high
    one: uint256 = liquidity * (high - low)  # over 2**96
    if zero_for_one:
        return (
            taken * low * high >= zero
            and taken * low * high < zero + low * high + high
            and self._is_floor(given, one, _Q96)
        )
    return (
        self._is_ceiling(taken, one, _Q96)
        and given * low * high <= zero
        and given * low * high + low * high + high > zero
    )


@pure
@external
def price_after(
    price: uint256, liquidity: uint256, amount: uint256, zero_for_one: bool, exact_in: bool
) -> bool:
    """
    @notice The pool never gives more for an amount in than the move it allows
            takes, and never takes less for an amount out than its move gives.
    """
    if exact_in:
        after: uint256 = tick_walk._price_after(price, liquidity, amount, zero_for_one, True)
        taken: uint256 = 0
        given: uint256 = 0
        taken, given = tick_walk._moved_up_down(price, after, liquidity, zero_for_one)
        return taken <= amount and (after <= price) == (zero_for_one or after == price)
    if not self._is_there(price, liquidity, amount, zero_for_one):
        return True
    after: uint256 = tick_walk._price_after(price, liquidity, amount, zero_for_one, False)
    taken: uint256 = 0
    given: uint256 = 0
    taken, given = tick_walk._moved_up_down(price, after, liquidity, zero_for_one)
    return given >= amount


# --- internal ---


@pure
@internal
def _is_there(price: uint256, liquidity: uint256, amount: uint256, zero_for_one: bool) -> bool:
    """
    @return Whether so much can go out before the price reaches its end.
    """
    if zero_for_one:
        return amount * _Q96 < liquidity * (price - 1)
    return amount * price < liquidity * _Q96


@pure
@internal
def _whole(amount: uint256, unit: uint256) -> uint256:
    return amount // unit * unit


@pure
@internal
def _is_nearest(q: uint256, x: uint256, y: uint256) -> bool:
    """
    @notice Half up: y * (2q - 1) <= 2x < y * (2q + 1).
    """
    return 2 * x + y >= 2 * q * y and 2 * x < 2 * q * y + y


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
