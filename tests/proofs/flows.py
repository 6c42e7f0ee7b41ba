# SPDX-License-Identifier: AGPL-3.0-only
"""Flows, rebalances, the streaming fee and the oracle's spread: `flow_terms`,
`netting`, `leverage_band`, `reward`, `closing`, `streaming_fee`, `prices`."""

from __future__ import annotations

from tests.support.constants import DAY, WAD, YEAR

from .proof import Property, Range, among, signed, upto
from .shares import COLLATERAL, SHARES, SUPPLIES

MAX_RATE = 1_550_000_000
FEES, SLIPPAGE = Range(0, 100), Range(1, 500)
SECONDS = Range(0, 2**36 // 2)
RATES = (1, 317_097_920, MAX_RATE)
SPANS = (0, 1, 2, 12, 3_600, DAY, 30 * DAY, YEAR, 10 * YEAR)
LEAVING = (
    (*range(12), 10**4),
    (0, 1, 5, 300),
    (0, 100),
    SUPPLIES,
    (*range(12), 9_000, 10**4),
    (1, 10**5, 10**12, WAD),
)


def _flow(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("FlowProperties", name, says, grid, wide)


def _exit(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("ExitProperties", name, says, grid, wide)


def _fee(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("FeeProperties", name, says, grid, wide)


PROPERTIES = (
    _flow("fee_up", "assets * fee is ceiled", (range(1_024), range(101)), (SHARES, FEES)),
    _flow(
        "before_fee_up",
        "the smallest amount that leaves the assets after its fee",
        ((*range(800), *range(9_890, 10_110)), range(101)),
        (SHARES, FEES),
    ),
    _flow(
        "part_up",
        "(E + 1) * size / N is ceiled",
        (range(64), range(64), range(64)),
        (COLLATERAL, COLLATERAL, COLLATERAL),
    ),
    _flow(
        "bound_cost_up",
        "the slippage bound is ceiled, a unit for each component and end",
        (range(1_024), (1, 7, 50, 333, 500), range(1, 11)),
        (SHARES, SLIPPAGE, Range(1, 10)),
    ),
    _flow(
        "before_bound_cost_up",
        "a size that leaves the assets after the bound of its cost",
        (range(40), range(1, 40), range(0, 120, 3), (1, 50, 500), (1, 10)),
        (upto(96), COLLATERAL, COLLATERAL, SLIPPAGE, Range(1, 10)),
    ),
    _flow(
        "not_far_before_bound_cost",
        "five units less would not do",
        (range(40), range(1, 40), range(0, 120, 3), (1, 50, 500), (1, 10)),
        (upto(96), COLLATERAL, COLLATERAL, SLIPPAGE, Range(1, 10)),
    ),
    _flow(
        "nets",
        "exactly |A| <= tN and |u + A| <= 2tN, or no further than before",
        (
            (0, 1, 40, 99, 100, 101, 150, 333, 10_000),
            (0, 1, 50, 133, 200),
            range(-64, 65),
            range(-64, 65),
        ),
        (COLLATERAL, Range(0, 200), signed(111), signed(112)),
    ),
    _flow(
        "netting_headroom",
        "the headroom nets, two units more do not",
        ((*range(0, 1_000, 7), 9_999, 10_000), (0, 1, 50, 133, 200), range(-32, 33), (0, 1)),
        (COLLATERAL, Range(0, 200), signed(111), among(0, 1)),
    ),
    _exit(
        "reserve_down",
        "the fees of what still waits, floored",
        (range(-24, 25), range(-24, 25), (0, 1, 7, 100, 999), (0, 1, 7, 100, 999)),
        (signed(111), signed(111), upto(80), upto(80)),
    ),
    _exit(
        "kept_up",
        "the part of the holdings, and of spread and fee what is theirs, ceiled",
        ((*range(12), 10**4), (0, 1, 5), (0, 100), SUPPLIES, SUPPLIES, (1, 10**5, 10**12, WAD)),
        (upto(100), upto(90), FEES, SHARES, SHARES, among(1, 10**5, 10**12, WAD)),
    ),
    _exit(
        "left_down",
        "their part of the holdings is no more than what is kept, nor is `kept_up`, to the unit",
        LEAVING,
        (upto(100), upto(90), FEES, SHARES, upto(100), among(1, 10**5, 10**12, WAD)),
    ),
    _exit(
        "not_far_left",
        "what is kept is near `kept_up`: spread and fee, squared, of the part that stays",
        LEAVING,
        (upto(100), upto(90), FEES, SHARES, upto(100), among(1, 10**5, 10**12, WAD)),
    ),
    _flow(
        "flow_round_trip",
        "in at the bid and out at the ask after fees never gains",
        (range(32), (*range(16), 10**4), (0, 1, 5), SUPPLIES, (0, 1, 100), (0, 100), range(4)),
        (upto(96), upto(96), upto(80), SHARES, FEES, FEES, among(0, 1, 2, 3)),
    ),
    _flow(
        "withdrawable_down",
        "what it says can be withdrawn burns no more shares",
        (
            (0, 1, 10**12 - 1, 10**12, 3 * 10**12 + 5, 10**15),
            (0, 1, 2, 40, 999, 10**4),
            (0, 3),
            (0, 1, 10**12, 4 * 10**12, 10**15 + 1),
            (0, 1, 39, 998, 10**5),
            (0, 3, 100),
            (1, 50, 500),
            (0, 50, 200),
        ),
        (SHARES, upto(100), upto(90), SHARES, upto(104), FEES, SLIPPAGE, Range(0, 200)),
    ),
    _flow(
        "ramp",
        "0 at the start, 1 from its end on, floored between, never falling",
        (range(96), range(64), range(1, 64)),
        (SECONDS, SECONDS, Range(600, DAY)),
    ),
    _flow(
        "ramp_of_the_future",
        "nothing before the start",
        (range(1_000), range(1, 100)),
        (upto(40), Range(600, DAY)),
    ),
    _flow(
        "reward_down",
        "never above its part of either cap; at share 1 the whole cap",
        (
            (0, 1, WAD // 3, WAD // 2, WAD - 1, WAD),
            (*range(100), *range(9_950, 10_050)),
            range(21),
            (0, 1, 2, 100_000),
            (1, 7, 10**6),
        ),
        (Range(0, WAD), upto(140), Range(0, 20), Range(0, 100_000), among(1, 10**6, 10**8, WAD)),
    ),
    _flow(
        "drift_depth",
        "0 in the band, 1 from the emergency on, floored, the same below the band",
        (
            range(10**18, 4 * 10**18, 10**16),
            range(0, 2 * 10**17, 10**16 + 1),
            (1, 2, 3),
            (300, 1_000, 5_000),
            (12_500, 20_000, 50_000),
        ),
        (upto(150), upto(150), among(1, 2, 3), Range(300, 5_000), Range(12_500, 100_000)),
    ),
    _flow(
        "drift",
        "due exactly beyond the band, and without value",
        (range(300), range(96), (1, 2, 3), range(300, 5_001, 470)),
        (upto(128), upto(128), among(1, 2, 3), Range(300, 5_000)),
    ),
    _flow(
        "wind_down_bound_grows",
        "doubles daily, never falls, is none from day 15 on at the latest",
        (range(40), range(40), range(1, 501)),
        (Range(0, 10_000), Range(0, 10_000), SLIPPAGE),
    ),
    _fee(
        "unaccrued_down",
        "supply * (exp(rate * elapsed) - 1) is floored",
        ((*range(64), WAD, 10**27 + 1), (0, *RATES), (*SPANS, *range(3, 100))),
        (SHARES, Range(0, MAX_RATE), Range(0, 900 * YEAR)),
    ),
    _fee(
        "fee_in_two",
        "fee(t1 + t2) = fee(t1), then fee(t2), but for the last digit of exp",
        (
            (*range(16), WAD, 10**27 + 1, 2**128),
            RATES,
            (*SPANS, *range(3, 40)),
            (*SPANS, *range(3, 40)),
        ),
        (SHARES, Range(0, MAX_RATE), Range(0, 100 * YEAR), Range(0, 100 * YEAR)),
    ),
    _fee(
        "fee_never_falls",
        "a longer time never costs less",
        ((*range(16), WAD, 2**128), (0, *RATES), SPANS, (*SPANS, *range(3, 100))),
        (SHARES, Range(0, MAX_RATE), Range(0, 450 * YEAR), Range(0, 450 * YEAR)),
    ),
    Property(
        "OracleProperties",
        "disagreement_up",
        "|p - q| / min(p, q) is ceiled, and capped",
        (range(1, 700), range(1, 700)),
        (Range(1, 10**30), Range(1, 10**30)),
    ),
)
