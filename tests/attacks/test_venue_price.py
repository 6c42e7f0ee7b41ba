# SPDX-License-Identifier: AGPL-3.0-only
"""Moving the venue's price to move what a share is worth: for a loan on the NAV feed,
for shares bought cheap, for a redemption that pays more. On the exchange, whose
price goes with its skew; shorts are valued at the oracle's all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.attacks.test_sandwich import GIVEN_BACK
from tests.support.attack_grid import Search
from tests.support.constants import MAX_UINT256, WAD
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant
from tests.unit.nav_feed.conftest import nav_feed

UNIT = 10**6
MARKED = (
    Change(
        "contracts/modules/exchange/ledger.vy",
        "        equity += self._position_value(sizes[market], market, used[market])",
        "        moved: int256 = markets._displacement(market, markets._terms[market])\n"
        "        moved += convert(linear.IMPACT_UNIT, int256)\n"
        "        mark: uint256 = used[market] * convert(moved, uint256) // linear.IMPACT_UNIT\n"
        "        equity += self._position_value(sizes[market], market, mark)",
    ),
    GIVEN_BACK,  # else moving the price costs more than it brings
)


class Manipulator:
    """An account on the exchange, money for shares, and a lender who believes the
    feed and lends all that it says."""

    def __init__(self, harness: SystemHarness, depositor: str, attacker: str) -> None:
        self.base, self.token, self.me = harness, harness.token, attacker
        self.exchange, self.collateral = harness.system.venue.exchange, harness.system.collateral
        for actor in (depositor, attacker):
            harness.fund(actor)
        harness.deposit(400_000 * UNIT, depositor)
        self.collateral.approve(self.exchange, MAX_UINT256, sender=attacker)
        self.exchange.deposit(3 * 10**6 * UNIT, sender=attacker)
        self.feed = nav_feed(harness)

    def has(self) -> int:
        """Without shares; native."""
        equity = self.exchange.account_value(self.me, self.base.report().prices.mid)[0]
        return int(self.collateral.balanceOf(self.me) + equity // 10**30)

    def trade(self, units: int) -> None:
        if units:
            order = (0, units * WAD, MAX_UINT256 if units > 0 else 0)
            self.exchange.trade([order], sender=self.me)

    def buy(self, whole: int) -> None:
        self.token.deposit(whole * UNIT, self.me, sender=self.me)

    def sell(self) -> None:
        shares = self.token.balanceOf(self.me)
        self.token.redeem(shares, self.me, self.me, 0, sender=self.me)

    def borrow(self) -> int:
        """All that the feed says; the shares are left with the lender."""
        return int(self.feed.latestAnswer() * self.token.balanceOf(self.me) // 10**30)


def lent(manipulator: Manipulator, units: int, whole: int) -> int:
    """Buy, push, borrow, push back."""
    manipulator.buy(whole)
    manipulator.trade(units)
    borrowed = manipulator.borrow()
    manipulator.trade(-units)
    return borrowed


def bought(manipulator: Manipulator, units: int, whole: int) -> int:
    """Push, buy, push back, redeem."""
    manipulator.trade(units)
    manipulator.buy(whole)
    manipulator.trade(-units)
    manipulator.sell()
    return 0


def redeemed(manipulator: Manipulator, units: int, whole: int) -> int:
    """Buy, push, redeem, push back."""
    manipulator.buy(whole)
    manipulator.trade(units)
    manipulator.sell()
    manipulator.trade(-units)
    return 0


def lent_after(manipulator: Manipulator, units: int, whole: int) -> int:
    """Push, buy, push the other way, borrow, and back."""
    manipulator.trade(units)
    manipulator.buy(whole)
    manipulator.trade(-2 * units)
    borrowed = manipulator.borrow()
    manipulator.trade(units)
    return borrowed


AXES = (-1_700, -400, -50, 0, 50, 400, 1_700), (100, 1_900, 200_000, 1_000_000)
Way = Callable[[Manipulator, int, int], int]


def searched(manipulator: Manipulator, way: Way) -> list[int | None]:
    def brings(units: int, whole: int) -> int:
        before = manipulator.has()
        borrowed = way(manipulator, units, whole)
        return manipulator.has() + borrowed - before

    return Search(manipulator.base.chain, brings, AXES).run(3)


@pytest.mark.parametrize("way", [lent, lent_after], ids=lambda way: way.__name__)
def test_a_loan_on_the_feed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, way: Way
) -> None:
    """[F-NAV-6]"""
    found = []
    for off in ((), MARKED):
        with variant(*off):
            made = Manipulator(deploy_harness(chain, owner, keeper), depositor, attacker)
        found.append(searched(made, way))
    name = f"a loan on the NAV feed, {way.__name__.replace('_', ' ')}"
    settle(name, "exchange", "shorts at oracle prices, impact that is kept", UNIT, *found)


def test_flows_at_a_moved_price(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """Those that trade do so at the price that was moved, those that do not are too
    small for what moving it costs."""
    made = Manipulator(deploy_harness(chain, owner, keeper), depositor, attacker)
    for way in (bought, redeemed):
        brought = [gain for gain in searched(made, way) if gain is not None]
        assert len(brought) >= 30 and max(brought) < 0
