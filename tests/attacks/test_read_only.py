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
from tests.support.plans import make_plan
from tests.support.round_trip import Person
from tests.support.system_harness import Bench
from tests.support.token_actions import deploy_on
from tests.support.variants import Change, variant
from tests.unit.nav_feed.conftest import nav_feed

UNIT, NEVER, NOBODY = 10**6, 2**256 - 1, "0x" + "00" * 20
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
Stage = Callable[[], "Scene"]


@dataclass
class Scene:
    """A token on a collateral that calls back, and a market that lends on it."""

    bench: Bench
    lender: Contract
    attacker: str


@pytest.fixture
def stage(chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str) -> Stage:
    """50,000 of the depositor's, 150,000 of the attacker's."""

    def make() -> Scene:
        collateral = chain.deploy("HostileToken", 6, sender=owner)
        bench = deploy_on(chain, owner, keeper, make_plan(), collateral)
        bench.system = replace(bench.system, collateral=collateral)
        for person, paid in ((depositor, 50_000), (attacker, 150_000)):
            bench.fund(person)
            bench.token.deposit(paid * UNIT, person, sender=person)
        feed = nav_feed(bench)
        lender = chain.deploy("ShareLender", bench.token, collateral, feed, 10**12, sender=owner)
        collateral.mint(lender, 10**9 * UNIT, sender=owner)
        bench.token.approve(lender, NEVER, sender=attacker)
        collateral.approve(lender, NEVER, sender=attacker)
        return Scene(bench, lender, attacker)

    return make


def mid_action(scene: Scene) -> Attempt:
    """The attempt: pledge some shares, empty the idle collateral, and act; the market
    lends at every transfer in between and once more after it. At the end the attacker
    repays, or leaves his pledge. Counted is what the loans in between bring."""
    bench, lender, who = scene.bench, scene.lender, scene.attacker
    token, collateral, chain = bench.token, bench.system.collateral, bench.chain
    person, prices = Person(bench, who), dict(bench.plan.prices)
    payload = lender.lend.encode(who)

    def act(action: str, percent: int) -> None:
        shares = person.shares() * percent // 100
        if action == "redeem":
            person.leave(shares)
        elif action == "withdraw":
            token.withdraw(token.convertToAssets(shares), who, who, sender=who)
        elif action == "deposit":
            person.enter(2_000 * percent * UNIT)
        else:
            token.rebalance(who, sender=who)

    def repaid() -> int:
        snapshot = chain.snapshot()
        lender.close(sender=who)
        wealth = person.wealth()
        chain.revert(snapshot)
        return wealth

    def brought(action: str, percent: int, payload: bytes) -> int:
        target = lender.address if payload else NOBODY
        collateral.set_callback(target, payload, sender=who)
        act(action, percent)
        collateral.set_callback(NOBODY, b"", sender=who)
        lender.lend(who, sender=who)
        return max(repaid(), person.wealth())

    def attempt(source: str, action: str, percent: int, drained: int, moved: int) -> int:
        bench.prices = dict(prices)
        bench.move(moved, 90_000)
        lender.set_source(SOURCES[source], sender=who)
        for _ in range(drained):
            person.leave(token.totalSupply() * 49 // 10_000)
        lender.post(person.shares() // 2, sender=who)
        snapshot = chain.snapshot()
        honest = brought(action, percent, b"")
        chain.revert(snapshot)
        return brought(action, percent, payload) - honest

    return attempt


def search(scene: Scene) -> Hunt:
    points = grid(
        source=tuple(SOURCES),
        action=("redeem", "withdraw", "deposit", "rebalance"),
        percent=(50, 95),
        drained=(0, 2),
        moved=(-3,),
    )
    found = hunt(scene.bench.chain, mid_action(scene), points, ("percent",))
    print(f"\n{found}")
    assert set(found.refusals) <= {"token: shares above balance"}
    return found


def test_reading_in_the_middle(stage: Stage) -> None:
    found = search(stage())
    assert {profit for profit in found.profits if profit is not None} == {0}
    with variant(*UNLOCKED):
        scene = stage()
    without = search(scene)
    settle(
        "read-only reentrancy on the share's value",
        "PerpVault",
        "locked views",
        UNIT,
        found.profits,
        without.profits,
    )
