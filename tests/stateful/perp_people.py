# SPDX-License-Identifier: AGPL-3.0-only
"""The token on the embedded exchange, among traders, liquidity providers and
liquidators: no longer alone with an idle pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from inverse_index.deployment.reading import View
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.perp.venue import VAULT
from tests.stateful.flows import Flows
from tests.stateful.keeping import Keeping
from tests.stateful.machine import step
from tests.stateful.market import MOST_COMPONENTS, Market
from tests.stateful.powers import Powers
from tests.stateful.regimes import SQUEEZE, moves
from tests.stateful.token import MILLION, TokenMachine
from tests.stateful.world import TokenWorld

PEOPLE = 2  # traders and providers at once
NO_LIMIT = 2**256 - 1
BANKRUPT = "exchange: equity below zero"

people = st.integers(0, PEOPLE - 1)


class PerpWorld(TokenWorld):
    """A world whose venue is the exchange; the others trade there."""

    @property
    def exchange(self) -> ExchangeModel:
        model: ExchangeModel = self.model.venue.exchange
        return model

    def _venue_views(self) -> list[View]:
        exchange, vault = self.system.venue.exchange, self.system.vault
        views: list[View] = list(self.system.venue.figure_views(vault))
        views.append((self.system.collateral, "balanceOf", (exchange,)))
        views.append((exchange, "total_liquidity", ()))
        for who in self.others:
            views += [(exchange, name, (who,)) for name in ("cash", "liquidity")]
        return views

    def checked_venue(self, values: list[Any]) -> list[Any]:
        """Everybody's account, and the exchange's own collateral. [invariant 18]"""
        model = self.exchange
        count = 4 + len(model.markets)
        figures, row = values[:count], iter(values[count:])
        assert next(row) == model.held
        assert next(row) == model.total_liquidity
        for who in self.others:
            account = model.account(who)
            assert (next(row), next(row)) == (account.cash, account.liquidity)
        return figures


class PerpMachine(Flows, Keeping, Market, Powers):
    """A token on the exchange that it has to itself, but for a pool."""

    world: PerpWorld

    @property
    def exchange(self) -> Any:
        return self.world.system.venue.exchange

    def is_sound(self) -> bool:
        """The pool has a reserve, the vault's account is not bankrupt, and the token
        is not so large that its own weight keeps it from selling more."""
        venue, prices = self.world.exchange, self.venue_prices()
        if isinstance(prices, Revert):
            return False
        solvent = venue.equity(VAULT, prices, self.now) >= 0
        if not solvent or self.is_crowded() or self.is_full():
            return False
        return venue.spare_reserve(prices, self.now) > 0

    def is_full(self) -> bool:
        """Whether a market's premium leaves less than a tenth of the slippage bound."""
        bound = self.model.parameters.slippage_bps * WAD // BPS
        return any(
            market.config.taker_fee + -market.skew * WAD // market.config.skew_scale
            > bound * 9 // 10
            for market in self.world.exchange.markets
        )

    def is_crowded(self) -> bool:
        """Whether others have taken so much that a cap may stop the token."""
        return any(
            account.has_position
            for name, account in self.world.exchange.accounts.items()
            if name != VAULT
        )

    def venue_prices(self) -> Sequence[int] | Revert:
        """What the exchange gets from its oracle."""
        try:
            return self.world.model.oracle.read(self.now).mid
        except Revert as unusable:
            return unusable

    # the end

    def last_exit(self, who: str) -> None:
        """At any price. Short of margin, the venue pays after a reset; a bankrupt
        account is liquidated first."""
        name = "fee_recipient" if who == self.world.owner else who
        shares = self.model.balances.get(name, 0)
        if not shares:
            return
        if not self.try_exit(who, name, shares):
            self.clear_the_way()
            assert self.try_exit(who, name, shares), f"{who} is stranded with {shares}"

    def try_exit(self, who: str, name: str, shares: int) -> bool:
        done = self.both(
            lambda: self.model.redeem(shares, name, self.now, 0),
            lambda: self.token.redeem(shares, who, who, 0, sender=who),
        )
        if done is not None and who in self.world.purses:
            self.world.paid(who, done.assets)
        return done is not None

    def clear_the_way(self) -> None:
        """Whoever can be liquidated is; then the token is reset."""
        exchange = self.world.exchange
        for name in list(exchange.accounts):
            prices = self.venue_prices()
            maintenance = exchange.maintenance_up(name, prices)
            if exchange.equity(name, prices, self.now) < maintenance:
                self.liquidated(name)
        if self.model.due(self.now)[0]:
            self.reset(0)

    # liquidation

    def liquidated(self, name: str) -> None:
        vault = self.world.system.vault.address
        account = vault if name == VAULT else name
        done = self.both(
            lambda: self.world.exchange.liquidate(name, self.venue_prices(), self.now),
            lambda: self.exchange.liquidate(account, self.world.keeper, sender=self.world.keeper),
        )
        assert done is not None, "an account under its maintenance margin was not liquidated"
        self.world.paid(self.world.keeper, done.reward)
        self.note("vault liquidated" if name == VAULT else "trader liquidated")
        if done.insurance_paid or done.pool_paid:
            self.note("bad debt")

    @step(when=lambda self: self.usable, place=st.integers(0, PEOPLE))
    def liquidate(self, place: int) -> None:
        """Who is under water can be liquidated, and nobody else. [invariant 18]"""
        name = VAULT if place == PEOPLE else self.world.others[place]
        exchange, prices = self.world.exchange, self.venue_prices()
        if exchange.settled or isinstance(prices, Revert):
            return
        equity = exchange.equity(name, prices, self.now)
        if equity < exchange.maintenance_up(name, prices):
            self.liquidated(name)
            return
        done = self.both(
            lambda: exchange.liquidate(name, prices, self.now),
            lambda: self.exchange.liquidate(
                self.world.system.vault.address if name == VAULT else name,
                self.world.keeper,
                sender=self.world.keeper,
            ),
        )
        assert done is None

    @step(when=lambda self: not self.usable)
    def settle_exchange(self) -> None:
        """Anybody, once the oracle is dead."""
        oracle, exchange = self.world.model.oracle, self.world.exchange
        closing = oracle.closing_prices(self.now).mid
        done = self.both(
            lambda: (exchange.settle(closing, oracle.dead(self.now), self.now),),
            lambda: self.exchange.settle(sender=self.world.keeper),
        )
        if done is not None:
            self.note("exchange settled")


def has_room(self: TokenMachine) -> bool:
    return self.usable and not self.world.exchange.settled


class CrowdedPerpMachine(PerpMachine):
    """The same with others who trade, provide and leave."""

    @step(
        when=has_room,
        place=people,
        market=st.integers(0, 9),
        part=st.integers(1, MILLION),
        buy=st.booleans(),
    )
    def trade(self, place: int, market: int, part: int, buy: bool) -> None:
        """As large as margin, caps and pool admit, or a part of it."""
        who, m = self.world.others[place], market % len(self.world.plan.symbols)
        exchange = self.world.exchange
        if exchange.account(who).cash <= 0:
            self.add_margin(who, 400_000 * self.unit)
        size = max(exchange.markets[m].config.max_long * part // MILLION, 1)
        limit = NO_LIMIT if buy else 0
        for _ in range(24):
            order = Order(m, size if buy else -size, limit)
            if self.fits(lambda: exchange.trade(who, [order], self.venue_prices(), self.now)):  # noqa: B023
                self.exchange.trade([(order.market, order.delta, limit)], sender=who)
                self.note("trader buys" if buy else "trader sells")
                return
            size = max(size * 3 // 4, 1)

    @step(when=has_room, place=people, buy=st.booleans(), returns=moves(SQUEEZE, MOST_COMPONENTS))
    def against(self, place: int, buy: bool, returns: list[int]) -> None:
        """Prices move against somebody, with as large a position as there may be in
        the first market; who is short of margin then is liquidated."""
        self.trade(place, 0, MILLION, buy)
        sizes = self.world.exchange.account(self.world.others[place]).sizes
        if any(sizes):
            signed = [
                -move if size > 0 else move for move, size in zip(returns, sizes, strict=False)
            ]
            self.go("against a trader", signed, 60)
            self.liquidate(place)

    def fits(self, in_model: Callable[[], object]) -> bool:
        """Done on the model, if it can be done: the chain has to follow."""
        try:
            in_model()
        except Revert:
            return False
        return True

    def add_margin(self, who: str, amount: int) -> None:
        self.exchange.deposit(amount, sender=who)
        self.world.exchange.deposit(who, amount)
        self.world.pays(who, amount)

    @step(when=has_room, place=people)
    def close(self, place: int) -> None:
        """A trader closes everything and takes the money."""
        who, exchange = self.world.others[place], self.world.exchange
        sizes = exchange.account(who).sizes
        orders = [
            Order(m, -size, NO_LIMIT if size < 0 else 0) for m, size in enumerate(sizes) if size
        ]
        if orders:
            closed = self.both(
                lambda: exchange.trade(who, orders, self.venue_prices(), self.now),
                lambda: self.exchange.trade(
                    [(o.market, o.delta, o.limit) for o in orders], sender=who
                ),
            )
            if closed is None:
                return
        whole = exchange.account(who).cash // exchange.scale
        if whole > 0:
            self.exchange.withdraw(whole, who, sender=who)
            exchange.withdraw(who, whole, self.venue_prices(), self.now)
            self.world.paid(who, whole)
            self.note("trader took the money")

    @step(when=has_room, place=people, amount=st.integers(1, 5 * 10**6))
    def provide(self, place: int, amount: int) -> None:
        who, value = self.world.others[place], amount * self.unit
        done = self.both(
            lambda: self.world.exchange.add_liquidity(who, value, 0, self.venue_prices(), self.now),
            lambda: self.exchange.add_liquidity(value, 0, sender=who),
        )
        if done is not None:
            self.world.pays(who, value)
            self.note("liquidity added")

    @step(when=has_room, place=people, part=st.integers(1, MILLION))
    def withdraw_liquidity(self, place: int, part: int) -> None:
        """As much as is unlocked and not reserved for the shorts."""
        who = self.world.others[place]
        shares = self.world.exchange.account(who).liquidity * part // MILLION
        if not shares:
            return
        done = self.both(
            lambda: (
                self.world.exchange.remove_liquidity(who, shares, 0, self.venue_prices(), self.now),
            ),
            lambda: self.exchange.remove_liquidity(shares, 0, who, sender=who),
        )
        if done is not None:
            self.world.paid(who, done[0])
            self.note("liquidity removed")

    @step(when=has_room, place=people, market=st.integers(0, 9))
    def deleverage(self, place: int, market: int) -> None:
        """Longs are closed while the pool does not cover the shorts; else refused."""
        who, m = self.world.others[place], market % len(self.world.plan.symbols)
        done = self.both(
            lambda: self.world.exchange.deleverage(who, m, self.venue_prices(), self.now),
            lambda: self.exchange.deleverage(who, m, sender=self.world.keeper),
        )
        if done is not None:
            self.note("auto-deleveraged")
