# SPDX-License-Identifier: AGPL-3.0-only
"""quote: to the unit what the trade costs, whatever is moved to or from Aave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.plans import PARAMETERS, make_aave_plan
from tests.support.system_harness import deploy_harness
from tests.support.vault_harness import VaultHarness, ten


@pytest.mark.parametrize("percent", [60, 93, 97, 99, 101, 103, 107, 130])
@pytest.mark.parametrize("idle", [0, 300_007])
def test_after_interest(venue_harness: AaveVenueHarness, percent: int, idle: int) -> None:
    """Aave rounds what is supplied and taken with what is idle above the buffer: a
    quote that forgot it would be a unit off here and there. [VA-19]"""
    vault_harness = VaultHarness(venue_harness.base)
    venue_harness.chain.increase_time(5 * DAY)
    vault_harness.book(idle * vault_harness.unit // 7 + 1)
    targets = [short * percent // 100 for short in vault_harness.shorts]
    quoted, exact = vault_harness.vault.quote(targets, vault_harness.prices, 0)
    assert exact
    snapshot, before = venue_harness.chain.snapshot(), vault_harness.total()
    vault_harness.trade(targets)
    assert before - vault_harness.total() == quoted
    venue_harness.chain.revert(snapshot)


def test_before_anybody_owes(chain: LocalBackend, owner: str, keeper: str) -> None:
    """Aave's debt index rests while nobody owes, though it shows another one: the
    first debt is at the index that rests. [VA-19]"""
    lonely = {"component": {"decimals": "6", "local": {"borrowed": "0%", "base_rate": "60%"}}}
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(1, venue=lonely))
    chain.increase_time(400 * DAY)
    harness.move(0)
    vault_harness = VaultHarness(harness)
    vault_harness.book(100_000 * vault_harness.unit)
    for units in range(10):
        targets = ten([20 * 10**18 + units * 10**12])
        quoted, _ = vault_harness.vault.quote(targets, vault_harness.prices, 0)
        snapshot, before = chain.snapshot(), vault_harness.total()
        vault_harness.trade(targets)
        assert before - vault_harness.total() == quoted
        chain.revert(snapshot)


def test_a_preview_that_would_cost_more_than_it_brings(
    chain: LocalBackend, owner: str, keeper: str
) -> None:
    """At twice the index a pool of 210,000,000 takes nearly all of 200,000,000, and
    more than 300,000,000 of as many. [T-FLOW-4]"""
    parameters = replace(PARAMETERS, band_bps=1_500, emergency_bps=25_000)
    plan = make_aave_plan(1, multiple=2, parameters=parameters)
    harness = deploy_harness(chain, owner, keeper, plan)
    million = 10**6 * harness.system.unit
    flow = harness.system.views.preview(harness.token, int(Kind.DEPOSIT), 200 * million)
    model = harness.model.token
    assert flow.charge == model.preview(Kind.DEPOSIT, 200 * million, harness.now).charge
    assert 194 * million < flow.charge < 195 * million
    with reverts("token: cost above value"):
        harness.token.previewDeposit(300 * million)
    with pytest.raises(Revert, match="token: cost above value"):
        model.preview(Kind.DEPOSIT, 300 * million, harness.now)
