# SPDX-License-Identifier: AGPL-3.0-only
"""read on an L2: nothing is usable while its sequencer is down or just back."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import BURNS, COLLATERAL, EMPTY, FAILS, FAILS_EMPTY, SHORT
from tests.support.constants import MAX_UINT256
from tests.support.oracle_harness import OracleHarness

DOWN = "oracle: sequencer down"
GRACE = "oracle: sequencer grace period"
FAILED = "oracle: sequencer feed failed"


def test_up_for_longer_than_the_grace(rollup: OracleHarness) -> None:
    assert rollup.fault() == ""
    assert rollup.mid() == 2_000 * WAD


def test_grace_ends_to_the_second(rollup: OracleHarness) -> None:
    """[O-READ-10]"""
    rollup.sequencer(0, rollup.now)
    assert rollup.fault() == GRACE
    rollup.wait(3_599)
    assert rollup.fault() == GRACE
    rollup.wait(1)
    assert rollup.fault() == ""


@pytest.mark.parametrize("answer", [1, 2, -1, 2**255 - 1, -(2**255)])
def test_down(rollup: OracleHarness, answer: int) -> None:
    """[O-READ-10]"""
    rollup.sequencer(answer, rollup.now - 86_400)
    assert rollup.fault() == DOWN
    rollup.sequencer(answer, rollup.now)  # down comes before the grace period
    assert rollup.fault() == DOWN


def test_a_start_that_is_none(rollup: OracleHarness) -> None:
    for started_at in (0, rollup.now + 1, MAX_UINT256):
        for answer in (0, 1):
            rollup.sequencer(answer, started_at)
            assert rollup.fault() == FAILED


@pytest.mark.parametrize("mode", [FAILS, FAILS_EMPTY, SHORT, EMPTY, BURNS])
def test_an_uptime_feed_that_does_not_answer(rollup: OracleHarness, mode: int) -> None:
    rollup.sequencer_mode(mode)
    assert rollup.fault() == FAILED


def test_the_sequencer_comes_before_the_feeds(rollup: OracleHarness) -> None:
    rollup.mode(COLLATERAL, 0, FAILS)
    rollup.mode(COLLATERAL, 1, FAILS)
    rollup.sequencer(1, rollup.now - 1)
    assert rollup.fault() == DOWN


def test_no_deployment_while_it_is_down(
    chain: LocalBackend, owner: str, rollup: OracleHarness
) -> None:
    arguments = rollup.arguments()
    rollup.sequencer(1, rollup.now)
    with reverts(DOWN):
        chain.deploy("IndexOracle", *arguments, sender=owner)
    rollup.sequencer(0, rollup.now)
    with reverts(GRACE):
        chain.deploy("IndexOracle", *arguments, sender=owner)
    arguments[-1] = (*arguments[-1][:4], owner, *arguments[-1][5:])  # no contract there
    with reverts(FAILED):
        chain.deploy("IndexOracle", *arguments, sender=owner)
