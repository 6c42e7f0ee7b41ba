# SPDX-License-Identifier: AGPL-3.0-only
"""New weights came due in an emergency on Aave: the reset that lowers the leverage also
made one short grow, for which the vault demands its minimum of health. It was refused,
and the weights with it, again and again."""

from __future__ import annotations

from dataclasses import replace

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.triggers import Trigger
from tests.support.constants import DAY
from tests.support.plans import PARAMETERS, make_aave_plan
from tests.support.system_harness import deploy_harness

TERMS = replace(PARAMETERS, band_bps=1_500, emergency_bps=25_000, reward_bps=1, reward_cap=50)


def test_it_lowers_first(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """All shorts to the multiple; the weights follow. [T-REB-11]"""
    plan = make_aave_plan(2, multiple=2, parameters=TERMS)
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    for _ in range(6):
        harness.deposit(500_000 * harness.system.unit, depositor)
        harness.move(0, 600)
    weights = [WAD // 10, WAD - WAD // 10]
    receipt = harness.system.oracle.schedule_reconstitution(weights, sender=owner)
    harness.model.oracle.schedule_reconstitution(weights, receipt.timestamp)
    chain.increase_time(2 * DAY + 60)
    harness.move(12)
    triggers = Trigger(harness.token.due().triggers)
    assert Trigger.EMERGENCY | Trigger.RECONSTITUTION in triggers
    before = harness.report().held.shorts
    parts = 0
    while harness.token.due().triggers and parts < 30:
        harness.rebalance()
        harness.check()
        assert harness.result.leverage_after <= harness.result.leverage_before or parts
        parts += 1
        chain.increase_time(plan.parameters.chunk_delay)
        harness.post(harness.prices)
    assert not harness.token.due().triggers
    assert harness.report().held.shorts[0] < before[0] // 3
    assert abs(harness.report().leverage - 2 * WAD) < WAD // 20
