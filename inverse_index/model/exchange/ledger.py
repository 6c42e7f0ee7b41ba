# SPDX-License-Identifier: AGPL-3.0-only
"""What PerpExchange and its LiquidityPool have stored, and their views; nothing in here
changes it.

Prices (WAD, one per component, more are ignored) and time (seconds) are
arguments; where the contract would ask an unusable oracle, pass the `Revert`
that it answers with. Once settled, only the frozen prices count.
Amounts at scale 1e36 are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ... import reasons
from ..fixed import Revert, require, sint
from .markets import MAX_PRICE, MarketModel, position_value
from .records import Account, Order

Prices = Sequence[int] | Revert


@dataclass
class ExchangeBooks:
    """The exchange of `decimals` collateral over `component_count` prices."""

    decimals: int
    component_count: int
    markets: list[MarketModel] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    pool_cash: int = 0
    insurance: int = 0
    held: int = 0  # by the exchange
    pool_held: int = 0
    total_liquidity: int = 0
    frozen: tuple[int, ...] = ()  # prices of the settlement, none before

    @property
    def settled(self) -> bool:
        return bool(self.frozen)

    @property
    def scale(self) -> int:
        """From native to 1e36."""
        return int(10 ** (36 - self.decimals))

    @property
    def collateral(self) -> int:
        """What both contracts hold, native."""
        return self.held + self.pool_held

    def account(self, name: str) -> Account:
        if name not in self.accounts:
            self.accounts[name] = Account([0] * self.component_count)
        return self.accounts[name]

    def totals(self) -> tuple[int, ...]:
        """Of the pool and of both custodies, to put back."""
        return (
            self.pool_cash,
            self.insurance,
            self.held,
            self.pool_held,
            self.total_liquidity,
        )

    def put_back(self, totals: tuple[int, ...]) -> None:
        (
            self.pool_cash,
            self.insurance,
            self.held,
            self.pool_held,
            self.total_liquidity,
        ) = totals

    def state(self) -> dict[str, Any]:
        """Everything that is stored, for comparison."""
        return {
            "held": self.held,
            "pool_held": self.pool_held,
            "pool_cash": self.pool_cash,
            "insurance": self.insurance,
            "total_liquidity": self.total_liquidity,
            "settled": self.settled,
            "markets": [market.state() for market in self.markets],
            "accounts": {
                name: (each.cash, tuple(each.sizes), each.liquidity, each.unlocked_at)
                for name, each in self.accounts.items()
            },
        }

    def conservation_error(self) -> int:
        """Collateral held less all claims, scale 1e36: zero, always."""
        claims = sum(account.cash for account in self.accounts.values())
        return self.collateral * self.scale - claims - self.pool_cash - self.insurance

    # views

    def equity(self, name: str, prices: Prices, now: int) -> int:
        """Equity of an account, scale 1e36."""
        prices = self._checked(prices)
        account = self.account(name)
        return account.cash + sum(
            market.value(size, price, now)
            for market, size, price in zip(self.markets, account.sizes, prices, strict=False)
            if size
        )

    def initial_up(self, name: str, prices: Prices) -> int:
        """Initial margin requirement, scale 1e36."""
        prices = self._checked(prices)
        sizes = self.account(name).sizes
        return sum(
            market.initial_up(*each)
            for market, *each in zip(self.markets, sizes, prices, strict=False)
        )

    def maintenance_up(self, name: str, prices: Prices) -> int:
        """Maintenance margin requirement, scale 1e36."""
        prices = self._checked(prices)
        sizes = self.account(name).sizes
        return sum(
            market.maintenance_up(*each)
            for market, *each in zip(self.markets, sizes, prices, strict=False)
        )

    def quote(self, name: str, orders: Sequence[Order], prices: Prices, now: int) -> int:
        """Equity after the orders have filled, scale 1e36."""
        prices = self._checked(prices)
        equity = self.equity(name, prices, now)
        for order in orders:
            price = prices[self._listed(order.market)]
            fill, fee = self.markets[order.market].quote(order.delta, price)
            equity -= position_value(order.delta, fill, price) + fee
        return sint(equity)

    def pool_equity(self, prices: Prices, now: int) -> int:
        """Scale 1e36."""
        prices = self._checked(prices)
        return self.pool_cash - sum(
            market.value(market.skew, price, now)
            for market, price in zip(self.markets, prices, strict=False)
        )

    def spare_reserve(self, prices: Prices, now: int) -> int:
        """Pool equity less the value of all open interest, scale 1e36."""
        return 0 if self.settled else self._spare_reserve(prices, now)

    def _spare_reserve(self, prices: Prices, now: int) -> int:
        prices = self._checked(prices)
        reserve = sum(
            (market.short_interest + market.long_interest) * price
            for market, price in zip(self.markets, prices, strict=False)
        )
        return self.pool_equity(prices, now) - reserve

    def depth(self, market: int, bound: int, buy: bool) -> int:
        """Largest order within `bound`, WAD units."""
        return self.markets[self._listed(market)].depth(bound, buy)

    # parts

    def _listed(self, m: int) -> int:
        require(0 <= m < len(self.markets), reasons.EXCHANGE_NOT_LISTED)
        return m

    def _checked(self, prices: Prices) -> Sequence[int]:
        if self.frozen:
            return self.frozen
        if isinstance(prices, Revert):
            raise prices
        used = [*prices, 0][: self.component_count]
        require(all(0 < p <= MAX_PRICE for p in used), reasons.EXCHANGE_PRICE_RANGE)
        return used

    def _check_initial(self, name: str, prices: Prices, now: int) -> None:
        requirement = self.initial_up(name, prices)
        enough = self.equity(name, prices, now) >= requirement
        require(enough, reasons.EXCHANGE_MARGIN)
