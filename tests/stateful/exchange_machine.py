# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's rules: what everybody may do, and what must be refused.

What is drawn are parts (in millionths) of what the state allows, so every action
is valid by construction; each bound is also tried one unit beyond.
"""

from __future__ import annotations

from copy import deepcopy

from hypothesis import strategies as st

from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from tests.stateful.exchange_base import (
    BANKRUPT,
    HIGHEST,
    LOWEST,
    MARGIN,
    MILLION,
    ExchangeBase,
    everybody,
    liquidators,
    markets,
    parts,
    share_up,
    traders,
)
from tests.stateful.exchange_moves import any_moves, regime_of
from tests.stateful.exchange_pool import OPENING, PoolMachine
from tests.stateful.machine import step
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.exchange_harness import NOBODY

VANISHED = 10**6  # WAD price
seldom = st.integers(0, 5)  # 0: try the edge; even: try a tighter limit


class TradingMachine(PoolMachine):
    """Margin, orders, prices, time."""

    # margin

    @step(who=everybody, amount=st.integers(1, 20_000 * MILLION))
    def deposit(self, who: int, amount: int) -> None:
        self.harness.deposit(self.name(who), self.native(amount) + 1)

    @step(who=everybody, part=parts)
    def withdraw(self, who: int, part: int) -> None:
        """No more than the equity, and not one unit over what is free."""
        name, model = self.name(who), self.model
        if self.has_position(who) and not self.harness.priced:
            self.stale_everywhere(who)
            return
        most = self.withdrawable(who)
        with reverts(MARGIN):
            self.harness.calls("withdraw", most + 1, name, sender=name)
        amount = min(most * part // MILLION, model.collateral)
        if not amount:
            return
        if self.harness.undisputed:
            assert amount * model.scale <= self.equity(who)
        self.harness.withdraw(name, amount)

    @step(who=everybody, amount=st.integers(1, 2_000 * MILLION), gift=st.booleans())
    def give(self, who: int, amount: int, gift: bool) -> None:
        """To the insurance fund, or to nobody."""
        if gift:
            self.harness.donate(self.name(who), self.native(amount) + 1)
        else:
            self.harness.fund_insurance(self.name(who), self.native(amount) + 1)

    # orders

    @step(
        when=ExchangeBase.open_for_trade,
        who=traders,
        m=markets,
        part=parts,
        buy=st.booleans(),
        edge=seldom,
    )
    def open(self, who: int, m: int, part: int, buy: bool, edge: int) -> None:
        """Up to a part of what the caps, the margin and the pool let it be."""
        self.grow(who, self.listed(m), part, buy, edge)

    @step(
        when=ExchangeBase.open_for_trade, who=liquidators, m=markets, part=parts, buy=st.booleans()
    )
    def lean(self, who: int, m: int, part: int, buy: bool) -> None:
        """Liquidators have positions of their own."""
        self.grow(who, self.listed(m), part, buy, 1)

    def grow(self, who: int, m: int, part: int, buy: bool, edge: int) -> None:
        sign = 1 if buy else -1
        limit = MAX_UINT256 if buy else 0

        def fits(amount: int) -> str:
            return self.refusal(who, [Order(m, sign * amount, limit)])

        headroom = self.headroom(who, m, buy)
        most = share_up(headroom, part)
        if not edge or 0 < headroom * 5 < self.model.markets[m].config.interest_cap:
            most, reason = self.largest(fits, headroom + 1)
            beyond = Order(m, sign * (most + 1), limit)
            assert reason in OPENING | {BANKRUPT}
            assert self.harness.order_refused(self.name(who), beyond) == reason
            self.note(f"refused one unit more: {reason}")
        while most and fits(most):
            most //= 2
        if most:
            self.trade(who, {m: sign * most}, tight=edge % 2 == 0)

    def trade(self, who: int, deltas: dict[int, int], tight: bool) -> None:
        """What is quoted is what happens; a limit one wei tighter is refused."""
        name, before = self.name(who), self.sizes(who)
        orders = self.orders(deltas)
        if tight:
            first = orders[0]
            nearer = first.limit - 1 if first.delta > 0 else first.limit + 1
            closer = [Order(first.market, first.delta, nearer), *orders[1:]]
            with reverts("exchange: price beyond limit"):
                self.harness.calls("trade", closer, sender=name)
        prices = [*self.prices, *[0] * (10 - len(self.prices))]
        promised = self.exchange.quote(name, orders, prices, True)
        if self.harness.undisputed:
            with self.share_holds():
                self.harness.trade(name, *orders)
        else:
            self.harness.trade(name, *orders)
        assert promised == self.equity(who)
        after = self.sizes(who)
        if any(abs(after[m]) > abs(before[m]) for m in deltas) and not self.settled():
            assert self.model.spare_reserve(NOBODY, self.prices, self.now) >= 0
        for m, delta in deltas.items():
            self.note("bought" if delta > 0 else "sold")
            if before[m] * after[m] < 0:
                self.note("position turned")
        self.note_books()

    @step(
        when=ExchangeBase.open_for_trade,
        who=traders,
        wanted=st.lists(st.integers(-MILLION, MILLION), min_size=2, max_size=3),
    )
    def rearrange(self, who: int, wanted: list[int]) -> None:
        """Orders in several markets at once."""
        signed = {
            m: part * self.headroom(who, m, part > 0) // MILLION
            for m, part in enumerate(wanted[: len(self.model.markets)])
        }
        deltas = {m: delta for m, delta in signed.items() if delta}
        while deltas and self.refusal(who, self.orders(deltas)):
            deltas = {m: int(d / 4) for m, d in deltas.items() if abs(d) >= 4}
        if not deltas:
            return
        twice = [Order(m, d, MAX_UINT256 if d > 0 else 0) for m, d in deltas.items()]
        repeated = [*twice, twice[0]]
        assert self.harness.order_refused(self.name(who), *repeated) == "exchange: market repeated"
        self.trade(who, deltas, tight=False)
        if len(deltas) > 1:
            self.note("several orders at once")

    @step(when=ExchangeBase.open_for_trade, who=traders, m=markets)
    def even_out(self, who: int, m: int) -> None:
        """As many longs as shorts: no funding runs from then on."""
        m = self.listed(m)
        skew = self.model.markets[m].skew
        if skew and not self.refusal(who, self.orders({m: -skew})):
            self.trade(who, {m: -skew}, tight=True)
            self.note("as many longs as shorts")

    @step(when=ExchangeBase.priced, who=everybody, m=markets, part=parts)
    def reduce(self, who: int, m: int, part: int) -> None:
        """Always possible with any equity at all, settled or not."""
        m = self.listed(m)
        size = self.sizes(who)[m]
        if not size:
            return
        delta = share_up(abs(size), part) * (-1 if size > 0 else 1)
        orders = self.orders({m: delta})
        reason = self.refusal(who, orders)
        if reason:
            assert reason == BANKRUPT
            assert self.harness.order_refused(self.name(who), *orders) == BANKRUPT
            self.note("bankrupt account keeps its position")
            return
        self.trade(who, {m: delta}, tight=False)

    @step(when=ExchangeBase.priced, who=traders)
    def cash_out(self, who: int) -> None:
        """Out of everything and home with all: whoever wins is paid."""
        deltas = {m: -size for m, size in enumerate(self.sizes(who)) if size}
        if deltas:
            if self.refusal(who, self.orders(deltas)):
                return
            won = any(size < 0 for size in self.sizes(who))
            self.trade(who, deltas, tight=False)
            self.note("short paid" if won else "long paid")
        amount = self.withdrawable(who)
        if amount > self.model.collateral:
            assert self.debts() > self.cover()
            self.note("has to wait for others' debts")
        elif amount:
            self.harness.withdraw(self.name(who), amount)

    @step(when=ExchangeBase.open_for_trade, by=liquidators)
    def if_prices_vanish(self, by: int) -> None:
        """While nobody is under water and the pool covers the shorts, every short
        is paid in full even if all prices go to nothing at once. (On the model.)"""
        shorts = sum(
            market.short_interest * price
            for market, price in zip(self.model.markets, self.prices, strict=False)
        )
        if not shorts or self.debts() or self.pool_equity() < shorts:
            return
        model, prices = deepcopy(self.model), [VANISHED] * len(self.prices)
        for name in self.accounts:
            if model.equity(name, prices, self.now) < model.maintenance_up(name, prices):
                model.liquidate(name, prices, self.now)
        for name in self.accounts:
            account = model.accounts[name]
            back = [
                Order(m, -size, 0 if size > 0 else MAX_UINT256)
                for m, size in enumerate(account.sizes)
                if size
            ]
            if not back:
                continue
            worth = model.equity(name, prices, self.now)
            fills = model.trade(name, back, prices, self.now)
            impact = sum(o.delta * (f.price - VANISHED) for o, f in zip(back, fills, strict=True))
            assert account.cash == worth - impact - sum(fill.fee for fill in fills)
            if whole := account.cash // model.scale:
                model.withdraw(name, whole, prices, self.now)
        self.note("shorts paid though prices vanish")

    # prices and time

    @step(moves=any_moves(3), seconds=st.integers(0, DAY))
    def move(self, moves: list[int], seconds: int) -> None:
        self.note(f"prices: {regime_of(moves)}")
        moved = [p * (10_000 + by) // 10_000 + by for p, by in zip(self.prices, moves, strict=True)]
        self.harness.move_prices(self.bounded(moved), seconds)

    def bounded(self, prices: list[int]) -> list[int]:
        return [
            min(max(price, first // LOWEST), first * HIGHEST)
            for price, first in zip(prices, self.fresh.prices, strict=True)
        ]

    def press(self, who: int, m: int, part: int) -> None:
        """To the price at which an account has that part of its maintenance margin."""
        m, model, name = self.listed(m), self.model, self.name(who)
        size, prices = self.sizes(who)[m], list(self.prices)
        if not size:
            return
        wanted = model.maintenance_up(name, prices) * part // MILLION
        each = model.markets[m].config.maintenance_margin * part // MILLION
        # The requirement moves with the price: by `each` of every unit's notional.
        slope = size * WAD - abs(size) * each
        if slope:
            prices[m] += (wanted - self.equity(who)) * WAD // slope
        self.harness.move_prices(self.bounded(prices), 0)

    @step(when=ExchangeBase.open_for_trade, m=markets, part=st.integers(500_000, 2_500_000))
    def outrun(self, m: int, part: int) -> None:
        """Up to where the longs' gains leave the pool short of what shorts may win."""
        m, model, prices = self.listed(m), self.model, list(self.prices)
        market = model.markets[m]
        shorts = sum(
            each.short_interest * price for each, price in zip(model.markets, prices, strict=False)
        )
        spare = self.pool_equity() - shorts
        if market.long_interest and spare > 0:
            prices[m] += spare // market.long_interest * part // MILLION
            self.harness.move_prices(self.bounded(prices), 0)

    @step(seconds=st.integers(1, 30 * DAY))
    def wait(self, seconds: int) -> None:
        """Funding moves from one side to the other and to the pool, no wei gets
        lost, the side that is larger pays, and the pool never does."""
        harness, model, prices = self.harness, self.model, self.prices
        before = [model.equity(name, prices, self.now) for name in self.accounts]
        pool = model.pool_equity(prices, self.now)
        old = self.cumulative()
        harness.wait(seconds)
        after = [model.equity(name, prices, self.now) for name in self.accounts]
        gained = model.pool_equity(prices, self.now) - pool
        assert sum(after) - sum(before) + gained == 0
        assert gained >= 0
        paid = [(a - b, c - d) for (a, c), (b, d) in zip(self.cumulative(), old, strict=True)]
        for market, (long, short) in zip(model.markets, paid, strict=True):
            assert market.skew < 0 or not market.long_interest or long >= 0
            assert market.skew > 0 or not market.short_interest or short <= 0
            assert not model.settled or (long, short) == (0, 0)
            if market.long_interest and long > 0:
                self.note("longs pay funding")
            if market.short_interest and short < 0:
                self.note("shorts pay funding")
        for name, was, is_now in zip(self.accounts, before, after, strict=True):
            sizes = model.accounts[name].sizes
            owed = sum(size * each[size < 0] for size, each in zip(sizes, paid, strict=False))
            assert is_now - was == -owed

    def cumulative(self) -> list[tuple[int, int]]:
        """Funding of each market's longs and shorts, up to now."""
        return [
            (market.funding_now(True, price, self.now), market.funding_now(False, price, self.now))
            for market, price in zip(self.model.markets, self.prices, strict=False)
        ]
