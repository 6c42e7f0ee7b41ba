# SPDX-License-Identifier: AGPL-3.0-only
"""Aave, Uniswap and the vault on them in the contracts' integers.

The order of two tokens in a pool follows from their addresses, which a plan
does not know: `model.pool_start` turns a pool's plan into ticks and liquidity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..config import AaveVenueConfig, ReserveParameters
from ..config.aave_reserve import ReserveConfig
from ..config.aave_venue import PoolConfig
from ..config.fields import plain
from ..config.units import percent_wad, units_at_price_down, wad
from ..errors import UserError

WAD = 10**18
BPS = 10_000


@dataclass(frozen=True)
class PoolPlan:
    """A token and its pool towards the collateral.

    path: the tokens from this one to the collateral, without the latter.
    price: at the start, WAD collateral. fee: millionths.
    depth: of a local pool, native collateral. reach: WAD, 9e18 for a tenth of
    the price to ten times the price.
    """

    symbol: str
    decimals: int
    price: int
    fee: int
    depth: int
    reach: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class SupplyPlan:
    """A local reserve: parameters, and what is supplied and borrowed (native)."""

    units: ReserveParameters
    supplied: int
    borrowed: int


@dataclass(frozen=True)
class AaveComponentPlan:
    """A component: its pool, its reserve, and the largest chunk (WAD units)."""

    pool: PoolPlan
    reserve: SupplyPlan
    max_trade: int

    @property
    def symbol(self) -> str:
        return self.pool.symbol


@dataclass(frozen=True)
class AavePlan:
    """Reserves and pools by component, in the index's order, and the vault's
    limits. tokens: those of paths that are no components. All ratios WAD."""

    components: tuple[AaveComponentPlan, ...]
    tokens: tuple[PoolPlan, ...]
    collateral: SupplyPlan
    idle_buffer: int
    min_health: int
    kind: ClassVar[str] = "aave"

    @property
    def pools(self) -> tuple[PoolPlan, ...]:
        """Every pool: the components', then the others'."""
        return (*(component.pool for component in self.components), *self.tokens)

    @property
    def max_trade(self) -> tuple[int, ...]:
        """Largest chunks, WAD units."""
        return tuple(component.max_trade for component in self.components)


def plan_aave(
    venue: AaveVenueConfig, symbols: Sequence[str], mids: Sequence[int], decimals: int
) -> AavePlan:
    """Convert at the start prices `mids`, WAD collateral per component."""
    both = sorted({*symbols} & {*venue.tokens})
    if both:
        raise UserError(
            f"venue.tokens.{both[0]}: is a component of the index",
            "remove it from venue.tokens: a path may lead through a component",
        )
    _check_shared(venue, symbols)
    return AavePlan(
        components=tuple(
            _component(venue, symbol, mid, decimals)
            for symbol, mid in zip(symbols, mids, strict=True)
        ),
        tokens=tuple(
            _pool(venue, name, config, wad(config.local.price), decimals)
            for name, config in venue.tokens.items()
        ),
        collateral=_supply(venue.collateral.reserve, WAD, decimals),
        idle_buffer=venue.idle_buffer_wad,
        min_health=venue.min_health_wad,
    )


def _check_shared(venue: AaveVenueConfig, symbols: Sequence[str]) -> None:
    """Components that share a pool share what it may be moved by."""
    paths = [venue.path(symbol) for symbol in symbols]
    for name in sorted({token for path in paths for token in path}):
        users = sum(name in path for path in paths)
        limit = venue.pool_of(name).sandwich_limit
        if venue.max_trade * users > limit:
            raise UserError(
                f"venue.max_trade: got {plain(venue.max_trade)}, but {users} components trade "
                f"with the pool of {name}, which {plain(limit)} may move at once (2 * fee * depth)",
                f"use at most {plain(limit / users)}, or other paths",
            )


def _component(venue: AaveVenueConfig, symbol: str, mid: int, decimals: int) -> AaveComponentPlan:
    config = venue.component_of(symbol)
    return AaveComponentPlan(
        pool=_pool(venue, symbol, config, mid, decimals),
        reserve=_supply(config.local, mid, config.decimals),
        max_trade=venue.max_trade_units(mid),
    )


def _pool(
    venue: AaveVenueConfig, symbol: str, config: PoolConfig, price: int, decimals: int
) -> PoolPlan:
    return PoolPlan(
        symbol=symbol,
        decimals=config.decimals,
        price=price,
        fee=config.fee_pips,
        depth=wad(config.depth) * 10**decimals // WAD,
        reach=percent_wad(config.local.range),
        path=venue.path(symbol),
    )


def _supply(config: ReserveConfig, price: int, decimals: int) -> SupplyPlan:
    """Liquidity is stated in collateral; native units of the token, rounded down."""
    units = units_at_price_down(wad(config.liquidity), price)
    supplied = units * 10**decimals // WAD
    return SupplyPlan(config.units, supplied, supplied * config.borrowed_bps // BPS)
