# SPDX-License-Identifier: AGPL-3.0-only
"""redeem: the caller's shares for collateral, by signature or by allowance."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import NEVER, RouterWorld, flow

SMALL, BIG = 100 * 10**18, 10_000 * 10**18  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("shares", [SMALL, BIG])
def test_with_a_signature(
    world: RouterWorld, depositor: str, second_trader: str, shares: int
) -> None:
    """To another receiver; the shares never pass through the router. [R-16]"""
    expected = world.token.previewRedeem(shares)
    permit = world.permit("shares", depositor, shares)
    args = (world.token, shares, second_trader, expected, NEVER, permit)
    assert world.router.redeem.call(*args, sender=depositor) == expected
    with world.changes(depositor, shares=-shares):
        receipt = world.router.redeem(*args, sender=depositor)
    done = flow(world, "redeem", shares, depositor, receipt, min_assets=expected)
    assert done.assets == expected == world.tokens["USDC"].balanceOf(second_trader)
    only_event(
        receipt,
        world.token,
        "Withdraw",
        sender=world.router,
        receiver=second_trader,
        owner=depositor,
        assets=expected,
        shares=shares,
    )
    assert world.token.allowance(depositor, world.router) == 0
    world.check()


def test_with_an_allowance(world: RouterWorld, depositor: str) -> None:
    world.approve("shares", depositor, SMALL)
    expected = world.token.previewRedeem(SMALL)
    with world.changes(depositor, USDC=expected, shares=-SMALL):
        world.router.redeem(world.token, SMALL, depositor, 0, NEVER, sender=depositor)


def test_minimum(world: RouterWorld, depositor: str) -> None:
    world.approve("shares", depositor)
    expected = world.token.previewRedeem(SMALL)
    with reverts("token: assets below minimum"):
        world.router.redeem(world.token, SMALL, depositor, expected + 1, NEVER, sender=depositor)
    world.router.redeem(world.token, SMALL, depositor, expected, NEVER, sender=depositor)


def test_the_tokens_own_bound(world: RouterWorld, depositor: str, owner: str) -> None:
    """The largest number leaves the slippage bound in place, any other replaces it. [R-15]"""
    pool = world.bench.system.venue.pools["C0"]
    model = world.bench.model.venue.pools["C0"]
    slot = pool.slot0().sqrtPriceX96
    first = model.token0 == "C0"
    there = slot * 102 // 100 if first else slot * 98 // 100  # the component 4% dearer
    world.bench.system.venue.maker.move([pool], [there], sender=owner)
    world.approve("shares", depositor)
    with reverts("vault: slippage above bound"):
        world.router.redeem(world.token, BIG, depositor, NEVER, NEVER, sender=depositor)
    world.router.redeem(world.token, BIG, depositor, 0, NEVER, sender=depositor)


def test_somebody_uses_the_signature_first(
    world: RouterWorld, depositor: str, attacker: str
) -> None:
    """[R-4]"""
    permit = world.permit("shares", depositor, SMALL)
    world.token.permit(
        depositor, world.router, SMALL, NEVER, permit.v, permit.r, permit.s, sender=attacker
    )
    expected = world.token.previewRedeem(SMALL)
    with world.changes(depositor, USDC=expected, shares=-SMALL):
        world.router.redeem(world.token, SMALL, depositor, 0, NEVER, permit, sender=depositor)


def test_allowance(world: RouterWorld, depositor: str, attacker: str) -> None:
    """Of the caller, for all of it; other people's shares are out of reach. [R-1]"""
    world.approve("shares", depositor, SMALL)
    with reverts("router: allowance too small"):
        world.router.redeem(world.token, SMALL + 1, depositor, 0, NEVER, sender=depositor)
    with reverts("router: allowance too small"):
        world.router.redeem(world.token, SMALL, attacker, 0, NEVER, sender=attacker)
    world.approve("shares", attacker)
    with reverts("token: shares above balance"):
        world.router.redeem(world.token, SMALL, attacker, 0, NEVER, sender=attacker)
    wrong = world.permit("shares", depositor, SMALL + 1, NEVER - 1)
    with reverts("router: allowance too small"):
        world.router.redeem(world.token, SMALL + 1, depositor, 0, NEVER, wrong, sender=depositor)


def test_deadline_and_receiver(world: RouterWorld, depositor: str) -> None:
    """[R-6] [R-8]"""
    world.approve("shares", depositor)
    now = world.bench.now
    with reverts("router: deadline passed"):
        world.router.redeem(world.token, SMALL, depositor, 0, now - 1, sender=depositor)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            world.router.redeem(world.token, SMALL, receiver, 0, now, sender=depositor)


def test_blocklisted_receiver(world: RouterWorld, depositor: str, owner: str) -> None:
    """The collateral's own reason comes through; the shares stay, another receiver helps. [R-19]"""
    world.tokens["USDC"].blacklist(depositor, sender=owner)
    world.approve("shares", depositor)
    with reverts("Blacklistable: account is blacklisted"):
        world.router.redeem(world.token, SMALL, depositor, 0, NEVER, sender=depositor)
    world.router.redeem(world.token, SMALL, owner, 0, NEVER, sender=depositor)


def test_a_contract_that_is_no_token(world: RouterWorld, depositor: str, shares: Contract) -> None:
    """Pays nothing, and gets at nobody's shares."""
    world.approve("shares", depositor)
    shares.set_call(
        world.token,
        world.token.encode("transferFrom", depositor, shares, SMALL),
        sender=depositor,
    )
    with world.changes(depositor):
        world.router.redeem(shares, SMALL, depositor, 0, NEVER, sender=depositor)
    assert not shares.call_succeeded()
