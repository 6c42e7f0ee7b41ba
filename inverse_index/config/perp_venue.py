# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of the embedded perpetual exchange and its vault.

Amounts are in whole collateral; a market's figures become component units at
the price of the moment when the market is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from inverse_index.config.fields import (
    Address,
    Amount,
    Model,
    PositiveAmount,
    decimal,
    percent,
    plain,
)
from inverse_index.config.token import TokenConfig
from inverse_index.config.units import (
    WAD,
    bps_wad,
    daily_rate_wad_down,
    format_units,
    hourly_recovery_down,
    parse_decimal,
    parse_units,
    percent_wad,
    units_at_price_down,
    units_at_price_up,
    wad,
)
from inverse_index.errors import UserError


@dataclass(frozen=True)
class MarketUnits:
    """A market in the integers of ``IPerpExchange.Market``, same order."""

    skew_scale: int
    max_funding: int
    taker_fee: int
    recovery: int
    initial_margin: int
    maintenance_margin: int
    max_long: int


# The bounds of the contract module `perp_markets`.
MAX_SKEW_SCALE = 10**30  # WAD units
_FundingPerDay = Annotated[Decimal, percent("0", "86.4")]
_TakerFee = Annotated[Decimal, decimal("0", "100", "basis points", places=4)]
_Recovery = Annotated[Decimal, percent("0", "21.6")]
_Margin = Annotated[Decimal, percent("1", "100")]


class MarketConfig(Model):
    """Parameters of one perpetual market."""

    depth: PositiveAmount = Field(
        default=Decimal(200_000_000),
        description="Order, in collateral, that moves the price by 100%: the venue's depth.",
    )
    max_funding_per_day: _FundingPerDay = Field(
        default=Decimal(10),
        description="Funding per day, percent of notional, when the skew equals the depth.",
    )
    taker_fee_bps: _TakerFee = Field(
        default=Decimal(5),
        description="Fee on the notional of each fill, basis points; small fractions are allowed.",
    )
    recovery_per_hour: _Recovery = Field(
        default=Decimal(2),
        description="How much of the price an order's impact comes back in an hour, percent.",
    )
    initial_margin: _Margin = Field(
        default=Decimal(10), description="Equity needed to open, percent of notional."
    )
    maintenance_margin: _Margin = Field(
        default=Decimal(5),
        description="Equity below which an account is liquidated, percent of notional.",
    )
    max_long: Amount = Field(
        default=Decimal(4_000_000),
        description="Cap of open long interest, in collateral at the listing price; at most "
        "depth * maintenance margin / 2, so that any position can be closed.",
    )

    @model_validator(mode="after")
    def _check(self) -> MarketConfig:
        _check_market(self, "")
        return self

    def units(self, price_wad: int) -> MarketUnits:
        """Contract integers at a price (WAD collateral per component).

        The depth is rounded up and interest down, so that a ``max_trade``
        which keeps the sandwich rule in collateral keeps it in units.
        """
        skew_scale = units_at_price_up(wad(self.depth), price_wad)
        if skew_scale > MAX_SKEW_SCALE:
            raise UserError(
                f"a depth of {plain(self.depth)} is {format_units(skew_scale, 18)} units at a "
                f"price of {format_units(price_wad, 18)}, more than an exchange can hold",
                f"use at most {format_units(MAX_SKEW_SCALE * price_wad // WAD, 18)} of collateral",
            )
        return MarketUnits(
            skew_scale=skew_scale,
            max_funding=daily_rate_wad_down(percent_wad(self.max_funding_per_day)),
            taker_fee=bps_wad(self.taker_fee_bps),
            recovery=hourly_recovery_down(percent_wad(self.recovery_per_hour)),
            initial_margin=percent_wad(self.initial_margin),
            maintenance_margin=percent_wad(self.maintenance_margin),
            max_long=units_at_price_down(wad(self.max_long), price_wad),
        )

    @property
    def sandwich_limit(self) -> Decimal:
        """Largest trade, in collateral, that cannot be sandwiched at a profit:
        2 * taker fee * depth, rounded down to 18 decimals."""
        limit_wad = 2 * bps_wad(self.taker_fee_bps) * wad(self.depth) // WAD
        return parse_decimal(format_units(limit_wad, 18))

    @property
    def interest_limit(self) -> Decimal:
        """Largest open interest, in collateral, that can always be closed:
        depth * maintenance margin / 2, rounded down to 18 decimals."""
        limit_wad = wad(self.depth) * percent_wad(self.maintenance_margin) // (2 * WAD)
        return parse_decimal(format_units(limit_wad, 18))


class MarketChange(Model):
    """The parameters in which one component's market differs."""

    depth: PositiveAmount | None = Field(default=None, description="Instead of the common depth.")
    max_funding_per_day: _FundingPerDay | None = Field(
        default=None, description="Instead of the common funding."
    )
    taker_fee_bps: _TakerFee | None = Field(default=None, description="Instead of the common fee.")
    recovery_per_hour: _Recovery | None = Field(
        default=None, description="Instead of the common recovery."
    )
    initial_margin: _Margin | None = Field(
        default=None, description="Instead of the common initial margin."
    )
    maintenance_margin: _Margin | None = Field(
        default=None, description="Instead of the common maintenance margin."
    )
    max_long: Amount | None = Field(default=None, description="Instead of the common cap.")

    def applied_to(self, common: MarketConfig) -> MarketConfig:
        """The common parameters with these changes, together unchecked."""
        return common.model_copy(update=self.model_dump(exclude_none=True))


class PerpVenueConfig(Model):
    """The embedded perpetual exchange, and how the vault uses it."""

    kind: Literal["perp"] = Field(
        default="perp", description="Kind of venue: `perp`, the embedded perpetual exchange."
    )
    exchange: Address | None = Field(
        default=None,
        description="Address of a deployed exchange; left out on local networks: one is deployed.",
    )
    market: MarketConfig = Field(
        default_factory=MarketConfig,
        description="Parameters of every market that `markets` does not change.",
    )
    markets: dict[str, MarketChange] = Field(
        default_factory=dict, description="Per component: the parameters that differ from `market`."
    )
    pool_liquidity: Amount = Field(
        default=Decimal(20_000_000),
        description="Liquidity provided to a locally deployed exchange, whole collateral.",
    )
    insurance: Amount = Field(
        default=Decimal(500_000),
        description="Insurance fund of a locally deployed exchange, whole collateral.",
    )
    max_borrowing_per_day: Annotated[Decimal, percent("0", "86.4")] = Field(
        default=Decimal(1),
        description="Borrowing fee per day, percent of notional, of a pool that is wholly "
        "reserved; at a part of it, that to the fourth power.",
    )
    account_limit: Annotated[Decimal, percent("1", "100")] = Field(
        default=Decimal(50),
        description="Notional to which one account may grow, percent of the pool's equity.",
    )
    idle_buffer: Annotated[Decimal, percent("0", "20")] = Field(
        default=Decimal(5),
        description="Share of the net assets kept outside the venue to pay redemptions.",
    )
    max_trade: PositiveAmount = Field(
        default=Decimal(150_000),
        description="Largest chunk per component in one rebalance, whole collateral; at most "
        "2 * taker fee * depth, so that a rebalance cannot be sandwiched at a profit.",
    )

    @model_validator(mode="after")
    def _check(self) -> PerpVenueConfig:
        for name, config in self._each():
            _check_market(config, f"{name}.")
            if self.max_trade > config.sandwich_limit:
                raise ValueError(
                    f"max_trade: got {plain(self.max_trade)}, "
                    f"expected at most {plain(config.sandwich_limit)}, which is "
                    f"2 * taker fee * depth of {name} (a larger trade invites a sandwich)"
                )
        return self

    def _each(self) -> list[tuple[str, MarketConfig]]:
        return [("market", self.market)] + [
            (f"markets.{name}", self.market_of(name)) for name in self.markets
        ]

    def market_of(self, symbol: str) -> MarketConfig:
        """The parameters of one component's market."""
        change = self.markets.get(symbol)
        return change.applied_to(self.market) if change else self.market

    # what a deployment asks of every venue

    def check_leverage(self, token: TokenConfig) -> None:
        """What is not idle has to carry the target leverage: up to twice the
        buffer may be outside the venue."""
        carried = token.leverage * max(market.initial_margin for _, market in self._each())
        available = 100 - 2 * self.idle_buffer
        if carried > available:
            raise ValueError(
                f"venue.market.initial_margin: leverage {token.leverage} needs "
                f"{plain(carried)}% of the net assets as margin, expected at most "
                f"{plain(available)}%, which is 100% less twice the idle buffer"
            )

    def carried(self, leverage: int, weights: Mapping[str, Decimal]) -> tuple[Decimal, str]:
        """The largest net assets, whole collateral, whose shorts a local exchange holds at
        the start prices, and what ends it; weights: parts of 1, by symbol."""
        limits = [
            (self.market_of(symbol).interest_limit / (leverage * weight), f"shorts of {symbol}")
            for symbol, weight in weights.items()
            if weight
        ]
        most = self.pool_liquidity * self.account_limit / 100 / leverage
        return min([*limits, (most, "the pool's limit for one account")])

    def native_amounts(self) -> Iterator[tuple[str, Decimal]]:
        """Fields that may not have more decimals than the collateral."""
        yield "pool_liquidity", self.pool_liquidity
        yield "insurance", self.insurance

    def symbol_fields(self) -> Iterator[tuple[str, list[str], list[str]]]:
        """Fields that name symbols: the field, its symbols, and those that may
        be named besides the components of the index."""
        yield "markets", list(self.markets), []

    def given(self) -> dict[str, str]:
        """Addresses of what exists already, by field."""
        return {} if self.exchange is None else {"exchange": self.exchange}

    def missing(self, symbols: Sequence[str]) -> list[str]:
        """Fields that a live network needs and that are left out."""
        return [] if self.exchange else ["exchange"]

    # integers

    @property
    def idle_buffer_wad(self) -> int:
        """Share of the net assets kept idle, WAD."""
        return percent_wad(self.idle_buffer)

    def max_trade_units(self, price_wad: int) -> int:
        """Largest chunk of a component in WAD units at a price, rounded down."""
        return units_at_price_down(wad(self.max_trade), price_wad)

    @property
    def max_borrowing(self) -> int:
        """Borrowing fee of a wholly reserved pool, WAD per second, rounded down."""
        return daily_rate_wad_down(percent_wad(self.max_borrowing_per_day))

    @property
    def account_limit_wad(self) -> int:
        """Notional of one account, WAD of the pool's equity."""
        return percent_wad(self.account_limit)

    def pool_liquidity_native(self, decimals: int) -> int:
        """Liquidity to provide, native units of the collateral."""
        return parse_units(self.pool_liquidity, decimals)

    def insurance_native(self, decimals: int) -> int:
        """Insurance fund, native units of the collateral."""
        return parse_units(self.insurance, decimals)


def _check_market(market: MarketConfig, where: str) -> None:
    """Bounds that hold between the parameters of a market."""
    if market.maintenance_margin >= market.initial_margin:
        raise ValueError(
            f"{where}maintenance_margin: got {plain(market.maintenance_margin)}%, "
            f"expected less than the initial margin of {plain(market.initial_margin)}%"
        )
    if market.max_long > market.interest_limit:
        raise ValueError(
            f"{where}max_long: got {plain(market.max_long)}, expected at most "
            f"{plain(market.interest_limit)}, which is depth * maintenance margin / 2"
        )
