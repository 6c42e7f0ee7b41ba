# SPDX-License-Identifier: AGPL-3.0-only
"""Who holds too little has the other contract send the rest, in both directions."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import ONE, ExchangeHarness, buy, sell


def payers(harness: ExchangeHarness, receipt: object, receiver: str) -> list[tuple[str, int]]:
    """Who has sent the receiver how much, in order."""
    return [
        (event.sender, event.value)
        for event in harness.token.events(receipt)
        if event.name == "Transfer" and event.receiver == receiver
    ]


def test_the_pool_pays_winners(harness: ExchangeHarness, provider: str, trader: str) -> None:
    """Margin of 5,000, a gain of about 5,000: the exchange sends what it holds and the
    pool the rest, straight to the receiver. [X-POOL-10]"""
    harness.add_liquidity(provider, 100_000 * harness.unit)
    harness.deposit(trader, 5_000 * harness.unit)
    harness.trade(trader, buy(0, 100 * WAD))
    harness.set_prices(150 * WAD, 10 * WAD)
    harness.trade(trader, sell(0, 100 * WAD))
    amount = harness.exchange.cash(trader) // 10**30
    assert amount > 9_000 * harness.unit
    pool_held = harness.pool.held()
    receipt = harness.withdraw(trader, amount)
    own = 5_000 * harness.unit
    assert payers(harness, receipt, trader) == [
        (harness.pool.address, amount - own),
        (harness.exchange.address, own),
    ]
    assert harness.exchange.held() == 0
    assert harness.pool.held() == pool_held - (amount - own)


def test_the_exchange_pays_the_pool_s_providers(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """A trader has lost 5,000 to the pool, whose own collateral does not suffice for the
    provider who leaves. [X-POOL-10]"""
    harness.add_liquidity(provider, 100_000 * harness.unit)
    harness.deposit(trader, 10_000 * harness.unit)
    harness.trade(trader, buy(0, 100 * WAD))
    harness.set_prices(50 * WAD, 10 * WAD)
    harness.trade(trader, sell(0, 100 * WAD))
    shares = harness.pool.balanceOf(provider)
    amount = harness.pool.convertToAssets(shares)
    assert amount > 104_000 * harness.unit
    receipt = harness.remove_liquidity(provider, shares)
    own = 100_000 * harness.unit
    assert payers(harness, receipt, provider) == [
        (harness.exchange.address, amount - own),
        (harness.pool.address, own),
    ]
    assert harness.pool.held() == 0
    assert harness.exchange.held() == 10_000 * harness.unit - (amount - own)
    # What is left is the trader's, the insurance fund's and dust.
    harness.withdraw(trader, harness.exchange.cash(trader) // 10**30)
    rest = harness.exchange.held() * 10**30 - harness.pool.insurance()
    assert 0 <= rest < ONE // 100


def test_a_reward_from_the_pool(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """The exchange holds one unit, as the account has withdrawn what it has won before."""
    harness.add_liquidity(provider, 100_000 * harness.unit)
    harness.deposit(trader, 1_500 * harness.unit)
    harness.trade(trader, buy(0, 100 * WAD))
    harness.set_prices(150 * WAD, 10 * WAD)
    equity, initial, _ = harness.exchange.margin(trader)
    assert (equity - initial) // 10**30 > 1_500 * harness.unit
    harness.withdraw(trader, 1_500 * harness.unit - 1)
    assert harness.exchange.held() == 1
    harness.set_prices(105 * WAD, 10 * WAD)
    receipt = harness.liquidate(liquidator, trader)
    (from_pool, from_exchange) = payers(harness, receipt, liquidator)
    assert from_exchange == (harness.exchange.address, 1)
    assert from_pool[0] == harness.pool.address
    assert from_pool[1] > 0


def test_more_than_both_hold_is_not_paid(
    harness: ExchangeHarness, trader: str, second_trader: str, provider: str, attacker: str
) -> None:
    """A winner waits for those who owe; nothing is paid in part. [X-POOL-5]"""
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
    harness.trade(second_trader, buy(0, 100 * WAD))
    won = harness.exchange.cash(second_trader) // 10**30
    both = harness.model.collateral
    assert won > both
    with reverts(""):
        harness.withdraw(second_trader, both + 1)
    harness.withdraw(second_trader, both)
    assert (harness.exchange.held(), harness.pool.held()) == (0, 0)
