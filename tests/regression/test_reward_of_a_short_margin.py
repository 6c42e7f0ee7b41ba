# SPDX-License-Identifier: AGPL-3.0-only
"""The reward of an emergency reset was paid out of the margin that the rest of the
positions needed, and the reset was refused: one redemption that emptied the idle
collateral before stopped every rebalance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.constants import DAY, HOUR
from tests.support.plans import PARAMETERS, make_plan
from tests.support.system_harness import deploy_harness

TERMS = replace(PARAMETERS, band_bps=2_000, emergency_bps=50_000, reward_bps=1, reward_cap=50)


@pytest.mark.parametrize("emptied", [False, True])
def test_the_trade_counts_more(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str, emptied: bool
) -> None:
    """A rise of 24% at -3x; what margin does not spare is not paid. [T-RWD-14]"""
    plan = make_plan(multiple=3, parameters=TERMS, idle_buffer=WAD // 20)
    harness = deploy_harness(chain, owner, keeper, plan)
    for holder, whole in ((depositor, 300_000), (second_holder, 40_000)):
        harness.fund(holder)
        harness.deposit(whole * harness.system.unit, holder)
    harness.move(0, DAY + HOUR)
    harness.rebalance()
    if emptied:
        idle = harness.system.vault.idle() + 300 * harness.system.unit
        harness.redeem(harness.token.convertToShares(idle), second_holder, 0)
        assert harness.system.vault.idle() == 0
    harness.move(24, HOUR)
    due = harness.token.due().reward
    assert due > 0
    harness.rebalance()
    done = harness.result
    assert done.leverage_after < done.leverage_before
    assert done.reward == (0 if emptied else due)
    harness.check()
