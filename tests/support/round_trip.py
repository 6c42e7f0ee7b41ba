# SPDX-License-Identifier: AGPL-3.0-only
"""An attacker who knows the next prices: in before them and out after, or the other
way round. What it brings is compared with holding still, all shares at what
redeeming them really pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.system_harness import SystemHarness

SIDES = ("in, out", "out, in")


@dataclass(frozen=True)
class Quotes:
    """Of the first component, USD with 8 decimals: the two feeds' and the market's."""

    primary: int
    secondary: int
    true: int


def show(
    harness: SystemHarness, quotes: Quotes, which: tuple[str, ...] = ("primary", "secondary")
) -> None:
    """These feeds answer, the collateral's too; the venue's own market is at the
    true price. The others keep their last answers and times."""
    board, system, owner = harness.system.board, harness.system, harness.owner
    assert board is not None
    for place, name in enumerate(("primary", "secondary")):
        if name in which and (name == "primary" or system.secondaries):
            board.post_one(place, getattr(quotes, name), sender=owner)
    board.post_one(2 if system.secondaries else 1, 10**8, sender=owner)
    system.follow_prices({"C0": quotes.true, "USDC": 10**8}, owner)


class Actor:
    """Somebody with shares and collateral."""

    def __init__(self, harness: SystemHarness, who: str) -> None:
        self.base, self.who = harness, who
        self.token, self.collateral = harness.token, harness.system.collateral

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
        snapshot = self.base.chain.snapshot()
        if self.shares() > 0:
            self.leave(self.shares())
        held = self.balance()
        self.base.chain.revert(snapshot)
        return held

    def exposure(self, shares: int) -> int:
        """Short units of the first component, WAD, behind so many shares."""
        prices: Any = self.base.system.oracle.read().mid
        short = self.base.system.vault.value(prices).shorts[0]
        return int(short * shares // self.token.totalSupply())


def round_trip(actor: Actor, side: str, paid: int, wait: Callable[[], None], risen: int = 0) -> int:
    """Profit over holding still of a trade now and the opposite one after `wait`.

    paid: collateral to enter with, or worth of the shares to leave with. risen: how
    far the component's true price goes meanwhile, WAD collateral. That brings or
    costs him nothing: he is hedged elsewhere, for free.
    """
    harness = actor.base
    snapshot = harness.chain.snapshot()
    wait()
    still = actor.wealth()
    harness.chain.revert(snapshot)
    shares = min(actor.shares(), actor.token.convertToShares(paid))
    units = actor.exposure(shares)
    if side == "in, out":
        bought = actor.enter(paid)
        units = -actor.exposure(bought)
        wait()
        actor.leave(bought)
    else:
        got = actor.leave(shares)
        wait()
        actor.enter(got)
    scale = 10 ** (36 - harness.system.decimals)
    return actor.wealth() - still - units * risen // scale
