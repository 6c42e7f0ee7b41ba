# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of one token: flows, prices, time, keepers, fees."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from inverse_index.chain import LocalBackend, contract_at
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.terms import Kind
from tests.profiles import machine_settings
from tests.stateful.base import DAY, TokenBase, calm, holders, jumps, parts
from tests.support import reverts
from tests.systems import PARAMETERS, deploy_bench, make_aave_plan, make_plan

pytestmark = pytest.mark.stateful
MILLION = 1_000_000
BANKRUPT = "exchange: equity below zero"


class TokenMachine(TokenBase):
    """Flows never lower the value of a share, previews hold, resets get nearer."""

    @precondition(TokenBase.alive)
    @rule(holder=holders, part=parts, exact=st.booleans())
    def enter(self, holder: int, part: int, exact: bool) -> None:
        who = self.accounts[holder]
        kind = Kind.MINT if exact else Kind.DEPOSIT
        n = self.model.context(self.now).v.mid
        wanted = self.model.supply * part // MILLION if exact else n * part // MILLION
        amount = min(wanted, self.most(kind, who))
        if amount < (WAD if exact else self.unit):
            return
        self.flow(kind, amount, who)

    @precondition(TokenBase.alive)
    @rule(holder=holders, part=parts, exact=st.booleans())
    def leave(self, holder: int, part: int, exact: bool) -> None:
        who = self.accounts[holder]
        kind = Kind.WITHDRAW if exact else Kind.REDEEM
        amount = self.most(kind, who) * part // MILLION
        if amount < (self.unit if exact else WAD):
            return
        self.flow(kind, amount, who)

    def flow(self, kind: Kind, amount: int, who: str) -> None:
        """Preview, do, and compare: the share's value never falls."""
        planned = self.model.preview(kind, amount, self.now)
        view = {
            Kind.DEPOSIT: self.token.previewDeposit,
            Kind.MINT: self.token.previewMint,
            Kind.WITHDRAW: self.token.previewWithdraw,
            Kind.REDEEM: self.token.previewRedeem,
        }[kind]
        promised = planned.shares if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else planned.assets
        assert view(amount) == promised
        value, shares = self.value_per_share()
        paid, got = self.wallet(who)
        act: Any = {
            Kind.DEPOSIT: self.bench.deposit,
            Kind.MINT: self.bench.mint,
            Kind.WITHDRAW: self.bench.withdraw,
            Kind.REDEEM: self.bench.redeem,
        }[kind]
        act(amount, who)
        assets, minted = self.wallet(who)
        assert (abs(assets - paid), abs(minted - got)) == (planned.assets, planned.shares)
        if self.model.supply:
            value_after, shares_after = self.value_per_share()
            assert value_after * shares >= value * shares_after
        self.reached.add(f"{kind.name} {'netted' if planned.netted else 'hedged'}")

    def wallet(self, who: str) -> tuple[int, int]:
        return self.bench.system.collateral.balanceOf(who), self.token.balanceOf(who)

    @rule(sender=holders, receiver=holders, part=parts)
    def transfer(self, sender: int, receiver: int, part: int) -> None:
        a, b = self.accounts[sender], self.accounts[receiver]
        shares = self.model.balances.get(a, 0) * part // MILLION
        self.token.transfer(b, shares, sender=a)
        self.model.transfer(a, b, shares)

    @rule(move=calm, seconds=st.integers(60, DAY))
    def drift_along(self, move: int, seconds: int) -> None:
        self.bench.move(move, seconds)

    @rule(moves=st.lists(jumps, min_size=10, max_size=10), seconds=st.integers(60, 3_600))
    def jump(self, moves: list[int], seconds: int) -> None:
        self.bench.move(moves[: len(self.bench.plan.symbols)], seconds)

    @precondition(TokenBase.alive)
    @rule()
    def rebalance_when_due(self) -> None:
        triggers, _ = self.model.due(self.now)
        if not triggers:
            with reverts("token: rebalance not due"):
                self.token.rebalance(sender=self.bench.keeper)
            return
        if not self.can_reset():
            return
        if self.model.control.closing_since:
            self.close_a_chunk()
            return
        before = abs(self.model.leverage(self.now) - self.model.multiple * WAD)
        self.bench.rebalance()
        after = abs(self.model.leverage(self.now) - self.model.multiple * WAD)
        assert after <= max(before, WAD // 1_000)
        self.reached.add(f"rebalance {triggers!r}")
        if not self.model.reset.chunk_due_at:
            with reverts("token: rebalance not due"):
                self.token.rebalance(sender=self.bench.keeper)

    @precondition(lambda self: not self.model.control.closing_since)
    @rule(chance=st.integers(0, 7), by_owner=st.booleans())
    def wind_down(self, chance: int, by_owner: bool) -> None:
        """By the owner now and then; by others only a token that is lost."""
        usable = self.bench.model.oracle.usable(self.now)
        if by_owner and chance == 0:
            self.bench.wind_down()
        elif usable and self.model.has_failed(self.now):
            self.bench.wind_down(self.bench.keeper)
        elif usable:
            with reverts("token: only the owner can wind down"):
                self.token.wind_down(sender=self.bench.keeper)
            return
        else:
            return
        self.reached.add("winding down")

    def close_a_chunk(self) -> None:
        """Every short is smaller after it, and all that was lost is its cost."""
        before = self.model.context(self.now).held.shorts
        self.bench.rebalance()
        if self.model.settled:
            self.reached.add("settled")
            return
        after = self.model.context(self.now).held.shorts
        assert sum(after) < sum(before)
        assert all(new <= old for new, old in zip(after, before, strict=True))

    @precondition(lambda self: self.model.control.closing_since)
    @rule(holder=holders)
    def never_again(self, holder: int) -> None:
        """No mint and no second wind-down in a token that winds down."""
        who = self.accounts[holder]
        refused = "token: winding down"
        with reverts(refused):
            self.token.wind_down(sender=self.bench.owner)
        if self.model.settled or self.bench.model.oracle.usable(self.now):
            with reverts(refused):
                self.token.deposit(self.unit, who, sender=who)
        assert self.token.maxDeposit(who) == 0

    def can_reset(self) -> bool:
        """The venue is sound enough to trade: the exchange's pool has a reserve."""
        mid = list(self.bench.report().prices.mid)
        return bool(self.bench.system.venue.exchange.spare_reserve(mid) > 0)

    def is_bankrupt(self, who: str, shares: int) -> bool:
        """The exchange takes no orders of the account before it is liquidated."""
        if self.model.context(self.now).held.equity >= 0:
            return False
        try:
            copy.deepcopy(self.model).redeem(shares, who, self.now, 0)
        except Revert as refused:
            assert refused.reason == BANKRUPT
            return True
        return False

    @rule()
    def accrue(self) -> None:
        receipt = self.token.accrue_fee(sender=self.bench.keeper)
        self.model.accrue_fee(receipt.timestamp)

    @precondition(lambda self: not TokenBase.alive(self))
    @rule(holder=holders)
    def nothing_left(self, holder: int) -> None:
        """Wiped out or empty: no rebalance; what is left can be burned."""
        who = self.accounts[holder]
        if not self.model.control.closing_since or self.model.settled:
            with reverts("token: rebalance not due"):
                self.token.rebalance(sender=self.bench.keeper)
        shares = self.model.balances.get(who, 0)
        if not shares or shares == self.model.supply:
            return
        if self.is_bankrupt(who, shares):
            with reverts(BANKRUPT):
                self.token.redeem(shares, who, who, 0, sender=who)
        else:
            self.bench.redeem(shares, who, 0)


class AaveMachine(TokenMachine):
    """The same on Aave and Uniswap, where positions grow with interest and anybody
    may repay debts, leave in kind, or liquidate."""

    def can_reset(self) -> bool:
        """Aave lets nobody out of an account that can be liquidated."""
        return self.bench.model.venue.liquidation(self.now) is None

    @precondition(TokenBase.alive)
    @rule(holder=holders, part=parts)
    def leave_in_kind(self, holder: int, part: int) -> None:
        """The others' share keeps its value, the leaver gets exactly what was said."""
        who = self.accounts[holder]
        shares = self.model.balances.get(who, 0) * part // MILLION
        if shares == 0 or shares == self.model.supply or not self.can_reset():
            return
        paid, brought = self.bench.system.lens.in_kind(self.token, shares)
        value, before = self.value_per_share()
        wallet, _ = self.wallet(who)
        self.bring(who, brought)
        self.token.redeem_in_kind(shares, who, who, paid, 2**255, sender=who)
        done = self.model.redeem_in_kind(shares, who, self.now)
        assert (paid, tuple(brought)[: len(done[1])]) == done
        assert self.wallet(who)[0] - wallet == paid
        after, left = self.value_per_share()
        assert after * before >= value * left
        self.reached.add("in kind")

    def bring(self, who: str, amounts: list[int]) -> None:
        venue = self.bench.system.venue
        for symbol, amount in zip(self.bench.plan.symbols, amounts, strict=False):
            token = contract_at(self.bench.chain, "LocalCollateral", venue.tokens[symbol])
            token.mint(who, amount, sender=who)
            token.approve(self.bench.system.vault, amount, sender=who)

    @precondition(lambda self: not self.can_reset())
    @rule()
    def liquidate(self) -> None:
        symbol = self.bench.model.venue.liquidation(self.now)
        system = self.bench.system
        system.venue.liquidate(symbol, system.vault, self.bench.owner)
        self.bench.model.venue.liquidate(symbol, self.now)
        self.reached.add("liquidated")


@pytest.mark.parametrize(("k", "multiple"), [(1, 1), (3, 1), (2, 2)], ids=["k1", "k3", "2x"])
def test_token_machine_on_aave(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    attacker: str,
    k: int,
    multiple: int,
) -> None:
    """[T-FLOW-1] [T-FLOW-5]"""
    parameters = replace(PARAMETERS, emergency_bps=13_000 * multiple)
    plan = make_aave_plan(k, multiple=multiple, parameters=parameters)
    bench = deploy_bench(chain, owner, keeper, plan)
    holders_ = (depositor, second_holder, attacker)
    for holder in holders_:
        bench.fund(holder)

    class Machine(AaveMachine):
        fresh = bench
        accounts = holders_

    run_state_machine_as_test(Machine, settings=machine_settings())


@pytest.mark.parametrize(
    ("k", "decimals", "multiple"), [(1, 6, 1), (3, 18, 1), (2, 8, 3)], ids=["k1", "k3", "3x"]
)
def test_token_machine(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    attacker: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """[T-FLOW-1] [T-FLOW-5] [Q-1]"""
    bench = deploy_bench(chain, owner, keeper, make_plan(k, decimals, multiple))
    holders_ = (depositor, second_holder, attacker)
    for holder in holders_:
        bench.fund(holder)

    class Machine(TokenMachine):
        fresh = bench
        accounts = holders_

    run_state_machine_as_test(Machine, settings=machine_settings())
