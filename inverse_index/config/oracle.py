# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of the oracle adapter and its feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from inverse_index.config.fields import ZERO_ADDRESS, Address, Model, decimal, percent, plain, whole
from inverse_index.config.index import IndexDefinition
from inverse_index.config.units import bps_wad, percent_wad, wad

MAX_HEARTBEAT = 7 * 86_400
LOCAL_DECIMALS = 8  # of a price board's answers
_Bps = Annotated[Decimal, decimal("0", "2000", "basis points", places=14)]
_Usd = Annotated[Decimal, decimal("0.000000000001", "1000000000000", "USD")]
_Heartbeat = Annotated[int, whole(1, MAX_HEARTBEAT, "seconds")]
_Decimals = Annotated[int, whole(0, 18)]


@dataclass(frozen=True)
class OracleUnits:
    """Parameters in the integers of ``IIndexOracle.Parameters``, same order."""

    fallback_spread: int
    max_spread: int
    step_limit: int
    step_delay: int
    sequencer: str
    sequencer_grace: int
    reweight_interval: int
    reweight_offset: int


@dataclass(frozen=True)
class AssetUnits:
    """Feeds of one asset in the integers of ``IIndexOracle.Asset``, same order."""

    primary: str
    primary_heartbeat: int
    primary_decimals: int
    secondary: str
    secondary_heartbeat: int
    secondary_decimals: int
    min_price: int
    max_price: int
    min_spread: int


class FeedConfig(Model):
    """One deployed Chainlink-style USD price feed."""

    address: Address = Field(description="Address of the feed.")
    heartbeat: _Heartbeat = Field(description="Seconds after which an answer counts as stale.")
    decimals: _Decimals = Field(default=8, description="Decimals of the feed's answers.")


class AssetFeeds(Model):
    """The feeds of one asset and the bounds of its price."""

    primary: FeedConfig = Field(description="Feed that is used while it is usable.")
    secondary: FeedConfig | None = Field(
        default=None, description="Feed that confirms the first one and stands in for it."
    )
    min_price: _Usd = Field(description="Answers below this price in USD are unusable.")
    max_price: _Usd = Field(description="Answers above this price in USD are unusable.")
    min_spread_bps: _Bps = Field(
        default=Decimal(50), description="Half-spread that the price has at least."
    )

    @model_validator(mode="after")
    def _check(self) -> AssetFeeds:
        _check_bounds(self.min_price, self.max_price)
        if self.secondary and self.secondary.address == self.primary.address:
            raise ValueError(
                f"secondary.address: got the primary's {self.primary.address}, "
                "expected another feed"
            )
        return self

    def units(self) -> AssetUnits:
        """Contract integers of this asset."""
        second = self.secondary
        return AssetUnits(
            primary=self.primary.address,
            primary_heartbeat=self.primary.heartbeat,
            primary_decimals=self.primary.decimals,
            secondary=second.address if second else ZERO_ADDRESS,
            secondary_heartbeat=second.heartbeat if second else 0,
            secondary_decimals=second.decimals if second else 0,
            min_price=wad(self.min_price),
            max_price=wad(self.max_price),
            min_spread=bps_wad(self.min_spread_bps),
        )


class LocalFeeds(Model):
    """Feeds that are deployed on a local network, the same for every asset."""

    heartbeat: _Heartbeat = Field(
        default=90_000, description="Seconds after which an answer counts as stale."
    )
    min_price: _Usd = Field(
        default=Decimal("0.0001"), description="Answers below this price in USD are unusable."
    )
    max_price: _Usd = Field(
        default=Decimal(1_000_000), description="Answers above this price in USD are unusable."
    )
    min_spread_bps: _Bps = Field(
        default=Decimal(10), description="Half-spread that a component's price has at least."
    )
    collateral_min_spread_bps: _Bps = Field(
        default=Decimal(2), description="Half-spread that the collateral's price has at least."
    )

    @model_validator(mode="after")
    def _check(self) -> LocalFeeds:
        _check_bounds(self.min_price, self.max_price)
        return self

    def units(self, primary: str, secondary: str = ZERO_ADDRESS) -> AssetUnits:
        """Contract integers of an asset that is served by local feeds."""
        second = secondary != ZERO_ADDRESS
        return AssetUnits(
            primary=primary,
            primary_heartbeat=self.heartbeat,
            primary_decimals=LOCAL_DECIMALS,
            secondary=secondary,
            secondary_heartbeat=self.heartbeat if second else 0,
            secondary_decimals=LOCAL_DECIMALS if second else 0,
            min_price=wad(self.min_price),
            max_price=wad(self.max_price),
            min_spread=bps_wad(self.min_spread_bps),
        )


class OracleConfig(Model):
    """How prices are judged, and where they come from."""

    fallback_spread_bps: _Bps = Field(
        default=Decimal(50), description="Half-spread while one of two sources is unusable."
    )
    max_spread_bps: _Bps = Field(
        default=Decimal(200),
        description="Disagreement of two sources above which nothing is minted or rebalanced.",
    )
    step_limit: Annotated[Decimal, percent("1", "100")] = Field(
        default=Decimal(20),
        description="Move since the last accepted price above which minting waits.",
    )
    step_delay: Annotated[int, whole(60, 86_400, "seconds")] = Field(
        default=3_600, description="Seconds after which such a move is accepted."
    )
    sequencer: Address | None = Field(
        default=None, description="Uptime feed of an L2 sequencer; left out on L1."
    )
    sequencer_grace: Annotated[int, whole(0, 86_400, "seconds")] = Field(
        default=3_600,
        description="Seconds after a sequencer restart during which prices are not used.",
    )
    feeds: dict[str, AssetFeeds] = Field(
        default_factory=dict,
        description="Feeds by symbol, the collateral's too; left out on local networks: "
        "they are deployed.",
    )
    local: LocalFeeds = Field(
        default_factory=LocalFeeds, description="Feeds that are deployed on local networks."
    )

    @model_validator(mode="after")
    def _check(self) -> OracleConfig:
        for name, spread in self._floors():
            if spread > self.fallback_spread_bps:
                raise ValueError(
                    _spread_text(name, spread, "fallback_spread_bps", self.fallback_spread_bps)
                )
        if self.fallback_spread_bps > self.max_spread_bps:
            raise ValueError(
                _spread_text(
                    "fallback_spread_bps",
                    self.fallback_spread_bps,
                    "max_spread_bps",
                    self.max_spread_bps,
                )
            )
        return self

    def _floors(self) -> Iterator[tuple[str, Decimal]]:
        """The least half-spreads by field."""
        for symbol, feeds in self.feeds.items():
            yield f"feeds.{symbol}.min_spread_bps", feeds.min_spread_bps
        yield "local.min_spread_bps", self.local.min_spread_bps
        yield "local.collateral_min_spread_bps", self.local.collateral_min_spread_bps

    def min_spread(self, symbol: str, is_collateral: bool) -> int:
        """Least half-spread of an asset, WAD."""
        if symbol in self.feeds:
            return bps_wad(self.feeds[symbol].min_spread_bps)
        local = self.local
        return bps_wad(local.collateral_min_spread_bps if is_collateral else local.min_spread_bps)

    def units(self, index: IndexDefinition) -> OracleUnits:
        """Contract integers; the reweighting clock comes from the index."""
        return OracleUnits(
            fallback_spread=bps_wad(self.fallback_spread_bps),
            max_spread=bps_wad(self.max_spread_bps),
            step_limit=percent_wad(self.step_limit),
            step_delay=self.step_delay,
            sequencer=self.sequencer or ZERO_ADDRESS,
            sequencer_grace=self.sequencer_grace,
            reweight_interval=index.reweight_interval,
            reweight_offset=0,
        )


def _check_bounds(low: Decimal, high: Decimal) -> None:
    if low >= high:
        raise ValueError(
            f"min_price: got {plain(low)}, expected less than the max_price of {plain(high)}"
        )


def _spread_text(name: str, value: Decimal, other: str, bound: Decimal) -> str:
    return f"{name}: got {plain(value)}, expected at most the {other} of {plain(bound)}"
