# SPDX-License-Identifier: AGPL-3.0-only
"""fix_price: who could claim and waits has no gain from it."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import STALE, ExchangeHarness, buy, sell

EARLY = "pool: too early"


def asked(harness: ExchangeHarness, provider: str, trader: str, liquidator: str) -> None:
    """A deposit of 1,000 and an exit of 1,000 shares, before a price of the shorts."""
    harness.add_liquidity(liquidator, 1_000 * harness.unit)
    harness.trade(trader, sell(0, 90 * WAD))
    harness.request_deposit(liquidator, 1_000 * harness.unit)
    harness.request_redeem(liquidator, 1_000 * WAD)


def test_the_higher_price_of_an_entry(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str, keeper: str
) -> None:
    """It rises, somebody writes that down, it falls back: who has waited for that pays
    the higher price all the same. [X-POOL-19]"""
    pool, amount = funded.pool, 1_000 * funded.unit
    asked(funded, provider, trader, liquidator)
    funded.wait(HOUR)
    funded.set_prices(150 * WAD, 10 * WAD)
    worth = pool.convertToShares(amount)
    out = pool.redeem_request(liquidator).bound
    receipt = funded.fix_price(keeper, liquidator)
    only_event(receipt, pool, "PriceFixed", controller=liquidator, shares=worth, assets=out)
    assert pool.redeem_request(liquidator).bound == out
    funded.set_prices(100 * WAD, 10 * WAD)
    funded.claim_deposit(liquidator, amount)
    assert pool.balanceOf(liquidator) == worth < pool.convertToShares(amount)


def test_the_lower_price_of_an_exit(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str, keeper: str
) -> None:
    """[X-POOL-19]"""
    pool, token = funded.pool, funded.token
    asked(funded, provider, trader, liquidator)
    entry = pool.deposit_request(liquidator).bound
    funded.wait(HOUR)
    funded.set_prices(50 * WAD, 10 * WAD)
    worth = pool.convertToAssets(1_000 * WAD)
    receipt = funded.fix_price(keeper, liquidator)
    only_event(receipt, pool, "PriceFixed", controller=liquidator, shares=entry, assets=worth)
    funded.set_prices(100 * WAD, 10 * WAD)
    before = token.balanceOf(liquidator)
    funded.claim_redeem(liquidator, 1_000 * WAD)
    assert token.balanceOf(liquidator) - before == worth < pool.convertToAssets(1_000 * WAD)


def test_not_before_it_can_be_claimed(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str, keeper: str
) -> None:
    """Nor for whom the reserve makes wait. [X-POOL-19]"""
    with reverts(EARLY):
        funded.fix_price(keeper, liquidator)
    asked(funded, provider, trader, liquidator)
    funded.request_redeem(provider, 10**6 * WAD)
    funded.wait(HOUR - 1)
    for account in (liquidator, provider):
        with reverts(EARLY):
            funded.fix_price(keeper, account)
    funded.wait(1)
    assert 0 < funded.pool.maxRedeem(provider) < 10**6 * WAD
    with reverts(EARLY):
        funded.fix_price(keeper, provider)
    funded.fix_price(keeper, liquidator)


def test_what_is_refused(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str, keeper: str
) -> None:
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.request_deposit(liquidator, harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    harness.wait(HOUR)
    with reverts("pool: exhausted"):
        harness.fix_price(keeper, liquidator)
    harness.fail_oracle()
    with reverts(STALE):
        harness.fix_price(keeper, liquidator)
    harness.kill_oracle()
    harness.settle(keeper)
    with reverts("exchange: settled"):
        harness.fix_price(keeper, liquidator)
