# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of feeds on the chain and on the model: prices or the reason
why there are none, what is stored and what is logged are equal after every
step; bid and ask hold every usable source; the level never jumps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.model.fixed import WAD
from tests.unit.index_oracle.plans import (
    BITCOIN,
    DOLLAR,
    ETHER,
    PARAMETERS,
    SPREAD,
    STEP,
    combined,
)
from tests.unit.index_oracle.world import OracleWorld

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "80"))
STEPS = 15
DAY = 86_400
HEARTBEAT = 3 * DAY
# Ether with two sources of different decimals, bitcoin with one source, the
# collateral (asset 2) with two; a sequencer; back to the weights every day.
COMPONENTS = (
    replace(ETHER, secondary_decimals=18, heartbeat=HEARTBEAT, secondary_heartbeat=HEARTBEAT),
    replace(BITCOIN, decimals=18, secondary_decimals=None, heartbeat=HEARTBEAT),
)
COLLATERAL = replace(DOLLAR, decimals=6, heartbeat=HEARTBEAT, secondary_heartbeat=HEARTBEAT)
SOURCES = ((0, 0), (0, 1), (1, 0), (2, 0), (2, 1))
# What a random action may be refused for; anything else fails the test.
EXPECTED = {
    "oracle: feed call failed", "oracle: round incomplete", "oracle: price not positive",
    "oracle: stale price", "oracle: price out of bounds", "oracle: sequencer feed failed",
    "oracle: sequencer down", "oracle: sequencer grace period", "oracle: sources disagree",
    "oracle: prices are usable", "oracle: already scheduled", "oracle: nothing scheduled",
    "oracle: weights must sum to 1e18",
}  # fmt: skip

source = st.sampled_from(SOURCES)
small = st.integers(-150, 150)  # basis points
large = st.integers(-4_000, 6_000)
jumps = st.tuples(
    st.sampled_from([60, 3_600]), st.sampled_from([0, 3_000, 3_000, 3_100, 7_000, -5_000])
)
age = st.sampled_from([0, 0, 0, 0, 1, DAY, HEARTBEAT, HEARTBEAT + 1, -1])
answer = st.one_of(
    st.sampled_from([0, -1, 1, 2**128 - 1, 2**128, 2**255 - 1, -(2**255)]),
    st.integers(-(2**255), 2**255 - 1),
)
word = st.sampled_from([0, 1, 2**80 - 1])
time = st.one_of(st.sampled_from([0, 1, 2**256 - 1]), st.integers(1_704_000_000, 1_706_000_000))
steps = st.one_of(
    st.tuples(st.just("mend"), small),
    st.tuples(st.just("mend"), small),
    st.tuples(st.just("days"), st.integers(1, 3), small),
    st.tuples(st.just("days"), st.integers(1, 3), small),
    st.tuples(st.just("move"), st.integers(0, 2), large),
    st.tuples(st.just("lone"), st.integers(0, 2), st.lists(jumps, min_size=1, max_size=3)),
    st.tuples(st.just("lone"), st.integers(0, 2), st.lists(jumps, min_size=2, max_size=4)),
    st.tuples(st.just("move_one"), source, small, age),
    st.tuples(st.just("move_one"), source, st.sampled_from([-7_500, 25_000]), st.just(0)),
    st.tuples(st.just("move_one"), source, large, age),
    st.tuples(st.just("round"), source, word, answer, time, word),
    st.tuples(st.just("mode"), source, st.integers(1, 4)),
    st.tuples(st.just("sequencer"), st.sampled_from([0, 0, 0, 1, -1]), st.integers(-1, 7_200)),
    st.tuples(st.just("sequencer_mode"), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.sampled_from([1, 60, 3_599, 3_600, 3_601, DAY, HEARTBEAT])),
    st.tuples(st.just("refresh")),
    st.tuples(st.just("refresh")),
    st.tuples(st.just("refresh")),
    st.tuples(st.just("report")),
    st.tuples(st.just("die"), st.integers(0, 2), st.sampled_from([10 * DAY, 10 * DAY - 1])),
    st.tuples(st.just("schedule"), st.integers(0, WAD), st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("cancel")),
)


Accepted = Sequence[tuple[int, int]]


class History:
    """Carries random steps out and looks at the result of each."""

    def __init__(self, world: OracleWorld, seen: dict[str, int]) -> None:
        self.world = world
        self.seen = seen
        self.last = [plan.price for plan in world.plans]  # last sensible price

    def run(self, step: tuple) -> None:
        name, *args = step
        try:
            getattr(self, name)(*args)
        except Reverted as refused:
            assert refused.reason in EXPECTED, refused.reason
            self._count("refused")
        self.world.check()
        self._look()

    def mend(self, move: int) -> None:
        """Everything works again, all prices moved a little."""
        if self.world.model.sequencer is not None:
            self.world.sequencer(0, self.world.now - 7_200)
        for asset in range(len(self.world.plans)):
            self.move(asset, move)

    def days(self, number: int, move: int) -> None:
        """Days later everything works; a change of units may be due."""
        self.world.wait(number * DAY)
        self.mend(move)

    def move(self, asset: int, by: int) -> None:
        """All sources of an asset, together."""
        self.last[asset] = self._moved(asset, by)
        self.world.price(asset, self.last[asset])

    def move_one(self, which: tuple[int, int], by: int, old: int) -> None:
        asset, number = which
        self.world.price(asset, self._moved(asset, by), number, at=self.world.now - old)

    def lone(self, asset: int, moves: Sequence[tuple[int, int]]) -> None:
        """An asset has its primary alone for some time, and refreshes."""
        for seconds, by in moves:
            self.wait(seconds)
            self.mend(0)
            if len(self.world.sources(asset)) == 2:
                self.mode((asset, 1), 1)
            self.world.price(asset, self._moved(asset, by), 0)
            self.refresh()

    def round(self, which: tuple[int, int], number: int, value: int, at: int, of: int) -> None:
        self.world.round(*which, number, value, at, at, of)

    def mode(self, which: tuple[int, int], mode: int) -> None:
        self.world.mode(*which, mode)

    def sequencer(self, value: int, old: int) -> None:
        self.world.sequencer(value, self.world.now - old)

    def sequencer_mode(self, mode: int) -> None:
        self.world.sequencer_mode(mode)

    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    def refresh(self) -> None:
        """The level after a change of units is the level before, but for one
        wei of each component."""
        world = self.world
        before = world.oracle.composition()
        level = world.model.level(world.now) if world.model.usable(world.now) else 0
        accepted = world.model.state()["accepted"]
        world.refresh()
        self._count_steps(accepted, world.model.state()["accepted"])
        after, mid = world.oracle.composition(), world.oracle.read().mid
        self._count("refreshed")
        if after.version == before.version:
            assert after == before
            return
        assert after.version == before.version + 1
        assert before.due_at == after.effective_at <= world.now < after.due_at
        assert 0 <= level - world.oracle.level() <= sum(mid) // WAD + 1
        self._count("reconstituted")

    def _count_steps(self, before: Accepted, after: Accepted) -> None:
        for asset, ((_, old), (_, new)) in enumerate(zip(before, after, strict=True)):
            self._count("observed", new != 0 == old)
            self._count("anew", 0 != old != new != 0)
            self._count("ended", new == 0 != old)
            self._count("collateral", asset == 2 and new != 0 == old)

    def die(self, asset: int, seconds: int) -> None:
        """All sources of an asset are lost for ten days."""
        for number in self.world.sources(asset):
            self.mode((asset, number), 1)
        self.report()
        self.wait(seconds)

    def report(self) -> None:
        since = self.world.model.unusable_since
        self.world.report()
        after = self.world.model.unusable_since
        self._count("reported", since == 0 != after)
        self._count("usable again", since != 0 == after)

    def schedule(self, weight: int, excess: int) -> None:
        self.world.schedule([weight, WAD - weight + excess])
        self._count("scheduled")

    def cancel(self) -> None:
        self.world.cancel()

    def _moved(self, asset: int, by: int) -> int:
        plan = self.world.plans[asset]
        moved = self.last[asset] * (10_000 + by) // 10_000
        return min(max(moved, plan.price // 50), plan.price * 20)

    def _look(self) -> None:
        world = self.world
        self._count("dead", world.oracle.dead())
        closing = world.oracle.closing_prices()
        assert min(closing.mid[:2]) > 0
        if not world.oracle.usable():
            self._count("unusable")
            assert (closing.updated_at, closing.restriction) == (0, 0)
            return
        prices = world.oracle.read()
        assert closing == prices and not world.oracle.dead()
        self._count("usable")
        self._count("step", bool(prices.restriction & STEP))
        self._count("spread", bool(prices.restriction & SPREAD))
        dollars = usable_prices(world, 2)
        for i in (0, 1):
            mid, spread = prices.mid[i], prices.spread[i]
            assert spread >= combined(PARAMETERS.min_spread, PARAMETERS.min_spread)
            sources = usable_prices(world, i)
            assert mid == sources[0] * WAD // dollars[0]
            for price in sources:
                for dollar in dollars:
                    assert between(price, dollar, mid, spread)
            self._count("four", len(sources) == len(dollars) == 2)
            self._count("bid of 0", spread >= WAD)

    def _count(self, what: str, how_many: int = 1) -> None:
        self.seen[what] = self.seen.get(what, 0) + how_many


def usable_prices(world: OracleWorld, asset: int) -> list[int]:
    """WAD USD price of each usable source, the one in use first; written
    independently of the model."""
    plan, found = world.plans[asset], []
    for number in world.sources(asset):
        feed = world.feed(asset, number)
        if feed in world.failing:
            continue
        data = world.chain.call(feed.address, feed.encode("latestRoundData"))
        words = [int.from_bytes(data[n : n + 32], "big") for n in range(0, 160, 32)]
        round_id, value, _, at, answered_in = words
        decimals = plan.secondary_decimals if number else plan.decimals
        assert decimals is not None
        price = value * 10 ** (18 - decimals)  # a negative one is huge, out of bounds
        complete = round_id > 0 and 0 < at <= world.now and answered_in >= round_id
        fresh = world.now - at <= (plan.secondary_heartbeat if number else plan.heartbeat)
        if complete and fresh and plan.min_price <= price <= plan.max_price:
            found.append(price)
    return found


def between(price: int, dollar: int, mid: int, spread: int) -> bool:
    """Is price / dollar between bid and ask, but for the wei of the mid's own
    rounding?"""
    bid, ask = mid * max(WAD - spread, 0), (mid + 1) * (WAD + spread)
    return bid * dollar <= price * WAD * WAD <= ask * dollar


@pytest.fixture(scope="module")
def deployed(chain: LocalBackend, owner: str) -> OracleWorld:
    parameters = replace(PARAMETERS, reweight_interval=DAY)
    return OracleWorld(
        chain, owner, COMPONENTS, COLLATERAL, parameters=parameters, sequencer=True
    )


@pytest.mark.stateful
def test_model_and_chain_stay_equal(chain: LocalBackend, deployed: OracleWorld) -> None:
    """[O-IDX-9]"""
    seen: dict[str, int] = {}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(steps, min_size=STEPS, max_size=STEPS))
    def histories(history: list[tuple]) -> None:
        snapshot = chain.snapshot()
        run = History(deployed.fork(), seen)
        try:
            for step in history:
                run.run(step)
        finally:
            chain.revert(snapshot)

    histories()
    # The histories are worth something: every kind of state comes up.
    assert seen["usable"] > EXAMPLES * STEPS // 4, seen
    kinds = ("unusable", "refreshed", "refused", "scheduled", "reconstituted", "step", "spread")
    kinds += ("observed", "collateral", "anew", "ended", "four", "reported", "dead")
    assert all(seen[kind] >= EXAMPLES // 5 for kind in kinds), seen
    assert seen["bid of 0"] > 0 and seen["usable again"] > 0, seen
