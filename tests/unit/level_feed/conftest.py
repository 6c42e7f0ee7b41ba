# SPDX-License-Identifier: AGPL-3.0-only
"""A level feed on an oracle of ether and bitcoin with two sources for all."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.oracle_harness import OracleWorld


@pytest.fixture
def world(chain: LocalBackend, owner: str) -> OracleWorld:
    """Level 1,000, half of it ether at 2,000, half bitcoin at 40,000."""
    return OracleWorld(chain, owner)


@pytest.fixture
def feed(world: OracleWorld, chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("LevelFeed", world.oracle, 18, "DEFI / USDC", sender=owner)


@pytest.fixture
def short(world: OracleWorld, chain: LocalBackend, owner: str) -> Contract:
    """With 8 decimals."""
    return chain.deploy("LevelFeed", world.oracle, 8, "DEFI / USDC", sender=owner)
