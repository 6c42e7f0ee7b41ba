# SPDX-License-Identifier: AGPL-3.0-only
"""redeem_and_swap: the caller's shares for any ERC-20."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import RouterHarness, drain, flow, spare

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges


@pytest.mark.parametrize("shares", [SMALL, BIG])
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(
    harness: RouterHarness, depositor: str, second_trader: str, symbol: str, shares: int
) -> None:
    """By signature, to another receiver, in the models' amount, which is the bound."""
    assets = harness.token.previewRedeem(shares)
    expected = harness.sold_back(symbol, assets)
    permit = harness.permit("shares", depositor, shares)
    args = (
        harness.token,
        harness.path(symbol),
        shares,
        second_trader,
        expected,
        MAX_UINT256,
        permit,
    )
    assert harness.router.redeem_and_swap.call(*args, sender=depositor) == expected
    with harness.changes(depositor, shares=-shares):
        receipt = harness.router.redeem_and_swap(*args, sender=depositor)
    assert harness.tokens[symbol].balanceOf(second_trader) == expected
    assert flow(harness, "redeem", shares, depositor, receipt, min_assets=0).assets == assets
    only_event(
        receipt,
        harness.token,
        "Withdraw",
        sender=harness.router,
        receiver=harness.router,
        owner=depositor,
        assets=assets,
        shares=shares,
    )
    harness.check()


def test_minimum(harness: RouterHarness, depositor: str) -> None:
    """Of what this brings, whatever the receiver has already. [R-7]"""
    harness.tokens["LINK"].mint(depositor, 10**20, sender=depositor)
    harness.approve("shares", depositor)
    expected = harness.sold_back("LINK", harness.token.previewRedeem(SMALL))
    args = (harness.token, harness.path("LINK"), SMALL, depositor)
    with reverts("router: output below minimum"):
        harness.router.redeem_and_swap(*args, expected + 1, MAX_UINT256, sender=depositor)
    with harness.changes(depositor, shares=-SMALL, LINK=expected):
        harness.router.redeem_and_swap(*args, expected, MAX_UINT256, sender=depositor)


def test_exit_beyond_the_slippage_bound(harness: RouterHarness, depositor: str, owner: str) -> None:
    """The caller's bound is on the whole, the token's hedging trade included. [R-7]"""
    pool, model = harness.base.system.venue.pools["C0"], harness.base.model.venue.pools["C0"]
    slot = pool.slot0().sqrtPriceX96
    there = slot * 102 // 100 if model.token0 == "C0" else slot * 98 // 100
    harness.base.system.venue.maker.move([pool], [there], sender=owner)
    harness.approve("shares", depositor)
    args = (harness.token, harness.path("WETH"), BIG, depositor)
    got = harness.router.redeem_and_swap.call(*args, 0, MAX_UINT256, sender=depositor)
    with reverts("router: output below minimum"):
        harness.router.redeem_and_swap(*args, got + 1, MAX_UINT256, sender=depositor)
    with harness.changes(depositor, shares=-BIG, WETH=got):
        harness.router.redeem_and_swap(*args, got, MAX_UINT256, sender=depositor)


def test_allowance(harness: RouterHarness, depositor: str, attacker: str) -> None:
    harness.approve("shares", depositor, SMALL - 1)
    path = harness.path("WETH")
    for caller in (depositor, attacker):
        with reverts("router: allowance too small"):
            harness.router.redeem_and_swap(
                harness.token, path, SMALL, caller, 0, MAX_UINT256, sender=caller
            )


def test_deadline_receiver_and_path(harness: RouterHarness, depositor: str) -> None:
    harness.approve("shares", depositor)
    path, now = harness.path("WETH"), harness.base.now
    redeem = harness.router.redeem_and_swap
    with reverts("router: deadline passed"):
        redeem(harness.token, path, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            redeem(harness.token, path, SMALL, receiver, 0, now, sender=depositor)
    for path in ([], [(harness.tokens["WETH"].address, 3_000)]):
        with reverts("router: no pool for a hop of the path"):
            redeem(harness.token, path, SMALL, depositor, 0, now, sender=depositor)


def test_drained_pool(harness: RouterHarness, depositor: str) -> None:
    """Nothing is redeemed; the plain redemption goes on."""
    harness.approve("shares", depositor)
    drain(harness, "LINK")
    with harness.changes(depositor), reverts("router: a pool of the path is too shallow"):
        harness.router.redeem_and_swap(
            harness.token, harness.path("LINK"), SMALL, depositor, 0, MAX_UINT256, sender=depositor
        )
    harness.router.redeem(harness.token, SMALL, depositor, 0, MAX_UINT256, sender=depositor)


def test_output_that_charges(harness: RouterHarness, depositor: str) -> None:
    """What counts is what arrives."""
    host = harness.tokens["HOST"]
    host.set_fee(100, sender=depositor)
    harness.approve("shares", depositor)
    sent = harness.sold_back("HOST", harness.token.previewRedeem(SMALL))
    got = sent - sent // 100
    args = (harness.token, harness.path("HOST"), SMALL, depositor)
    with reverts("router: output below minimum"):
        harness.router.redeem_and_swap(*args, got + 1, MAX_UINT256, sender=depositor)
    assert harness.router.redeem_and_swap.call(*args, got, MAX_UINT256, sender=depositor) == got
    with harness.changes(depositor, shares=-SMALL, HOST=got):
        harness.router.redeem_and_swap(*args, got, MAX_UINT256, sender=depositor)


def test_output_refused(harness: RouterHarness, depositor: str, owner: str) -> None:
    """By the output token, for its receiver: the pool's own reason."""
    harness.tokens["HOST"].set_blocked(depositor, True, sender=owner)
    harness.approve("shares", depositor)
    with harness.kept(), reverts("TF"):
        harness.router.redeem_and_swap(
            harness.token, harness.path("HOST"), SMALL, depositor, 0, MAX_UINT256, sender=depositor
        )


def test_a_token_that_pays_nothing(
    harness: RouterHarness, attacker: str, trader: str, shares: Contract
) -> None:
    """What it says is not believed: a gift to the router is not sold."""
    spare(harness, "USDC", 10**8, trader)
    shares.set_asset(harness.tokens["USDC"], 0, 10**8, sender=attacker)
    with harness.kept(), reverts("AS"):  # a pool is asked for a trade of nothing
        harness.router.redeem_and_swap(
            shares, harness.path("WETH"), SMALL, attacker, 0, MAX_UINT256, sender=attacker
        )


def test_collateral_that_says_false(
    harness: RouterHarness, attacker: str, shares: Contract
) -> None:
    """On its way from the router to a pool."""
    host = harness.tokens["HOST"]
    shares.set_asset(host, 0, 0, sender=attacker)
    shares.set_call(host, host.encode("mint", harness.router, 10**18), sender=attacker)
    host.set_answer(1, sender=attacker)
    path = [(harness.tokens["USDC"].address, 3_000)]
    with harness.kept(), reverts("router: transfer failed"):
        harness.router.redeem_and_swap(
            shares, path, SMALL, attacker, 0, MAX_UINT256, sender=attacker
        )


def test_collateral_that_takes_gifts_back(
    harness: RouterHarness, attacker: str, shares: Contract
) -> None:
    """A token may do that to its own units; not in the middle of a call."""
    host = harness.tokens["HOST"]
    host.mint(harness.router, 1, sender=attacker)
    shares.set_asset(host, 0, 0, sender=attacker)
    shares.set_call(host, host.encode("mint", harness.router, 10**18), sender=attacker)
    host.set_callback(host, host.encode("burn", harness.router, 1), sender=attacker)
    path = [(harness.tokens["USDC"].address, 3_000)]
    with harness.kept(), reverts("router: collateral was lost or left over"):
        harness.router.redeem_and_swap(
            shares, path, SMALL, attacker, 0, MAX_UINT256, sender=attacker
        )


def test_the_pool_pays_a_token_that_calls_back(
    harness: RouterHarness, depositor: str, attacker: str
) -> None:
    """In the middle of a trade, with the right pool expected."""
    host = harness.tokens["HOST"]
    data = (0).to_bytes(32, "big")
    host.set_callback(
        harness.router, harness.router.encode("uniswapV3SwapCallback", 1, -1, data), sender=attacker
    )
    harness.approve("shares", depositor)
    expected = harness.sold_back("HOST", harness.token.previewRedeem(SMALL))
    with harness.changes(depositor, shares=-SMALL, HOST=expected):
        harness.router.redeem_and_swap(
            harness.token, harness.path("HOST"), SMALL, depositor, 0, MAX_UINT256, sender=depositor
        )
    assert host.calls() == 1 and not host.call_succeeded()
