# SPDX-License-Identifier: AGPL-3.0-only
"""Model of PerpVault on a model of its exchange.

Collateral amounts are native, shorts and trades WAD units, prices WAD (one per
component, more are ignored); prices and time are arguments. A call that raises
leaves the state untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import reasons
from ..exchange.markets import PAIRED
from ..exchange.marks import Prices, Restricted, marks_of
from ..exchange.perp_exchange import ExchangeModel
from ..exchange.records import Fill, Order
from ..fixed import MAX_UINT256, WAD, Revert, ceil_div, mul_div_down, require, tdiv
from ..oracle.index_oracle import OracleModel
from ..vault.collateral_vault import Traded, Value, largest_loss_up

MAX_IDLE_BUFFER = 2 * 10**17
NO_KIND = reasons.VAULT_NO_KIND


class PerpVaultModel:
    """Vault called `name` on `exchange`; `traded` is its last trade's events.

    oracle: the exchange's; without one it fills at the prices that it is given.
    """

    def __init__(
        self,
        exchange: ExchangeModel,
        name: str,
        idle_buffer: int,
        max_trade: Sequence[int],
        oracle: OracleModel | None = None,
    ) -> None:
        require(0 <= idle_buffer <= MAX_IDLE_BUFFER, reasons.VAULT_BUFFER)
        count = len(exchange.markets)
        require(count != 0 and len(max_trade) == count, reasons.VAULT_MARKETS)
        for largest, market in zip(max_trade, exchange.markets, strict=True):
            require(largest != 0, reasons.VAULT_MAX_TRADE)
            safe = 2 * market.config.taker_fee * market.config.skew_scale // WAD
            require(largest <= safe, reasons.VAULT_SANDWICH)
        self.exchange = exchange
        self.oracle = oracle
        self.name = name
        self.idle_buffer = idle_buffer
        self.max_trade = tuple(max_trade)
        self.component_count = count
        self.idle = 0
        self.traded: list[Traded] = []

    @property
    def decimals(self) -> int:
        """The collateral's."""
        return self.exchange.decimals

    def state(self) -> dict[str, Any]:
        """Everything that is stored, the exchange apart."""
        return {"idle": self.idle}

    # views

    def value(self, prices: Sequence[int], now: int) -> Value:
        """Holdings at the given prices; equity rounded down."""
        equity = self.exchange.equity(self.name, prices, now)
        return Value(self.idle, equity // self.exchange.scale, self.shorts())

    def shorts(self) -> tuple[int, ...]:
        """WAD units per component."""
        return tuple(max(-size, 0) for size in self._sizes())

    def min_trade(self) -> tuple[int, ...]:
        """Smallest trade of each component, WAD units."""
        return (1,) * self.component_count

    def leverage_limits(self) -> tuple[int, int]:
        """Highest leverage to open and to hold, WAD, rounded down."""
        configs = [market.config for market in self.exchange.markets]
        part = WAD - 2 * self.idle_buffer
        initial = max(config.initial_margin for config in configs)
        maintenance = max(config.maintenance_margin for config in configs)
        return part * WAD // initial, part * WAD // maintenance

    def quote(
        self, targets: Sequence[int], prices: Sequence[int], incoming: int, now: int
    ) -> tuple[int, bool]:
        """Cost of an unchunked trade, native; exact."""
        return self._cost(targets, prices, self._filled_at(prices, now), now), True

    def estimate(
        self, shorts: Sequence[int], targets: Sequence[int], prices: Sequence[int], now: int
    ) -> int:
        """Cost of a trade to the targets, exact."""
        return self._cost(targets, prices, prices, now)

    def in_kind(self, shares: int, supply: int, now: int) -> tuple[int, tuple[int, ...]]:
        """Positions on the exchange cannot be repaid by others."""
        raise Revert(NO_KIND)

    redeem_in_kind = in_kind

    def depth(
        self, direction: Sequence[int], prices: Sequence[int], bound: int, more: bool, now: int
    ) -> int:
        """Largest WAD multiple of `direction`, rounded down."""
        multiple, claim = MAX_UINT256, 0
        for i, (units, price) in enumerate(zip(direction, prices, strict=False)):
            if units == 0:
                continue
            market = self.exchange.markets[i]
            rounding = ceil_div(WAD, price)
            headroom = market.depth(bound - rounding, not more, now) if bound > rounding else 0
            if more:
                headroom = min(headroom, market.config.interest_cap - market.short_interest)
                claim += units * price
            multiple = min(multiple, mul_div_down(headroom, WAD, units))
        if claim:
            spare = max(self.exchange.spare_reserve(self.name, prices, now), 0)
            multiple = min(multiple, mul_div_down(spare, WAD, claim))
        return multiple

    def backing(
        self,
        direction: Sequence[int],
        worth: int,
        prices: Sequence[int],
        bound: int,
        more: bool,
        now: int,
    ) -> int:
        """Largest WAD multiple of `direction` that margin carries, rounded down."""
        scale = self.exchange.scale
        at = self._filled_at(prices, now)
        equity, required, _ = self.exchange.margin(self.name, at, now)
        holdings = equity + self.idle * scale
        moved, claim, cost = worth * scale, 0, 0
        for market, units, price in zip(self.exchange.markets, direction, prices, strict=False):
            claim += ceil_div(units * price * market.config.initial_margin, WAD)
            cost += largest_loss_up(units * price, bound)
        if more:
            part = WAD - 2 * self.idle_buffer
            spare = tdiv(holdings * part, WAD) - required
            return _carried_down(spare, claim + cost - tdiv(moved * part, WAD))
        if equity < 0:
            return 0
        if tuple(direction[: self.component_count]) == self.shorts():
            claim = required
        from_idle = mul_div_down(self.idle * scale, WAD, max(moved, 1))
        return max(from_idle, _carried_down(holdings - required, moved - claim))

    def spendable(self, prices: Sequence[int], now: int) -> int:
        """Collateral that can be paid now."""
        if not any(self.shorts()):
            return self.remainder(now)
        equity, initial, _ = self.exchange.margin(self.name, self._filled_at(prices, now), now)
        return self.idle + max(equity - initial, 0) // self.exchange.scale

    def halted(self) -> bool:
        """Whether the exchange has been settled."""
        return self.exchange.settled

    def remainder(self, now: int) -> int:
        """Collateral without positions, native."""
        if any(self.shorts()):
            return self.idle
        return self.idle + max(self.exchange.account(self.name).cash, 0) // self.exchange.scale

    def can_settle(self, late: bool, now: int) -> bool:
        """Whether no position is open."""
        return not any(self.shorts())

    # actions

    def begin(self) -> None:
        """A transaction begins: nothing lasts for one here."""

    def book(self, amount: int) -> None:
        """Track collateral that has come in."""
        self.idle += amount

    def pay(self, amount: int, prices: Prices, now: int) -> None:
        """Pay out, from idle first."""
        from_idle = min(amount, self.idle)
        if amount > from_idle:
            at = self._filled_at(prices, now)
            self.exchange.withdraw(self.name, amount - from_idle, at, now)
        self.idle -= from_idle

    def trade(
        self,
        targets: Sequence[int],
        prices: Sequence[int],
        bound: int,
        chunked: bool,
        now: int,
        oracle_prices: Prices | None = None,
    ) -> bool:
        """Move the shorts to their targets; whether all are reached.

        `oracle_prices` are what the exchange fills at, where they differ from
        the prices that the losses are measured against.
        """
        at = self._filled_at(prices, now) if oracle_prices is None else oracle_prices
        before = self.saved()
        try:
            return self._trade(targets, prices, bound, chunked, now, at)
        except Revert:
            self.restore(before)
            raise

    def _filled_at(self, prices: Prices, now: int) -> Prices:
        """The exchange's own prices, or why it has none."""
        if self.oracle is None:
            return prices
        try:
            oracle = self.oracle
            return marks_of(
                oracle.read(now),
                lambda i: oracle.extremes(i, now),
                lambda: oracle.accepted_mid(now),
            )
        except Revert as unusable:
            return unusable

    def _trade(
        self,
        targets: Sequence[int],
        prices: Sequence[int],
        bound: int,
        chunked: bool,
        now: int,
        at: Prices,
    ) -> bool:
        equity = self.exchange.equity(self.name, prices, now)
        orders, reached = self._orders(targets, chunked)
        holdings = self.idle + max(equity, 0) // self.exchange.scale
        buffer = holdings * self.idle_buffer // WAD
        reduces = all(order.delta > 0 for order in orders)
        if chunked or not reduces:
            self._push_surplus(buffer)
        elif equity // self.exchange.scale < self.idle:
            self._push_debt(self._quoted(orders, prices, at, now))
        self.traded = []
        if orders:
            try:
                self._execute(orders, prices, bound, at, now)
            except Revert:
                if not chunked:
                    raise
                orders, reached = self._fitting(orders, prices, bound, now) or orders, False
                self._execute(orders, prices, bound, at, now)
            if reduces:
                self._refill(buffer, at, now)
        return reached

    def _execute(
        self, orders: Sequence[Order], prices: Sequence[int], bound: int, at: Prices, now: int
    ) -> None:
        before = self.saved()
        try:
            self.traded = []
            fills = self.exchange.trade(self.name, orders, at, now)
            for order, fill in zip(orders, fills, strict=True):
                self._take(order, fill, prices[order.market], bound)
        except Revert:
            self.restore(before)
            raise

    def _fitting(
        self, orders: Sequence[Order], prices: Sequence[int], bound: int, now: int
    ) -> list[Order]:
        """The parts inside the bound and the venue's limits that bring the exposure nearer
        to that of all orders: one part of all, or of the larger side alone."""
        fits = [
            min(abs(order.delta), self._most(order, prices[order.market], bound, now))
            for order in orders
        ]
        common = min(
            mul_div_down(fit, WAD, abs(order.delta))
            for order, fit in zip(orders, fits, strict=True)
        )
        asked, inside = [0, 0], [0, 0]  # purchases, sales
        for order, fit in zip(orders, fits, strict=True):
            asked[order.delta < 0] += abs(order.delta) * prices[order.market]
            inside[order.delta < 0] += fit * prices[order.market]
        grows = asked[1] > asked[0]
        net = abs(asked[1] - asked[0])
        alone = mul_div_down(net, WAD, asked[grows])
        freed = sum(
            self._freed_down(order) * prices[order.market] for order in orders if order.delta > 0
        )
        if asked[1]:
            spare = self.exchange.spare_reserve(self.name, prices, now)
            common = 0 if spare < 0 else common
            if asked[1] > freed:
                common = min(common, _reserved_part_down(spare, asked[1] - freed))
            if grows:
                alone = min(alone, _reserved_part_down(spare, inside[1]))
        if common * net >= alone * inside[grows]:
            parts = [abs(order.delta) * common // WAD for order in orders]
        else:
            parts = [
                fit * alone // WAD if (order.delta < 0) == grows else 0
                for order, fit in zip(orders, fits, strict=True)
            ]
        return [
            Order(order.market, part if order.delta > 0 else -part, order.limit)
            for order, part in zip(orders, parts, strict=True)
            if part
        ]

    def _freed_down(self, order: Order) -> int:
        """Units by which a purchase lowers what the pool keeps, at the least."""
        whole = min(order.delta, max(-self.exchange.markets[order.market].skew, 0))
        return whole + (order.delta - whole) // PAIRED

    def _most(self, order: Order, price: int, bound: int, now: int) -> int:
        market, rounding = self.exchange.markets[order.market], ceil_div(WAD, price)
        if bound <= rounding:
            return 0
        most = market.depth(bound - rounding, order.delta > 0, now)
        if order.delta > 0:
            return most
        return min(most, market.config.interest_cap - market.short_interest)

    def _take(self, order: Order, fill: Fill, price: int, bound: int) -> None:
        loss = order.delta * (fill.price - price) + fill.fee
        largest = largest_loss_up(abs(order.delta) * price, bound)
        free = bound == MAX_UINT256 or self.exchange.settled
        require(free or loss <= largest, reasons.VAULT_SLIPPAGE)
        fee = ceil_div(fill.fee, self.exchange.scale)
        self.traded.append(Traded(order.market, order.delta, fill.price, fee))

    def _push_surplus(self, buffer: int) -> None:
        if self.idle > 2 * buffer:
            surplus, self.idle = self.idle - buffer, buffer
            self.exchange.deposit(self.name, surplus)

    def _push_debt(self, equity: int) -> None:
        missing = min(ceil_div(max(-equity, 0), self.exchange.scale), self.idle)
        if missing:
            self.idle -= missing
            self.exchange.deposit(self.name, missing)

    def _refill(self, buffer: int, prices: Prices, now: int) -> None:
        if self.idle >= buffer // 2:
            return
        equity, initial, _ = self.exchange.margin(self.name, prices, now)
        missing = buffer - self.idle
        if equity - initial >= missing * self.exchange.scale:
            self.exchange.withdraw(self.name, missing, prices, now)
            self.idle = buffer

    # parts

    def _cost(self, targets: Sequence[int], prices: Sequence[int], at: Prices, now: int) -> int:
        """Native, at `prices`; `at` says whether the oracle restricts them."""
        orders, _ = self._orders(targets, chunked=False)
        if not orders:
            return 0
        before = self.exchange.equity(self.name, prices, now)
        after = self._quoted(orders, prices, at, now)
        return before // self.exchange.scale - after // self.exchange.scale

    def _quoted(self, orders: Sequence[Order], prices: Prices, at: Prices, now: int) -> int:
        if isinstance(at, Revert) and not self.exchange.settled:
            raise at
        used = at if isinstance(at, Restricted) else prices
        return self.exchange.quote(self.name, orders, used, now)

    def _sizes(self) -> Sequence[int]:
        return self.exchange.account(self.name).sizes

    def _orders(self, targets: Sequence[int], chunked: bool) -> tuple[list[Order], bool]:
        deltas = [-t - size for t, size in zip(targets, self._sizes(), strict=False)]
        part = WAD
        if chunked:
            limits = zip(self.max_trade, deltas, strict=True)
            part = min([WAD, *(most * WAD // abs(delta) for most, delta in limits if delta)])
        parts = [tdiv(delta * part, WAD) for delta in deltas]
        orders = [
            Order(i, delta, MAX_UINT256 if delta > 0 else 0)
            for i, delta in enumerate(parts)
            if delta
        ]
        return orders, part == WAD

    def saved(self) -> tuple[Any, ...]:
        exchange = self.exchange
        return (
            self.idle,
            list(self.traded),
            exchange.account(self.name).copy(),
            [market.copy() for market in exchange.markets],
            exchange.totals(),
        )

    def restore(self, saved: tuple[Any, ...]) -> None:
        exchange = self.exchange
        self.idle, self.traded, account, exchange.markets, totals = saved
        exchange.accounts[self.name] = account
        exchange.put_back(totals)


def _carried_down(spare: int, drain: int) -> int:
    """WAD multiple after which no margin is spare; 0 when none is now."""
    if spare < 0:
        return 0
    return MAX_UINT256 if drain <= 0 else mul_div_down(spare, WAD, drain)


def _reserved_part_down(spare: int, claim: int) -> int:
    """WAD part of a claim on the pool's reserve that this one has."""
    return mul_div_down(min(max(spare, 0), claim), WAD, max(claim, 1))
