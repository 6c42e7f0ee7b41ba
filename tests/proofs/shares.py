# SPDX-License-Identifier: AGPL-3.0-only
"""Shares, net asset value, shorts: `contracts/modules/token/nav.vy`.

Documented ranges: collateral below 2**112, shares up to 2**128, prices below
2**104, virtual shares per unit 10**0 to 10**18.
"""

from __future__ import annotations

from tests.support.constants import WAD

from .proof import Property, Range, among, signed, upto

COLLATERAL, SHARES, PRICE = upto(112), upto(128), upto(104)
VIRTUALS = (1, 10**6, 10**12)  # 18, 12 and 6 decimals
VIRTUAL = among(1, 10**6, 10**10, 10**12, 10**18)
SUPPLIES = (0, 1, 2, 3, 7, 64, 999_999, 10**6, 10**6 + 1, 3 * 10**6, 10**12, 7 * 10**12 + 5)
SOME = (0, 1, 2, 3, 5, 7, 8, 13, 21, 34, 55, 10**6)
CONVERSION = (range(60), range(60), SUPPLIES, VIRTUALS)
WIDE_CONVERSION = (COLLATERAL, COLLATERAL, SHARES, VIRTUAL)


def _of(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("ShareProperties", name, says, grid, wide)


def _short(name: str, says: str, grid: tuple, wide: tuple = ()) -> Property:
    return Property("ShortProperties", name, says, grid, wide)


PROPERTIES = (
    _of(
        "shares_down", "assets * (supply + v * b) / (n + b) is floored", CONVERSION, WIDE_CONVERSION
    ),
    _of("shares_up", "assets * (supply + v * b) / (n + b) is ceiled", CONVERSION, WIDE_CONVERSION),
    _of(
        "assets_down",
        "shares * (n + b) / (supply + v * b) is floored",
        CONVERSION,
        (SHARES, COLLATERAL, SHARES, VIRTUAL),
    ),
    _of(
        "assets_up",
        "shares * (n + b) / (supply + v * b) is ceiled",
        CONVERSION,
        (SHARES, COLLATERAL, SHARES, VIRTUAL),
    ),
    _of(
        "per_share_down",
        "the price of a share is floored",
        (range(300), range(300), VIRTUALS),
        (COLLATERAL, SHARES, VIRTUAL),
    ),
    _short(
        "leverage_down",
        "E / N is floored; without value it is 0 or unbounded",
        (range(300), range(300)),
        (upto(128), upto(128)),
    ),
    _of("div_up", "x / y is ceiled", (range(500), range(1, 500)), (upto(255), upto(255, 1))),
    _of(
        "virtual_backing",
        "at least a million virtual shares, at the starting price",
        (tuple(10**k for k in range(19)),),
    ),
    _of(
        "in_and_out",
        "deposit or mint, then redeem or withdraw, never gains",
        (*CONVERSION, range(4)),
        (*WIDE_CONVERSION, among(0, 1, 2, 3)),
    ),
    _of(
        "out_and_in",
        "redeem or withdraw, then deposit or mint, never gains",
        ((*range(60), 10**6, 10**12), range(60), SUPPLIES, VIRTUALS, range(4)),
        (SHARES, COLLATERAL, SHARES, VIRTUAL, among(0, 1, 2, 3)),
    ),
    _of(
        "price_never_falls",
        "no flow lowers the price of a share",
        ((*range(60), 10**6, 10**12), range(60), SUPPLIES, VIRTUALS, range(4)),
        (COLLATERAL, COLLATERAL, SHARES, VIRTUAL, among(0, 1, 2, 3)),
    ),
    _of(
        "split_gains_nothing",
        "two deposits buy no more than one of both",
        (range(24), range(24), range(24), SUPPLIES, VIRTUALS),
        (COLLATERAL, COLLATERAL, COLLATERAL, SHARES, VIRTUAL),
    ),
    _of(
        "inflation_loses",
        "giving collateral away before others mint never gains",
        (
            range(24),
            (*range(24), *range(10**6 - 4, 10**6 + 4), 3 * 10**6, 10**12),
            (*range(24), 10**6, 10**9),
            VIRTUALS,
        ),
        (upto(96), upto(96), upto(96), among(*VIRTUALS)),
    ),
    _short(
        "bid_and_ask",
        "ask <= mid <= bid, floored at 0; exposure down, spread up",
        (
            range(4),
            range(-6, 7),
            range(3),
            range(0, 10**18, 10**17),
            (1, 3 * WAD, 10 * WAD + 1),
            (0, 1, 10**16, 10**17 + 1),
            (1, 10**12),
        ),
        (COLLATERAL, signed(112), upto(96), upto(51), PRICE, upto(100), VIRTUAL),
    ),
    _short(
        "scaled_down",
        "short * numerator / denominator is floored",
        (range(64), range(64), range(1, 64)),
        (upto(128), upto(128), upto(128, 1)),
    ),
    _short(
        "leverage_kept",
        "a hedged deposit within the band keeps E / N, but for one unit short",
        (range(32), range(1, 16), range(1, 32), range(32)),
        (upto(64), upto(80, 1), upto(100, 1), upto(100)),
    ),
    _short(
        "leverage_toward",
        "a hedged deposit out of the band moves E / N to L, never across",
        (range(48), range(1, 24), range(24), (1, 2, 3), (WAD, 2 * WAD, 3 * WAD + 1)),
    ),
    _short(
        "index_shorts_down",
        "shorts are floors of worth * v * units / floored level",
        (
            range(32),
            (0, 1, 7, 10**17, WAD, 3 * WAD + 1),
            (0, 1, 5 * 10**17, 2 * WAD),
            (1, WAD // 3, WAD, 7 * WAD),
            (1, WAD, 3 * WAD + 2),
            (1, 10**12),
        ),
        (upto(112), upto(112), upto(112), upto(104, 1), upto(104, 1), among(1, 4)),
    ),
    _short(
        "one_period_return",
        "N' = N * (1 - L * (I' / I - 1)), but for one unit of each short",
        (
            (0, 1, 5, 10**3, 10**6 + 1),
            (1, 2, 3),
            range(WAD // 2, 3 * WAD, WAD // 2),
            range(WAD // 2, 2 * WAD, WAD // 3),
            range(WAD // 4, 4 * WAD, WAD // 3),
            range(WAD // 4, 4 * WAD, WAD // 3 + 1),
        ),
        (upto(64), among(1, 2, 3), *[Range(10**15, 10**23)] * 4),
    ),
    _short(
        "within_band",
        "exactly |E / (L * N) - 1| <= band",
        (range(300), range(96), (1, 2, 3), (300, 500, 1_000, 3_333, 5_000)),
        (upto(128), upto(128), among(1, 2, 3), Range(300, 5_000)),
    ),
    _short(
        "turnover_up",
        "the notional traded is ceiled, and the same both ways",
        (range(32), range(32), (0, 1, WAD // 7, WAD, 3 * WAD + 1), (1, 10**6)),
        (upto(112), upto(112), PRICE, VIRTUAL),
    ),
    _short(
        "granularity_up",
        "the smallest trade is ceiled, and four units",
        (range(0, 10 * WAD, WAD // 7), range(64), (1, 10**6)),
        (PRICE, upto(112), VIRTUAL),
    ),
)
