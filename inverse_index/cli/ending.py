# SPDX-License-Identifier: AGPL-3.0-only
"""How far a token is from its end: its mode, and what lets anyone wind it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..deployment import System
from ..model.fixed import WAD
from ..model.policy.wind_down_bound import DAY, FAILED_PART, FEW, wind_down_bound_bps
from ..model.token import nav
from ..model.token.modes import Mode
from .output import Rows, exact, shown, span, utc

NAMES = {
    Mode.ACTIVE: "active",
    Mode.MINT_PAUSED: "mint paused",
    Mode.WINDING_DOWN: "winding down",
    Mode.SETTLED: "settled",
}


def mode_text(mode: int) -> str:
    """For people."""
    return NAMES[Mode(mode)]


def is_valued(report: Any) -> bool:
    """Whether the report's values are there: at closing prices or without any, a
    token that ends has them while prices are unusable."""
    return bool(report.usable) or Mode(report.state.mode) >= Mode.WINDING_DOWN


UNDER = "under {}, and N under a hundredth of that reset's, anyone may wind down"


@dataclass(frozen=True)
class Ending:
    """Times are unix seconds, None where there is none.

    unusable_since: start of the oracle's clock; dead_at: when it will have run out.
    halted: whether the venue itself has ended. per_share, last_per_share: WAD, now
    (None while it is unknown) and at the last reset.
    keeps_value: whether N is at least a hundredth of the last reset's, or shares are
    so few that a loss of one tells nothing.
    winding_down_since, bound_bps, wider_at: of a token that winds down.
    """

    mode: Mode
    unusable_since: int | None
    dead_at: int | None
    dead: bool
    halted: bool
    per_share: int | None
    last_per_share: int
    keeps_value: bool
    winding_down_since: int | None
    bound_bps: int | None
    wider_at: int | None

    @property
    def is_wiped_out(self) -> bool:
        """Whether N and a share are worth under a hundredth of the last reset's."""
        if self.per_share is None or self.keeps_value:
            return False
        return self.per_share * FAILED_PART < self.last_per_share

    @property
    def by_anyone(self) -> list[str]:
        """Why anyone may wind down; empty when only the owner may."""
        reasons = {
            "the oracle is dead": self.dead,
            "the venue has halted": self.halted,
            "N and a share have lost 99%": self.is_wiped_out,
        }
        return [text for text, holds in reasons.items() if holds]

    @property
    def values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "unusable_since": self.unusable_since,
            "dead_at": self.dead_at,
            "dead": self.dead,
            "halted": self.halted,
            "last_nav_per_share": exact(self.last_per_share, 18),
            "winding_down_since": self.winding_down_since,
            "wind_down_bound_bps": self.bound_bps,
            "wind_down_bound_doubles_at": self.wider_at,
        }


def read_ending(system: System, report: Any) -> Ending:
    """Of a report and the oracle's clock."""
    oracle, state, now = system.oracle, report.state, report.timestamp
    mode, since = Mode(state.mode), oracle.unusable_since() or None
    winding_down = mode == Mode.WINDING_DOWN
    began = state.winding_down_since
    known = report.usable and state.supply > 0 and not report.prices.restriction
    return Ending(
        mode=mode,
        unusable_since=since,
        dead_at=None if since is None else since + oracle.DEAD_DELAY(),
        dead=oracle.dead(),
        halted=system.vault.halted(),
        per_share=report.nav_per_share if known else None,
        last_per_share=state.reset.nav_per_share,
        keeps_value=_keeps_value(report),
        winding_down_since=began or None,
        bound_bps=wind_down_bound_bps(state.parameters.slippage_bps, began, now)
        if winding_down
        else None,
        wider_at=began + ((now - began) // DAY + 1) * DAY if winding_down else None,
    )


def _keeps_value(report: Any) -> bool:
    state = report.state
    few = FEW * nav.virtual_shares(WAD // state.unit)
    return bool(report.mid * FAILED_PART >= state.reset.nav or state.supply < few)


def ending_rows(ending: Ending, now: int) -> Rows:
    """Of a token that ends, or of an oracle whose clock runs."""
    rows = []
    if ending.winding_down_since is not None:
        ago = span(now - ending.winding_down_since)
        rows.append(("wound down", f"{utc(ending.winding_down_since)} ({ago} ago)"))
    if ending.wider_at is not None:
        rows.append(
            (
                "wind-down slippage bound",
                f"{ending.bound_bps} bp of a trade, doubles in {span(ending.wider_at - now)}",
            )
        )
    return [*rows, *clock_rows(ending, now)]


def clock_rows(ending: Ending, now: int) -> Rows:
    """The oracle's clock, when it runs."""
    if ending.unusable_since is None or ending.dead_at is None:
        return []
    if ending.dead:
        text = "dead: anyone may wind down what depends on it"
    elif now >= ending.dead_at:
        text = "prices are usable again; the clock stops at the next refresh or report"
    else:
        left = span(ending.dead_at - now)
        text = f"dead {utc(ending.dead_at)} (in {left}) unless prices come back"
    return [("unusable since", f"{utc(ending.unusable_since)}; {text}")]


def value_row(ending: Ending) -> tuple[str, str]:
    """Value a share against the hundredth of the last reset's."""
    limit = shown(ending.last_per_share // FAILED_PART, 18)
    if ending.per_share is None:
        return ("value a share", f"unknown; {UNDER.format(limit)}")
    part = ending.per_share * 100 * WAD // max(ending.last_per_share, 1)
    return (
        "value a share",
        f"{shown(ending.per_share, 18)}, {shown(part, 18, 2)}% of the last reset's; "
        f"{UNDER.format(limit)}",
    )
