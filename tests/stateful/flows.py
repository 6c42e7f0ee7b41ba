# SPDX-License-Identifier: AGPL-3.0-only
"""Steps of holders: in, out, and between each other."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import Any

from hypothesis import strategies as st

from inverse_index import reasons
from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.policy.flow_plan import EXACT_OUT
from inverse_index.model.policy.flow_terms import Flow, Kind
from inverse_index.model.token import nav
from inverse_index.model.token.modes import Mode
from tests.stateful.machine import step
from tests.stateful.token import MILLION, TokenMachine, holders, parts
from tests.support.constants import MAX_UINT256

ENTERING = (Kind.DEPOSIT, Kind.MINT)
PREVIEWS = {
    Kind.DEPOSIT: "previewDeposit",
    Kind.MINT: "previewMint",
    Kind.WITHDRAW: "previewWithdraw",
    Kind.REDEEM: "previewRedeem",
}
TOO_TIGHT = {
    Kind.DEPOSIT: "token: shares below minimum",
    Kind.MINT: "token: assets above maximum",
    Kind.WITHDRAW: "token: shares above maximum",
    Kind.REDEEM: "token: assets below minimum",
}


def is_alive(self: TokenMachine) -> bool:
    return self.alive


class Flows(TokenMachine):
    """Flows never lower the value of a share; previews hold to the unit; a bound
    one unit tighter reverts. [invariants 3, 4, 5, 6, 14]"""

    last_flow: Flow | None = None  # carried out; None when it was refused

    def least(self, kind: Kind) -> int:
        """The smallest amount that a step tries: a whole share or unit."""
        return WAD if kind in (Kind.MINT, Kind.REDEEM) else self.unit

    @step(
        when=is_alive,
        often=4,
        holder=holders,
        part=parts,
        exact=st.booleans(),
        tight=st.booleans(),
    )
    def enter(self, holder: int, part: int, exact: bool, tight: bool) -> None:
        who = self.holder(holder)
        kind = Kind.MINT if exact else Kind.DEPOSIT
        whole = self.model.supply if exact else self.model.context(self.now).v.mid
        most = self.most(kind, who)
        amount = min(whole * part // MILLION, most)
        if amount < self.least(kind):
            self.no_entry(kind, who, most)
            return
        bid = self.model.context(self.now).v.bid
        self.flow(kind, amount, who, tight)
        if self.last_flow is not None:
            assert bid + self.last_flow.size <= self.model.nav_cap

    @step(when=is_alive, often=2, holder=holders, kind=st.integers(0, 3), off=st.integers(-1, 1))
    def at_the_limit(self, holder: int, kind: int, off: int) -> None:
        """The largest flow that is netted, or one unit more or less."""
        who, which = self.holder(holder), tuple(PREVIEWS)[kind]
        if self.model.mode == Mode.ACTIVE:
            self.make_whole(which, who)
        amount = self.limit(which, who) + off
        if not 0 < amount <= self.most(which, who):
            return
        planned = self.model.preview(which, amount, self.now)
        if planned.assets >= self.unit and planned.shares >= WAD:
            self.flow(which, amount, who, False)
            self.note("at the limit of netting")

    def make_whole(self, kind: Kind, who: str) -> None:
        """A small deposit, after which the limit on a netted flow's size is a whole
        unit, so that a flow can be just there."""
        v = self.model.context(self.now).v
        n, step = v.bid if kind in ENTERING else v.ask, BPS // gcd(BPS, self.tolerance)
        size = self.model.preview(Kind.DEPOSIT, self.unit, self.now).size
        least = self.unit + -(n + size) % step
        for amount in (least, least + 1):  # a unit may go to the fee
            planned = self.model.preview(Kind.DEPOSIT, amount, self.now)
            fits = planned.netted and (n + planned.size) % step == 0
            if fits and amount <= self.most(Kind.DEPOSIT, who):
                self.flow(Kind.DEPOSIT, amount, who, False)
                return

    @property
    def tolerance(self) -> int:
        return self.model.parameters.tolerance_bps

    def limit(self, kind: Kind, who: str) -> int:
        """The largest amount that nets now, found by halving; 0 if none does."""
        low, high = 0, self.most(kind, who) + 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.is_netted(kind, middle):
                low = middle
            else:
                high = middle
        return low

    def is_netted(self, kind: Kind, amount: int) -> bool:
        try:
            return bool(self.model.preview(kind, amount, self.now).netted)
        except Revert as refused:  # hedging so little costs more than it is worth
            assert refused.reason == "token: cost above value"
            return False

    def no_entry(self, kind: Kind, who: str, most: int) -> None:
        """A paused, closing, full or restricted token says that it takes nothing."""
        if most == 0 and self.model.mode == Mode.MINT_PAUSED:
            self.refused("token: mint is paused", "deposit", self.unit, who, sender=who)
            self.note("mint refused while paused")

    @step(
        when=is_alive,
        often=4,
        holder=holders,
        part=parts,
        exact=st.booleans(),
        tight=st.booleans(),
    )
    def leave(self, holder: int, part: int, exact: bool, tight: bool) -> None:
        who = self.holder(holder)
        kind = Kind.WITHDRAW if exact else Kind.REDEEM
        most = self.most(kind, who)
        amount = most * part // MILLION
        if amount < self.least(kind):
            return
        self.flow(kind, amount, who, tight)

    @step(when=is_alive, holder=holders)
    def leave_altogether(self, holder: int) -> None:
        """With all shares, if the venue can carry it."""
        who = self.holder(holder)
        shares = self.first_shares(who)
        if shares < WAD or self.most(Kind.REDEEM, who) < shares:
            return
        self.flow(Kind.REDEEM, shares, who, False)
        self.note("left altogether")

    def flow(self, kind: Kind, amount: int, who: str, tight: bool) -> None:
        """Preview, do, and compare."""
        planned = self.model.preview(kind, amount, self.now)
        promised = planned.shares if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else planned.assets
        assert self.token.method(PREVIEWS[kind])(amount) == promised
        if tight:
            self.too_tight(kind, amount, promised, who)
        before = self.value_per_share()
        if kind in EXACT_OUT and self.has_stepped():
            # All funding that is due is charged at the accepted price by the first trade.
            made = self.both(*self.both_ways(kind, amount, who, promised))
            if made is None:
                assert self.refusal == reasons.TOKEN_COST
                return
            done: Flow = made
        else:
            done = self.carry_out(kind, amount, who, promised)
        assert self.is_as_promised(planned, done)
        sign = 1 if kind in ENTERING else -1
        self.harness.pays(who, sign * done.assets)
        self.last_flow = done
        if self.model.supply and before is not None:
            self.is_not_poorer(before)
        self.note(f"{kind.name} {'netted' if planned.netted else 'hedged'}")

    def has_stepped(self) -> bool:
        """Whether a price is a step that nothing has confirmed."""
        oracle = self.harness.model.oracle
        return oracle.usable(self.now) and Restriction.STEP in oracle.read(self.now).restriction

    def both_ways(
        self, kind: Kind, amount: int, who: str, promised: int
    ) -> tuple[Callable[[], Flow], Callable[[], Any]]:
        """An exact-out flow on the model and on the chain."""
        call: Any = self.token.method(kind.name.lower())
        act: Any = getattr(self.model, kind.name.lower())
        receivers = (who,) if kind in ENTERING else (who, who)
        bounds = (promised, MAX_UINT256)
        return (
            lambda: act(amount, who, self.now),
            lambda: call(amount, *receivers, *bounds, sender=who),
        )

    def carry_out(self, kind: Kind, amount: int, who: str, promised: int) -> Flow:
        """With the promise as the bound."""
        bounds = (promised, MAX_UINT256)
        call: Any = self.token.method(kind.name.lower())
        act: Any = getattr(self.model, kind.name.lower())
        if kind in ENTERING:
            call(amount, who, *bounds, sender=who)
            return act(amount, who, self.now)  # type: ignore[no-any-return]
        call(amount, who, who, *bounds, sender=who)
        if kind == Kind.REDEEM:  # a bound of one's own replaces that of the token
            return act(amount, who, self.now, promised)  # type: ignore[no-any-return]
        return act(amount, who, self.now)  # type: ignore[no-any-return]

    def is_as_promised(self, planned: Flow, done: Flow) -> bool:
        return (planned.assets, planned.shares) == (done.assets, done.shares)

    def too_tight(self, kind: Kind, amount: int, promised: int, who: str) -> None:
        """Bounds one unit better than the preview."""
        better = promised + 1 if kind in (Kind.DEPOSIT, Kind.REDEEM) else promised - 1
        actors = (who,) if kind in ENTERING else (who, who)
        bounds = (better, MAX_UINT256)
        self.refused(TOO_TIGHT[kind], kind.name.lower(), amount, *actors, *bounds, sender=who)
        self.note("bound one unit too tight")

    def is_not_poorer(self, before: tuple[int, int]) -> None:
        value, shares = before
        value_after, shares_after = self.value_per_share()
        assert (value_after + self.rounding()) * shares >= value * shares_after

    def rounding(self) -> int:
        """Units of collateral that the venue's own rounding may take in a flow
        without a fee."""
        return 0

    @step(
        when=is_alive,
        often=2,
        holder=holders,
        part=st.integers(1, 200_000),
        pieces=st.integers(1, 3),
    )
    def round_trip(self, holder: int, part: int, pieces: int) -> None:
        """In by several accounts, out again at the same prices: nothing is gained."""
        if self.closing:
            return
        n = self.model.context(self.now).v.mid
        amount = n * part // MILLION // pieces
        before = sum(self.harness.balances[who] for who in self.harness.holders)
        got: list[tuple[str, int]] = []
        for i in range(pieces):
            who = self.holder((holder + i) % len(self.harness.holders))
            if self.unit <= amount <= self.most(Kind.DEPOSIT, who):
                held = self.first_shares(who)
                self.flow(Kind.DEPOSIT, amount, who, False)
                got.append((who, self.first_shares(who) - held))
        out = 0
        for who, shares in got:
            out += shares <= self.most(Kind.REDEEM, who) and self.back(who, shares)
        if got and out == len(got):
            assert sum(self.harness.balances[who] for who in self.harness.holders) <= before
            self.note(f"round trip in {len(got)}")

    def back(self, who: str, shares: int) -> bool:
        if self.model.preview(Kind.REDEEM, shares, self.now).assets == 0:
            return False
        self.flow(Kind.REDEEM, shares, who, False)
        return True

    @step(when=is_alive, holder=holders)
    def too_much(self, holder: int) -> None:
        """One unit over the maximum of shares in hand, or of the cap."""
        who = self.holder(holder)
        shares = self.first_shares(who)
        if shares and shares < self.model.supply:
            refused = "token: shares above balance"
            self.refused(refused, "redeem", shares + 1, who, who, sender=who)
        if self.model.mode == Mode.ACTIVE and self.harness.seen.report.prices.restriction == 0:
            c, cap = self.model.context(self.now), self.model.nav_cap
            below = cap - min(c.v.bid, cap)
            headroom = nav.shares_down(below, c.v.bid, c.supply, self.model.virtual)
            if headroom < 2**96 and self.most(Kind.MINT, who) == headroom:
                self.refused(
                    self.why_not_minted(headroom + 1, who), "mint", headroom + 1, who, sender=who
                )
                self.note("at the cap")

    def why_not_minted(self, shares: int, who: str) -> str:
        """The model's reason: the cap, unless the venue's limit is the same."""
        try:
            self.model.mint(shares, who, self.now)
        except Revert as refusal:
            return str(refusal)
        raise AssertionError(f"{shares} shares above the cap were minted")

    @step(sender=holders, receiver=holders, part=parts)
    def transfer(self, sender: int, receiver: int, part: int) -> None:
        a, b = self.holder(sender), self.holder(receiver)
        shares = self.first_shares(a) * part // MILLION
        self.token.transfer(b, shares, sender=a)
        self.model.transfer(a, b, shares)

    @step(when=lambda self: not self.usable and not self.model.settled, holder=holders)
    def no_price_no_flow(self, holder: int) -> None:
        """Priced actions revert with the oracle's reason and change nothing;
        every maximum is zero. [invariant 11]"""
        who = self.holder(holder)
        reason = self.why_unusable()
        shares = self.first_shares(who)
        self.refused(reason, "deposit", self.unit, who, sender=who)
        self.refused(reason, "previewDeposit", self.unit, sender=who)
        if shares:
            self.refused(reason, "redeem", shares, who, who, sender=who)
        if not self.closing:
            self.refused(reason, "rebalance", sender=self.harness.keeper)
        assert self.token.maxDeposit(who) == self.token.maxRedeem(who) == 0
        self.note("no price, no flow")

    def why_unusable(self) -> str:
        try:
            self.harness.model.oracle.read(self.now)
        except Revert as reason:
            return reason.reason
        raise AssertionError("prices are usable")
