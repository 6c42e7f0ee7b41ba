# SPDX-License-Identifier: AGPL-3.0-only
"""While a chunked reset had a rest left, netted flows of the keeper's own became part of
the rest: he was paid 100 for undoing each, hour after hour, and in a minute from one
chunk to the next as much could net again at prices that lag as otherwise in a ramp.
Chunks of new weights, which move no exposure, paid 0.6 where `due` said 100."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.triggers import Trigger
from tests.support.assertions import reverts
from tests.support.constants import DAY, WAD
from tests.support.plans import PARAMETERS, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import rebalance

UNIT, RAMP, DELAY = 10**6, PARAMETERS.reward_ramp, PARAMETERS.chunk_delay
MONTH = 30 * DAY
HELD, FLOW = 200_000, 900  # whole units; the flow nets


@pytest.fixture
def begun(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """A reset of 24,000 after a rise by 6%, of which a chunk of 4,000 is done."""
    plan = make_plan(epoch_interval=MONTH, max_trade=(2 * WAD,))
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(HELD * UNIT, depositor)
    harness.move(6, RAMP)
    assert not rebalance(harness).complete
    harness.chain.increase_time(DELAY)
    return harness


def flow(harness: SystemHarness, who: str, sign: int) -> None:
    if sign > 0:
        harness.deposit(FLOW * UNIT, who)
    else:
        harness.redeem(FLOW * UNIT * harness.token.totalSupply() // harness.report().mid, who)
    assert harness.result.netted


@pytest.mark.parametrize("sign", [1, -1])
def test_flows_that_come_wait_on(begun: SystemHarness, depositor: str, sign: int) -> None:
    """The chunks go on to the targets of N without them. [T-REB-12]"""
    flow(begun, depositor, sign)
    waiting = begun.token.state().flows
    assert abs(waiting.unhedged) > FLOW * UNIT * 99 // 100
    while True:
        done = rebalance(begun)
        assert done.triggers & Trigger.CHUNK
        assert tuple(begun.token.state().flows) == tuple(waiting)
        if done.complete:
            break
        begun.chain.increase_time(DELAY)
    report = begun.report()
    target = report.mid - waiting.unhedged
    assert abs(report.exposure - target) < target // 2_000
    begun.check()


def test_no_more_nets_from_chunk_to_chunk(begun: SystemHarness, depositor: str) -> None:
    """Twice the tolerance is twice the tolerance. [T-REB-12]"""
    for _ in range(2):
        flow(begun, depositor, 1)
    rebalance(begun)
    begun.chain.increase_time(DELAY)
    begun.deposit(FLOW * UNIT, depositor)
    assert not begun.result.netted


@pytest.mark.parametrize("sign", [1, -1])
def test_own_flows_pay_nothing(begun: SystemHarness, depositor: str, sign: int) -> None:
    """Of a rest that is nearly nothing, whatever waits. [T-RWD-15]"""
    while begun.report().leverage > 1003 * WAD // 1000:
        rebalance(begun)
        begun.chain.increase_time(DELAY)
    left = abs(begun.report().exposure - begun.report().mid)
    for _ in range(2):
        flow(begun, depositor, sign)
    begun.chain.increase_time(RAMP - 10 * DELAY)
    due = begun.token.due()
    if due.triggers:
        assert due.triggers == Trigger.CHUNK
        assert due.reward <= left // 100 + 1 < 30 * UNIT
        assert rebalance(begun).reward <= due.reward


def test_an_epoch_hedges_all(begun: SystemHarness, depositor: str) -> None:
    """And the record is empty after its chunk. [T-REB-4] [T-REB-12]"""
    flow(begun, depositor, 1)
    begun.chain.increase_time(MONTH)
    begun.post(begun.prices)
    done = rebalance(begun)
    assert done.triggers & Trigger.EPOCH
    assert begun.token.state().flows.unhedged == 0


def test_new_weights_are_paid_for(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """By what each chunk trades, of all that `due` counts. [T-RWD-9] [T-RWD-15] [T-DUE-11]"""
    plan = make_plan(2, epoch_interval=MONTH, max_trade=(2 * WAD, WAD))
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(HELD * UNIT, depositor)
    harness.system.oracle.schedule_reconstitution([8 * WAD // 10, 2 * WAD // 10], sender=owner)
    harness.model.oracle.schedule_reconstitution([8 * WAD // 10, 2 * WAD // 10], harness.now)
    chain.increase_time(2 * DAY + RAMP)
    assert not rebalance(harness).complete
    for _ in range(3):
        chain.increase_time(DELAY + RAMP)
        due = harness.token.due()
        assert due.triggers == Trigger.CHUNK
        assert due.reward > 10 * UNIT
        done = rebalance(harness)
        assert due.reward // 2 < done.reward <= due.reward


def test_nothing_is_due_before_the_delay(begun: SystemHarness) -> None:
    rebalance(begun)
    assert tuple(begun.token.due()) == (0, 0)
    with reverts("token: rebalance not due"):
        begun.token.rebalance(sender=begun.keeper)
