# SPDX-License-Identifier: AGPL-3.0-only
"""settle: frozen prices, reductions only, and everybody gets out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import DAY, HOUR, MAX_UINT256
from tests.support.exchange_harness import (
    CONFIG,
    NOBODY,
    ONE,
    ExchangeHarness,
    buy,
    config_tuple,
    sell,
    ten,
)

SETTLED = "exchange: settled"
REDUCE = "exchange: settled, orders only reduce"
OPEN = "exchange: settled, positions are open"


@pytest.fixture
def crowded(
    funded: ExchangeHarness, trader: str, second_trader: str, provider: str
) -> ExchangeHarness:
    """Long 80 and short 30 of market 0, short 500 of market 1; a day of funding."""
    funded.fund_insurance(provider, 1_000 * funded.unit)
    funded.trade(trader, buy(0, 80 * WAD))
    funded.trade(second_trader, sell(0, 30 * WAD), sell(1, 500 * WAD))
    funded.wait(DAY)
    return funded


@pytest.fixture
def settled(crowded: ExchangeHarness, keeper: str) -> ExchangeHarness:
    """At 90 and 11, an hour later."""
    crowded.set_prices(90 * WAD, 11 * WAD)
    crowded.kill_oracle()
    crowded.settle(keeper)
    crowded.wait(HOUR)
    return crowded


def equities(harness: ExchangeHarness) -> list[int]:
    return [harness.exchange.margin(actor)[0] for actor in harness.actors]


def close_all(harness: ExchangeHarness, who: str) -> None:
    for actor in harness.actors:
        if harness.model.account(actor).has_position:
            harness.liquidate(who, actor)


# settling


def test_anyone_while_the_oracle_is_dead(crowded: ExchangeHarness, attacker: str) -> None:
    """[X-SET-1]"""
    for failing in (False, True):
        if failing:
            crowded.fail_oracle()
        with reverts("exchange: oracle is not dead"):
            crowded.settle(attacker)
    crowded.oracle.set_dead(True, sender=attacker)
    receipt = crowded.settle(attacker)
    only_event(receipt, crowded.exchange, "Settled", prices=ten([100 * WAD, 10 * WAD]))
    assert crowded.exchange.settled() is True
    with reverts(SETTLED):
        crowded.settle(attacker)


def test_no_account_is_worth_more_or_less(crowded: ExchangeHarness, keeper: str) -> None:
    """Nor is the pool. [X-SET-3]"""
    crowded.set_prices(90 * WAD, 11 * WAD)
    before, pool = equities(crowded), crowded.pool.equity()
    crowded.kill_oracle()
    crowded.settle(keeper)
    assert equities(crowded) == before
    assert crowded.pool.equity() == pool


def test_funding_stops(settled: ExchangeHarness) -> None:
    """[X-SET-4]"""
    states = [settled.exchange.market_state(m) for m in (0, 1)]
    assert [state.funding_at for state in states] == [settled.now - HOUR] * 2
    before = equities(settled)
    settled.wait(1_000 * DAY)
    assert equities(settled) == before
    assert [settled.exchange.market_state(m) for m in (0, 1)] == states


def test_only_the_frozen_prices_count(settled: ExchangeHarness, trader: str) -> None:
    """Not those that a caller passes in, be they absurd, nor those of an oracle
    that has come back. [X-SET-2]"""
    before = settled.exchange.account_value(trader, ten([90 * WAD, 11 * WAD]))
    margins = equities(settled)
    for prices in ([WAD, WAD], [0, 0], [MAX_UINT256] * 10):
        assert settled.exchange.account_value(trader, ten(prices)) == before
    orders = [sell(0, 5 * WAD)]
    assert settled.exchange.quote(trader, orders, ten([]), True) == margins[0]
    settled.set_prices(500 * WAD, WAD)
    settled.oracle.set_failing(False, sender=settled.owner)
    settled.failing = False
    settled.check()
    assert equities(settled) == margins
    assert settled.exchange.account_value(trader, ten(settled.prices)) == before
    receipt = settled.trade(trader, sell(0, 80 * WAD))
    assert settled.exchange.events(receipt)[0].price == 90 * WAD


def test_the_configuration_shows_it(settled: ExchangeHarness) -> None:
    expected = replace(CONFIG, max_funding=0, taker_fee=0, recovery=0)
    assert tuple(settled.exchange.market(0)) == config_tuple(expected)
    assert settled.exchange.spare_reserve(NOBODY, ten([])) == 0


def test_absurd_closing_prices_are_capped(crowded: ExchangeHarness, keeper: str) -> None:
    crowded.set_prices(2**104 - 1, 10 * WAD)
    crowded.kill_oracle()
    crowded.settle(keeper)
    assert crowded.model.frozen == (10**28, 10 * WAD)
    crowded.check()


def test_a_closing_price_of_zero_is_none(crowded: ExchangeHarness, keeper: str) -> None:
    crowded.set_prices(0, 10 * WAD)
    crowded.kill_oracle()
    with reverts("exchange: price out of range"):
        crowded.exchange.settle(sender=keeper)


# trading


def test_orders_only_reduce(settled: ExchangeHarness, trader: str, second_trader: str) -> None:
    """[X-SET-5]"""
    for actor, order in (
        (trader, buy(0, 1)),
        (trader, sell(0, 80 * WAD + 1)),
        (trader, sell(1, 1)),
        (second_trader, sell(0, 1)),
        (second_trader, buy(0, 30 * WAD + 1)),
        (second_trader, buy(0, 60 * WAD)),
    ):
        with reverts(REDUCE):
            settled.trade(actor, order)
    with reverts(REDUCE):
        settled.trade(second_trader, buy(0, WAD), sell(1, 1))
    settled.trade(second_trader, buy(0, WAD), buy(1, WAD))


def test_at_the_frozen_price_without_impact_or_fee(settled: ExchangeHarness, trader: str) -> None:
    """[X-SET-5]"""
    before, pool = equities(settled), settled.pool.equity()
    insurance = settled.pool.insurance()
    receipt = settled.trade(trader, sell(0, 33 * WAD + 1, 90 * WAD))
    only_event(
        receipt,
        settled.exchange,
        "Traded",
        account=trader,
        market=0,
        delta=-33 * WAD - 1,
        price=90 * WAD,
        fee=0,
        skew=17 * WAD - 1,
    )
    with reverts("exchange: price beyond limit"):
        settled.trade(trader, sell(0, WAD, 90 * WAD + 1))
    settled.trade(trader, sell(0, 47 * WAD - 1))
    assert equities(settled) == before
    assert settled.pool.equity() == pool
    assert settled.pool.insurance() == insurance


def test_margin_leaves(settled: ExchangeHarness, trader: str) -> None:
    """Down to the requirement while a position is open, whole after. [X-SET-7]"""
    equity, initial, _ = settled.exchange.margin(trader)
    native = 10**30
    free = (equity - initial) // native
    with reverts("exchange: margin too low"):
        settled.withdraw(trader, free + 1)
    settled.withdraw(trader, free)
    settled.trade(trader, sell(0, 80 * WAD))
    settled.withdraw(trader, equity // native - free)
    assert 0 <= settled.exchange.cash(trader) < native
    settled.deposit(trader, 7)
    settled.withdraw(trader, 7)


# closing for others


def test_anybody_closes_any_account_at_no_cost(
    settled: ExchangeHarness, second_trader: str, attacker: str
) -> None:
    """[X-SET-6]"""
    before, insurance = equities(settled), settled.pool.insurance()
    pool, held = settled.pool.equity(), settled.model.collateral
    receipt = settled.liquidate(attacker, second_trader)
    only_event(
        receipt,
        settled.exchange,
        "Liquidated",
        account=second_trader,
        liquidator=attacker,
        fraction=WAD,
        penalty=0,
        reward=0,
    )
    no_event(receipt, settled.exchange, "BadDebt")
    assert [settled.exchange.size(second_trader, m) for m in (0, 1)] == [0, 0]
    assert settled.exchange.cash(second_trader) == before[1]
    assert equities(settled) == before
    assert (settled.pool.insurance(), settled.pool.equity()) == (insurance, pool)
    assert settled.model.collateral == held
    with reverts("exchange: account is healthy"):
        settled.liquidate(attacker, second_trader)


@pytest.mark.parametrize("insured", [202, 300, 1_000])
def test_a_bankrupt_account(
    funded: ExchangeHarness, trader: str, provider: str, attacker: str, insured: int
) -> None:
    """Insurance pays first, then the pool; nobody needs the oracle for it."""
    funded.withdraw(trader, 980 * funded.unit)
    funded.trade(trader, buy(0, 200 * WAD))  # 2 of the fee insure, and 200 of impact
    if insured > 202:
        funded.fund_insurance(provider, (insured - 202) * funded.unit)
    # Bought at 101 with 9,000 of cash: at 51 there lack 1,000.
    funded.set_prices(51 * WAD, 10 * WAD)
    funded.kill_oracle()
    funded.settle(attacker)
    assert funded.exchange.margin(trader)[0] == -1_000 * ONE
    with reverts("exchange: equity below zero"):
        funded.trade(trader, sell(0, 200 * WAD))
    receipt = funded.liquidate(attacker, trader)
    only_event(
        receipt,
        funded.exchange,
        "BadDebt",
        account=trader,
        insurance_paid=insured * ONE,
        pool_paid=(1_000 - insured) * ONE,
    )
    assert (funded.exchange.cash(trader), funded.pool.insurance()) == (0, 0)


# the pool


def test_the_pool_waits_for_the_last_position(settled: ExchangeHarness, provider: str) -> None:
    """Not even one unit leaves earlier, however much the pool is worth. [X-SET-8]"""
    for actor in settled.actors:
        if settled.model.account(actor).has_position:
            with reverts(OPEN):
                settled.remove_liquidity(provider, WAD)
            settled.liquidate(provider, actor)
    settled.remove_liquidity(provider, WAD)


def test_a_balanced_market_is_open_too(
    funded: ExchangeHarness, trader: str, second_trader: str, provider: str
) -> None:
    """As much long as short: no skew, but positions. [X-SET-8]"""
    funded.trade(trader, buy(0, WAD))
    funded.trade(second_trader, sell(0, WAD))
    funded.wait(HOUR)
    funded.kill_oracle()
    funded.settle(provider)
    with reverts(OPEN):
        funded.remove_liquidity(provider, WAD)


def test_everything_leaves(settled: ExchangeHarness, provider: str, attacker: str) -> None:
    """But for the insurance, which was given for good, and dust. [X-SET-10]"""
    close_all(settled, attacker)
    for actor in settled.actors:
        whole = settled.exchange.cash(actor) // 10**30
        if whole:
            settled.withdraw(actor, whole)
    settled.remove_liquidity(provider, settled.pool.balanceOf(provider))
    rest = settled.model.collateral * 10**30 - settled.pool.insurance()
    # The virtual share's thousandth of one unit, and under a unit of each account.
    assert 0 <= rest <= 2 * 10**33
    assert settled.pool.totalSupply() == 0


def test_the_impact_stays_with_the_insurance(
    funded: ExchangeHarness, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    """200 units bought at 101 on average have paid 200; a seller of 100 after that
    nothing, and gets nothing of it; the pool has its part of the fees."""
    cash = [funded.exchange.cash(actor) for actor in (trader, second_trader)]
    funded.trade(trader, buy(0, 200 * WAD))
    funded.trade(second_trader, sell(0, 100 * WAD))
    fees = [20 * ONE, 10 * ONE]
    assert funded.pool.insurance() == 203 * ONE
    funded.wait(HOUR)
    funding = funded.exchange.margin(trader)[0] - (cash[0] - 200 * ONE - fees[0])
    received = funded.exchange.margin(second_trader)[0] - (cash[1] - fees[1])
    assert funding < -received < 0  # the longs pay for the hour, the shorts' part and the pool's
    funded.kill_oracle()
    funded.settle(keeper)
    funded.liquidate(keeper, trader)
    funded.liquidate(keeper, second_trader)
    assert funded.exchange.cash(trader) == cash[0] - 200 * ONE - fees[0] + funding
    assert funded.exchange.cash(second_trader) == cash[1] - fees[1] + received
    assert funded.pool.cash() == (1_000_000 + 27) * ONE - funding - received
    assert funded.pool.insurance() == 203 * ONE


def test_what_is_off(settled: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-SET-9]"""
    with reverts(SETTLED):
        settled.add_liquidity(provider, settled.unit)
    with reverts(SETTLED):
        settled.deleverage(provider, trader, 0)


def test_what_providers_have_asked_for_before(
    funded: ExchangeHarness, provider: str, second_trader: str, trader: str, keeper: str
) -> None:
    """Pending deposits come back, and are not claimed; exits are paid as soon as no
    position is open, at the lower price. [X-SET-9] [X-SET-11]"""
    funded.trade(trader, buy(0, 50 * WAD))
    funded.request_deposit(second_trader, funded.unit)
    funded.request_redeem(provider, 10 * WAD)
    funded.set_prices(90 * WAD, 10 * WAD)  # what the trader loses the pool wins
    funded.kill_oracle()
    funded.settle(keeper)
    with reverts(SETTLED):
        funded.claim_deposit(second_trader, funded.unit)
    funded.cancel_deposit(second_trader)
    with reverts(OPEN):
        funded.claim_redeem(provider, 10 * WAD)
    funded.liquidate(keeper, trader)
    before, bound = funded.token.balanceOf(provider), funded.pool.redeem_request(provider).bound
    assert funded.pool.convertToAssets(10 * WAD) > bound
    funded.claim_redeem(provider, 10 * WAD)
    assert funded.token.balanceOf(provider) - before == bound
    # The others have the gain, and the last one has all that is there.
    left = funded.pool.balanceOf(provider)
    assert funded.pool.convertToAssets(left) > left // 10**12 + 400 * funded.unit
    funded.remove_liquidity(provider, left)
    assert 0 <= funded.pool.cash() <= 2 * 10**33
