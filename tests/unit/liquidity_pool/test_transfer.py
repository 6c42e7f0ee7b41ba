# SPDX-License-Identifier: AGPL-3.0-only
"""transfer, transferFrom: a token like any other."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import HOUR
from tests.support.exchange_harness import ExchangeHarness, buy


def test_free_shares_move_at_once(funded: ExchangeHarness, provider: str, trader: str) -> None:
    receipt = funded.transfer_shares(provider, trader, 5 * WAD)
    only_event(receipt, funded.pool, "Transfer", sender=provider, receiver=trader, value=5 * WAD)
    assert funded.pool.balanceOf(trader) == 5 * WAD
    before = funded.token.balanceOf(trader)
    funded.remove_liquidity(trader, 5 * WAD)
    assert funded.token.balanceOf(trader) - before == 5 * funded.unit


def test_moving_shares_moves_no_request(
    funded: ExchangeHarness, provider: str, trader: str, second_trader: str
) -> None:
    """Whoever has them asks anew, and waits as long. [X-POOL-7]"""
    funded.trade(second_trader, buy(0, WAD))
    funded.request_redeem(provider, WAD)
    funded.wait(HOUR)
    funded.transfer_shares(provider, trader, WAD)
    with reverts("pool: more than was requested"):
        funded.claim_redeem(trader, WAD)
    funded.request_redeem(trader, WAD)
    with reverts("pool: too early"):
        funded.claim_redeem(trader, WAD)
    funded.claim_redeem(provider, WAD)


def test_by_allowance(funded: ExchangeHarness, provider: str, trader: str) -> None:
    """[X-POOL-8]"""
    pool = funded.pool
    with reverts("erc20: insufficient allowance"):
        pool.transferFrom(provider, trader, 1, sender=trader)
    pool.approve(trader, 2 * WAD, sender=provider)
    pool.transferFrom(provider, trader, WAD, sender=trader)
    assert (pool.allowance(provider, trader), pool.balanceOf(trader)) == (WAD, WAD)
    with reverts("erc20: insufficient allowance"):
        pool.transferFrom(provider, trader, WAD + 1, sender=trader)


def test_not_more_than_there_is(funded: ExchangeHarness, provider: str, trader: str) -> None:
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
