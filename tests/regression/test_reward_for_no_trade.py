# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper was paid in full for a trade that a displaced pool had cut to nearly
nothing: the reward took the leverage farther from its target than the trade
brought it nearer, as often as a reward fell due. So did half of the trade itself,
in an emergency: at a leverage of 2.25 a unit of N weighs 2.25 of exposure."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture(params=[16, 55], ids=["drift", "emergency"])
def drifted(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, request: pytest.FixtureRequest
) -> SystemHarness:
    """Leverage 1.39 or 3.5; one chunk done, and the pool as far away as the bound lets it."""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(2))
    harness.fund(depositor)
    harness.deposit(1_653 * harness.system.unit, depositor)
    harness.move([request.param, request.param + 1], 3_600)
    venue, model = harness.system.venue, harness.model.venue.pools["C1"]
    dearer = (20_348, 20_000) if model.token0 == "C1" else (20_000, 20_348)
    target = model.sqrt_price_x96 * dearer[0] // dearer[1]
    venue.maker.move([venue.pools["C1"]], [target], sender=owner)
    model.move_to(target)
    chain.increase_time(301)
    harness.rebalance()
    assert harness.model.token.reset.chunk_due_at
    return harness


def test_no_reward_for_no_trade(drifted: SystemHarness) -> None:
    """[T-RWD-9]"""
    drifted.chain.increase_time(718)
    _, due = drifted.model.token.due(drifted.now)
    before = drifted.model.token.context(drifted.now).v
    wallet = drifted.system.collateral.balanceOf(drifted.keeper)
    drifted.rebalance()
    drifted.check()
    after = drifted.model.token.context(drifted.now).v
    got = drifted.system.collateral.balanceOf(drifted.keeper) - wallet
    assert 0 < 2 * got <= before.exposure - after.exposure < due
    assert after.exposure * before.mid < before.exposure * after.mid
