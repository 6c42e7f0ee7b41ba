# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper's events in words, and as values for machines."""

from __future__ import annotations

from typing import Any

from ..deployment import System
from .output import exact, percent, shown, span, utc

_COLLATERAL = ("reward", "cost", "gas_cost")
_WAD = (
    "leverage_before",
    "leverage_after",
    "index_return",
    "token_return",
    "tracking_difference",
)


def machine(event: dict[str, Any], system: System) -> dict[str, Any]:
    """Amounts and ratios as exact decimal strings; the rest as it is."""
    values = dict(event)
    for name in _COLLATERAL:
        if values.get(name) is not None:
            values[name] = exact(values[name], system.decimals)
    for name in _WAD:
        if name in values:
            values[name] = exact(values[name], 18)
    return values


def human(event: dict[str, Any], system: System) -> str:
    """One line."""
    at = f"{utc(event['time'])}  " if "time" in event else ""
    return at + _text(event, system)


def _text(event: dict[str, Any], system: System) -> str:
    kind, symbol, decimals = event["event"], system.collateral_symbol, system.decimals

    def amount(name: str) -> str:
        return f"{shown(event[name], decimals)} {symbol}"

    if kind == "rebalanced":
        rest = "" if event["complete"] else "; a part, the rest follows"
        return (
            f"rebalanced ({event['why']}): leverage {shown(event['leverage_before'], 18, 4)} -> "
            f"{shown(event['leverage_after'], 18, 4)}, index {percent(event['index_return'])}, "
            f"token {percent(event['token_return'])}, cost {amount('cost')}, "
            f"reward {amount('reward')}, {event['gas_used']:,} gas{rest}"
        )
    if kind == "settled":
        return "settled: nothing is left to close, redemptions need no price"
    if kind == "would rebalance":
        gas = "" if event["gas_cost"] is None else f", gas about {amount('gas_cost')}"
        return f"would rebalance ({event['why']}): reward {amount('reward')}{gas}"
    if kind == "wait":
        until = event["until"]
        when = "" if until is None else f" until {utc(until)} (in {span(until - event['time'])})"
        return f"wait{when}: {event['why']}"
    if kind == "end":
        unmined = f"; not mined yet: {', '.join(event['unmined'])}" if event["unmined"] else ""
        return (
            f"ended after {span(event['seconds'])}: {event['rounds']} looks, "
            f"{event['rebalances']} rebalances, {amount('reward')} earned, "
            f"{event['gas_used']:,} gas, {event['failures']} failures{unmined}"
        )
    if kind in ("sent", "replaced"):
        return f"{kind} {event['tx']} (number {event['nonce']}, up to {_gwei(event)})"
    if kind == "underpriced":
        return f"number {event['nonce']} waits already, {_gwei(event)} is too little to replace it"
    if kind == "retry" and "seconds" in event:
        return f"again in {event['seconds']:.0f} s: {event['why']}"
    return f"{kind}: {event['why']}"


def _gwei(event: dict[str, Any]) -> str:
    return f"{event['max_fee'] / 10**9:g} gwei"
