# SPDX-License-Identifier: AGPL-3.0-only
"""redeem: the caller's shares for collateral, by signature or by allowance."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import RouterHarness, flow

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_with_a_signature(
    harness: RouterHarness, depositor: str, second_trader: str, shares: int
) -> None:
    """To another receiver; the shares never pass through the router. [R-16]"""
    expected = harness.token.previewRedeem(shares)
    permit = harness.permit("shares", depositor, shares)
    args = (harness.token, shares, second_trader, expected, MAX_UINT256, permit)
    assert harness.router.redeem.call(*args, sender=depositor) == expected
    with harness.changes(depositor, shares=-shares):
        receipt = harness.router.redeem(*args, sender=depositor)
    done = flow(harness, "redeem", shares, depositor, receipt, min_assets=expected)
    assert done.assets == expected == harness.tokens["USDC"].balanceOf(second_trader)
    only_event(
        receipt,
        harness.token,
        "Withdraw",
        sender=harness.router,
        receiver=second_trader,
        owner=depositor,
        assets=expected,
        shares=shares,
    )
    assert harness.token.allowance(depositor, harness.router) == 0
    harness.check()


def test_with_an_allowance(harness: RouterHarness, depositor: str) -> None:
    harness.approve("shares", depositor, SMALL)
    expected = harness.token.previewRedeem(SMALL)
    with harness.changes(depositor, USDC=expected, shares=-SMALL):
        harness.router.redeem(harness.token, SMALL, depositor, 0, MAX_UINT256, sender=depositor)


def test_minimum(harness: RouterHarness, depositor: str) -> None:
    harness.approve("shares", depositor)
    expected = harness.token.previewRedeem(SMALL)
    with reverts("token: assets below minimum"):
        harness.router.redeem(
            harness.token, SMALL, depositor, expected + 1, MAX_UINT256, sender=depositor
        )
    harness.router.redeem(harness.token, SMALL, depositor, expected, MAX_UINT256, sender=depositor)


def test_the_tokens_own_bound(harness: RouterHarness, depositor: str, owner: str) -> None:
    """The largest number leaves the slippage bound in place, any other replaces it. [R-15]"""
    pool = harness.base.system.venue.pools["C0"]
    model = harness.base.model.venue.pools["C0"]
    slot = pool.slot0().sqrtPriceX96
    first = model.token0 == "C0"
    there = slot * 102 // 100 if first else slot * 98 // 100  # the component 4% dearer
    harness.base.system.venue.maker.move([pool], [there], sender=owner)
    harness.approve("shares", depositor)
    with reverts("vault: slippage above bound"):
        harness.router.redeem(
            harness.token, BIG, depositor, MAX_UINT256, MAX_UINT256, sender=depositor
        )
    harness.router.redeem(harness.token, BIG, depositor, 0, MAX_UINT256, sender=depositor)


def test_somebody_uses_the_signature_first(
    harness: RouterHarness, depositor: str, attacker: str
) -> None:
    """[R-4]"""
    permit = harness.permit("shares", depositor, SMALL)
    harness.token.permit(
        depositor, harness.router, SMALL, MAX_UINT256, permit.v, permit.r, permit.s, sender=attacker
    )
    expected = harness.token.previewRedeem(SMALL)
    with harness.changes(depositor, USDC=expected, shares=-SMALL):
        harness.router.redeem(
            harness.token, SMALL, depositor, 0, MAX_UINT256, permit, sender=depositor
        )


def test_allowance(harness: RouterHarness, depositor: str, attacker: str) -> None:
    """Of the caller, for all of it; shares of others are out of reach. [R-1]"""
    harness.approve("shares", depositor, SMALL)
    with reverts("router: allowance too small"):
        harness.router.redeem(harness.token, SMALL + 1, depositor, 0, MAX_UINT256, sender=depositor)
    with reverts("router: allowance too small"):
        harness.router.redeem(harness.token, SMALL, attacker, 0, MAX_UINT256, sender=attacker)
    harness.approve("shares", attacker)
    with reverts("token: shares above balance"):
        harness.router.redeem(harness.token, SMALL, attacker, 0, MAX_UINT256, sender=attacker)
    wrong = harness.permit("shares", depositor, SMALL + 1, MAX_UINT256 - 1)
    with reverts("router: allowance too small"):
        harness.router.redeem(
            harness.token, SMALL + 1, depositor, 0, MAX_UINT256, wrong, sender=depositor
        )


def test_deadline_and_receiver(harness: RouterHarness, depositor: str) -> None:
    """[R-6] [R-8]"""
    harness.approve("shares", depositor)
    now = harness.base.now
    with reverts("router: deadline passed"):
        harness.router.redeem(harness.token, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            harness.router.redeem(harness.token, SMALL, receiver, 0, now, sender=depositor)


def test_blocklisted_receiver(harness: RouterHarness, depositor: str, owner: str) -> None:
    """The collateral's own reason comes through; the shares stay, another receiver helps. [R-19]"""
    harness.tokens["USDC"].blacklist(depositor, sender=owner)
    harness.approve("shares", depositor)
    with reverts("Blacklistable: account is blacklisted"):
        harness.router.redeem(harness.token, SMALL, depositor, 0, MAX_UINT256, sender=depositor)
    harness.router.redeem(harness.token, SMALL, owner, 0, MAX_UINT256, sender=depositor)


def test_a_contract_that_is_no_token(
    harness: RouterHarness, depositor: str, shares: Contract
) -> None:
    """Pays nothing, and gets at nobody's shares."""
    harness.approve("shares", depositor)
    shares.set_call(
        harness.token,
        harness.token.encode("transferFrom", depositor, shares, SMALL),
        sender=depositor,
    )
    with harness.changes(depositor):
        harness.router.redeem(shares, SMALL, depositor, 0, MAX_UINT256, sender=depositor)
    assert not shares.call_succeeded()
