# SPDX-License-Identifier: AGPL-3.0-only
"""The token on collateral that calls back, lies, charges, refuses and returns
nothing, and that is a holder itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import Contract, Reverted
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.flow_terms import Kind
from tests.stateful.aave_machine import AaveMachine
from tests.stateful.flows import ENTERING, Flows, is_alive
from tests.stateful.keeping import Keeping
from tests.stateful.machine import start, step
from tests.stateful.market import MOST_COMPONENTS
from tests.stateful.perp_machine import PerpMachine
from tests.stateful.token import MILLION, holders, parts
from tests.support.constants import MAX_UINT256
from tests.support.hostile_collateral import FALSE, LIES, NOTHING, REFUSED_OUT

KINDS = tuple(Kind)
places = st.integers(0, 99)  # among `targets`, round and round
# A blocked holder: the venue may pay him itself, and cut the reason.
BLOCKED = ("mock: account blocked", "vault: Aave refused a withdrawal, code mock: ac")
# What it does to a payment into the vault: answer, fee in basis points, the reason.
WRONGS = (
    ("false on the way in", FALSE, 0, "token: collateral transfer failed"),
    ("a lie on the way in", LIES, 0, "vault: collateral not received"),
    ("a fee on the way in", 0, 1, "vault: collateral not received"),
)


class Hostility(Flows, Keeping):
    """Whatever the collateral does, a step has the result that it has with an honest
    one, or is refused and changes nothing. [invariant 16]"""

    answer: int = 0  # between the hostile steps: honest, or nothing at all

    @start(anchor=st.integers(1_000, 500_000), part=st.integers(0, MILLION // 2))
    def open(self, anchor: int, part: int) -> None:
        """The first deposit, of which the collateral gets a part."""
        self.deposit(anchor * self.unit, self.holder(0))
        self.transfer(0, len(self.harness.holders) - 1, part)

    @property
    def collateral(self) -> Contract:
        return self.harness.system.collateral

    @property
    def mallory(self) -> str:
        """The collateral as a holder."""
        return self.harness.holders[-1]

    def sized(self, kind: Kind, who: str, part: int) -> int:
        """A part of what a holder can do, 0 if too little."""
        entering = kind in ENTERING
        most = self.most(kind, who)
        if entering:
            exact = self.model.supply if kind == Kind.MINT else self.model.context(self.now).v.mid
            most = min(most, exact)
        amount = most * part // MILLION
        least = WAD if kind in (Kind.MINT, Kind.REDEEM) else self.unit
        if amount < least or self.model.preview(kind, amount, self.now).assets < self.unit:
            return 0
        return amount

    # calling back

    def targets(self) -> list[tuple[Contract, str, tuple[Any, ...]]]:
        """What it may try from inside, with money, shares and allowances of its own."""
        me, unit, system = self.mallory, self.unit, self.harness.system
        shares = max(self.first_shares(me), 1)
        token, vault = system.token, system.vault
        plan = self.harness.plan
        mid = [plan.prices[symbol] * 10**10 for symbol in plan.symbols]
        mid += [0] * (MOST_COMPONENTS - len(mid))
        return [
            (token, "deposit", (unit, me)),
            (token, "mint", (WAD, me)),
            (token, "withdraw", (unit, me, me)),
            (token, "redeem", (shares, me, me)),
            (token, "redeem_in_kind", (shares, me, me, 0, MAX_UINT256)),
            (token, "transferFrom", (self.holder(0), me, 1)),
            (token, "rebalance", ()),
            (token, "accrue_fee", ()),
            (token, "wind_down", ()),
            (token, "totalAssets", ()),
            (vault, "book", (unit,)),
            (vault, "pay", (me, unit)),
            (vault, "trade", (vault.value(mid), [0] * MOST_COMPONENTS, mid, MAX_UINT256, False)),
            (system.views, "nav", (token.address,)),
            (system.lens, "report", (token.address,)),
        ]

    @contextmanager
    def calling(self, place: int, early: bool) -> Iterator[None]:
        """During the block every transfer calls back, and nothing comes of it."""
        targets = self.targets()
        target, function, args = targets[place % len(targets)]
        collateral, me = self.collateral, self.mallory
        collateral.set_early(early, sender=me)
        collateral.set_callback(target, target.method(function).encode(*args), sender=me)
        calls, successes = collateral.calls(), collateral.successes()
        yield
        assert collateral.successes() == successes, f"{function} succeeded from inside"
        self.called = collateral.calls() > calls
        collateral.set_callback("0x" + "00" * 20, b"", sender=me)

    @step(
        when=is_alive,
        often=3,
        kind=st.integers(0, 3),
        holder=holders,
        part=parts,
        place=places,
        early=st.booleans(),
    )
    def calls_back(self, kind: int, holder: int, part: int, place: int, early: bool) -> None:
        """In the middle of somebody's flow, before or after money moves."""
        who, which = self.holder(holder), KINDS[kind]
        amount = self.sized(which, who, part)
        if not amount:
            return
        with self.calling(place, early):
            self.flow(which, amount, who, False)
        assert self.called
        self.note("called back before" if early else "called back")

    @step(
        when=lambda self: self.usable or self.closing,
        often=2,
        place=places,
        early=st.booleans(),
        elapsed=st.integers(0, 86_400),
    )
    def calls_back_in_a_reset(self, place: int, early: bool, elapsed: int) -> None:
        with self.calling(place, early):
            self.reset(elapsed)
        self.note("called back in a reset", self.called)

    # answering wrongly

    @contextmanager
    def turned(self, answer: int, fee_bps: int = 0) -> Iterator[None]:
        self.collateral.set_answer(answer, sender=self.mallory)
        self.collateral.set_fee(fee_bps, sender=self.mallory)
        yield
        self.collateral.set_answer(self.answer, sender=self.mallory)
        self.collateral.set_fee(0, sender=self.mallory)

    def is_refused(self, reasons: tuple[str, ...], kind: Kind, amount: int, who: str) -> None:
        """A transaction, not a call: what it leaves behind is compared after the step."""
        actors = (who,) if kind in ENTERING else (who, who)
        try:
            self.token.method(kind.name.lower())(amount, *actors, sender=who)
        except Reverted as reverted:
            assert reverted.reason in reasons, reverted
            return
        raise AssertionError(f"{kind.name} was not refused, expected {reasons}")

    @step(
        when=is_alive,
        often=3,
        exact=st.booleans(),
        holder=holders,
        part=parts,
        wrong=st.integers(0, len(WRONGS) - 1),
    )
    def wrongs_who_enters(self, exact: bool, holder: int, part: int, wrong: int) -> None:
        """No shares for money that did not come, unless a gift that lies in the vault
        makes up for it: that one is nobody's."""
        who, kind = self.holder(holder), Kind.MINT if exact else Kind.DEPOSIT
        name, answer, fee_bps, reason = WRONGS[wrong]
        amount = self.sized(kind, who, part)
        if not amount:
            return
        assets = self.model.preview(kind, amount, self.now).assets
        missing = assets * fee_bps // 10_000 if fee_bps else assets
        if missing <= self.harness.donated and answer != FALSE:
            return
        with self.turned(answer, fee_bps):
            self.is_refused((reason,), kind, amount, who)
        self.note(name)

    @step(when=is_alive, exact=st.booleans(), holder=holders, part=parts)
    def wrongs_who_leaves(self, exact: bool, holder: int, part: int) -> None:
        """No shares are burned for a payment that says that it failed."""
        who, kind = self.holder(holder), Kind.WITHDRAW if exact else Kind.REDEEM
        amount = self.sized(kind, who, part)
        if amount:
            with self.turned(FALSE):
                self.is_refused(REFUSED_OUT, kind, amount, who)
            self.note("false on the way out")

    @step(when=is_alive, holder=holders, part=parts)
    def blocks(self, holder: int, part: int) -> None:
        """Who is blocked is not paid; another one leaves as always."""
        who, another = self.holder(holder), (holder + 1) % 3
        amount = self.sized(Kind.REDEEM, who, part)
        if not amount:
            return
        self.collateral.set_blocked(who, True, sender=self.mallory)
        self.is_refused(BLOCKED, Kind.REDEEM, amount, who)
        self.leave(another, part, False, False)
        self.collateral.set_blocked(who, False, sender=self.mallory)
        self.note("a holder is blocked")

    @step(silent=st.booleans())
    def returns_nothing(self, silent: bool) -> None:
        """From now on, as the oldest stablecoin, or as the standard says."""
        self.answer = NOTHING if silent else 0
        self.collateral.set_answer(self.answer, sender=self.mallory)
        self.note("no return values", silent)


class HostilePerpMachine(Hostility, PerpMachine):
    """On the embedded exchange."""


class HostileAaveMachine(Hostility, AaveMachine):
    """On the real Aave and Uniswap."""
