# SPDX-License-Identifier: AGPL-3.0-only
"""Deployments: one YAML file holds everything that one token is built from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from inverse_index.config.fields import (
    Address,
    Model,
    plain,
    printable,
    ticker,
    whole,
)
from inverse_index.config.governance import GovernanceConfig
from inverse_index.config.index import IndexDefinition
from inverse_index.config.networks import NAME_RULE
from inverse_index.config.oracle import OracleConfig
from inverse_index.config.periphery import PeripheryConfig
from inverse_index.config.perp_venue import PerpVenueConfig
from inverse_index.config.token import TokenConfig
from inverse_index.config.units import (
    parse_units,
)
from inverse_index.config.venue import VenueConfig
from inverse_index.errors import UserError


class CollateralConfig(Model):
    """The stablecoin that backs the token."""

    symbol: Annotated[str, ticker(16)] = Field(
        default="USDC", description="Ticker of the collateral."
    )
    decimals: Annotated[int, whole(6, 18)] = Field(
        default=6, description="Decimals of the collateral, 6 to 18."
    )
    address: Address | None = Field(
        default=None,
        description="Address of the collateral; left out on local networks: one is deployed.",
    )


class RolesConfig(Model):
    """Who may do what; an address left out is the deployer's."""

    owner: Address | None = Field(
        default=None, description="Owner: moves parameters within their bounds."
    )
    guardian: Address | None = Field(
        default=None, description="Guardian: pauses minting, nothing else."
    )
    fee_recipient: Address | None = Field(default=None, description="Receives the streaming fee.")


class Deployment(Model):
    """Everything that one token is deployed from."""

    network: Annotated[str, NAME_RULE] | None = Field(
        default=None,
        description="Network that the addresses are of; left out in files for local networks.",
    )
    index: Annotated[str, printable(1, 400)] = Field(
        description="Path of the index definition, relative to this file."
    )
    token: TokenConfig = Field(description="The token.")
    collateral: CollateralConfig = Field(
        default_factory=CollateralConfig, description="The collateral."
    )
    oracle: OracleConfig = Field(
        default_factory=OracleConfig, description="The oracle adapter and its feeds."
    )
    venue: VenueConfig = Field(
        default_factory=PerpVenueConfig,
        description="Where the shorts are held; `kind` says which of the groups below it is.",
    )
    roles: RolesConfig = Field(default_factory=RolesConfig, description="Addresses with a role.")
    governance: GovernanceConfig | None = Field(
        default=None,
        description="A timelock that is deployed and becomes the owner; left out: roles.owner.",
    )
    periphery: PeripheryConfig | None = Field(
        default=None,
        description="Price feeds, keeper adapter and router around the token; left out: none.",
    )

    @model_validator(mode="after")
    def _check(self) -> Deployment:
        for field, amount in self.venue.native_amounts():
            self._check_exact(f"venue.{field}", amount)
        self.venue.check_leverage(self.token)
        if self.governance is not None:
            self._check_governed()
        if self.periphery is not None:
            self._check_periphery(self.periphery)
        return self

    def _check_periphery(self, periphery: PeripheryConfig) -> None:
        """The router trades with the pools of the venue's own factory."""
        if periphery.router is not None and self.venue.kind != "aave":
            raise ValueError(
                f"periphery.router: given, but the venue '{self.venue.kind}' has no Uniswap "
                "(venue.kind: aave has)"
            )
        if isinstance(periphery.router, str) and "factory" not in self.venue.given():
            raise ValueError(
                f"periphery.router: got {periphery.router}, but venue.factory is left out, and a "
                "router serves one Uniswap alone"
            )

    def _check_governed(self) -> None:
        """The timelock is the owner; the guardian, who acts at once, is named."""
        if self.roles.owner is not None:
            raise ValueError("roles.owner: given, but the timelock of `governance` is the owner")
        if self.roles.guardian is None:
            raise ValueError("roles.guardian: missing, a timelock is too slow to stop minting")

    def _check_exact(self, field: str, amount: Decimal) -> None:
        """An amount may not have more decimals than the collateral."""
        try:
            parse_units(amount, self.collateral.decimals)
        except UserError as error:
            raise ValueError(
                f"{field}: got {plain(amount)}, expected at most {self.collateral.decimals} "
                "decimal places, as the collateral has"
            ) from error


@dataclass(frozen=True)
class DeploymentFile:
    """A deployment, its index definition, and the file they came from."""

    path: Path
    deployment: Deployment
    index: IndexDefinition

    @property
    def name(self) -> str:
        """Name of the deployment: the file's name without its ending."""
        return self.path.stem
