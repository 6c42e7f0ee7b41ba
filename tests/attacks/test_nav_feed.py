# SPDX-License-Identifier: AGPL-3.0-only
"""Moving the NAV feed inside a transaction. Time stands still here, so that calls
one after another see what the calls of one transaction would see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend, Receipt
from inverse_index.model.token.nav import per_share_down
from tests.systems import Bench, deploy_bench, make_aave_plan, make_plan
from tests.unit.nav_feed.conftest import nav_feed
from tests.unit.token.actions import deploy_on

UNIT, SHARE, WAD = 10**6, 10**18, 10**18
STEPS = {
    "netted in and out": [400, -400] * 3,
    "netted in many parts": [50] * 8 + [-50] * 8,
    "hedged in and out": [50_000, -49_000],
    "hedged in, out in parts": [90_000, -30_000, -400, -30_000, -400],
    "out and in": [-400, 400, -20_000, 20_000],
}


@pytest.fixture
def bench(chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str) -> Bench:
    """100,000 of the depositor's, 50,000 of the attacker's shares."""
    made = deploy_bench(chain, owner, keeper)
    for holder, paid in ((depositor, 100_000), (attacker, 50_000)):
        made.fund(holder)
        made.deposit(paid * UNIT, holder)
    made.move(2, 600)
    return made


def mid_wealth(bench: Bench, attacker: str, per_share: int) -> int:
    """Native: his collateral, and his shares at so much each (WAD)."""
    shares: int = bench.token.balanceOf(attacker)
    held: int = bench.system.collateral.balanceOf(attacker)
    return held + shares * per_share // 10**30


def act(bench: Bench, attacker: str, whole: int) -> Receipt:
    """Pay whole units in, or redeem as many shares."""
    if whole > 0:
        return bench.deposit(whole * UNIT, attacker)
    return bench.redeem(-whole * SHARE, attacker)


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_flows_raise_it_only_by_what_they_pay(
    bench: Bench, attacker: str, steps: list[int]
) -> None:
    """It stays below the value at mid prices; and what that gains for everybody, the
    attacker included, he has paid before, or the venue in a trade that it was glad of. [F-NAV-6]"""
    feed = nav_feed(bench)
    for step in steps:
        answer, mid = feed.latestAnswer(), bench.token.nav_per_share()
        before, reserve = mid_wealth(bench, attacker, mid), bench.token.state().flows.reserve
        receipt = act(bench, attacker, step)
        assert answer <= feed.latestAnswer() < bench.token.nav_per_share()
        paid = before - mid_wealth(bench, attacker, mid)
        state = bench.token.state()
        gained = (bench.token.nav_per_share() - mid) * state.supply // 10**30
        from_venue = sum(-e.cost for e in bench.token.events(receipt) if e.name == "FlowHedged")
        assert gained <= paid - (state.flows.reserve - reserve) + max(from_venue, 0) + 2
    bench.check()


def test_the_fees_of_flows_that_wait_are_not_in_it(bench: Bench, attacker: str) -> None:
    feed = nav_feed(bench)
    act(bench, attacker, 400)
    report = bench.report()
    assert report.state.flows.reserve == 400_000  # 10 bp
    spread = report.mid - report.ask
    without = report.held.idle + report.held.equity - 400_000 - spread
    assert feed.latestAnswer() == per_share_down(without, report.state.supply, 10**12)


def test_a_rebalance_lifts_it_to_mid_at_most(bench: Bench, attacker: str) -> None:
    """It releases the reserve, and takes exposure away that the spread was counted on. [F-NAV-6]"""
    feed = nav_feed(bench)
    act(bench, attacker, 700)
    act(bench, attacker, 700)
    reserve, supply = bench.token.state().flows.reserve, bench.token.state().supply
    answer, mid = feed.latestAnswer(), bench.token.nav_per_share()
    assert bench.token.due().triggers != 0
    receipt = bench.rebalance()
    (event,) = [e for e in bench.token.events(receipt) if e.name == "Rebalanced"]
    released = (reserve + max(-event.cost, 0)) * 10**30 // supply
    assert answer < feed.latestAnswer() < bench.token.nav_per_share() <= mid + released
    bench.check()


@pytest.mark.parametrize("place", ["vault", "token", "quoter", "exchange", "oracle"])
def test_a_gift_does_not_move_it(bench: Bench, attacker: str, place: str) -> None:
    """[F-NAV-6]"""
    feed = nav_feed(bench)
    answer = feed.latestRoundData()
    bench.system.collateral.transfer(bench.system.addresses()[place], 10**6 * UNIT, sender=attacker)
    bench.system.collateral.transfer(feed, 10**6 * UNIT, sender=attacker)
    assert feed.latestRoundData() == answer


def test_shares_given_away_do_not_move_it(bench: Bench, attacker: str, second_holder: str) -> None:
    feed = nav_feed(bench)
    answer = feed.latestAnswer()
    bench.token.transfer(second_holder, 40_000 * SHARE, sender=attacker)
    bench.token.transfer(bench.token, 9_000 * SHARE, sender=attacker)
    assert feed.latestAnswer() == answer


def test_a_trade_on_the_venue_does_not_move_it(bench: Bench, attacker: str) -> None:
    """The shorts are valued at the oracle's prices, not at the venue's own. [F-NAV-6]"""
    feed = nav_feed(bench)
    answer = feed.latestAnswer()
    exchange, collateral = bench.system.venue.exchange, bench.system.collateral
    collateral.approve(exchange, 2**256 - 1, sender=attacker)
    exchange.deposit(10**6 * UNIT, sender=attacker)
    size = 100 * WAD
    for delta in (size, -2 * size):
        order = {"market": 0, "delta": delta, "limit": 2**256 - 1 if delta > 0 else 0}
        exchange.trade([order], sender=attacker)
        assert feed.latestAnswer() == answer


def test_on_aave_a_gift_is_worth_what_it_costs(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """What is supplied for the vault, or repaid, cannot be told from its own: it is
    everybody's, and whoever gave it is poorer by as much."""
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(1))
    bench.fund(depositor)
    bench.fund(attacker)
    bench.deposit(100_000 * UNIT, depositor)
    feed = nav_feed(bench)
    answer, supply = feed.latestAnswer(), bench.token.state().supply
    pool = bench.system.venue.pool
    collateral = bench.system.collateral
    collateral.approve(pool, 2**256 - 1, sender=attacker)
    gift = 1_000 * UNIT
    pool.supply(collateral, gift, bench.system.vault, 0, sender=attacker)
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
    bench = deploy_on(chain, owner, keeper, make_plan(), collateral)
    bench.system = replace(bench.system, collateral=collateral)
    bench.fund(depositor)
    bench.deposit(100_000 * UNIT, depositor)
    feed = nav_feed(bench)
    collateral.set_callback(feed, feed.method(function).encode(), sender=attacker)
    actions = (
        lambda: bench.deposit(assets, depositor),
        lambda: bench.redeem(assets * 10**12, depositor),
        bench.rebalance,
    )
    for place, action in enumerate(actions):
        made = collateral.calls()
        if place == 2:
            chain.increase_time(90_000)
        action()
        assert collateral.calls() > made
        assert collateral.call_succeeded() is False
    bench.check()
    # Outside of an action it can: the same call, from a transfer between others.
    collateral.transfer(attacker, 1, sender=depositor)
    assert collateral.call_succeeded() is True


def test_nor_in_the_middle_of_the_venue_s(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """A deposit to the exchange locks the accounts that the value is read from. [F-NAV-7]"""
    collateral = chain.deploy("HostileToken", 6, sender=owner)
    bench = deploy_on(chain, owner, keeper, make_plan(), collateral)
    bench.system = replace(bench.system, collateral=collateral)
    bench.fund(depositor)
    bench.deposit(100_000 * UNIT, depositor)
    feed, exchange = nav_feed(bench), bench.system.venue.exchange
    collateral.set_callback(feed, feed.latestAnswer.encode(), sender=attacker)
    collateral.mint(attacker, UNIT, sender=attacker)
    collateral.approve(exchange, UNIT, sender=attacker)
    exchange.deposit(UNIT, sender=attacker)
    assert collateral.call_succeeded() is False
