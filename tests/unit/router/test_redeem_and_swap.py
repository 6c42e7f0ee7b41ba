# SPDX-License-Identifier: AGPL-3.0-only
"""redeem_and_swap: the caller's shares for any ERC-20."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import NEVER, RouterWorld, drain, flow, spare

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("shares", [SMALL, BIG])
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(
    world: RouterWorld, depositor: str, second_trader: str, symbol: str, shares: int
) -> None:
    """By signature, to another receiver, in the models' amount, which is the bound."""
    assets = world.token.previewRedeem(shares)
    expected = world.sold_back(symbol, assets)
    permit = world.permit("shares", depositor, shares)
    args = (world.token, world.path(symbol), shares, second_trader, expected, NEVER, permit)
    assert world.router.redeem_and_swap.call(*args, sender=depositor) == expected
    with world.changes(depositor, shares=-shares):
        receipt = world.router.redeem_and_swap(*args, sender=depositor)
    assert world.tokens[symbol].balanceOf(second_trader) == expected
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
    """Of what this brings, whatever the receiver has already. [R-7]"""
    world.tokens["LINK"].mint(depositor, 10**20, sender=depositor)
    world.approve("shares", depositor)
    expected = world.sold_back("LINK", world.token.previewRedeem(SMALL))
    args = (world.token, world.path("LINK"), SMALL, depositor)
    with reverts("router: output below minimum"):
        world.router.redeem_and_swap(*args, expected + 1, NEVER, sender=depositor)
    with world.changes(depositor, shares=-SMALL, LINK=expected):
        world.router.redeem_and_swap(*args, expected, NEVER, sender=depositor)


def test_exit_beyond_the_slippage_bound(world: RouterWorld, depositor: str, owner: str) -> None:
    """The caller's bound is on the whole, the token's hedging trade included. [R-7]"""
    pool, model = world.bench.system.venue.pools["C0"], world.bench.model.venue.pools["C0"]
    slot = pool.slot0().sqrtPriceX96
    there = slot * 102 // 100 if model.token0 == "C0" else slot * 98 // 100
    world.bench.system.venue.maker.move([pool], [there], sender=owner)
    world.approve("shares", depositor)
    args = (world.token, world.path("WETH"), BIG, depositor)
    got = world.router.redeem_and_swap.call(*args, 0, NEVER, sender=depositor)
    with reverts("router: output below minimum"):
        world.router.redeem_and_swap(*args, got + 1, NEVER, sender=depositor)
    with world.changes(depositor, shares=-BIG, WETH=got):
        world.router.redeem_and_swap(*args, got, NEVER, sender=depositor)


def test_allowance(world: RouterWorld, depositor: str, attacker: str) -> None:
    world.approve("shares", depositor, SMALL - 1)
    path = world.path("WETH")
    for caller in (depositor, attacker):
        with reverts("router: allowance too small"):
            world.router.redeem_and_swap(world.token, path, SMALL, caller, 0, NEVER, sender=caller)


def test_deadline_receiver_and_path(world: RouterWorld, depositor: str) -> None:
    world.approve("shares", depositor)
    path, now = world.path("WETH"), world.bench.now
    redeem = world.router.redeem_and_swap
    with reverts("router: deadline passed"):
        redeem(world.token, path, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            redeem(world.token, path, SMALL, receiver, 0, now, sender=depositor)
    for path in ([], [(world.tokens["WETH"].address, 3_000)]):
        with reverts("router: no pool for a hop of the path"):
            redeem(world.token, path, SMALL, depositor, 0, now, sender=depositor)


def test_drained_pool(world: RouterWorld, depositor: str) -> None:
    """Nothing is redeemed; the plain redemption goes on."""
    world.approve("shares", depositor)
    drain(world, "LINK")
    with world.changes(depositor), reverts("router: a pool of the path is too shallow"):
        world.router.redeem_and_swap(
            world.token, world.path("LINK"), SMALL, depositor, 0, NEVER, sender=depositor
        )
    world.router.redeem(world.token, SMALL, depositor, 0, NEVER, sender=depositor)


def test_output_that_charges(world: RouterWorld, depositor: str) -> None:
    """What counts is what arrives."""
    host = world.tokens["HOST"]
    host.set_fee(100, sender=depositor)
    world.approve("shares", depositor)
    sent = world.sold_back("HOST", world.token.previewRedeem(SMALL))
    got = sent - sent // 100
    args = (world.token, world.path("HOST"), SMALL, depositor)
    with reverts("router: output below minimum"):
        world.router.redeem_and_swap(*args, got + 1, NEVER, sender=depositor)
    assert world.router.redeem_and_swap.call(*args, got, NEVER, sender=depositor) == got
    with world.changes(depositor, shares=-SMALL, HOST=got):
        world.router.redeem_and_swap(*args, got, NEVER, sender=depositor)


def test_output_refused(world: RouterWorld, depositor: str, owner: str) -> None:
    """By the output token, for its receiver: the pool's own reason."""
    world.tokens["HOST"].set_blocked(depositor, True, sender=owner)
    world.approve("shares", depositor)
    with world.kept(), reverts("TF"):
        world.router.redeem_and_swap(
            world.token, world.path("HOST"), SMALL, depositor, 0, NEVER, sender=depositor
        )


def test_a_token_that_pays_nothing(
    world: RouterWorld, attacker: str, trader: str, shares: Contract
) -> None:
    """What it says is not believed: a gift to the router is not sold."""
    spare(world, "USDC", 10**8, trader)
    shares.set_asset(world.tokens["USDC"], 0, 10**8, sender=attacker)
    with world.kept(), reverts("AS"):  # a pool is asked for a trade of nothing
        world.router.redeem_and_swap(
            shares, world.path("WETH"), SMALL, attacker, 0, NEVER, sender=attacker
        )


def test_collateral_that_says_false(world: RouterWorld, attacker: str, shares: Contract) -> None:
    """On its way from the router to a pool."""
    host = world.tokens["HOST"]
    shares.set_asset(host, 0, 0, sender=attacker)
    shares.set_call(host, host.encode("mint", world.router, 10**18), sender=attacker)
    host.set_answer(1, sender=attacker)
    path = [(world.tokens["USDC"].address, 3_000)]
    with world.kept(), reverts("router: transfer failed"):
        world.router.redeem_and_swap(shares, path, SMALL, attacker, 0, NEVER, sender=attacker)


def test_collateral_that_takes_gifts_back(
    world: RouterWorld, attacker: str, shares: Contract
) -> None:
    """A token may do that to its own units; not in the middle of a call."""
    host = world.tokens["HOST"]
    host.mint(world.router, 1, sender=attacker)
    shares.set_asset(host, 0, 0, sender=attacker)
    shares.set_call(host, host.encode("mint", world.router, 10**18), sender=attacker)
    host.set_callback(host, host.encode("burn", world.router, 1), sender=attacker)
    path = [(world.tokens["USDC"].address, 3_000)]
    with world.kept(), reverts("router: collateral was lost or left over"):
        world.router.redeem_and_swap(shares, path, SMALL, attacker, 0, NEVER, sender=attacker)


def test_the_pool_pays_a_token_that_calls_back(
    world: RouterWorld, depositor: str, attacker: str
) -> None:
    """In the middle of a trade, with the right pool expected."""
    host = world.tokens["HOST"]
    data = (0).to_bytes(32, "big")
    host.set_callback(
        world.router, world.router.encode("uniswapV3SwapCallback", 1, -1, data), sender=attacker
    )
    world.approve("shares", depositor)
    expected = world.sold_back("HOST", world.token.previewRedeem(SMALL))
    with world.changes(depositor, shares=-SMALL, HOST=expected):
        world.router.redeem_and_swap(
            world.token, world.path("HOST"), SMALL, depositor, 0, NEVER, sender=depositor
        )
    assert host.calls() == 1 and not host.call_succeeded()
