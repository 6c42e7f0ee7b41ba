# SPDX-License-Identifier: AGPL-3.0-only
"""The vault on a settled exchange: it closes to zero, and everything is paid out."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import buy, ten
from tests.support.perp_vault_harness import PerpVaultHarness

HALF = [25 * WAD, 250 * WAD]
FULL = [50 * WAD, 500 * WAD]


@pytest.fixture
def settled(filled: PerpVaultHarness, trader: str, provider: str) -> PerpVaultHarness:
    """Short 50 and 500, against longs, settled at 90 and 11."""
    harness = filled.harness
    harness.trade(trader, buy(0, 60 * WAD))
    filled.trade(FULL)
    harness.wait(3_600)
    harness.set_prices(90 * WAD, 11 * WAD)
    harness.kill_oracle()
    harness.settle(provider)
    return filled


def prices_of(vault: PerpVaultHarness) -> list[int]:
    return ten(vault.harness.prices)


def total(vault: PerpVaultHarness) -> int:
    value = vault.vault.value(prices_of(vault))
    return value.idle + value.equity


def test_closes_in_chunks_without_any_loss(settled: PerpVaultHarness, second_holder: str) -> None:
    """At a bound of zero, three chunks of 20 and 200 at most; then all is paid. [VP-5]"""
    holdings = total(settled)
    assert settled.vault.quote(ten([]), prices_of(settled), 0) == (0, True)
    for _ in range(3):
        settled.trade([0, 0], bound=0, chunked=True)
        assert total(settled) == holdings
    assert settled.vault.value(prices_of(settled)).shorts == ten([])
    assert settled.vault.spendable(prices_of(settled)) == holdings
    settled.pay(second_holder, holdings)
    assert settled.harness.token.balanceOf(second_holder) == holdings
    assert total(settled) == 0


def test_closes_at_once_and_in_part(settled: PerpVaultHarness) -> None:
    holdings = total(settled)
    settled.trade(HALF, bound=0)
    settled.trade([0, 0], bound=0)
    assert settled.vault.value(prices_of(settled)).shorts == ten([])
    assert total(settled) == holdings


def test_pays_within_its_margin_before_it_has_closed(
    settled: PerpVaultHarness, second_holder: str
) -> None:
    can = settled.vault.spendable(prices_of(settled))
    with reverts("exchange: margin too low"):
        settled.pay(second_holder, can + 1)
    settled.pay(second_holder, can)
    settled.trade([0, 0], bound=0)


def test_cannot_grow_and_says_so(settled: PerpVaultHarness) -> None:
    """[VP-5]"""
    prices = prices_of(settled)
    with reverts("exchange: settled, orders only reduce"):
        settled.trade([50 * WAD + 1, 500 * WAD])
    assert settled.vault.depth(ten([WAD]), prices, MAX_UINT256, True) == 0
    assert settled.vault.depth(ten([WAD]), prices, WAD, False) == 20_000 * WAD
    for more in (True, False):
        assert settled.vault.depth(ten([WAD]), prices, WAD, more) == settled.model.depth(
            [WAD], settled.harness.prices, WAD, more, settled.harness.now
        )


def test_closed_by_somebody_else(
    settled: PerpVaultHarness, attacker: str, second_holder: str
) -> None:
    """To the same end: nothing is lost, and the next trade to zero has nothing to do.
    [M-CLOSE-9]"""
    holdings = total(settled)
    receipt = settled.harness.liquidate(attacker, settled.vault.address)
    only_event(
        receipt,
        settled.harness.exchange,
        "Liquidated",
        account=settled.vault.address,
        liquidator=attacker,
        fraction=WAD,
        penalty=0,
        reward=0,
    )
    assert total(settled) == holdings
    args = (settled.held(), ten([]), prices_of(settled), 0, True)
    assert settled.vault.trade.call(*args, sender=settled.token)[0] is True
    settled.pay(second_holder, holdings)


def test_a_bankrupt_vault_is_closed_by_anybody(
    filled: PerpVaultHarness, attacker: str, second_holder: str
) -> None:
    """Its debt is the pool's; what is idle remains the vault's. [VP-6]"""
    harness = filled.harness
    filled.trade(FULL)
    harness.set_prices(400 * WAD, 40 * WAD)
    harness.kill_oracle()
    harness.settle(attacker)
    assert filled.vault.value(prices_of(filled)).equity < 0
    with reverts("exchange: equity below zero"):
        filled.trade([0, 0])
    harness.liquidate(attacker, filled.vault.address)
    value = filled.vault.value(prices_of(filled))
    assert (value.equity, value.shorts) == (0, ten([]))
    assert value.idle == 500 * harness.unit
    filled.pay(second_holder, value.idle)


@pytest.mark.parametrize("now", [45, 180])
def test_prices_of_an_oracle_that_is_back_do_not_matter(
    settled: PerpVaultHarness, now: int
) -> None:
    """Worth and fill are at the frozen price, whatever the bound is. [VP-5]"""
    holdings = total(settled)
    settled.harness.set_prices(now * WAD, 11 * WAD)
    settled.harness.oracle.set_failing(False, sender=settled.token)
    assert total(settled) == holdings
    settled.trade(HALF, bound=0)
    settled.trade([0, 0], bound=0)
    assert total(settled) == holdings
