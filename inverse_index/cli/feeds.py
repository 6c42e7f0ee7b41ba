# SPDX-License-Identifier: AGPL-3.0-only
"""What the feeds behind an oracle show, whether usable or not."""

from __future__ import annotations

from dataclasses import dataclass

from ..artifacts import artifact
from ..chain import Contract, Reverted
from ..config.fields import ZERO_ADDRESS
from ..config.units import format_units
from ..deployment import System
from ..errors import Unreachable, UserError


@dataclass(frozen=True)
class FeedState:
    """One feed of one asset. age in seconds; answer in USD as text, "" when the
    call fails. heartbeat: the age at which it counts as stale."""

    symbol: str
    which: str
    address: str
    answer: str
    age: int | None
    heartbeat: int

    @property
    def state(self) -> str:
        if self.age is None:
            return "fails"
        if self.answer.startswith("-") or self.answer == "0":
            return "not positive"
        return "stale" if self.age > self.heartbeat else "fresh"


def read_feeds(system: System, now: int) -> list[FeedState]:
    """All feeds, component by component, the collateral's last."""
    found = []
    for place, symbol in enumerate((*system.symbols, system.collateral_symbol)):
        asset = system.oracle.asset(place)
        for which, address, heartbeat, decimals in (
            ("primary", asset.primary, asset.primary_heartbeat, asset.primary_decimals),
            ("secondary", asset.secondary, asset.secondary_heartbeat, asset.secondary_decimals),
        ):
            if address != ZERO_ADDRESS:
                answer, age = _latest(system, address, decimals, now)
                found.append(FeedState(symbol, which, address, answer, age, heartbeat))
    return found


def _latest(system: System, address: str, decimals: int, now: int) -> tuple[str, int | None]:
    feed = Contract(system.backend, address, artifact("BoardFeed").abi, "feed")
    try:
        _, answer, _, updated_at, _ = feed.latestRoundData()
    except Unreachable:
        raise
    except (Reverted, UserError):
        return "", None  # shown as failing
    return format_units(answer, decimals), now - updated_at
