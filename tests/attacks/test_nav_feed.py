# SPDX-License-Identifier: AGPL-3.0-only
"""Moving the NAV feed inside a transaction. Time stands still here, so that calls
one after another see what the calls of one transaction would see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend, Receipt
from inverse_index.model.token.nav import per_share_down
from tests.support.constants import MAX_UINT256, WAD
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import deploy_on
from tests.unit.nav_feed.conftest import nav_feed

UNIT, SHARE = 10**6, 10**18
STEPS = {
    "netted in and out": [400, -400] * 3,
    "netted in many parts": [50] * 8 + [-50] * 8,
    "hedged in and out": [50_000, -49_000],
    "hedged in, out in parts": [90_000, -30_000, -400, -30_000, -400],
    "out and in": [-400, 400, -20_000, 20_000],
}


@pytest.fixture
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> SystemHarness:
    """100,000 of the depositor's, 50,000 of the attacker's shares."""
    made = deploy_harness(chain, owner, keeper)
    for holder, paid in ((depositor, 100_000), (attacker, 50_000)):
        made.fund(holder)
        made.deposit(paid * UNIT, holder)
    made.move(2, 600)
    return made


def mid_wealth(harness: SystemHarness, attacker: str, per_share: int) -> int:
    """Native: his collateral, and his shares at so much each (WAD)."""
    shares: int = harness.token.balanceOf(attacker)
    held: int = harness.system.collateral.balanceOf(attacker)
    return held + shares * per_share // 10**30


def act(harness: SystemHarness, attacker: str, whole: int) -> Receipt:
    """Pay whole units in, or redeem as many shares."""
    if whole > 0:
        return harness.deposit(whole * UNIT, attacker)
    return harness.redeem(-whole * SHARE, attacker)


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_flows_raise_it_only_by_what_they_pay(
    harness: SystemHarness, attacker: str, steps: list[int]
) -> None:
    """It stays below the value at mid prices; and what that gains for everybody, the
    attacker included, he has paid before, or the venue in a trade that it was glad of. [F-NAV-6]"""
    feed = nav_feed(harness)
    for step in steps:
        answer, mid = feed.latestAnswer(), harness.token.nav_per_share()
        before, reserve = mid_wealth(harness, attacker, mid), harness.token.state().flows.reserve
        receipt = act(harness, attacker, step)
        assert answer <= feed.latestAnswer() < harness.token.nav_per_share()
        paid = before - mid_wealth(harness, attacker, mid)
        state = harness.token.state()
        gained = (harness.token.nav_per_share() - mid) * state.supply // 10**30
        from_venue = sum(-e.cost for e in harness.token.events(receipt) if e.name == "FlowHedged")
        assert gained <= paid - (state.flows.reserve - reserve) + max(from_venue, 0) + 2
    harness.check()


def test_the_fees_of_flows_that_wait_are_not_in_it(harness: SystemHarness, attacker: str) -> None:
    feed = nav_feed(harness)
    act(harness, attacker, 400)
    report = harness.report()
    assert report.state.flows.reserve == 400_000  # 10 bp
    spread = report.mid - report.ask
    without = report.held.idle + report.held.equity - 400_000 - spread
    assert feed.latestAnswer() == per_share_down(without, report.state.supply, 10**12)


def test_a_rebalance_lifts_it_to_mid_at_most(harness: SystemHarness, attacker: str) -> None:
    """It releases the reserve, and takes exposure away that the spread was counted on. [F-NAV-6]"""
    feed = nav_feed(harness)
    act(harness, attacker, 700)
    act(harness, attacker, 700)
    harness.move(0, harness.plan.parameters.reward_ramp)
    reserve, supply = harness.token.state().flows.reserve, harness.token.state().supply
    answer, mid = feed.latestAnswer(), harness.token.nav_per_share()
    assert harness.token.due().triggers != 0
    receipt = harness.rebalance()
    (event,) = [e for e in harness.token.events(receipt) if e.name == "Rebalanced"]
    released = (reserve + max(-event.cost, 0)) * 10**30 // supply
    assert answer < feed.latestAnswer() < harness.token.nav_per_share() <= mid + released
    harness.check()


@pytest.mark.parametrize("place", ["vault", "token", "policy", "views", "exchange", "oracle"])
def test_a_gift_does_not_move_it(harness: SystemHarness, attacker: str, place: str) -> None:
    """[F-NAV-6]"""
    feed = nav_feed(harness)
    answer = feed.latestRoundData()
    harness.system.collateral.transfer(
        harness.system.addresses()[place], 10**6 * UNIT, sender=attacker
    )
    harness.system.collateral.transfer(feed, 10**6 * UNIT, sender=attacker)
    assert feed.latestRoundData() == answer


def test_shares_given_away_do_not_move_it(
    harness: SystemHarness, attacker: str, second_holder: str
) -> None:
    feed = nav_feed(harness)
    answer = feed.latestAnswer()
    harness.token.transfer(second_holder, 40_000 * SHARE, sender=attacker)
    harness.token.transfer(harness.token, 9_000 * SHARE, sender=attacker)
    assert feed.latestAnswer() == answer


def test_a_trade_on_the_venue_does_not_move_it(harness: SystemHarness, attacker: str) -> None:
    """The shorts are valued at the oracle's prices, not at the venue's own. [F-NAV-6]"""
    feed = nav_feed(harness)
    answer = feed.latestAnswer()
    exchange, collateral = harness.system.venue.exchange, harness.system.collateral
    collateral.approve(exchange, MAX_UINT256, sender=attacker)
    exchange.deposit(10**6 * UNIT, sender=attacker)
    size = 100 * WAD
    for delta in (size, -2 * size):
        order = {"market": 0, "delta": delta, "limit": MAX_UINT256 if delta > 0 else 0}
        exchange.trade([order], sender=attacker)
        assert feed.latestAnswer() == answer


def test_on_aave_a_gift_is_worth_what_it_costs(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """What is supplied for the vault, or repaid, cannot be told from its own: it is
    everybody's, and whoever gave it is poorer by as much."""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(1))
    harness.fund(depositor)
    harness.fund(attacker)
    harness.deposit(100_000 * UNIT, depositor)
    feed = nav_feed(harness)
    answer, supply = feed.latestAnswer(), harness.token.state().supply
    pool = harness.system.venue.pool
    collateral = harness.system.collateral
    collateral.approve(pool, MAX_UINT256, sender=attacker)
    gift = 1_000 * UNIT
    pool.supply(collateral, gift, harness.system.vault, 0, sender=attacker)
    raised = feed.latestAnswer() - answer
    assert 0 < raised <= gift * 10**30 // supply


@pytest.mark.parametrize("assets", [10**8, 20_000 * 10**6])
@pytest.mark.parametrize("function", ["latestRoundData", "latestAnswer"])
def test_it_cannot_be_read_in_the_middle_of_an_action(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
    assets: int,
    function: str,
) -> None:
    """Collateral that calls the feed from inside each transfer finds the token locked. [F-NAV-7]"""
    collateral = chain.deploy("HostileToken", 6, sender=owner)
    harness = deploy_on(chain, owner, keeper, make_plan(), collateral)
    harness.system = replace(harness.system, collateral=collateral)
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    feed = nav_feed(harness)
    collateral.set_callback(feed, feed.method(function).encode(), sender=attacker)
    actions = (
        lambda: harness.deposit(assets, depositor),
        lambda: harness.redeem(assets * 10**12, depositor),
        harness.rebalance,
    )
    for place, action in enumerate(actions):
        made = collateral.calls()
        if place == 2:
            chain.increase_time(90_000)
        action()
        assert collateral.calls() > made
        assert collateral.call_succeeded() is False
    harness.check()
    # Outside of an action it can: the same call, from a transfer between others.
    collateral.transfer(attacker, 1, sender=depositor)
    assert collateral.call_succeeded() is True


def test_nor_in_the_middle_of_the_venue_s(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """A deposit to the exchange locks the accounts that the value is read from. [F-NAV-7]"""
    collateral = chain.deploy("HostileToken", 6, sender=owner)
    harness = deploy_on(chain, owner, keeper, make_plan(), collateral)
    harness.system = replace(harness.system, collateral=collateral)
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    feed, exchange = nav_feed(harness), harness.system.venue.exchange
    collateral.set_callback(feed, feed.latestAnswer.encode(), sender=attacker)
    collateral.mint(attacker, UNIT, sender=attacker)
    collateral.approve(exchange, UNIT, sender=attacker)
    exchange.deposit(UNIT, sender=attacker)
    assert collateral.call_succeeded() is False
