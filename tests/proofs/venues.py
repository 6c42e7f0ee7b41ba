# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange, the vaults, Aave and Uniswap: the modules `exchange/linear`, `perp/capacity`,
`vault/idle_buffer`, `aave/aave_math`, `aave/in_kind`, `uniswap/sandwich_limit`,
`uniswap/tick_walk`; and packed words."""

from __future__ import annotations

from tests.support.constants import RAY, WAD

from .proof import Property, Range, among, signed, upto

Q96 = 2**96
PRICE, SCALE = Range(1, 10**28), Range(1, 10**30)
DISPLACEMENT = signed(52)  # 1e-15 of the price
SKEW, ORDER = Range(-(10**30), 10**30), Range(-2 * 10**30, 2 * 10**30)
ROOTS = (Q96 // 3, Q96 // 2, Q96 - 1, Q96, Q96 + 1, Q96 * 3 // 2, 2 * Q96, 5 * Q96 + 7)
WHOLE_WORD = upto(256)


def _perp(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("PerpProperties", name, says, grid, wide)


def _pool(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("PoolProperties", name, says, grid, wide)


def _word(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("WordProperties", name, says, grid, wide)


PROPERTIES = (
    _perp(
        "payoff",
        "a long gains size * price change, a short of its size loses it",
        (range(-16, 17), range(24), range(24), range(-8, 9)),
        (ORDER, PRICE, PRICE, signed(120)),
    ),
    _perp(
        "share_up",
        "amount * share is ceiled",
        (range(500), (0, 1, 10**15, 10**16, WAD // 3, WAD)),
        (upto(194), Range(0, WAD)),
    ),
    _perp(
        "recovered",
        "nearer to zero by rate * time, not beyond",
        (range(-40, 41), range(12), range(12)),
        (DISPLACEMENT, upto(36), upto(45)),
    ),
    _perp(
        "pushed_up",
        "further by order / scale, rounded away from zero",
        (range(-8, 9), range(-64, 65), range(1, 48)),
        (DISPLACEMENT, ORDER, SCALE),
    ),
    _perp(
        "impact_up",
        "the average displacement on the way, ceiled; the way back is free",
        (range(-120, 121), range(-120, 121)),
        (DISPLACEMENT, DISPLACEMENT),
    ),
    _perp(
        "impact_in_two",
        "two parts pay what the whole does, or a little more",
        (range(-40, 41), range(32), range(32), (0, 1)),
        (DISPLACEMENT, upto(51), upto(51), among(0, 1)),
    ),
    _perp(
        "fill_price",
        "price * (1 + impact), against the order, never better than the price",
        (range(1, 24), range(-24, 25), range(-24, 25)),
        (PRICE, DISPLACEMENT, DISPLACEMENT),
    ),
    _perp(
        "largest_order_down",
        "within the headroom, and one unit more is not",
        (range(-24, 25), range(1, 25), range(-3, 24), (0, 1)),
        (DISPLACEMENT, SCALE, Range(-(10**15), 10**15 - 1), among(0, 1)),
    ),
    _perp(
        "closing_cost",
        "inside the caps a close moves the price by half its margin at most",
        ((20, 100, 301, 10**6), (10**16, 10**17, WAD // 2, WAD), range(0, 152, 2)),
        (Range(10**20, 10**30), Range(10**16, WAD), upto(99)),
    ),
    _perp(
        "borrowing_rate_down",
        "at most the fourth power of the part that is kept",
        (range(0, 10**12, 10**10 + 7), range(1, 10**12, 10**10 - 3), (0, 1, 7, 10**11, 10**13)),
        (upto(40), Range(1, 2**40), Range(0, 10**13)),
    ),
    _perp(
        "rate",
        "skew * max / scale, toward zero",
        (range(-100, 101), range(1, 64), range(20)),
        (SKEW, SCALE, Range(0, 10**13)),
    ),
    _perp(
        "funding_step",
        "price * time * rate, toward zero",
        (range(0, 10**12, 10**10 + 1), range(-64, 65), range(0, 10**6, 10**5 // 2 - 1)),
        (PRICE, Range(-(10**13), 10**13), upto(45)),
    ),
    _perp(
        "carried_down",
        "spare / drain is floored; 0 and unbounded at its ends",
        (range(-100, 200), range(-100, 200)),
        (signed(190), signed(190)),
    ),
    _pool(
        "ray_mul",
        "x * y / 1e27 to the nearest, halves up",
        (range(400), range(0, 2 * RAY, RAY // 8)),
        (upto(127), upto(127)),
    ),
    _pool(
        "ray_div",
        "x * 1e27 / y to the nearest, halves up",
        (range(400), (1, 2, 3, 7, *range(RAY, 2 * RAY, RAY // 16))),
        (upto(128), upto(128, 1)),
    ),
    _pool(
        "scaled_and_back",
        "scaled by an index and back, off by half of both at most",
        (range(1_000), range(RAY, 4 * RAY, RAY // 64 + 1)),
        (upto(112), Range(RAY, 10**30)),
    ),
    _pool(
        "worth_up",
        "units * price / scale is ceiled",
        (range(100), range(100), (1, 2, 7, 64)),
        (upto(112), upto(104), among(10**18, 10**24, 10**30, 10**36)),
    ),
    _pool(
        "idle_buffer",
        "floored; from outside half to twice of it the idle is brought to it",
        (range(200), range(-64, 200), (0, 10**16, 10**17, WAD // 3, WAD // 2)),
        (upto(112), signed(112), Range(0, WAD // 2)),
    ),
    _pool(
        "deltas",
        "whole units toward the target, never beyond; dust stays",
        (range(64), range(32), (1, 2, 5, 10), (0, 1, 3, 10), (1, 4, 9)),
        (upto(100), upto(80), among(1, 10**10, 10**12), upto(90), among(10**18, 10**30)),
    ),
    _pool(
        "part_in_kind_up",
        "ceiled, one more, never above the whole",
        (range(64), range(64), range(1, 64)),
        (upto(112), upto(128), upto(128, 1)),
    ),
    _pool(
        "twice_the_fee",
        "a price moves by at most twice the fee",
        ((4_295_128_739, *ROOTS[:-1]), (*range(900), 3_000, 10_000, 999_999), (0, 1)),
        (Range(4_295_128_739, 2**96), Range(0, 999_999), among(0, 1)),
    ),
    _pool(
        "quotient_up",
        "x / y is ceiled without checks",
        (range(500), range(1, 500)),
        (Range(0, 2**255), Range(1, 2**255 - 1)),
    ),
    _pool(
        "moved",
        "in rounds up, out rounds down, by less than two units",
        (ROOTS, ROOTS, range(200), (0, 1)),
        (Range(2**64, 2**100), Range(2**64, 2**100), upto(50), among(0, 1)),
    ),
    _pool(
        "price_after",
        "a move takes no more than comes in, gives no less than goes out",
        (ROOTS, (1, 2, 3, 10, 1_000, 10**6, 10**9 + 7), range(64), (0, 1), (0, 1)),
        (Range(2**64, 2**100), Range(1, 2**60), upto(50), among(0, 1), among(0, 1)),
    ),
    _word(
        "parameters_packed",
        "a token's parameters come back from their word",
        ((0, 1, 65_535, 2**96 - 1), (0, 1, 2**32, 2**128 - 1)),
        (WHOLE_WORD, WHOLE_WORD),
    ),
    _word(
        "flows_stored",
        "flows come back, or saturated",
        (range(-8, 9), range(8), range(8)),
        (signed(255), WHOLE_WORD, WHOLE_WORD),
    ),
    _word(
        "reset_stored",
        "a reset comes back, or saturated",
        (range(4), range(4), range(4), range(4), range(4)),
        (WHOLE_WORD,) * 5,
    ),
    _word(
        "funding_stored",
        "signed funding of 124, rate of 48 and borrowing rate of 44 bits come back",
        (range(-8, 9), range(-8, 9), range(8), (0, 1)),
        (signed(124), signed(48), upto(44), WHOLE_WORD),
    ),
    _word(
        "interest_stored",
        "signed skew of 104, displacement of 52 and short interest of 100 bits come back",
        (range(-8, 9), range(-8, 9), range(16)),
        (signed(104), signed(52), upto(100)),
    ),
    _word(
        "hop_packed",
        "pool, fee, spacing and flags of a hop come back",
        (range(4), range(8), range(8), (0, 1), (0, 1)),
        (upto(160), upto(24), upto(23), among(0, 1), among(0, 1)),
    ),
)
