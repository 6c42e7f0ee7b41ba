# SPDX-License-Identifier: AGPL-3.0-only
"""mint: exact shares for collateral."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import RouterHarness, flow, spare

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_exact_shares(harness: RouterHarness, trader: str, shares: int) -> None:
    """Takes what the preview says; the bound is exact, and only signed for. [R-9]"""
    expected = harness.token.previewMint(shares)
    permit = harness.permit("USDC", trader, expected)
    with harness.changes(trader, USDC=-expected, shares=shares):
        receipt = harness.router.mint(
            harness.token, shares, trader, expected, MAX_UINT256, permit, sender=trader
        )
    assert flow(harness, "mint", shares, trader, receipt).assets == expected
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=trader,
        assets=expected,
        shares=shares,
    )
    harness.check()


def test_larger_bound(harness: RouterHarness, trader: str) -> None:
    """What the signature allows beyond the price is not touched. [R-1]"""
    permit = harness.permit("USDC", trader, 10**12)
    expected = harness.token.previewMint(SMALL)
    with harness.changes(trader, USDC=-expected, shares=SMALL):
        harness.router.mint(
            harness.token, SMALL, trader, 10**12, MAX_UINT256, permit, sender=trader
        )
    assert harness.tokens["USDC"].allowance(trader, harness.router) == 10**12 - expected


def test_maximum(harness: RouterHarness, trader: str) -> None:
    price = harness.token.previewMint(SMALL)
    harness.approve("USDC", trader, price)
    with reverts("router: input above maximum"):
        harness.router.mint(harness.token, SMALL, trader, price - 1, MAX_UINT256, sender=trader)
    args = (harness.token, SMALL, trader, price, MAX_UINT256)
    assert harness.router.mint.call(*args, sender=trader) == price
    harness.router.mint(*args, sender=trader)


def test_allowance(harness: RouterHarness, trader: str) -> None:
    """What counts is the price, not the bound."""
    price = harness.token.previewMint(SMALL)
    harness.approve("USDC", trader, price - 1)
    with reverts("router: allowance too small"):
        harness.router.mint(harness.token, SMALL, trader, MAX_UINT256, MAX_UINT256, sender=trader)
    harness.approve("USDC", trader, price)
    harness.router.mint(harness.token, SMALL, trader, MAX_UINT256, MAX_UINT256, sender=trader)


def test_deadline_and_receiver(harness: RouterHarness, trader: str) -> None:
    """[R-6]"""
    harness.approve("USDC", trader)
    now = harness.base.now
    with reverts("router: deadline passed"):
        harness.router.mint(harness.token, SMALL, trader, MAX_UINT256, now - 1, sender=trader)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            harness.router.mint(harness.token, SMALL, receiver, MAX_UINT256, now, sender=trader)


def test_a_token_that_takes_less_than_it_said(
    harness: RouterHarness, trader: str, shares: Contract
) -> None:
    spare(harness, "USDC", 5, trader)
    harness.approve("USDC", trader)
    shares.set_asset(harness.tokens["USDC"], 99, 100, sender=trader)
    with harness.kept(), reverts("router: collateral was lost or left over"):
        harness.router.mint(shares, SMALL, trader, MAX_UINT256, MAX_UINT256, sender=trader)
    shares.set_asset(harness.tokens["USDC"], 100, 100, sender=trader)
    with harness.changes(trader, USDC=-100):
        harness.router.mint(shares, SMALL, trader, MAX_UINT256, MAX_UINT256, sender=trader)
