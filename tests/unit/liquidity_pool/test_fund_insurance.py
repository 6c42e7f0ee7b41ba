# SPDX-License-Identifier: AGPL-3.0-only
"""fund_insurance: a gift to those who are owed."""

from __future__ import annotations

from tests.perp import ONE, PerpWorld
from tests.support import only_event


def test_fund_insurance(world: PerpWorld, provider: str) -> None:
    """[X-POOL-6]"""
    receipt = world.fund_insurance(provider, 3 * world.unit)
    assert world.pool.insurance() == 3 * ONE
    only_event(receipt, world.pool, "InsuranceFunded", payer=provider, amount=3 * world.unit)
