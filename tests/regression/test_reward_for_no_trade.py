# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper was paid in full for a trade that a displaced pool had cut to nearly
nothing: the reward took the leverage farther from its target than the trade
brought it nearer, as often as a reward fell due. (In an emergency even half of the trade is too
much: `tests/unit/quoter/test_check.py`.)"""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.systems import Bench, deploy_bench, make_aave_plan


@pytest.fixture
def drifted(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Bench:
    """Leverage 1.39, one chunk done, and the pool as far away as the bound lets it."""
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(2))
    bench.fund(depositor)
    bench.deposit(1_653 * bench.system.unit, depositor)
    bench.move([16, 17], 3_600)
    venue, model = bench.system.venue, bench.model.venue.pools["C1"]
    target = model.sqrt_price_x96 * 20_348 // 20_000
    venue.maker.move([venue.pools["C1"]], [target], sender=owner)
    model.move_to(target)
    chain.increase_time(301)
    bench.rebalance()
    assert bench.model.token.reset.chunk_due_at
    return bench


def test_no_reward_for_no_trade(drifted: Bench) -> None:
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
