# SPDX-License-Identifier: AGPL-3.0-only
"""mint: exact shares for collateral."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import NEVER, RouterWorld, flow, spare

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_exact_shares(world: RouterWorld, trader: str, shares: int) -> None:
    """Takes what the preview says; the bound is exact, and only signed for. [R-9]"""
    expected = world.token.previewMint(shares)
    permit = world.permit("USDC", trader, expected)
    with world.changes(trader, USDC=-expected, shares=shares):
        receipt = world.router.mint(
            world.token, shares, trader, expected, NEVER, permit, sender=trader
        )
    assert flow(world, "mint", shares, trader, receipt).assets == expected
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=trader,
        assets=expected,
        shares=shares,
    )
    world.check()


def test_larger_bound(world: RouterWorld, trader: str) -> None:
    """What the signature allows beyond the price is not touched. [R-1]"""
    permit = world.permit("USDC", trader, 10**12)
    expected = world.token.previewMint(SMALL)
    with world.changes(trader, USDC=-expected, shares=SMALL):
        world.router.mint(world.token, SMALL, trader, 10**12, NEVER, permit, sender=trader)
    assert world.tokens["USDC"].allowance(trader, world.router) == 10**12 - expected


def test_maximum(world: RouterWorld, trader: str) -> None:
    price = world.token.previewMint(SMALL)
    world.approve("USDC", trader, price)
    with reverts("router: input above maximum"):
        world.router.mint(world.token, SMALL, trader, price - 1, NEVER, sender=trader)
    args = (world.token, SMALL, trader, price, NEVER)
    assert world.router.mint.call(*args, sender=trader) == price
    world.router.mint(*args, sender=trader)


def test_allowance(world: RouterWorld, trader: str) -> None:
    """What counts is the price, not the bound."""
    price = world.token.previewMint(SMALL)
    world.approve("USDC", trader, price - 1)
    with reverts("router: allowance too small"):
        world.router.mint(world.token, SMALL, trader, NEVER, NEVER, sender=trader)
    world.approve("USDC", trader, price)
    world.router.mint(world.token, SMALL, trader, NEVER, NEVER, sender=trader)


def test_deadline_and_receiver(world: RouterWorld, trader: str) -> None:
    """[R-6]"""
    world.approve("USDC", trader)
    now = world.bench.now
    with reverts("router: deadline passed"):
        world.router.mint(world.token, SMALL, trader, NEVER, now - 1, sender=trader)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            world.router.mint(world.token, SMALL, receiver, NEVER, now, sender=trader)


def test_a_token_that_takes_less_than_it_said(
    world: RouterWorld, trader: str, shares: Contract
) -> None:
    spare(world, "USDC", 5, trader)
    world.approve("USDC", trader)
    shares.set_asset(world.tokens["USDC"], 99, 100, sender=trader)
    with world.kept(), reverts("router: collateral was lost or left over"):
        world.router.mint(shares, SMALL, trader, NEVER, NEVER, sender=trader)
    shares.set_asset(world.tokens["USDC"], 100, 100, sender=trader)
    with world.changes(trader, USDC=-100):
        world.router.mint(shares, SMALL, trader, NEVER, NEVER, sender=trader)
