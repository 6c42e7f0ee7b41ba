# SPDX-License-Identifier: AGPL-3.0-only
"""Acts that leave no trace, and what leaving before an announced change costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .stage import DELAY, Stage, part_bps

T = TypeVar("T")


def aside(stage: Stage, act: Callable[[], T]) -> T:
    """What an act finds; afterwards nothing has happened."""
    snapshot, prices = stage.chain.snapshot(), dict(stage.prices)
    try:
        return act()
    finally:
        stage.chain.revert(snapshot)
        stage.prices = prices


def cost_of_leaving(stage: Stage, announce: Callable[[], object]) -> float:
    """What leaving a second before it happens costs more than without it."""

    def paid(first: Callable[[], object]) -> int:
        first()
        stage.wait(DELAY - 1)
        had = stage.balance("holder")
        stage.redeem("holder", stage.shares("holder"))
        return stage.balance("holder") - had

    without = aside(stage, lambda: paid(lambda: None))
    return part_bps(without - aside(stage, lambda: paid(announce)), without)
