# SPDX-License-Identifier: AGPL-3.0-only
"""A vault on Aave whose health was just over its minimum said that it carried any
growth: it took the whole payment for collateral on Aave, of which a small one stays
idle. `maxDeposit` and the preview promised what the vault then refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.plans import PARAMETERS, make_aave_plan
from tests.support.system_harness import Bench, deploy_bench

TWICE = replace(PARAMETERS, emergency_bps=26_000)


@pytest.fixture
def squeezed(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Bench:
    """At twice the index; a leverage of 2.9, a health factor of 1.0506 where 1.05 is
    the least."""
    plan = make_aave_plan(1, multiple=2, parameters=TWICE)
    bench = deploy_bench(chain, owner, keeper, plan)
    bench.fund(depositor)
    bench.deposit(60_000 * bench.system.unit, depositor)
    vault, symbol = bench.model.vault, plan.symbols[0]
    carried = vault.supplied(bench.now) * 78 * 10_000 // (100 * 10_506)
    exposure = bench.report().exposure
    bench.post({symbol: bench.prices[symbol] * carried // exposure})
    health = bench.model.venue.aave.account_data("vault", bench.now).health_factor
    assert vault.min_health < health < vault.min_health * 1001 // 1000
    return bench


def test_what_is_promised_can_be_deposited(squeezed: Bench, depositor: str) -> None:
    """From a unit to the maximum. [V-12]"""
    bench, token, chain = squeezed, squeezed.token, squeezed.chain
    most = min(token.maxDeposit(depositor), 100_000 * bench.system.unit)
    assert most > 0
    for amount in sorted({min(most, 10**6 * 3**exponent) for exponent in range(11)} | {most}):
        promised, had = token.previewDeposit(amount), token.balanceOf(depositor)
        snapshot = chain.snapshot()
        token.deposit(amount, depositor, sender=depositor)
        assert token.balanceOf(depositor) - had == promised
        chain.revert(snapshot)


def test_far_from_the_minimum_all_is_carried(squeezed: Bench, depositor: str) -> None:
    """Once the keeper has brought the leverage back."""
    bench = squeezed
    bench.rebalance()
    bench.check()
    assert bench.model.vault.backing([WAD], 10**6, [WAD], WAD // 100, True, bench.now) > 0
    assert bench.token.maxDeposit(depositor) > 100_000 * bench.system.unit
