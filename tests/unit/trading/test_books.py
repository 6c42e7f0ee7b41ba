# SPDX-License-Identifier: AGPL-3.0-only
"""Books read from the chain are the model that was moved beside it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from inverse_index.errors import UserError
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading import Exchange
from inverse_index.trading.entries import Trade
from inverse_index.trading.positions import positions_of
from tests.support.exchange_harness import ExchangeHarness
from tests.unit.trading.conftest import PRICES, exchange_of, history_of


def test_all_books_are_read(
    harness: ExchangeHarness, trader: str, second_trader: str, provider: str
) -> None:
    view = exchange_of(harness).look((trader, second_trader, provider), (), (provider,))
    assert view.books.state() == harness.model.state()
    assert view.books.markets == harness.model.markets
    assert (view.prices, view.restriction, view.now) == (PRICES, Restriction(0), harness.now)


def test_restricted_and_missing_prices(harness: ExchangeHarness, trader: str) -> None:
    exchange = exchange_of(harness)
    harness.restrict(Restriction.STEP, 10**16, (90 * WAD, 11 * WAD))
    view = exchange.look((trader,))
    assert view.is_restricted and view.prices == harness.oracle_prices
    assert view.mids == PRICES
    harness.fail_oracle()
    view = exchange.look((trader,))
    assert isinstance(view.prices, Revert) and view.reason == "oracle: stale price"
    harness.failing = False


def test_settled_books_need_the_frozen_prices(harness: ExchangeHarness, trader: str) -> None:
    harness.kill_oracle()
    harness.settle(trader)
    history = history_of(harness)
    view = exchange_of(harness).look((trader,), history.frozen_prices())
    assert view.books.frozen == PRICES and view.reason == ""
    assert view.books.markets == harness.model.markets
    with pytest.raises(UserError, match="does not tell the frozen prices"):
        exchange_of(harness).look((trader,))


def test_the_log_tells_accounts_and_trades(
    harness: ExchangeHarness, trader: str, second_trader: str
) -> None:
    history = history_of(harness)
    assert history.traders() == [trader, second_trader]
    assert history.traders() == [trader, second_trader]
    trades = history.trades_of(trader)
    assert [trade.delta for trade in trades[0]] == [-100 * WAD, -50 * WAD]
    assert trades[0][0].funding == 0 and trades[0][1].funding != 0
    assert isinstance(trades[1][0], Trade)


def test_profit_and_funding_are_all_that_a_position_has_brought(
    harness: ExchangeHarness, trader: str
) -> None:
    """Margin that was paid in, less fees, and these are the equity."""
    history = history_of(harness)
    view = exchange_of(harness).look((trader,))
    found = positions_of(view, trader, history.trades_of(trader))
    fees = sum(
        event.fee for _, event in history._events(harness.exchange, "Traded", account=trader)
    )
    brought = sum((each.profit or 0) - (each.funding or 0) for each in found)
    equity = harness.model.equity(trader, PRICES, harness.now)
    assert abs(equity - (10_000 * 10**36 - fees + brought)) <= 4  # rounded averages


def test_claims_of_providers(harness: ExchangeHarness, provider: str) -> None:
    (flow,) = history_of(harness).flows()
    assert (flow.enters, flow.account, flow.assets) == (True, provider, 10**12)
    assert flow.shares == 10**6 * WAD


def test_a_log_without_a_beginning(harness: ExchangeHarness) -> None:
    with pytest.raises(UserError, match="in which block the exchange was deployed"):
        history_of(harness, None).traders()


def test_unknown_markets_and_other_venues(harness: ExchangeHarness) -> None:
    exchange = exchange_of(harness)
    assert exchange.market("bbb") == 1
    with pytest.raises(UserError, match="there is no market 'DOGE'; use one of: AAA, BBB"):
        exchange.market("DOGE")
    aave: Any = SimpleNamespace(name="on aave", venue=object())
    with pytest.raises(UserError, match=r"holds its shorts on Aave: .*; choose a deployment"):
        Exchange(aave)
