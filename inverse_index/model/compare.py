# SPDX-License-Identifier: AGPL-3.0-only
"""Hold a deployed system against its model: equal in every integer, or not.

Takes plain values that somebody has read from the chain (a lens report and the
venue's figures), so that the model stays free of chain code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from .system import SystemModel
from .token import nav


@dataclass(frozen=True)
class Mismatch:
    """One value that differs."""

    name: str
    chain: Any
    model: Any

    def __str__(self) -> str:
        return f"{self.name}: chain {self.chain}, model {self.model}"


def mismatches(
    model: SystemModel,
    report: Any,
    figures: Any,
    now: int,
    balances: Mapping[str, int] | None = None,
) -> list[Mismatch]:
    """Every value in which the chain and the model differ at time `now`.

    report: `ILens.Report`; figures: the venue's stored state, or None to leave
    it out; balances: shares by the model's holder names.
    """
    pairs = list(_stored(model, report))
    if figures is not None:
        pairs += model.venue.pairs(figures)
    if report.usable or model.token.control.winding_down_since:
        pairs += _valued(model, report, now)
    held = model.token.balances
    pairs += [
        (f"balance {who}", shares, held.get(who, 0)) for who, shares in (balances or {}).items()
    ]
    return [Mismatch(*pair) for pair in pairs if pair[1] != pair[2]]


def _stored(model: SystemModel, report: Any) -> Iterator[tuple[str, Any, Any]]:
    token, state = model.token, report.state
    yield "total supply", report.total_supply, token.supply
    yield "mode", int(state.mode), int(token.mode)
    yield "closing since", state.winding_down_since, token.control.winding_down_since
    yield "NAV cap", state.nav_cap, token.nav_cap
    yield "fee accrued at", state.fee.accrued_at, token.fee.accrued_at
    yield "fee rate", state.fee.rate, token.fee.rate
    yield "doubled at", state.doubled_at, token.doubled_at
    for name in ("unhedged", "reserve", "netting_since", "in_band_at"):
        yield name, getattr(state.flows, name), getattr(token.flows, name)
    for each in fields(token.reset):
        yield f"reset {each.name}", getattr(state.reset, each.name), getattr(token.reset, each.name)
    composition = model.oracle.composition()
    count = len(composition.units)
    yield "units", tuple(report.composition.units[:count]), composition.units
    for name in ("version", "effective_at", "due_at"):
        yield name, getattr(report.composition, name), getattr(composition, name)


def _valued(model: SystemModel, report: Any, now: int) -> Iterator[tuple[str, Any, Any]]:
    token = model.token
    c = token.context(now, token.closing_prices(now))
    count = len(c.prices.mid)
    yield "supply", report.state.supply, c.supply
    yield "mid prices", tuple(report.prices.mid[:count]), c.prices.mid
    yield "spreads", tuple(report.prices.spread[:count]), c.prices.spread
    yield "restriction", report.prices.restriction, int(c.prices.restriction)
    yield "prices at", report.prices.updated_at, c.prices.updated_at
    yield "idle", report.held.idle, c.held.idle
    yield "equity", report.held.equity, c.held.equity
    yield "shorts", tuple(report.held.shorts[:count]), c.held.shorts
    yield "N at bid", report.bid, c.v.bid
    yield "N", report.mid, c.v.mid
    yield "N at ask", report.ask, c.v.ask
    yield "exposure", report.exposure, c.v.exposure
    yield "leverage", report.leverage, nav.leverage_down(c.v.exposure, c.v.mid)
    per_share = nav.per_share_down(c.v.mid, c.supply, token.virtual)
    yield "N per share", report.nav_per_share, per_share
    triggers, reward = model.token.due(now)
    yield "triggers", report.triggers, int(triggers)
    yield "reward", report.reward, reward
