# SPDX-License-Identifier: AGPL-3.0-only
"""Aave and Uniswap as the venue of a modelled system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from ..fixed import BPS, MAX_UINT256, WAD, ceil_div
from ..protocols.aave.market import AaveModel
from ..protocols.uniswap.pool import PoolModel
from ..token.views import Context
from ..uniswap.initial_pools import PoolShape

VAULT = "vault"
LIQUIDATOR = "liquidator"


@dataclass(frozen=True)
class ReserveFigures:
    """Stored state of one reserve; indices and rates ray, the rest scaled."""

    liquidity_index: int
    variable_borrow_index: int
    liquidity_rate: int
    variable_borrow_rate: int
    last_update: int
    accrued_to_treasury: int
    total_supplied: int
    total_owed: int
    supplied: int  # the vault's
    owed: int  # the vault's


@dataclass(frozen=True)
class PoolFigures:
    """Stored state of one pool."""

    sqrt_price_x96: int
    tick: int
    liquidity: int


@dataclass(frozen=True)
class AaveFigures:
    """Reserves of the collateral and the components, and pools, by symbol."""

    reserves: Mapping[str, ReserveFigures]
    pools: Mapping[str, PoolFigures]


@dataclass
class AaveVenueModel:
    """Reserves and pools, and what a holder pays for on them.

    pools: by the token that they lead on from. decimals: the collateral's.
    fixed: prices, WAD collateral, that never move.
    """

    aave: AaveModel
    pools: dict[str, PoolModel]
    shapes: tuple[PoolShape, ...]
    symbols: tuple[str, ...]
    collateral: str
    decimals: int
    fixed: Mapping[str, int]
    kind: ClassVar[str] = "aave"
    items: ClassVar[tuple[str, ...]] = (
        "fees",
        "interest",
        "swap fees",
        "impact",
        "liquidation",
        "keeper",
        "netting",
    )
    time_item: ClassVar[str] = "interest"
    fee_item: ClassVar[str] = "swap fees"

    @property
    def quotes_exactly(self) -> bool:
        """Whether no trade crosses two pools, which the vault does not walk together."""
        return all(shape.quote == self.collateral for shape in self.shapes)

    def pairs(self, figures: AaveFigures) -> Iterator[tuple[str, Any, Any]]:
        """Each figure's name, value on the chain and value here."""
        for symbol, found in figures.reserves.items():
            own = asdict(self.reserve_figures(symbol))
            for name, value in asdict(found).items():
                yield f"reserve {symbol} {name}", value, own[name]
        for symbol, at in figures.pools.items():
            pool = self.pools[symbol]
            here = PoolFigures(pool.sqrt_price_x96, pool.tick, pool.liquidity)
            yield f"pool {symbol}", at, here

    def reserve_figures(self, symbol: str) -> ReserveFigures:
        """The stored state of one reserve."""
        aave, reserve = self.aave, self.aave.reserves[symbol]
        return ReserveFigures(
            liquidity_index=reserve.liquidity_index,
            variable_borrow_index=reserve.variable_borrow_index,
            liquidity_rate=reserve.current_liquidity_rate,
            variable_borrow_rate=reserve.current_variable_borrow_rate,
            last_update=reserve.last_update,
            accrued_to_treasury=reserve.accrued_to_treasury,
            total_supplied=sum(reserve.supplied.values()),
            total_owed=sum(reserve.owed.values()),
            supplied=aave.scaled_supplied(symbol, VAULT),
            owed=aave.scaled_owed(symbol, VAULT),
        )

    def conservation_error(self) -> int:
        """Aave lends what it has: the largest lack of underlying, native."""
        return max(max(-each.available, 0) for each in self.aave.reserves.values())

    def follow(self, prices: Mapping[str, int], collateral_price: int) -> None:
        """Arbitrage moves every pool to the USD prices (8 decimals)."""
        at = pool_prices(self.fixed, self.symbols, prices, collateral_price)
        for shape in self.shapes:
            self.pools[shape.symbol].move_to(shape.sqrt_price(at))

    def furthest_pool_bps_up(self, prices: Mapping[str, int], collateral_price: int) -> int:
        """How far a pool's price is from where arbitrage would move it, basis points
        of it: the furthest of all. Pools hold square roots of prices, which move by
        half as much."""
        at, furthest = pool_prices(self.fixed, self.symbols, prices, collateral_price), 0
        for shape in self.shapes:
            root = shape.sqrt_price(at)
            away = abs(self.pools[shape.symbol].sqrt_price_x96 - root)
            furthest = max(furthest, ceil_div(2 * BPS * away, root))
        return furthest

    def liquidation(self, now: int) -> str | None:
        """The component whose debt a liquidator would repay: the vault's most
        valuable one once Aave lets anybody, else none."""
        if self.aave.account_data(VAULT, now).health_factor >= WAD:
            return None
        worth = {
            symbol: self.aave.scaled_owed(symbol, VAULT)
            * self.aave.price(symbol)
            * 10 ** (18 - self.aave.reserves[symbol].decimals)
            for symbol in self.symbols
        }
        largest = max(worth, key=lambda symbol: worth[symbol])
        lost = self.aave.scaled_supplied(self.collateral, VAULT) == 0
        return None if lost or worth[largest] == 0 else largest

    def liquidate(self, symbol: str, now: int) -> None:
        """A liquidator repays as much of the debt as Aave lets him."""
        self.aave.liquidate(self.collateral, symbol, VAULT, MAX_UINT256, LIQUIDATOR, now)

    def mark(self, context: Context, now: int) -> int:
        """The vault's collateral on Aave, native."""
        return self.aave.supplied(self.collateral, VAULT, now)

    def accrued(self, before: Context, mark: int, after: Context, next_mark: int) -> int:
        """Interest earned less interest owed between two marks, nobody acting;
        collateral at scale 1e36. Debts count in units: a price move is none."""
        owed = sum(
            (new - old) * price
            for old, new, price in zip(
                before.held.shorts, after.held.shorts, after.prices.mid, strict=True
            )
        )
        scale: int = 10 ** (36 - self.decimals)
        return (next_mark - mark) * scale - owed


def pool_prices(
    fixed: Mapping[str, int], symbols: Sequence[str], prices: Mapping[str, int], collateral: int
) -> dict[str, int]:
    """WAD collateral of every token, from USD prices (8 decimals) of the
    components and of the collateral, rounded down as the oracle does."""
    return {**fixed, **{symbol: prices[symbol] * WAD // collateral for symbol in symbols}}
