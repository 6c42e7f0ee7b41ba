# SPDX-License-Identifier: AGPL-3.0-only
"""A flow before its trade and after it: the module `flow_plan` of the contracts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ... import reasons
from ..fixed import BPS, require, tdiv
from ..token import nav
from . import exit_split
from .flow_terms import COST, Flow, Kind, Terms, flow_of, mint_at, withdraw_at
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
    granularity: int
    holdings: int = 0
    kept: int = 0
    kept_fee: int = 0
    sharing: int = 0

    @property
    def left(self) -> int:
        """Shares that stay."""
        return max(self.terms.supply - self.flow.shares, 0)


Quote = Callable[[Plan], int]  # the loss of a plan's trade, as the vault quotes it


def plan_flow(
    kind: Kind,
    terms: Terms,
    flows: Flows,
    holdings: int,
    granularity: int,
    amount: int,
    now: int,
    quote: Quote,
) -> Plan:
    """What a flow is to do; `flow` is final when it nets.

    holdings: idle plus equity before the flow. granularity: of the venue's trades,
    collateral.
    """
    flow = flow_of(kind, terms, amount)
    enters = kind in ENTERS
    require(kind != Kind.REDEEM or amount <= terms.supply, BALANCE)
    flows = observed(terms, flows, now)
    plan = Plan(kind, flow, flows, False, flow.assets if enters else 0, terms, granularity)
    if terms.settled:
        return plan
    if flow.netted:
        size = flow.size if enters else -flow.size
        return replace(plan, flows=recorded(terms, flows, size, flow.charge, now))
    if enters:
        grown = scaled(flows, terms.bid + flow.size, terms.bid) if terms.within_band else flows
        plan = replace(plan, flows=grown)
        if kind == Kind.MINT:
            flow = mint_at(terms, flow, _cost_up(plan, quote))
            plan = replace(plan, flow=flow, incoming=flow.assets)
        return plan
    plan = replace(plan, holdings=holdings)
    if kind == Kind.WITHDRAW:
        cost = _cost_up(plan, quote)
        free = not terms.restriction
        fewest = exit_split.fewest_up(terms, holdings, flow, cost) if free else terms.supply
        plan = replace(plan, flow=withdraw_at(terms, flow, cost, fewest))
    if plan.left == 0:
        return replace(plan, emptied=True, flows=Flows())
    return replace(
        plan,
        flows=exited(flows, plan.left, terms.supply),
        kept=exit_split.ALL
        if terms.restriction
        else exit_split.kept_up(terms, holdings, plan.left),
        kept_fee=0 if terms.restriction else exit_split.kept_fee_up(terms, plan.left),
        sharing=0 if terms.restriction else exit_split.sharing_down(terms, plan.left),
    )


def _cost_up(plan: Plan, quote: Quote) -> int:
    """Of an exact-out flow's trade, with the granularity of the venue's, at most the
    slippage bound."""
    return min(quote(plan) + plan.granularity, plan.flow.charge)


def finish(plan: Plan, cost: int) -> Flow:
    """A hedged flow's final terms: the larger of its charge and its trade's cost."""
    flow, terms = plan.flow, plan.terms
    exits = plan.kind not in ENTERS and not plan.emptied
    loss = cost - (allowance_down(terms, flow.shares) if exits else 0)
    if plan.kind in EXACT_OUT:
        require(loss <= flow.charge, COST)
        return flow
    charge = max(flow.charge, loss)
    if plan.kind == Kind.DEPOSIT:
        require(charge <= flow.assets, COST)
        shares = nav.shares_down(flow.assets - charge, terms.bid, terms.supply, terms.virtual)
        return replace(flow, charge=charge, shares=shares)
    gain = exit_split.kept_gain_up(max(-cost, 0), terms.supply, plan.left, plan.sharing)
    shared = max(plan.kept_fee, gain)
    paid = max(flow.size - charge, plan.holdings - cost - plan.kept - shared)
    if plan.emptied:
        paid = max(plan.holdings - cost, 0)
    require(paid >= 0, COST)
    return replace(flow, charge=max(flow.size - paid, 0), assets=paid)


def observed(terms: Terms, flows: Flows, now: int) -> Flows:
    """With the present time if the leverage without what waits is in its band."""
    hedged = nav.hedged(terms.net, terms.unhedged)
    within = nav.within_band(terms.exposure, hedged, terms.multiple, terms.p.band_bps)
    return replace(flows, in_band_at=now) if within else flows


def reserve_down(flows: Flows, size: int, fee: int) -> int:
    """The fees of the flows that still wait."""
    before, after, moved = abs(flows.unhedged), abs(flows.unhedged + size), abs(size)
    if after == before + moved:
        return flows.reserve + fee
    if moved < before:
        return flows.reserve * after // before
    return fee * after // moved


def recorded(terms: Terms, flows: Flows, size: int, fee: int, now: int) -> Flows:
    """The record after a netted flow."""
    unhedged = flows.unhedged + size
    since = flows.netting_since or now
    if abs(unhedged) * BPS <= max(terms.net + size, 0) * terms.p.tolerance_bps:
        since = 0
    reserve = reserve_down(flows, size, fee)
    return replace(flows, unhedged=unhedged, reserve=reserve, netting_since=since)


def scaled(flows: Flows, numerator: int, denominator: int) -> Flows:
    """The record after a hedged flow."""
    if not flows.unhedged:
        return flows
    return replace(flows, unhedged=tdiv(flows.unhedged * numerator, denominator))


def exited(flows: Flows, left: int, supply: int) -> Flows:
    """The record after a hedged exit or one in kind: what waits, and the fees that
    pay for it, in proportion."""
    return replace(scaled(flows, left, supply), reserve=flows.reserve * left // supply)
