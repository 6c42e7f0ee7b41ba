# SPDX-License-Identifier: AGPL-3.0-only
"""getRoundData: the present round and no other."""

from __future__ import annotations

from inverse_index.chain import Contract
from tests.support.assertions import reverts
from tests.support.system_harness import Bench


def test_the_present_round(bench: Bench, feed: Contract) -> None:
    bench.chain.increase_time(60)
    assert feed.getRoundData(bench.now) == feed.latestRoundData()


def test_no_other(bench: Bench, feed: Contract) -> None:
    """[F-ALL-2]"""
    for round_id in (0, 1, bench.now - 1, bench.now + 1, 2**80 - 1):
        with reverts("No data present"):
            feed.getRoundData(round_id)


def test_unusable_with_the_oracle_s_reason(bench: Bench, feed: Contract) -> None:
    bench.chain.increase_time(7 * 86_400 + 1)
    with reverts("oracle: stale price"):
        feed.getRoundData(bench.now)
