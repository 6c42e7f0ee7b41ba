# SPDX-License-Identifier: AGPL-3.0-only
"""requestRedeem: shares into custody, where they bear losses and have no gains."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import STALE, ExchangeHarness, buy, sell


def test_what_is_written_down(funded: ExchangeHarness, provider: str) -> None:
    pool = funded.pool
    assert pool.requestRedeem.call(WAD, provider, provider, sender=provider) == 0
    receipt = funded.request_redeem(provider, 7 * WAD)
    assert tuple(pool.redeem_request(provider)) == (7 * WAD, 7 * funded.unit, funded.now)
    assert pool.balanceOf(provider) == (10**6 - 7) * WAD
    assert pool.balanceOf(pool) == 7 * WAD
    assert pool.totalSupply() == 10**6 * WAD
    only_event(
        receipt,
        pool,
        "RedeemRequest",
        controller=provider,
        owner=provider,
        requestId=0,
        sender=provider,
        shares=7 * WAD,
    )


def test_in_custody_they_are_nobodys_to_move(
    funded: ExchangeHarness, provider: str, trader: str
) -> None:
    funded.request_redeem(provider, 10**6 * WAD)
    with reverts("erc20: transfer amount exceeds balance"):
        funded.transfer_shares(provider, trader, 1)
    with reverts("pool: not enough shares"):
        funded.request_redeem(provider, 1)


def test_they_bear_losses_like_all_others(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """[X-POOL-15]"""
    funded.add_liquidity(liquidator, 10**6 * funded.unit)
    funded.trade(trader, buy(0, 100 * WAD))
    funded.request_redeem(provider, 10**6 * WAD)
    before = funded.pool.convertToAssets(10**6 * WAD)
    funded.wait(HOUR)
    funded.set_prices(140 * WAD, 10 * WAD)
    worth = funded.pool.convertToAssets(10**6 * WAD)
    assert before - worth > 1_900 * funded.unit
    had = funded.token.balanceOf(provider)
    funded.claim_redeem(provider, 10**6 * WAD)
    assert funded.token.balanceOf(provider) - had == worth


def test_asking_again_is_at_the_worse_price(
    funded: ExchangeHarness, trader: str, provider: str, liquidator: str
) -> None:
    """First dear, then cheap, and the other way round. [X-POOL-17]"""
    pool = funded.pool
    funded.add_liquidity(liquidator, 10**6 * funded.unit)
    funded.trade(trader, sell(0, 50 * WAD))
    for actor, prices in ((liquidator, (150, 100)), (provider, (100, 150))):
        worths = []
        for price in prices:
            funded.set_prices(price * WAD, 10 * WAD)
            funded.wait(HOUR)
            funded.request_redeem(actor, 1_000 * WAD)
            worths.append(pool.convertToAssets(1_000 * WAD))
            assert pool.redeem_request(actor).since == funded.now
        assert 0 <= pool.redeem_request(actor).bound - 2 * min(worths) <= 1
        assert max(worths) > min(worths) + funded.unit
        funded.wait(HOUR - 1)
        with reverts("pool: too early"):
            funded.claim_redeem(actor, 2_000 * WAD)


def test_what_is_refused(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    with reverts("exchange: zero amount"):
        funded.request_redeem(provider, 0)
    with reverts("pool: not enough shares"):
        funded.request_redeem(provider, 10**6 * WAD + 1)
    with reverts("pool: not enough shares"):
        funded.request_redeem(liquidator, 1)
    funded.trade(trader, buy(0, WAD))
    funded.fail_oracle()
    with reverts(STALE):
        funded.request_redeem(provider, 1)


def test_for_nobody_else(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """Not even with an allowance: it cannot be taken back. [X-POOL-7]"""
    funded.pool.approve(trader, WAD, sender=provider)
    for controller, owner in ((trader, provider), (provider, trader), (provider, provider)):
        with reverts("pool: only for the caller itself"):
            funded.pool.requestRedeem(WAD, controller, owner, sender=trader)


def test_of_a_settled_exchange(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """While positions are open one may ask, and wait."""
    funded.trade(trader, buy(0, WAD))
    funded.kill_oracle()
    funded.settle(trader)
    funded.request_redeem(provider, WAD)
    with reverts("exchange: settled, positions are open"):
        funded.claim_redeem(provider, WAD)
