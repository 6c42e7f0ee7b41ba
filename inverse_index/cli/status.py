# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run status`: the whole state of a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from ape.api import ProviderAPI

from ..config.units import MAX_UINT256
from ..deployment import System
from ..deployment.round_trip import present
from ..keeper.decide import next_event, trigger_names
from ..keeper.look import price_reason
from ..model.oracle.prices import Restriction
from ..model.token.modes import Mode
from .amounts import SHARE_DECIMALS, WAD
from .ending import Ending, ending_rows, is_valued, mode_text, read_ending
from .feeds import FeedState, read_feeds
from .flows import round_trip_rows
from .output import Output, Rows, exact, percent, shown, span, utc
from .session import Session, resolve_address
from .status_json import status_values
from .verb import deployment_options, verb

SECONDS_PER_YEAR = 365 * 86_400

EXAMPLES = """
ape run status
ape run status --holder TEST::0 --network ethereum:local:foundry
ape run status --json | jq .nav_per_share
"""


@verb("status", EXAMPLES)
@click.option(
    "--holder", metavar="ADDRESS", help="Show this holder's position too: address or account."
)
@deployment_options
def cli(
    provider: ProviderAPI,
    deployment: str | None,
    registry: Path | None,
    holder: str | None,
    as_json: bool,
) -> None:
    """Show net asset value, leverage, prices, triggers and fees of a token.

    It answers while prices are unusable, and says why they are.
    """
    session = Session.reading(provider, as_json)
    system = session.load(deployment, registry)
    address = None if holder is None else resolve_address(holder)
    report = system.report()
    reason = "" if report.usable else price_reason(system)
    ending = read_ending(system, report)
    feeds = read_feeds(system, report.timestamp)
    position = None if address is None else system.lens.position(system.token, address)
    out = session.out
    out.table(_head(session, system, report, reason, ending), f"{system.name} on {session.network}")
    _show_components(out, system, report, feeds)
    if position is not None:
        out.say("")
        out.table(_position(system, report, position), f"holder {address}")
    values = status_values(system, report, reason, feeds, address, position)
    out.result(values | {"ending": ending.values})


def _head(session: Session, system: System, report: Any, reason: str, ending: Ending) -> Rows:
    return [
        ("token", system.token.address),
        ("time", f"{utc(report.timestamp)} (block {report.block:,})"),
        ("mode", mode_text(report.state.mode)),
        *ending_rows(ending, report.timestamp),
        ("prices", _prices(report, reason)),
        ("", ""),
        *(_values(system, report) if is_valued(report) else []),
        *_stored(system, report),
    ]


def _prices(report: Any, reason: str) -> str:
    if not report.usable:
        return f"unusable: {reason}"
    restriction = Restriction(report.prices.restriction)
    age = f"newest {span(report.timestamp - report.prices.updated_at)} old"
    limits = []
    if Restriction.STEP in restriction:
        limits.append("a large step is unconfirmed: no mint")
    if Restriction.SPREAD in restriction:
        limits.append("sources disagree: no mint, no rebalance")
    return ", ".join(["usable", age, *limits])


def _values(system: System, report: Any) -> Rows:
    decimals, symbol = system.decimals, system.collateral_symbol
    state = report.state
    if Mode(state.mode) == Mode.SETTLED:
        return [
            ("left a share", f"{shown(report.nav_per_share, 18)} {symbol}"),
            ("left in all", f"{shown(report.mid, decimals)} {symbol}"),
            ("", ""),
        ]
    leverage = (
        "no value left" if report.leverage == MAX_UINT256 else f"{shown(report.leverage, 18, 4)}x"
    )
    due = trigger_names(report.triggers)
    return [
        ("NAV per share", f"{shown(report.nav_per_share, 18)} {symbol}"),
        (
            "NAV bid / mid / ask",
            " / ".join(shown(value, decimals, 2) for value in (report.bid, report.mid, report.ask))
            + f" {symbol}",
        ),
        ("leverage", f"{leverage}, target {state.multiple}x"),
        *([("health", _health(system))] if report.usable else []),
        ("exposure", f"{shown(report.exposure, decimals, 2)} {symbol}"),
        ("index level", _since(report.level, state.reset.level)),
        (
            "rebalance",
            f"due ({due}), pays {shown(report.reward, decimals)} {symbol}"
            if due
            else _next(report),
        ),
        *round_trip_rows(present(system, report)),
        ("", ""),
    ]


def _health(system: System) -> str:
    health = system.venue.health(system.vault)
    return "no position" if health is None else f"{shown(health, 18, 4)}, liquidated below 1"


def _since(level: int, before: int) -> str:
    return f"{shown(level, 18)}, {percent(level * WAD // before - WAD)} since the last reset"


def _next(report: Any) -> str:
    if report.state.supply == 0:
        return "not due: no shares exist"
    moment = next_event(report, report.timestamp)
    if moment is None:
        return "not due"
    return f"not due, next {utc(moment)} (in {span(moment - report.timestamp)})"


def _stored(system: System, report: Any) -> Rows:
    decimals, symbol = system.decimals, system.collateral_symbol
    state = report.state
    flows, fee, reset = state.flows, state.fee, state.reset
    return [
        ("supply", f"{shown(state.supply, SHARE_DECIMALS)} shares"),
        ("NAV cap", f"{shown(state.nav_cap, decimals, 0)} {symbol} after a mint"),
        ("unhedged", f"{shown(flows.unhedged, decimals)} {symbol}"),
        ("hedge reserve", f"{shown(flows.reserve, decimals)} {symbol}"),
        ("last reset", f"{utc(reset.at)} at {shown(reset.nav_per_share, 18)} {symbol} a share"),
        (
            "fees",
            f"mint {state.parameters.mint_fee_bps} bp, redeem "
            f"{state.parameters.redeem_fee_bps} bp, "
            f"{percent(fee.rate * SECONDS_PER_YEAR).lstrip('+')} a year to {fee.recipient}",
        ),
        ("", ""),
    ]


def _show_components(out: Output, system: System, report: Any, feeds: list[FeedState]) -> None:
    heads = ("asset", "USD", "age", "second", "price", "±bp", "short", "value")
    rows = []
    for place, symbol in enumerate((*system.symbols, system.collateral_symbol)):
        own = [feed for feed in feeds if feed.symbol == symbol]
        second = own[1].state if len(own) > 1 else "none"
        cells = [symbol, own[0].answer or "fails", _age(own[0]), second]
        rows.append([*cells, *_holding(system, report, place)])
    out.grid(heads, rows, "components")


def _age(feed: FeedState) -> str:
    if feed.age is None:
        return ""
    return span(feed.age) + (" stale" if feed.state == "stale" else "")


def _holding(system: System, report: Any, place: int) -> list[str]:
    if place == len(system.symbols) or not report.prices.mid[place]:
        return [""] * 4
    mid, short = report.prices.mid[place], report.held.shorts[place]
    value = short * mid // WAD * system.unit // WAD
    return [
        shown(mid, 18, 4),
        shown(report.prices.spread[place], 14, 1),
        shown(short, 18, 4),
        shown(value, system.decimals, 2),
    ]


def _position(system: System, report: Any, position: Any) -> Rows:
    decimals, symbol = system.decimals, system.collateral_symbol
    rows = [("shares", shown(position.shares, SHARE_DECIMALS))]
    if report.usable or Mode(report.state.mode) == Mode.SETTLED:
        rows += [
            ("worth at mid", f"{shown(position.worth, decimals)} {symbol}"),
            ("redeemable now", f"{shown(position.max_redeem, SHARE_DECIMALS)} shares"),
            ("can still mint", f"{shown(position.max_deposit, decimals, 2)} {symbol}"),
        ]
    return [
        *rows,
        ("collateral", f"{exact(position.collateral, decimals)} {symbol}"),
        ("allowance", f"{exact(position.allowance, decimals)} {symbol}"),
    ]
