# SPDX-License-Identifier: AGPL-3.0-only
"""Feeds that answer anew only after the market has moved by their deviation
threshold, or at their heartbeat, along random paths of the market."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import exp, sqrt

from tests.support.constants import YEAR
from tests.support.round_trip import Quotes

STEP = 12  # seconds
HEARTBEAT = 3_600
LONGEST = 1_200  # steps that the attacker waits at most


@dataclass(frozen=True)
class Moment:
    """When and against what to trade twice. edge: of the prices alone, bps."""

    entry: Quotes
    exit: Quotes
    seconds: int
    edge: float


@dataclass
class Feed:
    """deviation: fraction. source: what it observes, over the market's price."""

    deviation: float
    source: float
    answer: float
    at: int = 0

    def look(self, price: float, now: int) -> None:
        """Answers with what it saw one step ago."""
        seen = price * self.source
        if abs(seen / self.answer - 1) >= self.deviation or now - self.at >= HEARTBEAT:
            self.answer, self.at = seen, now


def walk(
    seed: int, start: int, deviations: tuple[float, float], steps: int = 7_200, yearly: float = 0.9
) -> list[Quotes]:
    """A day of the market at that volatility, as both feeds show it. The secondary
    observes another market, 0.03% away, and has last answered half a threshold ago."""
    chance = random.Random(seed)
    price, sigma = float(start), yearly * sqrt(STEP / YEAR)
    primary = Feed(deviations[0], 1.0, price)
    secondary = Feed(deviations[1], 1.0003, price * (1 - deviations[1] / 2), -HEARTBEAT // 2)
    quotes = []
    for step in range(steps):
        primary.look(price, step * STEP)
        secondary.look(price, step * STEP)
        price *= exp(chance.gauss(0, sigma))
        quotes.append(Quotes(round(primary.answer), round(secondary.answer), round(price)))
    return quotes


def lag(q: Quotes, spread: float) -> tuple[float, float]:
    """What a trade at that moment gains on the market: in, and out."""
    apart = abs(q.primary - q.secondary) / min(q.primary, q.secondary)
    cost = max(apart, spread) + spread
    over = q.primary / q.true - 1
    return over - cost, -over - cost


def best_moments(quotes: list[Quotes], side: str, spread: float, count: int) -> list[Moment]:
    """Pairs of an entry and the best exit after it, apart from each other."""
    first = [lag(q, spread)[0 if side == "in, out" else 1] for q in quotes]
    second = [lag(q, spread)[1 if side == "in, out" else 0] for q in quotes]
    order = sorted(range(len(quotes) - 1), key=lambda i: first[i], reverse=True)
    found: list[Moment] = []
    used: list[int] = []
    for i in order:
        if len(found) == count:
            break
        if any(abs(i - other) < 50 for other in used):
            continue
        used.append(i)
        last = min(i + LONGEST, len(quotes))
        j = max(range(i + 1, last), key=lambda k: second[k])
        edge = (first[i] + second[j]) * 10**4
        found.append(Moment(quotes[i], quotes[j], (j - i) * STEP, edge))
    return found
