# SPDX-License-Identifier: AGPL-3.0-only
"""The token on the embedded exchange, among traders, liquidity providers and
liquidators: no longer alone with an idle pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

from hypothesis import strategies as st

from inverse_index.deployment.reading import View
from inverse_index.model.exchange.marks import Prices, marks_of
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.perp.venue import VAULT
from tests.stateful.exchange_base import share_up
from tests.stateful.flows import Flows
from tests.stateful.keeping import Keeping
from tests.stateful.machine import step
from tests.stateful.market import MOST_COMPONENTS, Market
from tests.stateful.powers import Powers
from tests.stateful.regimes import SQUEEZE, moves
from tests.stateful.token import MILLION, TokenMachine
from tests.support.constants import HOUR, MAX_UINT256
from tests.support.token_harness import TokenHarness

ACTORS = 2  # traders and providers at once
CHUNKS = 400  # of a reset, at the end of a history
BANKRUPT = "exchange: equity below zero"

actors = st.integers(0, ACTORS - 1)


class PerpTokenHarness(TokenHarness):
    """A harness whose venue is the exchange; the others trade there."""

    @property
    def exchange(self) -> ExchangeModel:
        model: ExchangeModel = self.model.venue.exchange
        return model

    def _venue_views(self) -> list[View]:
        exchange, vault = self.system.venue.exchange, self.system.vault
        views: list[View] = list(self.system.venue.figure_views(vault))
        pool = self.system.venue.pool
        views += [(self.system.collateral, "balanceOf", (each,)) for each in (exchange, pool)]
        views += [(pool, "totalSupply", ()), (pool, "pending_assets", ())]
        for who in self.others:
            views += [(exchange, "cash", (who,)), (pool, "balanceOf", (who,))]
            views += [(pool, f"{kind}_request", (who,)) for kind in ("deposit", "redeem")]
        return views

    def checked_venue(self, values: list[Any]) -> list[Any]:
        """Everybody's account, and the exchange's own collateral. [invariant 18]"""
        model = self.exchange
        count = 5 + len(model.markets)
        figures, row = values[:count], iter(values[count:])
        assert (next(row), next(row)) == (model.held, model.pool_held + model.pending)
        assert (next(row), next(row)) == (model.total_liquidity, model.pending)
        for who in self.others:
            account = model.account(who)
            assert (next(row), next(row)) == (account.cash, account.liquidity)
            assert tuple(next(row)) == astuple(account.joining)
            assert tuple(next(row)) == astuple(account.leaving)
        return figures


class PerpMachine(Flows, Keeping, Market, Powers):
    """A token on the exchange that it has to itself, but for a pool."""

    harness: PerpTokenHarness

    @property
    def exchange(self) -> Any:
        return self.harness.system.venue.exchange

    @property
    def pool(self) -> Any:
        return self.harness.system.venue.pool

    def is_sound(self) -> bool:
        """The pool has a reserve, the vault's account is not bankrupt, and the token
        is not so large that its own weight keeps it from selling more."""
        venue, prices = self.harness.exchange, self.venue_prices()
        if isinstance(prices, Revert):
            return False
        solvent = venue.equity(VAULT, prices, self.now) >= 0
        if not solvent or self.is_crowded() or self.is_full():
            return False
        return venue.spare_reserve(VAULT, prices, self.now) > 0

    def is_full(self) -> bool:
        """Whether what has been sold leaves less than a tenth of the slippage bound."""
        bound = self.model.parameters.slippage_bps * WAD // BPS
        return any(
            market.depth(bound, False, self.now) * 20 < bound * market.config.skew_scale // WAD
            for market in self.harness.exchange.markets
        )

    def is_crowded(self) -> bool:
        """Whether others have taken so much that a cap may stop the token."""
        return any(
            account.has_position
            for name, account in self.harness.exchange.accounts.items()
            if name != VAULT
        )

    def venue_prices(self) -> Prices:
        """What the exchange gets from its oracle."""
        oracle = self.harness.model.oracle
        try:
            return marks_of(
                oracle.read(self.now),
                lambda i: oracle.extremes(i, self.now),
                lambda: oracle.accepted_mid(self.now),
            )
        except Revert as unusable:
            return unusable

    # the end

    def last_exit(self, who: str) -> None:
        """At any price. Short of margin, the venue pays after a reset; a bankrupt
        account is liquidated first."""
        name = "fee_recipient" if who == self.harness.owner else who
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
        if done is not None and who in self.harness.balances:
            self.harness.paid(who, done.assets)
        return done is not None

    def clear_the_way(self) -> None:
        """Prices that are in doubt are confirmed: at the worse of them a last position may
        cost more than there is. Whoever can be liquidated is; then the token is reset, chunk
        after chunk."""
        exchange = self.harness.exchange
        if self.harness.model.oracle.read(self.now).restriction == Restriction.STEP:
            self.confirm_prices()
        for name in list(exchange.accounts):
            if self.is_short_of_margin(name):
                self.liquidated(name)
        if self.model.due(self.now)[0]:
            self.reset(0)
        for _ in range(CHUNKS):
            if not self.model.reset.chunk_due_at:
                return
            self.reset(self.model.parameters.chunk_delay)

    # liquidation

    def confirm_prices(self) -> None:
        """Observed, and the same when the step's delay is over."""
        harness = self.harness
        receipt = harness.system.oracle.refresh(sender=harness.keeper)
        harness.model.oracle.refresh(receipt.timestamp)
        still = [0] * len(harness.plan.symbols)
        harness.post_moved(still, harness.plan.oracle.step_delay)

    def is_short_of_margin(self, name: str) -> bool:
        """At the best for it of the prices that the oracle leaves possible."""
        exchange = self.harness.exchange
        best = exchange.prices_of(name, self.venue_prices(), against=False)
        return bool(exchange.equity(name, best, self.now) < exchange.maintenance_up(name, best))

    def liquidated(self, name: str) -> None:
        vault = self.harness.system.vault.address
        account = vault if name == VAULT else name
        done = self.both(
            lambda: self.harness.exchange.liquidate(name, self.venue_prices(), self.now),
            lambda: self.exchange.liquidate(
                account, self.harness.keeper, sender=self.harness.keeper
            ),
        )
        assert done is not None, "an account under its maintenance margin was not liquidated"
        self.harness.paid(self.harness.keeper, done.reward)
        self.note("vault liquidated" if name == VAULT else "trader liquidated")
        if done.insurance_paid or done.pool_paid:
            self.note("bad debt")

    @step(when=lambda self: self.usable, place=st.integers(0, ACTORS))
    def liquidate(self, place: int) -> None:
        """Who is under water can be liquidated, and nobody else. [invariant 18]"""
        name = VAULT if place == ACTORS else self.harness.others[place]
        exchange = self.harness.exchange
        if exchange.settled or isinstance(self.venue_prices(), Revert):
            return
        if self.is_short_of_margin(name):
            self.liquidated(name)
            return
        done = self.both(
            lambda: exchange.liquidate(name, self.venue_prices(), self.now),
            lambda: self.exchange.liquidate(
                self.harness.system.vault.address if name == VAULT else name,
                self.harness.keeper,
                sender=self.harness.keeper,
            ),
        )
        assert done is None

    @step(when=lambda self: not self.usable)
    def settle_exchange(self) -> None:
        """Anybody, once the oracle is dead."""
        oracle, exchange = self.harness.model.oracle, self.harness.exchange
        closing = oracle.closing_prices(self.now).mid
        done = self.both(
            lambda: (exchange.settle(closing, oracle.dead(self.now), self.now),),
            lambda: self.exchange.settle(sender=self.harness.keeper),
        )
        if done is not None:
            self.note("exchange settled")


def has_headroom(self: TokenMachine) -> bool:
    return self.usable and not self.harness.exchange.settled


class CrowdedPerpMachine(PerpMachine):
    """The same with others who trade, provide and leave."""

    @step(
        when=has_headroom,
        place=actors,
        market=st.integers(0, 9),
        part=st.integers(1, MILLION),
        buy=st.booleans(),
    )
    def trade(self, place: int, market: int, part: int, buy: bool) -> None:
        """As large as margin, caps and pool admit, or a part of it."""
        who, m = self.harness.others[place], market % len(self.harness.plan.symbols)
        exchange = self.harness.exchange
        if exchange.account(who).cash <= 0:
            self.add_margin(who, 400_000 * self.unit)
        size = max(exchange.markets[m].config.max_long * part // MILLION, 1)
        limit = MAX_UINT256 if buy else 0
        for _ in range(24):
            order = Order(m, size if buy else -size, limit)
            if self.fits(lambda: exchange.trade(who, [order], self.venue_prices(), self.now)):  # noqa: B023
                self.exchange.trade([(order.market, order.delta, limit)], sender=who)
                self.note("trader buys" if buy else "trader sells")
                return
            size = max(size * 3 // 4, 1)

    @step(
        when=has_headroom, place=actors, buy=st.booleans(), returns=moves(SQUEEZE, MOST_COMPONENTS)
    )
    def against(self, place: int, buy: bool, returns: list[int]) -> None:
        """Prices move against somebody, with as large a position as there may be in
        the first market; who is short of margin then is liquidated."""
        self.trade(place, 0, MILLION, buy)
        sizes = self.harness.exchange.account(self.harness.others[place]).sizes
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
        self.harness.exchange.deposit(who, amount)
        self.harness.pays(who, amount)

    @step(when=has_headroom, place=actors)
    def close(self, place: int) -> None:
        """A trader closes everything and takes the money."""
        who, exchange = self.harness.others[place], self.harness.exchange
        sizes = exchange.account(who).sizes
        orders = [
            Order(m, -size, MAX_UINT256 if size < 0 else 0) for m, size in enumerate(sizes) if size
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
            self.harness.paid(who, whole)
            self.note("trader took the money")

    @step(when=has_headroom, place=actors, amount=st.integers(1, 5 * 10**6))
    def provide(self, place: int, amount: int) -> None:
        who, value = self.harness.others[place], amount * self.unit
        done = self.both(
            lambda: (
                self.harness.exchange.request_deposit(who, value, self.venue_prices(), self.now),
            ),
            lambda: self.pool.requestDeposit(value, who, who, sender=who),
        )
        if done is not None:
            self.harness.pays(who, value)
            self.note("liquidity asked for")

    @step(when=has_headroom, place=actors, part=st.integers(1, MILLION), waits=st.booleans())
    def claim_liquidity(self, place: int, part: int, waits: bool) -> None:
        """Of what is pending, or of some that has just come."""
        who = self.harness.others[place]
        if not self.harness.exchange.account(who).joining.amount:
            self.provide(place, part)
        if waits:
            self.go("a request can be claimed", [0] * MOST_COMPONENTS, HOUR)
        amount = share_up(self.harness.exchange.account(who).joining.amount, part)
        if not amount:
            return
        done = self.both(
            lambda: self.harness.exchange.claim_deposit(
                who, amount, 0, self.venue_prices(), self.now
            ),
            lambda: self.pool.deposit(amount, who, sender=who),
        )
        if done is not None:
            self.note("liquidity added")

    @step(when=has_headroom, place=actors, part=st.integers(1, MILLION), waits=st.booleans())
    def withdraw_liquidity(self, place: int, part: int, waits: bool) -> None:
        """As much as is not reserved for the shorts: asked for, and claimed."""
        who = self.harness.others[place]
        account = self.harness.exchange.account(who)
        if not account.leaving.amount:
            if not account.liquidity:
                self.claim_liquidity(place, MILLION, True)
            self.leave_pool(who, share_up(self.harness.exchange.account(who).liquidity, part))
        if waits:
            self.go("a request can be claimed", [0] * MOST_COMPONENTS, HOUR)
        shares = share_up(self.harness.exchange.account(who).leaving.amount, part)
        if not shares:
            return
        done = self.both(
            lambda: (
                self.harness.exchange.claim_redeem(who, shares, 0, self.venue_prices(), self.now),
            ),
            lambda: self.pool.redeem(shares, who, who, sender=who),
        )
        if done is not None:
            self.harness.paid(who, done[0])
            self.note("liquidity removed")

    def leave_pool(self, who: str, shares: int) -> None:
        if shares:
            self.both(
                lambda: (
                    self.harness.exchange.request_redeem(
                        who, shares, self.venue_prices(), self.now
                    ),
                ),
                lambda: self.pool.requestRedeem(shares, who, who, sender=who),
            )

    @step(when=has_headroom, place=actors, market=st.integers(0, 9))
    def deleverage(self, place: int, market: int) -> None:
        """Longs are closed while the pool does not cover the shorts; else refused."""
        who, m = self.harness.others[place], market % len(self.harness.plan.symbols)
        done = self.both(
            lambda: self.harness.exchange.deleverage(who, m, self.venue_prices(), self.now),
            lambda: self.exchange.deleverage(who, m, sender=self.harness.keeper),
        )
        if done is not None:
            self.note("auto-deleveraged")
