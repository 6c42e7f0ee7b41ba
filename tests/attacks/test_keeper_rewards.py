# SPDX-License-Identifier: AGPL-3.0-only
"""Keepers who make a rebalance due, or make it dearer, to be paid for it; keeper,
trader and holder are one person, and what all of them have counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend, Reverted
from inverse_index.config import load_deployment
from tests.attacks.table import settle
from tests.support.attack_grid import Search, at_prices, attempt, wealth
from tests.support.constants import HOUR, MAX_UINT256
from tests.support.plans import PARAMETERS
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant

UNIT = 10**6
CAP = PARAMETERS.reward_cap * UNIT  # of one reward, under a thousandth of N here
VENUE = "exchange"
TRIGGERS, RESET = "contracts/modules/policy/triggers.vy", "contracts/modules/token/rebalance.vy"
# What each attack has against it, taken away.
FEES_ONLY = Change(
    TRIGGERS,
    "min(reward._amount_down(share, n, p, state.unit), state.flows.reserve)",
    "reward._amount_down(share, n, p, state.unit)",
)
WITHOUT_WHAT_WAITS = Change(
    TRIGGERS,
    "nav._hedged(o.net, state.flows.unhedged)\n",
    "nav._hedged(o.net, 0)\n",
)
DEPTH = (
    Change(
        TRIGGERS,
        "            depth = reward._depth_share(",
        "            at = reward._depth_share(",
    ),
    Change(
        TRIGGERS,
        "        triggers |= IInverseIndexToken.Trigger.EMERGENCY\n",
        "        triggers |= IInverseIndexToken.Trigger.EMERGENCY\n        depth = 10**18\n",
    ),
)
OWN_CLOCK = Change(
    TRIGGERS,
    "        since = state.reset.chunk_due_at\n        depth = 0\n",
    "        since = min(since, state.reset.chunk_due_at)\n",
)
IS_DUE = Change(
    RESET, "assert plan.triggers != empty(IInverseIndexToken.Trigger), errors.TOKEN_NOT_DUE", "pass"
)


class Crew:
    """The depositor's 100,000 or more, an attacker with a part of that, and a trader
    who is long what the token is short: a venue that is out of balance pays the
    holders for whatever brings it back, which is no attacker's merit."""

    def __init__(self, harness: SystemHarness, who: tuple[str, str, str], paid: int) -> None:
        self.base, self.chain, self.token = harness, harness.chain, harness.token
        self.depositor, self.attacker, self.trader = who
        self.paid = paid
        for holder in (self.depositor, self.attacker):
            harness.fund(holder, 10 * paid * UNIT)
        harness.fund(self.trader)
        self.exchange = harness.system.venue.exchange
        harness.system.collateral.approve(self.exchange, MAX_UINT256, sender=self.trader)
        self.exchange.deposit(10**7 * UNIT, sender=self.trader)
        harness.deposit(paid * UNIT, self.depositor)
        self._balance()

    def hold(self, percent: int) -> None:
        """The attacker has so much beside each hundred of the depositor's."""
        if percent:
            self._deposit(self.paid * percent * UNIT // 100)
            self._balance()

    def flow(self, bps: int) -> None:
        """In, or out, so much of N."""
        state = self.base.report()
        size = state.mid * abs(bps) // 10_000
        if bps > 0:
            self._deposit(size)
        elif bps < 0:
            shares = size * state.state.supply // state.mid
            self.token.redeem(shares, self.attacker, self.attacker, sender=self.attacker)

    def leave(self) -> None:
        shares = self.token.balanceOf(self.attacker)
        self.token.redeem(shares, self.attacker, self.attacker, 0, sender=self.attacker)

    def rebalance(self) -> int:
        """What it has earned."""
        receipt = self.token.rebalance(sender=self.attacker)
        return int(self.token.events(receipt)[-1].reward)

    def wait(self, seconds: int) -> None:
        if seconds:
            self.chain.increase_time(seconds)

    def has(self) -> int:
        return wealth(self.base, self.attacker)

    def _balance(self) -> None:
        order = (0, -self.exchange.market_state(0).skew, MAX_UINT256)
        self.exchange.trade([order], sender=self.trader)

    def _deposit(self, assets: int) -> None:
        self.token.deposit(assets, self.attacker, sender=self.attacker)


class Actors:
    """Who they are, and a crew on a system of its own."""

    def __init__(
        self, chain: LocalBackend, owner: str, keeper: str, who: tuple[str, str, str]
    ) -> None:
        self.chain, self.owner, self.keeper, self.who = chain, owner, keeper, who

    def crew(self, paid: int, *off: Change) -> Crew:
        with variant(*off):
            harness = deploy_harness(self.chain, self.owner, self.keeper)
        return Crew(harness, self.who, paid)

    def pair(self, paid: int, *off: Change) -> tuple[Crew, Crew]:
        """With the defence and without it."""
        return self.crew(paid), self.crew(paid, *off)


@pytest.fixture
def actors(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, trader: str
) -> Actors:
    return Actors(chain, owner, keeper, (depositor, attacker, trader))


def test_flows_that_make_it_due(actors: Actors) -> None:
    """Pay in or out until it is due, wait for the reward, go back. Netting alone
    earns no more than the fees of its flows."""

    def brings(crew: Crew, holds: int, bps: int, pieces: int, wait: int, back: int) -> int:
        crew.hold(holds)
        had = crew.has()
        for _ in range(pieces):
            crew.flow(bps)
        crew.wait(wait)
        crew.rebalance()
        if back and bps > 0:
            crew.leave()
        elif back:
            crew.flow(-bps * pieces)
        return crew.has() - had

    axes = ((0, 400), (-45, 45), (1, 2), (0, 900, 3 * HOUR), (0, 1))
    found = [
        Search(crew.chain, lambda *a, c=crew: brings(c, *a), axes, frozenset((2, 4))).run()
        for crew in actors.pair(100_000, FEES_ONLY)
    ]
    settle("rewards for flows of one's own", VENUE, "netting earns its fees only", UNIT, *found)


def test_flows_that_complete_a_drift(actors: Actors) -> None:
    """Prices take the leverage nearly to the edge of its band, flows that wait take it
    over, and the price may go on a little: time pays for what drifts without them."""

    def brings(crew: Crew, moves: tuple[int, int], bps: int, wait: int, back: int) -> int:
        crew.hold(5)

        def play(acts: bool) -> int:
            at_prices(crew.base, moves[0])
            for _ in range(2 * acts):
                crew.flow(bps)
            at_prices(crew.base, moves[1])
            crew.wait(wait)
            if acts:
                crew.rebalance()
                crew.flow(-2 * back * bps)
            return crew.has()

        idle = attempt(crew.chain, lambda: play(False))
        assert idle is not None
        return play(True) - idle

    moves = ((950, 948), (1_046, 1_047), (1_047, 1_047))
    axes = (moves, (-45, 45), (0, 900, 3 * HOUR), (0, 1))
    found = [
        Search(crew.chain, lambda *a, c=crew: brings(c, *a), axes, frozenset((0, 3))).run()
        for crew in actors.pair(100_000, WITHOUT_WHAT_WAITS)
    ]
    settle("flows that complete a drift", VENUE, "drift without what waits", UNIT, *found)


def test_a_push_over_the_emergency(actors: Actors) -> None:
    """Take collateral out without a trade just before the emergency, for the cap at
    once. A drift that pays with its depth leaves no step to be pushed over.
    Counted over what the same call would have brought without the push."""

    def brings(crew: Crew, per_mille: int, holds: int, bps: int, pieces: int, wait: int) -> int:
        crew.hold(holds)
        at_prices(crew.base, per_mille)
        crew.wait(wait)
        honest = attempt(crew.chain, lambda: crew.rebalance() * 0 + crew.has())
        for _ in range(pieces):
            crew.flow(-bps)
        crew.rebalance()
        assert honest is not None
        return crew.has() - honest

    axes = ((1_310, 1_328, 1_332, 1_334), (2, 30), (10, 45), (1, 2), (0,))
    found = [
        Search(crew.chain, lambda *a, c=crew: brings(c, *a), axes, frozenset((3,))).run()
        for crew in actors.pair(100_000, *DEPTH)
    ]
    settle("a push over the emergency", VENUE, "drift paid by its depth", UNIT, *found)


def test_no_push_pays_in_what_is_deployed() -> None:
    """In general: taking the part t of N out without a trade costs t of the fee and of
    the spread on the exposure, and raises a leverage that nears the emergency e by
    t * e. The reward r of the band from its edge b to e rises by r * t * e / (e - b)."""
    for path in sorted((project_root() / "configs").glob("*.yaml")):
        plan = load_deployment(path).deployment
        token, spread = plan.token, plan.oracle.local.min_spread_bps
        emergency = token.emergency_leverage
        edge = token.leverage * (1 + Decimal(token.band_bps) / 10_000)
        rises = token.reward_bps * emergency / (emergency - edge)
        assert rises <= token.redeem_fee_bps + emergency * spread, path.name


def test_one_emergency_in_many_parts(actors: Actors) -> None:
    """A jump that takes many trades. All calls together earn one cap, and from then
    on no more than time does, a cap in each ramp, whatever flows come between."""

    def brings(crew: Crew, per_mille: int, first: int, delay: int, bps: int) -> int:
        crew.hold(5)
        at_prices(crew.base, per_mille)
        crew.wait(first)
        began, rewards = crew.chain.now(), crew.rebalance()
        for call in range(12):
            crew.wait(delay)
            if not crew.token.due().triggers:
                break
            crew.flow(-bps if call % 2 else bps)
            rewards += crew.rebalance()
        elapsed = crew.chain.now() - began
        return rewards - CAP - CAP * elapsed // PARAMETERS.reward_ramp

    axes = ((1_340, 1_500), (0, 600), (60, 180, 900), (-20, 0))
    found = [
        Search(crew.chain, lambda *a, c=crew: brings(c, *a), axes).run()
        for crew in actors.pair(2_000_000, OWN_CLOCK)
    ]
    settle("one emergency paid many times", VENUE, "a chunk's own clock", UNIT, *found)


def test_rebalances_of_dust(actors: Actors) -> None:
    """Rebalance at every breath of the price, whose sum is nothing, for the trading
    fees and the drift that holders lose by it. What is not due is refused."""

    def lost(crew: Crew, step: int, calls: int, delay: int, bps: int) -> int:
        holder = crew.depositor
        crew.hold(2)

        def play(rebalances: bool) -> int:
            for call in range(calls):
                at_prices(crew.base, 1_000 + (step if call % 2 == 0 else 0))
                crew.wait(delay)
                if rebalances:
                    crew.flow(bps)
                    crew.rebalance()
            at_prices(crew.base, 1_000)
            return wealth(crew.base, holder)

        quiet = attempt(crew.chain, lambda: play(False))
        assert quiet is not None
        return quiet - play(True)

    axes = ((-8, 0, 8), (2, 6), (0, 300), (-1, 0, 1))
    found = [
        Search(crew.chain, lambda *a, c=crew: lost(c, *a), axes).run(1)
        for crew in actors.pair(100_000, IS_DUE)
    ]
    settle("rebalances of dust (loss of the holders)", VENUE, "only when due", UNIT, *found)


def test_twice_in_the_same_state(actors: Actors) -> None:
    """Paid once: the second call is refused, at once and at any later moment until
    the next epoch."""
    crew = actors.crew(100_000)
    crew.wait(30 * HOUR)
    crew.rebalance()
    for seconds in (0, 1, 12, 60, 600, HOUR, 16 * HOUR):
        crew.wait(seconds)
        with pytest.raises(Reverted, match="not due"):
            crew.rebalance()
