# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper who has his reward sent to one of the parts, or a holder his redemption:
it is lost to him, and nobody's books notice."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.attack_grid import at_prices, attempt, wealth
from tests.support.constants import DAY
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6


@pytest.fixture(scope="module", params=["perp", "aave"])
def due(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
) -> SystemHarness:
    """Two holders; a reward has grown for hours."""
    plan = make_plan() if request.param == "perp" else make_aave_plan()
    harness = deploy_harness(chain, owner, keeper, plan)
    for holder in (depositor, second_holder):
        harness.fund(holder)
        harness.deposit(60_000 * UNIT, holder)
    chain.increase_time(DAY + 7_200)
    at_prices(harness, 990)
    harness.system.follow_prices({"C0": 1_980 * 10**8}, owner)
    return harness


def everybody_out(harness: SystemHarness, holders: tuple[str, ...]) -> int:
    for holder in holders:
        shares = harness.token.balanceOf(holder)
        harness.token.redeem(shares, holder, holder, 0, sender=holder)
    return wealth(harness, *holders)


def test_of_a_rebalance(
    due: SystemHarness, depositor: str, second_holder: str, attacker: str
) -> None:
    """Whoever gets it, the holders have the same left, and all of them get out with it."""
    holders = (depositor, second_holder)

    def left(receiver: str) -> int:
        due.token.rebalance(receiver, sender=attacker)
        worth = wealth(due, *holders)
        return worth * 10**20 + everybody_out(due, holders)

    usual = attempt(due.chain, lambda: left(attacker))
    assert usual is not None
    parts = due.system.addresses()
    if due.system.venue.kind == "aave":
        parts["claims"] = due.system.venue.receipts["USDC"][0].address
    for name in (
        "vault",
        "token",
        "oracle",
        "policy",
        "reset_policy",
        "views",
        "collateral",
        "exchange",
        "pool",
        "claims",
    ):
        if name not in parts:
            continue
        reached = attempt(due.chain, lambda p=parts[name]: left(p))
        refused = name == "collateral" and reached is None  # USDC refuses itself
        assert refused or reached == usual, name


def test_of_a_redemption(due: SystemHarness, depositor: str, second_holder: str) -> None:
    """Small or large: who stays is worth at least as much as when the holder takes it."""

    def left(receiver: str, shares: int) -> int:
        due.token.redeem(shares, receiver, depositor, sender=depositor)
        worth = wealth(due, second_holder)
        due.token.rebalance(sender=second_holder)
        everybody_out(due, (depositor, second_holder))
        assert due.token.totalSupply() == due.token.balanceOf(due.owner)  # the streaming fee
        return worth

    for shares in (10**18, 300 * 10**18, 30_000 * 10**18):
        usual = attempt(due.chain, lambda n=shares: left(depositor, n))
        assert usual is not None
        for name in ("vault", "token", "oracle"):
            part = due.system.addresses()[name]
            assert attempt(due.chain, lambda p=part, n=shares: left(p, n)) == usual, name
