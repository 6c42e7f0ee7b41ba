# SPDX-License-Identifier: AGPL-3.0-only
"""Filling the exchange's pool with positions of one's own, so that nobody else can grow
or leave: what it costs, beside the most that it could be worth."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_exchange import PRICE, UNIT, AttackExchange
from tests.support.attack_grid import Search
from tests.support.attack_liquidity import VENUE, who
from tests.support.constants import DAY
from tests.support.exchange_harness import MAX_BORROWING
from tests.support.variants import Change

__all__ = ["who"]

BOOKS = "contracts/modules/exchange/books.vy"
FREE = Change(
    BOOKS, "return borrowing._rate_down(kept, equity, borrowing.max_borrowing)", "return 0"
)
POOLED = 280_000
DAYS = 30
LONG, SHORT, BOTH, APART = range(4)
# What a month of somebody else's liquidity is worth to nobody: 80% a year, many times what
# dollars are lent for.
WORTH_PERCENT = 5


class Squat:
    """A pool of which the attackers hold a part for a month."""

    def __init__(self, chain: LocalBackend, owner: str, who: list[str], *off: Change) -> None:
        terms = {"max_borrowing": MAX_BORROWING, "max_funding": 0}
        self.venue = AttackExchange(chain, owner, who, off, markets=2, **terms)
        self.provider, self.honest, _, *self.attackers = who
        self.venue.add(self.provider, POOLED)
        for actor in who[1:]:
            self.venue.margin(actor, 300_000)

    def positions(self, how: int, units: int) -> list[tuple[str, int, int]]:
        """Account, market, units."""
        first, second = self.attackers
        return {
            LONG: [(first, 0, units)],
            SHORT: [(first, 0, -units)],
            BOTH: [(first, 0, units), (second, 0, -units)],
            APART: [(first, 0, -units // 2), (second, 1, -(units - units // 2))],
        }[how]

    def brings(self, how: int, percent: int, slices: int) -> int:
        """What the part is worth for the month, less what holding it has cost. Every day
        somebody whom it keeps from his own has the rates set anew."""
        venue, kept = self.venue, POOLED * percent // 100
        units = kept * (4 if how == BOTH else 5) // 5 // PRICE  # of two sides 1.25 are kept
        before = venue.has(*self.attackers)
        positions = self.positions(how, units)
        for _ in range(slices):
            for account, market, size in positions:
                venue.trade(account, size // slices, market)
        for _ in range(DAYS):
            venue.wait(DAY)
            venue.exchange.accrue(sender=self.provider)
        for account, market, _ in positions:
            venue.flat(account, market)
        cost = before - venue.has(*self.attackers)
        return kept * UNIT * WORTH_PERCENT // 100 - cost


def test_a_part_of_the_pool_for_a_month(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """With longs, shorts, both, or in two markets; at once or little by little. The
    squatter's price risk is left out: he may be hedged elsewhere at no cost."""
    axes = ((LONG, SHORT, BOTH, APART), (80, 85, 88), (1, 4))
    found = [
        Search(chain, Squat(chain, owner, who, *off).brings, axes, frozenset((0, 2))).run(1)
        for off in ((), (FREE,))
    ]
    settle("a squatted pool", VENUE, "the borrowing fee", UNIT, *found)
