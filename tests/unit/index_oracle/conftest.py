# SPDX-License-Identifier: AGPL-3.0-only
"""Harnesses that the oracle's tests share: contracts once, a fresh model per test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from tests.support.asset_plans import DOLLAR, ETHER
from tests.support.oracle_harness import OracleHarness


@pytest.fixture(scope="package")
def _pair(chain: LocalBackend, owner: str) -> OracleHarness:
    return OracleHarness(chain, owner)


@pytest.fixture(scope="package")
def _single(chain: LocalBackend, owner: str) -> OracleHarness:
    ether = replace(ETHER, secondary_decimals=None)
    dollar = replace(DOLLAR, secondary_decimals=None)
    return OracleHarness(chain, owner, [ether], dollar)


@pytest.fixture(scope="package")
def _rollup(chain: LocalBackend, owner: str) -> OracleHarness:
    return OracleHarness(chain, owner, [ETHER], sequencer=True)


@pytest.fixture
def pair(_pair: OracleHarness) -> OracleHarness:
    """Ether at 2,000 and bitcoin at 40,000, half each; two sources for all."""
    return _pair.fork()


@pytest.fixture
def single(_single: OracleHarness) -> OracleHarness:
    """Ether at 2,000 alone; one source for it and one for the collateral."""
    return _single.fork()


@pytest.fixture
def rollup(_rollup: OracleHarness) -> OracleHarness:
    """Ether alone with two sources, on an L2 whose sequencer has an uptime feed."""
    return _rollup.fork()
