# SPDX-License-Identifier: AGPL-3.0-only
"""Who holds too little has the other contract send the rest, in both directions."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.perp import ONE, PerpWorld, buy, sell
from tests.support import reverts

HOUR = 3_600


def payers(world: PerpWorld, receipt: object, receiver: str) -> list[tuple[str, int]]:
    """Who has sent the receiver how much, in order."""
    return [
        (event.sender, event.value)
        for event in world.token.events(receipt)
        if event.name == "Transfer" and event.receiver == receiver
    ]


def test_the_pool_pays_winners(world: PerpWorld, provider: str, trader: str) -> None:
    """Margin of 5,000, a gain of about 5,000: the exchange sends what it holds and the
    pool the rest, straight to the receiver. [X-POOL-10]"""
    world.add_liquidity(provider, 100_000 * world.unit)
    world.deposit(trader, 5_000 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.set_prices(150 * WAD, 10 * WAD)
    world.trade(trader, sell(0, 100 * WAD))
    amount = world.exchange.cash(trader) // 10**30
    assert amount > 9_000 * world.unit
    pool_held = world.pool.held()
    receipt = world.withdraw(trader, amount)
    own = 5_000 * world.unit
    assert payers(world, receipt, trader) == [
        (world.pool.address, amount - own),
        (world.exchange.address, own),
    ]
    assert world.exchange.held() == 0
    assert world.pool.held() == pool_held - (amount - own)


def test_the_exchange_pays_the_pool_s_providers(
    world: PerpWorld, provider: str, trader: str
) -> None:
    """A trader has lost 5,000 to the pool, whose own collateral does not suffice for the
    provider who leaves. [X-POOL-10]"""
    world.add_liquidity(provider, 100_000 * world.unit)
    world.deposit(trader, 10_000 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.set_prices(50 * WAD, 10 * WAD)
    world.trade(trader, sell(0, 100 * WAD))
    world.wait(HOUR)
    shares = world.pool.balanceOf(provider)
    amount = world.pool.previewRedeem(shares)
    assert amount > 104_000 * world.unit
    receipt = world.remove_liquidity(provider, shares)
    own = 100_000 * world.unit
    assert payers(world, receipt, provider) == [
        (world.exchange.address, amount - own),
        (world.pool.address, own),
    ]
    assert world.pool.held() == 0
    assert world.exchange.held() == 10_000 * world.unit - (amount - own)
    # What is left is the trader's, the insurance fund's and dust.
    world.withdraw(trader, world.exchange.cash(trader) // 10**30)
    rest = world.exchange.held() * 10**30 - world.pool.insurance()
    assert 0 <= rest < ONE // 100


def test_a_reward_from_the_pool(
    world: PerpWorld, provider: str, trader: str, liquidator: str
) -> None:
    """The exchange holds one unit, as the account has withdrawn what it has won before."""
    world.add_liquidity(provider, 100_000 * world.unit)
    world.deposit(trader, 1_500 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.set_prices(150 * WAD, 10 * WAD)
    equity, initial, _ = world.exchange.margin(trader)
    assert (equity - initial) // 10**30 > 1_500 * world.unit
    world.withdraw(trader, 1_500 * world.unit - 1)
    assert world.exchange.held() == 1
    world.set_prices(105 * WAD, 10 * WAD)
    receipt = world.liquidate(liquidator, trader)
    (from_pool, from_exchange) = payers(world, receipt, liquidator)
    assert from_exchange == (world.exchange.address, 1)
    assert from_pool[0] == world.pool.address
    assert from_pool[1] > 0


def test_more_than_both_hold_is_not_paid(
    world: PerpWorld, trader: str, second_trader: str, provider: str, attacker: str
) -> None:
    """A winner waits for those who owe; nothing is paid in part. [X-POOL-5]"""
    world.add_liquidity(provider, 44_000 * world.unit)
    for person in (trader, second_trader):
        world.deposit(person, 1_200 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.trade(second_trader, sell(0, 100 * WAD))
    world.wait(HOUR)
    world.set_prices(10 * WAD, 10 * WAD)
    world.remove_liquidity(provider, world.pool.balanceOf(provider) * 94 // 100)
    world.trade(second_trader, buy(0, 100 * WAD))
    won = world.exchange.cash(second_trader) // 10**30
    both = world.model.collateral
    assert won > both
    with reverts(""):
        world.withdraw(second_trader, both + 1)
    world.withdraw(second_trader, both)
    assert (world.exchange.held(), world.pool.held()) == (0, 0)
