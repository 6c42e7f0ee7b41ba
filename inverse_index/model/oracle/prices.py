# SPDX-License-Identifier: AGPL-3.0-only
"""Prices with half-spreads, and how far sources disagree. All WAD."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from ..fixed import WAD, ceil_div

MAX_DISAGREEMENT = 10**6 * WAD


class Restriction(IntFlag):
    """As `IIndexOracle.Restriction`."""

    STEP = 1
    SPREAD = 2


@dataclass(frozen=True, slots=True)
class Prices:
    """As `IIndexOracle.Prices`."""

    mid: tuple[int, ...]
    spread: tuple[int, ...]
    updated_at: int
    restriction: Restriction


def disagreement_up(price: int, other: int) -> int:
    """|price - other| / min(price, other), WAD, at most a millionfold."""
    gap = ceil_div(abs(price - other) * WAD, min(price, other))
    return min(gap, MAX_DISAGREEMENT)


def combined_up(a: int, b: int) -> int:
    """(1 + a) * (1 + b) - 1, WAD: the half-spread of a quotient."""
    return a + b + ceil_div(a * b, WAD)
