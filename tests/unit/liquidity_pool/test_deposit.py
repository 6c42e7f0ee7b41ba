# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: the claim of shares, at the higher of two prices."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.pool import REQUEST_DELAY
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import (
    CONFIG,
    ONE,
    STALE,
    ExchangeHarness,
    buy,
    sell,
)

FEW = "pool: fewer shares than asked"
EARLY = "pool: too early"


def test_the_first_share_costs_one(harness: ExchangeHarness, provider: str) -> None:
    """At once, as nothing is open. [X-POOL-16]"""
    harness.request_deposit(provider, 500 * harness.unit)
    receipt = harness.claim_deposit(provider, 500 * harness.unit)
    pool = harness.pool
    assert pool.balanceOf(provider) == pool.totalSupply() == 500 * WAD
    assert pool.cash() == 500 * ONE
    assert (pool.held(), pool.pending_assets(), harness.exchange.held()) == (
        500 * harness.unit,
        0,
        0,
    )
    assert tuple(pool.deposit_request(provider)) == (0, 0, 0)
    only_event(
        receipt,
        pool,
        "Deposit",
        sender=provider,
        owner=provider,
        assets=500 * harness.unit,
        shares=500 * WAD,
    )


def test_later_shares_cost_what_the_pool_is_worth(
    funded: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """[X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    equity = funded.pool.equity()
    assert equity == (1_000_000 - 5_000 + 9) * ONE
    funded.request_deposit(liquidator, 1_000 * funded.unit)
    expected = 1_000 * ONE * (10**24 + 10**15) // (equity + 10**33)
    assert funded.pool.deposit_request(liquidator).bound == expected


def test_after_the_delay_to_the_second(
    funded: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """[X-POOL-2]"""
    assert funded.pool.REQUEST_DELAY() == REQUEST_DELAY == HOUR
    funded.trade(trader, buy(0, WAD))
    funded.request_deposit(liquidator, funded.unit)
    funded.wait(HOUR - 1)
    with reverts(EARLY):
        funded.claim_deposit(liquidator, funded.unit)
    funded.wait(1)
    funded.claim_deposit(liquidator, funded.unit)


@pytest.mark.parametrize("per_cent", [70, 100, 140])
def test_at_the_higher_price(
    funded: ExchangeHarness, trader: str, liquidator: str, per_cent: int
) -> None:
    """[X-POOL-13]"""
    pool, amount = funded.pool, 1_000 * funded.unit
    funded.trade(trader, sell(0, 90 * WAD))
    funded.request_deposit(liquidator, amount)
    bound = pool.deposit_request(liquidator).bound
    funded.wait(HOUR)
    funded.set_prices(per_cent * WAD, 10 * WAD)
    worth = pool.convertToShares(amount)
    funded.claim_deposit(liquidator, amount)
    assert pool.balanceOf(liquidator) == min(bound, worth)
    assert (worth < bound) is (per_cent >= 100)


def test_what_is_opened_in_between_brings_the_delay_back(
    funded: ExchangeHarness, trader: str, liquidator: str
) -> None:
    """And what is closed takes it away. [X-POOL-16]"""
    funded.request_deposit(liquidator, funded.unit)
    funded.trade(trader, buy(0, WAD))
    with reverts(EARLY):
        funded.claim_deposit(liquidator, funded.unit)
    funded.trade(trader, sell(0, WAD))
    funded.claim_deposit(liquidator, funded.unit)


def test_parts_together_bring_no_more_than_the_whole(
    funded: ExchangeHarness, trader: str, liquidator: str, second_trader: str
) -> None:
    """One pays for all at once, the other in three parts. [X-POOL-18]"""
    pool = funded.pool
    funded.trade(trader, sell(0, 90 * WAD))
    for actor in (liquidator, second_trader):
        funded.request_deposit(actor, 1_000_003)
    bound = pool.deposit_request(liquidator).bound
    funded.wait(HOUR)
    funded.set_prices(70 * WAD, 10 * WAD)
    for part in (333_334, 1, 666_668):
        funded.claim_deposit(liquidator, part)
        left = pool.deposit_request(liquidator)
        assert pool.balanceOf(liquidator) + left.bound == bound
    assert tuple(left) == (0, 0, 0)
    funded.claim_deposit(second_trader, 1_000_003)
    assert pool.balanceOf(liquidator) == pool.balanceOf(second_trader) == bound


def test_not_more_than_was_requested(funded: ExchangeHarness, liquidator: str) -> None:
    with reverts("pool: more than was requested"):
        funded.claim_deposit(liquidator, 1)
    funded.request_deposit(liquidator, 5)
    with reverts("pool: more than was requested"):
        funded.claim_deposit(liquidator, 6)
    with reverts("exchange: zero amount"):
        funded.claim_deposit(liquidator, 0)
    funded.claim_deposit(liquidator, 5)


def test_min_shares_to_the_wei(harness: ExchangeHarness, provider: str) -> None:
    """[X-POOL-3]"""
    harness.request_deposit(provider, harness.unit)
    with reverts(FEW):
        harness.claim_deposit(provider, harness.unit, min_shares=WAD + 1)
    harness.claim_deposit(provider, harness.unit, min_shares=WAD)


def test_a_blown_up_share_price_takes_nothing_from_the_next(
    harness: ExchangeHarness, attacker: str, trader: str, provider: str
) -> None:
    """The attacker buys one unit of shares, then feeds the pool through its own
    trading losses. The next provider loses less than a millionth; the attacker
    what it fed in. [X-POOL-4]"""
    harness.fund(attacker)
    harness.actors.append(attacker)
    harness.add_liquidity(attacker, 1)
    harness.add_liquidity(trader, 100_000 * harness.unit)
    harness.deposit(attacker, 100_000 * harness.unit)
    harness.trade(attacker, buy(0, 100 * WAD))
    harness.trade(attacker, sell(0, 100 * WAD))
    harness.remove_liquidity(trader, harness.pool.balanceOf(trader))
    before = harness.token.balanceOf(provider)
    harness.add_liquidity(provider, 1_000 * harness.unit)
    harness.remove_liquidity(provider, harness.pool.balanceOf(provider))
    assert before - harness.token.balanceOf(provider) <= 1_000
    harness.remove_liquidity(attacker, harness.pool.balanceOf(attacker))
    harness.withdraw(attacker, harness.exchange.cash(attacker) // 10**30)
    assert harness.token.balanceOf(attacker) < 10**12 * harness.unit
    harness.actors.remove(attacker)


def test_for_nobody_else(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-7]"""
    funded.request_deposit(provider, funded.unit)
    with reverts("pool: only for the caller itself"):
        funded.pool.deposit(funded.unit, trader, provider, sender=trader)


def test_to_anybody(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """The caller is the controller, and no minimum is asked, unless told. [X-POOL-7]"""
    pool = funded.pool
    funded.request_deposit(provider, funded.unit)
    receipt = pool.deposit(funded.unit, trader, sender=provider)
    assert pool.balanceOf(trader) == WAD
    only_event(
        receipt, pool, "Deposit", sender=provider, owner=trader, assets=funded.unit, shares=WAD
    )


def test_needs_prices(funded: ExchangeHarness, provider: str, trader: str) -> None:
    funded.request_deposit(provider, funded.unit)
    funded.trade(trader, buy(0, WAD))
    funded.wait(HOUR)
    funded.fail_oracle()
    with reverts(STALE):
        funded.claim_deposit(provider, funded.unit)


def test_of_an_unused_pool_needs_none(funded: ExchangeHarness, provider: str) -> None:
    """[X-POOL-16]"""
    funded.fail_oracle()
    funded.request_deposit(provider, funded.unit)
    assert funded.pool.maxDeposit(provider) == funded.unit
    funded.claim_deposit(provider, funded.unit)


def test_no_share_for_nothing(chain: LocalBackend, owner: str, provider: str, trader: str) -> None:
    """Collateral of 18 decimals, and shares at more than one: the smallest amount is
    not enough for the smallest share."""
    harness = ExchangeHarness(chain, owner, [provider, trader], [100 * WAD], [CONFIG], 18)
    harness.add_liquidity(provider, 1_000 * harness.unit)
    harness.request_deposit(trader, 2)
    harness.deposit(trader, 1_000 * harness.unit)
    harness.trade(trader, buy(0, WAD))
    harness.trade(trader, sell(0, WAD))
    with reverts(FEW):
        harness.request_deposit(provider, 1)
    with reverts(FEW):
        harness.claim_deposit(trader, 1)
    assert harness.pool.maxDeposit(trader) == 2
    harness.claim_deposit(trader, 2)
    assert harness.pool.balanceOf(trader) == 1
