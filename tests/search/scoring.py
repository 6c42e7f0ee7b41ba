# SPDX-License-Identifier: AGPL-3.0-only
"""What a history brought to the attacker, what it cost others, where it got stuck.

The same history without his flows is carried out beside it, with an honest keeper
in his place: what that one would have been paid for work that had become due
without the attacker is no profit.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf

from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.policy.triggers import Trigger
from tests.search.genes import ATTACKERS, Gene, play
from tests.search.scenarios import Scenario, due, observe
from tests.search.simulation import ARBITRAGE, Simulation
from tests.search.stuck import stuck
from tests.support.constants import HOUR

OTHERS = ("victim", "holder", "newcomer", "fee_recipient")
KEEPER, ARBITRAGEUR = "keeper", "arbitrageur"
NEARLY = 1.1
BY_PRICE = Trigger.DRIFT | Trigger.EMERGENCY
Cell = tuple[object, ...]


@dataclass
class Outcome:
    """Whole units of collateral.

    honest: what a keeper, an arbitrageur or a trader would have earned honestly, and
    what his shares have earned while he waited. known: what a documented limit lets
    somebody earn. off_price: feeds are off at some time. loss: of the others in the token.
    venue_loss: of the exchange's providers and its insurance. rewards, earned: paid to
    the attacker for rebalances, with those for liquidations. stuck: what is wrong, and
    the simulation that shows it. cell: the kind of state. done: his genes that did something.
    """

    profit: float = 0.0
    honest: float = 0.0
    known: float = 0.0
    loss: float = 0.0
    off_price: bool = False
    venue_loss: float = 0.0
    rewards: float = 0.0
    earned: float = 0.0
    stuck: dict[str, Simulation] = field(default_factory=dict, repr=False)
    over_cap: float = 0.0
    cell: Cell = ()
    done: tuple[Gene, ...] = ()
    simulation: Simulation | None = field(default=None, repr=False)

    @property
    def gain(self) -> float:
        """What counts: no more than others lose. While feeds are off only what holders
        lose does: the exchange's providers know that limit."""
        lost = self.loss if self.off_price else self.loss + max(self.venue_loss, 0.0)
        return min(self.profit - self.honest, lost) - self.known

    @property
    def from_holders(self) -> float:
        """Of it what others in the token lose."""
        return min(self.profit - self.honest, self.loss) - self.known


class Judge:
    """Of one scenario."""

    def __init__(self, scenario: Scenario, order: Sequence[str] = ()) -> None:
        self.scenario = scenario
        self.start = scenario.start(order)
        self.first: Simulation = pickle.loads(self.start)
        self.limit = known_limit(scenario, self.first)
        self.runs = 0

    def run(self, genes: Sequence[Gene], closely: bool = False) -> Outcome:
        """Carry a history out. closely: also look whether somebody is stuck."""
        self.runs += 1
        simulation: Simulation = pickle.loads(self.start)
        history, done = self.attack(simulation, genes)
        found = Outcome(simulation=simulation, done=done, known=self.limit)
        found.off_price = self.scenario.off_price
        found.cell = cell_of(simulation)
        found.over_cap = over_cap(simulation, self.scenario)
        if closely:
            found.stuck = stuck(simulation, self.scenario, found.over_cap)
        unit = simulation.unit
        if any(gene.kind in ("trade", "swap") for gene in done):
            found.known += self.given_up(simulation)
        self.end(simulation, ATTACKERS)
        rewards = sum(paid for who, paid in simulation.rewards if who in ATTACKERS)
        found.rewards = rewards / unit
        found.earned = sum(simulation.bounties[who] for who in ATTACKERS) / unit + found.rewards
        found.profit = sum(simulation.worth(who) for who in ATTACKERS) / unit
        if found.profit > 0 or closely:
            self.compare(simulation, history, found)
        return found

    def attack(
        self, simulation: Simulation, genes: Sequence[Gene]
    ) -> tuple[list[Gene], tuple[Gene, ...]]:
        """All that was done, by him and by others, and which of his genes did something.
        Events that he did not wait for happen at the end."""
        script, all_done, done = list(self.scenario.script), [], []
        for gene in genes:
            if gene.kind == "event":
                if script:
                    play(simulation, script[0])
                    all_done.append(script.pop(0))
                    done.append(gene)
            elif play(simulation, gene):
                done.append(gene)
                all_done.append(gene)
        for gene in script:
            play(simulation, gene)
            all_done.append(gene)
        return all_done, tuple(done)

    def given_up(self, simulation: Simulation) -> float:
        """What others' flows may lose to a trade around them: the slippage bound of
        what is hedged, whole units, or anything where they waive it. Their own minimum
        prevents it."""
        if any(gene.kind == "leave" for gene in self.scenario.script):
            return inf
        p, moved = simulation.token.parameters, 0
        for who in OTHERS:
            moved += abs(simulation.money[who] - self.first.money[who])
        most = max(moved * simulation.plan.multiple, exposure(self.first), exposure(simulation))
        return most * p.slippage_bps / BPS / simulation.unit

    def end(self, simulation: Simulation, first: Sequence[str]) -> None:
        """He leaves with everything."""
        if any([simulation.prepare_to_leave(who) for who in first]):
            simulation.wait(HOUR)
        for who in first:
            simulation.leave(who)

    def compare(self, simulation: Simulation, genes: Sequence[Gene], found: Outcome) -> None:
        """With the same history without him."""
        other: Simulation = pickle.loads(self.start)
        paid = without(other, genes)
        lost = all_worth(other, OTHERS) - all_worth(simulation, OTHERS)
        # N, and with it a reward, may be a little more where others leave otherwise.
        honest = min(paid * NEARLY / simulation.unit, found.earned)
        found.honest = honest + self.honest_venue(simulation, genes)
        carry, fees = self.as_holder(genes)
        found.honest += max(carry, 0) / simulation.unit
        found.known += fees / simulation.unit
        found.loss = lost / simulation.unit
        found.venue_loss = (venue_money(other) - venue_money(simulation)) / simulation.unit

    def as_holder(self, genes: Sequence[Gene]) -> tuple[int, float]:
        """What his shares earn while he waits at prices that stay, interest and funding;
        and what every holder has. Native units. Of others' flows: fee and spread on what
        he holds, of all but the one that makes up for what he pays others himself, who
        pays himself as far as he is alone; while feeds are behind of all, and as far as
        they are behind; and up to twice his part of what their trades gain. Of resets and
        liquidations: his part of what they gain, where a pool is off. And the spread of
        what a token is short of its multiple, which a mint does not pay."""
        simulation: Simulation = pickle.loads(self.start)
        behind = 2 * self.scenario.lag_bps * simulation.plan.multiple / BPS
        carry, gains, shares, largest = 0, 0.0, [0.0], 0
        for gene in genes:
            before, n, paid_out = held(simulation), value(simulation), len(simulation.rewards)
            reserve = simulation.token.flows.reserve
            money = sum(simulation.money[who] for who in OTHERS)
            settled = simulation.feed == simulation.market
            unpaid = unhedged_spread(simulation)
            most = before * (fee_and_spread(simulation) + behind)
            play(simulation, gene)
            earned = max(held(simulation) - before, 0)
            largest = max(largest, held(simulation))
            if gene.who in OTHERS:
                shares.append(min(earned, most))
                paid = sum(simulation.money[who] for who in OTHERS) - money
                gained = max(value(simulation) - n + paid, 0)
                gains += min(earned - shares[-1], 2 * gained * before / n if n else 0.0)
            elif gene.kind in ("deposit", "mint"):
                gains += unpaid
            elif gene.kind in ("rebalance", "liquidate"):
                reward = sum(paid for _, paid in simulation.rewards[paid_out:])
                gained = max(value(simulation) + reward - n - reserve, 0)
                gains += min(earned, gained * before / n if n else 0.0)
            elif gene.kind == "wait" and settled:
                carry += held(simulation) - before
        others = value(self.first) - held(self.first)
        paid_to_others = 0.0 if behind else max(shares) * others / max(others + largest, 1)
        return carry, gains + sum(shares) - paid_to_others

    def honest_venue(self, simulation: Simulation, genes: Sequence[Gene]) -> float:
        """What arbitrage alone would have brought: where he swapped, after every event,
        and of pools that were off when he came, into which his flows have traded; what
        trades and liquidity on the exchange brought over some time, not at once."""
        if simulation.exchange is None:
            other: Simulation = pickle.loads(self.start)
            if any(gene.kind == "swap" for gene in genes):
                without(other, genes, arbitrage=True)
            else:
                other.arbitrage(ARBITRAGEUR)
            return max(other.worth(ARBITRAGEUR), 0) / other.unit
        waited = sum(gene.x for gene in genes if gene.kind == "wait")
        if waited < ARBITRAGE and all(gene.kind != "provide" for gene in genes):
            return 0.0
        return max(sum(simulation.from_venue[who] for who in ATTACKERS), 0) / simulation.unit


def held(simulation: Simulation) -> int:
    """His part of N at mid, native."""
    own, supply = sum(simulation.shares(who) for who in ATTACKERS), simulation.token.supply
    return own * value(simulation) // supply if own else 0


def value(simulation: Simulation) -> int:
    """N at mid, native; 0 while prices are unusable."""
    try:
        return simulation.value()
    except Revert:
        return 0


def unhedged_spread(simulation: Simulation) -> float:
    """Of the exposure that is missing up to the multiple, native."""
    token = simulation.token
    try:
        prices = token.closing_prices(simulation.now)
        context = token.context(simulation.now, prices)
    except Revert:
        return 0.0
    missing = max(token.multiple * context.v.mid - context.v.exposure, 0)
    return float(missing * max(context.prices.spread) / WAD)


def exposure(simulation: Simulation) -> int:
    """At mid, native; 0 while prices are unusable."""
    token = simulation.token
    try:
        prices = token.closing_prices(simulation.now)
        return int(token.context(simulation.now, prices).v.exposure)
    except Revert:
        return 0


def fee_and_spread(simulation: Simulation) -> float:
    """What a mint of all N would pay, a part of N."""
    token, p = simulation.token, simulation.token.parameters
    try:
        value = token.context(simulation.now, token.closing_prices(simulation.now)).v
    except Revert:
        return 0.0
    spread = (value.bid - value.mid) / value.mid if value.mid else 0.0
    return max(p.mint_fee_bps, p.redeem_fee_bps) / BPS + spread


def all_worth(simulation: Simulation, names: Sequence[str]) -> int:
    """What the actors have after leaving; who cannot leave has a part of N. A newcomer
    whose flow is refused has not lost what it would have gained."""
    for who in names:
        simulation.leave(who)
    held = sum(simulation.shares(who) for who in names)
    left = held * simulation.value() // simulation.token.supply if held else 0
    worth = {who: simulation.worth(who) for who in names}
    if "newcomer" in worth:
        worth["newcomer"] = min(worth["newcomer"], 0)
    return left + sum(worth.values())


def without(simulation: Simulation, genes: Sequence[Gene], arbitrage: bool = False) -> int:
    """The history without the attacker's actions. What an honest keeper earns at the
    same moments: for time since which it was due here, for what prices have brought
    about, for liquidations. arbitrage: the pools are brought back after each event."""
    honest = 0
    for gene in genes:
        before = simulation.now
        if gene.kind == "rebalance":
            honest += rebalanced(simulation)
        elif gene.kind == "liquidate":
            bounty = simulation.money[KEEPER]
            play(simulation, replace(gene, who=KEEPER))
            honest += simulation.money[KEEPER] - bounty
        elif gene.kind == "wait" or gene.who not in ATTACKERS:
            play(simulation, gene)
        observe(simulation, before)
        if arbitrage and gene.kind != "wait":
            simulation.arbitrage(ARBITRAGEUR)
    return honest


def rebalanced(simulation: Simulation) -> int:
    """By an honest keeper: the pay by the time since it is due."""
    triggers, reward = due(simulation)
    if not triggers:
        return 0
    p = simulation.token.parameters
    waited = simulation.now - (
        simulation.now if simulation.due_since is None else simulation.due_since
    )
    clock = most(simulation) * min(waited * WAD // p.reward_ramp, WAD) // WAD
    simulation.rebalance(KEEPER)
    return reward if triggers & BY_PRICE else min(reward, clock)


def venue_money(simulation: Simulation) -> int:
    """What providers and insurance of the exchange have, native."""
    exchange, mids = simulation.exchange, simulation.mids()
    if exchange is None or isinstance(mids, Revert):
        return 0
    whole = exchange.pool_equity(mids, simulation.now) + exchange.insurance
    return int(whole // exchange.scale)


def most(simulation: Simulation) -> int:
    """The cap on a reward, native."""
    p = simulation.token.parameters
    return min(simulation.value() * p.reward_bps // BPS, p.reward_cap * simulation.unit)


def known_limit(scenario: Scenario, simulation: Simulation) -> float:
    """What netted flows may bring while feeds are behind, whole units: the limit on
    what waits, twice the tolerance of N, times what the feeds are behind by more than
    fee and spread of a mint; twice, for one reset may be due already."""
    if not scenario.lag_bps:
        return 0.0
    p, n = simulation.token.parameters, value(simulation)
    far = scenario.lag_bps * simulation.plan.multiple - fee_and_spread(simulation) * BPS
    waiting = 2 * p.tolerance_bps * n / BPS / simulation.unit
    return 2 * waiting * max(far, 0.0) / BPS


def over_cap(simulation: Simulation, scenario: Scenario) -> float:
    """N over what the supply cap is meant to let in."""
    try:
        return simulation.value() / scenario.cap
    except Revert:
        return 0.0


def cell_of(simulation: Simulation) -> Cell:
    """What kind of state it is, roughly: histories that reach a new kind are kept."""
    token = simulation.token
    try:
        context = token.context(simulation.now, token.closing_prices(simulation.now))
        triggers = int(token.due(simulation.now)[0])
    except Revert:
        return ("unusable",)
    n, supply = context.v.mid, context.supply
    own = sum(simulation.shares(who) for who in ATTACKERS)
    return (
        int(token.mode),
        _magnitude(supply),
        _magnitude(n),
        _magnitude((n * WAD // simulation.unit * WAD // supply if supply else 0) ** 3),
        _magnitude(token.reset.nav_per_share**3),
        triggers,
        (token.flows.unhedged > 0) - (token.flows.unhedged < 0),
        bool(token.flows.reserve),
        own * 4 // supply if supply else 0,
    )


def _magnitude(x: int) -> int:
    """Its power of ten."""
    return 0 if x <= 0 else len(str(x))
