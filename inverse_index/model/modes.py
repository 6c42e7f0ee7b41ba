# SPDX-License-Identifier: AGPL-3.0-only
"""The token's modes and the terms of its wind-down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from .fixed import BPS, MAX_UINT256

DAY = 86_400
BPS_WAD = 10**14
MAX_DOUBLINGS = 30
PATIENCE = 10 * DAY  # after it what owes more than it holds is given up
FAILED_PART = 100  # anyone may wind down below this part of the last N per share


class Mode(IntFlag):
    """As `IInverseIndexToken.Mode`."""

    ACTIVE = 1
    MINT_PAUSED = 2
    WINDING_DOWN = 4
    SETTLED = 8


@dataclass(slots=True)
class Control:
    """What decides on the mode; `winding_down_since` is unix seconds, 0 before."""

    paused: bool = False
    winding_down_since: int = 0
    settled: bool = False

    @property
    def mode(self) -> Mode:
        if self.settled:
            return Mode.SETTLED
        if self.winding_down_since:
            return Mode.WINDING_DOWN
        return Mode.MINT_PAUSED if self.paused else Mode.ACTIVE


def closing_bound_bps(slippage_bps: int, winding_down_since: int, now: int) -> int:
    """The slippage bound, doubled for every day of the wind-down."""
    return slippage_bps << min((now - winding_down_since) // DAY, MAX_DOUBLINGS)


def trade_bound(bound_bps: int) -> int:
    """WAD of the notional; none from twice the notional on."""
    return MAX_UINT256 if bound_bps >= 2 * BPS else bound_bps * BPS_WAD
