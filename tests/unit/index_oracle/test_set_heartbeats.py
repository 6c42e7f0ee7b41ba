# SPDX-License-Identifier: AGPL-3.0-only
"""set_heartbeats: the owner follows a feed that publishes less often."""

from __future__ import annotations

import pytest

from tests.support.assertions import only_event, reverts
from tests.support.asset_plans import FAILS, USD
from tests.support.constants import DAY, MAX_UINT256
from tests.support.oracle_harness import OracleHarness, names

RANGE = "oracle: heartbeat out of range"
STALE = "oracle: stale price"
MOST = 7 * DAY


def test_an_older_answer_is_used(single: OracleHarness) -> None:
    """To the second; one that is older still is not. [O-READ-2] [O-READ-15]"""
    single.wait(3_601)
    single.renew(0)
    assert single.fault() == STALE
    receipt = single.set_heartbeats(0, DAY, 0)
    only_event(receipt, single.oracle, "HeartbeatsSet", asset=0, primary=DAY, secondary=0)
    assert names(single, receipt) == ["HeartbeatsSet"]
    assert single.fault() == ""
    assert single.oracle.asset(0).primary_heartbeat == DAY
    assert single.oracle.asset(0).secondary_heartbeat == 0
    single.wait(DAY - 3_601)
    single.renew(0)
    assert single.fault() == ""
    single.wait(1)
    single.renew(0)
    assert single.fault() == STALE


def test_a_secondary_s_too(pair: OracleHarness) -> None:
    """Each has its own. [O-READ-15]"""
    pair.mode(0, 0, FAILS)
    pair.wait(7_201)
    pair.renew(0)
    assert pair.fault() == "oracle: feed call failed"
    pair.set_heartbeats(0, 3_600, 7_201)
    assert pair.fault() == "" and pair.mid(0) == 2_000 * USD
    pair.wait(1)
    pair.renew(0)
    assert pair.fault() == "oracle: feed call failed"
    asset = pair.oracle.asset(0)
    assert (asset.primary_heartbeat, asset.secondary_heartbeat) == (3_600, 7_201)


def test_the_collateral_s_too(single: OracleHarness) -> None:
    single.wait(3_601)
    single.renew(1)
    assert single.fault() == STALE
    single.set_heartbeats(1, 3_601, 0)
    assert single.fault() == ""


@pytest.mark.parametrize("beat", [3_600, 3_601, MOST])
def test_it_can_be_set_back(single: OracleHarness, beat: int) -> None:
    """But not below what it was at deployment. [O-READ-15]"""
    single.set_heartbeats(0, MOST, 0)
    single.set_heartbeats(0, beat, 0)
    single.wait(beat)
    single.renew(0)
    assert single.fault() == ""
    single.wait(1)
    single.renew(0)
    assert single.fault() == STALE


@pytest.mark.parametrize(
    "beats",
    [
        (3_599, 7_200),
        (0, 7_200),
        (MOST + 1, 7_200),
        (MAX_UINT256, 7_200),
        (3_600, 7_199),
        (3_600, 0),
        (3_600, MOST + 1),
        (2**128 + 3_600, 7_200),
    ],
)
def test_out_of_range(pair: OracleHarness, beats: tuple[int, int]) -> None:
    """A lower one would make prices unusable. [O-READ-15]"""
    with reverts(RANGE):
        pair.set_heartbeats(1, *beats)


def test_a_secondary_that_there_is_not(single: OracleHarness) -> None:
    with reverts(RANGE):
        single.set_heartbeats(0, 3_600, 7_200)


def test_an_asset_that_there_is_not(pair: OracleHarness) -> None:
    with reverts("oracle: 1 to 10 components and the collateral"):
        pair.oracle.set_heartbeats(3, 3_600, 7_200, sender=pair.owner)


def test_only_the_owner(pair: OracleHarness, attacker: str) -> None:
    """[O-READ-15]"""
    with reverts("ownable: caller is not the owner"):
        pair.oracle.set_heartbeats(0, MOST, MOST, sender=attacker)


def test_other_faults_stay(single: OracleHarness) -> None:
    """An old answer out of bounds is stale first, and out of bounds once it is not."""
    single.answer(0, 0, 1)
    single.wait(3_601)
    single.renew(0)
    assert single.fault() == STALE
    single.set_heartbeats(0, DAY, 0)
    assert single.fault() == "oracle: price out of bounds"
