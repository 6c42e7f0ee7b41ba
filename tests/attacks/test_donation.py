# SPDX-License-Identifier: AGPL-3.0-only
"""Gifts before and after flows: nobody's claim falls, and nobody gains by one.

What is only sent to a contract is not counted, so whoever mints just before
somebody's mistaken transfer and leaves after it has paid two fees for nothing. A
gift in the vault's name at Aave is counted, and belongs to all who hold shares at
that moment: it cannot be the giver's profit, in whatever order he acts.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_gifts import (
    AAVE_WAYS,
    COUNTED_ON_AAVE,
    COUNTED_ON_THE_EXCHANGE,
    WAYS,
    Give,
    send,
)
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import variant

UNIT = 10**6
ORDERS = ("in, gift, out", "gift, in, out", "in, gift, in, out")
PLANS = {"PerpVault": make_plan, "AaveVault": make_aave_plan}
COUNTED = {"PerpVault": COUNTED_ON_THE_EXCHANGE, "AaveVault": COUNTED_ON_AAVE}
EVERY_WAY: dict[str, dict[str, Give]] = {"PerpVault": WAYS, "AaveVault": AAVE_WAYS}
SENT: dict[str, dict[str, Give]] = {
    "PerpVault": WAYS,
    "AaveVault": {part: send(part) for part in ("vault", "token", "aave_quoter")},
}
MakeHarness = Callable[[str], SystemHarness]


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, provider: str
) -> MakeHarness:
    """100,000 of the depositor's, prices moved since."""

    def make(venue: str) -> SystemHarness:
        harness = deploy_harness(chain, owner, keeper, PLANS[venue]())
        for actor in (depositor, attacker, provider):
            harness.fund(actor)
        harness.deposit(100_000 * UNIT, depositor)
        harness.move(3, 600)
        return harness

    return make


def claim(harness: SystemHarness, holder: str) -> int:
    """What redeeming all of a holder's shares pays now."""
    snapshot, collateral, token = harness.chain.snapshot(), harness.system.collateral, harness.token
    before = collateral.balanceOf(holder)
    token.redeem(token.balanceOf(holder), holder, holder, 0, sender=holder)
    paid = collateral.balanceOf(holder) - before
    harness.chain.revert(snapshot)
    return int(paid)


def around(
    harness: SystemHarness, attacker: str, giver: str, holder: str, ways: dict[str, Give]
) -> Attempt:
    """The attempt: flows of the attacker before and after a gift of the giver's, who
    is himself or somebody that he has seen coming."""
    token, collateral = harness.token, harness.system.collateral

    def enter(paid: int, parts: int) -> None:
        for _ in range(parts):
            token.deposit(paid * UNIT // parts, attacker, sender=attacker)

    def leave(parts: int) -> None:
        for part in range(parts, 0, -1):
            shares = token.balanceOf(attacker) // part
            token.redeem(shares, attacker, attacker, 0, sender=attacker)

    def attempt(way: str, order: str, gift: int, paid: int, parts: int) -> int:
        start, cost = collateral.balanceOf(attacker), 0
        for step in order.split(", "):
            if step == "in":
                enter(paid, parts)
            elif step == "out":
                leave(parts)
            else:
                had = claim(harness, holder)
                cost += ways[way](harness, giver, gift * UNIT)
                assert claim(harness, holder) >= had, "a gift has cost the holder"
        return int(collateral.balanceOf(attacker)) - start - (cost if giver == attacker else 0)

    return attempt


def search(
    harness: SystemHarness, attempt: Attempt, ways: dict[str, Give], parts: tuple[int, ...] = (3,)
) -> Hunt:
    points = grid(
        way=tuple(ways),
        order=ORDERS,
        gift=(1, 1_000, 30_000),
        paid=(400, 20_000, 300_000),
        parts=parts,
    )
    found = hunt(harness.chain, attempt, points, ("paid", "gift"))
    assert not found.refusals
    return found


@pytest.mark.parametrize("venue", PLANS)
def test_his_own_gift(make_harness: MakeHarness, venue: str, depositor: str, attacker: str) -> None:
    """Every way to give; the gift is his cost."""
    harness, ways = make_harness(venue), EVERY_WAY[venue]
    found = search(harness, around(harness, attacker, attacker, depositor, ways), ways, (1, 3))
    print(f"\nhis own gift, {venue}: {found}")
    assert found.best is not None and found.best < 0


@pytest.mark.parametrize("venue", PLANS)
def test_a_gift_that_he_sees_coming(
    make_harness: MakeHarness, venue: str, depositor: str, attacker: str, provider: str
) -> None:
    """Somebody sends collateral to one of the contracts, by mistake."""
    harness, ways = make_harness(venue), SENT[venue]
    found = search(harness, around(harness, attacker, provider, depositor, ways), ways)
    with variant(*COUNTED[venue]):
        harness = make_harness(venue)
    ways = {"vault": send("vault")}
    without = search(harness, around(harness, attacker, provider, depositor, ways), ways)
    print(f"\na gift seen coming, {venue}: {found}\nwithout: {without}")
    settle(
        "donation before or after flows",
        venue,
        "tracked balances",
        UNIT,
        found.profits,
        without.profits,
    )
