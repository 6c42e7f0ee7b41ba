# SPDX-License-Identifier: AGPL-3.0-only
"""A model of two markets at 100 and 10, and what a trader sees of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment.venues.perp import PerpVenue
from inverse_index.model.exchange.marks import Prices, Restricted
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading import Exchange, History, View
from tests.support.exchange_harness import CONFIG, ExchangeHarness, buy, sell

NOW = 1_700_000_000
PRICES = (100 * WAD, 10 * WAD)
UNIT = 10**6
CONFIGS = (CONFIG, replace(CONFIG, skew_scale=200_000 * WAD, max_long=5_000 * WAD))


def seen(
    books: ExchangeModel,
    prices: Prices = PRICES,
    now: int = NOW,
    restriction: Restriction = Restriction(0),  # noqa: B008
) -> View:
    return View(books, prices, restriction, now, ("AAA", "BBB"))


def doubted(low: int, high: int) -> Restricted:
    """The first market's price is 100, and may be anything between."""
    return Restricted(PRICES, (low * WAD, 10 * WAD), (high * WAD, 10 * WAD), PRICES)


@pytest.fixture
def books() -> ExchangeModel:
    """A million of liquidity, a trader with 1,000 of margin."""
    model = ExchangeModel(6, 2)
    model.list_markets(CONFIGS, NOW)
    model.request_deposit("provider", 1_000_000 * UNIT, PRICES, NOW)
    model.claim_deposit("provider", 1_000_000 * UNIT, 0, PRICES, NOW)
    model.fund_insurance(1_000 * UNIT)
    model.deposit("trader", 1_000 * UNIT)
    return model


@pytest.fixture(scope="module")
def harness(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str
) -> ExchangeHarness:
    """A short, a long, and requests of a provider."""
    made = ExchangeHarness(chain, owner, (trader, second_trader, provider), PRICES, CONFIGS)
    made.add_liquidity(provider, 10**6 * made.unit)
    for actor in (trader, second_trader):
        made.deposit(actor, 10_000 * made.unit)
    made.trade(trader, sell(0, 100 * WAD), buy(1, 30 * WAD))
    made.wait(5_000)
    made.trade(trader, sell(0, 50 * WAD))
    made.trade(second_trader, buy(0, 20 * WAD))
    made.request_deposit(provider, 77 * made.unit)
    made.request_redeem(provider, 5 * WAD)
    made.wait(100)
    return made


def exchange_of(harness: ExchangeHarness) -> Exchange:
    venue = PerpVenue(harness.exchange, harness.pool, 6, 2)
    system: Any = SimpleNamespace(
        name="mine",
        venue=venue,
        symbols=("AAA", "BBB"),
        decimals=6,
        unit=10**6,
        collateral_symbol="USD",
        backend=harness.chain,
        oracle=harness.oracle,
    )
    return Exchange(system)


def history_of(harness: ExchangeHarness, first: int | None = 0) -> History:
    return History(exchange_of(harness), harness.chain, first)
