# SPDX-License-Identifier: AGPL-3.0-only
"""What every kind of venue offers to a deployment and to a deployed system."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from ...chain import Contract
from ...chain.backend import Backend
from ...config import AssetUnits, DeploymentFile, PeripheryConfig
from ...plan.deployment import Plan
from ..governance import Governance
from ..reading import View

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Given:
    """What exists already; the rest is deployed for local use. Who governs, and what
    stands around the token, is part of it.

    venue: addresses by the field of the configuration, such as `exchange`.
    feeds: by symbol, the collateral's too.
    """

    collateral: str | None = None
    venue: Mapping[str, str] = field(default_factory=dict)
    feeds: Mapping[str, AssetUnits] | None = None
    owner: str | None = None
    guardian: str | None = None
    fee_recipient: str | None = None
    secondaries: bool = True
    governance: Governance | None = None
    periphery: PeripheryConfig | None = None

    @classmethod
    def from_file(cls, file: DeploymentFile) -> Given:
        """The addresses of a deployment file."""
        d = file.deployment
        feeds = {symbol: feed.units() for symbol, feed in d.oracle.feeds.items()}
        return cls(
            collateral=d.collateral.address,
            venue=d.venue.given(),
            feeds=feeds or None,
            owner=d.roles.owner,
            guardian=d.roles.guardian,
            fee_recipient=d.roles.fee_recipient,
            governance=None if d.governance is None else Governance.of(d.governance),
            periphery=d.periphery,
        )


@dataclass(frozen=True)
class Site:
    """Where and from what a system is built; the sender pays and owns at first."""

    backend: Backend
    plan: Plan
    sender: str
    given: Given
    progress: Progress

    def new(self, name: str, *args: object) -> Contract:
        """Deploy a contract of this project."""
        self.progress(f"deploy {name}")
        return self.backend.deploy(name, *args, sender=self.sender)

    def local_collateral(self) -> Contract:
        """A worthless stablecoin that anyone mints."""
        plan = self.plan
        symbol = plan.collateral_symbol
        return self.new("LocalCollateral", f"Local {symbol}", symbol, plan.decimals)


class Venue(Protocol):
    """A deployed venue of one token, beside the token's own parts."""

    kind: ClassVar[str]
    vault_contract: ClassVar[str]  # name of the vault's contract

    @property
    def order(self) -> tuple[str, ...]:
        """Symbols by rising address, where a model needs to know."""
        ...

    def addresses(self) -> dict[str, str]:
        """Address of every part of the venue, by name."""
        ...

    def record(self) -> dict[str, Any]:
        """What a registry keeps besides."""
        ...

    def figure_views(self, vault: Contract) -> list[View]:
        """Views of the stored state that the model's venue compares with its own."""
        ...

    def figures_of(self, values: Sequence[Any]) -> Any:
        """That state, from the values of those views."""
        ...

    def figures(self, vault: Contract) -> Any:
        """The same, read now."""
        ...

    def leak(self, figures: Any, collateral: Contract, vault: Contract) -> int:
        """What the venue holds against what it owes: largest difference in the
        smallest units; 0 is sound."""
        ...

    def health(self, vault: Contract) -> int | None:
        """WAD; the venue liquidates the vault's position below 1. None without one."""
        ...

    def fees(self, vault: Contract, mid: Sequence[int], unit: int) -> list[int]:
        """Of a trade of each component, WAD of its worth; mid: its prices, WAD; unit: one
        whole collateral."""
        ...

    def liquidate(self, symbol: str, vault: Contract, sender: str) -> None:
        """Local networks: repay the vault's debt of a component, for its collateral,
        where the venue knows such a thing."""
        ...

    def follow(self, prices: Mapping[str, int], collateral_price: int, sender: str) -> None:
        """Local networks: the venue's own market moves to the USD prices (8
        decimals) of the components, where it has one."""
        ...


class Builder(Protocol):
    """Deploys a venue, from the collateral to the vault."""

    def collateral(self) -> tuple[Contract, str | None]:
        """The collateral, and who alone can mint it (None: anyone or nobody)."""
        ...

    def venue(
        self, collateral: Contract, oracle: Contract, feeds: Mapping[str, AssetUnits]
    ) -> Venue:
        """The venue's own contracts, ready to trade."""
        ...

    def vault(self, token: str, collateral: Contract, venue: Venue) -> Contract:
        """The vault for the token that will be at this address."""
        ...


class KnownBuilder(Builder, Protocol):
    """A builder whose vault others can make as well."""

    def vault_arguments(self, collateral: Contract, venue: Venue) -> tuple[Any, ...]:
        """What the vault is made from, after the token's address."""
        ...
