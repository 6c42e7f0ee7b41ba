# SPDX-License-Identifier: AGPL-3.0-only
"""redeem_eth: the caller's shares for ETH."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import ETHER, RouterHarness, drain, entry, flow, spare

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_with_a_signature(
    harness: RouterHarness, depositor: str, second_trader: str, shares: int
) -> None:
    assets = harness.token.previewRedeem(shares)
    expected = harness.sold_back("WETH", assets)
    permit = harness.permit("shares", depositor, shares)
    args = (
        harness.token,
        harness.path("WETH"),
        shares,
        second_trader,
        expected,
        MAX_UINT256,
        permit,
    )
    assert harness.router.redeem_eth.call(*args, sender=depositor) == expected
    before = harness.chain.balance(second_trader)
    with harness.changes(depositor, shares=-shares):
        receipt = harness.router.redeem_eth(*args, sender=depositor)
    assert harness.chain.balance(second_trader) == before + expected
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
    """Gifts to the router count for nobody."""
    harness.approve("shares", depositor)
    harness.chain.set_balance(harness.router.address, ETHER)
    expected = harness.sold_back("WETH", harness.token.previewRedeem(SMALL))
    args = (harness.token, harness.path("WETH"), SMALL, depositor)
    with reverts("router: output below minimum"):
        harness.router.redeem_eth(*args, expected + 1, MAX_UINT256, sender=depositor)
    with harness.changes(depositor, shares=-SMALL, ETH=expected):
        harness.router.redeem_eth(*args, expected, MAX_UINT256, sender=depositor)


def test_allowance(harness: RouterHarness, depositor: str, attacker: str) -> None:
    harness.approve("shares", depositor, SMALL - 1)
    for caller in (depositor, attacker):
        with reverts("router: allowance too small"):
            harness.router.redeem_eth(
                harness.token, harness.path("WETH"), SMALL, caller, 0, MAX_UINT256, sender=caller
            )


def test_deadline_receiver_and_path(harness: RouterHarness, depositor: str) -> None:
    harness.approve("shares", depositor)
    path, now = harness.path("WETH"), harness.base.now
    redeem = harness.router.redeem_eth
    with reverts("router: deadline passed"):
        redeem(harness.token, path, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            redeem(harness.token, path, SMALL, receiver, 0, now, sender=depositor)
    for path in ([], harness.path("LINK"), harness.path("HOST")):
        with reverts("router: the path does not start at WETH"):
            redeem(harness.token, path, SMALL, depositor, 0, now, sender=depositor)


def test_a_receiver_that_refuses_eth(harness: RouterHarness, depositor: str) -> None:
    """[R-18]"""
    harness.approve("shares", depositor)
    args = (harness.token, harness.path("WETH"), SMALL)
    with harness.changes(depositor), reverts("router: the receiver refuses ETH"):
        harness.router.redeem_eth(*args, harness.token.address, 0, MAX_UINT256, sender=depositor)


def test_a_receiver_that_calls_back(
    harness: RouterHarness, depositor: str, attacker: str, shares: Contract
) -> None:
    """It has its ETH then, and gets no further into the router."""
    harness.approve("shares", depositor)
    shares.set_call(harness.router, entry(harness, shares), sender=attacker)
    args = (harness.token, harness.path("WETH"), SMALL, shares.address)
    got = harness.router.redeem_eth.call(*args, 0, MAX_UINT256, sender=depositor)
    with harness.changes(depositor, shares=-SMALL):
        harness.router.redeem_eth(*args, 0, MAX_UINT256, sender=depositor)
    assert harness.chain.balance(shares.address) == got
    assert (shares.calls(), shares.call_succeeded()) == (1, False)


def test_drained_pool(harness: RouterHarness, depositor: str) -> None:
    harness.approve("shares", depositor)
    drain(harness, "WETH")
    with harness.changes(depositor), reverts("router: a pool of the path is too shallow"):
        harness.router.redeem_eth(
            harness.token, harness.path("WETH"), SMALL, depositor, 0, MAX_UINT256, sender=depositor
        )


def test_collateral_is_weth(
    harness: RouterHarness, trader: str, attacker: str, on_weth: Contract, shares: Contract
) -> None:
    """Without a path: unwrapped. A contract that pays nothing brings nothing. [R-17]"""
    spare(harness, "WETH", ETHER, trader)
    harness.router.deposit_eth(on_weth, [], trader, 0, MAX_UINT256, sender=trader, value=10 * ETHER)
    expected = on_weth.previewRedeem(ETHER)
    on_weth.approve(harness.router, ETHER, sender=trader)
    args = (on_weth, [], ETHER, trader)
    with reverts("router: output below minimum"):
        harness.router.redeem_eth(*args, expected + 1, MAX_UINT256, sender=trader)
    with harness.changes(trader, ETH=expected):
        harness.router.redeem_eth(*args, expected, MAX_UINT256, sender=trader)
    shares.set_asset(harness.tokens["WETH"], 0, ETHER, sender=attacker)
    with harness.changes(attacker):
        harness.router.redeem_eth(shares, [], ETHER, attacker, 0, MAX_UINT256, sender=attacker)
