# SPDX-License-Identifier: AGPL-3.0-only
"""A world of two markets at 100 and 10, a million of liquidity in the pool."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.perp import CONFIG, PerpWorld

PRICES = (100 * WAD, 10 * WAD)
CONFIGS = (CONFIG, replace(CONFIG, skew_scale=200_000 * WAD, max_long=5_000 * WAD))
LIQUIDITY = 1_000_000


@pytest.fixture(scope="package")
def deployed(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, liquidator: str, provider: str
) -> PerpWorld:
    people = (trader, second_trader, liquidator, provider)
    return PerpWorld(chain, owner, people, PRICES, CONFIGS)


@pytest.fixture
def world(deployed: PerpWorld) -> PerpWorld:
    """A fresh model beside the contracts, whose changes are undone after each test."""
    from inverse_index.model.exchange.perp_exchange import ExchangeModel

    world = deployed
    world.prices, world.failing = list(PRICES), False
    world.model = ExchangeModel(6, len(PRICES))
    listed_at = world.exchange.market_state(0).funding_at
    for config in CONFIGS:
        world.model.list_market(config, listed_at)
    return world


@pytest.fixture
def funded(world: PerpWorld, provider: str, trader: str, second_trader: str) -> PerpWorld:
    """With the pool's liquidity and 10,000 of margin for each trader."""
    world.add_liquidity(provider, LIQUIDITY * world.unit)
    for person in (trader, second_trader):
        world.deposit(person, 10_000 * world.unit)
    return world
