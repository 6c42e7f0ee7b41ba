# SPDX-License-Identifier: AGPL-3.0-only
"""Orders before they are sent, compared with what the model then does."""

from __future__ import annotations

import pytest

from inverse_index import reasons
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import MAX_UINT256, WAD, Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.payoffs import LinearFuture, MarginRates
from inverse_index.trading import Refused, preview
from inverse_index.trading.liquidation_price import is_liquidatable, liquidation_price
from inverse_index.trading.rehearsal import (
    DAY,
    free_margin,
    margins,
    most_that_fits,
    part_of,
    worst_price,
)
from tests.support.exchange_harness import ONE, buy, sell
from tests.unit.trading.conftest import NOW, PRICES, UNIT, doubted, seen

SLIPPAGE = 5 * 10**15


def refused(books: ExchangeModel, delta: int, **more: object) -> Refused:
    with pytest.raises(Refused) as caught:
        preview(seen(books, **more), "trader", 0, delta, SLIPPAGE)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("delta", [50 * WAD, -50 * WAD, 1])
def test_is_what_the_trade_then_does(books: ExchangeModel, delta: int) -> None:
    shown = preview(seen(books), "trader", 0, delta, SLIPPAGE)
    (fill,) = books.trade("trader", [shown.order], PRICES, NOW)
    assert (shown.fill, shown.fee) == (fill.price, fill.fee)
    assert shown.after == margins(seen(books), books, "trader")
    assert shown.size_after == delta
    later = NOW + DAY
    paid = books.equity("trader", PRICES, NOW) - books.equity("trader", PRICES, later)
    assert shown.funding_per_day == paid
    assert shown.recovered_in is not None
    assert books.markets[0].displacement_now(NOW + shown.recovered_in) == 0
    if shown.recovered_in > 1:
        assert books.markets[0].displacement_now(NOW + shown.recovered_in - 1) != 0


def test_a_preview_changes_nothing(books: ExchangeModel) -> None:
    before = books.state()
    preview(seen(books), "trader", 0, 10 * WAD, SLIPPAGE)
    refused(books, 1_000 * WAD)
    assert books.state() == before


def test_the_limit_is_worse_than_the_fill() -> None:
    assert worst_price(100 * WAD, SLIPPAGE, True) == 100 * WAD + WAD // 2
    assert worst_price(100 * WAD, SLIPPAGE, False) == 100 * WAD - WAD // 2
    assert worst_price(1, WAD, False) == 1


def test_how_much_margin_is_missing(books: ExchangeModel) -> None:
    """With it the order goes through, with a unit less it does not."""
    found = refused(books, 120 * WAD)
    assert found.reason == reasons.EXCHANGE_MARGIN and found.missing is not None
    books.account("trader").cash += found.missing - 1
    assert refused(books, 120 * WAD).missing == 1
    books.account("trader").cash += 1
    preview(seen(books), "trader", 0, 120 * WAD, SLIPPAGE)


def test_how_much_the_margin_is_enough_for(books: ExchangeModel) -> None:
    fits = refused(books, 120 * WAD).fits
    assert fits is not None
    assert preview(seen(books), "trader", 0, fits, SLIPPAGE).after.free >= 0
    assert refused(books, fits + 1).reason == reasons.EXCHANGE_MARGIN


@pytest.mark.parametrize(
    ("delta", "reason"),
    [
        (251 * WAD, reasons.EXCHANGE_LONG_CAP),
        (-251 * WAD, reasons.EXCHANGE_SHORT_CAP),
        (30_000 * WAD, reasons.EXCHANGE_ORDER_SIZE),
    ],
)
def test_how_much_fits_within_the_caps(books: ExchangeModel, delta: int, reason: str) -> None:
    books.account("trader").cash += 10**6 * ONE
    found = refused(books, delta)
    assert (found.reason, found.missing) == (reason, None)
    assert found.fits == 250 * WAD


def test_how_much_the_reserve_carries(books: ExchangeModel) -> None:
    books.account("trader").cash += 10**6 * ONE
    books.pool_cash = 10_000 * ONE
    found = refused(books, 200 * WAD)
    assert found.reason == reasons.EXCHANGE_RESERVE
    assert found.fits is not None and 99 * WAD < found.fits < 101 * WAD
    assert found.fits == most_that_fits(seen(books), "trader", 0, True, rich=True)


def test_restricted_prices_open_nothing_and_close_at_the_worse_one(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 10 * WAD)], PRICES, NOW)
    doubt = {"prices": doubted(90, 120), "restriction": Restriction.STEP}
    assert refused(books, -WAD, **doubt).reason == reasons.EXCHANGE_RESTRICTED
    shown = preview(seen(books, **doubt), "trader", 0, 5 * WAD, SLIPPAGE)  # type: ignore[arg-type]
    assert (shown.oracle, shown.base) == (100 * WAD, 120 * WAD)
    assert shown.fill >= 120 * WAD


def test_settled_positions_close_at_the_frozen_price(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 10 * WAD)], PRICES, NOW)
    books.settle((130 * WAD, 10 * WAD), True, NOW)
    stale = {"prices": Revert("oracle: stale price")}
    assert refused(books, -WAD, **stale).reason == reasons.EXCHANGE_REDUCE_ONLY
    shown = preview(seen(books, **stale), "trader", 0, 10 * WAD, SLIPPAGE)  # type: ignore[arg-type]
    assert (shown.fill, shown.fee, shown.size_after) == (130 * WAD, 0, 0)
    assert shown.liquidation is None


@pytest.mark.parametrize("delta", [60 * WAD, -60 * WAD])
def test_the_liquidation_price_is_that_of_the_payoff(books: ExchangeModel, delta: int) -> None:
    """In binary floating point it is what a future alone has."""
    shown = preview(seen(books), "trader", 0, delta, SLIPPAGE)
    price, own = shown.liquidation, shown.after
    assert price is not None
    alone = LinearFuture(
        entry=100.0,
        size=delta / WAD,
        margin=own.equity / ONE,
        rates=MarginRates(initial=0.1, maintenance=0.05),
    )
    assert price / WAD == pytest.approx(alone.liquidation_price(), rel=1e-12)


@pytest.mark.parametrize("delta", [60 * WAD, -60 * WAD])
def test_one_unit_before_it_is_safe(books: ExchangeModel, delta: int) -> None:
    order = Order(0, delta, MAX_UINT256 if delta > 0 else 0)
    books.trade("trader", [order, buy(1, 5 * WAD)], PRICES, NOW)
    later = NOW + 3 * DAY
    price = liquidation_price(books, "trader", 0, PRICES, later)
    assert price is not None
    assert is_liquidatable(books, "trader", (price, PRICES[1]), later)
    safe = price + (1 if delta > 0 else -1)
    assert not is_liquidatable(books, "trader", (safe, PRICES[1]), later)


def test_margin_that_pays_for_any_move(books: ExchangeModel) -> None:
    shown = preview(seen(books), "trader", 0, 5 * WAD, SLIPPAGE)
    assert shown.liquidation is None


def test_what_is_free_can_be_taken(books: ExchangeModel) -> None:
    assert free_margin(seen(books), "trader") == 1_000 * UNIT
    books.trade("trader", [sell(0, 50 * WAD)], PRICES, NOW)
    free = free_margin(seen(books), "trader")
    assert 0 < free < 500 * UNIT
    books.withdraw("trader", free, PRICES, NOW + 600)
    assert free_margin(seen(books, now=NOW + 600), "trader") <= 1


def test_without_a_position_no_price_is_needed(books: ExchangeModel) -> None:
    stale = Revert("oracle: stale price")
    assert free_margin(seen(books, stale), "trader") == 1_000 * UNIT
    books.trade("trader", [sell(0, 50 * WAD)], PRICES, NOW)
    with pytest.raises(Revert):
        free_margin(seen(books, stale), "trader")


def test_parts_of_a_position() -> None:
    assert part_of(7, WAD // 2) == -4
    assert part_of(-7, WAD) == 7
