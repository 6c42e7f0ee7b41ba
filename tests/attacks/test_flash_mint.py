# SPDX-License-Identifier: AGPL-3.0-only
"""Money for a moment: in, rebalance, out. Time stands still, so that the calls see
what those of one transaction would see.

A rebalance hands the fees of waiting flows to whoever holds shares, pays a reward
that grows with the net assets, and costs its trade. Fees and spread of the way in
and out are what keeps borrowed money from it. Counted is what an attack brings
over calling `rebalance()` without it, the reward included in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.constants import DAY
from tests.support.plans import PARAMETERS, make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
PLANS = {"PerpVault": make_plan, "AaveVault": make_aave_plan}
OUT_AND_IN = ("out, rebalance, in", "out, rebalance, in by parts")
ORDERS = ("in, rebalance, out", "in by parts, rebalance, out by parts", *OUT_AND_IN)
PARTS = 4
MakeHarness = Callable[..., SystemHarness]


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> MakeHarness:
    """100,000 of the depositor's, 20,000 of the attacker's, and a day of small flows
    whose fees wait; then the owner takes the fees away, if that is asked for."""

    def make(venue: str, free: bool) -> SystemHarness:
        spread = {"min_spread": 0} if free else {}
        harness = deploy_harness(chain, owner, keeper, PLANS[venue](**spread))
        for actor in (depositor, attacker):
            harness.fund(actor)
        token = harness.token
        token.deposit(100_000 * UNIT, depositor, sender=depositor)
        token.deposit(20_000 * UNIT, attacker, sender=attacker)
        for _ in range(20):
            token.deposit(500 * UNIT, depositor, sender=depositor)
            token.redeem(500 * 10**18, depositor, depositor, sender=depositor)
        if free:
            none = replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0)
            token.set_parameters(none, sender=owner)
        return harness

    return make


def flash(harness: SystemHarness, attacker: str, holder: str | None = None) -> Attempt:
    """The attempt: at `late` seconds after a day, with the index moved by `percent`.
    The holder, if one is named, keeps what an honest keeper would have left him."""
    token, collateral, chain = harness.token, harness.system.collateral, harness.chain
    prices = dict(harness.plan.prices)

    def balance() -> int:
        return int(collateral.balanceOf(attacker))

    def leave(shares: int, parts: int) -> None:
        for part in range(parts, 0, -1):
            token.redeem(shares // part, attacker, attacker, 0, sender=attacker)
            shares -= shares // part

    def enter(paid: int, parts: int) -> None:
        for part in range(parts, 0, -1):
            token.deposit(paid // part, attacker, sender=attacker)
            paid -= paid // part

    def wealth() -> int:
        """What he has once all his shares are redeemed."""
        snapshot = chain.snapshot()
        leave(token.balanceOf(attacker), 1)
        held = balance()
        chain.revert(snapshot)
        return held

    def worth() -> int:
        """What the holder's shares are worth at mid prices."""
        return int(token.convertToAssets(token.balanceOf(holder))) if holder else 0

    def act(order: str, paid: int) -> None:
        """In with so much, or out with shares of so much and in with what they paid."""
        bought, brought = token.balanceOf(attacker), balance()
        for step in order.split(", "):
            parts = PARTS if "parts" in step else 1
            if step == "rebalance":
                token.rebalance(sender=attacker)
            elif order in OUT_AND_IN and step == "out":
                leave(min(bought, token.convertToShares(paid)), parts)
                brought = balance() - brought
            elif order in OUT_AND_IN:
                enter(brought, parts)
            elif step.startswith("in"):
                enter(paid, parts)
            else:
                leave(token.balanceOf(attacker) - bought, parts)

    def attempt(order: str, percent: int, late: int, paid: int) -> int:
        harness.prices = dict(prices)
        harness.move(percent, DAY + late)
        snapshot = chain.snapshot()
        token.rebalance(sender=attacker)
        honest, left = wealth(), worth()
        chain.revert(snapshot)
        act(order, paid)
        assert worth() >= left - 1
        return wealth() - honest

    return attempt


def search(harness: SystemHarness, attacker: str, holder: str | None = None) -> Hunt:
    points = grid(
        order=ORDERS,
        percent=(-4, 0, 7),
        late=(60, 3_600),
        paid=(400 * UNIT, 15_000 * UNIT, 1_000_000 * UNIT),
    )
    found = hunt(harness.chain, flash(harness, attacker, holder), points, ("paid", "late"))
    assert not found.refusals
    return found


@pytest.mark.parametrize("venue", PLANS)
def test_flash_mint(make_harness: MakeHarness, attacker: str, depositor: str, venue: str) -> None:
    """[T-FLOW-6]"""
    found = search(make_harness(venue, free=False), attacker, depositor)
    without = search(make_harness(venue, free=True), attacker)
    print(f"\nflash mint, {venue}: {found}\nwithout: {without}")
    settle(
        "flash mint, rebalance, redeem",
        venue,
        "fees and spread",
        UNIT,
        found.profits,
        without.profits,
    )


def test_no_day_is_busy_enough(
    make_harness: MakeHarness, attacker: str, depositor: str, owner: str
) -> None:
    """A rebalance releases the fees of the flows that waited, and a mint and a redemption
    cost 0.6% here: two fees of 0.1%, two half-spreads of 0.2%. Small flows of eight times
    the net assets leave 0.8% in fees, but those of flows that cancel do not wait."""
    harness = make_harness("PerpVault", free=False)
    token, size = harness.token, 2_400
    token.set_parameters(replace(PARAMETERS, tolerance_bps=200), sender=owner)
    for _ in range(8 * 120_000 // size // 2):
        bought = token.previewDeposit(size * UNIT)
        token.deposit(size * UNIT, depositor, sender=depositor)
        token.redeem(bought, depositor, depositor, sender=depositor)
    assert token.state().flows.reserve < size * UNIT // 1_000
    points = grid(order=ORDERS[:2], percent=(0,), late=(60, 3_600), paid=(400 * UNIT, 2_400 * UNIT))
    best = hunt(harness.chain, flash(harness, attacker), points).best
    assert best is not None and best < 0
