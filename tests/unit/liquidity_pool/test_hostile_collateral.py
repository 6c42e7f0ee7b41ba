# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that takes a fee, lies or calls back, over both contracts."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.exchange_harness import NOBODY, ExchangeHarness, buy, ten


def enters(harness: ExchangeHarness, who: str, amount: int) -> None:
    """While nothing is open."""
    harness.pool.requestDeposit(amount, who, who, sender=who)
    harness.pool.deposit(amount, who, sender=who)


def test_fee_on_transfer_is_refused(hostile: ExchangeHarness, trader: str) -> None:
    hostile.token.set_fee(1, sender=trader)
    with reverts("exchange: wrong amount received"):
        hostile.pool.requestDeposit(10_000, trader, trader, sender=trader)
    with reverts("exchange: wrong amount received"):
        hostile.pool.fund_insurance(10_000, sender=trader)
    assert (hostile.pool.held(), hostile.pool.pending_assets()) == (0, 0)


def test_a_false_answer_is_refused(hostile: ExchangeHarness, trader: str) -> None:
    pool = hostile.pool
    enters(hostile, trader, 5)
    pool.requestRedeem(10**12, trader, trader, sender=trader)
    pool.requestDeposit(7, trader, trader, sender=trader)
    hostile.token.set_answer(1, sender=trader)
    with reverts("exchange: collateral not pulled"):
        pool.requestDeposit(5, trader, trader, sender=trader)
    with reverts("exchange: collateral not sent"):
        pool.redeem(10**12, trader, trader, sender=trader)
    hostile.token.set_answer(0, sender=trader)
    hostile.exchange.deposit(1, sender=trader)
    hostile.exchange.trade([buy(0, 10**12)], sender=trader)
    hostile.token.set_answer(1, sender=trader)
    hostile.oracle.set_failing(True, sender=hostile.owner)
    with reverts("exchange: collateral not sent"):
        pool.cancel_deposit(trader, sender=trader)
    assert (pool.held(), pool.pending_assets()) == (5, 7)


def test_a_donation_is_nobodys(hostile: ExchangeHarness, trader: str) -> None:
    enters(hostile, trader, 10**6)
    before = hostile.pool.equity(), hostile.pool.totalAssets(), hostile.pool.held()
    hostile.token.transfer(hostile.pool, 10**6, sender=trader)
    assert before == (hostile.pool.equity(), hostile.pool.totalAssets(), hostile.pool.held())


# Of what is tried: the exchange is not locked while the pool alone acts.
DURING_A_CALL = ("obligations", "account_value", "transfer")


def attempts(harness: ExchangeHarness, who: str) -> list[tuple[str, str, bytes]]:
    """What the collateral may try while it moves: contract, function, call."""
    pool, exchange = harness.pool, harness.exchange
    calls = [
        (pool, "requestDeposit", (1, who, who)),
        (pool, "deposit", (1, who)),
        (pool, "cancel_deposit", (who,)),
        (pool, "requestRedeem", (1, who, who)),
        (pool, "redeem", (1, who, who)),
        (pool, "fix_price", (who,)),
        (pool, "transfer", (who, 0)),
        (pool, "equity", ()),
        (pool, "totalAssets", ()),
        (pool, "maxRedeem", (who,)),
        (pool, "cash", ()),
        (exchange, "trade", ([(0, WAD, 2**255)],)),
        (exchange, "spare_reserve", (NOBODY, ten([WAD]))),
        (exchange, "obligations", ()),
        (exchange, "account_value", (who, ten([WAD]))),
    ]
    return [
        (contract.address, name, contract.encode(name, *args)) for contract, name, args in calls
    ]


def opened(harness: ExchangeHarness, trader: str, provider: str, loses: bool) -> None:
    """The trader has lost to the pool, or won from it, more than the payer holds."""
    unit = harness.unit
    enters(harness, provider, 1_000 * unit)
    harness.exchange.deposit(400 * unit, sender=trader)
    harness.exchange.trade([(0, 200 * WAD, 2**255)], sender=trader)
    harness.set_prices(WAD // 2 if loses else 3 * WAD // 2)
    harness.exchange.trade([(0, -200 * WAD, 0)], sender=trader)


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
        harmless = {"cash": 1, "maxRedeem": 1, "transfer": 2}.get(name, 0)
        if name == "maxRedeem":
            assert int.from_bytes(hostile.token.call_returned()) == 0
        assert hostile.token.successes() - successes == harmless, name
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
    amount = pool.convertToAssets(shares)
    assert amount > pool.held()
    pool.requestRedeem(shares, provider, provider, sender=provider)
    hostile.token.set_early(early, sender=trader)
    for target, name, call in attempts(hostile, trader):
        snapshot = hostile.chain.snapshot()
        total = exchange.held() + pool.held()
        hostile.token.set_callback(target, call, sender=trader)
        calls, successes = hostile.token.calls(), hostile.token.successes()
        pool.redeem(shares, provider, provider, sender=provider)
        assert hostile.token.calls() - calls == 2
        # The exchange is done when the pool sends: its own views answer, as ever. Free
        # shares always move.
        harmless = 1 + (name == "transfer") if name in DURING_A_CALL else 0
        assert hostile.token.successes() - successes == harmless, name
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
        pool.requestDeposit(10**6, provider, provider, sender=provider)
        assert hostile.token.calls() == 1
        assert hostile.token.call_succeeded() is (name in DURING_A_CALL), name
        assert pool.deposit_request(provider).bound == WAD
        assert (pool.pending_assets(), pool.held()) == (10**6, 0)
        hostile.chain.revert(snapshot)


def test_a_request_is_binding_in_a_callback(
    hostile: ExchangeHarness, trader: str, provider: str
) -> None:
    """The exchange's lock is no missing price, for which a deposit would come back.
    [X-POOL-12] [X-POOL-14]"""
    token, pool, exchange = hostile.token, hostile.pool, hostile.exchange
    enters(hostile, provider, 1_000 * hostile.unit)
    exchange.deposit(100 * hostile.unit, sender=trader)
    exchange.trade([buy(0, WAD)], sender=trader)
    token.transfer(token, 10, sender=trader)
    token.approve(pool, 10, sender=token.address)
    pool.requestDeposit(10, token, token, sender=token.address)
    token.set_callback(pool, pool.encode("cancel_deposit", token.address), sender=trader)
    exchange.deposit(1, sender=trader)
    assert (token.calls(), token.call_succeeded()) == (1, False)
    assert pool.deposit_request(token).amount == 10
