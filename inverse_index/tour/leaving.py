# SPDX-License-Identifier: AGPL-3.0-only
"""Acts that leave no trace, and what leaving before an announced change costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .harness import DELAY, Harness, part_bps

T = TypeVar("T")


def aside(harness: Harness, act: Callable[[], T]) -> T:
    """What an act finds; afterwards nothing has happened."""
    snapshot, prices = harness.chain.snapshot(), dict(harness.prices)
    try:
        return act()
    finally:
        harness.chain.revert(snapshot)
        harness.prices = prices


def cost_of_leaving(harness: Harness, announce: Callable[[], object]) -> float:
    """What leaving a second before it happens costs more than without it."""

    def paid(first: Callable[[], object]) -> int:
        first()
        harness.wait(DELAY - 1)
        had = harness.balance("holder")
        harness.redeem("holder", harness.shares("holder"))
        return harness.balance("holder") - had

    without = aside(harness, lambda: paid(lambda: None))
    return part_bps(without - aside(harness, lambda: paid(announce)), without)
