# SPDX-License-Identifier: AGPL-3.0-only
"""A component leaves the index and a candidate comes in: announced, two days to
leave, then migrated by keepers in chunks, with the level continuous."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.triggers import Trigger
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

BEFORE = (WAD // 2, WAD // 2, 0)
AFTER = (0, WAD // 4, 3 * WAD // 4)


def plans() -> dict[str, Plan]:
    """Three components, the last one a candidate without weight; small chunks."""
    perp = make_plan(3)
    small = tuple(most // 5 for most in perp.venue.max_trade)
    return {
        "perp": replace(make_plan(3, max_trade=small), weights=BEFORE),
        "aave": replace(make_aave_plan(3, venue={"max_trade": "40000"}), weights=BEFORE),
    }


@pytest.fixture(params=["perp", "aave"])
def harness(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> SystemHarness:
    """300,000 paid in, and a day later."""
    made = deploy_harness(chain, owner, keeper, plans()[request.param])
    made.fund(depositor)
    made.deposit(300_000 * made.system.unit, depositor)
    made.move([1, -2, 3], DAY)
    made.rebalance()
    made.check()
    return made


def schedule(harness: SystemHarness) -> int:
    """When it takes effect."""
    receipt = harness.system.oracle.schedule_reconstitution(list(AFTER), sender=harness.owner)
    harness.model.oracle.schedule_reconstitution(AFTER, receipt.timestamp)
    return int(harness.report().composition.due_at)


def test_a_candidate_has_no_position(harness: SystemHarness) -> None:
    """[T-REB-9]"""
    shorts = harness.report().held.shorts
    assert shorts[0] > 0 < shorts[1] and shorts[2] == 0


def test_nothing_changes_before_its_time(harness: SystemHarness, depositor: str) -> None:
    """Two days, in which holders leave on the old terms. [T-REB-9]"""
    at = schedule(harness)
    assert at == harness.now + 2 * DAY
    units = harness.report().composition.units
    harness.chain.set_next_timestamp(at - 1)
    harness.post(harness.prices)
    harness.rebalance()  # the day's
    assert harness.report().composition.units == units
    with reverts("token: rebalance not due"):
        harness.token.rebalance(sender=harness.keeper)
    harness.redeem(100_000 * WAD, depositor)
    harness.check()


def test_migrates_in_chunks_with_a_continuous_level(harness: SystemHarness) -> None:
    """[T-REB-9]"""
    at = schedule(harness)
    harness.chain.set_next_timestamp(at)
    harness.move([2, 1, -3])
    level = harness.system.oracle.level()
    n, chunks = harness.report().mid, 0
    while True:
        receipt = harness.token.rebalance(sender=harness.keeper)
        done = harness.model.token.rebalance(receipt.timestamp)
        harness.check()
        chunks += 1
        if chunks == 1:
            assert done.triggers & Trigger.RECONSTITUTION
            # To one unit wei of each component.
            assert abs(done.level - level) <= sum(harness.report().prices.mid) // WAD + 3
        if done.complete:
            break
        assert abs(harness.report().leverage - WAD) < WAD // 20
        harness.chain.increase_time(harness.plan.parameters.chunk_delay)
    assert chunks > 2
    report = harness.report()
    assert report.held.shorts[0] == 0 < report.held.shorts[2]
    assert abs(report.leverage - WAD) < WAD // 1_000
    notional = [s * p // WAD for s, p in zip(report.held.shorts, report.prices.mid, strict=True)]
    assert abs(notional[2] - 3 * notional[1]) <= notional[2] // 1_000
    # Fees and impact of moving three quarters of N, twice: bounded by the slippage.
    assert n * 98 // 100 < report.mid <= n
    assert harness.report().composition.version == 2


def test_cancelled_in_time(harness: SystemHarness) -> None:
    """[O-IDX-4]"""
    at = schedule(harness)
    harness.system.oracle.cancel_reconstitution(sender=harness.owner)
    harness.model.oracle.cancel_reconstitution()
    harness.chain.set_next_timestamp(at)
    harness.move(0)
    harness.rebalance()
    assert harness.report().composition.version == 1
    harness.check()
