# SPDX-License-Identifier: AGPL-3.0-only
"""A search for the attempt that brings an attacker most.

    found = hunt(chain, attempt, grid(size=(1, 10, 100), first=(True, False)), refine=("size",))

Every point of the grid is tried on the same state and undone. Then the numbers in
`refine` are moved up and down from the best point, by smaller and smaller steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from inverse_index.chain import LocalBackend, Reverted

Point = Mapping[str, Any]
Attempt = Callable[..., int]
FACTORS = (1.7, 1.3, 1.1, 1.03)  # steps of the refinement


@dataclass
class Hunt:
    """profits: of each attempt, smallest units of the collateral, None where it
    reverted. at: where the best was. refusals: how often which reason came up."""

    profits: list[int | None] = field(default_factory=list)
    best: int | None = None
    at: Point = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.best} of {len(self.profits)} at {dict(self.at)}, {dict(self.refusals)}"


def grid(**axes: Sequence[Any]) -> list[Point]:
    """All combinations."""
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def hunt(
    chain: LocalBackend, attempt: Attempt, points: Iterable[Point], refine: Sequence[str] = ()
) -> Hunt:
    """Try them all, then around the best; `attempt(**point)` returns the profit."""
    found = Hunt()
    for point in points:
        _try(chain, attempt, point, found)
    for factor in FACTORS:
        for name in refine:
            for scale in (factor, 1 / factor):
                if found.best is not None:
                    moved = _moved(found.at[name], scale)
                    _try(chain, attempt, {**found.at, name: moved}, found)
    return found


def _moved(value: float, scale: float) -> float:
    """A whole number stays one."""
    return round(value * scale) if isinstance(value, int) else value * scale


def _try(chain: LocalBackend, attempt: Attempt, point: Point, found: Hunt) -> None:
    snapshot = chain.snapshot()
    profit: int | None = None
    try:
        profit = attempt(**point)
    except Reverted as error:
        found.refusals[error.reason or str(error)] += 1
    finally:
        chain.revert(snapshot)
    found.profits.append(profit)
    if profit is not None and (found.best is None or profit > found.best):
        found.best, found.at = profit, point
