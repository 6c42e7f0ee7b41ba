# SPDX-License-Identifier: AGPL-3.0-only
"""What mint and redeem share."""

from __future__ import annotations

from typing import Any

import click

from .. import reasons
from ..deployment import System
from ..deployment.round_trip import RoundTrip, present
from ..model.oracle.prices import Restriction
from ..model.token.modes import Mode
from .output import Rows, exact, shown


def check_one(**options: str | None) -> None:
    """Exactly one of these options must be given."""
    given = [name for name, value in options.items() if value is not None]
    names = list(options)
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other")
    if not given:
        raise click.UsageError(f"say how much with {' or '.join(names)}")


def netted_text(netted: bool) -> str:
    return "netted" if netted else "hedged at once"


def flow_rows(system: System, flow: Any, settled: bool = False) -> Rows:
    """What a flow costs and how it is carried out."""
    size, decimals = flow.size, system.decimals
    part = f" ({10_000 * flow.charge / size:.1f} bp)" if size else ""
    return [
        ("charge", f"{shown(flow.charge, decimals)} {system.collateral_symbol}{part}"),
        ("it is", "your part of what is left" if settled else netted_text(flow.netted)),
        *round_trip_rows(present(system, system.report())),
    ]


def round_trip_rows(cost: RoundTrip | None) -> Rows:
    """What going in and out at once costs, where one can."""
    return [] if cost is None else [("in and out", cost.text)]


def round_trip_values(cost: RoundTrip | None) -> dict[str, str] | None:
    """The same, as exact parts of what is paid in."""
    if cost is None:
        return None
    return {"netted": exact(cost.netted, 18), "hedged": exact(cost.hedged, 18)}


def why_no_mint(report: Any) -> str:
    """The reason with which the token refuses every mint."""
    restriction = report.prices.restriction
    for holds, reason in (
        (report.state.mode >= Mode.WINDING_DOWN, reasons.TOKEN_WINDING_DOWN),
        (not report.usable, reasons.STALE_PRICE),
        (report.state.mode != Mode.ACTIVE, reasons.TOKEN_MINT_PAUSED),
        (restriction & Restriction.STEP, reasons.PRICE_STEP),
        (restriction & Restriction.SPREAD, reasons.SPREAD_TOO_WIDE),
        (report.bid >= report.state.nav_cap, reasons.TOKEN_NAV_CAP),
        (report.state.supply and not report.mid, reasons.TOKEN_WIPED_OUT),
    ):
        if holds:
            return reason
    return "the venue has no depth"
