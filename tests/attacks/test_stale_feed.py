# SPDX-License-Identifier: AGPL-3.0-only
"""A feed has stopped, the market moves on, and the attacker trades with the token at
the old price until the feed is back.

Past its heartbeat a feed is not used: if it was the only one, nobody trades. Before
that the second source's disagreement widens the spread to all that he knows. What
is left is both sources stuck at once for less than a heartbeat; that is measured.

The embedded exchange itself fills at the primary's price. Hedged flows would pass
on to the token's holders what its liquidity providers lose by that, so the second
source is tried with netted flows there, and with all on Aave, whose pools are at the
market's price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.config import LocalFeeds
from tests.attacks.table import settle
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.plans import make_aave_plan, make_plan
from tests.support.round_trip import SIDES, Actor, Quotes, round_trip, show
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant

UNIT, HEARTBEAT = 10**6, 3_600
PLANS = {"PerpVault": make_plan, "AaveVault": make_aave_plan}
NEVER_STALE = Change(
    "contracts/modules/oracle/staleness.vy",
    "block.timestamp - updated_at > heartbeat",
    "block.timestamp - updated_at > 10**9 * heartbeat",
)
PAID, NETTED = (500 * UNIT, 40_000 * UNIT), (100 * UNIT, 500 * UNIT)
BOTH, PRIMARY, SECONDARY = ("primary", "secondary"), ("primary",), ("secondary",)
REFUSALS = {
    "oracle: stale price",
    "oracle: sources disagree",
    "oracle: price step unconfirmed",
    "vault: slippage above bound",
    "token: cost above value",
}
MakeHarness = Callable[..., SystemHarness]


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> MakeHarness:
    """200,000 of the depositor's; feeds of one hour."""

    def make(venue: str, secondaries: bool = True) -> SystemHarness:
        feeds = LocalFeeds(heartbeat=HEARTBEAT).units("")
        harness = deploy_harness(chain, owner, keeper, PLANS[venue](local_feed=feeds), secondaries)
        for actor in (depositor, attacker):
            harness.fund(actor)
        harness.deposit(200_000 * UNIT, depositor)
        return harness

    return make


def behind(harness: SystemHarness, attacker: str) -> Attempt:
    """The attempt: some feeds stop; after `seconds` the market is `bps` away. What he
    leaves with he has bought before they stopped."""
    actor, price, chain = Actor(harness, attacker), harness.plan.prices["C0"], harness.chain

    def attempt(stuck: tuple[str, ...], seconds: int, bps: int, side: str, paid: int) -> int:
        show(harness, Quotes(price, price, price))
        if side == "out, in":
            actor.enter(paid)
        chain.increase_time(seconds)
        true = price * (10_000 + bps) // 10_000
        quotes = Quotes(true, true, true)
        show(harness, quotes, tuple(name for name in BOTH if name not in stuck))
        return round_trip(actor, side, paid, lambda: show(harness, quotes))

    return attempt


def search(
    harness: SystemHarness,
    attacker: str,
    cases: dict[tuple[str, ...], tuple[int, ...]],
    **more: Any,
) -> Hunt:
    """cases: seconds by what is stuck."""
    axes: dict[str, Any] = {
        "bps": (-800, -150, 150, 800),
        "side": SIDES,
        "paid": PAID,
    } | more
    points = [
        point
        for stuck, seconds in cases.items()
        for point in grid(stuck=(stuck,), seconds=seconds, **axes)
    ]
    found = hunt(
        harness.chain, behind(harness, attacker), points, () if "bps" in more else ("bps",)
    )
    print(f"\n{found}")
    assert set(found.refusals) <= REFUSALS
    return found


@pytest.mark.parametrize("venue", PLANS)
def test_past_the_heartbeat(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """Both feeds, or the one that is left after the other."""
    late = (HEARTBEAT + 1, 30 * HEARTBEAT)
    found = search(make_harness(venue), attacker, {BOTH: late, PRIMARY: late, SECONDARY: late})
    with variant(NEVER_STALE):
        harness = make_harness(venue)
    without = search(harness, attacker, {BOTH: late})
    settle(
        "stale feed, past its heartbeat",
        venue,
        "staleness check",
        UNIT,
        found.profits,
        without.profits,
    )
    assert found.refusals["oracle: stale price"] >= 24


@pytest.mark.parametrize("venue", PLANS)
def test_before_the_heartbeat(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """One of the two feeds."""
    soon, paid = (60, HEARTBEAT), NETTED if venue == "PerpVault" else PAID
    found = search(make_harness(venue), attacker, {PRIMARY: soon, SECONDARY: soon}, paid=paid)
    harness = make_harness(venue, secondaries=False)
    without = search(harness, attacker, {PRIMARY: soon}, paid=paid)
    settle(
        "stale feed, before its heartbeat",
        venue,
        "second source",
        UNIT,
        found.profits,
        without.profits,
    )


@pytest.mark.parametrize("venue", PLANS)
def test_both_before_the_heartbeat(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """The limit: who sees the market beyond both feeds gains what is over 0.6%, two
    fees of 0.1% and two half-spreads of 0.2%."""
    harness = make_harness(venue)
    paid = NETTED if venue == "PerpVault" else PAID
    near = search(harness, attacker, {BOTH: (60,)}, bps=(-55, -30, 30, 55), paid=paid)
    far = search(harness, attacker, {BOTH: (60,)}, bps=(-70, 70), paid=paid)
    assert near.best is not None and near.best < 0
    assert far.best is not None and far.best > 0
