# SPDX-License-Identifier: AGPL-3.0-only
"""Maximums tell the truth, to the unit; the worth of the shares. The harness compares
them with the model after every action."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import STALE, ExchangeHarness, buy, sell


def test_max_redeem_is_everything_without_positions(funded: ExchangeHarness, provider: str) -> None:
    """[X-POOL-11]"""
    assert funded.pool.maxRedeem(provider) == 0
    funded.wait(HOUR)
    most = funded.pool.maxRedeem(provider)
    assert most == funded.pool.balanceOf(provider)
    funded.remove_liquidity(provider, most)


@pytest.mark.parametrize("side", [buy, sell])
def test_max_redeem_beside_the_reserve(
    funded: ExchangeHarness, provider: str, trader: str, side: type
) -> None:
    """One share more is refused. [X-POOL-11]"""
    funded.trade(trader, side(0, 90 * WAD))
    funded.set_prices(107 * WAD + 1, 10 * WAD)
    funded.wait(HOUR)
    most = funded.pool.maxRedeem(provider)
    assert 0 < most < funded.pool.balanceOf(provider)
    with reverts("exchange: pool reserve too low"):
        funded.remove_liquidity(provider, most + 1)
    funded.remove_liquidity(provider, most)
    # What is left is worth less than one unit.
    assert funded.pool.previewRedeem(funded.pool.maxRedeem(provider)) <= 1


def test_no_maximum_without_prices(funded: ExchangeHarness, provider: str) -> None:
    """They answer 0, where what needs a price reverts with the oracle's reason. [X-POOL-11]"""
    funded.wait(HOUR)
    funded.fail_oracle()
    assert funded.pool.maxRedeem(provider) == funded.pool.maxDeposit(provider) == 0
    for view in ("totalAssets", "equity"):
        with reverts(STALE):
            funded.pool.method(view)()
    for view in ("previewRedeem", "previewDeposit", "convertToAssets", "convertToShares"):
        with reverts(STALE):
            funded.pool.method(view)(WAD)


def test_no_maximum_of_an_exhausted_pool(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """[X-POOL-11]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    harness.wait(HOUR)
    assert harness.pool.maxRedeem(provider) == harness.pool.maxDeposit(provider) == 0
    assert harness.pool.totalAssets() == 0
    with reverts("pool: exhausted"):
        harness.pool.previewRedeem(WAD)


def test_no_maximum_while_the_reserve_is_overdrawn(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """Shares have a price, and none leaves. [X-POOL-11]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.deposit(trader, 10**5 * harness.unit)
    harness.trade(trader, buy(0, 80 * WAD))
    harness.set_prices(150 * WAD, 10 * WAD)
    harness.wait(HOUR)
    assert harness.pool.maxRedeem(provider) == 0
    assert harness.pool.previewRedeem(WAD) > 0
    with reverts("exchange: pool reserve too low"):
        harness.remove_liquidity(provider, 1)


def test_maximums_after_the_settlement(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """Nothing in; everything out when no position is open. [X-POOL-11]"""
    funded.trade(trader, sell(0, 50 * WAD))
    funded.wait(HOUR)
    funded.kill_oracle()
    funded.settle(provider)
    assert funded.pool.maxRedeem(provider) == funded.pool.maxDeposit(provider) == 0
    funded.liquidate(provider, trader)
    most = funded.pool.maxRedeem(provider)
    assert most == funded.pool.balanceOf(provider)
    funded.remove_liquidity(provider, most)
    assert funded.pool.maxDeposit(provider) == 0


def test_the_largest_deposit(funded: ExchangeHarness, liquidator: str) -> None:
    """[X-POOL-11]"""
    most = funded.pool.maxDeposit(liquidator)
    assert most > 10**30
    funded.token.mint(liquidator, most, sender=liquidator)
    funded.add_liquidity(liquidator, most)
    assert funded.pool.maxDeposit(liquidator) > 0


def test_total_assets(funded: ExchangeHarness, trader: str) -> None:
    """Equity, in which no impact is. [X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    assert funded.pool.totalAssets() == (1_000_000 - 5_000 + 9) * funded.unit
