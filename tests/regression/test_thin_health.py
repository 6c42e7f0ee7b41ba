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
from tests.support.system_harness import SystemHarness, deploy_harness

TWICE = replace(PARAMETERS, emergency_bps=26_000)


@pytest.fixture
def squeezed(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """At twice the index; a leverage of 2.9, a health factor of 1.0506 where 1.05 is
    the least."""
    plan = make_aave_plan(1, multiple=2, parameters=TWICE)
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(60_000 * harness.system.unit, depositor)
    vault, symbol = harness.model.vault, plan.symbols[0]
    carried = vault.supplied(harness.now) * 78 * 10_000 // (100 * 10_506)
    exposure = harness.report().exposure
    harness.post({symbol: harness.prices[symbol] * carried // exposure})
    health = harness.model.venue.aave.account_data("vault", harness.now).health_factor
    assert vault.min_health < health < vault.min_health * 1001 // 1000
    return harness


def test_what_is_promised_can_be_deposited(squeezed: SystemHarness, depositor: str) -> None:
    """From a unit to the maximum. [V-12]"""
    harness, token, chain = squeezed, squeezed.token, squeezed.chain
    most = min(token.maxDeposit(depositor), 100_000 * harness.system.unit)
    assert most > 0
    for amount in sorted({min(most, 10**6 * 3**exponent) for exponent in range(11)} | {most}):
        promised, had = token.previewDeposit(amount), token.balanceOf(depositor)
        snapshot = chain.snapshot()
        token.deposit(amount, depositor, sender=depositor)
        assert token.balanceOf(depositor) - had == promised
        chain.revert(snapshot)


def test_far_from_the_minimum_all_is_carried(squeezed: SystemHarness, depositor: str) -> None:
    """Once the keeper has brought the leverage back."""
    harness = squeezed
    harness.rebalance()
    harness.check()
    assert harness.model.vault.backing([WAD], 10**6, [WAD], WAD // 100, True, harness.now) > 0
    assert harness.token.maxDeposit(depositor) > 100_000 * harness.system.unit
