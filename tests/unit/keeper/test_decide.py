# SPDX-License-Identifier: AGPL-3.0-only
"""The pure decision, on reports of a real token."""

from __future__ import annotations

from typing import Any

from inverse_index.chain import LocalBackend
from inverse_index.keeper import Blocked, Observe, Policy, Rebalance, Seen, Wait, decide
from inverse_index.keeper.decide import due_at, gas_cost_up, next_event, trigger_names
from inverse_index.model.policy.triggers import Trigger
from tests.support.constants import DAY, START, WAD
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import rebalance

USDC = 10**6
GWEI = 10**9
CAP = 99_900_000  # 10 basis points of 99,900 USDC


def seen(harness: SystemHarness, **more: Any) -> Seen:
    return Seen(harness.report(), **more)


def at_epoch(harness: SystemHarness, seconds: int = 0) -> Seen:
    """That long after the boundary, the price unchanged."""
    harness.move(0, DAY)
    harness.chain.increase_time(START + DAY + seconds - harness.now) if seconds else None
    return seen(harness)


def test_no_shares(chain: Any, owner: str, keeper: str) -> None:
    empty = deploy_harness(chain, owner, keeper, make_plan())
    assert decide(seen(empty), Policy(), empty.now) == Wait(None, "no shares exist")


def test_not_due_waits_for_the_epoch(harness: SystemHarness) -> None:
    assert decide(seen(harness), Policy(), START) == Wait(START + DAY, "not due")
    assert decide(seen(harness), Policy(), START + DAY - 1) == Wait(START + DAY, "not due")


def test_due_at_the_boundary_without_reward(harness: SystemHarness) -> None:
    harness.move(0, DAY)
    assert harness.now == START + DAY
    assert decide(seen(harness), Policy(), harness.now) == Rebalance(Trigger.EPOCH, 0, None)


def test_triggers_and_reward_are_the_contracts(harness: SystemHarness) -> None:
    at_epoch(harness)
    for seconds in (0, 1, 1_800, 3_599, 3_600, 4_000):
        if seconds:
            harness.chain.increase_time(START + DAY + seconds - harness.now)
        due = harness.token.due()
        assert due_at(harness.report(), harness.now) == (due.triggers, due.reward)


def test_waits_until_the_second_in_which_the_reward_is_high_enough(harness: SystemHarness) -> None:
    action = decide(at_epoch(harness), Policy(min_reward=50 * USDC), START + DAY)
    moment = START + DAY + -(-50 * USDC * 3_600 // CAP)
    assert action == Wait(moment, "reward 0 below 50")
    harness.chain.increase_time(moment - 1 - harness.now)
    assert harness.token.due().reward < 50 * USDC
    harness.chain.increase_time(1)
    assert harness.token.due().reward >= 50 * USDC
    later = decide(seen(harness), Policy(min_reward=50 * USDC), harness.now)
    assert later == Rebalance(Trigger.EPOCH, harness.token.due().reward, None)


def test_exactly_enough_is_enough(harness: SystemHarness) -> None:
    now = at_epoch(harness, 3_600)
    reward = now.report.reward
    assert isinstance(decide(now, Policy(min_reward=reward), harness.now), Rebalance)
    assert isinstance(decide(now, Policy(min_reward=reward + 1), harness.now), Wait)


def test_a_reward_that_is_never_reached(harness: SystemHarness) -> None:
    action = decide(at_epoch(harness), Policy(min_reward=101 * USDC), START + DAY)
    assert action == Wait(None, "reward 0 will not reach 101")


def test_gas_cost_in_collateral_rounds_up(harness: SystemHarness) -> None:
    policy = Policy(native_price=3_000 * WAD, priority_fee=GWEI)
    now = seen(harness, gas=250_000, base_fee=9 * GWEI)
    assert gas_cost_up(now, policy) == 7_500_000  # 250,000 * 10 gwei = 0.0025 coins
    assert gas_cost_up(seen(harness, gas=1, base_fee=0), policy) == 3
    one_wei = Policy(native_price=3_000 * WAD, priority_fee=0)
    assert gas_cost_up(seen(harness, gas=1, base_fee=1), one_wei) == 1
    assert gas_cost_up(now, Policy()) is None


def test_the_reward_must_cover_gas_and_margin(harness: SystemHarness) -> None:
    report = at_epoch(harness, 1_800).report
    reward = report.reward
    policy = Policy(native_price=WAD, priority_fee=0)
    # one gas at 1e12 wei is one millionth of a coin: one unit of collateral
    even = Seen(report, gas=reward, base_fee=10**12)
    dear = Seen(report, gas=reward + 1, base_fee=10**12)
    assert decide(even, policy, harness.now) == Rebalance(Trigger.EPOCH, reward, reward)
    wait = decide(dear, policy, harness.now)
    assert isinstance(wait, Wait) and wait.until == harness.now + 1
    with_margin = Policy(native_price=WAD, priority_fee=0, margin_bps=1)
    assert isinstance(decide(even, with_margin, harness.now), Wait)


def test_base_fee_above_the_limit(harness: SystemHarness) -> None:
    report = at_epoch(harness, 3_600).report
    policy = Policy(max_base_fee=50 * GWEI)
    assert decide(Seen(report, base_fee=80 * GWEI), policy, harness.now) == Wait(
        None, "base fee 80 gwei above 50 gwei"
    )
    assert isinstance(decide(Seen(report, base_fee=50 * GWEI), policy, harness.now), Rebalance)


def test_an_emergency_ignores_the_policy(harness: SystemHarness) -> None:
    harness.move(34)
    policy = Policy(min_reward=10**12, max_base_fee=0, native_price=10**30)
    now = seen(harness, gas=10**6, base_fee=10**12)
    action = decide(now, policy, harness.now)
    assert isinstance(action, Rebalance) and action.emergency
    assert action.triggers == Trigger.DRIFT | Trigger.EMERGENCY
    assert action.why == "drift and emergency"
    assert action.reward == harness.token.due().reward > 0


def test_unusable_prices_block(harness: SystemHarness) -> None:
    harness.chain.increase_time(8 * DAY)
    now = seen(harness, price_reason="oracle: stale price")
    assert not now.report.usable
    assert decide(now, Policy(), harness.now) == Blocked("oracle: stale price")


def test_the_venues_reason_blocks(harness: SystemHarness) -> None:
    now = at_epoch(harness).report
    refused = Seen(now, reason="vault: slippage above bound")
    assert decide(refused, Policy(), START + DAY) == Blocked("vault: slippage above bound")


def test_somebody_else_was_faster(harness: SystemHarness) -> None:
    late = Seen(at_epoch(harness).report, reason="token: rebalance not due")
    assert decide(late, Policy(), START + DAY) == Wait(None, "not due any more")


def test_wiped_out(harness: SystemHarness) -> None:
    harness.move(150)
    assert harness.report().mid == 0
    assert decide(seen(harness), Policy(), harness.now) == Blocked("token: no value left")


def test_next_event_is_the_end_of_a_chunks_delay(harness: SystemHarness) -> None:
    report = harness.report()
    reset = report.state.reset._replace(chunk_due_at=START + 60)
    chunked = report._replace(state=report.state._replace(reset=reset))
    assert next_event(chunked, START) == START + 60
    assert next_event(chunked, START + 60) is None


def test_the_rest_of_a_reset(chain: Any, owner: str, keeper: str, depositor: str) -> None:
    """Time raises its reward as far as there is something left to trade."""
    plan = make_plan(epoch_interval=30 * DAY, max_trade=(2 * WAD,))
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(100_000 * USDC, depositor)
    harness.move(6)
    rebalance(harness)
    chain.increase_time(plan.parameters.chunk_delay)
    begun, due_from = seen(harness), harness.now
    cap = begun.report.mid // 1_000
    assert decide(begun, Policy(min_reward=10 * USDC), harness.now) == Wait(
        due_from + -(-10 * USDC * 3_600 // cap), "reward 0 below 10"
    )
    chain.increase_time(3_600)
    full = harness.token.due().reward
    assert 10 * USDC < full < CAP
    late = seen(harness)
    assert due_at(late.report, harness.now) == (Trigger.CHUNK, full)
    wanted = decide(late, Policy(min_reward=CAP), harness.now)
    assert isinstance(wanted, Wait) and wanted.until is None
    assert "will not reach" in wanted.why


def test_next_event_is_a_change_of_units_before_the_epoch(harness: SystemHarness) -> None:
    report = harness.report()
    earlier = report._replace(composition=report.composition._replace(due_at=START + 5))
    assert next_event(earlier, START) == START + 5


def test_next_event_is_the_end_of_a_ramp_when_flows_wait(
    harness: SystemHarness, depositor: str
) -> None:
    """Above the tolerance; below it the epoch is next."""
    opened, ramp = harness.token.state().reset.at, harness.plan.parameters.reward_ramp
    harness.deposit(400 * 10**6, depositor)
    assert next_event(harness.report(), harness.now) == (harness.now // DAY + 1) * DAY
    harness.deposit(400 * 10**6, depositor)
    assert next_event(harness.report(), harness.now) == opened + ramp
    assert due_at(harness.report(), opened + ramp - 1)[0] == 0
    assert due_at(harness.report(), opened + ramp)[0] == Trigger.NETTING


def test_trigger_names() -> None:
    assert trigger_names(0) == ""
    assert trigger_names(1) == "epoch"
    assert trigger_names(63) == "epoch, drift, emergency, reconstitution, netting and chunk"


def test_a_step_that_nobody_observes(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """What is due depends on the accepted price; until the step is confirmed the keeper
    waits, and starts the clock if nobody has. [O-STEP-5]"""
    lone = deploy_harness(chain, owner, keeper, secondaries=False)
    lone.fund(depositor)
    lone.deposit(100_000 * lone.system.unit, depositor)
    lone.move(25)
    waits = Wait(None, "oracle: price step unconfirmed")
    observes = Observe("oracle: price step unconfirmed")
    assert decide(seen(lone), Policy(), lone.now) == waits
    assert decide(seen(lone, unobserved=True), Policy(), lone.now) == observes
    dear = seen(lone, unobserved=True, base_fee=2 * GWEI)
    assert decide(dear, Policy(max_base_fee=GWEI), lone.now) == waits
    assert decide(dear, Policy(max_base_fee=2 * GWEI), lone.now) == observes
