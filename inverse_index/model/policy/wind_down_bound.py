# SPDX-License-Identifier: AGPL-3.0-only
"""The terms of a wind-down: when it may start, and how far its trades may slip."""

from __future__ import annotations

from ..fixed import BPS, MAX_UINT256

DAY = 86_400
BPS_WAD = 10**14
MAX_DOUBLINGS = 30
PATIENCE = 10 * DAY  # after it what owes more than it holds is given up
FAILED_PART = 100  # anyone may wind down below this part of the last N and N per share
FEW = 1_000  # shares per virtual share below which a loss per share tells nothing


def wind_down_bound_bps(slippage_bps: int, winding_down_since: int, now: int) -> int:
    """The slippage bound, doubled for every day of the wind-down."""
    return slippage_bps << min((now - winding_down_since) // DAY, MAX_DOUBLINGS)


def trade_bound(bound_bps: int) -> int:
    """WAD of the notional; none from twice the notional on."""
    return MAX_UINT256 if bound_bps >= 2 * BPS else bound_bps * BPS_WAD
