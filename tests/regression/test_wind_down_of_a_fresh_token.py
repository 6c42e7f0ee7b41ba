# SPDX-License-Identifier: AGPL-3.0-only
"""Somebody leaves a few smallest shares, on which the flat fee of a whole exit
makes each worth a multiple, has that recorded by a rebalance, and leaves. The next
holder's shares start at one whole unit again: a hundredth of what was recorded.
That is no failure of the token, and must not let anybody wind it down."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.plans import make_plan
from tests.support.system_harness import deploy_bench

UNIT, DAY = 10**6, 86_400


def test_a_record_of_dust_is_no_measure(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str
) -> None:
    """[M-WIND-5]"""
    bench = deploy_bench(chain, owner, keeper, make_plan(fee_rate=0))
    for holder in (attacker, depositor):
        bench.fund(holder)
    bench.deposit(100_000 * UNIT, attacker)
    bench.redeem(bench.token.balanceOf(attacker) - WAD // 100, attacker, 0)
    bench.move(0, DAY)
    bench.rebalance()
    recorded = bench.token.state().reset.nav_per_share
    assert recorded > 100 * WAD
    bench.redeem(WAD // 100, attacker, 0)
    bench.deposit(50_000 * UNIT, depositor)
    assert bench.token.nav_per_share() * 100 < recorded
    assert not bench.model.token.has_failed(bench.now)
    with reverts("token: only the owner can wind down"):
        bench.token.wind_down(sender=attacker)
    bench.check()
