# SPDX-License-Identifier: AGPL-3.0-only
"""quote: to the unit what the trade costs, whatever is moved to or from Aave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.aave_desk import Desk
from tests.seat import Seat, ten
from tests.support import reverts
from tests.systems import PARAMETERS, deploy_bench, make_aave_plan

DAY = 86_400


@pytest.mark.parametrize("percent", [60, 93, 97, 99, 101, 103, 107, 130])
@pytest.mark.parametrize("idle", [0, 300_007])
def test_after_interest(desk: Desk, percent: int, idle: int) -> None:
    """Aave rounds what is supplied and taken with what is idle above the buffer: a
    quote that forgot it would be a unit off here and there. [VA-19]"""
    seat = Seat(desk.bench)
    desk.chain.increase_time(5 * DAY)
    seat.book(idle * seat.unit // 7 + 1)
    targets = [short * percent // 100 for short in seat.shorts]
    quoted, exact = seat.vault.quote(targets, seat.prices, 0)
    assert exact
    snapshot, before = desk.chain.snapshot(), seat.total()
    seat.trade(targets)
    assert before - seat.total() == quoted
    desk.chain.revert(snapshot)


def test_before_anybody_owes(chain: LocalBackend, owner: str, keeper: str) -> None:
    """Aave's debt index rests while nobody owes, though it shows another one: the
    first debt is at the index that rests. [VA-19]"""
    lonely = {"component": {"decimals": "6", "local": {"borrowed": "0%", "base_rate": "60%"}}}
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(1, venue=lonely))
    chain.increase_time(400 * DAY)
    bench.move(0)
    seat = Seat(bench)
    seat.book(100_000 * seat.unit)
    for units in range(10):
        targets = ten([20 * 10**18 + units * 10**12])
        quoted, _ = seat.vault.quote(targets, seat.prices, 0)
        snapshot, before = chain.snapshot(), seat.total()
        seat.trade(targets)
        assert before - seat.total() == quoted
        chain.revert(snapshot)


def test_a_preview_that_would_cost_more_than_it_brings(
    chain: LocalBackend, owner: str, keeper: str
) -> None:
    """At twice the index a pool of 210,000,000 takes nearly all of 200,000,000, and
    more than 300,000,000 of as many. [T-FLOW-4]"""
    parameters = replace(PARAMETERS, band_bps=1_500, emergency_bps=25_000)
    plan = make_aave_plan(1, multiple=2, parameters=parameters)
    bench = deploy_bench(chain, owner, keeper, plan)
    million = 10**6 * bench.system.unit
    flow = bench.system.quoter.preview(bench.token, int(Kind.DEPOSIT), 200 * million)
    model = bench.model.token
    assert flow.charge == model.preview(Kind.DEPOSIT, 200 * million, bench.now).charge
    assert 194 * million < flow.charge < 195 * million
    with reverts("token: cost above value"):
        bench.token.previewDeposit(300 * million)
    with pytest.raises(Revert, match="token: cost above value"):
        model.preview(Kind.DEPOSIT, 300 * million, bench.now)
