# SPDX-License-Identifier: AGPL-3.0-only
"""A vault of a 5% buffer on an exchange of two markets and a deep pool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.exchange_harness import CONFIG, ExchangeHarness
from tests.support.perp_vault_harness import PerpVaultHarness

PRICES = (100 * WAD, 10 * WAD)
CONFIGS = (CONFIG, replace(CONFIG, skew_scale=200_000 * WAD, max_long=5_000 * WAD))
BUFFER = 5 * 10**16
MAX_TRADE = (20 * WAD, 400 * WAD)  # exactly 2 * fee * skew scale


@pytest.fixture
def vault(
    chain: LocalBackend, owner: str, provider: str, trader: str, depositor: str
) -> PerpVaultHarness:
    """With nothing in it; its token is the depositor's account."""
    harness = ExchangeHarness(chain, owner, [provider, trader, depositor], PRICES, CONFIGS)
    harness.add_liquidity(provider, 10**6 * harness.unit)
    harness.deposit(trader, 10**5 * harness.unit)
    return PerpVaultHarness(harness, depositor, BUFFER, MAX_TRADE)


@pytest.fixture
def filled(vault: PerpVaultHarness) -> PerpVaultHarness:
    """With 10,000 of idle collateral."""
    vault.book(10_000 * vault.harness.unit)
    return vault
