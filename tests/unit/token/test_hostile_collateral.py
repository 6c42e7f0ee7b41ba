# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that lies, charges, blocks or calls back: accepted safely or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.assertions import reverts
from tests.support.exchange_harness import TERMS
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import deploy_on, refused

FALSE, NOTHING, LIES = 1, 2, 3
BIG, SMALL = 20_000 * 10**6, 10**8


@pytest.fixture
def hostile(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """Honest until a test says otherwise; 100,000 paid in."""
    collateral = chain.deploy("HostileToken", 6, sender=owner)
    harness = deploy_on(chain, owner, keeper, make_plan(), collateral)
    harness.system = replace(harness.system, collateral=collateral)  # with its own functions
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.check()
    return harness


def every_action(harness: SystemHarness, holder: str) -> None:
    """Netted and hedged, in and out, each exact side, and a rebalance."""
    harness.deposit(SMALL, holder)
    harness.deposit(BIG, holder)
    harness.mint(10**20, holder)
    harness.redeem(10**20, holder)
    harness.redeem(30_000 * 10**18, holder)
    harness.withdraw(SMALL, holder)
    harness.chain.increase_time(90_000)
    harness.rebalance()
    harness.check()


def test_honest(hostile: SystemHarness, depositor: str) -> None:
    every_action(hostile, depositor)


def test_without_return_values(hostile: SystemHarness, depositor: str) -> None:
    """As the oldest stablecoin: everything works. [T-ERC-5]"""
    hostile.system.collateral.set_answer(NOTHING, sender=depositor)
    every_action(hostile, depositor)


@pytest.mark.parametrize("assets", [SMALL, BIG])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [(FALSE, "token: collateral transfer failed"), (LIES, "vault: collateral not received")],
)
def test_nothing_came_in(
    hostile: SystemHarness, depositor: str, assets: int, answer: int, reason: str
) -> None:
    """[T-ERC-6]"""
    hostile.system.collateral.set_answer(answer, sender=depositor)
    with refused(hostile, reason):
        hostile.token.deposit(assets, depositor, sender=depositor)


def test_false_on_the_way_out(hostile: SystemHarness, depositor: str) -> None:
    """[T-ERC-5]"""
    hostile.system.collateral.set_answer(FALSE, sender=depositor)
    with refused(hostile, "vault: collateral not sent"):
        hostile.token.redeem(10**20, depositor, depositor, sender=depositor)
    hostile.chain.increase_time(90_000)
    with refused(hostile, "vault: collateral not sent"):
        hostile.token.rebalance(sender=hostile.keeper)


@pytest.mark.parametrize("assets", [SMALL, BIG])
def test_a_fee_on_the_way(hostile: SystemHarness, depositor: str, assets: int) -> None:
    """Switched on later: no more deposits, but holders get out at their own cost. [T-ERC-6]"""
    hostile.system.collateral.set_fee(1, sender=depositor)
    with refused(hostile, "vault: collateral not received"):
        hostile.token.deposit(assets, depositor, sender=depositor)
    before = hostile.system.collateral.balanceOf(depositor)
    paid = hostile.token.previewRedeem(10**20)
    hostile.token.redeem(10**20, depositor, depositor, sender=depositor)
    got = hostile.system.collateral.balanceOf(depositor) - before
    assert got == paid - paid // 10_000


def test_a_blocked_holder_names_another_receiver(
    hostile: SystemHarness, depositor: str, second_holder: str
) -> None:
    """[T-ERC-8]"""
    hostile.system.collateral.set_blocked(depositor, True, sender=depositor)
    with refused(hostile, "mock: account blocked"):
        hostile.token.redeem(10**20, depositor, depositor, sender=depositor)
    with refused(hostile, "mock: account blocked"):
        hostile.token.deposit(SMALL, depositor, sender=depositor)
    hostile.token.redeem(10**20, second_holder, depositor, sender=depositor)
    assert hostile.system.collateral.balanceOf(second_holder) > 99 * 10**6


def test_a_blocked_keeper_stops_only_himself(
    hostile: SystemHarness, keeper: str, trader: str
) -> None:
    """[T-ERC-8]"""
    hostile.system.collateral.set_blocked(keeper, True, sender=keeper)
    hostile.chain.increase_time(90_000)
    with refused(hostile, "mock: account blocked"):
        hostile.token.rebalance(sender=keeper)
    receipt = hostile.token.rebalance(trader, sender=keeper)
    (event,) = [e for e in hostile.token.events(receipt) if e.name == "Rebalanced"]
    assert hostile.system.collateral.balanceOf(trader) == event.args["reward"] > 0


def test_a_blocked_fee_recipient_stops_nobody(
    hostile: SystemHarness, owner: str, depositor: str
) -> None:
    """The fee is shares; only the recipient's own redemption waits. [T-ERC-8]"""
    hostile.system.collateral.set_blocked(owner, True, sender=depositor)
    every_action(hostile, depositor)
    assert hostile.token.balanceOf(owner) > 0


REENTRIES = {
    "deposit": (10**8, 0),
    "mint": (10**18, 0),
    "withdraw": (10**6, 0, 0),
    "redeem": (10**18, 0, 0),
    "rebalance": (),
    "accrue_fee": (),
    "totalAssets": (),
    "convertToAssets": (10**18,),
    "convertToShares": (10**6,),
    "previewDeposit": (10**8,),
    "previewMint": (10**18,),
    "previewRedeem": (10**18,),
    "previewWithdraw": (10**6,),
    "maxDeposit": (0,),
    "maxRedeem": (0,),
    "nav_per_share": (),
    "state": (),
    "due": (),
}


@pytest.mark.parametrize("name", REENTRIES)
@pytest.mark.parametrize("assets", [SMALL, BIG])
def test_reentering_the_token(
    hostile: SystemHarness, depositor: str, attacker: str, name: str, assets: int
) -> None:
    """From inside every transfer of a deposit and a redemption: locked, views too, so
    that no half-finished value is ever read. [T-ERC-7]"""
    collateral: Contract = hostile.system.collateral
    arguments = [collateral.address if value == 0 else value for value in REENTRIES[name]]
    payload = hostile.token.method(name).encode(*arguments)
    collateral.set_callback(hostile.token, payload, sender=attacker)
    hostile.deposit(assets, depositor)
    assert collateral.calls() >= 1
    assert collateral.call_succeeded() is False
    made = collateral.calls()
    hostile.redeem(10**20, depositor)
    assert collateral.calls() == made + 1
    assert collateral.call_succeeded() is False
    hostile.check()


@pytest.mark.parametrize("part", ["views", "lens"])
def test_reading_the_token_from_inside(
    hostile: SystemHarness, depositor: str, attacker: str, part: str
) -> None:
    """Through the parts that read it: they meet the same lock. [T-ERC-7]"""
    collateral = hostile.system.collateral
    target = getattr(hostile.system, part)
    name = {"views": "nav", "lens": "report"}[part]
    collateral.set_callback(
        target, target.method(name).encode(hostile.token.address), sender=attacker
    )
    hostile.deposit(SMALL, depositor)
    assert collateral.calls() == 1
    assert collateral.call_succeeded() is False
    hostile.check()


def test_moving_shares_from_inside_is_harmless(
    hostile: SystemHarness, depositor: str, attacker: str
) -> None:
    """The plain ERC-20 functions carry no lock: they touch nobody's value."""
    collateral = hostile.system.collateral
    hostile.token.approve(collateral, 10**18, sender=depositor)
    payload = hostile.token.transferFrom.encode(depositor, attacker, 10**18)
    collateral.set_callback(hostile.token, payload, sender=attacker)
    shares = hostile.token.previewDeposit(SMALL)
    before = hostile.token.balanceOf(depositor)
    hostile.token.deposit(SMALL, depositor, sender=depositor)
    assert collateral.call_succeeded() is True
    assert hostile.token.balanceOf(attacker) == 10**18
    assert hostile.token.balanceOf(depositor) == before + shares - 10**18


def test_shares_that_leave_before_they_are_burned(
    hostile: SystemHarness, depositor: str, attacker: str
) -> None:
    """Redemption burns before it pays: the same shares cannot be sold twice. [T-RED-18]"""
    collateral = hostile.system.collateral
    everything = hostile.token.balanceOf(depositor)
    hostile.token.approve(collateral, everything, sender=depositor)
    payload = hostile.token.transferFrom.encode(depositor, attacker, everything)
    collateral.set_callback(hostile.token, payload, sender=attacker)
    hostile.token.redeem(10**20, depositor, depositor, sender=depositor)
    assert collateral.call_succeeded() is False
    assert hostile.token.balanceOf(attacker) == 0


def test_at_deployment_decimals_must_be_known(chain: LocalBackend, owner: str) -> None:
    with reverts("exchange: collateral has over 18 decimals"):
        collateral = chain.deploy("HostileToken", 19, sender=owner)
        chain.deploy("LiquidityPool", collateral, owner, *TERMS, sender=owner)
