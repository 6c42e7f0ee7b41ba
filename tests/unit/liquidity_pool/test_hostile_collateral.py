# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that takes a fee, lies or calls back, over both contracts."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import ExchangeHarness, ten


def test_fee_on_transfer_is_refused(hostile: ExchangeHarness, trader: str) -> None:
    hostile.token.set_fee(1, sender=trader)
    with reverts("exchange: wrong amount received"):
        hostile.pool.deposit(10_000, trader, sender=trader)
    with reverts("exchange: wrong amount received"):
        hostile.pool.fund_insurance(10_000, sender=trader)
    assert (hostile.pool.held(), hostile.pool.totalSupply()) == (0, 0)


def test_a_false_answer_is_refused(hostile: ExchangeHarness, trader: str) -> None:
    hostile.pool.deposit(5, trader, sender=trader)
    hostile.wait(HOUR)
    hostile.token.set_answer(1, sender=trader)
    with reverts("exchange: collateral not pulled"):
        hostile.pool.deposit(5, trader, sender=trader)
    with reverts("exchange: collateral not sent"):
        hostile.pool.redeem(10**12, trader, trader, sender=trader)
    assert hostile.pool.held() == 5


def test_a_donation_is_nobodys(hostile: ExchangeHarness, trader: str) -> None:
    hostile.pool.deposit(10**6, trader, sender=trader)
    before = hostile.pool.equity(), hostile.pool.totalAssets(), hostile.pool.held()
    hostile.token.transfer(hostile.pool, 10**6, sender=trader)
    assert before == (hostile.pool.equity(), hostile.pool.totalAssets(), hostile.pool.held())


def attempts(harness: ExchangeHarness, who: str) -> list[tuple[str, str, bytes]]:
    """What the collateral may try while it moves: contract, function, call."""
    pool, exchange = harness.pool, harness.exchange
    calls = [
        (pool, "deposit", (1, who)),
        (pool, "redeem", (1, who, who)),
        (pool, "transfer", (who, 0)),
        (pool, "equity", ()),
        (pool, "totalAssets", ()),
        (pool, "maxRedeem", (who,)),
        (pool, "cash", ()),
        (exchange, "trade", ([(0, WAD, 2**255)],)),
        (exchange, "spare_reserve", (ten([WAD]),)),
        (exchange, "obligations", ()),
        (exchange, "account_value", (who, ten([WAD]))),
    ]
    return [
        (contract.address, name, contract.encode(name, *args)) for contract, name, args in calls
    ]


def opened(harness: ExchangeHarness, trader: str, provider: str, loses: bool) -> None:
    """The trader has lost to the pool, or won from it, more than the payer holds."""
    unit = harness.unit
    harness.pool.deposit(1_000 * unit, provider, sender=provider)
    harness.exchange.deposit(400 * unit, sender=trader)
    harness.exchange.trade([(0, 200 * WAD, 2**255)], sender=trader)
    harness.set_prices(WAD // 2 if loses else 3 * WAD // 2)
    harness.exchange.trade([(0, -200 * WAD, 0)], sender=trader)
    harness.wait(HOUR)


@pytest.mark.parametrize("early", [False, True])
def test_while_a_winner_is_paid_by_both(
    hostile: ExchangeHarness, trader: str, provider: str, early: bool
) -> None:
    """Callbacks come while the pool sends and while the exchange does. The first finds
    both locked, the second the exchange: nothing that reads both gets an answer, and
    the collateral that moves is what was owed. [X-POOL-12]"""
    opened(hostile, trader, provider, loses=False)
    pool, exchange = hostile.pool, hostile.exchange
    amount = exchange.cash(trader) // 10**30
    assert amount > exchange.held()
    hostile.token.set_early(early, sender=trader)
    for target, name, call in attempts(hostile, trader):
        snapshot = hostile.chain.snapshot()
        total = exchange.held() + pool.held()
        hostile.token.set_callback(target, call, sender=trader)
        calls, successes = hostile.token.calls(), hostile.token.successes()
        exchange.withdraw(amount, trader, sender=trader)
        assert hostile.token.calls() - calls == 2
        # The pool is done when the exchange sends: its own book answers, and shares move;
        # what it cannot know without the exchange is at the most nothing.
        harmless = name in ("cash", "transfer", "maxRedeem")
        if name == "maxRedeem":
            assert int.from_bytes(hostile.token.call_returned()) == 0
        assert hostile.token.successes() - successes == int(harmless), name
        assert total - exchange.held() - pool.held() == amount
        hostile.chain.revert(snapshot)


@pytest.mark.parametrize("early", [False, True])
def test_while_a_provider_is_paid_by_both(
    hostile: ExchangeHarness, trader: str, provider: str, early: bool
) -> None:
    """[X-POOL-12]"""
    opened(hostile, trader, provider, loses=True)
    pool, exchange = hostile.pool, hostile.exchange
    shares = pool.balanceOf(provider)
    amount = pool.previewRedeem(shares)
    assert amount > pool.held()
    hostile.token.set_early(early, sender=trader)
    for target, name, call in attempts(hostile, trader):
        snapshot = hostile.chain.snapshot()
        total = exchange.held() + pool.held()
        hostile.token.set_callback(target, call, sender=trader)
        calls, successes = hostile.token.calls(), hostile.token.successes()
        pool.redeem(shares, provider, provider, sender=provider)
        assert hostile.token.calls() - calls == 2
        # The exchange is done when the pool sends: its own views answer, as ever.
        harmless = name in ("obligations", "account_value")
        assert hostile.token.successes() - successes == int(harmless), name
        assert total - exchange.held() - pool.held() == amount
        hostile.chain.revert(snapshot)


@pytest.mark.parametrize("early", [False, True])
def test_while_the_pool_pulls(hostile: ExchangeHarness, provider: str, early: bool) -> None:
    """All is booked before the collateral is called. [X-POOL-12]"""
    pool = hostile.pool
    hostile.token.set_early(early, sender=provider)
    for target, name, call in attempts(hostile, provider):
        snapshot = hostile.chain.snapshot()
        hostile.token.set_callback(target, call, sender=provider)
        pool.deposit(10**6, provider, sender=provider)
        assert hostile.token.calls() == 1
        assert hostile.token.call_succeeded() is (name in ("obligations", "account_value")), name
        assert (pool.balanceOf(provider), pool.held()) == (WAD, 10**6)
        hostile.chain.revert(snapshot)
