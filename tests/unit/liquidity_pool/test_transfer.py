# SPDX-License-Identifier: AGPL-3.0-only
"""transfer, transferFrom: a token whose locked shares stay."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import ExchangeHarness

LOCKED = "pool: shares are locked"


def test_locked_shares_stay(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-7]"""
    funded.wait(HOUR - 1)
    with reverts(LOCKED):
        funded.transfer_shares(provider, trader, WAD)
    funded.pool.approve(trader, WAD, sender=provider)
    with reverts(LOCKED):
        funded.pool.transferFrom(provider, trader, WAD, sender=trader)
    assert funded.pool.balanceOf(trader) == 0


def test_unlocked_shares_move(funded: ExchangeHarness, provider: str, trader: str) -> None:
    funded.wait(HOUR)
    receipt = funded.transfer_shares(provider, trader, 5 * WAD)
    only_event(receipt, funded.pool, "Transfer", sender=provider, receiver=trader, value=5 * WAD)
    assert funded.pool.balanceOf(trader) == 5 * WAD
    before = funded.token.balanceOf(trader)
    funded.remove_liquidity(trader, 5 * WAD)
    assert funded.token.balanceOf(trader) - before == 5 * funded.unit


def test_shares_that_arrive_take_the_lock_of_the_receiver(
    funded: ExchangeHarness, provider: str, trader: str
) -> None:
    """And nobody's lock is made longer by what others send."""
    funded.wait(HOUR)
    funded.add_liquidity(trader, funded.unit)
    until = funded.pool.unlocked_at(trader)
    funded.wait(HOUR // 2)
    funded.transfer_shares(provider, trader, WAD)
    assert funded.pool.unlocked_at(trader) == until
    with reverts(LOCKED):
        funded.transfer_shares(trader, provider, 1)
    funded.wait(HOUR // 2)
    funded.transfer_shares(trader, provider, 2 * WAD)


def test_by_allowance(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-8]"""
    pool = funded.pool
    funded.wait(HOUR)
    with reverts("erc20: insufficient allowance"):
        pool.transferFrom(provider, trader, 1, sender=trader)
    pool.approve(trader, 2 * WAD, sender=provider)
    pool.transferFrom(provider, trader, WAD, sender=trader)
    assert (pool.allowance(provider, trader), pool.balanceOf(trader)) == (WAD, WAD)
    with reverts("erc20: insufficient allowance"):
        pool.transferFrom(provider, trader, WAD + 1, sender=trader)


def test_not_more_than_there_is(funded: ExchangeHarness, provider: str, trader: str) -> None:
    funded.wait(HOUR)
    with reverts("erc20: transfer amount exceeds balance"):
        funded.transfer_shares(provider, trader, 10**6 * WAD + 1)


def test_the_token(harness: ExchangeHarness) -> None:
    pool = harness.pool
    assert (pool.name(), pool.symbol(), pool.decimals()) == ("Exchange Liquidity", "XLP", 18)
    assert pool.asset() == harness.token.address == harness.exchange.asset()


@pytest.mark.parametrize(
    "function",
    ["mint", "burn", "burn_from", "set_minter", "owner", "transfer_ownership", "is_minter"],
)
def test_nobody_mints_burns_or_owns(harness: ExchangeHarness, function: str) -> None:
    """[X-POOL-9]"""
    assert function not in {entry.get("name") for entry in harness.pool.abi}
