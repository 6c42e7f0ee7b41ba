# SPDX-License-Identifier: AGPL-3.0-only
"""book, pay: the exchange's alone."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend, create_address
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.exchange_harness import ONE, TERMS, ExchangeHarness, buy


def test_only_the_exchange_books(
    funded: ExchangeHarness, owner: str, provider: str, attacker: str
) -> None:
    """[X-POOL-9]"""
    for caller in (owner, provider, attacker, funded.pool.address):
        with reverts("pool: caller is not the exchange"):
            funded.pool.book.call(1, 0, sender=caller)


@pytest.mark.parametrize("place", ["exchange", "pool"])
def test_only_the_other_custodian_asks_for_payment(
    funded: ExchangeHarness, owner: str, attacker: str, place: str
) -> None:
    """[X-POOL-9]"""
    contract = {"exchange": funded.exchange, "pool": funded.pool}[place]
    for caller in (owner, attacker, contract.address):
        with reverts("exchange: caller is not the other custodian"):
            contract.pay.call(attacker, 1, sender=caller)


def test_what_is_booked(funded: ExchangeHarness) -> None:
    """Both books; an insurance below zero is refused."""
    pool, exchange = funded.pool, funded.exchange.address
    cash, insurance = pool.cash(), pool.insurance()
    pool.book(-7, 3, sender=exchange)
    assert (pool.cash(), pool.insurance()) == (cash - 7, insurance + 3)
    pool.book(-cash, -insurance - 3, sender=exchange)
    assert (pool.cash(), pool.insurance()) == (-7, 0)
    with reverts(""):
        pool.book(0, -1, sender=exchange)


def test_what_is_kept(funded: ExchangeHarness) -> None:
    """The same books, and the answer of `borrowing`: at what rate, and whether at all."""
    pool, exchange = funded.pool, funded.exchange.address
    equity, rate = pool.cash(), pool.max_borrowing()
    call = pool.book_kept.call
    assert call(0, 0, 0, 0, 0, sender=exchange) == 0
    assert call(0, 0, 0, equity // 2 + 10**30, 0, sender=exchange) == rate // 16
    assert call(0, 0, equity, 1, 0, sender=exchange) == rate
    assert call(0, 0, 0, equity + 1, 0, sender=exchange) == rate
    assert call(0, 0, 0, equity, 1, sender=exchange) == rate
    with reverts("exchange: pool reserve too low"):
        call(0, 0, 0, equity + 1, 1, sender=exchange)
    with reverts("pool: account above its limit"):
        call(0, 0, 0, 0, equity + 1, sender=exchange)
    pool.book_kept(-7, 3, 0, 0, 0, sender=exchange)
    assert pool.cash() == equity - 7


def test_a_trade_moves_claims_and_no_collateral(funded: ExchangeHarness, trader: str) -> None:
    pool, token = funded.pool, funded.token
    before = pool.held(), funded.exchange.held(), token.balanceOf(pool)
    cash = pool.cash()
    funded.trade(trader, buy(0, 100 * WAD))
    assert pool.cash() - cash == (10_000 + 9) * ONE
    assert pool.insurance() == (1 + 50) * ONE
    assert before == (pool.held(), funded.exchange.held(), token.balanceOf(pool))


def test_exchange_and_pool_know_each_other(
    chain: LocalBackend, harness: ExchangeHarness, owner: str, attacker: str
) -> None:
    """[X-POOL-9]"""
    assert (harness.pool.exchange(), harness.exchange.pool()) == (
        harness.exchange.address,
        harness.pool.address,
    )
    assert (harness.pool.partner(), harness.exchange.partner()) == (
        harness.exchange.address,
        harness.pool.address,
    )
    with reverts("exchange: pool of another exchange"):
        chain.deploy("PerpExchange", harness.pool, harness.oracle, [], sender=owner)
    expected = create_address(owner, chain.nonce(owner) + 1)
    foreign = chain.deploy("LiquidityPool", harness.token, expected, *TERMS, sender=owner)
    with reverts("exchange: pool of another exchange"):
        chain.deploy("PerpExchange", foreign, harness.oracle, [], sender=attacker)
