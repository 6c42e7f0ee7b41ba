# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed system beside its model, for tests: `harness = deploy_harness(chain, owner)`.

Every action on the harness is carried out on both, and `check()` compares all of
their state. Prices are USD with 8 decimals by symbol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.deployment import Given, Plan, System, deploy_system
from inverse_index.model.compare import mismatches
from inverse_index.model.system import FEE_RECIPIENT, SystemModel, build_model
from tests.support.constants import MAX_UINT256
from tests.support.plans import make_plan


@dataclass
class SystemHarness:
    """One system on the chain and its model."""

    chain: LocalBackend
    plan: Plan
    system: System
    model: SystemModel
    owner: str
    keeper: str
    prices: dict[str, int]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> Any:
        return self.system.token

    @property
    def now(self) -> int:
        return self.chain.now()

    def fund(self, holder: str, amount: int | None = None) -> str:
        """Give a holder collateral (1e9 whole units) and approve the token."""
        amount = 10**9 * self.system.unit if amount is None else amount
        self.system.give(holder, amount)
        self.system.collateral.approve(self.token, MAX_UINT256, sender=holder)
        self.names[holder] = holder
        return holder

    # the same action on both

    def deposit(self, assets: int, holder: str, **more: Any) -> Receipt:
        receipt = self.token.deposit(assets, holder, sender=holder, **more)
        self.model.token.deposit(assets, holder, receipt.timestamp)
        return receipt

    def mint(self, shares: int, holder: str) -> Receipt:
        receipt = self.token.mint(shares, holder, sender=holder)
        self.model.token.mint(shares, holder, receipt.timestamp)
        return receipt

    def withdraw(self, assets: int, holder: str) -> Receipt:
        receipt = self.token.withdraw(assets, holder, holder, sender=holder)
        self.model.token.withdraw(assets, holder, receipt.timestamp)
        return receipt

    def redeem(self, shares: int, holder: str, min_assets: int | None = None) -> Receipt:
        bound = () if min_assets is None else (min_assets,)
        receipt = self.token.redeem(shares, holder, holder, *bound, sender=holder)
        self.model.token.redeem(shares, holder, receipt.timestamp, min_assets)
        return receipt

    def rebalance(self) -> Receipt:
        receipt = self.token.rebalance(sender=self.keeper)
        self.model.token.rebalance(receipt.timestamp)
        return receipt

    def wind_down(self, sender: str | None = None) -> Receipt:
        """By the owner unless somebody else is named."""
        receipt = self.token.wind_down(sender=sender or self.owner)
        self.model.token.wind_down(receipt.timestamp, sender in (None, self.owner))
        return receipt

    def close(self) -> int:
        """Rebalance until the token is settled; how many it took."""
        for count in range(1, 200):
            self.chain.increase_time(self.plan.parameters.chunk_delay)
            self.rebalance()
            self.check()
            if self.model.token.settled:
                return count
        raise AssertionError("not settled after 200 chunks")

    def post(self, prices: Mapping[str, int]) -> None:
        """Post new prices; symbols left out keep theirs."""
        self.prices |= prices
        receipt = self.system.post_prices(self.prices, self.owner)
        self.model.post_prices(self.prices, receipt.timestamp)
        self.system.follow_prices(self.prices, self.owner)
        self.model.follow_prices(self.prices)

    def move(self, percent: int | Sequence[int], seconds: int = 0) -> None:
        """Let time pass, then move all components (or each) by percents."""
        if seconds:
            self.chain.increase_time(seconds)
        k = len(self.plan.symbols)
        each = [percent] * k if isinstance(percent, int) else percent
        symbols = self.plan.symbols
        self.post(
            {s: self.prices[s] * (100 + p) // 100 for s, p in zip(symbols, each, strict=True)}
        )

    # looking

    def report(self) -> Any:
        return self.system.report()

    def check(self) -> None:
        """Chain and model agree in every integer; nothing is lost."""
        balances = {name: self.token.balanceOf(holder) for holder, name in self.names.items()}
        balances[FEE_RECIPIENT] = self.token.balanceOf(self.owner)
        figures = self.system.venue.figures(self.system.vault)
        found = mismatches(self.model, self.report(), figures, self.now, balances)
        assert found == [], found
        assert self.model.venue.conservation_error() == 0

    def sound(self) -> None:
        """As `check`, and nothing in the venue or the vault that nobody owns."""
        self.check()
        system = self.system
        figures = system.venue.figures(system.vault)
        assert system.venue.leak(figures, system.collateral, system.vault) == 0
        assert system.collateral.balanceOf(system.vault) == system.vault.idle()


class SystemShortcuts:
    """Short names, for harnesses around a system harness `base`."""

    base: SystemHarness

    @property
    def chain(self) -> LocalBackend:
        return self.base.chain

    @property
    def token(self) -> Contract:
        return self.base.system.token

    @property
    def vault(self) -> Contract:
        return self.base.system.vault

    @property
    def collateral(self) -> Contract:
        return self.base.system.collateral

    @property
    def unit(self) -> int:
        return self.base.system.unit


def deploy_harness(
    chain: LocalBackend, owner: str, keeper: str, plan: Plan | None = None, secondaries: bool = True
) -> SystemHarness:
    """Deploy a plan with local parts and build its model. The owner has every
    role and receives the fees."""
    plan = plan or make_plan()
    given = Given(secondaries=secondaries)
    system = deploy_system(chain, plan, owner, given)
    model = build_model(plan, chain.now(), secondaries, system.venue.order)
    return SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))
