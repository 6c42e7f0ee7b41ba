# SPDX-License-Identifier: AGPL-3.0-only
"""A settled token: an answer without prices, as new as the block."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan
from tests.support.assertions import reverts
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import deploy_harness

from .conftest import expected, nav_feed

WINDING_DOWN, SETTLED = 4, 8


@pytest.mark.parametrize("plan", [make_plan(), make_aave_plan()], ids=["perp", "aave"])
def test_needs_no_prices(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, plan: Plan
) -> None:
    """[F-NAV-5]"""
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(50_000 * 10**6, depositor)
    token, feed = harness.token, nav_feed(harness)
    token.wind_down(sender=owner)
    assert token.state().mode == WINDING_DOWN
    posted, closing = harness.now, feed.latestAnswer()
    assert closing == expected(harness)

    snapshot = chain.snapshot()
    chain.increase_time(8 * 86_400)
    with reverts("oracle: stale price"):  # not before it is settled
        feed.latestAnswer()
    chain.revert(snapshot)

    token.rebalance(sender=keeper)
    assert token.state().mode == SETTLED
    chain.increase_time(30 * 86_400)
    assert not harness.system.oracle.usable()
    left, supply = harness.system.views.nav(token)[2], token.state().supply
    answer, now = feed.latestAnswer(), harness.now
    assert now > posted
    assert feed.latestRoundData() == (now, answer, now, now, now)
    assert answer == (left + 1) * 10**30 // (supply + 10**12)
    assert closing < answer < closing * 1_005 // 1_000  # the spread is over
    before = harness.system.collateral.balanceOf(depositor)
    token.redeem(10**21, depositor, depositor, sender=depositor)
    assert harness.system.collateral.balanceOf(depositor) - before == 1_000 * answer // 10**12
