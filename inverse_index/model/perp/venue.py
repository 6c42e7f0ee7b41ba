# SPDX-License-Identifier: AGPL-3.0-only
"""The embedded exchange as the venue of a modelled system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, ClassVar

from ...plan.perp import PerpPlan
from ..exchange.markets import MarketConfig
from ..exchange.perp_exchange import ExchangeModel
from ..oracle.index_oracle import OracleModel
from ..token.views import Context
from .vault import PerpVaultModel

VAULT = "vault"
PROVIDER = "provider"


@dataclass(frozen=True)
class PerpFigures:
    """What exchange and pool have stored. Cash and insurance at scale 1e36."""

    held: int
    pool_held: int
    pool_cash: int
    insurance: int
    vault_cash: int
    markets: Sequence[Sequence[int]]  # each as `MarketState`


@dataclass
class PerpVenueModel:
    """The exchange, and what a holder pays for on it."""

    exchange: ExchangeModel
    kind: ClassVar[str] = "perp"
    items: ClassVar[tuple[str, ...]] = ("fees", "impact", "funding", "keeper", "netting")
    time_item: ClassVar[str] = "funding"
    fee_item: ClassVar[str] = "fees"
    quotes_exactly: ClassVar[bool] = True

    def pairs(self, figures: PerpFigures) -> Iterator[tuple[str, Any, Any]]:
        """Each figure's name, value on the chain and value here."""
        exchange = self.exchange
        yield "held", figures.held, exchange.held
        yield "pool held", figures.pool_held, exchange.pool_held
        yield "pool cash", figures.pool_cash, exchange.pool_cash
        yield "insurance", figures.insurance, exchange.insurance
        yield "vault cash", figures.vault_cash, exchange.account(VAULT).cash
        for i, market in enumerate(exchange.markets):
            yield f"market {i}", tuple(figures.markets[i]), astuple(market.state())

    def conservation_error(self) -> int:
        """Collateral held less everything owed, at scale 1e36."""
        return self.exchange.conservation_error()

    def follow(self, prices: Mapping[str, int], collateral_price: int) -> None:
        """The exchange fills at oracle prices: it has no market to move."""

    def liquidation(self, now: int) -> None:
        """Nobody liquidates the vault in a replay: its keeper comes first."""

    def mark(self, context: Context, now: int) -> Sequence[int]:
        """Cumulative funding of every market's shorts, WAD collateral per unit."""
        markets = self.exchange.markets
        prices = context.prices.mid
        return [m.funding_now(False, p, now) for m, p in zip(markets, prices, strict=True)]

    def accrued(
        self, before: Context, mark: Sequence[int], after: Context, next_mark: Sequence[int]
    ) -> int:
        """What time has paid to the token between two marks, nobody acting;
        collateral at scale 1e36. A short is paid while the cumulative rate rises."""
        return sum(
            short * (new - old)
            for short, old, new in zip(before.held.shorts, mark, next_mark, strict=True)
        )


def build_perp(
    plan: PerpPlan,
    symbols: Sequence[str],
    collateral: str,
    decimals: int,
    oracle: OracleModel,
    now: int,
    order: Sequence[str],
) -> tuple[PerpVenueModel, PerpVaultModel]:
    """What is deployed locally from the same plan."""
    exchange = ExchangeModel(decimals, len(symbols))
    exchange.max_borrowing, exchange.account_limit = plan.max_borrowing, plan.account_limit
    exchange.list_markets([MarketConfig(**vars(market)) for market in plan.markets], now)
    if plan.pool_liquidity:
        mid = oracle.read(now).mid
        exchange.request_deposit(PROVIDER, plan.pool_liquidity, mid, now)
        exchange.claim_deposit(PROVIDER, plan.pool_liquidity, 0, mid, now)
    if plan.insurance:
        exchange.fund_insurance(plan.insurance)
    vault = PerpVaultModel(exchange, VAULT, plan.idle_buffer, plan.max_trade, oracle)
    return PerpVenueModel(exchange), vault
