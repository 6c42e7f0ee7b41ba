# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper closes a token that winds down, with prices and without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.keeper import Blocked, Keeper, Policy, Rebalance, Wait, decide, look
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.token.modes import Mode
from tests.support.constants import DAY, MAX_UINT256
from tests.support.plans import PARAMETERS, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


def run(harness: SystemHarness, keeper: str) -> list[dict[str, Any]]:
    """Rounds, a delay between two, until the keeper has nothing to do; what it told."""
    told: list[dict[str, Any]] = []
    robot = Keeper(harness.system, keeper, Policy(), tell=told.append)
    for _ in range(20):
        if not isinstance(robot.once(), Rebalance):
            return told
        harness.chain.increase_time(harness.plan.parameters.chunk_delay)
    raise AssertionError("no end")


@pytest.fixture
def large(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """Several parts of 200,000 USDC."""
    made = deploy_harness(chain, owner, keeper, make_plan())
    made.fund(depositor)
    made.deposit(700_000 * made.system.unit, depositor)
    return made


def test_closes_in_parts_and_says_that_it_is_settled(large: SystemHarness, keeper: str) -> None:
    large.wind_down()
    told = run(large, keeper)
    kinds = [event["event"] for event in told]
    assert kinds == ["rebalanced"] * 4 + ["settled", "wait"]
    assert [event["complete"] for event in told[:4]] == [False, False, False, True]
    assert {event["why"] for event in told[:4]} == {"wind_down"}
    assert told[-1]["why"] == "the token is settled"
    assert large.token.state().mode == Mode.SETTLED


def test_waits_for_the_delay_between_two_parts(large: SystemHarness, keeper: str) -> None:
    large.wind_down()
    robot = Keeper(large.system, keeper, Policy())
    assert robot.once() == Rebalance(Trigger.WIND_DOWN, 0, None)
    assert robot.once() == Wait(large.now + large.plan.parameters.chunk_delay, "not due")


def test_the_reward_is_the_contracts(large: SystemHarness, keeper: str) -> None:
    large.wind_down()
    large.chain.increase_time(1_800)
    reward = large.token.due().reward
    assert reward > 0
    assert decide(look(large.system, keeper), Policy(), large.now) == Rebalance(
        Trigger.WIND_DOWN, reward, None
    )
    dear = Policy(min_reward=reward + 1)
    assert isinstance(decide(look(large.system, keeper), dear, large.now), Wait)


def test_without_prices(large: SystemHarness, keeper: str) -> None:
    """The feeds are stale: it is rehearsed at closing prices, which the venue must
    take; this one does once it has been settled."""
    large.wind_down()
    large.chain.increase_time(8 * DAY)
    assert Keeper(large.system, keeper, Policy()).once() == Blocked("oracle: stale price")
    large.system.oracle.report_unusable(sender=keeper)
    large.chain.increase_time(10 * DAY)
    large.system.venue.exchange.settle(sender=keeper)
    seen = look(large.system, keeper)
    assert (seen.report.usable, seen.price_reason, seen.reason) == (False, "", "")
    assert [event["event"] for event in run(large, keeper)][-2:] == ["settled", "wait"]


def test_is_blocked_until_the_bound_is_wide_enough(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str
) -> None:
    """Longs crowd the market by two percent: the bound doubles until it carries that."""
    parameters = replace(PARAMETERS, slippage_bps=100)
    harness = deploy_harness(chain, owner, keeper, make_plan(parameters=parameters))
    harness.fund(depositor)
    harness.deposit(100_000 * harness.system.unit, depositor)
    exchange, stake = harness.system.venue.exchange, 5_000_000 * harness.system.unit
    harness.system.give(trader, stake)
    harness.system.collateral.approve(exchange, stake, sender=trader)
    exchange.deposit(stake, sender=trader)
    exchange.trade([(0, 1_500 * 10**18, MAX_UINT256)], sender=trader)
    harness.token.wind_down(sender=owner)
    assert Keeper(harness.system, keeper, Policy()).once() == Blocked("vault: slippage above bound")
    harness.chain.increase_time(DAY)
    assert [event["event"] for event in run(harness, keeper)] == ["rebalanced", "settled", "wait"]


def test_nothing_left_to_trade(large: SystemHarness, keeper: str, liquidator: str) -> None:
    """The venue has taken the position: the last call trades nothing and settles."""
    large.move(110)
    large.system.venue.exchange.liquidate(large.system.vault, liquidator, sender=liquidator)
    large.token.wind_down(sender=large.owner)
    assert [event["event"] for event in run(large, keeper)] == ["settled", "wait"]
    assert large.token.state().mode == Mode.SETTLED
