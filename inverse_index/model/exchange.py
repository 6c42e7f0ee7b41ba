# SPDX-License-Identifier: AGPL-3.0-only
"""Model of PerpExchange: the same integers, the same reasons, no chain.

Prices (WAD, one per component, more are ignored) and time (seconds) are
arguments; where the contract would ask an unusable oracle, pass the `Revert`
that it answers with.
Amounts at scale 1e36 are exact. A call that raises leaves the state untouched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .fixed import WAD, Revert, ceil_div, mul_div_down, require, sint, uint
from .ledger import Account, Fill, Liquidation, Order
from .markets import MAX_PRICE, MarketConfig, MarketModel, notional, position_value, share_up

Prices = Sequence[int] | Revert

LIQUIDITY_LOCK = 3_600
INSURANCE_CUT = 10
PENALTY = 100
BOUNTY = 1_000
BOUNTY_SHARE = 100
DUST = 10 * 10**36
VIRTUAL_SHARES = 10**15
VIRTUAL_ASSETS = 10**33


@dataclass
class ExchangeModel:
    """The exchange of `decimals` collateral over `component_count` prices."""

    decimals: int
    component_count: int
    markets: list[MarketModel] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    pool_cash: int = 0
    insurance: int = 0
    held: int = 0
    total_liquidity: int = 0

    @property
    def scale(self) -> int:
        """From native to 1e36."""
        return int(10 ** (36 - self.decimals))

    def account(self, name: str) -> Account:
        if name not in self.accounts:
            self.accounts[name] = Account([0] * self.component_count)
        return self.accounts[name]

    def state(self) -> dict[str, Any]:
        """Everything that is stored, for comparison."""
        return {
            "held": self.held,
            "pool_cash": self.pool_cash,
            "insurance": self.insurance,
            "total_liquidity": self.total_liquidity,
            "markets": [market.state() for market in self.markets],
            "accounts": {
                name: (each.cash, tuple(each.sizes), each.liquidity, each.unlocked_at)
                for name, each in self.accounts.items()
            },
        }

    def conservation_error(self) -> int:
        """Collateral held less all claims, scale 1e36: zero, always."""
        claims = sum(account.cash for account in self.accounts.values())
        return self.held * self.scale - claims - self.pool_cash - self.insurance

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
        prices = self._checked(prices)
        reserve = sum(
            (market.short_interest + market.long_interest) * price
            for market, price in zip(self.markets, prices, strict=False)
        )
        return self.pool_equity(prices, now) - reserve

    def depth(self, market: int, bound: int, buy: bool) -> int:
        """Largest order within `bound`, WAD units."""
        return self.markets[self._listed(market)].depth(bound, buy)

    # margin

    def deposit(self, name: str, amount: int) -> None:
        with self._atomic(name) as account:
            account.cash += self._pull(amount)

    def withdraw(self, name: str, amount: int, prices: Prices, now: int) -> None:
        with self._atomic(name) as account:
            require(amount != 0, "exchange: zero amount")
            account.cash = sint(account.cash - uint(amount * self.scale))
            if account.has_position:
                self._check_initial(name, prices, now)
            else:
                require(account.cash >= 0, "exchange: margin too low")
            self._push(amount)

    def fund_insurance(self, amount: int) -> None:
        with self._atomic():
            self.insurance += self._pull(amount)

    # trading

    def trade(self, name: str, orders: Sequence[Order], prices: Prices, now: int) -> list[Fill]:
        with self._atomic(name) as account:
            require(len(orders) != 0, "exchange: no orders")
            prices = self._checked(prices)
            seen: set[int] = set()
            fills, cost, grown = [], 0, False
            for order in orders:
                self._listed(order.market)
                require(order.market not in seen, "exchange: market repeated")
                seen.add(order.market)
                fill, paid, grows = self._fill(account, order, prices[order.market], now)
                fills.append(fill)
                cost += paid
                grown = grown or grows
            self._settle_trade(account, cost, sum(fill.fee for fill in fills))
            if grown:
                self._check_initial(name, prices, now)
                spare = self.spare_reserve(prices, now)
                require(spare >= 0, "exchange: pool reserve too low")
            else:
                equity = self.equity(name, prices, now)
                require(equity >= 0, "exchange: equity below zero")
            return fills

    def _fill(self, account: Account, order: Order, price: int, now: int) -> tuple[Fill, int, bool]:
        market = self.markets[order.market]
        fill, fee = market.quote(order.delta, price)
        within = fill <= order.limit if order.delta > 0 else fill >= order.limit
        require(within, "exchange: price beyond limit")
        funding = market.funding_now(price, now)
        grown = self._resize(account, order.market, order.delta, funding, now)
        return Fill(fill, fee), position_value(order.delta, fill, funding), grown

    def _resize(self, account: Account, m: int, delta: int, funding: int, now: int) -> bool:
        old = account.sizes[m]
        account.sizes[m] = old + delta
        return self.markets[m].move(old, old + delta, funding, now)

    def _settle_trade(self, account: Account, cost: int, fees: int) -> None:
        cut = fees // INSURANCE_CUT
        account.cash -= cost + fees
        self.pool_cash += cost + fees - cut
        self.insurance += cut

    def _close(self, account: Account, m: int, size: int, price: int, now: int) -> int:
        """Close without a fee; the fill price."""
        fill = self.markets[m].fill_price(-size, price)
        funding = self.markets[m].funding_now(price, now)
        self._resize(account, m, -size, funding, now)
        proceeds = position_value(size, fill, funding)
        account.cash += proceeds
        self.pool_cash -= proceeds
        return fill

    # solvency

    def liquidate(self, name: str, prices: Prices, now: int) -> Liquidation:
        with self._atomic(name) as account:
            prices = self._checked(prices)
            equity = self.equity(name, prices, now)
            fraction = self.fraction_to_close(name, equity, prices)
            closed, impact = self._close_fraction(account, fraction, prices, now)
            penalty = min(closed // PENALTY, max(equity - impact, 0))
            bounty = min(closed // BOUNTY, self.insurance // BOUNTY_SHARE)
            reward = max(penalty // 2, bounty) // self.scale
            account.cash -= penalty
            self.insurance += penalty - reward * self.scale
            insured, pooled = 0, 0
            if fraction == WAD:
                insured, pooled = self._settle_bad_debt(account)
            if reward:
                self._push(reward)
            return Liquidation(fraction, penalty, reward, insured, pooled)

    def fraction_to_close(self, name: str, equity: int, prices: Prices) -> int:
        """WAD part of every position that a liquidation closes, rounded up."""
        prices = self._checked(prices)
        maintenance = self.maintenance_up(name, prices)
        require(equity < maintenance, "exchange: account is healthy")
        if 2 * equity < maintenance:
            return WAD
        total = sum(map(notional, self.account(name).sizes, prices))
        initial = self.initial_up(name, prices)
        costs = ceil_div(total, PENALTY) + self._closing_impact(name, prices)
        if costs >= equity:
            return WAD
        fraction = ceil_div((initial - equity) * WAD, initial - costs)
        return WAD if total * (WAD - fraction) < DUST * WAD else fraction

    def _closing_impact(self, name: str, prices: Sequence[int]) -> int:
        return sum(
            position_value(size, prices[m], self.markets[m].fill_price(-size, prices[m]))
            for m, size in enumerate(self.account(name).sizes)
            if size
        )

    def _close_fraction(
        self, account: Account, fraction: int, prices: Sequence[int], now: int
    ) -> tuple[int, int]:
        """Notional closed, and its cost against oracle prices."""
        closed, impact = 0, 0
        for m, size in enumerate(account.sizes):
            if size == 0:
                continue
            part = share_up(abs(size), fraction)
            part = part if size > 0 else -part
            fill = self._close(account, m, part, prices[m], now)
            closed += notional(part, prices[m])
            impact += position_value(part, prices[m], fill)
        return closed, impact

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
            size = account.sizes[self._listed(m)]
            require(size > 0, "exchange: no long position")
            prices = self._checked(prices)
            shorts = sum(
                market.short_interest * price
                for market, price in zip(self.markets, prices, strict=False)
            )
            pool = self.pool_equity(prices, now)
            require(pool < shorts, "exchange: pool covers the shorts")
            self._close(account, m, size, prices[m], now)
            paid = (0, 0) if account.has_position else self._settle_bad_debt(account)
            return size, *paid

    # liquidity

    def pool_assets(self, prices: Prices, now: int) -> int:
        """What all shares stand for, scale 1e36: pool equity less the impact
        owed to those who close, rounded down."""
        prices = self._checked(prices)
        worth = self.pool_equity(prices, now) - sum(
            market.impact_owed_up(price)
            for market, price in zip(self.markets, prices, strict=False)
        )
        assets = worth + VIRTUAL_ASSETS
        sound = worth > 0 or (self.total_liquidity == 0 and assets > 0)
        require(sound, "exchange: pool is exhausted")
        return assets

    def add_liquidity(
        self, name: str, amount: int, min_shares: int, prices: Prices, now: int
    ) -> int:
        with self._atomic(name) as account:
            assets = self.pool_assets(prices, now)
            value = self._pull(amount)
            shares = mul_div_down(value, self.total_liquidity + VIRTUAL_SHARES, assets)
            enough = shares != 0 and shares >= min_shares
            require(enough, "exchange: fewer shares than asked")
            self.pool_cash += value
            self.total_liquidity += shares
            account.liquidity += shares
            account.unlocked_at = now + LIQUIDITY_LOCK
            return shares

    def remove_liquidity(
        self, name: str, shares: int, min_amount: int, prices: Prices, now: int
    ) -> int:
        with self._atomic(name) as account:
            require(shares != 0, "exchange: zero amount")
            require(now >= account.unlocked_at, "exchange: liquidity is locked")
            require(shares <= account.liquidity, "exchange: not enough shares")
            assets = self.pool_assets(prices, now)
            value = mul_div_down(shares, assets, self.total_liquidity + VIRTUAL_SHARES)
            amount = min(value, max(assets - VIRTUAL_ASSETS, 0)) // self.scale
            require(amount >= min_amount, "exchange: smaller amount than asked")
            account.liquidity -= shares
            self.total_liquidity -= shares
            self.pool_cash -= amount * self.scale
            spare = self.spare_reserve(prices, now)
            require(spare >= 0, "exchange: pool reserve too low")
            self._push(amount)
            return amount

    # owner

    def list_market(self, config: MarketConfig, now: int) -> int:
        """The new market's number."""
        m = len(self.markets)
        require(m < self.component_count, "exchange: no component left to list")
        config.check()
        self.markets.append(MarketModel(config, funding_at=now))
        return m

    # parts

    def _listed(self, m: int) -> int:
        require(0 <= m < len(self.markets), "exchange: market not listed")
        return m

    def _checked(self, prices: Prices) -> Sequence[int]:
        if isinstance(prices, Revert):
            raise prices
        used = [*prices, 0][: self.component_count]
        require(all(0 < p <= MAX_PRICE for p in used), "exchange: price out of range")
        return used

    def _check_initial(self, name: str, prices: Prices, now: int) -> None:
        requirement = self.initial_up(name, prices)
        enough = self.equity(name, prices, now) >= requirement
        require(enough, "exchange: margin too low")

    def _pull(self, amount: int) -> int:
        require(amount != 0, "exchange: zero amount")
        self.held = uint(self.held + amount)
        return amount * self.scale

    def _push(self, amount: int) -> None:
        self.held = uint(self.held - amount)

    @contextmanager
    def _atomic(self, name: str = "") -> Iterator[Account]:
        """The account; everything is put back when the body reverts."""
        account = self.account(name) if name else Account([0] * self.component_count)
        before = account.copy()
        markets = [market.copy() for market in self.markets]
        totals = self.pool_cash, self.insurance, self.held, self.total_liquidity
        try:
            yield account
        except Revert:
            if name:
                self.accounts[name] = before
            self.markets = markets
            self.pool_cash, self.insurance, self.held, self.total_liquidity = totals
            raise
