# SPDX-License-Identifier: AGPL-3.0-only
"""withdraw: down to the initial requirement, without a price when flat."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import ZERO
from tests.support.exchange_harness import ONE, ExchangeHarness, sell


def test_withdraw(harness: ExchangeHarness, trader: str, keeper: str) -> None:
    harness.deposit(trader, 10 * harness.unit)
    receipt = harness.withdraw(trader, 4 * harness.unit, receiver=keeper)
    assert harness.token.balanceOf(keeper) == 4 * harness.unit
    assert (harness.exchange.held(), harness.exchange.cash(trader)) == (6 * harness.unit, 6 * ONE)
    only_event(
        receipt,
        harness.exchange,
        "Withdrawn",
        account=trader,
        receiver=keeper,
        amount=4 * harness.unit,
    )


def test_refuses_nothing_and_bad_receivers(harness: ExchangeHarness, trader: str) -> None:
    harness.deposit(trader, 10)
    with reverts("exchange: zero amount"):
        harness.withdraw(trader, 0)
    with reverts("exchange: bad receiver"):
        harness.exchange.withdraw(1, ZERO, sender=trader)
    with reverts("exchange: bad receiver"):
        harness.exchange.withdraw(1, harness.exchange.address, sender=trader)


def test_not_more_than_there_is(harness: ExchangeHarness, trader: str, second_trader: str) -> None:
    """[X-MAR-2]"""
    harness.deposit(second_trader, 10)
    harness.deposit(trader, 10)
    with reverts("exchange: margin too low"):
        harness.withdraw(trader, 11)
    harness.withdraw(trader, 10)


def test_without_a_position_needs_no_price(harness: ExchangeHarness, trader: str) -> None:
    """[X-MAR-3]"""
    harness.deposit(trader, 10)
    harness.fail_oracle()
    harness.withdraw(trader, 10)
    assert (harness.exchange.held(), harness.exchange.cash(trader)) == (0, 0)


def test_with_a_position_needs_a_price(funded: ExchangeHarness, trader: str) -> None:
    funded.trade(trader, sell(0, WAD))
    funded.fail_oracle()
    with reverts("oracle: stale price"):
        funded.withdraw(trader, 1)


def test_down_to_the_initial_requirement_to_the_unit(funded: ExchangeHarness, trader: str) -> None:
    """[X-MAR-2]"""
    funded.trade(trader, sell(0, 100 * WAD))
    # Filled at 99.5, worth 100, fee 0.1% of 10,000: 10,000 - 50 - 10.
    equity, initial, maintenance = funded.exchange.margin(trader)
    assert (equity, initial, maintenance) == (9_940 * ONE, 1_000 * ONE, 500 * ONE)
    with reverts("exchange: margin too low"):
        funded.withdraw(trader, 8_940 * funded.unit + 1)
    funded.withdraw(trader, 8_940 * funded.unit)
    assert funded.exchange.margin(trader)[0] == 1_000 * ONE
