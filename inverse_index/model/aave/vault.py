# SPDX-License-Identifier: AGPL-3.0-only
"""Model of AaveVault on models of its reserves and pools.

Collateral amounts are native, shorts and trades WAD units, prices WAD (one per
component, more are ignored); prices and time are arguments. A call that raises
leaves the state untouched. What can be asked without a change is here, what
Aave and the pools admit in `aave_headroom`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ... import reasons
from ...plan.aave import AavePlan
from ..fixed import MAX_UINT256, WAD, Revert, ceil_div, require, tdiv
from ..protocols.aave.arithmetic import PANIC, SILENT, ray_div, ray_mul
from ..uniswap.path import PIPS, Path
from ..vault.collateral_vault import Traded, Value, largest_loss_up
from .quoter import AaveHeadroom
from .venue import AaveVenueModel

VAULT = "vault"
OUTSIDE = "outside"  # whoever was handed a claim on Aave
IN_KIND_ROUNDING = 2  # collateral units that stay with the others
DUST = 2  # collateral units that are not traded
HEALTH = reasons.VAULT_HEALTH
SLIPPAGE = reasons.VAULT_SLIPPAGE


@dataclass
class _Idle:
    """Idle collateral that a trade may use up, and that it has to fill up."""

    surplus: int
    missing: int = 0


class AaveVaultModel(AaveHeadroom):
    """The vault; `traded` is its last trade's events."""

    def __init__(self, venue: AaveVenueModel, plan: AavePlan) -> None:
        self.venue = venue
        self.decimals = venue.decimals
        self.scale = 10 ** (36 - venue.decimals)
        self.symbols = tuple(venue.symbols)
        self.component_count = len(self.symbols)
        self.units = tuple(10 ** (18 - each.pool.decimals) for each in plan.components)
        self.paths = tuple(Path.of(venue, each.pool.path) for each in plan.components)
        self.idle_buffer = plan.idle_buffer
        self.min_health = plan.min_health
        self.max_trade = plan.max_trade
        self.idle = 0
        self.traded: list[Traded] = []
        self._reduced = False

    def state(self) -> dict[str, Any]:
        """Everything that is stored, Aave and the pools apart."""
        return {"idle": self.idle}

    # views

    def value(self, prices: Sequence[int], now: int) -> Value:
        """Holdings at the given prices; equity rounded down."""
        shorts = self.shorts(now)
        return Value(self.idle, self.supplied(now) - self._worth_up(shorts, prices), shorts)

    def min_trade(self) -> tuple[int, ...]:
        """One native unit of each component, WAD units."""
        return self.units

    def quote(
        self, targets: Sequence[int], prices: Sequence[int], incoming: int, now: int
    ) -> tuple[int, bool]:
        """Cost of an unchunked trade, native; exact for paths of one pool."""
        aave, asset = self.venue.aave, self.venue.collateral
        idle, index = self.idle + incoming, aave.normalized_income(asset, now)
        scaled = aave.scaled_supplied(asset, VAULT)
        shorts = list(self.shorts(now))
        before = idle + ray_mul(scaled, index) - self._worth_up(shorts, prices)
        orders = self._deltas(targets, shorts, prices)
        surplus = self._surplus(idle, self._buffer_down(idle, prices, now))
        exact = True
        for sells in (False, True):
            for i, order in enumerate(orders):
                if order == 0 or (order < 0) != sells:
                    continue
                path = self.paths[i]
                traded, collateral = path.quote(sells, abs(order), path.no_limit(sells))
                exact = exact and path.is_direct and traded == abs(order)
                if traded == 0:
                    continue
                shorts[i] = self._short_after(i, traded, sells, now)
                moved = surplus if sells else min(surplus, collateral)
                surplus -= moved
                idle -= moved
                if sells:
                    scaled += ray_div(collateral + moved, index)
                else:
                    scaled -= min(scaled, ray_div(collateral - moved, index))
        return before - (idle + ray_mul(scaled, index) - self._worth_up(shorts, prices)), exact

    def estimate(
        self, shorts: Sequence[int], targets: Sequence[int], prices: Sequence[int], now: int
    ) -> int:
        """The pools' fees for a trade between these shorts."""
        cost = 0
        for path, short, target, price in zip(self.paths, shorts, targets, prices, strict=False):
            worth = abs(short - target) * price // self.scale
            cost += ceil_div(worth * (PIPS - path.net), PIPS)
        return cost

    def in_kind(self, shares: int, supply: int, now: int) -> tuple[int, tuple[int, ...]]:
        """Collateral paid, and native units of each component to bring."""
        return sum(self._parts_down(shares, supply, now)), self._brought_up(shares, supply, now)

    def halted(self) -> bool:
        """Never: what Aave stops, it can start again."""
        return False

    def remainder(self, now: int) -> int:
        """Collateral without debts, native."""
        return self.idle + (0 if any(self.shorts(now)) else self.supplied(now))

    def can_settle(self, late: bool, now: int) -> bool:
        """Whether nothing is owed, or all is lost and late."""
        return not any(self.shorts(now)) or (late and self._is_under_water(now))

    # actions

    def begin(self) -> None:
        """A transaction begins: forget what lasts for one."""
        self._reduced = False

    def book(self, amount: int) -> None:
        """Track collateral that has come in."""
        self.idle += amount

    def pay(self, amount: int, prices: Sequence[int], now: int) -> None:
        """Pay out, from idle first."""
        before = self.saved()
        try:
            from_idle = min(amount, self.idle)
            self.idle -= from_idle
            if amount > from_idle:
                self._withdraw(amount - from_idle, now)
                if not self._reduced:
                    self._check_health(now)
        except Revert:
            self.restore(before)
            raise

    def redeem_in_kind(self, shares: int, supply: int, now: int) -> tuple[int, tuple[int, ...]]:
        """As `in_kind`, carried out."""
        before = self.saved()
        try:
            from_idle, from_aave = self._parts_down(shares, supply, now)
            brought = self._brought_up(shares, supply, now)
            for i, amount in enumerate(brought):
                if amount:
                    self._repay(i, amount, now)
            self.idle -= from_idle
            if from_aave:
                self._hand_over(from_aave, now)
            return from_idle + from_aave, brought
        except Revert:
            self.restore(before)
            raise

    def trade(
        self,
        targets: Sequence[int],
        prices: Sequence[int],
        bound: int,
        chunked: bool,
        now: int,
    ) -> bool:
        """Move the shorts to their targets; whether all are reached."""
        before = self.saved()
        try:
            return self._trade(targets, prices, bound, chunked, now)
        except Revert:
            self.restore(before)
            raise

    def _trade(
        self, targets: Sequence[int], prices: Sequence[int], bound: int, chunked: bool, now: int
    ) -> bool:
        self.traded = []
        orders, complete = self._orders(targets, self.shorts(now), prices, chunked)
        buys = [i for i, order in enumerate(orders) if order > 0]
        sells = [i for i, order in enumerate(orders) if order < 0]
        buffer = self._buffer_down(self.idle, prices, now)
        idle, filled = _Idle(self._surplus(self.idle, buffer)), 0
        for i in buys:
            if chunked and i == buys[-1] and not sells:
                idle.missing = max(buffer - self.idle, 0) if self.idle < buffer // 2 else 0
            filled += self._fill(i, orders[i], prices[i], bound, chunked, idle, now)
        for i in sells:
            filled += self._fill(i, orders[i], prices[i], bound, chunked, idle, now)
        self._reduced = not sells and not chunked
        wanted = sum(map(abs, orders))
        require(filled != 0 or wanted == 0, SLIPPAGE)
        if sells:
            self._check_carried(prices, now)
        return complete and filled == wanted

    def _orders(
        self, targets: Sequence[int], shorts: Sequence[int], prices: Sequence[int], chunked: bool
    ) -> tuple[list[int], bool]:
        deltas = self._deltas(targets, shorts, prices)
        if not chunked:
            return deltas, True
        limits = zip(self.max_trade, deltas, self.units, strict=True)
        part = min([WAD, *(most * WAD // (abs(d) * unit) for most, d, unit in limits if d)])
        if part == WAD:
            return deltas, True
        return [tdiv(delta * part, WAD) for delta in deltas], False

    def _fill(
        self, i: int, order: int, price: int, bound: int, partly: bool, idle: _Idle, now: int
    ) -> int:
        sells, path = order < 0, self.paths[i]
        limit = path.limit(sells, price, bound, self.scale // self.units[i])
        traded = collateral = 0
        if not path.is_beyond(sells, limit):
            end = path.gentle(sells, limit) if partly else limit
            traded, collateral = path.swap(sells, abs(order), end)
            if sells and traded:
                self._take_in(collateral, idle, now)
                self._borrow(i, traded, now)
            elif not sells and collateral:
                if traded:
                    self._repay(i, traded, now)
                self._pay_for(collateral, idle, now)
        require(partly or traded == abs(order), SLIPPAGE)
        if traded:
            self._note(i, sells, traded * self.units[i], collateral, price, bound)
        return traded

    def _note(
        self, i: int, sells: bool, units: int, collateral: int, price: int, bound: int
    ) -> None:
        fair, paid = units * price, collateral * self.scale
        if (paid < fair) == sells:
            rounding = 2 * self.scale + sells * self.units[i] * price
            largest = largest_loss_up(fair, bound) + rounding
            require(abs(fair - paid) <= largest or bound == MAX_UINT256, SLIPPAGE)
        net = self.paths[i].net
        fee = ceil_div(collateral * (PIPS - net), net if sells else PIPS)
        before_fee = collateral + fee if sells else collateral - fee
        delta = -units if sells else units
        self.traded.append(Traded(i, delta, before_fee * self.scale // units, fee))

    # idle collateral

    def _take_in(self, received: int, idle: _Idle, now: int) -> None:
        added, idle.surplus = idle.surplus, 0
        self.idle -= added
        if received + added:
            self._supply(received + added, now)

    def _pay_for(self, owed: int, idle: _Idle, now: int) -> None:
        from_idle, fetched = min(idle.surplus, owed), idle.missing
        idle.surplus -= from_idle
        idle.missing = 0
        self.idle += fetched - from_idle
        if owed + fetched > from_idle:
            self._withdraw(owed + fetched - from_idle, now)

    # Aave

    def _supply(self, amount: int, now: int) -> None:
        with _refused(reasons.AAVE_SUPPLY):
            self.venue.aave.supply(self.venue.collateral, amount, VAULT, now)

    def _withdraw(self, amount: int, now: int) -> None:
        with _refused(reasons.AAVE_WITHDRAW):
            self.venue.aave.withdraw(self.venue.collateral, amount, VAULT, now)

    def _hand_over(self, amount: int, now: int) -> None:
        """Pay out, or hand over the claim on it where Aave cannot pay."""
        try:
            self._withdraw(amount, now)
        except Revert as refusal:
            try:
                self.venue.aave.transfer(self.venue.collateral, amount, VAULT, OUTSIDE, now)
            except Revert:
                raise refusal from None

    def _borrow(self, i: int, amount: int, now: int) -> None:
        with _refused(reasons.AAVE_BORROW):
            self.venue.aave.borrow(self.symbols[i], amount, VAULT, now)

    def _repay(self, i: int, amount: int, now: int) -> None:
        with _refused(reasons.AAVE_REPAY):
            self.venue.aave.repay(self.symbols[i], amount, VAULT, now)

    def _check_carried(self, prices: Sequence[int], now: int) -> None:
        worth = self._worth_up(self.shorts(now), prices)
        threshold = self._loan_terms()[1]
        require(self.supplied(now) * threshold >= worth * self.min_health, HEALTH)

    def _is_under_water(self, now: int) -> bool:
        account = self.venue.aave.account_data(VAULT, now)
        return account.total_collateral <= account.total_debt

    def _check_health(self, now: int) -> None:
        health = self.venue.aave.account_data(VAULT, now).health_factor
        require(health >= self.min_health, HEALTH)

    # parts

    def _deltas(
        self, targets: Sequence[int], shorts: Sequence[int], prices: Sequence[int]
    ) -> list[int]:
        """Native units to buy, or sell where negative, never beyond the target."""
        deltas = []
        for target, short, unit, price in zip(targets, shorts, self.units, prices, strict=False):
            owed, grown = short // unit, target // unit
            reduced = ceil_div(target, unit) if grown else 0
            delta = owed - grown if grown > owed else max(owed - reduced, 0)
            dust = abs(delta) * unit * price // self.scale < DUST and reduced != 0
            deltas.append(0 if dust else delta)
        return deltas

    def _short_after(self, i: int, amount: int, sells: bool, now: int) -> int:
        aave, symbol = self.venue.aave, self.symbols[i]
        scaled, reserve = aave.scaled_owed(symbol, VAULT), aave.reserves[symbol]
        # Aave lets the index stand while nobody owes anything.
        alone = reserve.scaled_debt == 0
        index = reserve.variable_borrow_index if alone else reserve.normalized_debt(now)
        change = ray_div(amount, index)
        after = scaled + change if sells else scaled - min(scaled, change)
        return ray_mul(after, index) * self.units[i]

    def _parts_down(self, shares: int, supply: int, now: int) -> tuple[int, int]:
        from_aave = self.supplied(now) * shares // supply
        if shares != supply:
            from_aave -= min(from_aave, IN_KIND_ROUNDING)
        return self.idle * shares // supply, from_aave

    def _brought_up(self, shares: int, supply: int, now: int) -> tuple[int, ...]:
        return tuple(
            min(ceil_div(short // unit * shares, supply) + 1, short // unit)
            for short, unit in zip(self.shorts(now), self.units, strict=True)
        )

    def saved(self) -> tuple[Any, ...]:
        pools = {symbol: pool.saved() for symbol, pool in self.venue.pools.items()}
        return self.idle, list(self.traded), self._reduced, self.venue.aave.saved(), pools

    def restore(self, saved: tuple[Any, ...]) -> None:
        self.idle, self.traded, self._reduced, aave, pools = saved
        self.venue.aave.restore(aave)
        for symbol, state in pools.items():
            self.venue.pools[symbol].restore(state)


class _refused:
    """Aave's refusals carry our reason before its code."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Revert):
            raise Revert(self._reason + _code(error.reason)) from error


def _code(reason: str) -> str:
    """What the vault makes of a revert of Aave's."""
    if reason == PANIC:
        return "panic"
    return "unknown" if reason == SILENT else reason[:8]
