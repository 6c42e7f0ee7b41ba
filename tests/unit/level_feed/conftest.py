# SPDX-License-Identifier: AGPL-3.0-only
"""A level feed on an oracle of ether and bitcoin with two sources for all."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.oracle_harness import OracleHarness


@pytest.fixture
def harness(chain: LocalBackend, owner: str) -> OracleHarness:
    """Level 1,000, half of it ether at 2,000, half bitcoin at 40,000."""
    return OracleHarness(chain, owner)


@pytest.fixture
def feed(harness: OracleHarness, chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("LevelFeed", harness.oracle, 18, "DEFI / USDC", sender=owner)


@pytest.fixture
def short(harness: OracleHarness, chain: LocalBackend, owner: str) -> Contract:
    """With 8 decimals."""
    return chain.deploy("LevelFeed", harness.oracle, 8, "DEFI / USDC", sender=owner)
