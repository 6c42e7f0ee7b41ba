# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of the token itself: its fees, bounds and clocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from inverse_index.config.fields import (
    Model,
    decimal,
    percent,
    plain,
    printable,
    ticker,
    whole,
)
from inverse_index.config.units import (
    SECONDS_PER_DAY,
    parse_units,
    percent_wad,
    wad,
    yearly_rate_wad_down,
)

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
    band_bps: Annotated[int, _bps(300, 5_000)] = Field(
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
    reward_bps: Annotated[int, _bps(0, 20)] = Field(
        default=1, description="Cap of the keeper's reward, share of the net assets."
    )
    reward_cap: Annotated[int, whole(0, 100_000, "whole collateral")] = Field(
        default=50, description="Absolute cap of the keeper's reward, whole collateral."
    )
    reward_ramp: Annotated[int, whole(600, SECONDS_PER_DAY, "seconds")] = Field(
        default=3_600, description="Seconds in which the reward rises from 0 to its cap."
    )
    chunk_delay: Annotated[int, whole(12, 3_600, "seconds")] = Field(
        default=60,
        description="Seconds between the parts of a rebalance that is larger than `max_trade`.",
    )
    epoch: EpochConfig = Field(
        default_factory=EpochConfig, description="The clock of regular rebalances."
    )
    nav_cap: Annotated[Decimal, decimal("1", "1000000000000000", "whole collateral")] = Field(
        default=Decimal(100_000_000),
        description="Largest net assets after a mint, whole collateral.",
    )

    @model_validator(mode="after")
    def _check(self) -> TokenConfig:
        edge = Decimal(self.leverage) * (10_000 + self.band_bps) / 10_000
        if self.emergency_leverage <= edge:
            raise ValueError(
                f"emergency_leverage: got {plain(self.emergency_leverage)}, expected more than "
                f"{plain(edge)}, where the band of {self.band_bps} basis points ends"
            )
        waiting = 2 * self.tolerance_bps
        if waiting * 10_000 > self.band_bps * (10_000 - waiting):
            raise ValueError(
                f"tolerance_bps: got {self.tolerance_bps}, expected twice of it to move the "
                f"leverage by less than the band of {self.band_bps} basis points"
            )
        least = Decimal(self.leverage) * Decimal("1.25")
        if self.emergency_leverage < least:
            raise ValueError(
                f"emergency_leverage: got {plain(self.emergency_leverage)}, expected at least "
                f"{plain(least)}, a quarter above the multiple"
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

    def nav_cap_units_down(self, decimals: int) -> int:
        """Largest net assets after a mint, native units of the collateral."""
        return wad(self.nav_cap) // int(10 ** (18 - decimals))
