# SPDX-License-Identifier: AGPL-3.0-only
"""What going in and out at once costs: both fees, or both trades, and the spread of the
prices in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..model.fixed import BPS, WAD, ceil_div
from ..model.oracle.prices import combined_up
from ..model.token.modes import Mode
from ..plan.aave import AavePlan
from ..plan.deployment import Plan
from .system import System

PIPS = 10**6


@dataclass(frozen=True)
class RoundTrip:
    """Parts of what is paid in, WAD, rounded up: of flows that both net, and of flows that
    both trade at once, without what trades move the venue or have moved it."""

    netted: int
    hedged: int

    @property
    def text(self) -> str:
        """As in "1.29% netted, 1.39% hedged at once"."""
        netted, hedged = (f"{part / 10**16:.2f}%" for part in (self.netted, self.hedged))
        return f"{netted} netted, {hedged} hedged at once"


def round_trip_up(
    fees_bps: tuple[int, int],
    leverage: int,
    weights: Sequence[int],
    half_spreads: Sequence[int],
    venue_fees: Sequence[int],
) -> RoundTrip:
    """What is left of one, after both fees, is (1 - E / N * spread) / (1 + E / N * spread).

    fees_bps: of mint and redemption. leverage: E / N. weights: parts of the exposure.
    half_spreads: of component and collateral together. venue_fees: of a component's
    trade. All WAD.
    """
    spread = leverage * _mean_up(weights, half_spreads) // WAD
    trade = leverage * _mean_up(weights, venue_fees) // WAD
    flat = [fee * WAD // BPS for fee in fees_bps]

    def cost_up(charges: Sequence[int]) -> int:
        left = max(WAD - spread, 0) * WAD // (WAD + spread)
        for charge in charges:
            left = left * max(WAD - charge, 0) // WAD
        return WAD - left

    return RoundTrip(cost_up(flat), cost_up([max(fee, trade) for fee in flat]))


def planned(plan: Plan) -> RoundTrip:
    """Of a token at its multiple, while the oracle's spreads are at their floors."""
    p = plan.parameters
    collateral = plan.min_spreads[plan.collateral_symbol]
    return round_trip_up(
        (p.mint_fee_bps, p.redeem_fee_bps),
        plan.multiple * WAD,
        plan.weights,
        [combined_up(plan.min_spreads[symbol], collateral) for symbol in plan.symbols],
        _planned_fees(plan),
    )


def present(system: System, report: Any) -> RoundTrip | None:
    """Of a deployed token now; None while nobody can go in for want of prices, and once it
    winds down."""
    state, prices = report.state, report.prices
    if not report.usable or prices.restriction or Mode(state.mode) >= Mode.WINDING_DOWN:
        return None
    count = len(system.symbols)
    worths = [report.composition.units[i] * prices.mid[i] for i in range(count)]
    p = state.parameters
    leverage = report.exposure * WAD // report.mid if report.mid else state.multiple * WAD
    return round_trip_up(
        (p.mint_fee_bps, p.redeem_fee_bps),
        leverage or state.multiple * WAD,
        [worth * WAD // sum(worths) for worth in worths],
        prices.spread[:count],
        system.venue.fees(system.vault, prices.mid, system.unit),
    )


def _mean_up(weights: Sequence[int], values: Sequence[int]) -> int:
    return ceil_div(sum(w * v for w, v in zip(weights, values, strict=True)), WAD)


def _planned_fees(plan: Plan) -> list[int]:
    """Of a trade of each component, WAD."""
    if not isinstance(plan.venue, AavePlan):
        return [market.taker_fee for market in plan.venue.markets]
    fees = {pool.symbol: pool.fee for pool in plan.venue.pools}
    return [
        sum(fees[name] for name in component.pool.path) * WAD // PIPS
        for component in plan.venue.components
    ]
