# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: collateral for shares, by signature or by allowance."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import NEVER, RouterWorld, entry, flow, spare

SMALL, BIG = 100 * 10**6, 10_000 * 10**6  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("assets", [SMALL, BIG])
def test_with_a_signature(world: RouterWorld, trader: str, attacker: str, assets: int) -> None:
    """As a deposit of one's own, for another receiver too; nothing stays allowed. [R-3]"""
    expected = world.token.previewDeposit(assets)
    deadline = world.bench.now
    permit = world.permit("USDC", trader, assets, deadline)
    with world.changes(trader, USDC=-assets):
        receipt = world.router.deposit(
            world.token, assets, attacker, expected, deadline, permit, sender=trader
        )
    world.bench.names[attacker] = attacker
    assert flow(world, "deposit", assets, attacker, receipt).shares == expected
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=attacker,
        assets=assets,
        shares=expected,
    )
    assert world.token.balanceOf(attacker) == expected
    assert world.tokens["USDC"].allowance(trader, world.router) == 0
    world.check()


def test_with_an_allowance(world: RouterWorld, trader: str) -> None:
    world.approve("USDC", trader, SMALL)
    args = (world.token, SMALL, trader, 0, NEVER)
    expected = world.router.deposit.call(*args, sender=trader)
    assert expected == world.token.previewDeposit(SMALL)
    with world.changes(trader, USDC=-SMALL, shares=expected):
        receipt = world.router.deposit(*args, sender=trader)
    assert flow(world, "deposit", SMALL, trader, receipt).shares == expected
    world.check()


def test_minimum(world: RouterWorld, trader: str) -> None:
    world.approve("USDC", trader)
    least = world.token.previewDeposit(SMALL)
    with reverts("token: shares below minimum"):
        world.router.deposit(world.token, SMALL, trader, least + 1, NEVER, sender=trader)
    world.router.deposit(world.token, SMALL, trader, least, NEVER, sender=trader)


def test_deadline(world: RouterWorld, trader: str) -> None:
    """[R-6]"""
    world.approve("USDC", trader)
    with reverts("router: deadline passed"):
        world.router.deposit(world.token, SMALL, trader, 0, world.bench.now - 1, sender=trader)
    world.router.deposit(world.token, SMALL, trader, 0, world.bench.now, sender=trader)


# signatures


def test_somebody_uses_the_signature_first(world: RouterWorld, trader: str, attacker: str) -> None:
    """[R-4]"""
    permit = world.permit("USDC", trader, SMALL)
    world.tokens["USDC"].permit(
        trader, world.router, SMALL, NEVER, permit.v, permit.r, permit.s, sender=attacker
    )
    expected = world.token.previewDeposit(SMALL)
    with world.changes(trader, USDC=-SMALL, shares=expected):
        world.router.deposit(world.token, SMALL, trader, 0, NEVER, permit, sender=trader)


def test_signature_used_up(world: RouterWorld, trader: str) -> None:
    permit = world.permit("USDC", trader, SMALL)
    args = (world.token, SMALL, trader, 0, NEVER, permit)
    world.router.deposit(*args, sender=trader)
    with reverts("router: allowance too small"):
        world.router.deposit(*args, sender=trader)


def test_signature_of_another_deadline_or_amount(world: RouterWorld, trader: str) -> None:
    """[R-5]"""
    for assets, deadline in ((SMALL, NEVER - 1), (SMALL - 1, NEVER), (SMALL + 1, NEVER)):
        permit = world.permit("USDC", trader, assets, deadline)
        with reverts("router: allowance too small"):
            world.router.deposit(world.token, SMALL, trader, 0, NEVER, permit, sender=trader)


def test_signature_of_somebody_else(world: RouterWorld, trader: str, attacker: str) -> None:
    """Neither a signature nor an allowance serves anybody but its owner. [R-1]"""
    permit = world.permit("USDC", trader, SMALL)
    with reverts("router: allowance too small"):
        world.router.deposit(world.token, SMALL, attacker, 0, NEVER, permit, sender=attacker)
    world.approve("USDC", trader)
    world.bench.system.give(attacker, SMALL)
    with reverts("router: allowance too small"):
        world.router.deposit(world.token, SMALL, attacker, 0, NEVER, sender=attacker)


def test_failed_signature_beside_an_allowance(world: RouterWorld, trader: str) -> None:
    world.approve("USDC", trader, SMALL)
    wrong = world.permit("USDC", trader, SMALL, nonce=7)
    world.router.deposit(world.token, SMALL, trader, 0, NEVER, wrong, sender=trader)
    assert world.tokens["USDC"].allowance(trader, world.router) == 0


def test_allowance_one_too_small(world: RouterWorld, trader: str) -> None:
    world.approve("USDC", trader, SMALL - 1)
    with reverts("router: allowance too small"):
        world.router.deposit(world.token, SMALL, trader, 0, NEVER, sender=trader)


# receivers and gifts


def test_receiver(world: RouterWorld, trader: str) -> None:
    """[R-8]"""
    world.approve("USDC", trader)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            world.router.deposit(world.token, SMALL, receiver, 0, NEVER, sender=trader)


def test_blocklisted(world: RouterWorld, trader: str, owner: str) -> None:
    """The collateral's own reason; and a router without its favour keeps nothing. [R-19]"""
    world.approve("USDC", trader)
    for blocked in (trader, world.router.address):
        world.tokens["USDC"].blacklist(blocked, sender=owner)
        with world.kept(), reverts("Blacklistable: account is blacklisted"):
            world.router.deposit(world.token, SMALL, trader, 0, NEVER, sender=trader)
        world.tokens["USDC"].unBlacklist(blocked, sender=owner)


def test_gifts_stay(world: RouterWorld, trader: str, attacker: str) -> None:
    """A gift changes nothing for anybody, and nobody gets it back. [R-2]"""
    spare(world, "USDC", 77, trader)
    world.approve("USDC", trader)
    expected = world.token.previewDeposit(SMALL)
    with world.changes(trader, USDC=-SMALL, shares=expected):
        world.router.deposit(world.token, SMALL, trader, expected, NEVER, sender=trader)
    assert world.held(world.router.address)["USDC"] == 77
    with reverts("router: allowance too small"):
        world.router.deposit(world.token, 77, attacker, 0, NEVER, sender=attacker)


# contracts that are no token


def test_a_token_that_takes_less(world: RouterWorld, trader: str, shares: Contract) -> None:
    """Or nothing: its approval would outlive the call. [R-3]"""
    world.approve("USDC", trader)
    for takes in (0, SMALL - 1):
        shares.set_asset(world.tokens["USDC"], takes, 1, sender=trader)
        with world.kept(), reverts("router: collateral was lost or left over"):
            world.router.deposit(shares, SMALL, trader, 0, NEVER, sender=trader)


def test_a_token_that_takes_a_gift_too(world: RouterWorld, trader: str, shares: Contract) -> None:
    spare(world, "USDC", 1, trader)
    world.approve("USDC", trader)
    shares.set_asset(world.tokens["USDC"], SMALL + 1, 1, sender=trader)
    with world.kept(), reverts("ERC20: transfer amount exceeds allowance"):
        world.router.deposit(shares, SMALL, trader, 0, NEVER, sender=trader)


def test_an_approval_refused(world: RouterWorld, trader: str, shares: Contract) -> None:
    shares.set_asset(shares, 0, 1, sender=trader)
    with reverts("router: approval refused"):
        world.router.deposit(shares, SMALL, trader, 0, NEVER, sender=trader)


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [
        (0, 100, "router: collateral was lost or left over"),  # charges on its way
        (1, 0, "router: transfer from the caller failed"),  # says false
    ],
)
def test_bad_collateral(
    world: RouterWorld, trader: str, shares: Contract, answer: int, fee: int, reason: str
) -> None:
    """Also where a gift of it would cover the lack. [R-14]"""
    host = world.tokens["HOST"]
    if fee:
        spare(world, "HOST", SMALL, trader)
    world.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    shares.set_asset(host, SMALL, 1, sender=trader)
    with world.kept(), reverts(reason):
        world.router.deposit(shares, SMALL, trader, 0, NEVER, sender=trader)


def test_collateral_that_lies(world: RouterWorld, trader: str, shares: Contract) -> None:
    """Says that it moves, and does not: then nothing moves. Real tokens refuse it
    by themselves. [R-14]"""
    host = world.tokens["HOST"]
    world.approve("HOST", trader)
    host.set_answer(3, sender=trader)
    shares.set_asset(host, SMALL, 1, sender=trader)
    with world.changes(trader):
        world.router.deposit(shares, SMALL, trader, 0, NEVER, sender=trader)


def test_collateral_without_return_values(
    world: RouterWorld, trader: str, shares: Contract
) -> None:
    """Accepted. A contract that is no token has what its caller brought, no more."""
    host = world.tokens["HOST"]
    spare(world, "HOST", SMALL, trader)
    world.approve("HOST", trader)
    shares.set_asset(host, SMALL, 5, sender=trader)
    args = (shares, SMALL, trader, 0, NEVER)
    assert world.router.deposit.call(*args, sender=trader) == 5
    host.set_answer(2, sender=trader)
    shares.set_asset(host, 0, 5, sender=trader)
    shares.set_call(host, host.encode("transferFrom", world.router, shares, SMALL), sender=trader)
    with world.changes(trader, HOST=-SMALL):
        world.router.deposit(*args, sender=trader)
    assert host.allowance(world.router, shares) == 0


def test_a_token_that_calls_back(
    world: RouterWorld, trader: str, attacker: str, shares: Contract
) -> None:
    """It gets neither into the router nor at other people's allowances. [R-14]"""
    usdc = world.tokens["USDC"]
    world.approve("USDC", trader)
    world.approve("USDC", attacker)
    world.bench.system.give(attacker, SMALL)
    shares.set_asset(usdc, 0, 1, sender=attacker)
    tries = [
        (world.router, entry(world, shares)),
        (world.router, world.router.encode("uniswapV3SwapCallback", 1, -1, b"\0" * 32)),
        (usdc, usdc.encode("transferFrom", trader, shares, 1)),
        (usdc, usdc.encode("transferFrom", world.router, shares, SMALL + 1)),
    ]
    world.chain.send(world.router.address, entry(world, shares), attacker)  # from outside it works
    shares.set_asset(usdc, SMALL, 1, sender=attacker)
    before = world.held(trader)
    for target, payload in tries:
        world.bench.system.give(attacker, SMALL)
        shares.set_call(target, payload, sender=attacker)
        with world.changes(attacker, USDC=-SMALL):
            world.router.deposit(shares, SMALL, attacker, 0, NEVER, sender=attacker)
        assert not shares.call_succeeded()
        assert usdc.allowance(world.router, shares) == 0
    assert world.held(trader) == before
