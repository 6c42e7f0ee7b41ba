# SPDX-License-Identifier: AGPL-3.0-only
"""What the keeper is paid: 0 when due, rising with time to a cap, once."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.triggers import Trigger
from tests.support.assertions import no_event, only_event
from tests.support.constants import DAY
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import MONTH, rebalance, refused, set_parameters

RAMP = 3_600


@pytest.fixture
def quiet(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """50,000 paid in, no epoch for weeks."""
    harness = deploy_harness(chain, owner, keeper, make_plan(epoch_interval=MONTH))
    harness.fund(depositor)
    harness.deposit(50_000 * 10**6, depositor)
    return harness


def paid(harness: SystemHarness, receiver: str, before: int) -> int:
    return int(harness.system.collateral.balanceOf(receiver)) - before


@pytest.mark.parametrize(
    ("late", "share"),
    [
        (0, 0),
        (1, WAD // RAMP),
        (RAMP // 2, WAD // 2),
        (RAMP - 1, (RAMP - 1) * WAD // RAMP),
        (RAMP, WAD),
        (5 * RAMP, WAD),
        (3 * DAY, WAD),
    ],
)
def test_ramp_since_the_epoch(held: SystemHarness, keeper: str, late: int, share: int) -> None:
    """10 bps of N of 99,925: the absolute cap of 100 does not bind. [T-RWD-1]"""
    held.chain.increase_time(DAY + late)
    n = held.report().mid
    expected = n * 10 // 10_000 * share // WAD
    assert held.token.due().reward == expected
    done = rebalance(held)
    assert done.reward == paid(held, keeper, 0) == expected
    assert done.nav_after == done.nav_before - done.cost - expected


def test_the_receipt_of_a_payment(held: SystemHarness, keeper: str) -> None:
    held.chain.increase_time(DAY + RAMP)
    reward = held.token.due().reward
    assert held.token.rebalance.call(sender=keeper) == reward
    receipt = held.rebalance()
    only_event(receipt, held.system.vault, "Paid", receiver=keeper, amount=reward)
    held.check()


def test_nothing_is_paid_for_nothing(held: SystemHarness) -> None:
    held.chain.increase_time(DAY)
    no_event(held.rebalance(), held.system.vault, "Paid")


def test_absolute_cap(held: SystemHarness, depositor: str, keeper: str) -> None:
    """[T-RWD-2]"""
    held.deposit(200_000 * 10**6, depositor)
    held.chain.increase_time(DAY + RAMP)
    assert held.report().mid * 10 // 10_000 > 290 * 10**6
    assert rebalance(held).reward == paid(held, keeper, 0) == 100 * 10**6


@pytest.mark.parametrize("decimals", [8, 18])
def test_absolute_cap_in_whole_units(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, decimals: int
) -> None:
    """[T-RWD-2]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=decimals))
    harness.fund(depositor)
    harness.deposit(300_000 * harness.system.unit, depositor)
    harness.chain.increase_time(DAY + RAMP)
    assert rebalance(harness).reward == 100 * harness.system.unit


def test_a_second_call_earns_nothing(held: SystemHarness, keeper: str) -> None:
    """[T-DUE-10] [T-RWD-8]"""
    held.chain.increase_time(DAY + RAMP)
    reward = rebalance(held).reward
    with refused(held, "token: rebalance not due"):
        held.token.rebalance(sender=keeper)
    assert paid(held, keeper, 0) == reward


def test_to_somebody_else(held: SystemHarness, keeper: str, second_holder: str) -> None:
    """[T-RWD-7]"""
    before = held.system.collateral.balanceOf(second_holder)
    held.chain.increase_time(DAY + RAMP)
    reward = held.token.due().reward
    receipt = held.token.rebalance(second_holder, sender=keeper)
    assert paid(held, second_holder, before) == reward > 0
    assert paid(held, keeper, 0) == 0
    (event,) = [e for e in held.token.events(receipt) if e.name == "Rebalanced"]
    assert (event.args["keeper"], event.args["reward"]) == (keeper, reward)


def test_a_contract_may_be_the_keeper(
    held: SystemHarness, chain: LocalBackend, trader: str
) -> None:
    """Nothing asks for an account without code. [T-RWD-7]"""
    robot: Contract = chain.deploy("HostileToken", 18, sender=trader)
    robot.set_callback(held.token, held.token.rebalance.encode(), sender=trader)
    held.chain.increase_time(DAY + RAMP)
    reward = held.token.due().reward
    receipt = robot.transfer(trader, 0, sender=trader)
    assert robot.call_succeeded()
    assert paid(held, robot.address, 0) == reward > 0
    (event,) = [e for e in held.token.events(receipt) if e.name == "Rebalanced"]
    assert event.args["keeper"] == robot.address


def test_drift_begins_with_the_price(quiet: SystemHarness) -> None:
    """At once only for the depth beyond the band's edge; then with time as well. [T-RWD-3]"""
    quiet.move(6, 500)
    depth = _depth(quiet)
    assert 0 < depth < WAD // 25
    assert quiet.token.due().reward == _cap(quiet) * depth // WAD
    quiet.chain.increase_time(RAMP // 2)
    assert quiet.token.due().reward == _cap(quiet) // 2
    rebalance(quiet)


def test_drift_earns_with_its_depth(quiet: SystemHarness) -> None:
    """[T-RWD-3]"""
    shares = []
    for percent in (8, 8, 8):
        quiet.move(percent)
        share = _depth(quiet)
        assert quiet.token.due().reward == _cap(quiet) * share // WAD
        shares.append(share)
        quiet.check()
    assert shares == sorted(set(shares))


def test_too_little_leverage_earns_with_its_depth(quiet: SystemHarness) -> None:
    """Below the band as above it. [T-RWD-3]"""
    quiet.move(-10, 100)
    below = 9 * WAD // 10 - quiet.report().leverage
    share = below * WAD // (9 * WAD // 10)
    assert tuple(quiet.token.due()) == (Trigger.DRIFT, _cap(quiet) * share // WAD)
    assert WAD // 12 < share < WAD // 10
    quiet.chain.increase_time(RAMP // 4)
    assert quiet.token.due().reward == _cap(quiet) // 4
    quiet.check()
    rebalance(quiet)


def test_a_late_price_after_a_reset_restarts_the_drift(quiet: SystemHarness) -> None:
    """The clock is the newest price: a drift that comes with it has just begun."""
    quiet.move(-6)
    quiet.chain.increase_time(RAMP)
    assert quiet.token.due().reward == _cap(quiet)
    quiet.post(quiet.prices)
    assert quiet.token.due().reward < _cap(quiet) // 50


def test_emergency_pays_the_cap_at_once(quiet: SystemHarness, keeper: str) -> None:
    """[T-RWD-4]"""
    quiet.move(34)
    cap = _cap(quiet)
    assert rebalance(quiet).reward == paid(quiet, keeper, 0) == cap > 0


def test_netting_counts_from_the_flow(quiet: SystemHarness, depositor: str) -> None:
    quiet.chain.increase_time(RAMP)
    quiet.deposit(200 * 10**6, depositor)
    quiet.chain.increase_time(900)
    quiet.deposit(200 * 10**6, depositor)
    assert tuple(quiet.token.due()) == (Trigger.NETTING, 0)
    quiet.chain.increase_time(RAMP // 4)
    quiet.deposit(20 * 10**6, depositor)  # does not restart it
    set_parameters(quiet, reward_cap=1)
    assert quiet.token.due().reward == 250_000
    quiet.check()
    rebalance(quiet)


def test_netting_alone_earns_no_more_than_its_fees(quiet: SystemHarness, depositor: str) -> None:
    """420 of flows have left 0.42, though the cap is 50. [T-RWD-5]"""
    quiet.deposit(200 * 10**6, depositor)
    quiet.deposit(220 * 10**6, depositor)
    quiet.chain.increase_time(10 * RAMP)
    assert tuple(quiet.token.due()) == (Trigger.NETTING, 420_000)
    done = rebalance(quiet)
    assert done.reward == 420_000
    assert done.nav_after == done.nav_before - 420_000 - done.cost


def test_reconstitution_counts_from_its_time(  # whoever refreshes the oracle before
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str
) -> None:
    """[T-RWD-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(3, epoch_interval=MONTH))
    harness.fund(depositor)
    harness.deposit(50_000 * 10**6, depositor)
    weights = [WAD // 2, WAD // 4, WAD // 4]
    harness.system.oracle.schedule_reconstitution(weights, sender=owner)
    harness.model.oracle.schedule_reconstitution(weights, harness.now)
    harness.chain.increase_time(2 * DAY + RAMP // 4)
    assert harness.token.due().reward == _cap(harness) // 4
    harness.system.oracle.refresh(sender=trader)
    harness.model.oracle.refresh(harness.now)
    assert harness.token.due().reward == _cap(harness) // 4
    harness.chain.increase_time(RAMP // 4)
    assert tuple(harness.token.due()) == (Trigger.RECONSTITUTION, _cap(harness) // 2)
    rebalance(harness)


def test_chunks_have_their_own_clock(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """The emergency is paid once, what is left of it from the chunk's end of delay. [T-RWD-6]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(max_trade=(2 * WAD,)))
    harness.fund(depositor)
    harness.deposit(50_000 * 10**6, depositor)
    harness.move(40)
    assert rebalance(harness).reward > 0
    harness.chain.increase_time(60)
    assert harness.report().leverage >= 2 * WAD
    assert tuple(harness.token.due()) == (Trigger.CHUNK | Trigger.EMERGENCY | Trigger.DRIFT, 0)
    harness.chain.increase_time(RAMP // 2)
    half = _cap(harness) // 2
    assert rebalance(harness).reward == half


def test_no_reward_when_it_is_switched_off(held: SystemHarness, keeper: str) -> None:
    for changes in ({"reward_bps": 0}, {"reward_bps": 10, "reward_cap": 0}):
        set_parameters(held, **changes)
        held.chain.increase_time(2 * DAY)
        assert rebalance(held).reward == 0
    assert paid(held, keeper, 0) == 0


def _cap(harness: SystemHarness) -> int:
    p: Any = harness.plan.parameters
    return min(harness.report().mid * p.reward_bps // 10_000, p.reward_cap * harness.system.unit)


def _depth(harness: SystemHarness) -> int:
    """Part of the way from 1.1 to 2."""
    return (harness.report().leverage - 11 * WAD // 10) * WAD // (9 * WAD // 10)


def just_inside(harness: SystemHarness) -> None:
    """A rise of the index to a leverage of 1.0986, an hour ago: the band ends at 1.1."""
    harness.post({"C0": harness.prices["C0"] * 1047 // 1000})
    assert WAD * 109 // 100 < harness.report().leverage < WAD * 11 // 10
    harness.chain.increase_time(RAMP)
    assert tuple(harness.token.due()) == (0, 0)


def without_what_waits(harness: SystemHarness) -> int:
    """The leverage as if the waiting flows were not in N."""
    report = harness.report()
    return int(report.exposure * WAD // (report.mid - report.state.flows.unhedged))


def test_a_drift_by_waiting_flows_is_not_paid(quiet: SystemHarness, depositor: str) -> None:
    """Netted redemptions push the leverage over the band. Time pays nothing for it until
    a price takes the leverage there without them. [T-RWD-16]"""
    just_inside(quiet)
    quiet.redeem(200 * 10**18, depositor)
    assert tuple(quiet.token.due()) == (Trigger.DRIFT, 0)
    quiet.chain.increase_time(10 * RAMP)
    assert tuple(quiet.token.due()) == (Trigger.DRIFT, 0)
    quiet.post({"C0": quiet.prices["C0"] * 1001 // 1000})
    assert without_what_waits(quiet) > 11 * WAD // 10
    assert quiet.token.due().reward < _cap(quiet) // 100
    quiet.chain.increase_time(RAMP // 2)
    half = quiet.token.due().reward
    assert half == _cap(quiet) // 2
    quiet.redeem(10**18, depositor)  # of what is due already: the clock goes on
    assert quiet.token.due().reward * 1_000 > half * 999
    quiet.check()
    rebalance(quiet)


def test_waiting_flows_and_a_price_pay_the_fees(quiet: SystemHarness, depositor: str) -> None:
    """More than the tolerance waits, and with a price in between the leverage leaves its
    band, in which it would be without the flows. [T-RWD-5] [T-RWD-16]"""
    quiet.chain.increase_time(RAMP)
    for _ in range(2):
        quiet.redeem(230 * 10**18, depositor)
    quiet.post({"C0": quiet.prices["C0"] * 1047 // 1000})
    quiet.chain.increase_time(10 * RAMP)
    assert without_what_waits(quiet) < 11 * WAD // 10 < quiet.report().leverage
    fees = quiet.token.state().flows.reserve
    assert tuple(quiet.token.due()) == (Trigger.NETTING | Trigger.DRIFT, fees)
    assert 0 < fees < 500_000 < _cap(quiet) // 50
    quiet.check()
    rebalance(quiet)


def test_depth_counts_at_a_newer_price(quiet: SystemHarness, depositor: str) -> None:
    """And without what waits. [T-RWD-3] [T-RWD-16]"""
    just_inside(quiet)
    quiet.redeem(240 * 10**18, depositor)
    assert tuple(quiet.token.due()) == (Trigger.DRIFT, 0)
    quiet.chain.increase_time(1)
    quiet.post({"C0": quiet.prices["C0"] * 1002 // 1000})
    edge, emergency = WAD * 11 // 10, 2 * WAD
    share = (without_what_waits(quiet) - edge) * WAD // (emergency - edge)
    assert quiet.token.due().reward == _cap(quiet) * share // WAD > 0
    rebalance(quiet)


def test_fees_of_flows_that_have_cancelled_pay_nobody(quiet: SystemHarness, depositor: str) -> None:
    """In and out ten times, then two deposits that wait: their fees alone. [T-RWD-5]"""
    quiet.chain.increase_time(RAMP)
    for _ in range(10):
        quiet.deposit(200 * 10**6, depositor)
        quiet.redeem(200 * 10**18, depositor)
    assert quiet.token.state().flows.reserve < 2_000
    quiet.deposit(200 * 10**6, depositor)
    quiet.deposit(220 * 10**6, depositor)
    quiet.chain.increase_time(10 * RAMP)
    triggers, reward = quiet.token.due()
    assert triggers == Trigger.NETTING
    assert reward <= 420_000 + 2_000
    rebalance(quiet)


def test_the_rest_of_a_reset_pays_for_what_it_does(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """Chunk after chunk, each a ramp late: no more than a hundredth of what it corrects,
    however little is left for the last one, and `due` says no more than a hundredth of
    all that is left. [T-RWD-15]"""
    plan = make_plan(epoch_interval=MONTH, max_trade=(2 * WAD,))
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.move(6)
    parts = [rebalance(harness)]
    while not parts[-1].complete:
        harness.chain.increase_time(plan.parameters.chunk_delay + RAMP)
        before, due = harness.report(), harness.token.due()
        parts.append(rebalance(harness))
        assert due.triggers & Trigger.CHUNK
        left = abs(before.exposure - before.mid) + 10
        assert due.reward <= left // 100 < _cap(harness)
        assert 0 < parts[-1].reward <= due.reward
    assert len(parts) == 3
