# SPDX-License-Identifier: AGPL-3.0-only
"""Who can be liquidated or deleveraged, who is spared, and what is worth it."""

from __future__ import annotations

from inverse_index.keeper import Policy
from inverse_index.keeper.decide import GWEI, cost_of_gas_up
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading.survey import longs_to_close, reasons_of, survey, why_wait
from tests.support.exchange_harness import ONE, buy, sell
from tests.unit.trading.conftest import NOW, PRICES, UNIT, doubted, seen

UP = (107 * WAD, 10 * WAD)


def test_nobody_is_due(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 50 * WAD)], PRICES, NOW)
    found = survey(seen(books))
    assert (found.due, found.spared, found.open) == ((), (), 1)


def test_what_a_liquidation_pays_is_what_it_does(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 90 * WAD)], PRICES, NOW)
    (due,) = survey(seen(books, UP)).due
    assert due.account == "trader" and due.equity < due.maintenance
    assert due.does == books.liquidate("trader", UP, NOW)
    assert due.does.reward > 0


def test_the_largest_reward_comes_first(books: ExchangeModel) -> None:
    books.deposit("other", 500 * UNIT)
    books.trade("other", [sell(0, 45 * WAD)], PRICES, NOW)
    books.trade("trader", [sell(0, 90 * WAD)], PRICES, NOW)
    due = survey(seen(books, UP)).due
    assert [each.account for each in due] == ["trader", "other"]


def test_a_doubted_price_spares(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 90 * WAD)], PRICES, NOW)
    doubt = doubted(99, 107)
    doubt = type(doubt)(UP, doubt.low, doubt.high, UP)
    view = seen(books, doubt, restriction=Restriction.STEP)
    found = survey(view)
    assert (found.due, found.spared) == ((), ("trader",))
    assert "(step): below maintenance" in reasons_of(found.spared, view)["trader"]


def test_once_settled_everybody_can_be_closed(books: ExchangeModel) -> None:
    books.trade("trader", [sell(0, 50 * WAD)], PRICES, NOW)
    books.settle(PRICES, True, NOW)
    (due,) = survey(seen(books)).due
    assert (due.does.fraction, due.does.reward) == (WAD, 0)


def test_longs_are_closed_while_the_pool_does_not_cover_the_shorts(books: ExchangeModel) -> None:
    books.deposit("other", 10_000 * UNIT)
    books.trade("trader", [buy(0, 40 * WAD)], PRICES, NOW)
    books.trade("other", [sell(0, 90 * WAD)], PRICES, NOW)
    assert longs_to_close(seen(books)) == []
    books.pool_cash -= books.pool_equity(PRICES, NOW) - 8_000 * ONE
    (long,) = longs_to_close(seen(books))
    assert (long.account, long.market, long.size) == ("trader", 0, 40 * WAD)


def test_what_is_worth_its_gas() -> None:
    policy = Policy(native_price=3_000 * WAD, margin_bps=1_000)
    cost = cost_of_gas_up(200_000, 9 * GWEI, policy, UNIT)
    assert cost == 6 * UNIT  # 0.002 of the coin
    assert why_wait(6_600_000, cost, 0, policy) == ""
    assert why_wait(6_599_999, cost, 0, policy) == "reward too small"
    assert why_wait(10**12, cost, 11, Policy(max_base_fee=10)) == "base fee too high"
    assert why_wait(0, None, 0, Policy()) == ""
