# SPDX-License-Identifier: AGPL-3.0-only
"""redeem_eth: the caller's shares for ETH."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import ETHER, NEVER, RouterWorld, drain, entry, flow, spare

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_with_a_signature(
    world: RouterWorld, depositor: str, second_trader: str, shares: int
) -> None:
    assets = world.token.previewRedeem(shares)
    expected = world.sold_back("WETH", assets)
    permit = world.permit("shares", depositor, shares)
    args = (world.token, world.path("WETH"), shares, second_trader, expected, NEVER, permit)
    assert world.router.redeem_eth.call(*args, sender=depositor) == expected
    before = world.chain.balance(second_trader)
    with world.changes(depositor, shares=-shares):
        receipt = world.router.redeem_eth(*args, sender=depositor)
    assert world.chain.balance(second_trader) == before + expected
    assert flow(world, "redeem", shares, depositor, receipt, min_assets=0).assets == assets
    only_event(
        receipt,
        world.token,
        "Withdraw",
        sender=world.router,
        receiver=world.router,
        owner=depositor,
        assets=assets,
        shares=shares,
    )
    world.check()


def test_minimum(world: RouterWorld, depositor: str) -> None:
    """Gifts to the router count for nobody."""
    world.approve("shares", depositor)
    world.chain.set_balance(world.router.address, ETHER)
    expected = world.sold_back("WETH", world.token.previewRedeem(SMALL))
    args = (world.token, world.path("WETH"), SMALL, depositor)
    with reverts("router: output below minimum"):
        world.router.redeem_eth(*args, expected + 1, NEVER, sender=depositor)
    with world.changes(depositor, shares=-SMALL, ETH=expected):
        world.router.redeem_eth(*args, expected, NEVER, sender=depositor)


def test_allowance(world: RouterWorld, depositor: str, attacker: str) -> None:
    world.approve("shares", depositor, SMALL - 1)
    for caller in (depositor, attacker):
        with reverts("router: allowance too small"):
            world.router.redeem_eth(
                world.token, world.path("WETH"), SMALL, caller, 0, NEVER, sender=caller
            )


def test_deadline_receiver_and_path(world: RouterWorld, depositor: str) -> None:
    world.approve("shares", depositor)
    path, now = world.path("WETH"), world.bench.now
    redeem = world.router.redeem_eth
    with reverts("router: deadline passed"):
        redeem(world.token, path, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            redeem(world.token, path, SMALL, receiver, 0, now, sender=depositor)
    for path in ([], world.path("LINK"), world.path("HOST")):
        with reverts("router: the path does not start at WETH"):
            redeem(world.token, path, SMALL, depositor, 0, now, sender=depositor)


def test_a_receiver_that_refuses_eth(world: RouterWorld, depositor: str) -> None:
    """[R-18]"""
    world.approve("shares", depositor)
    args = (world.token, world.path("WETH"), SMALL)
    with world.changes(depositor), reverts("router: the receiver refuses ETH"):
        world.router.redeem_eth(*args, world.token.address, 0, NEVER, sender=depositor)


def test_a_receiver_that_calls_back(
    world: RouterWorld, depositor: str, attacker: str, shares: Contract
) -> None:
    """It has its ETH then, and gets no further into the router."""
    world.approve("shares", depositor)
    shares.set_call(world.router, entry(world, shares), sender=attacker)
    args = (world.token, world.path("WETH"), SMALL, shares.address)
    got = world.router.redeem_eth.call(*args, 0, NEVER, sender=depositor)
    with world.changes(depositor, shares=-SMALL):
        world.router.redeem_eth(*args, 0, NEVER, sender=depositor)
    assert world.chain.balance(shares.address) == got
    assert (shares.calls(), shares.call_succeeded()) == (1, False)


def test_drained_pool(world: RouterWorld, depositor: str) -> None:
    world.approve("shares", depositor)
    drain(world, "WETH")
    with world.changes(depositor), reverts("router: a pool of the path is too shallow"):
        world.router.redeem_eth(
            world.token, world.path("WETH"), SMALL, depositor, 0, NEVER, sender=depositor
        )


def test_collateral_is_weth(
    world: RouterWorld, trader: str, attacker: str, on_weth: Contract, shares: Contract
) -> None:
    """Without a path: unwrapped. A contract that pays nothing brings nothing. [R-17]"""
    spare(world, "WETH", ETHER, trader)
    world.router.deposit_eth(on_weth, [], trader, 0, NEVER, sender=trader, value=10 * ETHER)
    expected = on_weth.previewRedeem(ETHER)
    on_weth.approve(world.router, ETHER, sender=trader)
    args = (on_weth, [], ETHER, trader)
    with reverts("router: output below minimum"):
        world.router.redeem_eth(*args, expected + 1, NEVER, sender=trader)
    with world.changes(trader, ETH=expected):
        world.router.redeem_eth(*args, expected, NEVER, sender=trader)
    shares.set_asset(world.tokens["WETH"], 0, ETHER, sender=attacker)
    with world.changes(attacker):
        world.router.redeem_eth(shares, [], ETHER, attacker, 0, NEVER, sender=attacker)
