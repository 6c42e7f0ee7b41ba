# SPDX-License-Identifier: AGPL-3.0-only
"""Units of the index: in force, their level, and new ones from weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ... import reasons
from ..fixed import WAD, require

MAX_UNITS = 2**112


@dataclass(frozen=True, slots=True)
class Composition:
    """As `IIndexOracle.Composition`."""

    units: tuple[int, ...]
    version: int
    effective_at: int
    due_at: int


def index_level_down(units: Sequence[int], mid: Sequence[int]) -> int:
    """Level of the index, WAD."""
    return sum(u * p for u, p in zip(units, mid, strict=True)) // WAD


def units_down(weights: Sequence[int], level: int, mid: Sequence[int]) -> tuple[int, ...]:
    units = tuple(w * level // p for w, p in zip(weights, mid, strict=True))
    require(all(u < MAX_UNITS for u in units), reasons.ORACLE_UNITS)
    return units
