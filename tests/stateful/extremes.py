# SPDX-License-Identifier: AGPL-3.0-only
"""Tokens at their extremes: dust, holders of nearly everything, idle months,
collateral of no decimals and of many."""

from __future__ import annotations

from hypothesis import strategies as st

from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.stateful.aave_machine import AaveMachine
from tests.stateful.flows import ENTERING, Flows, is_alive
from tests.stateful.machine import start, step
from tests.stateful.market import CALM, MOST_COMPONENTS, Market, moves
from tests.stateful.perp_machine import PerpMachine
from tests.stateful.token import MILLION, holders
from tests.support.constants import DAY

NOTHING = "token: zero shares"


class Extremes(Flows, Market):
    """What is so small that it cannot be carried out is refused, with a reason and on
    chain and model alike; all else holds as for larger amounts."""

    @start(anchor=st.integers(1, 500_000), scale=st.integers(0, 18))
    def open(self, anchor: int, scale: int) -> None:
        """The first deposit, from a few of the smallest units to half a million whole
        ones."""
        amount = max(anchor * self.unit // 10**scale, 2)  # one would be all fee
        self.deposit(max(amount, self.least(Kind.DEPOSIT)), self.holder(0))

    def least(self, kind: Kind) -> int:
        return 1

    def flow(self, kind: Kind, amount: int, who: str, tight: bool) -> None:
        actors = (who,) if kind in ENTERING else (who, who)
        self.last_flow = None
        try:
            planned = self.model.preview(kind, amount, self.now)
        except Revert as refusal:
            self.refused(str(refusal), kind.name.lower(), amount, *actors, sender=who)
            self.note("too small to hedge")
            return
        if kind == Kind.DEPOSIT and planned.shares == 0:
            self.refused(NOTHING, "deposit", amount, who, sender=who)
            self.note("too small for a share")
            return
        super().flow(kind, amount, who, tight)

    @step(
        when=is_alive,
        often=3,
        holder=holders,
        part=st.sampled_from([500_000, 900_000, 990_000, 999_900, 999_999, MILLION]),
    )
    def nearly_all(self, holder: int, part: int) -> None:
        """Half of a token to all but a millionth of it leaves at once."""
        who = self.holder(holder)
        shares = self.first_shares(who) * part // MILLION
        if 0 < shares <= self.most(Kind.REDEEM, who):
            self.flow(Kind.REDEEM, shares, who, False)
            self.note("nearly all left")

    @step(returns=moves(CALM, MOST_COMPONENTS), months=st.integers(1, 3))
    def idle(self, returns: list[int], months: int) -> None:
        """Nobody comes for months, and prices go on."""
        self.go("idle months", returns, months * 30 * DAY)


class ExtremePerpMachine(Extremes, PerpMachine):
    """On the embedded exchange."""


class ExtremeAaveMachine(Extremes, AaveMachine):
    """On Aave, which counts in hundred-millionths of a dollar and lends nothing
    against less, and Uniswap."""

    def is_sound(self) -> bool:
        n = self.model.context(self.now, self.model.closing_prices(self.now)).v.mid
        return super().is_sound() and n >= self.least(Kind.DEPOSIT)

    def least(self, kind: Kind) -> int:
        whole = WAD if kind in (Kind.MINT, Kind.REDEEM) else self.unit
        return max(whole // 10**4, 1)
