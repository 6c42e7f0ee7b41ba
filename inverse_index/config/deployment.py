# SPDX-License-Identifier: AGPL-3.0-only
"""Deployments: one YAML file holds everything that one token is built from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from inverse_index.artifacts import project_root
from inverse_index.config.addresses import check_addresses
from inverse_index.config.fields import (
    Address,
    Model,
    near,
    plain,
    printable,
    ticker,
    whole,
)
from inverse_index.config.governance import GovernanceConfig
from inverse_index.config.index import IndexDefinition, load_index
from inverse_index.config.networks import NAME_RULE, check_network
from inverse_index.config.oracle import OracleConfig
from inverse_index.config.periphery import PeripheryConfig
from inverse_index.config.perp_venue import PerpVenueConfig
from inverse_index.config.token import TokenConfig
from inverse_index.config.units import (
    parse_units,
)
from inverse_index.config.venue import DEFAULT_FILES, DEFAULT_KIND, VenueConfig
from inverse_index.config.yaml_io import load_model
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


def load_deployment(path: str | Path) -> DeploymentFile:
    """Read a deployment and the index definition that it refers to."""
    file = Path(path)
    deployment = load_model(file, Deployment)
    index_path = file.parent / deployment.index
    if not index_path.is_file():
        raise UserError(
            f"{file}: index: got '{deployment.index}', expected the path of an index file; "
            f"{index_path} does not exist",
            "give a path relative to the deployment file",
        )
    index = load_index(index_path)
    return checked(DeploymentFile(file, deployment, index))


def checked(file: DeploymentFile) -> DeploymentFile:
    """The same, once its parts fit together."""
    _check_symbols(file.path, file.deployment, file.index)
    check_addresses(file)
    check_network(file)
    return file


def choose_deployment(config: Path | None, venue: str | None) -> DeploymentFile:
    """The deployment file of two options that may both be left out."""
    path = config or project_root() / DEFAULT_FILES[venue or DEFAULT_KIND]
    file = load_deployment(path)
    kind = file.deployment.venue.kind
    if venue is not None and kind != venue:
        raise UserError(
            f"--venue: got {venue}, but {path} is for the venue '{kind}'",
            "leave --venue out, or give another file with --config",
        )
    return file


def with_index(file: DeploymentFile, index: IndexDefinition, path: str) -> DeploymentFile:
    """The same deployment on another index, such as one given by an option."""
    deployment = file.deployment.model_copy(update={"index": path})
    _check_symbols(file.path, deployment, index)
    return DeploymentFile(file.path, deployment, index)


def _check_symbols(file: Path, deployment: Deployment, index: IndexDefinition) -> None:
    """Markets and feeds must name components; feeds are given for all or none."""
    collateral = deployment.collateral.symbol
    if collateral in index.symbols:
        raise UserError(
            f"{file}: collateral.symbol: got {collateral}, which is a component of the index",
            "use a collateral that is not in the index",
        )
    for field, names, extra in deployment.venue.symbol_fields():
        _check_known(file, f"venue.{field}", names, [*index.symbols, *extra])
    feeds = list(deployment.oracle.feeds)
    assets = [*index.symbols, collateral]
    _check_known(file, "oracle.feeds", feeds, assets)
    missing = [symbol for symbol in assets if symbol not in feeds]
    if feeds and missing:
        raise UserError(
            f"{file}: oracle.feeds: missing {', '.join(missing)}, "
            "expected feeds of all components and the collateral",
            "add them, or remove all feeds to have local ones deployed",
        )


def _check_known(file: Path, field: str, names: list[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise UserError(
                f"{file}: {field}.{name}: unknown symbol{near(name, known)}, "
                f"expected one of {', '.join(known)}",
                "correct the symbol or remove it",
            )
