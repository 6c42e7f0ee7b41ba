# SPDX-License-Identifier: AGPL-3.0-only
"""withdraw: down to the initial requirement, without a price when flat."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.exchange_harness import ONE, PerpWorld, sell

ZERO = "0x" + "00" * 20


def test_withdraw(world: PerpWorld, trader: str, keeper: str) -> None:
    world.deposit(trader, 10 * world.unit)
    receipt = world.withdraw(trader, 4 * world.unit, receiver=keeper)
    assert world.token.balanceOf(keeper) == 4 * world.unit
    assert (world.exchange.held(), world.exchange.cash(trader)) == (6 * world.unit, 6 * ONE)
    only_event(
        receipt, world.exchange, "Withdrawn", account=trader, receiver=keeper, amount=4 * world.unit
    )


def test_refuses_nothing_and_bad_receivers(world: PerpWorld, trader: str) -> None:
    world.deposit(trader, 10)
    with reverts("exchange: zero amount"):
        world.withdraw(trader, 0)
    with reverts("exchange: bad receiver"):
        world.exchange.withdraw(1, ZERO, sender=trader)
    with reverts("exchange: bad receiver"):
        world.exchange.withdraw(1, world.exchange.address, sender=trader)


def test_not_more_than_there_is(world: PerpWorld, trader: str, second_trader: str) -> None:
    """[X-MAR-2]"""
    world.deposit(second_trader, 10)
    world.deposit(trader, 10)
    with reverts("exchange: margin too low"):
        world.withdraw(trader, 11)
    world.withdraw(trader, 10)


def test_without_a_position_needs_no_price(world: PerpWorld, trader: str) -> None:
    """[X-MAR-3]"""
    world.deposit(trader, 10)
    world.fail_oracle()
    world.withdraw(trader, 10)
    assert (world.exchange.held(), world.exchange.cash(trader)) == (0, 0)


def test_with_a_position_needs_a_price(funded: PerpWorld, trader: str) -> None:
    funded.trade(trader, sell(0, WAD))
    funded.fail_oracle()
    with reverts("oracle: stale price"):
        funded.withdraw(trader, 1)


def test_down_to_the_initial_requirement_to_the_unit(funded: PerpWorld, trader: str) -> None:
    """[X-MAR-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    # Filled at 99.5, worth 100, fee 0.1% of 10,000: 10,000 - 50 - 10.
    equity, initial, maintenance = funded.exchange.margin(trader)
    assert (equity, initial, maintenance) == (9_940 * ONE, 1_000 * ONE, 500 * ONE)
    with reverts("exchange: margin too low"):
        funded.withdraw(trader, 8_940 * funded.unit + 1)
    funded.withdraw(trader, 8_940 * funded.unit)
    assert funded.exchange.margin(trader)[0] == 1_000 * ONE
