# SPDX-License-Identifier: AGPL-3.0-only
"""Market regimes: moves of prices as they really were.

Each regime has quantiles, in basis points, of the returns of an equally weighted
basket of UNI, AAVE, LINK, MKR, SNX, COMP and CRV (2021 to mid 2025), and of a
single asset's return beyond the basket's. `test_regimes` recomputes them from
the price file.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

# Of the observations of a regime this part, in hundredths, is at most ...
LEVELS = (0, 1, 10, 25, 50, 75, 90, 99, 100)


@dataclass(frozen=True)
class Regime:
    """basket, single: quantiles in basis points at `LEVELS`; seconds: the least
    and the most time that passes before the move."""

    name: str
    basket: tuple[int, ...]
    single: tuple[int, ...]
    seconds: tuple[int, int]


CALM = Regime(  # hours, but for the quarter that moved most
    "calm",
    (-91, -87, -59, -31, 2, 34, 62, 87, 91),
    (-1655, -150, -57, -27, -1, 25, 56, 172, 1322),
    (60, 7_200),
)
JUMP = Regime(  # the 0.5% of hours that moved most
    "jump",
    (-2474, -1286, -770, -581, -495, 514, 679, 1074, 1191),
    (-2414, -578, -234, -110, -6, 85, 195, 818, 4275),
    (1, 3_600),
)
GAP = Regime(  # whole days without a price in between
    "gap",
    (-4004, -1289, -566, -240, 23, 271, 581, 1457, 3283),
    (-1685, -771, -327, -164, -20, 130, 323, 1083, 5274),
    (43_200, 172_800),
)
CRASH = Regime(  # the worst 2% of days
    "crash",
    (-4004, -3417, -1763, -1633, -1300, -1173, -1119, -1082, -1071),
    (-936, -783, -444, -219, -63, 141, 408, 1504, 1994),
    (600, 86_400),
)
SQUEEZE = Regime(  # the best 2% of days: what a short fears
    "squeeze",
    (1143, 1143, 1164, 1311, 1463, 1587, 2118, 3246, 3283),
    (-1532, -1412, -824, -502, -139, 278, 880, 4133, 5274),
    (600, 86_400),
)
REGIMES = (CALM, JUMP, GAP, CRASH, SQUEEZE)


def drawn(quantiles: Sequence[int], random: Random) -> int:
    """A value with these quantiles, straight lines between them."""
    at = random.uniform(0, 100)
    i = min(max(bisect(LEVELS, at) - 1, 0), len(LEVELS) - 2)
    part = (at - LEVELS[i]) / (LEVELS[i + 1] - LEVELS[i])
    return round(quantiles[i] + (quantiles[i + 1] - quantiles[i]) * part)


def moves(regime: Regime, k: int) -> st.SearchStrategy[list[int]]:
    """Returns of k assets over the regime's move, in basis points above -10,000."""
    return st.integers(0, 2**48 - 1).map(lambda seed: _moves(regime, k, seed))


def _moves(regime: Regime, k: int, seed: int) -> list[int]:
    random = Random(seed)
    common = drawn(regime.basket, random)
    return [max(common + drawn(regime.single, random), -9_000) for _ in range(k)]
