# SPDX-License-Identifier: AGPL-3.0-only
"""A search over what an attacker can choose, each attempt on a state of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from inverse_index.chain import LocalBackend, Reverted

Point = tuple[int, ...]


def attempt(chain: LocalBackend, act: Callable[[], int]) -> int | None:
    """What it brings, None where it is refused; afterwards nothing has happened."""
    snapshot = chain.snapshot()
    try:
        return act()
    except Reverted:
        return None
    finally:
        chain.revert(snapshot)


@dataclass
class Search:
    """Every point of a grid once, then the middles between the best and its neighbours.

    brings: profit of a point, which may revert. axes: the values of each choice,
    rising; those of `fixed` (positions) are names and have no middle.
    """

    chain: LocalBackend
    brings: Callable[..., int]
    axes: Sequence[Sequence[int]]
    fixed: frozenset[int] = frozenset()
    found: dict[Point, int | None] = field(default_factory=dict)

    def run(self, rounds: int = 2) -> list[int | None]:
        for point in product(*self.axes):
            self._try(point)
        grid = [sorted(set(axis)) for axis in self.axes]
        for _ in range(rounds):
            best = self.best()
            if best is None:
                break
            for place, axis in enumerate(grid):
                if place in self.fixed:
                    continue
                for middle in _middles(axis, best[place]):
                    axis.append(middle)
                    self._try((*best[:place], middle, *best[place + 1 :]))
                axis.sort()
        return list(self.found.values())

    def best(self) -> Point | None:
        """The point that brings most."""
        brought = {point: gain for point, gain in self.found.items() if gain is not None}
        return max(brought, key=lambda point: brought[point], default=None)

    def _try(self, point: Point) -> None:
        if point not in self.found:
            self.found[point] = attempt(self.chain, lambda: self.brings(*point))


def _middles(axis: Sequence[int], value: int) -> list[int]:
    at = axis.index(value)
    beside = [*axis[max(at - 1, 0) : at], *axis[at + 1 : at + 2]]
    return [(value + other) // 2 for other in beside if abs(value - other) > 1]


def wealth(harness: Any, *accounts: str) -> int:
    """Collateral of the accounts, and their shares at mid; native."""
    token, collateral = harness.token, harness.system.collateral
    held = sum(collateral.balanceOf(each) for each in accounts)
    shares = sum(token.balanceOf(each) for each in accounts)
    return int(held + token.convertToAssets(shares))


def at_prices(harness: Any, per_mille: int) -> None:
    """Post that many thousandths of the prices of the beginning."""
    prices = {symbol: price * per_mille // 1_000 for symbol, price in harness.plan.prices.items()}
    harness.system.post_prices({**prices, "USDC": harness.plan.prices["USDC"]}, harness.owner)
