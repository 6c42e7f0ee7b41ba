# SPDX-License-Identifier: AGPL-3.0-only
"""Reading the value of a share in the middle of an action, for a loan against it.

The collateral calls back in the middle of transfers; a lending market is asked for
the largest loan at each of them. Where a redemption has burned its shares and not
paid yet, all that it leaves behind belongs to fewer shares: at that price a pledge
borrows more than it is worth. Token, vault and exchange refuse to be read there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.attacks.table import settle
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.constants import MAX_UINT256
from tests.support.plans import make_plan
from tests.support.round_trip import Actor
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import deploy_on
from tests.support.variants import Change, variant
from tests.unit.nav_feed.conftest import nav_feed

UNIT, NOBODY = 10**6, "0x" + "00" * 20
SOURCES = {"NavFeed": 0, "convertToAssets": 1, "previewRedeem": 2, "totalAssets": 3}
SAFE = "contracts/token/InverseIndexToken.vy"


def unlocked(path: str, name: str) -> Change:
    """A view that answers at any time."""
    return Change(path, f"@external\ndef {name}(", f"@reentrant\n@external\ndef {name}(")


UNLOCKED = (
    *(unlocked("contracts/modules/token/core.vy", name) for name in ("state", "vault", "oracle")),
    *(unlocked(SAFE, name) for name in ("totalAssets", "convertToAssets", "previewRedeem")),
    unlocked("contracts/vaults/PerpVault.vy", "value"),
    unlocked("contracts/modules/exchange/ledger.vy", "account_value"),
)
MakeHarness = Callable[[], "LenderHarness"]


@dataclass
class LenderHarness:
    """A token on a collateral that calls back, and a market that lends on it."""

    base: SystemHarness
    lender: Contract
    attacker: str


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> MakeHarness:
    """50,000 of the depositor's, 150,000 of the attacker's."""

    def make() -> LenderHarness:
        collateral = chain.deploy("HostileToken", 6, sender=owner)
        base = deploy_on(chain, owner, keeper, make_plan(), collateral)
        base.system = replace(base.system, collateral=collateral)
        for actor, paid in ((depositor, 50_000), (attacker, 150_000)):
            base.fund(actor)
            base.token.deposit(paid * UNIT, actor, sender=actor)
        feed = nav_feed(base)
        lender = chain.deploy("ShareLender", base.token, collateral, feed, 10**12, sender=owner)
        collateral.mint(lender, 10**9 * UNIT, sender=owner)
        base.token.approve(lender, MAX_UINT256, sender=attacker)
        collateral.approve(lender, MAX_UINT256, sender=attacker)
        return LenderHarness(base, lender, attacker)

    return make


def mid_action(harness: LenderHarness) -> Attempt:
    """The attempt: pledge some shares, empty the idle collateral, and act; the market
    lends at every transfer in between and once more after it. At the end the attacker
    repays, or leaves his pledge. Counted is what the loans in between bring."""
    base, lender, who = harness.base, harness.lender, harness.attacker
    token, collateral, chain = base.token, base.system.collateral, base.chain
    actor, prices = Actor(base, who), dict(base.plan.prices)
    payload = lender.lend.encode(who)

    def act(action: str, percent: int) -> None:
        shares = actor.shares() * percent // 100
        if action == "redeem":
            actor.leave(shares)
        elif action == "withdraw":
            token.withdraw(token.convertToAssets(shares), who, who, sender=who)
        elif action == "deposit":
            actor.enter(2_000 * percent * UNIT)
        else:
            token.rebalance(who, sender=who)

    def repaid() -> int:
        snapshot = chain.snapshot()
        lender.close(sender=who)
        wealth = actor.wealth()
        chain.revert(snapshot)
        return wealth

    def brought(action: str, percent: int, payload: bytes) -> int:
        target = lender.address if payload else NOBODY
        collateral.set_callback(target, payload, sender=who)
        act(action, percent)
        collateral.set_callback(NOBODY, b"", sender=who)
        lender.lend(who, sender=who)
        return max(repaid(), actor.wealth())

    def attempt(source: str, action: str, percent: int, drained: int, moved: int) -> int:
        base.prices = dict(prices)
        base.move(moved, 90_000)
        lender.set_source(SOURCES[source], sender=who)
        for _ in range(drained):
            actor.leave(token.totalSupply() * 49 // 10_000)
        lender.post(actor.shares() // 2, sender=who)
        snapshot = chain.snapshot()
        honest = brought(action, percent, b"")
        chain.revert(snapshot)
        return brought(action, percent, payload) - honest

    return attempt


def search(harness: LenderHarness) -> Hunt:
    points = grid(
        source=tuple(SOURCES),
        action=("redeem", "withdraw", "deposit", "rebalance"),
        percent=(50, 95),
        drained=(0, 2),
        moved=(-3,),
    )
    found = hunt(harness.base.chain, mid_action(harness), points, ("percent",))
    print(f"\n{found}")
    assert set(found.refusals) <= {"token: shares above balance"}
    return found


def test_reading_in_the_middle(make_harness: MakeHarness) -> None:
    found = search(make_harness())
    assert {profit for profit in found.profits if profit is not None} == {0}
    with variant(*UNLOCKED):
        harness = make_harness()
    without = search(harness)
    settle(
        "read-only reentrancy on the share's value",
        "PerpVault",
        "locked views",
        UNIT,
        found.profits,
        without.profits,
    )
