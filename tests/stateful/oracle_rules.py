# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of feeds: prices or the reason why there are none, what is
stored and what is logged equal the model's after every step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.stateful.machine import Tally, step
from tests.stateful.oracle_base import (
    DEAD_DELAY,
    HEARTBEAT,
    Accepted,
    OracleBase,
    ages,
    answers,
    assets,
    deploy_lens_harness,
    large,
    modes,
    numbers,
    small,
    sources,
    times,
)
from tests.support.assertions import reverts
from tests.support.constants import DAY

DISAGREE = "oracle: sources disagree"
REGIMES = (
    "usable",
    "a step",
    "wide",
    "bid of nothing",
    "two of each",
    "one of two",
    "collateral off its peg",
    "oracle: feed call failed",
    "oracle: round incomplete",
    "oracle: price not positive",
    "oracle: stale price",
    "oracle: price out of bounds",
    "oracle: sequencer feed failed",
    "oracle: sequencer down",
    "oracle: sequencer grace period",
    DISAGREE,
    "observed",
    "observed anew",
    "accepted after the delay",
    "observed collateral",
    "reported",
    "usable again",
    "dead",
    "dead soon",
    "prices are usable",
    "scheduled",
    "cancelled",
    "reconstituted",
    "new weights",
    "same composition",
)
SEQUENCER = {
    "oracle: sequencer feed failed",
    "oracle: sequencer down",
    "oracle: sequencer grace period",
}
# What a configuration cannot reach: no grace, no second source, no step below double.
NEVER: dict[str, set[str]] = {
    "odd parameters": {"oracle: sequencer grace period"},
    "nothing but primaries": {
        *SEQUENCER,
        "wide",
        "bid of nothing",
        "two of each",
        "one of two",
        DISAGREE,
        "new weights",
        "observed anew",
    },
}


class OracleMachine(OracleBase):
    """Whatever feeds do, priced reads are right or say why they are not."""

    # feeds

    @step(move=small)
    def everything_works(self, move: int) -> None:
        self.mend(move)

    @step(days=st.integers(1, 3), move=small)
    def days_pass(self, days: int, move: int) -> None:
        """Then everything works; a change of units may be due."""
        self.harness.wait(days * DAY)
        self.mend(move)

    @step(asset=assets, move=st.one_of(large, st.sampled_from([-2_000, 2_000, 100, -100])))
    def moves_as_one(self, asset: int, move: int) -> None:
        """A step that an asset's sources agree on is none."""
        self.move(self.asset(asset), move)

    @step(
        which=sources,
        move=st.one_of(small, large, st.sampled_from([-7_500, 25_000])),
        age=ages,
        refresh=st.booleans(),
    )
    def one_moves(self, which: int, move: int, age: int, refresh: bool) -> None:
        """Early, late, or alone; somebody may want it accepted."""
        asset, number = self.source(which)
        self.harness.price(asset, self.moved(asset, move), number, at=self.now - age)
        if refresh:
            self.accept()

    @step(asset=assets, more=st.sampled_from([0, 1, DAY, 7 * DAY]))
    def heartbeats(self, asset: int, more: int) -> None:
        """The owner raises them, or sets them back; nothing is below the first ones."""
        i = self.asset(asset)
        first = self.harness.first_plans[i]
        beats = [min(each + more, 7 * DAY) for each in (first.heartbeat, first.secondary_heartbeat)]
        if first.secondary_decimals is None:
            beats[1] = 0
        self.harness.set_heartbeats(i, *beats)
        self.note("heartbeat raised", more > 0)
        with reverts("oracle: heartbeat out of range"):
            self.harness.oracle.set_heartbeats.call(
                i, first.heartbeat - 1, beats[1], sender=self.harness.owner
            )

    @step(which=sources, id=numbers, answer=answers, at=times, of=numbers)
    def any_round(self, which: int, id: int, answer: int, at: int, of: int) -> None:
        self.harness.round(*self.source(which), id, answer, at, at, of)

    @step(which=sources, answer=answers)
    def any_answer(self, which: int, answer: int) -> None:
        """In a round without fault."""
        self.harness.answer(*self.source(which), answer)

    @step(asset=assets, kind=st.integers(0, 7))
    def one_fault(self, asset: int, kind: int) -> None:
        """All sources of an asset have rounds that are sound but for one thing."""
        harness, asset = self.harness, self.asset(asset)
        for number in harness.sources(asset):
            plan, now = harness.plans[asset], self.now
            beat = plan.secondary_heartbeat if number else plan.heartbeat
            answer = self.sound_answer(asset, number)
            harness.round(
                asset,
                number,
                *(
                    (7, answer, now, now, 6),
                    (0, answer, now, now, 0),
                    (7, 0, now, now, 7),
                    (7, -answer, now, now, 7),
                    (7, answer, now, now + 1, 7),
                    (7, answer, now, 0, 7),
                    (7, answer, now, now - beat - 1, 7),
                    (7, answer, now, now - beat, 7),  # just in time
                )[kind],
            )

    def sound_answer(self, asset: int, number: int) -> int:
        plan = self.harness.plans[asset]
        decimals = plan.secondary_decimals if number else plan.decimals
        assert decimals is not None
        return self.last[asset] // 10 ** (18 - decimals)

    @step(asset=assets, other=st.booleans())
    def at_its_bound(self, asset: int, other: bool) -> None:
        """The last price that is allowed, or the first that is not."""
        asset = self.asset(asset)
        plan = self.harness.plans[asset]
        decimals = (
            plan.decimals if other or plan.secondary_decimals is None else (plan.secondary_decimals)
        )
        number = 0 if other or plan.secondary_decimals is None else 1
        bound = plan.max_price // 10 ** (18 - decimals) + (0 if self.steps % 2 else 1)
        self.harness.answer(asset, number, bound)

    @step(which=sources, mode=modes)
    def breaks(self, which: int, mode: int) -> None:
        """Reverts, says nothing, too little or too much, or burns its gas."""
        self.harness.mode(*self.source(which), mode)

    @step(
        when=OracleBase.has_sequencer,
        answer=st.sampled_from([0, 0, 0, 1, -1]),
        age=st.integers(-1, 7_200),
    )
    def sequencer_says(self, answer: int, age: int) -> None:
        self.harness.sequencer(answer, self.now - age)

    @step(when=OracleBase.has_sequencer, mode=st.integers(1, 5))
    def sequencer_breaks(self, mode: int) -> None:
        self.harness.sequencer_mode(mode)

    @step(seconds=st.sampled_from([1, 60, 3_599, 3_600, 3_601, DAY, HEARTBEAT]))
    def wait(self, seconds: int) -> None:
        self.harness.wait(seconds)

    @step(
        asset=assets,
        moves=st.lists(
            st.sampled_from([0, 3_000, 3_000, 3_100, 7_000, -5_000]), min_size=2, max_size=4
        ),
        quick=st.booleans(),
    )
    def alone(self, asset: int, moves: list[int], quick: bool) -> None:
        """An asset has its primary alone for some time, and is refreshed."""
        asset = self.asset(asset)
        for by in moves:
            self.harness.wait(60 if quick else 3_600)
            self.mend(0)
            if len(self.harness.sources(asset)) == 2:
                self.harness.mode(asset, 1, 1)
            self.harness.price(asset, self.moved(asset, by), 0)
            self.accept()

    # what is stored

    @step()
    def refresh(self) -> None:
        self.accept()

    @step(move=small)
    def refresh_soundly(self, move: int) -> None:
        """After everything works."""
        self.mend(move)
        self.accept()

    def accept(self) -> None:
        """Refuses what `read` refuses, and disputed prices; else the level after a
        change of units is the level before, but for one wei of each component."""
        harness, model = self.harness, self.model
        harness.flush()
        reason = harness.reason()
        if not reason and model.read(self.now).restriction & 2:
            reason = DISAGREE
        if reason:
            self.note(reason)
            with reverts(reason):
                harness.oracle.refresh.call(sender=harness.owner)
            return
        before, level = model.composition(), model.level(self.now)
        state = model.state()
        harness.refresh(self.accounts[1])
        harness.check_observed()
        self.note_steps(state["accepted"], model.state()["accepted"])
        self.note("usable again", state["unusable_since"] != 0)
        after, mid = model.composition(), model.read(self.now).mid
        if after.version == before.version:
            assert (after.units, after.effective_at) == (before.units, before.effective_at)
            self.note("same composition")
            return
        assert after.version == before.version + 1
        assert before.due_at == after.effective_at <= self.now < after.due_at
        assert 0 <= level - model.level(self.now) <= sum(mid) // WAD + 1
        self.note("reconstituted")
        self.note("new weights", state["weights"] != model.weights)

    def note_steps(self, before: Accepted, after: Accepted) -> None:
        last = len(before) - 1
        for asset, ((_, old), (_, new)) in enumerate(zip(before, after, strict=True)):
            self.note("observed", new != 0 == old)
            self.note("observed anew", 0 != old != new != 0)
            self.note("accepted after the delay", new == 0 != old)
            self.note("observed collateral", asset == last and new != 0 == old)

    @step()
    def report(self) -> None:
        """Starts the clock, stops it, or is refused; a second one changes nothing."""
        harness, model = self.harness, self.model
        harness.flush()
        since = model.unusable_since
        if self.is_usable() and not since:
            with reverts("oracle: prices are usable"):
                harness.oracle.report_unusable.call(sender=self.accounts[1])
            self.note("prices are usable")
            return
        receipt = harness.report(self.accounts[1])
        events = [event.name for event in harness.oracle.events(receipt)]
        if not since:
            assert events == ["UnusableReported"] and model.unusable_since == self.now
            self.note("reported")
        elif model.unusable_since:
            assert events == [] and model.unusable_since == since
        else:
            assert events == ["UsableAgain"]
            self.note("usable again")

    @step(asset=assets, before=st.booleans())
    def dies(self, asset: int, before: bool) -> None:
        """All sources of an asset are lost for ten days, or almost."""
        asset = self.asset(asset)
        for number in self.harness.sources(asset):
            self.harness.mode(asset, number, 1)
        self.report()
        since = self.model.unusable_since
        if self.now < since + DEAD_DELAY:
            self.harness.wait(since + DEAD_DELAY - self.now - before)
            assert self.model.dead(self.now) != before

    # weights

    @step(
        when=lambda self: not self.is_scheduled() or self.steps % 4 == 0,
        weight=st.integers(0, WAD),
        excess=st.sampled_from([0, 0, 0, 1, -1]),
    )
    def schedule(self, weight: int, excess: int) -> None:
        """The owner's alone, one at a time, two days ahead."""
        harness, count = self.harness, len(self.last) - 1
        weights = [weight, *[(WAD - weight) // (count - 1)] * (count - 1)] if count > 1 else [WAD]
        weights[-1] = max(weights[-1] + WAD - sum(weights) + excess, 0)
        refused = harness.oracle.schedule_reconstitution
        with reverts("ownable: caller is not the owner"):
            refused.call(weights, sender=self.accounts[1])
        if self.is_scheduled():
            reason = "oracle: already scheduled"
        elif sum(weights) != WAD:
            reason = "oracle: weights must sum to 1e18"
        else:
            harness.schedule(weights)
            assert self.model.scheduled_at == self.now + 2 * DAY
            self.note("scheduled")
            return
        with reverts(reason):
            refused.call(weights, sender=harness.owner)

    @step(when=lambda self: self.is_scheduled() or self.steps % 8 == 0)
    def cancel(self) -> None:
        harness = self.harness
        refused = harness.oracle.cancel_reconstitution
        with reverts("ownable: caller is not the owner"):
            refused.call(sender=self.accounts[1])
        if self.is_scheduled():
            harness.cancel()
            self.note("cancelled")
            return
        with reverts("oracle: nothing scheduled"):
            refused.call(sender=harness.owner)


def machine_for(chain: LocalBackend, configuration: str) -> type[OracleMachine]:
    """The machine on a freshly deployed harness."""
    harness: Any = deploy_lens_harness(chain, configuration)
    return type(
        "Machine",
        (OracleMachine,),
        {"fresh": harness, "accounts": chain.accounts, "tally": Tally()},
    )
