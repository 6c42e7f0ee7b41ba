# SPDX-License-Identifier: AGPL-3.0-only
"""Requests of providers: the bound, both prices, and when they can be claimed."""

from __future__ import annotations

from copy import deepcopy

import pytest

from inverse_index import reasons
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.pool import REQUEST_DELAY
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading.provider import (
    can_cancel,
    claims,
    no_share_price,
    pool_worth,
    ready_at,
    requested,
)
from tests.support.exchange_harness import ONE, sell
from tests.unit.trading.conftest import NOW, PRICES, UNIT, doubted, seen

LATER = NOW + REQUEST_DELAY
STALE = Revert("oracle: stale price")


@pytest.fixture
def open_books(books: ExchangeModel) -> ExchangeModel:
    """With a position, so that claims need their delay."""
    books.trade("trader", [sell(0, 50 * WAD)], PRICES, NOW)
    return books


def test_what_the_pool_is_worth(open_books: ExchangeModel) -> None:
    worth = pool_worth(seen(open_books))
    assert worth.equity == open_books.pool_equity(PRICES, NOW)
    assert worth.reserve == 5_000 * ONE
    assert worth.spare == worth.equity - worth.reserve
    assert worth.utilisation is not None and 49 * 10**14 < worth.utilisation < 50 * 10**14
    assert worth.share_price is not None and WAD < worth.share_price < WAD + 10**13


def test_no_price_of_a_share(open_books: ExchangeModel) -> None:
    assert no_share_price(seen(open_books)) == ""
    doubt = seen(open_books, doubted(90, 120), restriction=Restriction.SPREAD)
    assert no_share_price(doubt) == reasons.EXCHANGE_RESTRICTED
    assert pool_worth(doubt).share_price is None


def test_the_bound_is_what_the_request_then_has(open_books: ExchangeModel) -> None:
    asked = requested(seen(open_books), "new", True, 500 * UNIT)
    open_books.request_deposit("new", 500 * UNIT, PRICES, NOW)
    assert open_books.account("new").joining == asked
    assert ready_at(seen(open_books), asked) == LATER
    (claim,) = claims(seen(open_books), "new")
    assert (claim.claimable, claim.brings, claim.why) == (0, None, reasons.POOL_EARLY)


@pytest.mark.parametrize("price", [95, 105])
def test_the_worse_of_two_prices(open_books: ExchangeModel, price: int) -> None:
    """Both are shown, and the claim then brings the worse one."""
    open_books.request_deposit("new", 500 * UNIT, PRICES, NOW)
    open_books.request_redeem("provider", 1_000 * WAD, PRICES, NOW)
    prices = (price * WAD, PRICES[1])
    view = seen(open_books, prices, LATER)
    (into,), (out,) = claims(view, "new"), claims(view, "provider")
    for each in (into, out):
        assert each.at_request is not None and each.at_present is not None
        assert each.brings == min(each.at_request, each.at_present)
        assert each.why == "" and each.claimable == each.request.amount
    alone = deepcopy(open_books)
    assert alone.claim_deposit("new", into.claimable, 0, prices, LATER) == into.brings
    assert open_books.claim_redeem("provider", out.claimable, 0, prices, LATER) == out.brings


def test_the_reserve_keeps_a_part(open_books: ExchangeModel) -> None:
    everything = open_books.account("provider").liquidity
    open_books.request_redeem("provider", everything, PRICES, NOW)
    (out,) = claims(seen(open_books, now=LATER), "provider")
    assert 0 < out.claimable < everything and out.why == reasons.EXCHANGE_RESERVE
    assert out.brings == open_books.claim_redeem("provider", out.claimable, 0, PRICES, LATER)


def test_at_once_while_nothing_is_open(books: ExchangeModel) -> None:
    books.request_deposit("new", 500 * UNIT, PRICES, NOW)
    (into,) = claims(seen(books), "new")
    assert (into.ready_at, into.claimable) == (NOW, 500 * UNIT)


def test_what_can_be_taken_back(open_books: ExchangeModel) -> None:
    open_books.request_deposit("new", 500 * UNIT, PRICES, NOW)
    assert can_cancel(seen(open_books), "new") == reasons.POOL_BINDING
    assert can_cancel(seen(open_books, STALE), "new") == ""
    assert can_cancel(seen(open_books, STALE), "nobody") == reasons.EXCHANGE_ZERO
    (claim,) = claims(seen(open_books, STALE, LATER), "new")
    assert claim.why == "oracle: stale price"
