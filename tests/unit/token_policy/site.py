# SPDX-License-Identifier: AGPL-3.0-only
"""The policy between a vault and an oracle, and the model's plan beside its own."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from inverse_index import reasons
from inverse_index.model.fixed import require
from inverse_index.model.policy.flow_plan import ENTERS, Plan, plan_flow
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.token import nav

from .snapshots import TYPICAL, Snapshot, flow_targets


@dataclass(frozen=True)
class Site:
    """The vault is a `LateVault`: it quotes what it is told to, else nothing exact."""

    policy: Any
    vault: Any
    oracle: str
    caller: str

    @property
    def now(self) -> int:
        return int(self.policy.backend.block_timestamp())

    def quote(self, cost: int, exact: bool = True) -> None:
        """Let the vault quote this from now on."""
        self.vault.set_quote(cost, exact, sender=self.caller)

    def at(self, s: Snapshot) -> Snapshot:
        """The snapshot of a token with this vault and oracle."""
        return replace(s, vault=self.vault, oracle=self.oracle)

    def plan(self, kind: Kind, amount: int, s: Snapshot = TYPICAL) -> Any:
        """The contract's."""
        return self.policy.plan(int(kind), self.at(s).abi, amount)

    def expected(self, kind: Kind, amount: int, s: Snapshot = TYPICAL) -> Plan:
        """The model's, with what the vault quotes now, and its refusals."""
        if kind in ENTERS:
            s.terms.check_mint()
        cost, exact = self.vault.quote([0] * 10, [0] * 10, 0)
        plan = model_plan(kind, amount, s, self.now, cost if exact else None)
        if kind in ENTERS:
            require(s.supply + plan.flow.shares <= nav.MAX_SHARES, reasons.TOKEN_SHARES)
        return plan

    def planned(self, kind: Kind, amount: int, s: Snapshot = TYPICAL) -> Any:
        """The flow of the contract's plan; all of the plan is the model's."""
        found = self.plan(kind, amount, s)
        same(found, self.expected(kind, amount, s), s)
        return found.flow


def model_plan(kind: Kind, amount: int, s: Snapshot, now: int, quoted: int | None) -> Plan:
    """Where nothing is quoted exactly, a trade is taken to cost its slippage bound."""

    def cost(plan: Plan) -> int:
        if quoted is not None:
            return quoted
        targets = flow_targets(s, plan)[: s.components]
        traded = nav.turnover_up(s.held.shorts, targets, s.prices.mid, s.virtual)
        return s.terms.bound_cost_up(traded)

    return plan_flow(kind, s.terms, s.flows, s.holdings, granularity(s), amount, now, cost)


def granularity(s: Snapshot) -> int:
    """Of a `LateVault` of one component, whose trades are of one unit, collateral."""
    return nav.granularity_up(s.prices.mid, [1] + [0] * (s.components - 1), s.virtual)


def same(found: Any, expected: Plan, s: Snapshot) -> None:
    """Every field of a plan."""
    assert tuple(found.flow) == astuple(expected.flow)
    assert tuple(found.flows) == astuple(expected.flows)
    assert (found.kind, found.emptied) == (expected.kind, expected.emptied)
    assert (found.incoming, found.kept) == (expected.incoming, expected.kept)
    assert found.targets == flow_targets(s, expected)
    assert found.holdings == expected.holdings
    assert (found.bid, found.supply, found.virtual) == (s.terms.bid, s.supply, s.virtual)
