# SPDX-License-Identifier: AGPL-3.0-only
"""Somebody leaves a few smallest shares, on which the flat fee of a whole exit
makes each worth a multiple, has that recorded by a rebalance, and leaves. The next
holder's shares start at one whole unit again: a hundredth of what was recorded.
That is no failure of the token, and must not let anybody wind it down."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.plans import make_plan
from tests.support.system_harness import deploy_harness

UNIT = 10**6


def test_a_record_of_dust_is_no_measure(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str
) -> None:
    """[M-WIND-5]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(fee_rate=0))
    for holder in (attacker, depositor):
        harness.fund(holder)
    harness.deposit(100_000 * UNIT, attacker)
    harness.redeem(harness.token.balanceOf(attacker) - WAD // 100, attacker, 0)
    harness.move(0, DAY)
    harness.rebalance()
    recorded = harness.token.state().reset.nav_per_share
    assert recorded > 100 * WAD
    harness.redeem(WAD // 100, attacker, 0)
    harness.deposit(50_000 * UNIT, depositor)
    assert harness.token.nav_per_share() * 100 < recorded
    assert not harness.model.token.has_failed(harness.now)
    with reverts("token: only the owner can wind down"):
        harness.token.wind_down(sender=attacker)
    harness.check()
