# SPDX-License-Identifier: AGPL-3.0-only
"""Maximums tell the truth, to the unit; the worth of the shares. The harness compares
them with the model after every action."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import NOBODY, STALE, ExchangeHarness, buy, sell


def test_max_redeem_is_everything_without_positions(funded: ExchangeHarness, provider: str) -> None:
    """[X-POOL-11]"""
    assert funded.pool.maxRedeem(provider) == 0
    shares = funded.pool.balanceOf(provider)
    funded.request_redeem(provider, shares)
    assert funded.pool.maxRedeem(provider) == shares
    funded.claim_redeem(provider, shares)


def test_pending_becomes_claimable(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """Of whatever number; before, nothing can be claimed. [X-POOL-11]"""
    pool = funded.pool
    funded.trade(trader, buy(0, WAD))
    funded.request_deposit(liquidator, 7)
    funded.request_redeem(provider, 9)

    def seen() -> tuple[int, ...]:
        return (
            pool.pendingDepositRequest(0, liquidator),
            pool.claimableDepositRequest(0, liquidator),
            pool.maxDeposit(liquidator),
            pool.pendingRedeemRequest(5, provider),
            pool.claimableRedeemRequest(5, provider),
            pool.maxRedeem(provider),
        )

    funded.wait(HOUR - 1)
    assert seen() == (7, 0, 0, 9, 0, 0)
    funded.wait(1)
    assert seen() == (0, 7, 7, 0, 9, 9)
    funded.fail_oracle()
    assert seen() == (7, 0, 0, 9, 0, 0)


@pytest.mark.parametrize("side", [buy, sell])
@pytest.mark.parametrize("later", [80 * WAD, 107 * WAD + 1])
def test_max_redeem_beside_the_reserve(
    funded: ExchangeHarness, provider: str, trader: str, side: type, later: int
) -> None:
    """One share more is refused, whichever of the two prices counts. [X-POOL-11]"""
    funded.trade(trader, side(0, 90 * WAD))
    funded.request_redeem(provider, funded.pool.balanceOf(provider))
    funded.set_prices(later, 10 * WAD)
    funded.wait(HOUR)
    most = funded.pool.maxRedeem(provider)
    assert 0 < most < funded.pool.redeem_request(provider).amount
    with reverts("exchange: pool reserve too low"):
        funded.claim_redeem(provider, most + 1)
    funded.claim_redeem(provider, most)
    # What is left is worth less than one unit.
    assert funded.pool.convertToAssets(funded.pool.maxRedeem(provider)) <= 1


def test_the_reserve_may_let_go_what_the_request_is_bound_to(
    funded: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """All shares of the pool are worth more than may leave, their bound is not: all but
    one go. [X-POOL-11]"""
    pool = funded.pool
    funded.trade(trader, buy(0, 90 * WAD))
    funded.add_liquidity(liquidator, 20_000 * funded.unit)
    funded.request_redeem(provider, 10**6 * WAD)
    funded.wait(HOUR)
    funded.set_prices(50 * WAD, 10 * WAD)
    spare = funded.exchange.spare_reserve(NOBODY, [50 * WAD, 10 * WAD, *[0] * 8]) // 10**30
    assert pool.redeem_request(provider).bound < spare
    assert pool.maxRedeem(provider) == 10**6 * WAD
    funded.claim_redeem(provider, 10**6 * WAD)


def test_no_maximum_without_prices(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """They answer 0, where what needs a price reverts with the oracle's reason. [X-POOL-11]"""
    funded.request_redeem(provider, WAD)
    funded.request_deposit(provider, 1)
    funded.trade(trader, buy(0, WAD))
    funded.wait(HOUR)
    funded.fail_oracle()
    assert funded.pool.maxRedeem(provider) == funded.pool.maxDeposit(provider) == 0
    for view in ("totalAssets", "equity"):
        with reverts(STALE):
            funded.pool.method(view)()
    for view in ("convertToAssets", "convertToShares"):
        with reverts(STALE):
            funded.pool.method(view)(WAD)


def test_no_previews(harness: ExchangeHarness) -> None:
    """What a claim brings is not known before; a call finds nothing, and reverts."""
    names = {entry.get("name") for entry in harness.pool.abi}
    assert not [name for name in names if name and name.startswith("preview")]


def test_no_maximum_of_an_exhausted_pool(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """[X-POOL-11]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.request_redeem(provider, WAD)
    harness.request_deposit(provider, 1)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    harness.wait(HOUR)
    assert harness.pool.maxRedeem(provider) == harness.pool.maxDeposit(provider) == 0
    assert harness.pool.totalAssets() == 0
    with reverts("pool: exhausted"):
        harness.pool.convertToAssets(WAD)


def test_no_maximum_while_the_reserve_is_overdrawn(
    harness: ExchangeHarness, provider: str, trader: str
) -> None:
    """Shares have a price, and none leaves. [X-POOL-11]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.request_redeem(provider, WAD)
    harness.deposit(trader, 10**5 * harness.unit)
    harness.trade(trader, buy(0, 80 * WAD))
    harness.set_prices(150 * WAD, 10 * WAD)
    harness.wait(HOUR)
    assert harness.pool.maxRedeem(provider) == 0
    assert harness.pool.convertToAssets(WAD) > 0
    with reverts("exchange: pool reserve too low"):
        harness.claim_redeem(provider, 1)


def test_maximums_after_the_settlement(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """Nothing in; everything out when no position is open. [X-POOL-11]"""
    funded.trade(trader, sell(0, 50 * WAD))
    funded.request_redeem(provider, 10**6 * WAD)
    funded.request_deposit(provider, 1)
    funded.wait(HOUR)
    funded.kill_oracle()
    funded.settle(provider)
    assert funded.pool.maxRedeem(provider) == funded.pool.maxDeposit(provider) == 0
    funded.liquidate(provider, trader)
    assert funded.pool.maxRedeem(provider) == 10**6 * WAD
    funded.claim_redeem(provider, 10**6 * WAD)
    assert funded.pool.maxDeposit(provider) == 0


def test_the_largest_deposit(harness: ExchangeHarness, liquidator: str, provider: str) -> None:
    """What is pending is claimed in parts, where all of it at once would be out of
    range. [X-POOL-11]"""
    pool = harness.pool
    amount = 2**160 // 10**12
    harness.token.mint(liquidator, 2 * amount, sender=liquidator)
    harness.request_deposit(liquidator, 2 * amount)
    most = pool.maxDeposit(liquidator)
    assert 0 < most <= amount
    harness.claim_deposit(liquidator, most)
    assert pool.balanceOf(liquidator) <= 2**160
    assert pool.maxDeposit(liquidator) > 0


def test_total_assets(funded: ExchangeHarness, trader: str) -> None:
    """Equity, in which no impact is. [X-POOL-1]"""
    funded.trade(trader, buy(0, 100 * WAD))
    funded.set_prices(150 * WAD, 10 * WAD)
    assert funded.pool.totalAssets() == (1_000_000 - 5_000 + 9) * funded.unit
