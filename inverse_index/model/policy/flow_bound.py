# SPDX-License-Identifier: AGPL-3.0-only
"""The slippage bound of a flow's trade: the module `flow_bound`."""

from __future__ import annotations

from ..fixed import BPS, ceil_div
from ..oracle.prices import Prices

BPS_WAD = 10**14
MOST_BPS = 10**10


def bound_bps_up(slippage_bps: int, prices: Prices) -> int:
    """Counted from the ask while prices are restricted; at most a millionfold of the notional."""
    if not prices.restriction:
        return slippage_bps
    spread_bps = ceil_div(max(prices.spread), BPS_WAD)
    together = ceil_div(slippage_bps * spread_bps, BPS)
    return min(slippage_bps + spread_bps + together, MOST_BPS)


def bound_cost_up(notional: int, bound_bps: int, components: int) -> int:
    """The most that a trade within the bound may cost."""
    return ceil_div(notional * bound_bps, BPS) + components + 2
