# SPDX-License-Identifier: AGPL-3.0-only
"""Values of the bytecode beside exact ones: fractions of any size, exp to 80 digits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor

from tests.support.constants import WAD, YEAR
from tests.support.proof_harness import ProofHarness

from .flows import MAX_RATE
from .proof import SEED, Range, Refuted
from .shares import COLLATERAL, SHARES, VIRTUAL

POINTS = 400
LEAST_VIRTUAL = 10**6
EXP_ERROR = Decimal("1.01e-18")  # relative, either way: the `w` of the lemmas


@dataclass(frozen=True)
class Comparison:
    """What is compared, over which values, and how often."""

    name: str
    says: str
    ranges: str
    cases: int
    run: Callable[[ProofHarness], None]


def conversions(harness: ProofHarness) -> None:
    """The four conversions of the lemmas' letters: M = n + b, T = supply + v * b."""
    contract = harness.contract("ShareProperties")
    source = random.Random(SEED)
    points = [
        tuple(axis.drawn(source) for axis in (COLLATERAL, COLLATERAL, SHARES, VIRTUAL))
        for _ in range(POINTS)
    ]
    calls = [(contract.address, contract.amounts.encode(*point)) for point in points]
    for point, data in zip(points, contract.backend.call_many(calls), strict=True):
        x, n, supply, virtual = point
        base = max(LEAST_VIRTUAL // virtual, 1)
        price = Fraction(n + base, supply + virtual * base)
        exact = (floor(x / price), ceil(x / price), floor(x * price), ceil(x * price))
        if contract.amounts.decode(data) != exact:
            raise Refuted(f"conversions differ at {point}")


def growths(harness: ProofHarness) -> None:
    """exp as the streaming fee computes it."""
    contract = harness.contract("FeeProperties")
    source = random.Random(SEED)
    rates, spans = Range(1, MAX_RATE), Range(1, 900 * YEAR)
    points = [(MAX_RATE, 900 * YEAR), (1, 1), (MAX_RATE, 12), (MAX_RATE, YEAR)]
    points += [(rates.drawn(source), spans.drawn(source)) for _ in range(POINTS - len(points))]
    calls = [(contract.address, contract.growth.encode(*point)) for point in points]
    with localcontext() as context:
        context.prec = 80
        for (rate, span), data in zip(points, contract.backend.call_many(calls), strict=True):
            said = Decimal(contract.growth.decode(data))
            exact = (Decimal(rate * span) / WAD).exp() * WAD
            if abs(said - exact) > exact * EXP_ERROR:
                raise Refuted(f"exp is off at {rate} * {span}")


COMPARISONS = (
    Comparison(
        "conversions",
        "equal the floors and ceilings of exact fractions",
        "collateral below 2**112, shares below 2**128",
        POINTS,
        conversions,
    ),
    Comparison(
        "growths",
        "exp(rate * elapsed) is within 1.01e-18 of itself, either way",
        "rates to the largest, times to 900 years",
        POINTS,
        growths,
    ),
)
