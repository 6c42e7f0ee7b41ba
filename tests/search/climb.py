# SPDX-License-Identifier: AGPL-3.0-only
"""The search in one scenario: short histories first, then changes of the best ones
and of those that reached a state of a new kind."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from tests.search.genes import Gene, mutated, random_gene, tweaked
from tests.search.scenarios import Scenario
from tests.search.scoring import Cell, Judge, Outcome
from tests.search.stuck import OVER_CAP

LEAST = 0.5  # whole units, under which a profit does not pay for its transactions
ROUNDING = 20  # native units that are no profit either
LONGEST = 24
NOTHING = 0.01  # whole units that do not matter
PAIRS = 150  # of each scenario
PATIENCE = 250  # histories without a new kind of state or a better profit
SHORT = {
    "deposit": (-3.0, 2.0, 5.0),
    "mint": (2.0,),
    "swap": (5.0,),
    "trade": (5.0,),
    "provide": (5.0,),
}
EXCHANGE = "from the exchange's providers"
SCORES = ("profit", "stuck", "both")


@dataclass
class Elite:
    """The best history that ended in a kind of state."""

    gain: float
    genes: tuple[Gene, ...]
    visits: int = 0


@dataclass(frozen=True)
class Find:
    """genes: shortened. cause: what it is about. amount: whole units gained, over the
    cap, or 0. others: what they lost. runs: histories of this scenario until then."""

    scenario: int
    cause: str
    amount: float
    others: float
    genes: tuple[Gene, ...]
    runs: int
    is_profit: bool = True


class Climb:
    """Of one scenario; `run` yields what it finds, the same cause once unless it
    brings more than twice as much."""

    def __init__(self, number: int, scenario: Scenario, score: str = "both") -> None:
        self.number, self.scenario, self.score = number, scenario, score
        self.judge = Judge(scenario)
        self.least = least_of(scenario)
        self.others = {
            cause: Judge(other) for cause, other in scenario.simpler() if other != scenario
        }
        self.chance = random.Random(number)
        self.greed = {"profit": 0.5, "stuck": 0.05, "both": 0.3}[score]
        self.elites: dict[Cell, Elite] = {}
        self.best: list[Elite] = []
        self.found: dict[str, float] = {}
        self.runs = self.last_news = 0

    def run(self, budget: int) -> Iterator[Find]:
        for genes in short_histories(self.scenario, self.chance):
            yield from self.tried(genes)
        while self.runs < budget and self.runs < self.last_news + PATIENCE:
            yield from self.tried(self.child())

    def child(self) -> tuple[Gene, ...]:
        """Of the best, of a state seldom started from, or from nothing."""
        chance, weights = self.chance, self.scenario.weights
        draw = chance.random()
        if draw < 0.05 or not self.elites:
            count = chance.randint(1, 4)
            return tuple(random_gene(chance, weights) for _ in range(count))
        if draw < self.greed and self.best:
            parent = chance.choice(self.best)
        else:
            some = chance.sample(list(self.elites.values()), min(len(self.elites), 4))
            parent = min(some, key=lambda each: each.visits)
        parent.visits += 1
        other = chance.choice(list(self.elites.values())).genes
        return mutated(chance, parent.genes, weights, other, LONGEST)

    def tried(self, genes: tuple[Gene, ...]) -> Iterator[Find]:
        self.runs += 1
        found = self.judge.run(genes)
        known = self.elites.get(found.cell)
        new = known is None
        if known is None or self.is_better(found, known):
            if known is None or found.gain > known.gain + NOTHING:
                self.last_news = self.runs
            self.elites[found.cell] = Elite(found.gain, found.done, known.visits if known else 0)
            self.keep(found)
        if self.score != "profit" and (new or (found.simulation and found.simulation.errors)):
            found = self.judge.run(found.done, closely=True)
            for cause in found.stuck:
                if cause not in self.found:
                    self.found[cause] = 0.0
                    yield self.shortened(found, cause)
        if self.score != "stuck" and found.gain > self.least:
            cause = self.cause_of(found)
            if found.gain > 2 * self.found.get(cause, 0.0):
                climbed = self.climbed(found)
                self.found[cause] = max(climbed.gain, found.gain)
                yield self.shortened(climbed, self.cause_of(climbed))

    def is_better(self, found: Outcome, known: Elite) -> bool:
        """By gain, which does not count for being stuck; else the shorter history."""
        if self.score != "stuck" and abs(found.gain - known.gain) > NOTHING:
            return found.gain > known.gain
        return len(found.done) < len(known.genes)

    def keep(self, found: Outcome) -> None:
        """Among the best by gain."""
        self.best.append(Elite(found.gain, found.done))
        self.best.sort(key=lambda each: -each.gain)
        del self.best[8:]

    def climbed(self, found: Outcome, tries: int = 60) -> Outcome:
        """A little further up from a first profit."""
        weights = self.scenario.weights
        for _ in range(tries):
            if self.chance.random() < 0.5:
                genes = mutated(self.chance, found.done, weights, found.done, LONGEST)
            else:
                place = self.chance.randrange(len(found.done))
                changed = tweaked(self.chance, found.done[place])
                genes = (*found.done[:place], changed, *found.done[place + 1 :])
            self.runs += 1
            other = self.judge.run(genes)
            if other.gain > found.gain:
                found = other
                self.keep(found)
        return found

    def cause_of(self, found: Outcome) -> str:
        """What a profit needs: the same history without it brings less than half."""
        most = 0.5 * found.gain
        if found.loss <= most and not found.off_price:
            return EXCHANGE
        if found.rewards - found.honest > most:
            return "a reward for what was not due"
        without = tuple(gene for gene in found.done if gene.kind != "rebalance")
        again = "" if self.judge.run(without).gain > most else ", with rebalances"
        for wanted, judge in self.others.items():
            if judge.run(found.done).gain <= most:
                return wanted + again
        return "flows of one's own" + again

    def shortened(self, found: Outcome, cause: str) -> Find:
        """Without the genes that it does not need."""
        genes, place, least = list(found.done), 0, 0.7 * found.gain
        is_stuck = cause in found.stuck
        while place < len(genes):
            fewer = genes[:place] + genes[place + 1 :]
            self.runs += 1
            other = self.judge.run(fewer, closely=is_stuck)
            same = cause in other.stuck if is_stuck else other.gain >= least
            if same:
                genes = fewer
            else:
                place += 1
        last = self.judge.run(genes, closely=True)
        if not is_stuck:
            cause = self.cause_of(last)
        amount = last.over_cap if cause == OVER_CAP else 0.0 if is_stuck else last.gain
        return Find(self.number, cause, amount, last.loss, tuple(genes), self.runs, not is_stuck)


def least_of(scenario: Scenario) -> float:
    """Whole units up to which a profit is none."""
    return max(LEAST, ROUNDING / 10**scenario.plan.decimals)


def short_histories(scenario: Scenario, chance: random.Random) -> Iterator[tuple[Gene, ...]]:
    """All kinds alone, and pairs of them, before, after and around what others do."""
    singles = []
    for kind in scenario.weights:
        if kind == "wait":
            singles += [Gene(kind, how="s", x=each) for each in (60, 3_600, 90_000)]
            continue
        how = "all" if kind in ("withdraw", "redeem", "leave", "transfer", "in_kind") else "units"
        singles += [Gene(kind, how=how, x=each) for each in SHORT.get(kind, (0.0,))]
    for one in singles:
        yield (one,)
    pairs = list(product(singles, repeat=2))
    yield from chance.sample(pairs, min(PAIRS, len(pairs)))


def history_text(genes: Sequence[Gene]) -> str:
    return "; ".join(map(str, genes)) or "nothing"
