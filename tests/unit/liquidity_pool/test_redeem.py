# SPDX-License-Identifier: AGPL-3.0-only
"""redeem: out of the pool at its worth, as far as the reserve allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, HOUR
from tests.support.exchange_harness import STALE, ExchangeHarness, buy, sell


def test_nothing_is_refused(harness: ExchangeHarness, provider: str) -> None:
    with reverts("exchange: zero amount"):
        harness.add_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        harness.remove_liquidity(provider, 0)
    with reverts("exchange: zero amount"):
        harness.fund_insurance(provider, 0)


def test_remove(harness: ExchangeHarness, provider: str) -> None:
    harness.add_liquidity(provider, 500 * harness.unit)
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    receipt = harness.remove_liquidity(provider, 200 * WAD)
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
    harness.remove_liquidity(provider, 300 * WAD)
    assert (harness.pool.held(), harness.pool.totalSupply()) == (0, 0)


def test_locked_for_an_hour(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-2]"""
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR - 1)
    with reverts("pool: shares are locked"):
        harness.remove_liquidity(provider, 1)
    harness.wait(1)
    harness.remove_liquidity(provider, WAD)


def test_not_more_than_ones_own(harness: ExchangeHarness, provider: str, liquidator: str) -> None:
    harness.add_liquidity(provider, harness.unit)
    harness.add_liquidity(liquidator, harness.unit)
    harness.wait(HOUR)
    with reverts("pool: not enough shares"):
        harness.remove_liquidity(provider, WAD + 1)


def test_min_amount_to_the_unit(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR)
    with reverts("pool: smaller amount than asked"):
        harness.remove_liquidity(provider, WAD, min_amount=harness.unit + 1)
    harness.remove_liquidity(provider, WAD, min_amount=harness.unit)


def test_the_reserve_stays(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    funded.wait(HOUR)
    with reverts("exchange: pool reserve too low"):
        funded.remove_liquidity(provider, 10**6 * WAD)
    shares = 989_000 * WAD
    funded.remove_liquidity(provider, shares)
    assert funded.exchange.spare_reserve([100 * WAD, 10 * WAD, *[0] * 8]) >= 0


def test_an_exhausted_pool_takes_and_gives_nothing(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    assert harness.pool.equity() < 0
    harness.wait(DAY // 24)
    with reverts("pool: exhausted"):
        harness.add_liquidity(liquidator, harness.unit)
    with reverts("pool: exhausted"):
        harness.remove_liquidity(provider, WAD)


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
    harness.wait(HOUR)
    before = harness.token.balanceOf(provider)
    harness.remove_liquidity(provider, 100 * WAD)
    assert harness.token.balanceOf(provider) - before == left
    assert 0 <= harness.pool.cash() < 10**30


def test_needs_prices(harness: ExchangeHarness, provider: str) -> None:
    harness.add_liquidity(provider, harness.unit)
    harness.wait(HOUR)
    harness.fail_oracle()
    with reverts(STALE):
        harness.add_liquidity(provider, harness.unit)
    with reverts(STALE):
        harness.remove_liquidity(provider, WAD)


@pytest.mark.parametrize("side", [buy, sell])
def test_moving_the_skew_does_not_move_the_share_price(
    funded: ExchangeHarness, attacker: str, provider: str, side: Callable[..., Order]
) -> None:
    """An attacker with half of the pool pushes the skew, leaves the pool at the
    equity that its impact has made, and takes the impact back from the rest. [X-POOL-1]"""
    funded.fund(attacker)
    funded.actors.append(attacker)
    start = 10**12 * funded.unit
    funded.add_liquidity(attacker, 10**6 * funded.unit)
    funded.deposit(attacker, 10**5 * funded.unit)
    funded.wait(HOUR)
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
    """With open interest and nothing happening for the hour of the lock."""
    funded.trade(trader, sell(0, 33 * WAD))
    funded.trade(trader, buy(0, 33 * WAD))
    for amount in (1, 17, 10**6 + 1, 123_456_789_123):
        before = funded.token.balanceOf(liquidator)
        funded.add_liquidity(liquidator, amount)
        funded.wait(HOUR)
        funded.remove_liquidity(liquidator, funded.pool.balanceOf(liquidator))
        assert before - 2 <= funded.token.balanceOf(liquidator) <= before


def test_of_another_by_allowance(
    funded: ExchangeHarness, provider: str, trader: str, attacker: str
) -> None:
    """[X-POOL-8]"""
    pool, token = funded.pool, funded.token
    funded.wait(HOUR)
    with reverts("erc20: insufficient allowance"):
        pool.redeem(WAD, attacker, provider, sender=trader)
    pool.approve(trader, 3 * WAD, sender=provider)
    with reverts("erc20: insufficient allowance"):
        pool.redeem(3 * WAD + 1, attacker, provider, sender=trader)
    assert pool.redeem.call(2 * WAD, attacker, provider, sender=trader) == 2 * funded.unit
    pool.redeem(2 * WAD, attacker, provider, sender=trader)
    assert token.balanceOf(attacker) == 2 * funded.unit
    assert pool.allowance(provider, trader) == WAD
    assert pool.balanceOf(provider) == (10**6 - 2) * WAD


@pytest.mark.parametrize("place", ["exchange", "pool", "nobody"])
def test_bad_receivers(funded: ExchangeHarness, provider: str, place: str) -> None:
    """What would be sent there would be nobody's."""
    funded.wait(HOUR)
    receiver = {
        "exchange": funded.exchange.address,
        "pool": funded.pool.address,
        "nobody": "0x" + "00" * 20,
    }[place]
    with reverts("exchange: bad receiver"):
        funded.pool.redeem(WAD, receiver, provider, sender=provider)


def test_as_previewed(funded: ExchangeHarness, provider: str, trader: str) -> None:
    funded.trade(trader, buy(0, 77 * WAD))
    funded.wait(HOUR)
    shares = 98_765 * WAD + 4_321
    expected = funded.pool.previewRedeem(shares)
    assert expected == funded.pool.convertToAssets(shares)
    before = funded.token.balanceOf(provider)
    funded.remove_liquidity(provider, shares)
    assert funded.token.balanceOf(provider) - before == expected
