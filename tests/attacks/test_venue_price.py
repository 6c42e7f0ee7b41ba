# SPDX-License-Identifier: AGPL-3.0-only
"""Moving the venue's price to move what a share is worth: for a loan on the NAV feed,
for shares bought cheap, for a redemption that pays more. On the exchange, whose
price goes with its skew; shorts are valued at the oracle's all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.keepers import NEVER, Search
from tests.attacks.table import settle
from tests.systems import Bench, deploy_bench
from tests.unit.nav_feed.conftest import nav_feed
from tests.variants import Change, variant

UNIT, WAD = 10**6, 10**18
MARKED = (
    Change(
        "contracts/modules/exchange/ledger.vy",
        "        equity += self._position_value(sizes[m], m, used[m])",
        "        mark: uint256 = markets._fill_price(m, -sizes[m], used[m])\n"
        "        equity += self._position_value(sizes[m], m, mark)",
    ),
)


class Manipulator:
    """An account on the exchange, money for shares, and a lender who believes the
    feed and lends all that it says."""

    def __init__(self, bench: Bench, depositor: str, attacker: str) -> None:
        self.bench, self.token, self.me = bench, bench.token, attacker
        self.exchange, self.collateral = bench.system.venue.exchange, bench.system.collateral
        for person in (depositor, attacker):
            bench.fund(person)
        bench.deposit(400_000 * UNIT, depositor)
        self.collateral.approve(self.exchange, NEVER, sender=attacker)
        self.exchange.deposit(3 * 10**6 * UNIT, sender=attacker)
        self.feed = nav_feed(bench)

    def has(self) -> int:
        """Without shares; native."""
        equity = self.exchange.account_value(self.me, self.bench.report().prices.mid)[0]
        return int(self.collateral.balanceOf(self.me) + equity // 10**30)

    def trade(self, units: int) -> None:
        if units:
            order = (0, units * WAD, NEVER if units > 0 else 0)
            self.exchange.trade([order], sender=self.me)

    def buy(self, whole: int) -> None:
        self.token.deposit(whole * UNIT, self.me, sender=self.me)

    def sell(self) -> None:
        shares = self.token.balanceOf(self.me)
        self.token.redeem(shares, self.me, self.me, 0, sender=self.me)

    def borrow(self) -> int:
        """All that the feed says; the shares are left with the lender."""
        return int(self.feed.latestAnswer() * self.token.balanceOf(self.me) // 10**30)


def lent(m: Manipulator, units: int, whole: int) -> int:
    """Buy, push, borrow, push back."""
    m.buy(whole)
    m.trade(units)
    borrowed = m.borrow()
    m.trade(-units)
    return borrowed


def bought(m: Manipulator, units: int, whole: int) -> int:
    """Push, buy, push back, redeem."""
    m.trade(units)
    m.buy(whole)
    m.trade(-units)
    m.sell()
    return 0


def redeemed(m: Manipulator, units: int, whole: int) -> int:
    """Buy, push, redeem, push back."""
    m.buy(whole)
    m.trade(units)
    m.sell()
    m.trade(-units)
    return 0


def lent_after(m: Manipulator, units: int, whole: int) -> int:
    """Push, buy, push the other way, borrow, and back."""
    m.trade(units)
    m.buy(whole)
    m.trade(-2 * units)
    borrowed = m.borrow()
    m.trade(units)
    return borrowed


AXES = (-1_700, -400, -50, 0, 50, 400, 1_700), (100, 1_900, 200_000, 1_000_000)
Way = Callable[[Manipulator, int, int], int]


def searched(m: Manipulator, way: Way) -> list[int | None]:
    def brings(units: int, whole: int) -> int:
        before = m.has()
        borrowed = way(m, units, whole)
        return m.has() + borrowed - before

    return Search(m.bench.chain, brings, AXES).run(3)


@pytest.mark.parametrize("way", [lent, lent_after], ids=lambda way: way.__name__)
def test_a_loan_on_the_feed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, way: Way
) -> None:
    """[F-NAV-6]"""
    found = []
    for off in ((), MARKED):
        with variant(*off):
            made = Manipulator(deploy_bench(chain, owner, keeper), depositor, attacker)
        found.append(searched(made, way))
    name = f"a loan on the NAV feed, {way.__name__.replace('_', ' ')}"
    settle(name, "exchange", "shorts at oracle prices", UNIT, *found)


def test_flows_at_a_moved_price(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """Those that trade do so at the price that was moved, those that do not are too
    small for what moving it costs."""
    made = Manipulator(deploy_bench(chain, owner, keeper), depositor, attacker)
    for way in (bought, redeemed):
        brought = [gain for gain in searched(made, way) if gain is not None]
        assert len(brought) >= 30 and max(brought) < 0
