# SPDX-License-Identifier: AGPL-3.0-only
"""What the pool keeps for open positions, and what these pay for it by the second."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.pool import REQUEST_DELAY
from inverse_index.model.fixed import WAD, tdiv
from inverse_index.model.oracle.prices import Restriction
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.exchange_harness import (
    CONFIG,
    MAX_BORROWING,
    NOBODY,
    ONE,
    TERMS,
    ExchangeHarness,
    buy,
    deploy_exchange,
    sell,
    ten,
)

PRICE = 100 * WAD


@pytest.fixture
def small(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str
) -> ExchangeHarness:
    """A pool of 20,000, of which 100 units are a half."""
    harness.add_liquidity(provider, 20_000 * harness.unit)
    for actor in (trader, second_trader):
        harness.deposit(actor, 10**5 * harness.unit)
    return harness


def equity_of(harness: ExchangeHarness, account: str) -> int:
    return int(harness.exchange.account_value(account, ten(harness.prices))[0])


def rate_by_hand(kept: int, equity: int) -> int:
    part = kept // (equity // 10**9 + 1)
    return MAX_BORROWING * part**2 // WAD * part**2 // WAD


def test_a_short_pays_the_pool_for_what_it_keeps(small: ExchangeHarness, trader: str) -> None:
    """Half of the pool: a sixteenth of the maximum, beside the funding. [X-BOR-1]"""
    small.trade(trader, sell(0, 100 * WAD))
    equity, own = int(small.pool.equity()), equity_of(small, trader)
    rate = rate_by_hand(10_000 * ONE, equity)
    assert small.exchange.market_state(0).borrowing == rate
    assert MAX_BORROWING // 17 < rate < MAX_BORROWING // 16
    small.wait(DAY)
    funding = 10**10 + rate  # skew of a hundredth of its scale
    paid = 100 * WAD * (PRICE * DAY * funding // WAD)
    assert equity_of(small, trader) == own - paid
    assert small.pool.equity() == equity + paid


def test_the_larger_side_pays(small: ExchangeHarness, trader: str, second_trader: str) -> None:
    """Of the smaller one a quarter is kept, and it pays a quarter of the rate. [X-BOR-1]"""
    small.trade(trader, buy(0, 100 * WAD))
    spare = small.exchange.spare_reserve(NOBODY, ten(small.prices))
    small.trade(second_trader, sell(0, 60 * WAD))
    fee = 6_000 * ONE * 9 // 10_000  # nine tenths of a thousandth of it
    assert small.exchange.spare_reserve(NOBODY, ten(small.prices)) == spare + fee - 1_500 * ONE
    rate = small.exchange.market_state(0).borrowing
    long, short = equity_of(small, trader), equity_of(small, second_trader)
    small.wait(DAY)
    funding = 40 * 10**8  # of a skew of 40
    assert long - equity_of(small, trader) == 100 * WAD * (PRICE * DAY * (funding + rate) // WAD)
    gained = 60 * WAD * tdiv(PRICE * DAY * (funding - rate // 4), WAD)
    assert equity_of(small, second_trader) - short == gained


def test_equal_sides_pay_for_what_is_kept(
    small: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """Who is long and short at once pays for one side and a quarter, which nobody needs.
    [X-BOR-1]"""
    small.trade(trader, buy(0, 150 * WAD))
    small.trade(second_trader, sell(0, 150 * WAD))
    rate = small.exchange.market_state(0).borrowing
    before = [equity_of(small, each) for each in (trader, second_trader)]
    small.wait(DAY)
    after = [equity_of(small, each) for each in (trader, second_trader)]
    charged = [150 * WAD * (PRICE * DAY * each // WAD) for each in (rate // 4, rate)]
    assert [old - new for old, new in zip(before, after, strict=True)] == charged


def test_a_squatted_pool(
    small: ExchangeHarness, trader: str, second_trader: str, provider: str
) -> None:
    """Long and short 128 of a pool of 200 units: the other fifth is free at once, and in a
    month the two have paid the pool a twelfth of what they keep and more. [X-BOR-1]"""
    small.trade(trader, buy(0, 128 * WAD))
    small.trade(second_trader, sell(0, 128 * WAD))
    spare = small.exchange.spare_reserve(NOBODY, ten(small.prices))
    assert spare > 4_000 * ONE
    worth = int(small.pool.equity())
    for _ in range(30):
        small.wait(DAY)
        small.accrue(provider)
    assert small.pool.equity() - worth > 16_000 * ONE // 12
    shares = small.model.account(provider).liquidity // 4
    small.request_redeem(provider, shares)
    small.wait(REQUEST_DELAY)
    small.claim_redeem(provider, shares)


def test_the_rate_is_that_of_the_last_growth(
    small: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """Of the market itself; a reduction leaves it, and anybody has it set anew.
    [X-BOR-2]"""
    small.trade(trader, sell(0, 10 * WAD))
    low = small.exchange.market_state(0).borrowing
    small.trade(second_trader, sell(1, 1_500 * WAD))
    high = small.exchange.market_state(1).borrowing
    assert small.exchange.market_state(0).borrowing == low < high
    small.wait(DAY)
    small.accrue(second_trader)
    assert [small.exchange.market_state(m).borrowing for m in (0, 1)] == [
        rate_by_hand(16_000 * ONE, int(small.pool.equity()))
    ] * 2
    kept = small.exchange.market_state(1).borrowing
    small.trade(second_trader, buy(1, 1_500 * WAD))
    assert small.exchange.market_state(1).borrowing == kept
    small.accrue(trader)
    assert small.exchange.market_state(1).borrowing == small.exchange.market_state(0).borrowing
    assert small.exchange.market_state(1).borrowing == rate_by_hand(
        1_000 * ONE, int(small.pool.equity())
    )


@pytest.mark.parametrize("side", [1, -1])
def test_a_rate_counts_for_a_day(small: ExchangeHarness, trader: str, side: int) -> None:
    """Then funding alone goes on, until the rate is set anew. [X-BOR-5]"""
    small.trade(trader, (buy if side > 0 else sell)(0, 100 * WAD))
    own, rate = equity_of(small, trader), small.exchange.market_state(0).borrowing
    small.wait(10 * DAY)
    charged = 10 * DAY * 10**10 + DAY * rate
    assert own - equity_of(small, trader) == 100 * WAD * (PRICE * charged // WAD)
    small.accrue(trader)
    own, rate = equity_of(small, trader), small.exchange.market_state(0).borrowing
    small.wait(DAY)
    charged = DAY * (10**10 + rate)
    assert own - equity_of(small, trader) == 100 * WAD * (PRICE * charged // WAD)


def test_an_outage_costs_a_day(
    small: ExchangeHarness, trader: str, second_trader: str, liquidator: str
) -> None:
    """Somebody has filled the pool, had the rates set and closed again, just before there are
    no more prices, and nobody can set them anew. [X-BOR-5]"""
    small.trade(trader, sell(0, 50 * WAD))
    small.trade(second_trader, sell(1, 1_400 * WAD))
    small.accrue(second_trader)
    small.trade(second_trader, buy(1, 1_400 * WAD))
    rate = small.exchange.market_state(0).borrowing
    assert rate > MAX_BORROWING // 2
    own = equity_of(small, trader)
    small.kill_oracle()
    small.wait(10 * DAY)
    small.settle(liquidator)
    paid = own - equity_of(small, trader)
    assert paid == 50 * WAD * (PRICE * (10 * DAY * 5 * 10**9 + DAY * rate) // WAD)


def test_no_more_than_the_maximum(small: ExchangeHarness, trader: str) -> None:
    """Even when the pool no longer has what it keeps, and without anything kept none.
    [X-BOR-1]"""
    small.trade(trader, sell(0, 150 * WAD))
    small.set_prices(200 * WAD, 10 * WAD)  # the short loses, the pool gains 15,000
    small.accrue(trader)
    assert MAX_BORROWING // 4 < small.exchange.market_state(0).borrowing < MAX_BORROWING
    small.trade(trader, buy(0, 150 * WAD))
    small.trade(trader, buy(0, 150 * WAD))
    small.set_prices(400 * WAD, 10 * WAD)
    small.accrue(trader)
    assert small.exchange.market_state(0).borrowing == MAX_BORROWING
    small.trade(trader, sell(0, 150 * WAD))
    small.accrue(trader)
    assert small.exchange.market_state(0).borrowing == 0


def test_through_zero_each_side_has_its_own_funding(
    small: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """A turn loses nothing and gains nothing beside the fee and the impact. [X-BOR-3]"""
    small.trade(second_trader, sell(0, 20 * WAD))
    small.trade(trader, buy(0, 100 * WAD))
    small.wait(30 * DAY)
    state = small.exchange.market_state(0)
    before = equity_of(small, trader)
    receipt = small.trade(trader, sell(0, 160 * WAD))
    (event,) = small.exchange.events(receipt)
    cost = 160 * WAD * (PRICE - event.price) + event.fee
    assert equity_of(small, trader) == before - cost
    after = small.exchange.market_state(0)
    assert after.long_funding != after.short_funding
    assert (after.long_funding, after.short_funding) != (state.long_funding, state.short_funding)


def test_no_time_counts_for_longs_while_there_are_none(
    small: ExchangeHarness, trader: str, second_trader: str
) -> None:
    """[X-BOR-3]"""
    small.trade(second_trader, buy(0, 50 * WAD))
    small.wait(DAY)
    small.trade(second_trader, sell(0, 50 * WAD))
    stored = small.exchange.market_state(0).long_funding
    assert stored > 0
    small.trade(trader, sell(0, 50 * WAD))
    small.wait(30 * DAY)
    small.accrue(trader)
    small.trade(second_trader, buy(0, 50 * WAD))
    assert small.exchange.market_state(0).long_funding == stored


def test_accrue_changes_no_worth(small: ExchangeHarness, trader: str, second_trader: str) -> None:
    """[X-BOR-2]"""
    small.trade(trader, sell(0, 100 * WAD))
    small.trade(second_trader, buy(1, 500 * WAD))
    small.wait(DAY)
    before = [equity_of(small, each) for each in (trader, second_trader)]
    worth = small.pool.equity()
    small.accrue(NOBODY[:-1] + "9")
    assert [equity_of(small, each) for each in (trader, second_trader)] == before
    assert small.pool.equity() == worth


@pytest.mark.parametrize("restriction", [Restriction.STEP, Restriction.SPREAD])
def test_no_rate_is_set_by_disputed_prices(
    small: ExchangeHarness, trader: str, restriction: Restriction
) -> None:
    """What is traded then ends the rate of its market. [X-BOR-2]"""
    small.trade(trader, sell(0, 100 * WAD))
    small.restrict(restriction, WAD // 100)
    with reverts("exchange: oracle restricts its prices"):
        small.accrue(trader)
    assert small.exchange.market_state(0).borrowing > 0
    small.trade(trader, buy(0, 10 * WAD))
    assert small.exchange.market_state(0).borrowing == 0


def test_nothing_is_paid_once_settled(small: ExchangeHarness, trader: str, liquidator: str) -> None:
    """[X-BOR-2]"""
    small.trade(trader, sell(0, 100 * WAD))
    small.wait(DAY)
    small.kill_oracle()
    small.settle(liquidator)
    worth = equity_of(small, trader)
    small.wait(30 * DAY)
    assert equity_of(small, trader) == worth
    with reverts("exchange: settled"):
        small.accrue(trader)


def test_what_one_account_may_have(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str
) -> None:
    """A quarter of the pool's equity, over all markets, for growth alone.
    [X-BOR-4] [X-VIEW-2]"""
    actors = (trader, second_trader, provider)
    terms = (0, WAD // 4)
    harness = ExchangeHarness(chain, owner, actors, [PRICE, PRICE], [CONFIG] * 2, terms=terms)
    harness.add_liquidity(provider, 40_000 * harness.unit)
    for actor in (trader, second_trader):
        harness.deposit(actor, 10**5 * harness.unit)
    harness.trade(trader, sell(0, 60 * WAD), buy(1, 40 * WAD))
    left = harness.exchange.spare_reserve(trader, ten(harness.prices))
    assert left == harness.model.spare_reserve(trader, harness.prices, harness.now)
    assert 0 < left == harness.pool.equity() // WAD * (WAD // 4) - 10_000 * ONE
    with reverts("pool: account above its limit"):
        harness.trade(trader, sell(0, WAD))
    harness.trade(second_trader, sell(0, 90 * WAD))
    harness.trade(trader, sell(0, left // PRICE))
    harness.set_prices(2 * PRICE, 2 * PRICE)
    assert harness.exchange.spare_reserve(trader, ten(harness.prices)) < 0
    harness.trade(trader, buy(0, 10 * WAD))
    assert harness.exchange.market_state(0).borrowing == 0  # of a pool that asks for none


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ((10**13 + 1, WAD), "pool: max borrowing out of range"),
        ((0, 0), "pool: account limit out of range"),
        ((0, WAD + 1), "pool: account limit out of range"),
    ],
)
def test_terms_of_a_pool(
    harness: ExchangeHarness, owner: str, terms: tuple[int, int], reason: str
) -> None:
    """[X-BOR-4]"""
    with reverts(reason):
        harness.chain.deploy("LiquidityPool", harness.token, owner, *terms, sender=owner)


def test_the_widest_terms(harness: ExchangeHarness, owner: str) -> None:
    """[X-BOR-4]"""
    for terms in ((10**13, WAD), (0, 1)):
        _, pool = deploy_exchange(
            harness.chain, harness.token, harness.oracle, owner, harness.configs, terms
        )
        assert (pool.max_borrowing(), pool.account_limit()) == terms
    assert (harness.pool.max_borrowing(), harness.pool.account_limit()) == TERMS


def test_the_exchange_alone_books_what_is_kept(harness: ExchangeHarness, attacker: str) -> None:
    """[X-POOL-9]"""
    with reverts("pool: caller is not the exchange"):
        harness.pool.book_kept(0, 0, 0, 0, 0, sender=attacker)
