# SPDX-License-Identifier: AGPL-3.0-only
"""Keepers of the tour, and what their calls cost the holders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..model.fixed import BPS, WAD
from ..model.policy.triggers import Trigger
from .stage import DAY, Stage

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


def keep(stage: Stage, late: int) -> Kept:
    """Rebalance until nothing is due, each time `late` seconds after it is."""
    calls: list[Call] = []
    while len(calls) < MOST_CALLS:
        report = stage.system.report()
        rest = report.state.reset.chunk_due_at
        if rest > report.timestamp:
            stage.silence(rest - report.timestamp)
            continue
        if not report.triggers:
            break
        stage.silence(late)
        calls.append(_call(stage))
    return Kept(tuple(calls))


def _call(stage: Stage) -> Call:
    before = stage.system.report()
    receipt = stage.rebalance()
    done = next(e for e in stage.token.events(receipt) if e.name == "Rebalanced")
    after = stage.system.report()
    moved = sum(
        abs(a - b) * mid
        for a, b, mid in zip(after.held.shorts, before.held.shorts, before.prices.mid, strict=True)
    )
    turnover = moved * stage.unit / WAD / WAD
    n = max(done.nav_before, 1)
    return Call(
        receipt.timestamp,
        Trigger(done.triggers),
        done.reward * BPS / n,
        done.cost * BPS / n,
        turnover * BPS / n,
        int(done.reward),
    )


def live(stage: Stage, days: int, late: int) -> Kept:
    """Days of the seeded market, keepers after each row of prices."""
    stage.silence(-stage.chain.now() % DAY)
    kept = Kept(())
    end = stage.chain.now()
    for prices in market(stage, days):
        end += ROW
        stage.silence(max(end - stage.chain.now(), 0))
        stage.prices |= prices
        stage.post()
        kept += keep(stage, late)
    return kept


def market(stage: Stage, days: int) -> Iterator[dict[str, Any]]:
    """Prices every four hours, from those that the stage has now."""
    from ..prices.scenario import scenario  # numpy: slow to import

    start, symbols = dict(stage.prices), stage.plan.symbols
    rows = scenario(symbols, days=days + 1).prices
    for row in rows[4 : days * 24 + 1 : 4]:
        yield {
            symbol: start[symbol] * price // first
            for symbol, price, first in zip(symbols, row, rows[0], strict=True)
        }
