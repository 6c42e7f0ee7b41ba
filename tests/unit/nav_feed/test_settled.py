# SPDX-License-Identifier: AGPL-3.0-only
"""A settled token: an answer without prices, as new as the block."""

from __future__ import annotations

import pytest

from inverse_index.artifacts import artifact
from inverse_index.chain import Contract
from tests.systems import Bench

from .conftest import expected

CAN_WIND_DOWN = any(entry.get("name") == "wind_down" for entry in artifact("InverseIndexToken").abi)


@pytest.mark.skipif(not CAN_WIND_DOWN, reason="the token has no wind_down yet")
def test_needs_no_prices(bench: Bench, feed: Contract, keeper: str) -> None:
    bench.token.wind_down(sender=bench.owner)
    closing = feed.latestRoundData()
    assert closing[1] == expected(bench)
    bench.token.rebalance(sender=keeper)
    state = bench.token.state()
    assert state.mode == 8  # SETTLED
    bench.chain.increase_time(30 * 86_400)
    assert not bench.system.oracle.usable()
    now, answer = bench.now, feed.latestAnswer()
    assert feed.latestRoundData() == (now, answer, now, now, now)
    left = bench.system.quoter.nav(bench.token)[2]
    supply = bench.token.state().supply
    assert answer == (left + 1) * 10**30 // (supply + 10**12)
    assert answer >= closing[1] * 999 // 1_000
