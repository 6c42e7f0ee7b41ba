# SPDX-License-Identifier: AGPL-3.0-only
"""The part that all of the token's steps stand on: values, maxima, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import Reverted
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.token import nav
from inverse_index.model.token.core import TokenModel
from inverse_index.model.token.modes import Mode
from tests.stateful.machine import Machine, start
from tests.support.assertions import reverts
from tests.support.token_harness import TokenHarness

MILLION = 1_000_000
HOLDERS = 3

holders = st.integers(0, HOLDERS - 1)
# Parts of N or of a balance, in millionths: half of them under 12%.
parts = st.integers(0, 1_000).map(lambda x: max(x**3 // 1_000, 1))


class TokenMachine(Machine):
    """A token with some holders in it."""

    harness: TokenHarness
    alive: bool = False  # prices are usable, somebody holds something of value
    usable: bool = True
    refusal: str = ""  # why chain and model last refused a step

    @start(anchor=st.integers(1_000, 500_000))
    def open(self, anchor: int) -> None:
        """The first deposit."""
        self.deposit(anchor * self.unit, self.holder(0))

    # parts

    def holder(self, place: int) -> str:
        return self.harness.holders[place]

    @property
    def token(self) -> Any:
        return self.harness.system.token

    @property
    def model(self) -> TokenModel:
        return self.harness.model.token

    @property
    def unit(self) -> int:
        return self.harness.system.unit

    @property
    def now(self) -> int:
        return self.harness.clock

    @property
    def closing(self) -> bool:
        return bool(self.model.control.winding_down_since)

    def deposit(self, assets: int, who: str) -> None:
        self.harness.deposit(assets, who)
        self.harness.pays(who, assets)

    def value_per_share(self) -> tuple[int, int]:
        """N and shares, both with the virtual ones, at mid: an exact fraction."""
        c = self.model.context(self.now)
        base = nav.virtual_assets(self.model.virtual)
        return c.v.mid + base, c.supply + self.model.virtual * base

    def most(self, kind: Kind, who: str) -> int:
        """The token's own maximum, where chain and model agree."""
        on_chain = self.harness.system.views.maximum(self.token, int(kind), who)
        assert on_chain == self.model.maximum(kind, who, self.now)
        return int(on_chain)

    def refused(self, reason: str, function: str, *args: Any, sender: str) -> None:
        """The call must revert with this reason."""
        with reverts(reason):
            self.token.method(function).call(*args, sender=sender)

    def both(self, in_model: Callable[[], Any], on_chain: Callable[[], Any]) -> Any:
        """Do it on both: the model's result, or None when both refuse for the
        same reason. Only for steps whose venue may be unable to trade."""
        try:
            done = in_model()
        except Revert as refused:
            try:
                on_chain()
            except Reverted as reverted:
                assert reverted.reason == refused.reason
                self.refusal = refused.reason
                self.note(f"refused: {refused.reason}")
                return None
            raise AssertionError(f"only the model refuses: {refused.reason}") from refused
        on_chain()
        return done

    # after every step

    def check(self) -> None:
        harness = self.harness
        harness.check()
        assert harness.seen is not None
        report = harness.seen.report
        mode = self.model.mode
        self.tally.modes[str(mode.name)] += 1
        self.usable = bool(report.usable)
        if report.usable:
            assert report.prices.updated_at <= self.now
        assert harness.model.oracle.usable(self.now) == self.usable
        ready = self.usable or mode == Mode.SETTLED
        self.alive = ready and report.total_supply > 0 and report.mid > 0
        if report.total_supply == 0:
            self.note("no shares")
        elif ready and report.mid == 0:
            self.note("wiped out")

    def first_shares(self, who: str) -> int:
        return self.model.balances.get(who, 0)

    @property
    def leverage_gap(self) -> int:
        """|leverage - L|, WAD."""
        return abs(self.model.leverage(self.now) - self.model.multiple * WAD)
