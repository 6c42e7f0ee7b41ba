# SPDX-License-Identifier: AGPL-3.0-only
"""With collateral of 18 decimals the virtual collateral is a million wei: shares of
a token that was wiped out seemed worth a part of it, and burning them took a trade
that a bankrupt account is refused."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tests.support.plans import make_plan
from tests.support.system_harness import deploy_harness


def test_worthless_shares_burn(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    harness = deploy_harness(chain, owner, keeper, make_plan(1, 18))
    for holder in (depositor, second_holder):
        harness.fund(holder)
        harness.deposit(1_000 * harness.system.unit, holder)
    harness.move(30, 60)
    harness.move(60, 60)
    harness.move(30, 60)
    assert harness.report().mid == 0
    shares = harness.token.balanceOf(depositor)
    before = harness.system.collateral.balanceOf(depositor)
    harness.redeem(shares, depositor, 0)
    harness.check()
    assert harness.token.balanceOf(depositor) == 0
    assert harness.system.collateral.balanceOf(depositor) == before
