# SPDX-License-Identifier: AGPL-3.0-only
"""Trading with the token while its feeds lag the market inside their deviation
threshold: in while they are furthest to one side, out while they are furthest to the
other. The attacker knows the market's price and both feeds' rules, waits for the best
moments of a day, and hedges himself for free, so that only the lag is left.

One trade pays a fee f and a half-spread c of the component and the collateral
together; with two feeds c is at least what they disagree by. The lag of a trade is
the threshold d at the most, so L * d <= L * c + f leaves nothing, and he always needs
two trades. With `min_spread` s for each asset c is 2 * s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.constants import WAD
from tests.support.lagging_feeds import Moment, best_moments, walk
from tests.support.plans import make_aave_plan, make_plan
from tests.support.round_trip import SIDES, Actor, round_trip, show
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
PLANS = {"PerpVault": make_plan, "AaveVault": make_aave_plan}
SEEDS, RANKS = (1, 2), (0, 1, 2, 3)
NETTED, HEDGED = (100 * UNIT, 800 * UNIT), (800 * UNIT, 40_000 * UNIT)
MakeHarness = Callable[..., SystemHarness]


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> MakeHarness:
    """200,000 of the depositor's."""

    def make(
        venue: str, spread_bps: int, secondaries: bool = True, multiple: int = 1
    ) -> SystemHarness:
        plan = PLANS[venue](min_spread=spread_bps * WAD // 10_000, multiple=multiple)
        harness = deploy_harness(chain, owner, keeper, plan, secondaries)
        for actor in (depositor, attacker):
            harness.fund(actor)
        harness.deposit(200_000 * UNIT, depositor)
        return harness

    return make


def lagging(
    harness: SystemHarness, attacker: str, moments: dict[tuple[int, str], list[Moment]]
) -> Attempt:
    """The attempt: the moment of that rank in that path for that side."""
    actor, chain = Actor(harness, attacker), harness.chain

    def attempt(seed: int, side: str, rank: int, paid: int) -> int:
        moment = moments[seed, side][rank]
        if side == "out, in":
            actor.enter(paid)
        show(harness, moment.entry)

        def wait() -> None:
            chain.increase_time(moment.seconds)
            show(harness, moment.exit)

        risen = (moment.exit.true - moment.entry.true) * 10**10
        return round_trip(actor, side, paid, wait, risen)

    return attempt


def search(
    harness: SystemHarness, attacker: str, deviations: tuple[float, float], paid: tuple[int, ...]
) -> Hunt:
    spread = harness.plan.min_spreads["C0"] / WAD
    price = harness.plan.prices["C0"]
    moments = {}
    for seed in SEEDS:
        quotes = walk(seed, price, deviations)
        if not harness.system.secondaries:
            quotes = [replace(q, secondary=q.primary) for q in quotes]
        for side in SIDES:
            moments[seed, side] = best_moments(quotes, side, spread, len(RANKS))
    points = grid(seed=SEEDS, side=SIDES, rank=RANKS, paid=paid)
    found = hunt(harness.chain, lagging(harness, attacker, moments), points, ("paid",))
    edge = max(m.edge for each in moments.values() for m in each)
    print(f"\n{deviations} {spread * 10**4} bps, edge {edge:.1f}: {found}")
    assert not found.refusals
    return found


def sizes(venue: str) -> tuple[int, ...]:
    """The embedded exchange fills hedged flows at the lagging price itself, at its
    liquidity providers' cost; the pools do so at the market's."""
    return NETTED if venue == "PerpVault" else HEDGED


@pytest.mark.parametrize("venue", PLANS)
@pytest.mark.parametrize(
    ("deviation", "spread_bps"), [(0.005, 27), (0.001, 10)], ids=["0.5%, 27 bps", "0.1%, 10 bps"]
)
def test_both_feeds_alike(
    make_harness: MakeHarness, attacker: str, venue: str, deviation: float, spread_bps: int
) -> None:
    """What `min_spread` covers. It has to be a few basis points more than the threshold
    says, for what the market moves until an answer is there."""
    feeds = (deviation, deviation)
    found = search(make_harness(venue, spread_bps), attacker, feeds, sizes(venue))
    without = search(make_harness(venue, 0), attacker, feeds, sizes(venue))
    settle(
        f"deviation front-running, {deviation * 100:g}%",
        venue,
        f"min_spread of {spread_bps} bps",
        UNIT,
        found.profits,
        without.profits,
    )


@pytest.mark.parametrize("venue", PLANS)
def test_a_closer_secondary(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """A primary of 0.5% beside a secondary of 0.1%: their disagreement is the lag."""
    feeds = (0.005, 0.001)
    found = search(make_harness(venue, 17), attacker, feeds, sizes(venue))
    without = search(make_harness(venue, 17, secondaries=False), attacker, feeds, sizes(venue))
    settle(
        "deviation front-running, 0.5% and 0.1%",
        venue,
        "second source",
        UNIT,
        found.profits,
        without.profits,
    )


def test_three_times(make_harness: MakeHarness, attacker: str) -> None:
    """The fee is a third of what it was beside the lag, the spread grows with it."""
    feeds = (0.005, 0.005)
    found = search(make_harness("PerpVault", 30, multiple=3), attacker, feeds, NETTED)
    without = search(make_harness("PerpVault", 0, multiple=3), attacker, feeds, NETTED)
    settle(
        "deviation front-running, 0.5%, three times",
        "PerpVault",
        "min_spread of 30 bps",
        UNIT,
        found.profits,
        without.profits,
    )


def test_what_ten_basis_points_leave(make_harness: MakeHarness, attacker: str) -> None:
    """The limit: two feeds of 0.5% alike need more than the example's `min_spread`.
    What is left is under 0.75% of a netted flow for each pair of trades."""
    found = search(make_harness("PerpVault", 10), attacker, (0.005, 0.005), NETTED)
    assert found.best is not None
    assert 0 < found.best < found.at["paid"] * 75 // 10_000
