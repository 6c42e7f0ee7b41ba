# SPDX-License-Identifier: AGPL-3.0-only
"""requestDeposit: collateral that waits beside the pool, and what it can bring."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import STALE, ExchangeHarness, buy, sell


def test_what_is_written_down(funded: ExchangeHarness, liquidator: str) -> None:
    receipt = funded.request_deposit(liquidator, 500 * funded.unit)
    request = funded.pool.deposit_request(liquidator)
    assert tuple(request) == (500 * funded.unit, 500 * WAD, funded.now)
    only_event(
        receipt,
        funded.pool,
        "DepositRequest",
        controller=liquidator,
        owner=liquidator,
        requestId=0,
        sender=liquidator,
        assets=500 * funded.unit,
    )
    returned = funded.pool.requestDeposit.call(1, liquidator, liquidator, sender=liquidator)
    assert returned == 0


def test_pending_is_a_part_of_nothing(funded: ExchangeHarness, liquidator: str) -> None:
    """[X-POOL-15]"""
    pool, token = funded.pool, funded.token
    before = pool.held(), pool.cash(), pool.totalAssets(), pool.totalSupply(), pool.equity()
    had = token.balanceOf(pool)
    funded.request_deposit(liquidator, 500 * funded.unit)
    after = pool.held(), pool.cash(), pool.totalAssets(), pool.totalSupply(), pool.equity()
    assert before == after
    assert token.balanceOf(pool) - had == pool.pending_assets() == 500 * funded.unit


def test_pending_pays_no_winner(
    harness: ExchangeHarness, provider: str, trader: str, second_trader: str, liquidator: str
) -> None:
    """The winner waits, though the pool's account has enough. [X-POOL-15]"""
    harness.add_liquidity(provider, 44_000 * harness.unit)
    for actor in (trader, second_trader):
        harness.deposit(actor, 1_200 * harness.unit)
    harness.trade(trader, buy(0, 100 * WAD))
    harness.trade(second_trader, sell(0, 100 * WAD))
    leaving = harness.pool.balanceOf(provider) * 94 // 100
    harness.request_redeem(provider, leaving)
    harness.wait(HOUR)
    harness.set_prices(10 * WAD, 10 * WAD)
    harness.claim_redeem(provider, leaving)
    harness.request_deposit(liquidator, 50_000 * harness.unit)
    harness.trade(second_trader, buy(0, 100 * WAD))
    won = harness.exchange.cash(second_trader) // 10**30
    assert harness.model.collateral < won < harness.token.balanceOf(harness.pool)
    with reverts(""):
        harness.withdraw(second_trader, won)
    assert harness.pool.pending_assets() == 50_000 * harness.unit


def test_asking_again_is_at_the_worse_price(
    funded: ExchangeHarness, trader: str, liquidator: str, second_trader: str
) -> None:
    """First cheap, then dear, and the other way round. [X-POOL-17]"""
    pool, unit = funded.pool, funded.unit
    funded.trade(trader, sell(0, 50 * WAD))
    for actor, prices in ((liquidator, (100, 150)), (second_trader, (150, 100))):
        worths = []
        for price in prices:
            funded.set_prices(price * WAD, 10 * WAD)
            funded.wait(HOUR)
            funded.request_deposit(actor, 1_000 * unit)
            worths.append(pool.convertToShares(1_000 * unit))
            assert pool.deposit_request(actor).since == funded.now
        assert 0 <= pool.deposit_request(actor).bound - 2 * min(worths) <= 1
        assert max(worths) > min(worths) + WAD
        funded.wait(HOUR - 1)
        with reverts("pool: too early"):
            funded.claim_deposit(actor, 2_000 * unit)


def test_what_is_refused(
    funded: ExchangeHarness, provider: str, trader: str, keeper: str, liquidator: str
) -> None:
    with reverts("exchange: zero amount"):
        funded.request_deposit(liquidator, 0)
    funded.request_deposit(liquidator, 1)
    with reverts("exchange: zero amount"):
        funded.request_deposit(liquidator, 0)
    funded.trade(trader, buy(0, WAD))
    funded.fail_oracle()
    with reverts(STALE):
        funded.request_deposit(liquidator, 1)
    funded.kill_oracle()
    funded.settle(keeper)
    with reverts("exchange: settled"):
        funded.request_deposit(liquidator, 1)


def test_an_exhausted_pool(harness: ExchangeHarness, provider: str, trader: str) -> None:
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    with reverts("pool: exhausted"):
        harness.request_deposit(trader, harness.unit)


def test_for_nobody_else(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-7]"""
    for controller, owner in ((trader, provider), (provider, trader), (trader, trader)):
        with reverts("pool: only for the caller itself"):
            funded.pool.requestDeposit(1, controller, owner, sender=provider)
