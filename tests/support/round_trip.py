# SPDX-License-Identifier: AGPL-3.0-only
"""An attacker who knows the next prices: in before them and out after, or the other
way round. What it brings is compared with holding still, all shares at what
redeeming them really pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.system_harness import Bench

WAD = 10**18
SIDES = ("in, out", "out, in")


@dataclass(frozen=True)
class Quotes:
    """Of the first component, USD with 8 decimals: the two feeds' and the market's."""

    primary: int
    secondary: int
    true: int


def show(bench: Bench, quotes: Quotes, which: tuple[str, ...] = ("primary", "secondary")) -> None:
    """These feeds answer, the collateral's too; the venue's own market is at the
    true price. The others keep their last answers and times."""
    board, system, owner = bench.system.board, bench.system, bench.owner
    assert board is not None
    for place, name in enumerate(("primary", "secondary")):
        if name in which and (name == "primary" or system.secondaries):
            board.post_one(place, getattr(quotes, name), sender=owner)
    board.post_one(2 if system.secondaries else 1, 10**8, sender=owner)
    system.follow_prices({"C0": quotes.true, "USDC": 10**8}, owner)


class Person:
    """Somebody with shares and collateral."""

    def __init__(self, bench: Bench, who: str) -> None:
        self.bench, self.who = bench, who
        self.token, self.collateral = bench.token, bench.system.collateral

    def shares(self) -> int:
        return int(self.token.balanceOf(self.who))

    def balance(self) -> int:
        return int(self.collateral.balanceOf(self.who))

    def enter(self, paid: int) -> int:
        """Shares bought."""
        before = self.shares()
        self.token.deposit(paid, self.who, sender=self.who)
        return self.shares() - before

    def leave(self, shares: int) -> int:
        """Collateral paid out, whatever it costs."""
        before = self.balance()
        self.token.redeem(shares, self.who, self.who, 0, sender=self.who)
        return self.balance() - before

    def wealth(self) -> int:
        """Collateral, had he left with all shares."""
        snapshot = self.bench.chain.snapshot()
        if self.shares() > 0:
            self.leave(self.shares())
        held = self.balance()
        self.bench.chain.revert(snapshot)
        return held

    def exposure(self, shares: int) -> int:
        """Short units of the first component, WAD, behind so many shares."""
        prices: Any = self.bench.system.oracle.read().mid
        short = self.bench.system.vault.value(prices).shorts[0]
        return int(short * shares // self.token.totalSupply())


def round_trip(
    person: Person, side: str, paid: int, wait: Callable[[], None], risen: int = 0
) -> int:
    """Profit over holding still of a trade now and the opposite one after `wait`.

    paid: collateral to enter with, or worth of the shares to leave with. risen: how
    far the component's true price goes meanwhile, WAD collateral. That brings or
    costs him nothing: he is hedged elsewhere, for free.
    """
    bench = person.bench
    snapshot = bench.chain.snapshot()
    wait()
    still = person.wealth()
    bench.chain.revert(snapshot)
    shares = min(person.shares(), person.token.convertToShares(paid))
    units = person.exposure(shares)
    if side == "in, out":
        bought = person.enter(paid)
        units = -person.exposure(bought)
        wait()
        person.leave(bought)
    else:
        got = person.leave(shares)
        wait()
        person.enter(got)
    scale = 10 ** (36 - bench.system.decimals)
    return person.wealth() - still - units * risen // scale
