# SPDX-License-Identifier: AGPL-3.0-only
"""Deployments: one YAML file holds everything that one token is built from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from inverse_index.artifacts import project_root
from inverse_index.config.fields import (
    Address,
    Model,
    decimal,
    near,
    percent,
    plain,
    printable,
    ticker,
    whole,
)
from inverse_index.config.index import IndexDefinition, load_index
from inverse_index.config.oracle import OracleConfig
from inverse_index.config.perp_venue import PerpVenueConfig
from inverse_index.config.units import (
    SECONDS_PER_DAY,
    parse_units,
    percent_wad,
    wad,
    yearly_rate_wad_down,
)
from inverse_index.config.venue import DEFAULT_FILES, DEFAULT_KIND, VenueConfig
from inverse_index.config.yaml_io import load_model
from inverse_index.errors import UserError

# The bounds of the contract modules `parameters` and `streaming_fee`.
MAX_STREAMING_PERCENT = "5"


def _bps(low: int, high: int) -> object:
    return whole(low, high, "basis points")


class EpochConfig(Model):
    """The clock of regular rebalances."""

    interval: Annotated[int, whole(3_600, 31 * SECONDS_PER_DAY, "seconds")] = Field(
        default=SECONDS_PER_DAY, description="Seconds between regular rebalances."
    )
    offset: Annotated[int, whole(0, 31 * SECONDS_PER_DAY, "seconds")] = Field(
        default=0, description="Seconds after 00:00 UTC at which an interval starts."
    )

    @model_validator(mode="after")
    def _check(self) -> EpochConfig:
        if self.offset >= self.interval:
            raise ValueError(
                f"offset: got {self.offset}, expected less than the interval of {self.interval}"
            )
        return self


class TokenConfig(Model):
    """The inverse index token."""

    name: Annotated[str, printable(1, 25)] = Field(
        description="Name of the token, at most 25 characters."
    )
    symbol: Annotated[str, ticker(5)] = Field(
        description="Ticker of the token, at most 5 characters."
    )
    leverage: Annotated[int, whole(1, 3)] = Field(
        default=1, description="Target multiple L: the token returns -L times the index."
    )
    mint_fee_bps: Annotated[int, _bps(0, 100)] = Field(
        default=10, description="Flat fee of a mint."
    )
    redeem_fee_bps: Annotated[int, _bps(0, 100)] = Field(
        default=10, description="Flat fee of a redemption."
    )
    streaming_fee_per_year: Annotated[Decimal, percent("0", MAX_STREAMING_PERCENT)] = Field(
        default=Decimal("0.95"),
        description="Growth of the supply by new shares for the fee recipient in 365 days.",
    )
    tolerance_bps: Annotated[int, _bps(0, 200)] = Field(
        default=50,
        description="Share of the net assets up to which a flow is netted instead of hedged.",
    )
    band_bps: Annotated[int, _bps(100, 5_000)] = Field(
        default=1_000,
        description="Deviation of the leverage from its target above which a rebalance is due.",
    )
    emergency_leverage: Annotated[Decimal, decimal("1.1", "10", places=4)] = Field(
        default=Decimal(2),
        description="Leverage from which a rebalance is an emergency (full reward at once).",
    )
    slippage_bps: Annotated[int, _bps(1, 500)] = Field(
        default=100, description="Largest loss of a trade against the oracle price."
    )
    reward_bps: Annotated[int, _bps(0, 50)] = Field(
        default=1, description="Cap of the keeper's reward, share of the net assets."
    )
    reward_cap: Annotated[int, whole(0, 100_000, "whole collateral")] = Field(
        default=50, description="Absolute cap of the keeper's reward, whole collateral."
    )
    reward_ramp: Annotated[int, whole(60, SECONDS_PER_DAY, "seconds")] = Field(
        default=3_600, description="Seconds in which the reward rises from 0 to its cap."
    )
    chunk_delay: Annotated[int, whole(12, 3_600, "seconds")] = Field(
        default=60,
        description="Seconds between the parts of a rebalance that is larger than `max_trade`.",
    )
    epoch: EpochConfig = Field(
        default_factory=EpochConfig, description="The clock of regular rebalances."
    )
    supply_cap: Annotated[Decimal, decimal("1", "1000000000000000", "whole shares")] = Field(
        default=Decimal(100_000_000), description="Largest supply, whole shares."
    )

    @model_validator(mode="after")
    def _check(self) -> TokenConfig:
        edge = Decimal(self.leverage) * (10_000 + self.band_bps) / 10_000
        if self.emergency_leverage <= edge:
            raise ValueError(
                f"emergency_leverage: got {plain(self.emergency_leverage)}, expected more than "
                f"{plain(edge)}, where the band of {self.band_bps} basis points ends"
            )
        return self

    @property
    def emergency_bps(self) -> int:
        """Emergency leverage, 10000 = 1x."""
        return parse_units(self.emergency_leverage, 4)

    @property
    def streaming_rate_wad_down(self) -> int:
        """Streaming fee per second, WAD, continuously compounded, rounded down."""
        return yearly_rate_wad_down(percent_wad(self.streaming_fee_per_year))

    @property
    def supply_cap_shares(self) -> int:
        """Largest supply, shares with 18 decimals."""
        return wad(self.supply_cap)


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

    @model_validator(mode="after")
    def _check(self) -> Deployment:
        for field, amount in self.venue.native_amounts():
            self._check_exact(f"venue.{field}", amount)
        self.venue.check_leverage(self.token)
        return self

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
    _check_symbols(file, deployment, index)
    return DeploymentFile(file, deployment, index)


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
