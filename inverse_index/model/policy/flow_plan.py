# SPDX-License-Identifier: AGPL-3.0-only
"""A flow before its trade and after it: the module `flow_plan` of the contracts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ... import reasons
from ..fixed import BPS, require, tdiv
from ..token import nav
from .flow_terms import COST, Flow, Kind, Terms, flow_of
from .step_guard import allowance_down
from .triggers import Flows

BALANCE = reasons.TOKEN_BALANCE
ENTERS = (Kind.DEPOSIT, Kind.MINT)
EXACT_OUT = (Kind.MINT, Kind.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Plan:
    """As `ITokenPolicy.Plan`; the shorts to trade to are the token's to say."""

    kind: Kind
    flow: Flow
    flows: Flows
    emptied: bool
    incoming: int
    terms: Terms

    @property
    def left(self) -> int:
        """Shares that stay."""
        return max(self.terms.supply - self.flow.shares, 0)


def plan_flow(kind: Kind, t: Terms, flows: Flows, amount: int, now: int) -> Plan:
    """What a flow is to do; `flow` is final when it nets."""
    flow = flow_of(kind, t, amount)
    enters = kind in ENTERS
    require(kind != Kind.REDEEM or amount <= t.supply, BALANCE)
    plan = Plan(kind, flow, flows, False, flow.assets if enters else 0, t)
    if t.settled:
        return plan
    if flow.netted:
        size = flow.size if enters else -flow.size
        return replace(plan, flows=recorded(t, flows, size, flow.charge, now))
    if enters:
        grown = scaled(flows, t.bid + flow.size, t.bid) if t.within_band else flows
        return replace(plan, flows=grown)
    if plan.left == 0:
        return replace(plan, emptied=True, flows=Flows())
    return replace(plan, flows=scaled(flows, plan.left, t.supply))


def finish(plan: Plan, cost: int, holdings: int) -> Flow:
    """A hedged flow's final terms: the larger of its charge and its trade's cost.

    holdings: idle plus equity before the flow.
    """
    flow, t = plan.flow, plan.terms
    if plan.kind not in ENTERS and not plan.emptied:
        cost = max(cost - allowance_down(t, flow.shares), 0)
    if plan.kind in EXACT_OUT:
        require(cost <= flow.charge, COST)
        return flow
    if plan.emptied:
        return replace(flow, charge=0, assets=max(holdings - cost, 0))
    charge = max(flow.charge, cost)
    if plan.kind == Kind.DEPOSIT:
        require(charge <= flow.assets, COST)
        shares = nav.shares_down(flow.assets - charge, t.bid, t.supply, t.virtual)
        return replace(flow, charge=charge, shares=shares)
    require(charge <= flow.size, COST)
    return replace(flow, charge=charge, assets=flow.size - charge)


def recorded(t: Terms, flows: Flows, size: int, fee: int, now: int) -> Flows:
    """The record after a netted flow."""
    unhedged = flows.unhedged + size
    since = flows.netting_since or now
    if abs(unhedged) * BPS <= max(t.net + size, 0) * t.p.tolerance_bps:
        since = 0
    return Flows(unhedged, flows.reserve + fee, since)


def scaled(flows: Flows, numerator: int, denominator: int) -> Flows:
    """The record after a hedged flow."""
    if not flows.unhedged:
        return flows
    return replace(flows, unhedged=tdiv(flows.unhedged * numerator, denominator))
