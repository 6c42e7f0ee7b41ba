# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed system and its model: each action is carried out on both and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from .chain import LocalBackend, Receipt
from .deployment import Given, Plan, System, deploy_system
from .deployment.reading import balances_of
from .model.compare import Mismatch, mismatches
from .model.policy.flow_terms import Flow, Kind
from .model.system import FEE_RECIPIENT, SystemModel, build_model

FUNDING = 10**9  # whole collateral
MAX_UINT256 = 2**256 - 1


@dataclass(frozen=True)
class Comparison:
    """leak: what the chain holds against what it owes, in the smallest units; 0 is sound."""

    found: list[Mismatch]
    leak: int


@dataclass
class Twin:
    """One system on a local chain beside its model.

    prices: USD with 8 decimals by symbol, as posted last. names: how the model calls the
    holders, by address; the owner receives the streaming fee. result: the model's of the
    last action. differing_events: what the next comparison reports of the actions before.
    """

    chain: LocalBackend
    plan: Plan
    system: System
    model: SystemModel
    owner: str
    keeper: str
    prices: dict[str, int]
    names: dict[str, str] = field(default_factory=dict)
    result: Any = None
    differing_events: list[Mismatch] = field(default_factory=list)

    @classmethod
    def deploy(
        cls, chain: LocalBackend, plan: Plan, owner: str, keeper: str, secondaries: bool = True
    ) -> Self:
        """Deploy a plan with local parts and build its model. The owner has every role."""
        system = deploy_system(chain, plan, owner, Given(secondaries=secondaries))
        model = build_model(plan, chain.now(), secondaries, system.venue.order)
        return cls(chain, plan, system, model, owner, keeper, dict(plan.prices))

    @property
    def token(self) -> Any:
        return self.system.token

    @property
    def now(self) -> int:
        """Time of the next action."""
        return self.chain.now()

    def fund(self, holder: str, amount: int | None = None, name: str | None = None) -> str:
        """Give a holder collateral (1e9 whole units) and approve the token."""
        self.system.give(holder, FUNDING * self.system.unit if amount is None else amount)
        self.system.collateral.approve(self.token, MAX_UINT256, sender=holder)
        self.names[holder] = holder if name is None else name
        return holder

    # actions on both

    def deposit(self, assets: int, holder: str, **more: Any) -> Receipt:
        return self.flow(Kind.DEPOSIT, assets, holder, **more)

    def mint(self, shares: int, holder: str) -> Receipt:
        return self.flow(Kind.MINT, shares, holder)

    def withdraw(self, assets: int, holder: str) -> Receipt:
        return self.flow(Kind.WITHDRAW, assets, holder)

    def redeem(self, shares: int, holder: str, min_assets: int | None = None) -> Receipt:
        """min_assets stands for the token's own slippage bound."""
        return self.flow(Kind.REDEEM, shares, holder, min_assets)

    def flow(
        self, kind: Kind, amount: int, holder: str, min_assets: int | None = None, **more: Any
    ) -> Receipt:
        """A holder deposits, mints, withdraws or redeems for itself."""
        action = self.token.method(str(kind.name).lower())
        outgoing = kind in (Kind.WITHDRAW, Kind.REDEEM)
        parties = (holder, holder) if outgoing else (holder,)
        bound = () if min_assets is None else (min_assets,)
        receipt: Receipt = action(amount, *parties, *bound, sender=holder, **more)
        done = self.modelled(kind, amount, holder, receipt.timestamp, min_assets)
        event = "Withdraw" if outgoing else "Deposit"
        self._compare_event(receipt, event, {"assets": done.assets, "shares": done.shares})
        self.result = done
        return receipt

    def modelled(
        self, kind: Kind, amount: int, holder: str, now: int, min_assets: int | None = None
    ) -> Flow:
        """A flow on the model alone."""
        name, token = self.names.get(holder, holder), self.model.token
        if kind == Kind.DEPOSIT:
            return token.deposit(amount, name, now)
        if kind == Kind.MINT:
            return token.mint(amount, name, now)
        if kind == Kind.WITHDRAW:
            return token.withdraw(amount, name, now)
        return token.redeem(amount, name, now, min_assets)

    def rebalance(self) -> Receipt:
        """By the keeper. The result is None where nothing was left to close."""
        receipt: Receipt = self.token.rebalance(sender=self.keeper)
        done = self.model.token.rebalance(receipt.timestamp)
        if done is not None:
            wanted = {each.name: getattr(done, each.name) for each in fields(done)}
            self._compare_event(receipt, "Rebalanced", wanted)
        self.result = done
        return receipt

    def wind_down(self, sender: str | None = None) -> Receipt:
        """By the owner unless somebody else is named."""
        receipt: Receipt = self.token.wind_down(sender=sender or self.owner)
        self.model.token.wind_down(receipt.timestamp, sender in (None, self.owner))
        self.result = None
        return receipt

    def liquidate(self, symbol: str, now: int) -> None:
        """Somebody repays the vault's debt of a component, for its collateral."""
        self.system.venue.liquidate(symbol, self.system.vault, self.keeper)
        self.model.venue.liquidate(symbol, now)

    def post(self, prices: Mapping[str, int]) -> None:
        """Post new prices, and let the venue's own market follow; symbols left out keep
        theirs."""
        self.prices |= prices
        receipt = self.system.post_prices(self.prices, self.owner)
        self.model.post_prices(self.prices, receipt.timestamp)
        self.system.follow_prices(self.prices, self.owner)
        self.model.follow_prices(self.prices)

    # comparing

    def compare_state(self, now: int) -> list[Mismatch]:
        """The token's whole state, in one call."""
        return [*self._events(), *mismatches(self.model, self.system.report(), None, now)]

    def compare(self, now: int) -> Comparison:
        """Also the venue's books, every balance, and that nothing is lost."""
        system = self.system
        figures = system.venue.figures(system.vault)
        shares = balances_of(self.chain, system.token, [*self.names, self.owner])
        balances = dict(zip([*self.names.values(), FEE_RECIPIENT], shares, strict=True))
        report = system.report()
        leak = max(
            system.venue.leak(figures, system.collateral, system.vault),
            abs(report.total_supply - sum(shares)),
        )
        found = [*self._events(), *mismatches(self.model, report, figures, now, balances)]
        return Comparison(found, leak)

    def _events(self) -> list[Mismatch]:
        found, self.differing_events = self.differing_events, []
        return found

    def _compare_event(self, receipt: Receipt, name: str, wanted: Mapping[str, Any]) -> None:
        event = [each for each in receipt.events(self.system.token) if each.name == name][-1]
        self.differing_events += [
            Mismatch(f"event {name} {part}", event.args[part], value)
            for part, value in wanted.items()
            if event.args[part] != value
        ]
