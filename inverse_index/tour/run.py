# SPDX-License-Identifier: AGPL-3.0-only
"""The chapters on each venue, each from the same beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..chain import Anvil, LocalBackend, Reverted
from . import exits, powers, winding_down
from .harness import Harness, build_harness
from .hostile import hostile
from .record import Figure, Record, Step, Stopped

VENUES = ("perp", "aave")
START = 1_704_067_200  # 1 January 2024
CHAPTERS: dict[str, Callable[[Harness, Record], None]] = {
    "guardian": powers.guardian,
    "timelock": powers.timelock,
    "exits": exits.exits,
    "wind-down by the owner": winding_down.by_the_owner,
    "dead oracle": winding_down.dead_oracle,
    "wiped out": winding_down.wiped_out,
    "hostile owner": hostile,
}


@dataclass(frozen=True)
class Tour:
    """One venue's steps, and what the hostile owner's powers cost."""

    venue: str
    steps: Sequence[Step]
    figures: Sequence[Figure] = ()

    @property
    def failed(self) -> list[Step]:
        return [step for step in self.steps if not step.ok]


def run_tour(
    venue: str,
    tell: Callable[[Step], None] = lambda step: None,
    chapters: Sequence[str] = tuple(CHAPTERS),
) -> Tour:
    """All chapters on an Anvil of its own."""
    with Anvil(timestamp=START) as node, LocalBackend(node.url) as chain:
        harness = build_harness(chain, venue)
        record = Record(tell)
        for name in chapters:
            play(harness, record, name, CHAPTERS[name])
    return Tour(venue, record.steps, record.figures)


def play(
    harness: Harness, record: Record, name: str, chapter: Callable[[Harness, Record], None]
) -> None:
    """One chapter; the chain and the prices are afterwards as they were."""
    record.chapter = name
    snapshot, prices = harness.chain.snapshot(), dict(harness.prices)
    try:
        chapter(harness, record)
    except Stopped:
        pass  # recorded
    except Reverted as error:
        record.broken(error)
    finally:
        harness.chain.revert(snapshot)
        harness.prices = prices
