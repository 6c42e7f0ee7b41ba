# SPDX-License-Identifier: AGPL-3.0-only
"""The pure decision, on reports of a real token."""

from __future__ import annotations

from typing import Any

from inverse_index.keeper import Blocked, Policy, Rebalance, Seen, Wait, decide
from inverse_index.keeper.decide import due_at, gas_cost_up, next_event, trigger_names
from inverse_index.model.policy.triggers import Trigger
from tests.conftest import START
from tests.systems import Bench, deploy_bench, make_plan

DAY = 86_400
USDC = 10**6
WAD = 10**18
GWEI = 10**9
CAP = 99_900_000  # 10 basis points of 99,900 USDC


def seen(bench: Bench, **more: Any) -> Seen:
    return Seen(bench.report(), **more)


def at_epoch(bench: Bench, seconds: int = 0) -> Seen:
    """That long after the boundary, the price unchanged."""
    bench.move(0, DAY)
    bench.chain.increase_time(START + DAY + seconds - bench.now) if seconds else None
    return seen(bench)


def test_no_shares(chain: Any, owner: str, keeper: str) -> None:
    empty = deploy_bench(chain, owner, keeper, make_plan())
    assert decide(seen(empty), Policy(), empty.now) == Wait(None, "no shares exist")


def test_not_due_waits_for_the_epoch(bench: Bench) -> None:
    assert decide(seen(bench), Policy(), START) == Wait(START + DAY, "not due")
    assert decide(seen(bench), Policy(), START + DAY - 1) == Wait(START + DAY, "not due")


def test_due_at_the_boundary_without_reward(bench: Bench) -> None:
    bench.move(0, DAY)
    assert bench.now == START + DAY
    assert decide(seen(bench), Policy(), bench.now) == Rebalance(Trigger.EPOCH, 0, None)


def test_triggers_and_reward_are_the_contracts(bench: Bench) -> None:
    at_epoch(bench)
    for seconds in (0, 1, 1_800, 3_599, 3_600, 4_000):
        if seconds:
            bench.chain.increase_time(START + DAY + seconds - bench.now)
        due = bench.token.due()
        assert due_at(bench.report(), bench.now) == (due.triggers, due.reward)


def test_waits_until_the_second_in_which_the_reward_is_high_enough(bench: Bench) -> None:
    action = decide(at_epoch(bench), Policy(min_reward=50 * USDC), START + DAY)
    moment = START + DAY + -(-50 * USDC * 3_600 // CAP)
    assert action == Wait(moment, "reward 0 below 50")
    bench.chain.increase_time(moment - 1 - bench.now)
    assert bench.token.due().reward < 50 * USDC
    bench.chain.increase_time(1)
    assert bench.token.due().reward >= 50 * USDC
    later = decide(seen(bench), Policy(min_reward=50 * USDC), bench.now)
    assert later == Rebalance(Trigger.EPOCH, bench.token.due().reward, None)


def test_exactly_enough_is_enough(bench: Bench) -> None:
    now = at_epoch(bench, 3_600)
    reward = now.report.reward
    assert isinstance(decide(now, Policy(min_reward=reward), bench.now), Rebalance)
    assert isinstance(decide(now, Policy(min_reward=reward + 1), bench.now), Wait)


def test_a_reward_that_is_never_reached(bench: Bench) -> None:
    action = decide(at_epoch(bench), Policy(min_reward=101 * USDC), START + DAY)
    assert action == Wait(None, "reward 0 will not reach 101")


def test_gas_cost_in_collateral_rounds_up(bench: Bench) -> None:
    policy = Policy(native_price=3_000 * WAD, priority_fee=GWEI)
    now = seen(bench, gas=250_000, base_fee=9 * GWEI)
    assert gas_cost_up(now, policy) == 7_500_000  # 250,000 * 10 gwei = 0.0025 coins
    assert gas_cost_up(seen(bench, gas=1, base_fee=0), policy) == 3
    one_wei = Policy(native_price=3_000 * WAD, priority_fee=0)
    assert gas_cost_up(seen(bench, gas=1, base_fee=1), one_wei) == 1
    assert gas_cost_up(now, Policy()) is None


def test_the_reward_must_cover_gas_and_margin(bench: Bench) -> None:
    report = at_epoch(bench, 1_800).report
    reward = report.reward
    policy = Policy(native_price=WAD, priority_fee=0)
    # one gas at 1e12 wei is one millionth of a coin: one unit of collateral
    even = Seen(report, gas=reward, base_fee=10**12)
    dear = Seen(report, gas=reward + 1, base_fee=10**12)
    assert decide(even, policy, bench.now) == Rebalance(Trigger.EPOCH, reward, reward)
    wait = decide(dear, policy, bench.now)
    assert isinstance(wait, Wait) and wait.until == bench.now + 1
    with_margin = Policy(native_price=WAD, priority_fee=0, margin_bps=1)
    assert isinstance(decide(even, with_margin, bench.now), Wait)


def test_base_fee_above_the_limit(bench: Bench) -> None:
    report = at_epoch(bench, 3_600).report
    policy = Policy(max_base_fee=50 * GWEI)
    assert decide(Seen(report, base_fee=80 * GWEI), policy, bench.now) == Wait(
        None, "base fee 80 gwei above 50 gwei"
    )
    assert isinstance(decide(Seen(report, base_fee=50 * GWEI), policy, bench.now), Rebalance)


def test_an_emergency_ignores_the_policy(bench: Bench) -> None:
    bench.move(34)
    policy = Policy(min_reward=10**12, max_base_fee=0, native_price=10**30)
    now = seen(bench, gas=10**6, base_fee=10**12)
    action = decide(now, policy, bench.now)
    assert isinstance(action, Rebalance) and action.emergency
    assert action.triggers == Trigger.DRIFT | Trigger.EMERGENCY
    assert action.why == "drift and emergency"
    assert action.reward == bench.token.due().reward > 0


def test_unusable_prices_block(bench: Bench) -> None:
    bench.chain.increase_time(8 * DAY)
    now = seen(bench, price_reason="oracle: stale price")
    assert not now.report.usable
    assert decide(now, Policy(), bench.now) == Blocked("oracle: stale price")


def test_the_venues_reason_blocks(bench: Bench) -> None:
    now = at_epoch(bench).report
    refused = Seen(now, reason="vault: slippage above bound")
    assert decide(refused, Policy(), START + DAY) == Blocked("vault: slippage above bound")


def test_somebody_else_was_faster(bench: Bench) -> None:
    late = Seen(at_epoch(bench).report, reason="token: rebalance not due")
    assert decide(late, Policy(), START + DAY) == Wait(None, "not due any more")


def test_wiped_out(bench: Bench) -> None:
    bench.move(150)
    assert bench.report().mid == 0
    assert decide(seen(bench), Policy(), bench.now) == Blocked("token: no value left")


def test_next_event_is_the_end_of_a_chunks_delay(bench: Bench) -> None:
    report = bench.report()
    reset = report.state.reset._replace(chunk_due_at=START + 60)
    chunked = report._replace(state=report.state._replace(reset=reset))
    assert next_event(chunked, START) == START + 60
    assert next_event(chunked, START + 60) is None


def test_next_event_is_a_change_of_units_before_the_epoch(bench: Bench) -> None:
    report = bench.report()
    earlier = report._replace(composition=report.composition._replace(due_at=START + 5))
    assert next_event(earlier, START) == START + 5


def test_trigger_names() -> None:
    assert trigger_names(0) == ""
    assert trigger_names(1) == "epoch"
    assert trigger_names(63) == "epoch, drift, emergency, reconstitution, netting and chunk"
