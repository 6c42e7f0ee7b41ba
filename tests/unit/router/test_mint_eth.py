# SPDX-License-Identifier: AGPL-3.0-only
"""mint_eth: exact shares out of the ETH sent, the rest comes back to the wei."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import ETHER, RouterHarness, entry, flow

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges


@pytest.mark.parametrize("more", [0, 1, 3 * ETHER])
@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_the_rest_comes_back(
    harness: RouterHarness, trader: str, second_trader: str, shares: int, more: int
) -> None:
    """[R-10]"""
    assets = harness.token.previewMint(shares)
    price = harness.bought("WETH", assets)
    with harness.changes(trader, ETH=-price):
        receipt = harness.router.mint_eth(
            harness.token,
            harness.path("WETH"),
            shares,
            second_trader,
            MAX_UINT256,
            sender=trader,
            value=price + more,
        )
    harness.base.names[second_trader] = second_trader
    assert flow(harness, "mint", shares, second_trader, receipt).assets == assets
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=second_trader,
        assets=assets,
        shares=shares,
    )
    harness.check()


def test_one_wei_short(harness: RouterHarness, trader: str) -> None:
    """ETH that the router has been given does not help."""
    price = harness.bought("WETH", harness.token.previewMint(SMALL))
    harness.chain.set_balance(harness.router.address, ETHER)
    harness.tokens["WETH"].transfer(harness.router, ETHER, sender=trader)
    args = (harness.token, harness.path("WETH"), SMALL, trader, MAX_UINT256)
    with harness.changes(trader), reverts("router: input above maximum"):
        harness.router.mint_eth(*args, sender=trader, value=price - 1)
    with harness.changes(trader, ETH=-price, shares=SMALL):
        harness.router.mint_eth(*args, sender=trader, value=price + ETHER)


def test_a_caller_that_refuses_eth(harness: RouterHarness, trader: str) -> None:
    """Has to send the exact price: a contract without a function for ETH, here."""
    price = harness.bought("WETH", harness.token.previewMint(SMALL))
    caller = harness.chain.impersonate(harness.token.address)
    args = (harness.token, harness.path("WETH"), SMALL, trader, MAX_UINT256)
    with harness.kept(), reverts("router: the receiver refuses ETH"):
        harness.router.mint_eth(*args, sender=caller, value=price + 1)
    with harness.changes(trader, shares=SMALL):
        harness.router.mint_eth(*args, sender=caller, value=price)


def test_a_caller_that_calls_back(
    harness: RouterHarness, trader: str, attacker: str, shares: Contract
) -> None:
    """When it gets its rest, which is all that it gets."""
    price = harness.bought("WETH", harness.token.previewMint(SMALL))
    caller = harness.chain.impersonate(shares.address, 10 * price)
    shares.set_call(harness.router, entry(harness, shares), sender=attacker)
    with harness.changes(trader, shares=SMALL):
        harness.router.mint_eth(
            harness.token,
            harness.path("WETH"),
            SMALL,
            trader,
            MAX_UINT256,
            sender=caller,
            value=3 * price,
        )
    assert harness.chain.balance(caller) == 9 * price
    assert (shares.calls(), shares.call_succeeded()) == (1, False)


def test_deadline_receiver_and_path(harness: RouterHarness, trader: str) -> None:
    path, now = harness.path("WETH"), harness.base.now
    mint = harness.router.mint_eth
    with reverts("router: deadline passed"):
        mint(harness.token, path, SMALL, trader, now - 1, sender=trader, value=ETHER)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            mint(harness.token, path, SMALL, receiver, now, sender=trader, value=ETHER)
    for path in ([], harness.path("LINK")):
        with reverts("router: the path does not start at WETH"):
            mint(harness.token, path, SMALL, trader, now, sender=trader, value=ETHER)


def test_collateral_is_weth(harness: RouterHarness, trader: str, on_weth: Contract) -> None:
    price = on_weth.previewMint(SMALL)
    with reverts("router: input above maximum"):
        harness.router.mint_eth(
            on_weth, [], SMALL, trader, MAX_UINT256, sender=trader, value=price - 1
        )
    with harness.changes(trader, ETH=-price):
        harness.router.mint_eth(
            on_weth, [], SMALL, trader, MAX_UINT256, sender=trader, value=price + ETHER
        )
    assert on_weth.balanceOf(trader) == SMALL
