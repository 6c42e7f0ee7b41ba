# SPDX-License-Identifier: AGPL-3.0-only
"""A closing chunk without value recorded a share at 0, where collateral has so many
decimals that a unit is nothing; every later `rebalance` divided by that record, and
the token never settled."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.wind_down_bound import DAY, PATIENCE
from inverse_index.model.token.modes import Mode
from tests.support.plans import make_aave_plan
from tests.support.system_harness import deploy_harness


@pytest.mark.parametrize("decimals", [6, 18])
def test_it_settles(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, decimals: int
) -> None:
    """Two million shares owe more than there is; idle collateral closes chunk after
    chunk at N = 0, the rest is given up. [M-CLOSE-2] [M-CLOSE-10]"""
    plan = make_aave_plan(1, decimals, venue={"max_trade": "5000"})
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    for _ in range(5):
        harness.deposit(400_000 * harness.system.unit, depositor)
        harness.move(0, 60)  # arbitrage brings the pool back
    harness.move(110, 60)
    assert harness.report().mid == 0
    harness.wind_down()
    shorts = [harness.report().held.shorts[0]]
    for _ in range(3):
        harness.move(0, DAY // 2)
        harness.rebalance()
        shorts.append(harness.report().held.shorts[0])
        harness.check()
    assert shorts == sorted(set(shorts), reverse=True)
    assert harness.token.state().reset.nav == 0
    assert (harness.token.state().reset.nav_per_share == 0) == (decimals == 18)
    harness.move(0, PATIENCE)
    harness.rebalance()
    assert harness.token.state().mode == Mode.SETTLED
    harness.check()
