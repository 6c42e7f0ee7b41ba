# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's harnesses, and a pool on collateral that misbehaves."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.exchange_harness import CONFIG, ExchangeHarness
from tests.unit.perp_exchange.conftest import deployed, funded, harness

__all__ = ["deployed", "funded", "harness"]


@pytest.fixture
def hostile(chain: LocalBackend, owner: str, trader: str, provider: str) -> ExchangeHarness:
    """One market at a price of one; everything is done on the chain alone."""
    harness = ExchangeHarness(chain, owner, [], [WAD], [CONFIG])
    harness.deploy_on(chain.deploy("HostileToken", 6, sender=owner))
    for actor in (trader, provider):
        harness.fund(actor)
    return harness
