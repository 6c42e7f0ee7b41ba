# SPDX-License-Identifier: AGPL-3.0-only
"""getRoundData: the present round and no other."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import reverts
from tests.support.oracle_harness import OracleHarness


def test_the_present_round(harness: OracleHarness, feed: Contract) -> None:
    harness.wait(60)
    latest = feed.latestRoundData()
    assert feed.getRoundData(harness.now) == latest


@pytest.mark.parametrize("away", [-1, 1])
def test_no_other(harness: OracleHarness, feed: Contract, away: int) -> None:
    """[F-ALL-2]"""
    with reverts("No data present"):
        feed.getRoundData(harness.now + away)


def test_nor_zero(feed: Contract) -> None:
    with reverts("No data present"):
        feed.getRoundData(0)


def test_unusable_with_the_oracle_s_reason(harness: OracleHarness, feed: Contract) -> None:
    harness.wait(7_201)
    with reverts("oracle: stale price"):
        feed.getRoundData(harness.now)
