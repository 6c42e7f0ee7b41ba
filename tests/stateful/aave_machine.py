# SPDX-License-Identifier: AGPL-3.0-only
"""The token on the real Aave and Uniswap, among traders who move the pools,
borrowers who move the rates, and liquidators."""

from __future__ import annotations

from hypothesis import strategies as st

from inverse_index.chain import Contract, contract_at
from inverse_index.model.aave.venue import VAULT
from inverse_index.model.fixed import Revert
from inverse_index.model.policy.wind_down_bound import PATIENCE
from inverse_index.protocols.aave import VARIABLE_RATE
from tests.stateful.flows import Flows, is_alive
from tests.stateful.keeping import Keeping
from tests.stateful.machine import step
from tests.stateful.market import MOST_COMPONENTS, Market
from tests.stateful.powers import Powers
from tests.stateful.token import MILLION, holders, parts
from tests.support.constants import MAX_UINT256


class AaveMachine(Flows, Keeping, Market, Powers):
    """Interest accrues, pools drift away from the oracle, anybody may repay the
    vault's debts or leave in kind."""

    primaries_may_fail = False
    pushed: bool = False  # a pool is away from the oracle's price

    def is_sound(self) -> bool:
        """Pools are where the oracle is, which knows the present prices, Aave would
        not liquidate the vault, and its collateral is worth more than its debts."""
        old_prices = self.closing and not self.harness.model.oracle.usable(self.now)
        if self.pushed or self.is_used_up() or old_prices or self.is_liquidatable():
            return False
        c = self.model.context(self.now, self.model.closing_prices(self.now))
        return c.held.equity >= 0

    def is_used_up(self) -> bool:
        """Whether the token's own flows have moved a pool by more than half of the
        slippage bound, so that a reset may find too little within it."""
        prices, model = self.harness.prices, self.harness.model
        at = prices.get(model.collateral_symbol, 10**8)
        moved = model.venue.furthest_pool_bps_up(prices, at)
        return moved > self.model.parameters.slippage_bps // 2

    def is_liquidatable(self) -> bool:
        return self.harness.model.venue.liquidation(self.now) is not None

    def component(self, symbol: str) -> Contract:
        address = self.harness.system.venue.tokens[symbol]
        return contract_at(self.harness.chain, "LocalCollateral", address)

    def symbol(self, place: int) -> str:
        symbols = self.harness.plan.symbols
        return symbols[place % len(symbols)]

    def bring(self, who: str, symbol: str, amount: int, spender: Contract) -> None:
        """Components in somebody's hand, approved."""
        token = self.component(symbol)
        token.mint(who, amount, sender=who)
        token.approve(spender, amount, sender=who)

    def go(self, regime: str, returns: list[int], seconds: int) -> None:
        super().go(regime, returns, seconds)
        self.pushed = False  # arbitrage has followed

    def rounding(self) -> int:
        """A settled token's collateral is supplied: Aave rounds what is taken out."""
        return 1 if self.model.settled else 0

    # the venue's other actors

    @step(place=st.integers(0, MOST_COMPONENTS - 1), basis_points=st.integers(-600, 600))
    def pool_moves(self, place: int, basis_points: int) -> None:
        """A trader moves a pool away from the oracle's price."""
        venue, symbol = self.harness.system.venue, self.symbol(place)
        shape = next(each for each in venue.shapes if each.symbol == symbol)
        model = self.harness.model.venue.pools[symbol]
        target = model.sqrt_price_x96 * (20_000 + basis_points) // 20_000
        venue.maker.move([venue.pools[shape.symbol]], [target], sender=self.harness.owner)
        model.move_to(target)
        self.pushed = True
        self.note("pool moved")

    @step(place=st.integers(0, MOST_COMPONENTS - 1), part=parts)
    def repay(self, place: int, part: int) -> None:
        """A stranger repays a part of the vault's debt: a gift to the holders."""
        venue, symbol = self.harness.system.venue, self.symbol(place)
        aave, who = self.harness.model.venue.aave, self.harness.others[0]
        amount = aave.owed(symbol, VAULT, self.now) * part // MILLION
        if not amount:
            return
        before = self.value_per_share() if self.alive else None
        self.bring(who, symbol, amount, venue.pool)
        address = venue.tokens[symbol]
        venue.pool.repay(address, amount, VARIABLE_RATE, self.harness.system.vault, sender=who)
        aave.repay(symbol, amount, who, self.now, VAULT)
        if before is not None:
            self.is_not_poorer(before)
        self.note("debt repaid by a stranger")

    @step(place=st.integers(0, MOST_COMPONENTS - 1), amount=st.integers(1, 1_000))
    def supply(self, place: int, amount: int) -> None:
        """Somebody supplies components: rates fall."""
        venue, symbol = self.harness.system.venue, self.symbol(place)
        aave, who = self.harness.model.venue.aave, self.harness.others[1]
        value = amount * 10 ** aave.reserves[symbol].decimals // 10
        self.bring(who, symbol, value, venue.pool)
        venue.pool.supply(venue.tokens[symbol], value, who, 0, sender=who)
        aave.supply(symbol, value, who, self.now)
        self.note("others supply")

    # in kind

    @step(when=is_alive, holder=holders, part=parts)
    def leave_in_kind(self, holder: int, part: int) -> None:
        """The others' share keeps its value, the leaver gets what was said."""
        who = self.holder(holder)
        shares = self.first_shares(who) * part // MILLION
        if shares == 0 or shares == self.model.supply or self.is_liquidatable():
            return
        before = self.value_per_share()
        self.in_kind(who, who, shares)
        self.is_not_poorer(before)
        self.note("in kind")

    def in_kind(self, who: str, name: str, shares: int) -> None:
        system = self.harness.system
        paid, brought = system.lens.in_kind(self.token, shares)
        for symbol, amount in zip(self.harness.plan.symbols, brought, strict=False):
            self.bring(who, symbol, amount, system.vault)
        self.token.redeem_in_kind(shares, who, who, paid, MAX_UINT256, sender=who)
        done = self.model.redeem_in_kind(shares, name, self.now)
        assert (paid, tuple(brought)[: len(done[1])]) == done
        if who in self.harness.balances:
            self.harness.paid(who, paid)

    # liquidation

    @step(when=lambda self: self.is_liquidatable())
    def liquidate(self) -> None:
        """As much of the largest debt as Aave lets anybody."""
        self.liquidate_now()
        self.note("liquidated by Aave")

    # the end

    def bring_prices_back(self) -> None:
        super().bring_prices_back()
        self.pushed = False

    def last_exit(self, who: str) -> None:
        """At any price; what cannot be sold goes in kind."""
        name = "fee_recipient" if who == self.harness.owner else who
        shares = self.model.balances.get(name, 0)
        if not shares:
            return
        ways = (self.try_exit, self.exit_after_liquidation, self.try_in_kind, self.wait_for_the_end)
        for way in ways:
            if way(who, name, shares):
                return
        raise AssertionError(f"{who} is stranded with {shares}")

    def try_exit(self, who: str, name: str, shares: int) -> bool:
        done = self.both(
            lambda: self.model.redeem(shares, name, self.now, 0),
            lambda: self.token.redeem(shares, who, who, 0, sender=who),
        )
        if done is not None and who in self.harness.balances:
            self.harness.paid(who, done.assets)
        return done is not None

    def exit_after_liquidation(self, who: str, name: str, shares: int) -> bool:
        for _ in range(20):
            if not self.is_liquidatable():
                break
            self.liquidate_now()
        if self.model.due(self.now)[0]:
            self.reset(0)
        return self.try_exit(who, name, shares)

    def liquidate_now(self) -> None:
        venue, system = self.harness.model.venue, self.harness.system
        symbol = venue.liquidation(self.now)
        system.venue.liquidate(symbol, system.vault, self.harness.owner)
        venue.liquidate(symbol, self.now)

    def try_in_kind(self, who: str, name: str, shares: int) -> bool:
        try:
            self.model.vault.in_kind(shares, self.model.supply, self.now)
        except Revert:
            return False
        self.in_kind(who, name, shares)
        self.note("last exit in kind")
        return True

    def wait_for_the_end(self, who: str, name: str, shares: int) -> bool:
        """A token that winds down gives debts up that nobody can pay, and settles."""
        if not self.closing:
            return False
        self.harness.wait(PATIENCE)
        for _ in range(50):
            self.bring_prices_back()
            self.reset(self.model.parameters.chunk_delay)
            if self.model.settled:
                break
        return self.try_exit(who, name, shares)
