# SPDX-License-Identifier: AGPL-3.0-only
"""Flows one after another by the model, where a trade costs what is said."""

from __future__ import annotations

from dataclasses import replace

from inverse_index.model.policy.flow_plan import ENTERS, EXACT_OUT, Plan, finish
from inverse_index.model.policy.flow_terms import Flow, Kind

from .site import model_plan
from .snapshots import Snapshot, flow_targets

NOW = 1_704_067_200


def carried_out(kind: Kind, amount: int, s: Snapshot, cost: int) -> tuple[Plan, Flow, Snapshot]:
    """Its plan, its final terms, and the token after it; the vault quotes exactly."""
    plan = model_plan(kind, amount, s, NOW, cost)
    flow = plan.flow
    if flow.netted:
        cost = 0
    elif kind in EXACT_OUT:
        cost = min(cost, flow.charge)  # one more is refused
    if not flow.netted:
        flow = finish(plan, cost)
    return plan, flow, _after(s, plan, flow, cost)


def _after(s: Snapshot, plan: Plan, flow: Flow, cost: int) -> Snapshot:
    sign = 1 if plan.kind in ENTERS else -1
    shorts = s.held.shorts
    if not flow.netted:
        shorts = tuple(flow_targets(s, plan)[: s.components])
    idle = s.held.idle + sign * flow.assets - cost
    return replace(
        s,
        flows=plan.flows,
        held=replace(s.held, idle=idle, shorts=shorts),
        supply=s.supply + sign * flow.shares,
    )
