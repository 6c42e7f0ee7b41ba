# SPDX-License-Identifier: AGPL-3.0-only
"""What PerpExchange and its LiquidityPool have stored, and their views; nothing in here
changes it.

Prices (WAD, one per component, more are ignored) and time (seconds) are
arguments; where the contract would ask an unusable oracle, pass the `Revert`
that it answers with, and `Restricted` prices where it restricts them. Once
settled, only the frozen prices count.
Amounts at scale 1e36 are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from ... import reasons
from ..fixed import WAD, Revert, require, sint
from .markets import MAX_PRICE, MarketModel, notional, position_value
from .marks import Prices, Restricted
from .records import Account, Order


@dataclass
class ExchangeBooks:
    """The exchange of `decimals` collateral over `component_count` prices."""

    decimals: int
    component_count: int
    markets: list[MarketModel] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    max_borrowing: int = 0  # WAD per second, of a pool that is wholly kept
    account_limit: int = WAD  # of the pool's equity
    pool_cash: int = 0
    insurance: int = 0
    held: int = 0  # by the exchange
    pool_held: int = 0
    pending: int = 0  # native, at the pool beside what it holds
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
        """What both contracts hold but for pending deposits, native."""
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
            self.pending,
            self.total_liquidity,
        )

    def put_back(self, totals: tuple[int, ...]) -> None:
        (
            self.pool_cash,
            self.insurance,
            self.held,
            self.pool_held,
            self.pending,
            self.total_liquidity,
        ) = totals

    def state(self) -> dict[str, Any]:
        """Everything that is stored, for comparison."""
        return {
            "held": self.held,
            "pool_held": self.pool_held,
            "pending": self.pending,
            "pool_cash": self.pool_cash,
            "insurance": self.insurance,
            "total_liquidity": self.total_liquidity,
            "settled": self.settled,
            "markets": [market.state() for market in self.markets],
            "accounts": {
                name: (
                    each.cash,
                    tuple(each.sizes),
                    each.liquidity,
                    astuple(each.joining),
                    astuple(each.leaving),
                )
                for name, each in self.accounts.items()
            },
        }

    def conservation_error(self) -> int:
        """Collateral of both contracts less all claims, scale 1e36: zero, always. So is
        what is pending at the pool less the requests for it."""
        accounts = self.accounts.values()
        claims = sum(account.cash for account in accounts) + self.pool_cash + self.insurance
        asked = sum(account.joining.amount for account in accounts)
        apart = abs(self.pending - asked) * self.scale
        return abs(self.collateral * self.scale - claims) + apart

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
        used, charged = self._checked(prices), self._charged(prices)
        ordered = {order.market for order in orders}
        at = [(charged if m in ordered else used)[m] for m in range(len(self.markets))]
        account = self.account(name)
        equity = account.cash + sum(
            position_value(size, price, market.funding_now(size > 0, each, now))
            for market, size, price, each in zip(
                self.markets, account.sizes, used, at, strict=False
            )
            if size
        )
        for order in orders:
            price = used[self._listed(order.market)]
            base = self._base(order, prices)
            quoted = self.markets[order.market].quote(order.delta, base, now)
            equity -= position_value(order.delta, quoted.price, price) + quoted.fee
        return sint(equity)

    def pool_equity(self, prices: Prices, now: int) -> int:
        """Scale 1e36."""
        prices = self._checked(prices)
        return self.pool_cash - sum(
            market.value(-market.short_interest, price, now)
            + market.value(market.long_interest, price, now)
            for market, price in zip(self.markets, prices, strict=False)
        )

    def kept(self, prices: Prices) -> int:
        """What the pool keeps for open positions, scale 1e36."""
        prices = self._checked(prices)
        return sum(market.kept * price for market, price in zip(self.markets, prices, strict=False))

    def spare_reserve(self, name: str, prices: Prices, now: int) -> int:
        """What the account may add to its notional, scale 1e36."""
        if self.settled:
            return 0
        equity = self.pool_equity(prices, now)
        own = self.account_limit_down(equity) - self.notional(name, prices)
        return min(equity - self.kept(prices), own)

    def account_limit_down(self, equity: int) -> int:
        """Notional, scale 1e36."""
        return max(equity, 0) // WAD * self.account_limit

    def notional(self, name: str, prices: Prices) -> int:
        """Of all positions of an account, scale 1e36."""
        sizes = self.accounts[name].sizes if name in self.accounts else ()
        return sum(map(notional, sizes, self._checked(prices)))

    def borrowing_rate_down(self, prices: Prices, now: int) -> int:
        """WAD per second, for what the pool keeps now."""
        kept, equity = self.kept(prices), self.pool_equity(prices, now)
        if kept == 0:
            return 0
        if equity <= 0 or kept >= equity:
            return self.max_borrowing
        square = (kept // (equity // 10**9 + 1)) ** 2
        return self.max_borrowing * square // WAD * square // WAD

    def depth(self, market: int, bound: int, buy: bool, now: int) -> int:
        """Largest order within `bound`, WAD units."""
        return self.markets[self._listed(market)].depth(bound, buy, now)

    # parts

    def _listed(self, m: int) -> int:
        require(0 <= m < len(self.markets), reasons.EXCHANGE_NOT_LISTED)
        return m

    def _checked(self, prices: Prices) -> Sequence[int]:
        if self.frozen:
            return self.frozen
        if isinstance(prices, Revert):
            raise prices
        if isinstance(prices, Restricted):
            prices = prices.mid
        used = [*prices, 0][: self.component_count]
        require(all(0 < p <= MAX_PRICE for p in used), reasons.EXCHANGE_PRICE_RANGE)
        return used

    def _charged(self, prices: Prices) -> Sequence[int]:
        """At which funding is charged."""
        if isinstance(prices, Restricted) and not self.frozen:
            return prices.charged
        return self._checked(prices)

    def _is_restricted(self, prices: Prices) -> bool:
        return isinstance(prices, Restricted) and not self.frozen

    def _base(self, order: Order, prices: Prices) -> int:
        """What an order fills at, impact apart."""
        if isinstance(prices, Restricted) and not self.frozen:
            return (prices.high if order.delta > 0 else prices.low)[order.market]
        return self._checked(prices)[order.market]

    def prices_of(self, name: str, prices: Prices, against: bool) -> Sequence[int]:
        """Mids; under a restriction the worst or best for the account's positions."""
        mids = self._checked(prices)
        if not isinstance(prices, Restricted) or self.frozen:
            return mids
        worst = {True: prices.high, False: prices.low}
        return [
            worst[(size < 0) == against][m] if size else mids[m]
            for m, size in enumerate(self.account(name).sizes)
        ]

    def margin(self, name: str, prices: Prices, now: int) -> tuple[int, int, int]:
        """Equity, initial and maintenance requirement, scale 1e36."""
        used = self.prices_of(name, prices, against=True)
        equity = self.equity(name, used, now)
        return equity, self.initial_up(name, used), self.maintenance_up(name, used)

    def _undisputed(self, prices: Prices) -> Sequence[int]:
        mids = self._checked(prices)
        require(not self._is_restricted(prices), reasons.EXCHANGE_RESTRICTED)
        return mids

    def _check_initial(self, name: str, prices: Prices, now: int) -> None:
        requirement = self.initial_up(name, prices)
        enough = self.equity(name, prices, now) >= requirement
        require(enough, reasons.EXCHANGE_MARGIN)
