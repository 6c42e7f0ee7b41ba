# SPDX-License-Identifier: AGPL-3.0-only
"""Steps of the market around the token: prices, their sources, time."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import strategies as st

from inverse_index.model.oracle.feed_answers import Round
from inverse_index.model.oracle.index_oracle import DEAD_DELAY
from inverse_index.model.oracle.prices import Restriction
from tests.stateful.machine import step
from tests.stateful.regimes import CALM, CRASH, GAP, JUMP, SQUEEZE, Regime, moves
from tests.stateful.token import TokenMachine
from tests.support.constants import DAY

MOST_COMPONENTS = 10
NEVER = (0, -1, -(10**8), 10**20)  # answers that no price can be


def moved(regime: Regime) -> dict[str, Any]:
    """Arguments of a step in which prices move."""
    return {
        "returns": moves(regime, MOST_COMPONENTS),
        "seconds": st.integers(*regime.seconds),
    }


class Market(TokenMachine):
    """Prices move in the regimes of real markets; sources fail, disagree, fall
    silent. [invariants 7, 11, 15]"""

    # Whether the venue survives primaries that answer nonsense: Aave has the
    # same ones, and no second source.
    primaries_may_fail: ClassVar[bool] = True

    @step(often=5, **moved(CALM))
    def calm(self, returns: list[int], seconds: int) -> None:
        self.go("calm", returns, seconds)

    @step(often=2, **moved(JUMP))
    def jump(self, returns: list[int], seconds: int) -> None:
        self.go("jump", returns, seconds)

    @step(**moved(GAP))
    def gap(self, returns: list[int], seconds: int) -> None:
        self.go("gap", returns, seconds)

    @step(**moved(CRASH))
    def crash(self, returns: list[int], seconds: int) -> None:
        self.go("crash", returns, seconds)

    @step(**moved(SQUEEZE))
    def squeeze(self, returns: list[int], seconds: int) -> None:
        self.go("squeeze", returns, seconds)

    @step(**moved(SQUEEZE), chance=st.integers(0, 5))
    def squeeze_at_once(self, returns: list[int], seconds: int, chance: int) -> None:
        """Three such days in one, now and then: wipes tokens out."""
        times = 1 if chance else 3
        self.go(
            "squeeze at once" if times == 3 else "squeeze",
            [times * each for each in returns],
            seconds,
        )

    def go(self, regime: str, returns: list[int], seconds: int) -> None:
        self.harness.post_moved(returns[: len(self.harness.plan.symbols)], seconds)
        self.note(regime)

    @step(
        when=lambda self: self.alive and not self.closing,
        returns=moves(CALM, MOST_COMPONENTS),
        scale=st.sampled_from([1, 5, -5]),
    )
    def one_period(self, returns: list[int], scale: int) -> None:
        """At leverage L, with no time passing, N moves by -L times the index: the
        defining property, to the rounding. [invariant 7]"""
        c = self.model.context(self.now)
        level = self.harness.model.oracle.level(self.now)
        gap = abs(c.v.exposure - c.v.mid * self.model.multiple)
        if c.v.mid < 1_000 * self.unit or gap * 10**6 > c.v.mid or self.model.vault.halted():
            return
        scaled = [each * scale for each in returns]
        self.go("one period", scaled, 0)
        if not self.harness.model.oracle.usable(self.now):
            return
        after = self.model.context(self.now)
        new = self.harness.model.oracle.level(self.now)
        expected = c.v.net - (new - level) * c.v.exposure // level
        assert abs(after.v.net - expected) * 10**6 <= c.v.mid * 2

    @step(seconds=st.integers(1, 3 * DAY))
    def wait(self, seconds: int) -> None:
        self.harness.wait(seconds)

    @step(often=2, which=st.integers(0, 9), off=st.integers(-1, 1))
    def to_the_second(self, which: int, off: int) -> None:
        """To the moment at which something begins or ends, or one second beside it."""
        ahead = sorted(at for at in self.moments() if at + off > self.now)
        if ahead:
            self.harness.wait(ahead[which % len(ahead)] + off - self.now)
            self.note("to the second")

    def moments(self) -> set[int]:
        """Epochs, ramps, delays and heartbeats of the present state."""
        token, oracle = self.model, self.harness.model.oracle
        clock, p, o = token.clock, token.parameters, oracle.parameters
        epoch = (clock.epoch(self.now) + 1) * clock.interval + clock.offset
        begun = [token.reset.at, token.flows.netting_since, token.reset.chunk_due_at, epoch]
        begun += [each.updated_at for each in self.rounds()]
        found = {at + p.reward_ramp for at in begun} | {epoch, token.reset.chunk_due_at}
        found |= {each.updated_at + heartbeat for each, heartbeat in self.rounds().items()}
        found |= {state.step_at + o.step_delay for state in oracle._states if state.step_at}
        found |= {oracle.scheduled_at, oracle.unusable_since + DEAD_DELAY}
        found |= {token.control.winding_down_since + n * DAY for n in (1, 2, 10)}
        return {at for at in found if self.now < at < self.now + 12 * DAY}

    def rounds(self) -> dict[Round, int]:
        """The latest answers and their heartbeats."""
        oracle = self.harness.model.oracle
        feeds = [
            feed
            for asset in (*oracle.components, oracle.collateral)
            for feed in (asset.primary, asset.secondary)
            if feed is not None
        ]
        return {feed.round: feed.heartbeat for feed in feeds if feed.round is not None}

    @step(days=st.sampled_from([8, 11, 19]))
    def silence(self, days: int) -> None:
        """No source answers for longer than its heartbeat; somebody reports it."""
        self.harness.wait(8 * DAY)
        self.report_unusable()
        self.harness.wait((days - 8) * DAY)
        self.note("silence")

    def report_unusable(self) -> None:
        """Anybody's call; it starts or stops the clock of a dead oracle."""
        oracle, on_chain = self.harness.model.oracle, self.harness.system.oracle
        started = oracle.unusable_since
        if oracle.usable(self.now) and not started:
            return
        on_chain.report_unusable(sender=self.harness.keeper)
        oracle.report_unusable(self.now)
        assert on_chain.unusable_since() == oracle.unusable_since
        assert on_chain.dead() == oracle.dead(self.now)

    @step(when=lambda self: not self.usable)
    def reported(self) -> None:
        self.report_unusable()
        if self.harness.model.oracle.dead(self.now):
            self.note("oracle dead")

    @step(place=st.integers(0, 2 * MOST_COMPONENTS - 1), how=st.integers(0, len(NEVER) - 1))
    def source_fails(self, place: int, how: int) -> None:
        """One source answers what cannot be: its second one takes over."""
        k = len(self.harness.plan.symbols)
        place = place % (2 * k) if self.primaries_may_fail else k + place % k
        self.harness.post_one(place, NEVER[how])
        self.note("source fails")

    @step(place=st.integers(0, MOST_COMPONENTS - 1), basis_points=st.integers(-900, 900))
    def sources_disagree(self, place: int, basis_points: int) -> None:
        """A second source goes astray: the spread widens, or mints stop."""
        k = len(self.harness.plan.symbols)
        i = place % k
        price = self.harness.prices[self.harness.plan.symbols[i]]
        self.harness.post_one(k + i, max(price * (10_000 + basis_points) // 10_000, 1))
        if not self.harness.model.oracle.usable(self.now):
            return
        prices = self.harness.model.oracle.read(self.now)
        if Restriction.SPREAD in prices.restriction:
            self.note("sources disagree")
        self.restricted(prices.restriction)

    @step(
        when=lambda self: self.primaries_may_fail,
        place=st.integers(0, MOST_COMPONENTS - 1),
        returns=moves(SQUEEZE, 1),
    )
    def lone_step(self, place: int, returns: list[int]) -> None:
        """A step of one source while the other is silent: mints wait."""
        k = len(self.harness.plan.symbols)
        i, symbol = place % k, self.harness.plan.symbols[place % k]
        self.harness.post_one(k + i, 0)
        self.harness.prices[symbol] = self.harness.moved(symbol, 2 * returns[0])
        self.harness.post_one(i, self.harness.prices[symbol])
        self.harness.system.follow_prices(self.harness.prices, self.harness.owner)
        self.harness.model.follow_prices(self.harness.prices)
        if self.harness.model.oracle.usable(self.now):
            restriction = self.harness.model.oracle.read(self.now).restriction
            if Restriction.STEP in restriction:
                self.note("lone step")
            self.restricted(restriction)

    def restricted(self, restriction: Restriction) -> None:
        """Restricted prices stop mints and nothing else."""
        if restriction and self.model.supply and not self.closing:
            who = self.holder(0)
            assert self.token.maxDeposit(who) == 0

    @step(price=st.integers(8_000, 10_200))
    def collateral_moves(self, price: int) -> None:
        """The collateral's own price, in hundredths of a cent of a USD."""
        self.harness.post({self.harness.plan.collateral_symbol: price * 10**4})
        if price < 9_800:
            self.note("depeg")
