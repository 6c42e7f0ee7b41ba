# SPDX-License-Identifier: AGPL-3.0-only
"""mint_eth: exact shares out of the ETH sent, the rest comes back to the wei."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import ETHER, NEVER, RouterWorld, entry, flow

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("more", [0, 1, 3 * ETHER])
@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_the_rest_comes_back(
    world: RouterWorld, trader: str, second_trader: str, shares: int, more: int
) -> None:
    """[R-10]"""
    assets = world.token.previewMint(shares)
    price = world.bought("WETH", assets)
    with world.changes(trader, ETH=-price):
        receipt = world.router.mint_eth(
            world.token,
            world.path("WETH"),
            shares,
            second_trader,
            NEVER,
            sender=trader,
            value=price + more,
        )
    world.bench.names[second_trader] = second_trader
    assert flow(world, "mint", shares, second_trader, receipt).assets == assets
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=second_trader,
        assets=assets,
        shares=shares,
    )
    world.check()


def test_one_wei_short(world: RouterWorld, trader: str) -> None:
    """ETH that the router has been given does not help."""
    price = world.bought("WETH", world.token.previewMint(SMALL))
    world.chain.set_balance(world.router.address, ETHER)
    world.tokens["WETH"].transfer(world.router, ETHER, sender=trader)
    args = (world.token, world.path("WETH"), SMALL, trader, NEVER)
    with world.changes(trader), reverts("router: input above maximum"):
        world.router.mint_eth(*args, sender=trader, value=price - 1)
    with world.changes(trader, ETH=-price, shares=SMALL):
        world.router.mint_eth(*args, sender=trader, value=price + ETHER)


def test_a_caller_that_refuses_eth(world: RouterWorld, trader: str) -> None:
    """Has to send the exact price: a contract without a function for ETH, here."""
    price = world.bought("WETH", world.token.previewMint(SMALL))
    caller = world.chain.impersonate(world.token.address)
    args = (world.token, world.path("WETH"), SMALL, trader, NEVER)
    with world.kept(), reverts("router: the receiver refuses ETH"):
        world.router.mint_eth(*args, sender=caller, value=price + 1)
    with world.changes(trader, shares=SMALL):
        world.router.mint_eth(*args, sender=caller, value=price)


def test_a_caller_that_calls_back(
    world: RouterWorld, trader: str, attacker: str, shares: Contract
) -> None:
    """When it gets its rest, which is all that it gets."""
    price = world.bought("WETH", world.token.previewMint(SMALL))
    caller = world.chain.impersonate(shares.address, 10 * price)
    shares.set_call(world.router, entry(world, shares), sender=attacker)
    with world.changes(trader, shares=SMALL):
        world.router.mint_eth(
            world.token, world.path("WETH"), SMALL, trader, NEVER, sender=caller, value=3 * price
        )
    assert world.chain.balance(caller) == 9 * price
    assert (shares.calls(), shares.call_succeeded()) == (1, False)


def test_deadline_receiver_and_path(world: RouterWorld, trader: str) -> None:
    path, now = world.path("WETH"), world.bench.now
    mint = world.router.mint_eth
    with reverts("router: deadline passed"):
        mint(world.token, path, SMALL, trader, now - 1, sender=trader, value=ETHER)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            mint(world.token, path, SMALL, receiver, now, sender=trader, value=ETHER)
    for path in ([], world.path("LINK")):
        with reverts("router: the path does not start at WETH"):
            mint(world.token, path, SMALL, trader, now, sender=trader, value=ETHER)


def test_collateral_is_weth(world: RouterWorld, trader: str, on_weth: Contract) -> None:
    price = on_weth.previewMint(SMALL)
    with reverts("router: input above maximum"):
        world.router.mint_eth(on_weth, [], SMALL, trader, NEVER, sender=trader, value=price - 1)
    with world.changes(trader, ETH=-price):
        world.router.mint_eth(on_weth, [], SMALL, trader, NEVER, sender=trader, value=price + ETHER)
    assert on_weth.balanceOf(trader) == SMALL
