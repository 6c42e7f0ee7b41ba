# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of one token: flows, prices, time, keepers, fees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.terms import Kind
from tests.profiles import machine_settings
from tests.stateful.base import DAY, TokenBase, calm, holders, jumps, parts
from tests.support import reverts
from tests.systems import deploy_bench, make_plan

pytestmark = pytest.mark.stateful
MILLION = 1_000_000


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
        if self.bench.system.venue.exchange.spare_reserve(self.report_mid()) <= 0:
            return
        before = abs(self.model.leverage(self.now) - self.model.multiple * WAD)
        self.bench.rebalance()
        after = abs(self.model.leverage(self.now) - self.model.multiple * WAD)
        assert after <= max(before, WAD // 1_000)
        self.reached.add(f"rebalance {triggers!r}")
        if not self.model.reset.chunk_due_at:
            with reverts("token: rebalance not due"):
                self.token.rebalance(sender=self.bench.keeper)

    def report_mid(self) -> list[int]:
        return list(self.bench.report().prices.mid)

    @rule()
    def accrue(self) -> None:
        receipt = self.token.accrue_fee(sender=self.bench.keeper)
        self.model.accrue_fee(receipt.timestamp)

    @precondition(lambda self: not TokenBase.alive(self))
    @rule(holder=holders)
    def nothing_left(self, holder: int) -> None:
        """Wiped out or empty: no rebalance; what is left can be burned."""
        who = self.accounts[holder]
        reason = "token: no value left" if self.model.supply else "token: no shares exist"
        with reverts(reason):
            self.token.rebalance(sender=self.bench.keeper)
        shares = self.model.balances.get(who, 0)
        if shares and shares < self.model.supply:
            self.bench.redeem(shares, who, 0)


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
    bench = deploy_bench(chain, owner, keeper, make_plan(k, decimals, multiple))
    holders_ = (depositor, second_holder, attacker)
    for holder in holders_:
        bench.fund(holder)

    class Machine(TokenMachine):
        fresh = bench
        accounts = holders_

    run_state_machine_as_test(Machine, settings=machine_settings())
