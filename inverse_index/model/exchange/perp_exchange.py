# SPDX-License-Identifier: AGPL-3.0-only
"""Model of PerpExchange: the same integers, the same reasons, no chain.

Arguments are those of `ledger`. A call that raises leaves the state
untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ... import reasons
from ..fixed import WAD, ceil_div, require, sint, uint
from .markets import MAX_PRICE, MarketConfig, MarketModel, Moved, notional, share_up
from .marks import Prices
from .pool import LiquidityPoolModel
from .records import Account, Fill, Liquidation, Order

INSURANCE_CUT = 10
PENALTY = 100
BOUNTY = 1_000
BOUNTY_SHARE = 100
DUST = 10 * 10**36


@dataclass
class ExchangeModel(LiquidityPoolModel):
    """Everything that can be done on the exchange and with its pool."""

    # margin

    def deposit(self, name: str, amount: int) -> None:
        with self._atomic(name) as account:
            account.cash += self._pull(amount)
            self.held = uint(self.held + amount)

    def withdraw(self, name: str, amount: int, prices: Prices, now: int) -> None:
        with self._atomic(name) as account:
            require(amount != 0, reasons.EXCHANGE_ZERO)
            account.cash = sint(account.cash - uint(amount * self.scale))
            if account.has_position:
                self._check_initial(name, self.prices_of(name, prices, against=True), now)
            else:
                require(account.cash >= 0, reasons.EXCHANGE_MARGIN)
            self._pay(amount)

    # trading

    def trade(self, name: str, orders: Sequence[Order], prices: Prices, now: int) -> list[Fill]:
        with self._atomic(name) as account:
            require(len(orders) != 0, reasons.EXCHANGE_NO_ORDERS)
            mids, charged = self._checked(prices), self._charged(prices)
            seen: set[int] = set()
            fills, cost, impact, grown = [], 0, 0, False
            for order in orders:
                self._listed(order.market)
                require(order.market not in seen, reasons.EXCHANGE_REPEATED)
                seen.add(order.market)
                base = self._base(order, prices)
                fill, paid, grows = self._fill(account, order, charged[order.market], base, now)
                fills.append(fill)
                cost += paid
                impact += order.delta * (fill.price - base)
                grown = grown or grows
            self._settle_trade(account, cost, sum(fill.fee for fill in fills), impact)
            if grown:
                require(not self._is_restricted(prices), reasons.EXCHANGE_RESTRICTED)
                self._check_initial(name, mids, now)
                self._check_growth(name, mids, now)
                self._set_borrowing(seen, mids, now)
            else:
                equity = self.equity(name, mids, now)
                require(equity >= 0, reasons.EXCHANGE_BANKRUPT)
                if self._is_restricted(prices):
                    for m in seen:
                        self.markets[m].borrowing = 0
            return fills

    def accrue(self, prices: Prices, now: int) -> None:
        """All funding up to now, and every market's borrowing rate by what is kept."""
        with self._atomic():
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            mids = self._undisputed(prices)
            for market, price in zip(self.markets, mids, strict=False):
                market.move(0, 0, price, market.displacement_now(now), now)
            self._set_borrowing(range(len(self.markets)), mids, now)

    def _check_growth(self, name: str, prices: Prices, now: int) -> None:
        """The pool has what it has to keep, and the account no more than one may."""
        equity = self.pool_equity(prices, now)
        require(equity >= self.kept(prices), reasons.EXCHANGE_RESERVE)
        within = self.notional(name, prices) <= self.account_limit_down(equity)
        require(within, reasons.POOL_ACCOUNT_SIZE)

    def _set_borrowing(self, markets: Iterable[int], prices: Prices, now: int) -> None:
        rate = self.borrowing_rate_down(prices, now)
        for m in markets:
            self.markets[m].borrowing = rate

    def _fill(
        self, account: Account, order: Order, price: int, base: int, now: int
    ) -> tuple[Fill, int, bool]:
        market = self.markets[order.market]
        quoted = market.quote(order.delta, base, now)
        fill = quoted.price
        within = fill <= order.limit if order.delta > 0 else fill >= order.limit
        require(within, reasons.EXCHANGE_LIMIT)
        moved = self._resize(account, order.market, order.delta, price, quoted.displacement, now)
        return Fill(fill, quoted.fee), order.delta * fill - moved.funding, moved.grown

    def _resize(
        self, account: Account, m: int, delta: int, price: int, displacement: int, now: int
    ) -> Moved:
        old = account.sizes[m]
        account.sizes[m] = old + delta
        return self.markets[m].move(old, old + delta, price, displacement, now)

    def _settle_trade(self, account: Account, cost: int, fees: int, impact: int) -> None:
        insured = fees // INSURANCE_CUT + impact
        account.cash -= cost + fees
        self.pool_cash += cost + fees - insured
        self.insurance += insured

    def _close(self, account: Account, m: int, size: int, price: int, now: int) -> None:
        """Close at the price, without impact or fee."""
        market = self.markets[m]
        moved = self._resize(account, m, -size, price, market.displacement_now(now), now)
        proceeds = size * price + moved.funding
        account.cash += proceeds
        self.pool_cash -= proceeds

    # solvency

    def liquidate(self, name: str, prices: Prices, now: int) -> Liquidation:
        with self._atomic(name) as account:
            if self._is_restricted(prices):
                self._accrue(account, self._charged(prices), now)
            prices = self.prices_of(name, prices, against=False)
            if self.settled:
                return self._close_out(account, prices, now)
            equity = self.equity(name, prices, now)
            fraction = self.fraction_to_close(name, equity, prices)
            closed = self._close_fraction(account, fraction, prices, now)
            penalty = min(closed // PENALTY, max(equity, 0))
            bounty = min(closed // BOUNTY, self.insurance // BOUNTY_SHARE)
            reward = min(max(penalty // 2, bounty) // self.scale, self.collateral)
            account.cash -= penalty
            self.insurance += penalty - reward * self.scale
            insured, pooled = 0, 0
            if fraction == WAD:
                insured, pooled = self._settle_bad_debt(account)
            if reward:
                self._pay(reward)
            return Liquidation(fraction, penalty, reward, insured, pooled)

    def _accrue(self, account: Account, prices: Sequence[int], now: int) -> None:
        """Funding up to now in the markets in which the account has a position."""
        for m, size in enumerate(account.sizes):
            if size:
                market = self.markets[m]
                market.move(0, 0, prices[m], market.displacement_now(now), now)

    def _close_out(self, account: Account, prices: Sequence[int], now: int) -> Liquidation:
        """Once settled, all of any account, at no cost."""
        require(account.has_position, reasons.EXCHANGE_HEALTHY)
        self._close_fraction(account, WAD, prices, now)
        return Liquidation(WAD, 0, 0, *self._settle_bad_debt(account))

    def fraction_to_close(self, name: str, equity: int, prices: Prices) -> int:
        """WAD part of every position that a liquidation closes, rounded up."""
        prices = self._checked(prices)
        maintenance = self.maintenance_up(name, prices)
        require(equity < maintenance, reasons.EXCHANGE_HEALTHY)
        if 2 * equity < maintenance:
            return WAD
        total = sum(map(notional, self.account(name).sizes, prices))
        initial = self.initial_up(name, prices)
        costs = ceil_div(total, PENALTY)
        if costs >= equity:
            return WAD
        fraction = ceil_div((initial - equity) * WAD, initial - costs)
        return WAD if total * (WAD - fraction) < DUST * WAD else fraction

    def _close_fraction(
        self, account: Account, fraction: int, prices: Sequence[int], now: int
    ) -> int:
        """Notional closed."""
        closed = 0
        for m, size in enumerate(account.sizes):
            if size == 0:
                continue
            part = share_up(abs(size), fraction)
            part = part if size > 0 else -part
            self._close(account, m, part, prices[m], now)
            closed += notional(part, prices[m])
        return closed

    def _settle_bad_debt(self, account: Account) -> tuple[int, int]:
        debt = max(-account.cash, 0)
        insured = min(debt, self.insurance)
        account.cash += debt
        self.insurance -= insured
        self.pool_cash -= debt - insured
        return insured, debt - insured

    def deleverage(self, name: str, m: int, prices: Prices, now: int) -> tuple[int, int, int]:
        """Size closed, and the bad debt paid by insurance and pool."""
        with self._atomic(name) as account:
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            size = account.sizes[self._listed(m)]
            require(size > 0, reasons.EXCHANGE_NO_LONG)
            prices = self._undisputed(prices)
            shorts = sum(
                market.short_interest * price
                for market, price in zip(self.markets, prices, strict=False)
            )
            pool = self.pool_equity(prices, now)
            require(pool < shorts, reasons.EXCHANGE_COVERED)
            self._close(account, m, size, prices[m], now)
            paid = (0, 0) if account.has_position else self._settle_bad_debt(account)
            return size, *paid

    # the constructor

    def list_markets(self, configs: Sequence[MarketConfig], now: int) -> None:
        """One for each component."""
        require(len(configs) == self.component_count, reasons.EXCHANGE_MARKETS)
        for config in configs:
            config.check()
        self.markets = [MarketModel(config, funding_at=now) for config in configs]

    # anyone

    def settle(self, closing: Sequence[int], dead: bool, now: int) -> None:
        """Freeze the oracle's closing prices for good; `dead` is what it says."""
        require(not self.settled, reasons.EXCHANGE_SETTLED)
        require(dead, reasons.EXCHANGE_ORACLE_LIVES)
        used = [min(price, MAX_PRICE) for price in closing[: self.component_count]]
        self.frozen = tuple(self._checked(used))
        for market, price in zip(self.markets, self.frozen, strict=False):
            market.settle(price, now)
