# SPDX-License-Identifier: AGPL-3.0-only
"""getRoundData: the present round and no other."""

from __future__ import annotations

from inverse_index.chain import Contract
from tests.support.assertions import reverts
from tests.support.system_harness import SystemHarness


def test_the_present_round(harness: SystemHarness, feed: Contract) -> None:
    harness.chain.increase_time(60)
    assert feed.getRoundData(harness.now) == feed.latestRoundData()


def test_no_other(harness: SystemHarness, feed: Contract) -> None:
    """[F-ALL-2]"""
    for round_id in (0, 1, harness.now - 1, harness.now + 1, 2**80 - 1):
        with reverts("No data present"):
            feed.getRoundData(round_id)


def test_unusable_with_the_oracle_s_reason(harness: SystemHarness, feed: Contract) -> None:
    harness.chain.increase_time(7 * 86_400 + 1)
    with reverts("oracle: stale price"):
        feed.getRoundData(harness.now)
