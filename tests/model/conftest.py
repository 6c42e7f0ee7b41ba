# SPDX-License-Identifier: AGPL-3.0-only
"""A market of the real Aave v3 and its model, at several points of its life."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.protocols.aave import RAY
from tests.support.aave_harness import AaveHarness
from tests.support.constants import YEAR

USD, BTC, ETH = 10**6, 10**8, 10**18


@pytest.fixture(scope="module")
def fresh(
    chain: LocalBackend, owner: str, depositor: str, trader: str, liquidator: str
) -> AaveHarness:
    users = {"depositor": depositor, "trader": trader, "liquidator": liquidator}
    return AaveHarness(chain, owner, users)


@pytest.fixture
def harness(fresh: AaveHarness) -> Iterator[AaveHarness]:
    """The market with nothing in it; both sides are compared at the end."""
    before = fresh.saved()
    try:
        yield fresh
        fresh.check()
    finally:
        fresh.restore(before)


@pytest.fixture
def market(harness: AaveHarness) -> AaveHarness:
    """The depositor has supplied 1,000,000 USD, 10 BTC, 500 ETH, the trader 100,000 USD."""
    assert harness.supply("USD", 1_000_000 * USD, "depositor") == "ok"
    assert harness.supply("BTC", 10 * BTC, "depositor") == "ok"
    assert harness.supply("ETH", 500 * ETH, "depositor") == "ok"
    assert harness.supply("USD", 100_000 * USD, "trader") == "ok"
    return harness


@pytest.fixture
def indebted(market: AaveHarness) -> AaveHarness:
    """The trader has borrowed 20 ETH, 60,000 dollars, just now."""
    assert market.borrow("ETH", 20 * ETH, "trader") == "ok"
    return market


@pytest.fixture
def grown(market: AaveHarness) -> AaveHarness:
    """A year at nearly full usage: one unit of BTC's indices is more than two coins."""
    assert market.supply("USD", 2_000_000 * USD, "trader") == "ok"
    assert market.borrow("BTC", 990_000_000, "trader") == "ok"
    market.wait(YEAR)
    assert market.model.normalized_debt("BTC", market.now) > 12 * RAY
    assert market.model.normalized_income("BTC", market.now) > 3 * RAY
    return market
