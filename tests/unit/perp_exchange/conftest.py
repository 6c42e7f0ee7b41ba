# SPDX-License-Identifier: AGPL-3.0-only
"""A harness of two markets at 100 and 10, a million of liquidity in the pool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.exchange_harness import CONFIG, MAX_BORROWING, ExchangeHarness

PRICES = (100 * WAD, 10 * WAD)
CONFIGS = (CONFIG, replace(CONFIG, skew_scale=200_000 * WAD, max_long=5_000 * WAD))
LIQUIDITY = 1_000_000


@pytest.fixture(scope="package")
def deployed(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, liquidator: str, provider: str
) -> ExchangeHarness:
    actors = (trader, second_trader, liquidator, provider)
    return ExchangeHarness(chain, owner, actors, PRICES, CONFIGS)


@pytest.fixture
def harness(deployed: ExchangeHarness) -> ExchangeHarness:
    """A fresh model beside the contracts, whose changes are undone after each test."""
    from inverse_index.model.exchange.perp_exchange import ExchangeModel

    harness = deployed
    harness.prices, harness.failing, harness.restricted = list(PRICES), False, None
    harness.model = ExchangeModel(6, len(PRICES), max_borrowing=MAX_BORROWING)
    listed_at = harness.exchange.market_state(0).funding_at
    harness.model.list_markets(CONFIGS, listed_at)
    return harness


@pytest.fixture
def funded(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str
) -> ExchangeHarness:
    """With the pool's liquidity and 10,000 of margin for each trader."""
    harness.add_liquidity(provider, LIQUIDITY * harness.unit)
    for actor in (trader, second_trader):
        harness.deposit(actor, 10_000 * harness.unit)
    return harness
