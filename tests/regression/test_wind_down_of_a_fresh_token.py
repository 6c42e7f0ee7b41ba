# SPDX-License-Identifier: AGPL-3.0-only
"""Somebody left a few smallest shares, on which the flat fee of a whole exit made
each worth a multiple, had that recorded by a rebalance, and left. The next holder's
shares started at one whole unit again: a hundredth of what was recorded, and anybody
could wind the token down. An exit leaves no such fee any more, and a first mint
records its own share."""

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
    assert harness.token.state().reset.nav_per_share < WAD * 101 // 100
    harness.redeem(WAD // 100, attacker, 0)
    harness.deposit(50_000 * UNIT, depositor)
    assert harness.token.state().reset.nav > 49_000 * UNIT
    assert not harness.model.token.has_failed(harness.now)
    with reverts("token: only the owner can wind down"):
        harness.token.wind_down(sender=attacker)
    harness.check()
