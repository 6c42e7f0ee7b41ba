# SPDX-License-Identifier: AGPL-3.0-only
"""redeem: the claim of collateral, at the lower of two prices, as far as the reserve
allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import CONFIG, NOBODY, STALE, ExchangeHarness, buy, sell

EARLY = "pool: too early"


def test_nothing_is_refused(harness: ExchangeHarness, provider: str) -> None:
    with reverts("exchange: zero amount"):
        harness.claim_redeem(provider, 0)
    with reverts("exchange: zero amount"):
        harness.fund_insurance(provider, 0)


def test_remove(harness: ExchangeHarness, provider: str) -> None:
    harness.add_liquidity(provider, 500 * harness.unit)
    before = harness.token.balanceOf(provider)
    harness.request_redeem(provider, 500 * WAD)
    receipt = harness.claim_redeem(provider, 200 * WAD)
    assert harness.token.balanceOf(provider) - before == 200 * harness.unit
    only_event(
        receipt,
        harness.pool,
        "Withdraw",
        sender=provider,
        receiver=provider,
        owner=provider,
        assets=200 * harness.unit,
        shares=200 * WAD,
    )
    harness.claim_redeem(provider, 300 * WAD)
    assert (harness.pool.held(), harness.pool.totalSupply()) == (0, 0)


def test_after_the_delay_to_the_second(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-2]"""
    funded.trade(trader, buy(0, WAD))
    funded.request_redeem(provider, WAD)
    funded.wait(HOUR - 1)
    with reverts(EARLY):
        funded.claim_redeem(provider, 1)
    funded.wait(1)
    funded.claim_redeem(provider, WAD)


@pytest.mark.parametrize("per_cent", [70, 100, 140])
def test_at_the_lower_price(
    funded: ExchangeHarness, trader: str, provider: str, liquidator: str, per_cent: int
) -> None:
    """[X-POOL-13]"""
    pool, token, shares = funded.pool, funded.token, 10**5 * WAD
    funded.trade(trader, sell(0, 90 * WAD))
    funded.request_redeem(provider, shares)
    bound = pool.redeem_request(provider).bound
    funded.wait(HOUR)
    funded.set_prices(per_cent * WAD, 10 * WAD)
    worth, before = pool.convertToAssets(shares), token.balanceOf(provider)
    funded.claim_redeem(provider, shares)
    assert token.balanceOf(provider) - before == min(bound, worth)
    assert (worth > bound) is (per_cent >= 100)


def test_a_gain_since_the_request_is_of_those_who_stay(
    funded: ExchangeHarness, trader: str, provider: str, liquidator: str
) -> None:
    """And all of the rest of the last one, who leaves nobody behind. [X-POOL-13]"""
    pool, token = funded.pool, funded.token
    funded.add_liquidity(liquidator, 10**6 * funded.unit)
    funded.trade(trader, buy(0, 90 * WAD))
    for actor in (provider, liquidator):
        funded.request_redeem(actor, 10**6 * WAD)
    bound = pool.redeem_request(provider).bound
    funded.set_prices(60 * WAD, 10 * WAD)
    funded.trade(trader, sell(0, 90 * WAD))
    gained = pool.cash() // 10**30 - 2 * 10**6 * funded.unit
    assert gained > 3_500 * funded.unit
    before = token.balanceOf(provider), token.balanceOf(liquidator)
    funded.claim_redeem(provider, 10**6 * WAD)
    funded.claim_redeem(liquidator, 10**6 * WAD)
    assert token.balanceOf(provider) - before[0] == bound
    rest = 2 * 10**6 * funded.unit + gained - bound
    # But for what the virtual share has gained.
    assert 0 <= rest - (token.balanceOf(liquidator) - before[1]) <= 5
    assert 0 <= pool.cash() < 5 * 10**30


def test_parts_together_bring_no_more_than_the_whole(
    funded: ExchangeHarness, trader: str, provider: str
) -> None:
    """[X-POOL-18]"""
    pool, token = funded.pool, funded.token
    funded.trade(trader, buy(0, 90 * WAD))
    funded.request_redeem(provider, 1_000 * WAD + 7)
    bound, before = pool.redeem_request(provider).bound, token.balanceOf(provider)
    funded.wait(HOUR)
    funded.set_prices(70 * WAD, 10 * WAD)
    for part in (333 * WAD + 1, 5, 667 * WAD + 1):
        funded.claim_redeem(provider, part)
        left = pool.redeem_request(provider)
        assert token.balanceOf(provider) - before + left.bound == bound
    assert tuple(left) == (0, 0, 0)


def test_not_more_than_was_requested(
    harness: ExchangeHarness, provider: str, liquidator: str
) -> None:
    harness.add_liquidity(provider, harness.unit)
    harness.add_liquidity(liquidator, harness.unit)
    with reverts("pool: more than was requested"):
        harness.claim_redeem(provider, 1)
    harness.request_redeem(provider, WAD)
    harness.request_redeem(liquidator, WAD)
    with reverts("pool: more than was requested"):
        harness.claim_redeem(provider, WAD + 1)


def test_min_amount_to_the_unit(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    harness.add_liquidity(provider, harness.unit)
    harness.request_redeem(provider, WAD)
    with reverts("pool: smaller amount than asked"):
        harness.claim_redeem(provider, WAD, min_amount=harness.unit + 1)
    harness.claim_redeem(provider, WAD, min_amount=harness.unit)


def test_the_reserve_stays(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.request_redeem(provider, 10**6 * WAD)
    funded.wait(HOUR)
    with reverts("exchange: pool reserve too low"):
        funded.claim_redeem(provider, 10**6 * WAD)
    funded.claim_redeem(provider, 989_000 * WAD)
    assert funded.exchange.spare_reserve(NOBODY, [100 * WAD, 10 * WAD, *[0] * 8]) >= 0


def test_an_exhausted_pool_takes_and_gives_nothing(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.request_deposit(liquidator, harness.unit)
    harness.request_redeem(provider, WAD)
    harness.set_prices(300 * WAD, 10 * WAD)
    assert harness.pool.equity() < 0
    harness.wait(HOUR)
    with reverts("pool: exhausted"):
        harness.claim_deposit(liquidator, harness.unit)
    for act in (harness.claim_redeem, harness.request_redeem):
        with reverts("pool: exhausted"):
            act(provider, WAD)


def test_the_last_provider_gets_out_after_a_loss(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """The pool has lost 40 of 100: all shares take all that is there, and not a
    part of the virtual assets."""
    harness.add_liquidity(provider, 100 * harness.unit)
    harness.deposit(trader, 1_000 * harness.unit)
    harness.trade(trader, buy(0, WAD // 2))
    harness.set_prices(180 * WAD, 10 * WAD)
    harness.trade(trader, sell(0, WAD // 2))
    left = harness.pool.cash() // 10**30
    assert 60 * harness.unit < left < 61 * harness.unit
    before = harness.token.balanceOf(provider)
    harness.remove_liquidity(provider, 100 * WAD)
    assert harness.token.balanceOf(provider) - before == left
    assert 0 <= harness.pool.cash() < 10**30


def test_needs_prices(funded: ExchangeHarness, provider: str, trader: str) -> None:
    funded.request_redeem(provider, WAD)
    funded.trade(trader, buy(0, WAD))
    funded.wait(HOUR)
    funded.fail_oracle()
    with reverts(STALE):
        funded.claim_redeem(provider, WAD)


def test_of_an_unused_pool_needs_none(funded: ExchangeHarness, provider: str) -> None:
    """Nobody is kept in a pool that owes nothing, whatever the oracle says. [X-POOL-16]"""
    funded.restrict(Restriction.SPREAD, WAD)
    funded.request_redeem(provider, 10**6 * WAD)
    funded.fail_oracle()
    assert funded.pool.maxRedeem(provider) == 10**6 * WAD
    funded.claim_redeem(provider, 10**6 * WAD)
    assert funded.pool.totalAssets() == 0


@pytest.mark.parametrize("side", [buy, sell])
def test_moving_the_price_does_not_move_the_share_price(
    funded: ExchangeHarness, attacker: str, provider: str, side: Callable[..., Order]
) -> None:
    """An attacker with half of the pool pushes the price, asks to leave, leaves, and
    trades back. [X-POOL-1]"""
    funded.fund(attacker)
    funded.actors.append(attacker)
    start = 10**12 * funded.unit
    funded.add_liquidity(attacker, 10**6 * funded.unit)
    funded.deposit(attacker, 10**5 * funded.unit)
    back = sell if side is buy else buy
    funded.trade(attacker, side(0, 250 * WAD), side(1, 5_000 * WAD))
    shares = funded.pool.balanceOf(attacker)
    funded.remove_liquidity(attacker, shares)
    funded.trade(attacker, back(0, 250 * WAD), back(1, 5_000 * WAD))
    funded.withdraw(attacker, funded.exchange.cash(attacker) // 10**30)
    # Fees of 150, of which nine tenths went to the pool, half of it its own.
    assert start - funded.token.balanceOf(attacker) >= 100 * funded.unit
    funded.actors.remove(attacker)


def test_no_round_trip_through_the_pool_profits(
    funded: ExchangeHarness, liquidator: str, trader: str
) -> None:
    """With open interest and nothing happening while one waits."""
    funded.trade(trader, sell(0, 33 * WAD))
    funded.trade(trader, buy(0, 33 * WAD))
    for amount in (1, 17, 10**6 + 1, 123_456_789_123):
        before = funded.token.balanceOf(liquidator)
        funded.add_liquidity(liquidator, amount)
        funded.remove_liquidity(liquidator, funded.pool.balanceOf(liquidator))
        assert before - 2 <= funded.token.balanceOf(liquidator) <= before


def test_for_nobody_else(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """Not even with an allowance; to any receiver. [X-POOL-7]"""
    pool, token = funded.pool, funded.token
    funded.request_redeem(provider, WAD)
    pool.approve(trader, WAD, sender=provider)
    with reverts("pool: only for the caller itself"):
        pool.redeem(WAD, trader, provider, sender=trader)
    before = token.balanceOf(trader)
    assert pool.redeem.call(WAD, trader, provider, sender=provider) == funded.unit
    pool.redeem(WAD, trader, provider, sender=provider)
    assert token.balanceOf(trader) - before == funded.unit


@pytest.mark.parametrize("place", ["exchange", "pool", "nobody"])
def test_bad_receivers(funded: ExchangeHarness, provider: str, place: str) -> None:
    """What would be sent there would be nobody's."""
    funded.request_redeem(provider, WAD)
    receiver = {
        "exchange": funded.exchange.address,
        "pool": funded.pool.address,
        "nobody": "0x" + "00" * 20,
    }[place]
    with reverts("exchange: bad receiver"):
        funded.pool.redeem(WAD, receiver, provider, sender=provider)


def test_debts_that_come_to_light_are_borne(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    """Half of the pool asks to leave before a fall makes an account bankrupt, or after
    it and before anybody knows; within the delay somebody liquidates. [X-POOL-20]"""
    for known in (False, True):
        actors = [trader, second_trader, provider, keeper]
        harness = ExchangeHarness(chain, owner, actors, [100 * WAD], [CONFIG])
        for actor in (provider, keeper):
            harness.add_liquidity(actor, 100_000 * harness.unit)
        harness.deposit(trader, 1_200 * harness.unit)
        harness.trade(trader, buy(0, 100 * WAD))
        if known:
            harness.set_prices(10 * WAD)
        harness.request_redeem(provider, 100_000 * WAD)
        harness.set_prices(10 * WAD)
        with reverts(EARLY):
            harness.claim_redeem(provider, 100_000 * WAD)
        harness.liquidate(keeper, trader)
        harness.wait(HOUR)
        before = harness.token.balanceOf(provider)
        harness.claim_redeem(provider, 100_000 * WAD)
        paid = harness.token.balanceOf(provider) - before
        # What the pool has won is what the account had, and no more.
        assert paid <= (200_000 + 1_200) * harness.unit // 2
