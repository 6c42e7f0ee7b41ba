# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed system beside its model, for tests: `harness = deploy_harness(chain, owner)`.

Every action on the harness is carried out on both, and `check()` compares all of
their state. Prices are USD with 8 decimals by symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Plan
from inverse_index.twin import Twin
from tests.support.plans import make_plan


@dataclass
class SystemHarness(Twin):
    """One system on the chain and its model, and what tests do with the two."""

    def close(self) -> int:
        """Rebalance until the token is settled; how many it took."""
        for count in range(1, 200):
            self.chain.increase_time(self.plan.parameters.chunk_delay)
            self.rebalance()
            self.check()
            if self.model.token.settled:
                return count
        raise AssertionError("not settled after 200 chunks")

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
        assert self.compare(self.now).found == []
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
    return SystemHarness.deploy(chain, plan or make_plan(), owner, keeper, secondaries)
