# SPDX-License-Identifier: AGPL-3.0-only
"""Model of LiquidityPool, and of the custody that it shares with the exchange.

Arguments are those of `ledger`; providers are accounts of the exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ... import reasons
from ..fixed import Revert, mul_div_down, mul_div_up, require, uint
from .ledger import ExchangeBooks
from .marks import Prices
from .records import Account

LIQUIDITY_LOCK = 3_600
VIRTUAL_SHARES = 10**15
VIRTUAL_ASSETS = 10**33
MOST_ASSETS = 2**112
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

    def add_liquidity(
        self, name: str, amount: int, min_shares: int, prices: Prices, now: int
    ) -> int:
        """`deposit`; the shares."""
        with self._atomic(name) as account:
            value = self._pull(amount)
            require(not self.settled, reasons.EXCHANGE_SETTLED)
            assets = self.pool_assets(prices, now)
            shares = mul_div_down(value, self.total_liquidity + VIRTUAL_SHARES, assets)
            enough = shares != 0 and shares >= min_shares
            require(enough, reasons.POOL_MIN_SHARES)
            self.pool_cash += value
            self.pool_held = uint(self.pool_held + amount)
            self.total_liquidity += shares
            account.liquidity += shares
            account.unlocked_at = now + LIQUIDITY_LOCK
            return shares

    def remove_liquidity(
        self, name: str, shares: int, min_amount: int, prices: Prices, now: int
    ) -> int:
        """`redeem` of one's own; the collateral."""
        with self._atomic(name) as account:
            require(shares != 0, reasons.EXCHANGE_ZERO)
            require(now >= account.unlocked_at, reasons.POOL_LOCKED)
            require(shares <= account.liquidity, reasons.POOL_SHARES)
            require(self._is_idle() or not self.settled, reasons.EXCHANGE_OPEN)
            assets = self.pool_assets(prices, now)
            amount = self._redeemed(shares, assets)
            require(amount >= min_amount, reasons.POOL_MIN_ASSETS)
            account.liquidity -= shares
            self.total_liquidity -= shares
            self.pool_cash -= amount * self.scale
            spare = self._spare_reserve(prices, now)
            require(spare >= 0, reasons.EXCHANGE_RESERVE)
            self._pay_from_pool(amount)
            return amount

    def transfer_shares(self, sender: str, receiver: str, shares: int, now: int) -> None:
        """Shares to another account, unless the sender's are locked."""
        with self._atomic(sender) as account:
            require(now >= account.unlocked_at, reasons.POOL_LOCKED)
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

    def max_deposit(self, prices: Prices, now: int) -> int:
        """Native."""
        try:
            assets = self.pool_assets(prices, now)
        except Revert:
            return 0
        if self.settled:
            return 0
        most = mul_div_down(MOST_SHARES, assets, self.total_liquidity + VIRTUAL_SHARES)
        return min(MOST_ASSETS, most // self.scale)

    def max_redeem(self, name: str, prices: Prices, now: int) -> int:
        """Shares."""
        account, supply = self.account(name), self.total_liquidity + VIRTUAL_SHARES
        if now < account.unlocked_at or (self.settled and not self._is_idle()):
            return 0
        try:
            assets = self.pool_assets(prices, now)
        except Revert:
            return 0
        spare = self._spare_reserve(prices, now)
        if spare < 0:
            return 0
        most = min(spare // self.scale, self.collateral)
        if self._redeemed(account.liquidity, assets) <= most:
            return account.liquidity
        return mul_div_up((most + 1) * self.scale, supply, assets) - 1

    # parts

    def _worth(self, prices: Prices, now: int) -> int:
        return self.pool_equity(self._undisputed(prices), now)

    def _redeemed(self, shares: int, assets: int) -> int:
        """Native, for shares of a pool of these assets."""
        value = mul_div_down(shares, assets, self.total_liquidity + VIRTUAL_SHARES)
        return min(value, max(assets - VIRTUAL_ASSETS, 0)) // self.scale

    def _is_idle(self) -> bool:
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
