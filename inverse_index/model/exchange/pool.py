# SPDX-License-Identifier: AGPL-3.0-only
"""Model of LiquidityPool, and of the custody that it shares with the exchange.

Arguments are those of `ledger`; providers are accounts of the exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ... import reasons
from ..fixed import Revert, mul_div_down, mul_div_up, require, uint
from .ledger import ExchangeBooks
from .marks import Prices
from .records import Account, Request

REQUEST_DELAY = 3_600
VIRTUAL_SHARES = 10**15
VIRTUAL_ASSETS = 10**33
MOST_SHARES = 2**160


@dataclass
class LiquidityPoolModel(ExchangeBooks):
    """What providers do and see, and who pays what."""

    def pool_assets(self, prices: Prices, now: int) -> int:
        """What all shares stand for, scale 1e36."""
        worth = self._worth(prices, now)
        assets = worth + VIRTUAL_ASSETS
        sound = worth > 0 or (self.total_liquidity == 0 and assets > 0)
        require(sound, reasons.POOL_EXHAUSTED)
        return assets

    def request_deposit(self, name: str, amount: int, prices: Prices, now: int) -> None:
        """`requestDeposit`, for oneself."""
        with self._atomic(name) as account:
            self._check_usable(prices)
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            assets = self.pool_assets(prices, now)
            require(amount != 0, reasons.EXCHANGE_ZERO)
            bound = self.to_shares_down(account.joining.amount + amount, assets)
            require(bound != 0, reasons.POOL_MIN_SHARES)
            account.joining = added(account.joining, amount, bound, now)
            self.pending += amount

    def claim_deposit(
        self, name: str, amount: int, min_shares: int, prices: Prices, now: int
    ) -> int:
        """`deposit` to oneself; the shares."""
        with self._atomic(name) as account:
            value = self._pull(amount)
            self._check_usable(prices)
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            assets, request = self.pool_assets(prices, now), account.joining
            require(amount <= request.amount, reasons.POOL_REQUESTED)
            require(self._is_ready(request, now), reasons.POOL_EARLY)
            bound = bound_of_part(request, amount)
            shares = min(self.to_shares_down(amount, assets), bound)
            require(shares != 0 and shares >= min_shares, reasons.POOL_MIN_SHARES)
            account.joining = less(request, amount, bound)
            self.pending -= amount
            self.pool_cash += value
            self.pool_held += amount
            self.total_liquidity += shares
            account.liquidity += shares
            return shares

    def cancel_deposit(self, name: str, prices: Prices, now: int) -> int:
        """`cancel_deposit` to oneself; the collateral."""
        with self._atomic(name) as account:
            binding = not self.settled and self._has_price(prices, now)
            require(not binding, reasons.POOL_BINDING)
            amount = account.joining.amount
            require(amount != 0, reasons.EXCHANGE_ZERO)
            account.joining = Request()
            self.pending -= amount
            return amount

    def request_redeem(self, name: str, shares: int, prices: Prices, now: int) -> None:
        """`requestRedeem`, for oneself."""
        with self._atomic(name) as account:
            assets = self.pool_assets(prices, now)
            require(shares != 0, reasons.EXCHANGE_ZERO)
            require(shares <= account.liquidity, reasons.POOL_SHARES)
            bound = self.to_assets_down(account.leaving.amount + shares, assets)
            account.leaving = added(account.leaving, shares, bound, now)
            account.liquidity -= shares

    def claim_redeem(
        self, name: str, shares: int, min_amount: int, prices: Prices, now: int
    ) -> int:
        """`redeem` to oneself; the collateral."""
        with self._atomic(name) as account:
            require(shares != 0, reasons.EXCHANGE_ZERO)
            self._check_usable(prices)
            require(self.is_idle() or not self.settled, reasons.EXCHANGE_OPEN)
            assets, request = self.pool_assets(prices, now), account.leaving
            require(shares <= request.amount, reasons.POOL_REQUESTED)
            require(self._is_ready(request, now), reasons.POOL_EARLY)
            bound = bound_of_part(request, shares)
            amount = self._paid(shares, bound, assets)
            require(amount >= min_amount, reasons.POOL_MIN_ASSETS)
            account.leaving = less(request, shares, bound)
            self.total_liquidity -= shares
            self.pool_cash -= amount * self.scale
            spare = self._pool_spare(prices, now)
            require(spare >= 0, reasons.EXCHANGE_RESERVE)
            self._pay_from_pool(amount)
            return amount

    def fix_price(self, name: str, prices: Prices, now: int) -> None:
        """By anybody: into what the account could claim whole."""
        with self._atomic(name) as account:
            self._check_usable(prices)
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            assets = self.pool_assets(prices, now)
            joining, leaving = account.joining, account.leaving
            enters = self._max_deposit(joining, assets, now) == joining.amount != 0
            most = self._most(prices, now)
            leaves = self._max_redeem(leaving, most, assets, now) == leaving.amount != 0
            require(enters or leaves, reasons.POOL_EARLY)
            if enters:
                worth = self.to_shares_down(joining.amount, assets)
                account.joining = replace(joining, bound=min(joining.bound, worth))
            if leaves:
                worth = self.to_assets_down(leaving.amount, assets)
                account.leaving = replace(leaving, bound=min(leaving.bound, worth))

    def transfer_shares(self, sender: str, receiver: str, shares: int) -> None:
        """Free shares to another account."""
        with self._atomic(sender) as account:
            require(shares <= account.liquidity, "erc20: transfer amount exceeds balance")
            account.liquidity -= shares
            self.account(receiver).liquidity += shares

    def fund_insurance(self, amount: int) -> None:
        with self._atomic():
            self.insurance += self._pull(amount)
            self.pool_held = uint(self.pool_held + amount)

    # views

    def total_assets(self, prices: Prices, now: int) -> int:
        """Native, rounded down."""
        return max(self._worth(prices, now), 0) // self.scale

    def max_deposit(self, name: str, prices: Prices, now: int) -> int:
        """Native."""
        if self.settled or not self._has_price(prices, now):
            return 0
        return self._max_deposit(self.account(name).joining, self.pool_assets(prices, now), now)

    def max_redeem(self, name: str, prices: Prices, now: int) -> int:
        """Shares."""
        if (self.settled and not self.is_idle()) or not self._has_price(prices, now):
            return 0
        if self._pool_spare(prices, now) < 0:
            return 0
        assets, most = self.pool_assets(prices, now), self._most(prices, now)
        return self._max_redeem(self.account(name).leaving, most, assets, now)

    # parts

    def _worth(self, prices: Prices, now: int) -> int:
        if self.is_idle():
            return self.pool_cash
        return self.pool_equity(self._undisputed(prices), now)

    def _pool_spare(self, prices: Prices, now: int) -> int:
        if self.is_idle():
            return self.pool_cash
        return self.pool_equity(prices, now) - self.kept(prices)

    def _check_usable(self, prices: Prices) -> None:
        """Without a position the pool asks for no price."""
        if not self.is_idle():
            self._checked(prices)

    def _has_price(self, prices: Prices, now: int) -> bool:
        """Have shares a price?"""
        try:
            self.pool_assets(prices, now)
        except Revert:
            return False
        return True

    def to_shares_down(self, amount: int, assets: int) -> int:
        """For native collateral into a pool of these assets."""
        supply = self.total_liquidity + VIRTUAL_SHARES
        return uint(mul_div_down(uint(amount * self.scale), supply, assets))

    def to_assets_down(self, shares: int, assets: int) -> int:
        """Native, for shares of a pool of these assets."""
        value = mul_div_down(shares, assets, self.total_liquidity + VIRTUAL_SHARES)
        return min(value, max(assets - VIRTUAL_ASSETS, 0)) // self.scale

    def _paid(self, shares: int, bound: int, assets: int) -> int:
        worth = self.to_assets_down(shares, assets)
        return worth if shares == self.total_liquidity else min(worth, bound)

    def _most(self, prices: Prices, now: int) -> int:
        """Collateral that may leave, native."""
        return min(max(self._pool_spare(prices, now), 0) // self.scale, self.collateral)

    def _max_deposit(self, request: Request, assets: int, now: int) -> int:
        if not self._is_ready(request, now):
            return 0
        supply = self.total_liquidity + VIRTUAL_SHARES
        most = mul_div_down(MOST_SHARES, assets, supply) // self.scale
        claimed = min(request.amount, most)
        return claimed if min(self.to_shares_down(claimed, assets), request.bound) else 0

    def _max_redeem(self, request: Request, most: int, assets: int, now: int) -> int:
        if not self._is_ready(request, now):
            return 0
        if self._paid(request.amount, request.bound, assets) <= most:
            return request.amount
        supply = self.total_liquidity + VIRTUAL_SHARES
        by_worth, by_bound = mul_div_up((most + 1) * self.scale, supply, assets), request.amount
        if request.bound > most:
            by_bound = mul_div_up(most + 1, request.amount, request.bound)
        return max(by_worth, by_bound) - 1

    def _is_ready(self, request: Request, now: int) -> bool:
        return self.is_idle() or now >= request.since + REQUEST_DELAY

    def is_idle(self) -> bool:
        """Is no position open?"""
        return not any(m.skew or m.short_interest for m in self.markets)

    def _pull(self, amount: int) -> int:
        require(amount != 0, reasons.EXCHANGE_ZERO)
        return amount * self.scale

    def _pay(self, amount: int) -> None:
        """By the exchange; the pool sends what it does not hold."""
        own = min(amount, self.held)
        self.pool_held = uint(self.pool_held - (amount - own))
        self.held -= own

    def _pay_from_pool(self, amount: int) -> None:
        """By the pool; the exchange sends what it does not hold."""
        own = min(amount, self.pool_held)
        self.held = uint(self.held - (amount - own))
        self.pool_held -= own

    @contextmanager
    def _atomic(self, name: str = "") -> Iterator[Account]:
        """The account; everything is put back when the body reverts."""
        account = self.account(name) if name else Account([0] * self.component_count)
        before = account.copy()
        markets = [market.copy() for market in self.markets]
        totals = self.totals()
        try:
            yield account
        except Revert:
            if name:
                self.accounts[name] = before
            self.markets = markets
            self.put_back(totals)
            raise


def added(old: Request, amount: int, bound: int, now: int) -> Request:
    """Old and new, at the worse of both prices. bound: of both together, now."""
    total = old.amount + amount
    if old.amount:
        bound = min(bound, mul_div_down(old.bound, total, old.amount))
    return Request(total, bound, now)


def bound_of_part(request: Request, amount: int) -> int:
    """Rounded down."""
    if amount == request.amount:
        return request.bound
    return mul_div_down(request.bound, amount, request.amount)


def less(request: Request, amount: int, bound: int) -> Request:
    """What is left."""
    if amount == request.amount:
        return Request()
    return Request(request.amount - amount, request.bound - bound, request.since)
