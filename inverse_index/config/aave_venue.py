# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of the venue on Aave v3 and Uniswap v3.

The vault supplies the collateral to Aave, borrows the components and trades
them on Uniswap. Every token has one pool that leads towards the collateral:
directly, or through the token named by `via`. What is not deployed yet is
deployed locally, pools at the start prices.

A pool of liquidity L at a price P (both in native units, the collateral being
the quote) moves by dP = 2 * sqrt(P) * dq / L for dq of collateral, so its depth
K = q * P / dP is L * sqrt(P) / 2. A sandwich buys before a trade of v and sells
after it: it gets at most (1 + v / 2K)^2 for what it paid, and (1 - fee)^2 of that
is left. That is a loss as long as v <= 2 * fee * K, at prices near the one that
K is of, and the vault's slippage bound keeps them near.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from inverse_index.config.aave_reserve import (
    CollateralReserveConfig,
    ReserveConfig,
    check_reserve,
)
from inverse_index.config.fields import (
    Address,
    Model,
    PositiveAmount,
    decimal,
    one_of,
    percent,
    plain,
    ticker,
    whole,
)
from inverse_index.config.token import TokenConfig
from inverse_index.config.units import (
    WAD,
    bps_wad,
    format_units,
    parse_decimal,
    percent_wad,
    units_at_price_down,
    wad,
)

DIRECT: Final = "direct"
MAX_HOPS: Final = 3
BPS_TO_PIPS: Final = 100  # Uniswap counts fees in millionths

_MaxDepth = Annotated[Decimal, decimal("1", "1000000000000", "whole collateral")]


class LocalPool(Model):
    """A pool that is deployed on a local network."""

    depth: _MaxDepth = Field(
        default=Decimal(200_000_000),
        description="Liquidity: what would move the price by 100% if the liquidity and the slope "
        "stayed, whole collateral.",
    )
    range: Annotated[Decimal, percent("1", "1000000")] = Field(
        default=Decimal(900),
        description="Reach of that liquidity: from price / (1 + range) to price * (1 + range). "
        "A tail of 5% of it covers all prices.",
    )


class LocalPathToken(LocalPool):
    """A token of a path that is deployed on a local network, and its pool."""

    price: Annotated[Decimal, decimal("0.000001", "1000000000", "whole collateral")] = Field(
        default=Decimal(2_000), description="Price of the token; it never moves."
    )


class LocalComponent(LocalPool, ReserveConfig):
    """A component's pool and reserve that are deployed on a local network."""


class AssumedPool(Model):
    """What is assumed of a network's pool; on the chain the vault reads the real depth."""

    depth: _MaxDepth = Field(
        description="Depth of the pool: `max_trade` is checked against it before anything is sent."
    )


class AssumedReserve(Model):
    """What is assumed of a network's reserve; on the chain the vault reads the real terms."""

    ltv: Annotated[Decimal, percent("0", "100", places=2)] = Field(
        description="Largest loan, percent of the supply's value."
    )
    liquidation_threshold: Annotated[Decimal, percent("0", "100", places=2)] = Field(
        description="Loan at which a position is liquidated, percent."
    )


class PoolConfig(Model):
    """A token's pool towards the collateral. `local` is built, `assumed` is checked."""

    decimals: Annotated[int, whole(0, 18)] = Field(default=18, description="Decimals of the token.")
    fee_bps: Annotated[int, one_of(1, 5, 30, 100, unit="basis points")] = Field(
        default=5, description="Fee tier of its pool."
    )
    via: Annotated[str, ticker(16)] = Field(
        default=DIRECT,
        description="Token on the other side of the pool: `direct` for the collateral, else "
        "another component or one of `tokens`, whose own pool leads on.",
    )
    local: LocalPool = Field(
        default_factory=LocalPool, description="What is deployed on a local network."
    )
    assumed: AssumedPool | None = Field(
        default=None, description="What is assumed of the network's own, where `pool` names it."
    )

    @property
    def depth(self) -> Decimal:
        """Depth of the pool that is named, as assumed, or that is deployed."""
        return self.local.depth if self.assumed is None else self.assumed.depth

    @property
    def fee_pips(self) -> int:
        """Fee tier in millionths."""
        return self.fee_bps * BPS_TO_PIPS

    @property
    def sandwich_limit(self) -> Decimal:
        """Largest trade, in collateral, that cannot be sandwiched at a profit:
        2 * fee * depth, rounded down to 18 decimals."""
        limit_wad = 2 * bps_wad(self.fee_bps) * wad(self.depth) // WAD
        return parse_decimal(format_units(limit_wad, 18))


class PathTokenConfig(PoolConfig):
    """A token that is no component, for paths of two or three pools."""

    address: Address | None = Field(
        default=None, description="Address of the token; left out on local networks."
    )
    local: LocalPathToken = Field(
        default_factory=LocalPathToken, description="What is deployed on a local network."
    )


class AaveCommonConfig(PoolConfig):
    """What a component is traded and borrowed with."""

    local: LocalComponent = Field(
        default_factory=LocalComponent, description="What is deployed on a local network."
    )


class AaveComponentConfig(AaveCommonConfig):
    """One component: the common parameters with its own changes."""

    address: Address | None = Field(
        default=None, description="Address of the token; left out on local networks."
    )


class CollateralOnAave(Model):
    """The collateral's reserve. `local` is built, `assumed` is checked."""

    local: CollateralReserveConfig = Field(
        default_factory=CollateralReserveConfig,
        description="The reserve that is deployed on a local network.",
    )
    assumed: AssumedReserve | None = Field(
        default=None, description="What is assumed of the network's own, where `pool` names it."
    )

    @property
    def reserve(self) -> CollateralReserveConfig:
        """The local reserve, at the assumed terms where there are some."""
        terms = {} if self.assumed is None else self.assumed.model_dump()
        return self.local.model_copy(update=terms)


class AaveVenueConfig(Model):
    """Aave v3 and Uniswap v3, and how the vault uses them."""

    kind: Literal["aave"] = Field(
        description="Kind of venue: `aave`, loans on Aave v3 and trades on Uniswap v3."
    )
    pool: Address | None = Field(
        default=None,
        description="Address of Aave's Pool; left out on local networks: one is deployed.",
    )
    factory: Address | None = Field(
        default=None,
        description="Address of Uniswap's factory; left out on local networks: one is deployed.",
    )
    component: AaveCommonConfig = Field(
        default_factory=AaveCommonConfig,
        description="Parameters of every component that `components` does not change.",
    )
    components: dict[str, AaveComponentConfig] = Field(
        default_factory=dict,
        description="Per component: what differs from `component`, and its address.",
    )
    tokens: dict[str, PathTokenConfig] = Field(
        default_factory=dict, description="Further tokens that paths lead through."
    )
    collateral: CollateralOnAave = Field(
        default_factory=CollateralOnAave, description="The collateral's reserve on Aave."
    )
    idle_buffer: Annotated[Decimal, percent("0", "20")] = Field(
        default=Decimal(5),
        description="Share of the net assets kept outside the venue to pay redemptions.",
    )
    min_health: Annotated[Decimal, decimal("1.01", "2")] = Field(
        default=Decimal("1.05"),
        description="Aave's health factor that every trade and payment leaves at least.",
    )
    max_trade: PositiveAmount = Field(
        default=Decimal(150_000),
        description="Largest chunk per component in one rebalance, whole collateral; at most "
        "2 * fee * depth of every pool on its path, so that it cannot be sandwiched at a profit.",
    )

    @model_validator(mode="before")
    @classmethod
    def _merge(cls, data: Any) -> Any:
        """A component's own parameters on top of the common ones."""
        if not isinstance(data, dict):
            return data
        common, each = data.get("component"), data.get("components")
        if not isinstance(common, dict) or not isinstance(each, dict):
            return data
        merged = {
            symbol: _on_top(common, own) if isinstance(own, dict) else own
            for symbol, own in each.items()
        }
        return {**data, "components": merged}

    @model_validator(mode="after")
    def _check(self) -> AaveVenueConfig:
        if (self.pool is None) != (self.factory is None):
            absent = "pool" if self.pool is None else "factory"
            raise ValueError(f"{absent}: got nothing, expected pool and factory, or none of them")
        self._check_groups()
        check_reserve(self.collateral.reserve, f"collateral.{self._group}.")
        for name, config in self._each():
            if isinstance(config, AaveCommonConfig):
                check_reserve(config.local, f"{name}.local.")
            if self.max_trade > config.sandwich_limit:
                raise ValueError(
                    f"max_trade: got {plain(self.max_trade)}, "
                    f"expected at most {plain(config.sandwich_limit)}, which is "
                    f"2 * fee * depth of {name} (a larger trade invites a sandwich)"
                )
        for symbol in (*self.components, *self.tokens):
            self.path(symbol)
        return self

    @property
    def _group(self) -> str:
        """The group that counts here."""
        return "local" if self.pool is None else "assumed"

    def _check_groups(self) -> None:
        """A venue is either deployed, or named and then only assumed to be so."""
        groups: list[tuple[str, CollateralOnAave | PoolConfig]] = [*self._each()]
        for name, config in [("collateral", self.collateral), *groups]:
            if self.pool is not None and "local" in config.model_fields_set:
                raise ValueError(
                    f"{name}.local: given, but `pool` names a venue that exists (what the checks "
                    "are to take for granted of it belongs into `assumed`)"
                )
            if self.pool is None and config.assumed is not None:
                raise ValueError(
                    f"{name}.assumed: given, but the venue is deployed locally (what it is "
                    "deployed with belongs into `local`)"
                )

    def _each(self) -> Iterator[tuple[str, PoolConfig]]:
        yield "component", self.component
        yield from ((f"components.{name}", pool) for name, pool in self.components.items())
        yield from ((f"tokens.{name}", pool) for name, pool in self.tokens.items())

    def component_of(self, symbol: str) -> AaveComponentConfig:
        """The parameters of one component."""
        own = self.components.get(symbol)
        return own or AaveComponentConfig(**self.component.model_dump())

    def pool_of(self, symbol: str) -> PoolConfig:
        """The pool of a component or of one of `tokens`."""
        return self.tokens.get(symbol) or self.component_of(symbol)

    def path(self, symbol: str) -> tuple[str, ...]:
        """The tokens from a component to the collateral, without the latter."""
        found = [symbol]
        while (via := self.pool_of(found[-1]).via) != DIRECT:
            where = f"{'tokens' if found[-1] in self.tokens else 'components'}.{found[-1]}.via"
            if via in found:
                raise ValueError(f"{where}: got {via}, which leads back to {via}")
            found.append(via)
            if len(found) > MAX_HOPS:
                raise ValueError(
                    f"{where}: got {via}, expected a path of at most {MAX_HOPS} pools from {symbol}"
                )
        return tuple(found)

    # what a deployment asks of every venue

    def check_leverage(self, token: TokenConfig) -> None:
        """The loan must fit into Aave's limits, at the target and at the end of
        the band, with up to twice the buffer outside the venue."""
        if self.pool is not None and self.collateral.assumed is None:
            return  # a deployed market has parameters of its own
        reserve, idle = self.collateral.reserve, 2 * percent_wad(self.idle_buffer)
        target = token.leverage * WAD
        edge = target * (10_000 + token.band_bps) // 10_000
        most = (WAD - idle + target) * reserve.units.ltv_bps // 10_000
        if target > most:
            raise ValueError(
                f"venue.collateral.{self._group}.ltv: leverage {token.leverage} needs a loan of "
                f"{format_units(target, 18)} times the net assets, expected at most "
                f"{_short(most)}, which is {plain(reserve.ltv)}% of what is supplied"
            )
        health = (WAD - idle + edge) * reserve.units.liquidation_threshold_bps * WAD
        health //= 10_000 * edge
        if health < wad(self.min_health):
            raise ValueError(
                f"venue.min_health: got {plain(self.min_health)}, expected at most "
                f"{_short(health)}, which is the health at a leverage of "
                f"{format_units(edge, 18)}, where the band ends"
            )

    def native_amounts(self) -> Iterator[tuple[str, Decimal]]:
        """Fields that may not have more decimals than the collateral."""
        yield "collateral.local.liquidity", self.collateral.local.liquidity

    def symbol_fields(self) -> Iterator[tuple[str, list[str], list[str]]]:
        """Fields that name symbols: the field, its symbols, and those that may
        be named besides the components of the index."""
        extra = list(self.tokens)
        yield "components", list(self.components), []
        for name, config in self._each():
            if config.via != DIRECT:
                yield f"{name}.via", [config.via], extra

    def given(self) -> dict[str, str]:
        """Addresses of what exists already, by field."""
        found = {"pool": self.pool, "factory": self.factory}
        for group, members in (("components", self.components), ("tokens", self.tokens)):
            found |= {f"{group}.{name}.address": each.address for name, each in members.items()}
        return {field: address for field, address in found.items() if address is not None}

    def missing(self, symbols: Sequence[str]) -> list[str]:
        """Fields that a live network needs and that are left out."""
        needed = ["pool", "factory", *(f"components.{name}.address" for name in symbols)]
        needed += [f"tokens.{name}.address" for name in self.tokens]
        return [field for field in needed if field not in self.given()]

    # integers

    @property
    def idle_buffer_wad(self) -> int:
        """Share of the net assets kept idle, WAD."""
        return percent_wad(self.idle_buffer)

    @property
    def min_health_wad(self) -> int:
        """Smallest health factor, WAD."""
        return wad(self.min_health)

    def max_trade_units(self, price_wad: int) -> int:
        """Largest chunk of a component in WAD units at a price, rounded down."""
        return units_at_price_down(wad(self.max_trade), price_wad)


def _on_top(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A component's keys replace the common ones, inside groups as well."""
    groups = {
        name: {**common[name], **own[name]}
        for name in ("local", "assumed")
        if isinstance(common.get(name), dict) and isinstance(own.get(name), dict)
    }
    return {**common, **own, **groups}


def _short(ratio_wad: int) -> str:
    """WAD ratio rounded down to four decimals."""
    return format_units(ratio_wad // 10**14, 4)
