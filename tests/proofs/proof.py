# SPDX-License-Identifier: AGPL-3.0-only
"""What a proof is: a sentence, the numbers for which it holds, and what shows it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

WORD = 2**256
SEED = 5  # of everything drawn at random
RANDOM_POINTS = 2_000
MANY = 20  # parts of a range that are not told one by one
CORNERS = 2_000  # drawn from all where there are more

GRID = "every point, on the bytecode"
WIDE = "corners and random points, on the bytecode"
LEMMA = "z3, for all values"
SYMBOLIC = "halmos, all paths of the bytecode"
COMPARED = "the bytecode beside exact fractions"


class Refuted(AssertionError):
    """A point at which a property is false or reverts, or a model of z3's."""


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, both included; or just some values."""

    low: int
    high: int
    only: tuple[int, ...] = ()

    def corners(self) -> list[int]:
        """Both ends, what is next to them, the middle and zero."""
        if self.only:
            return list(self.only)
        near = {self.low, self.low + 1, self.high - 1, self.high, (self.low + self.high) // 2, 0}
        return sorted(value for value in near if self.low <= value <= self.high)

    def drawn(self, source: random.Random) -> int:
        """A value, of all magnitudes alike."""
        if self.only:
            return source.choice(self.only)
        if self.low < 0 and source.random() < 0.5:
            return -Range(0, -self.low).drawn(source)
        low = max(self.low, 0)
        bits = source.randint(0, (self.high - low).bit_length())
        return min(low + source.getrandbits(bits), self.high) if bits else low

    def __str__(self) -> str:
        if self.only:
            return shown(self.only)
        return f"{number(self.low)} to {number(self.high)}"


def upto(bits: int, low: int = 0) -> Range:
    """Below 2**bits."""
    return Range(low, 2**bits - 1)


def signed(bits: int) -> Range:
    """Nearer to zero than 2**bits."""
    return Range(1 - 2**bits, 2**bits - 1)


def among(*values: int) -> Range:
    """One of these."""
    return Range(min(values), max(values), values)


@dataclass(frozen=True)
class Property:
    """A function of a contract in `contracts/testing` that has to return True.

    grid: for each argument the values of which all combinations are asked.
    wide: for each argument the documented range of which all corners and random
        points are asked, none when the grid is the whole range.
    """

    contract: str
    name: str
    says: str
    grid: Sequence[Iterable[int]]
    wide: Sequence[Range] = ()

    @property
    def size(self) -> int:
        """Points of the grid."""
        return prod(len(tuple(values)) for values in self.grid)

    def wide_points(self) -> Iterator[tuple[int, ...]]:
        """Corners, then random ones; none without a range."""
        if not self.wide:
            return
        source = random.Random(f"{SEED} {self.name}")
        corners = [axis.corners() for axis in self.wide]
        if prod(map(len, corners)) <= CORNERS:
            yield from product(*corners)
        else:
            for _ in range(CORNERS):
                yield tuple(source.choice(values) for values in corners)
        for _ in range(RANDOM_POINTS):
            yield tuple(axis.drawn(source) for axis in self.wide)


def words(point: Sequence[int], length: int = 8) -> list[int]:
    """Two's complement, filled up with zeros."""
    return [value % WORD for value in point] + [0] * (length - len(point))


def shown(values: Iterable[int]) -> str:
    """Runs of equal steps as "low to high", the rest one by one unless they are many."""
    every = list(values)
    rest = every[:]
    parts = []
    while rest:
        step = rest[1] - rest[0] if len(rest) > 1 else 0
        length = next((i for i in range(1, len(rest)) if rest[i] - rest[i - 1] != step), len(rest))
        if length < 4:
            parts.append(number(rest.pop(0)))
            continue
        by = "" if step == 1 else f" by {number(step)}"
        parts.append(f"{number(rest[0])} to {number(rest[length - 1])}{by}")
        rest = rest[length:]
    if len(parts) > MANY:
        return f"{len(every)} values from {number(min(every))} to {number(max(every))}"
    return ", ".join(parts)


def number(value: int) -> str:
    """Powers of ten and two, and what is just below them, as such."""
    if value < 0:
        text = number(-value)
        return f"-({text})" if " " in text else "-" + text
    for base, least in ((10, 10**4), (2, 2**16)):
        for offset, tail in ((0, ""), (1, " - 1")):
            power = _power(value + offset, base)
            if power and value + offset >= least:
                return f"{base}**{power}{tail}"
    zeros = len(str(value)) - len(str(value).rstrip("0"))
    if zeros >= 6:
        return f"{value // 10**zeros} * 10**{zeros}"
    return f"{value:,}"


def _power(value: int, base: int) -> int:
    power = 0
    while value > 1 and value % base == 0:
        value //= base
        power += 1
    return power if value == 1 else 0
