# SPDX-License-Identifier: AGPL-3.0-only
"""fund_insurance: a gift to those who are owed."""

from __future__ import annotations

from tests.support.assertions import only_event
from tests.support.exchange_harness import ONE, ExchangeHarness


def test_fund_insurance(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-6]"""
    receipt = harness.fund_insurance(provider, 3 * harness.unit)
    assert harness.pool.insurance() == 3 * ONE
    only_event(receipt, harness.pool, "InsuranceFunded", payer=provider, amount=3 * harness.unit)
