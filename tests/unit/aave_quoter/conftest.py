# SPDX-License-Identifier: AGPL-3.0-only
"""A token on two components, 100,000 paid in, and the harness of its venue."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.aave_venue_harness import AaveVenueHarness, renewed
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

VENUE = {"components": {"C1": {"decimals": "8", "fee_bps": "30"}}}


@pytest.fixture(scope="module")
def made(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> tuple[SystemHarness, int]:
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(2, venue=VENUE))
    harness.fund(depositor)
    return harness, chain.now()


@pytest.fixture
def venue_harness(made: tuple[SystemHarness, int], depositor: str) -> AaveVenueHarness:
    harness = renewed(*made)
    harness.deposit(100_000 * 10**6, depositor)
    return AaveVenueHarness(harness)
