# SPDX-License-Identifier: AGPL-3.0-only
"""Keepers of the tour, and what their calls cost the holders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..model.fixed import BPS, WAD
from ..model.policy.triggers import Trigger
from .harness import DAY, Harness

BLOCK = 12  # seconds: who competes for a call comes at the next block
ROW = 4 * 3_600
MOST_CALLS = 500


@dataclass(frozen=True, slots=True)
class Call:
    """One `rebalance`; reward, cost and turnover in basis points of N before it."""

    at: int
    triggers: Trigger
    reward: float
    cost: float
    turnover: float
    reward_native: int


@dataclass(frozen=True)
class Kept:
    """All calls over a time."""

    calls: tuple[Call, ...]

    @property
    def rewards(self) -> float:
        return sum(call.reward for call in self.calls)

    @property
    def costs(self) -> float:
        return sum(call.cost for call in self.calls)

    @property
    def turnover(self) -> float:
        return sum(call.turnover for call in self.calls)

    @property
    def emergencies(self) -> int:
        return sum(bool(call.triggers & Trigger.EMERGENCY) for call in self.calls)

    def __add__(self, other: Kept) -> Kept:
        return Kept((*self.calls, *other.calls))


def keep(harness: Harness, late: int) -> Kept:
    """Rebalance until nothing is due, each time `late` seconds after it is."""
    calls: list[Call] = []
    while len(calls) < MOST_CALLS:
        report = harness.system.report()
        rest = report.state.reset.chunk_due_at
        if rest > report.timestamp:
            harness.silence(rest - report.timestamp)
            continue
        if not report.triggers:
            break
        harness.silence(late)
        calls.append(_call(harness))
    return Kept(tuple(calls))


def _call(harness: Harness) -> Call:
    before = harness.system.report()
    receipt = harness.rebalance()
    done = next(e for e in harness.token.events(receipt) if e.name == "Rebalanced")
    after = harness.system.report()
    moved = sum(
        abs(a - b) * mid
        for a, b, mid in zip(after.held.shorts, before.held.shorts, before.prices.mid, strict=True)
    )
    turnover = moved * harness.unit / WAD / WAD
    n = max(done.nav_before, 1)
    return Call(
        receipt.timestamp,
        Trigger(done.triggers),
        done.reward * BPS / n,
        done.cost * BPS / n,
        turnover * BPS / n,
        int(done.reward),
    )


def live(harness: Harness, days: int, late: int) -> Kept:
    """Days of the seeded market, keepers after each row of prices."""
    harness.silence(-harness.chain.now() % DAY)
    kept = Kept(())
    end = harness.chain.now()
    for prices in market(harness, days):
        end += ROW
        harness.silence(max(end - harness.chain.now(), 0))
        harness.prices |= prices
        harness.post()
        kept += keep(harness, late)
    return kept


def market(harness: Harness, days: int) -> Iterator[dict[str, Any]]:
    """Prices every four hours, from those that the harness has now."""
    from ..prices.scenario import scenario  # numpy: slow to import

    start, symbols = dict(harness.prices), harness.plan.symbols
    rows = scenario(symbols, days=days + 1).prices
    for row in rows[4 : days * 24 + 1 : 4]:
        yield {
            symbol: start[symbol] * price // first
            for symbol, price, first in zip(symbols, row, rows[0], strict=True)
        }
