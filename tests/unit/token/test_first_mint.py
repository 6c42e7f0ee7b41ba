# SPDX-License-Identifier: AGPL-3.0-only
"""The first mint of an empty token: a period of its own, whatever was before."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.triggers import Trigger
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import rebalance

UNIT = 10**6
NOT_FAILED = "token: only the owner can wind down"
PLANS = {"perp": make_plan, "aave": make_aave_plan}


@pytest.fixture(params=PLANS)
def empty(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
) -> SystemHarness:
    """A token that nobody has held, months old."""
    harness = deploy_harness(chain, owner, keeper, PLANS[request.param](fee_rate=0))
    harness.fund(depositor)
    harness.fund(second_holder)
    harness.move(3, 60 * DAY)
    return harness


def test_it_opens_a_reset(empty: SystemHarness, depositor: str) -> None:
    """Level, N and share as they are after its trade, and an event that says so. [T-REB-10]"""
    receipt = empty.deposit(1_000 * UNIT, depositor)
    report = empty.report()
    reset = report.state.reset
    assert 999 * UNIT < report.mid < 1_000 * UNIT
    only_event(
        receipt,
        empty.token,
        "ResetOpened",
        epoch=empty.now // DAY,
        version=1,
        nav=report.mid,
        level=reset.level,
        nav_per_share=report.nav_per_share,
    )
    assert (reset.at, reset.chunk_due_at) == (empty.now, 0)
    assert (reset.nav, reset.nav_per_share) == (report.mid, empty.token.nav_per_share())
    empty.check()


def test_nothing_is_due_after_it(empty: SystemHarness, depositor: str) -> None:
    """Idle months are nobody's: no epoch, no reward in the same block. [T-RWD-10]"""
    empty.deposit(200_000 * UNIT, depositor)
    assert tuple(empty.token.due()) == (0, 0)
    empty.move(0, DAY)
    assert empty.token.due().triggers == Trigger.EPOCH


def test_nor_after_one_that_doubles_what_was_left(
    empty: SystemHarness, depositor: str, second_holder: str
) -> None:
    """A stranger's dust keeps a token from being empty; a deposit many times as large
    still owes nothing for the days before it. [T-RWD-10]"""
    empty.deposit(UNIT // 100, second_holder)
    empty.move(0, 30 * DAY)
    before = empty.token.due()
    empty.deposit(200_000 * UNIT, depositor)
    assert empty.token.state().doubled_at == empty.now
    assert empty.token.due().reward == 0 and before.triggers == Trigger.EPOCH
    empty.chain.increase_time(empty.plan.parameters.reward_ramp // 2)
    assert empty.token.due().reward > 0
    rebalance(empty)


def test_a_smaller_one_does_not_stop_the_clock(
    empty: SystemHarness, depositor: str, second_holder: str
) -> None:
    """A deposit of less than N leaves the reward where it was, or more. [T-RWD-10]"""
    empty.deposit(100_000 * UNIT, depositor)
    empty.move(0, 2 * DAY)
    before = empty.token.due()
    assert before.reward > 0
    empty.deposit(99_000 * UNIT, second_holder)
    assert empty.token.state().doubled_at == 0
    assert empty.token.due().reward >= before.reward


def test_nobody_ends_an_emptied_token(
    empty: SystemHarness, depositor: str, second_holder: str
) -> None:
    """A share made dear by exits, recorded, and a share that starts at one again: a
    loss on paper. [M-WIND-6]"""
    empty.deposit(100, second_holder)
    empty.deposit(19 * UNIT, depositor)
    empty.redeem(empty.token.balanceOf(depositor), depositor)
    empty.move(0, DAY)
    if empty.token.due().triggers:
        empty.rebalance()
    empty.redeem(empty.token.balanceOf(second_holder), second_holder, 0)
    assert empty.token.totalSupply() == 0
    empty.deposit(1_000, depositor)
    with reverts(NOT_FAILED):
        empty.token.wind_down(sender=depositor)
    empty.check()


def test_nobody_ends_a_token_by_leaving_a_few_units(empty: SystemHarness, depositor: str) -> None:
    """A share is dear after a fall of the index; all but less than a unit leaves, whose
    value the virtual shares determine. [M-WIND-5]"""
    empty.deposit(1_000 * UNIT, depositor)
    for _ in range(6):
        empty.move(-60, DAY)
        empty.rebalance()
    assert empty.token.nav_per_share() > 5 * 10**18
    empty.redeem(empty.token.balanceOf(depositor) - 10**9, depositor, 0)
    with reverts(NOT_FAILED):
        empty.token.wind_down(sender=depositor)
    empty.check()
