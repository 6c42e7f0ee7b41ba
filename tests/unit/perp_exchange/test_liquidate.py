# SPDX-License-Identifier: AGPL-3.0-only
"""liquidate: partial, full, bankrupt; nobody is paid out of thin air."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import ZERO
from tests.support.exchange_harness import CONFIG, ONE, ExchangeHarness, buy, sell


@pytest.fixture
def long(funded: ExchangeHarness, trader: str) -> ExchangeHarness:
    """10,000 of margin, 200 units bought at 101 for a fee of 20: equity is 200
    units less 10,220."""
    funded.trade(trader, buy(0, 200 * WAD))
    assert funded.exchange.cash(trader) == -10_220 * ONE
    return funded


def test_healthy_at_exactly_the_maintenance_margin(
    long: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """[X-LIQ-1]"""
    # 200 * p - 10,220 >= 5% of 200 * p at p = 10,220 / 190
    price = -(-10_220 * WAD // 190)
    long.set_prices(price, 10 * WAD)
    with reverts("exchange: account is healthy"):
        long.liquidate(liquidator, trader)
    long.set_prices(price - 1, 10 * WAD)
    long.liquidate(liquidator, trader)


def test_partial_by_hand(long: ExchangeHarness, trader: str, liquidator: str) -> None:
    """At 53: notional 10,600, equity 380, requirements 1,060 and 530. Closing all
    would cost 106 of penalty: the part (1,060 - 380) / (1,060 - 106) restores the
    initial margin. [X-LIQ-2]"""
    long.set_prices(53 * WAD, 10 * WAD)
    equity, initial, maintenance = long.exchange.margin(trader)
    assert (equity, initial, maintenance) == (380 * ONE, 1_060 * ONE, 530 * ONE)
    before, insurance = long.token.balanceOf(liquidator), long.pool.insurance()
    receipt = long.liquidate(liquidator, trader)

    fraction = -(-680 * WAD // 954)
    closed = -(-200 * WAD * fraction // WAD)
    fill = 53 * WAD
    penalty = closed * 53 * WAD // 100
    reward = penalty // 2 // 10**30
    assert long.exchange.size(trader, 0) == 200 * WAD - closed
    assert long.token.balanceOf(liquidator) - before == reward
    assert long.pool.insurance() - insurance == penalty - reward * 10**30
    assert long.exchange.cash(trader) == -10_220 * ONE + closed * fill - penalty
    only_event(
        receipt,
        long.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=fraction,
        penalty=penalty,
        reward=reward,
    )
    only_event(
        receipt,
        long.exchange,
        "Traded",
        account=trader,
        market=0,
        delta=-closed,
        price=fill,
        fee=0,
        skew=200 * WAD - closed,
    )
    no_event(receipt, long.exchange, "BadDebt")

    equity, initial, _ = long.exchange.margin(trader)
    assert initial <= equity
    with reverts("exchange: account is healthy"):
        long.liquidate(liquidator, trader)


def test_all_of_it_under_half_of_the_maintenance_margin(
    long: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """At 52: notional 10,400, equity 180 before the penalty of 104, half of the
    maintenance margin 260. [X-LIQ-3]"""
    long.set_prices(52 * WAD, 10 * WAD)
    receipt = long.liquidate(liquidator, trader)
    assert long.exchange.size(trader, 0) == 0
    assert long.exchange.cash(trader) == 76 * ONE
    only_event(
        receipt,
        long.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=104 * ONE,
        reward=52_000_000,
    )
    no_event(receipt, long.exchange, "BadDebt")


def test_the_penalty_is_limited_to_what_is_left(
    long: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """At 51.4 there are 60, under the penalty of 102.8. [X-LIQ-4]"""
    long.set_prices(514 * WAD // 10, 10 * WAD)
    receipt = long.liquidate(liquidator, trader)
    assert long.exchange.cash(trader) == 0
    only_event(
        receipt,
        long.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=60 * ONE,
        reward=30_000_000,
    )


def test_bad_debt_is_paid_by_insurance_then_by_the_pool(
    long: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """At 40, 2,220 are owed; the insurance has 2 from the fee and 200 from the impact.
    [X-LIQ-5]"""
    long.set_prices(40 * WAD, 10 * WAD)
    assert long.pool.insurance() == 202 * ONE
    pool = long.pool.equity()
    receipt = long.liquidate(liquidator, trader)
    # A bounty of 8, but no more than a hundredth of the insurance.
    only_event(
        receipt,
        long.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=0,
        reward=2_020_000,
    )
    only_event(
        receipt,
        long.exchange,
        "BadDebt",
        account=trader,
        insurance_paid=19_998 * ONE // 100,
        pool_paid=202_002 * ONE // 100,
    )
    assert (long.exchange.cash(trader), long.pool.insurance()) == (0, 0)
    assert long.pool.equity() == pool - 202_002 * ONE // 100


def test_a_full_insurance_spares_the_pool(
    long: ExchangeHarness, trader: str, liquidator: str, provider: str
) -> None:
    """[X-LIQ-5]"""
    long.fund_insurance(provider, 9_798 * long.unit)
    long.set_prices(40 * WAD, 10 * WAD)
    pool = long.pool.equity()
    receipt = long.liquidate(liquidator, trader)
    only_event(
        receipt,
        long.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=0,
        reward=8 * long.unit,
    )
    only_event(
        receipt,
        long.exchange,
        "BadDebt",
        account=trader,
        insurance_paid=2_220 * ONE,
        pool_paid=0,
    )
    assert long.pool.insurance() == (10_000 - 8 - 2_220) * ONE
    assert long.pool.equity() == pool


def test_dust_is_not_left_behind(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """20 long on 10 of margin: after any partial liquidation under 10 would stay. [X-LIQ-3]"""
    harness.add_liquidity(provider, 10**6 * harness.unit)
    harness.deposit(trader, 10 * harness.unit)
    harness.trade(trader, buy(0, WAD // 5))
    harness.set_prices(52 * WAD, 10 * WAD)
    equity, _, maintenance = harness.exchange.margin(trader)
    assert maintenance // 2 < equity < maintenance
    receipt = harness.liquidate(liquidator, trader)
    only_event(
        receipt,
        harness.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=104 * ONE // 1_000,
        reward=52_000,
    )
    assert harness.exchange.size(trader, 0) == 0


def test_every_position_is_cut_alike(funded: ExchangeHarness, trader: str, liquidator: str) -> None:
    """[X-LIQ-2]"""
    funded.trade(trader, buy(0, 200 * WAD), sell(1, 3_000 * WAD))
    funded.set_prices(70 * WAD, 105 * WAD // 10)
    funded.liquidate(liquidator, trader)
    left = funded.exchange.size(trader, 0), funded.exchange.size(trader, 1)
    assert left[0] > 0 > left[1]
    assert abs(left[0] * 15 + left[1]) <= 15


def test_shorts_are_liquidated_as_well(
    funded: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """Sold at 99: equity 29,780 less 200 units, 1,180 at 143."""
    funded.trade(trader, sell(0, 200 * WAD))
    funded.set_prices(143 * WAD, 10 * WAD)
    assert funded.exchange.margin(trader) == (1_180 * ONE, 2_860 * ONE, 1_430 * ONE)
    funded.liquidate(liquidator, trader)
    assert -200 * WAD < funded.exchange.size(trader, 0) < 0
    equity, initial, _ = funded.exchange.margin(trader)
    assert equity >= initial


def test_what_others_have_sold_is_not_paid_by_the_account(
    funded: ExchangeHarness, trader: str, second_trader: str, liquidator: str
) -> None:
    """The long is closed at the oracle's price, and displaces none. [X-LIQ-2]"""
    funded.trade(trader, buy(0, 200 * WAD))
    funded.trade(second_trader, sell(0, 250 * WAD))
    funded.set_prices(53 * WAD, 10 * WAD)
    displaced = funded.exchange.market_state(0).displacement
    assert displaced < 0
    receipt = funded.liquidate(liquidator, trader)
    closing = next(e for e in funded.exchange.events(receipt) if e.name == "Traded")
    assert closing.price == 53 * WAD
    assert displaced <= funded.exchange.market_state(0).displacement < displaced + 10**14
    equity, initial, _ = funded.exchange.margin(trader)
    assert equity >= initial


def test_all_of_it_when_the_penalty_exceeds_the_equity(
    chain: LocalBackend, owner: str, provider: str, trader: str, liquidator: str
) -> None:
    """Margins of 2% and 1%: 50 units bought at 100.25 with 200; at 97.03 equity is 34,
    over half of the maintenance margin of 48.5, under the penalty of as much. [X-LIQ-3]"""
    config = replace(
        CONFIG, initial_margin=2 * 10**16, maintenance_margin=10**16, max_long=50 * WAD
    )
    actors = [provider, trader, liquidator]
    harness = ExchangeHarness(chain, owner, actors, [100 * WAD], [config])
    harness.add_liquidity(provider, 10**6 * harness.unit)
    harness.deposit(trader, 200 * harness.unit)
    harness.trade(trader, buy(0, 50 * WAD))
    harness.set_prices(9_703 * WAD // 100)
    assert harness.exchange.margin(trader) == (34 * ONE, 9_703 * ONE // 100, 9_703 * ONE // 200)
    receipt = harness.liquidate(liquidator, trader)
    only_event(
        receipt,
        harness.exchange,
        "Liquidated",
        account=trader,
        liquidator=liquidator,
        fraction=WAD,
        penalty=34 * ONE,
        reward=17_000_000,
    )
    no_event(receipt, harness.exchange, "BadDebt")
    assert harness.exchange.cash(trader) == 0


def test_closing_oneself_by_liquidation_wins_nothing(
    funded: ExchangeHarness, attacker: str, keeper: str, trader: str, provider: str
) -> None:
    """Long and short of the same size on two accounts; the price moves until one
    is liquidated, by its owner; the other leaves over the skew that is left. [X-LIQ-6]"""
    long, short = attacker, keeper
    for actor in (long, short):
        funded.fund(actor)
        funded.actors.append(actor)
        funded.deposit(actor, 3_000 * funded.unit)
    funded.trade(long, buy(0, 250 * WAD))
    funded.trade(short, sell(0, 250 * WAD))
    funded.set_prices(108 * WAD, 10 * WAD)
    funded.liquidate(short, short)
    funded.trade(long, sell(0, 250 * WAD))
    for actor in (long, short):
        left = funded.exchange.size(actor, 0)
        if left:
            funded.trade(actor, buy(0, -left))
        funded.withdraw(actor, funded.exchange.cash(actor) // 10**30)
    spent = 2 * 10**12 * funded.unit
    assert funded.token.balanceOf(long) + funded.token.balanceOf(short) < spent
    for actor in (long, short):
        funded.actors.remove(actor)


def test_nothing_to_liquidate(
    funded: ExchangeHarness, trader: str, keeper: str, liquidator: str
) -> None:
    """[X-LIQ-1]"""
    for account in (trader, keeper):
        with reverts("exchange: account is healthy"):
            funded.liquidate(liquidator, account)


def test_the_reward_goes_to_the_receiver(
    long: ExchangeHarness, trader: str, liquidator: str, fee_recipient: str
) -> None:
    long.set_prices(52 * WAD, 10 * WAD)
    reward = long.exchange.liquidate.call(trader, fee_recipient, sender=liquidator)
    with reverts("exchange: bad receiver"):
        long.exchange.liquidate(trader, ZERO, sender=liquidator)
    long.exchange.liquidate(trader, fee_recipient, sender=liquidator)
    assert long.token.balanceOf(fee_recipient) == reward == 52_000_000
