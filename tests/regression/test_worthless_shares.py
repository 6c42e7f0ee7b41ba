# SPDX-License-Identifier: AGPL-3.0-only
"""With collateral of 18 decimals the virtual collateral is a million wei: shares of
a token that was wiped out seemed worth a part of it, and burning them took a trade
that a bankrupt account is refused."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tests.support.plans import make_plan
from tests.support.system_harness import deploy_bench


def test_worthless_shares_burn(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    bench = deploy_bench(chain, owner, keeper, make_plan(1, 18))
    for holder in (depositor, second_holder):
        bench.fund(holder)
        bench.deposit(1_000 * bench.system.unit, holder)
    bench.move(30, 60)
    bench.move(60, 60)
    bench.move(30, 60)
    assert bench.report().mid == 0
    shares = bench.token.balanceOf(depositor)
    before = bench.system.collateral.balanceOf(depositor)
    bench.redeem(shares, depositor, 0)
    bench.check()
    assert bench.token.balanceOf(depositor) == 0
    assert bench.system.collateral.balanceOf(depositor) == before
