# SPDX-License-Identifier: AGPL-3.0-only
"""The state of a token as plain values: amounts and ratios are exact decimal
strings in human units, times unix seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..config.units import MAX_UINT256
from ..deployment import System
from ..deployment.round_trip import present
from ..keeper.decide import next_event
from ..model.oracle.prices import Restriction
from ..model.policy.triggers import Trigger
from ..model.token.modes import Mode
from .amounts import SHARE_DECIMALS
from .ending import is_valued, mode_text
from .feeds import FeedState
from .flows import round_trip_values
from .output import exact


def status_values(
    system: System,
    report: Any,
    reason: str,
    feeds: list[FeedState],
    holder: str | None,
    position: Any,
) -> dict[str, Any]:
    """Values that need a price are null while prices are unusable."""
    values: dict[str, Any] = {
        "name": system.name,
        "token": system.token.address,
        "periphery": system.periphery(),
        "time": report.timestamp,
        "block": report.block,
        "mode": mode_text(report.state.mode).replace(" ", "_"),
        "usable": report.usable,
        "reason": reason or None,
        **_priced(system, report),
        **_stored(system, report),
        "components": [_component(report, i, s) for i, s in enumerate(system.symbols)],
        "feeds": [asdict(feed) | {"state": feed.state} for feed in feeds],
    }
    if position is not None:
        values["holder"] = _position(system, report, str(holder), position)
    return values


def _priced(system: System, report: Any) -> dict[str, Any]:
    def collateral(amount: int) -> str | None:
        return exact(amount, system.decimals) if is_valued(report) else None

    def wad(value: int) -> str | None:
        return exact(value, 18) if is_valued(report) and value != MAX_UINT256 else None

    health = system.venue.health(system.vault) if report.usable else None
    return {
        "nav_bid": collateral(report.bid),
        "nav_mid": collateral(report.mid),
        "nav_ask": collateral(report.ask),
        "nav_per_share": wad(report.nav_per_share),
        "exposure": collateral(report.exposure),
        "leverage": wad(report.leverage),
        "health": None if health is None else exact(health, 18),
        "index_level": wad(report.level),
        "prices_at": (report.prices.updated_at or None) if report.usable else None,
        "restrictions": _names(Restriction, report.prices.restriction),
        "triggers": _names(Trigger, report.triggers),
        "reward": collateral(report.reward),
        "next_due": next_event(report, report.timestamp),
        "round_trip": round_trip_values(present(system, report)),
    }


def _stored(system: System, report: Any) -> dict[str, Any]:
    state = report.state
    return {
        "multiple": state.multiple,
        "supply": exact(state.supply, SHARE_DECIMALS),
        "nav_cap": exact(state.nav_cap, system.decimals),
        "unhedged": exact(state.flows.unhedged, system.decimals),
        "reserve": exact(state.flows.reserve, system.decimals),
        "fee": {"rate_per_second": exact(state.fee.rate, 18), "recipient": state.fee.recipient},
        "parameters": state.parameters._asdict(),
        "last_reset": {
            "epoch": state.reset.epoch,
            "at": state.reset.at,
            "chunk_due_at": state.reset.chunk_due_at or None,
            "nav": exact(state.reset.nav, system.decimals),
            "level": exact(state.reset.level, 18),
            "nav_per_share": exact(state.reset.nav_per_share, 18),
        },
    }


def _component(report: Any, place: int, symbol: str) -> dict[str, Any]:
    usable = report.prices.mid[place] != 0
    return {
        "symbol": symbol,
        "units": exact(report.composition.units[place], 18),
        "price": exact(report.prices.mid[place], 18) if usable else None,
        "half_spread": exact(report.prices.spread[place], 18) if usable else None,
        "short": exact(report.held.shorts[place], 18) if usable else None,
    }


def _position(system: System, report: Any, holder: str, position: Any) -> dict[str, Any]:
    usable = report.usable or Mode(report.state.mode) == Mode.SETTLED
    return {
        "address": holder,
        "shares": exact(position.shares, SHARE_DECIMALS),
        "collateral": exact(position.collateral, system.decimals),
        "allowance": exact(position.allowance, system.decimals),
        "worth": exact(position.worth, system.decimals) if usable else None,
        "max_deposit": exact(position.max_deposit, system.decimals) if usable else None,
        "max_redeem": exact(position.max_redeem, SHARE_DECIMALS) if usable else None,
    }


def _names(kind: Any, value: int) -> list[str]:
    return [member.name.lower() for member in kind if member & value]
