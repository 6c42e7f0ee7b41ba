# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: collateral for shares, by signature or by allowance."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import RouterHarness, entry, flow, spare

SMALL, BIG = 100 * 10**6, 10_000 * 10**6  # one nets, one hedges


@pytest.mark.parametrize("assets", [SMALL, BIG])
def test_with_a_signature(harness: RouterHarness, trader: str, attacker: str, assets: int) -> None:
    """As a deposit of one's own, for another receiver too; nothing stays allowed. [R-3]"""
    expected = harness.token.previewDeposit(assets)
    deadline = harness.base.now
    permit = harness.permit("USDC", trader, assets, deadline)
    with harness.changes(trader, USDC=-assets):
        receipt = harness.router.deposit(
            harness.token, assets, attacker, expected, deadline, permit, sender=trader
        )
    harness.base.names[attacker] = attacker
    assert flow(harness, "deposit", assets, attacker, receipt).shares == expected
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=attacker,
        assets=assets,
        shares=expected,
    )
    assert harness.token.balanceOf(attacker) == expected
    assert harness.tokens["USDC"].allowance(trader, harness.router) == 0
    harness.check()


def test_with_an_allowance(harness: RouterHarness, trader: str) -> None:
    harness.approve("USDC", trader, SMALL)
    args = (harness.token, SMALL, trader, 0, MAX_UINT256)
    expected = harness.router.deposit.call(*args, sender=trader)
    assert expected == harness.token.previewDeposit(SMALL)
    with harness.changes(trader, USDC=-SMALL, shares=expected):
        receipt = harness.router.deposit(*args, sender=trader)
    assert flow(harness, "deposit", SMALL, trader, receipt).shares == expected
    harness.check()


def test_minimum(harness: RouterHarness, trader: str) -> None:
    harness.approve("USDC", trader)
    least = harness.token.previewDeposit(SMALL)
    with reverts("token: shares below minimum"):
        harness.router.deposit(harness.token, SMALL, trader, least + 1, MAX_UINT256, sender=trader)
    harness.router.deposit(harness.token, SMALL, trader, least, MAX_UINT256, sender=trader)


def test_deadline(harness: RouterHarness, trader: str) -> None:
    """[R-6]"""
    harness.approve("USDC", trader)
    with reverts("router: deadline passed"):
        harness.router.deposit(harness.token, SMALL, trader, 0, harness.base.now - 1, sender=trader)
    harness.router.deposit(harness.token, SMALL, trader, 0, harness.base.now, sender=trader)


# signatures


def test_somebody_uses_the_signature_first(
    harness: RouterHarness, trader: str, attacker: str
) -> None:
    """[R-4]"""
    permit = harness.permit("USDC", trader, SMALL)
    harness.tokens["USDC"].permit(
        trader, harness.router, SMALL, MAX_UINT256, permit.v, permit.r, permit.s, sender=attacker
    )
    expected = harness.token.previewDeposit(SMALL)
    with harness.changes(trader, USDC=-SMALL, shares=expected):
        harness.router.deposit(harness.token, SMALL, trader, 0, MAX_UINT256, permit, sender=trader)


def test_signature_used_up(harness: RouterHarness, trader: str) -> None:
    permit = harness.permit("USDC", trader, SMALL)
    args = (harness.token, SMALL, trader, 0, MAX_UINT256, permit)
    harness.router.deposit(*args, sender=trader)
    with reverts("router: allowance too small"):
        harness.router.deposit(*args, sender=trader)


def test_signature_of_another_deadline_or_amount(harness: RouterHarness, trader: str) -> None:
    """[R-5]"""
    for assets, deadline in (
        (SMALL, MAX_UINT256 - 1),
        (SMALL - 1, MAX_UINT256),
        (SMALL + 1, MAX_UINT256),
    ):
        permit = harness.permit("USDC", trader, assets, deadline)
        with reverts("router: allowance too small"):
            harness.router.deposit(
                harness.token, SMALL, trader, 0, MAX_UINT256, permit, sender=trader
            )


def test_signature_of_somebody_else(harness: RouterHarness, trader: str, attacker: str) -> None:
    """Neither a signature nor an allowance serves anybody but its owner. [R-1]"""
    permit = harness.permit("USDC", trader, SMALL)
    with reverts("router: allowance too small"):
        harness.router.deposit(
            harness.token, SMALL, attacker, 0, MAX_UINT256, permit, sender=attacker
        )
    harness.approve("USDC", trader)
    harness.base.system.give(attacker, SMALL)
    with reverts("router: allowance too small"):
        harness.router.deposit(harness.token, SMALL, attacker, 0, MAX_UINT256, sender=attacker)


def test_failed_signature_beside_an_allowance(harness: RouterHarness, trader: str) -> None:
    harness.approve("USDC", trader, SMALL)
    wrong = harness.permit("USDC", trader, SMALL, nonce=7)
    harness.router.deposit(harness.token, SMALL, trader, 0, MAX_UINT256, wrong, sender=trader)
    assert harness.tokens["USDC"].allowance(trader, harness.router) == 0


def test_allowance_one_too_small(harness: RouterHarness, trader: str) -> None:
    harness.approve("USDC", trader, SMALL - 1)
    with reverts("router: allowance too small"):
        harness.router.deposit(harness.token, SMALL, trader, 0, MAX_UINT256, sender=trader)


# receivers and gifts


def test_receiver(harness: RouterHarness, trader: str) -> None:
    """[R-8]"""
    harness.approve("USDC", trader)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            harness.router.deposit(harness.token, SMALL, receiver, 0, MAX_UINT256, sender=trader)


def test_blocklisted(harness: RouterHarness, trader: str, owner: str) -> None:
    """The collateral's own reason; and a router without its favour keeps nothing. [R-19]"""
    harness.approve("USDC", trader)
    for blocked in (trader, harness.router.address):
        harness.tokens["USDC"].blacklist(blocked, sender=owner)
        with harness.kept(), reverts("Blacklistable: account is blacklisted"):
            harness.router.deposit(harness.token, SMALL, trader, 0, MAX_UINT256, sender=trader)
        harness.tokens["USDC"].unBlacklist(blocked, sender=owner)


def test_gifts_stay(harness: RouterHarness, trader: str, attacker: str) -> None:
    """A gift changes nothing for anybody, and nobody gets it back. [R-2]"""
    spare(harness, "USDC", 77, trader)
    harness.approve("USDC", trader)
    expected = harness.token.previewDeposit(SMALL)
    with harness.changes(trader, USDC=-SMALL, shares=expected):
        harness.router.deposit(harness.token, SMALL, trader, expected, MAX_UINT256, sender=trader)
    assert harness.held(harness.router.address)["USDC"] == 77
    with reverts("router: allowance too small"):
        harness.router.deposit(harness.token, 77, attacker, 0, MAX_UINT256, sender=attacker)


# contracts that are no token


def test_a_token_that_takes_less(harness: RouterHarness, trader: str, shares: Contract) -> None:
    """Or nothing: its approval would outlive the call. [R-3]"""
    harness.approve("USDC", trader)
    for takes in (0, SMALL - 1):
        shares.set_asset(harness.tokens["USDC"], takes, 1, sender=trader)
        with harness.kept(), reverts("router: collateral was lost or left over"):
            harness.router.deposit(shares, SMALL, trader, 0, MAX_UINT256, sender=trader)


def test_a_token_that_takes_a_gift_too(
    harness: RouterHarness, trader: str, shares: Contract
) -> None:
    spare(harness, "USDC", 1, trader)
    harness.approve("USDC", trader)
    shares.set_asset(harness.tokens["USDC"], SMALL + 1, 1, sender=trader)
    with harness.kept(), reverts("ERC20: transfer amount exceeds allowance"):
        harness.router.deposit(shares, SMALL, trader, 0, MAX_UINT256, sender=trader)


def test_an_approval_refused(harness: RouterHarness, trader: str, shares: Contract) -> None:
    shares.set_asset(shares, 0, 1, sender=trader)
    with reverts("router: approval refused"):
        harness.router.deposit(shares, SMALL, trader, 0, MAX_UINT256, sender=trader)


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [
        (0, 100, "router: collateral was lost or left over"),  # charges on its way
        (1, 0, "router: transfer from the caller failed"),  # says false
    ],
)
def test_bad_collateral(
    harness: RouterHarness, trader: str, shares: Contract, answer: int, fee: int, reason: str
) -> None:
    """Also where a gift of it would cover the lack. [R-14]"""
    host = harness.tokens["HOST"]
    if fee:
        spare(harness, "HOST", SMALL, trader)
    harness.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    shares.set_asset(host, SMALL, 1, sender=trader)
    with harness.kept(), reverts(reason):
        harness.router.deposit(shares, SMALL, trader, 0, MAX_UINT256, sender=trader)


def test_collateral_that_lies(harness: RouterHarness, trader: str, shares: Contract) -> None:
    """Says that it moves, and does not: then nothing moves. Real tokens refuse it
    by themselves. [R-14]"""
    host = harness.tokens["HOST"]
    harness.approve("HOST", trader)
    host.set_answer(3, sender=trader)
    shares.set_asset(host, SMALL, 1, sender=trader)
    with harness.changes(trader):
        harness.router.deposit(shares, SMALL, trader, 0, MAX_UINT256, sender=trader)


def test_collateral_without_return_values(
    harness: RouterHarness, trader: str, shares: Contract
) -> None:
    """Accepted. A contract that is no token has what its caller brought, no more."""
    host = harness.tokens["HOST"]
    spare(harness, "HOST", SMALL, trader)
    harness.approve("HOST", trader)
    shares.set_asset(host, SMALL, 5, sender=trader)
    args = (shares, SMALL, trader, 0, MAX_UINT256)
    assert harness.router.deposit.call(*args, sender=trader) == 5
    host.set_answer(2, sender=trader)
    shares.set_asset(host, 0, 5, sender=trader)
    shares.set_call(host, host.encode("transferFrom", harness.router, shares, SMALL), sender=trader)
    with harness.changes(trader, HOST=-SMALL):
        harness.router.deposit(*args, sender=trader)
    assert host.allowance(harness.router, shares) == 0


def test_a_token_that_calls_back(
    harness: RouterHarness, trader: str, attacker: str, shares: Contract
) -> None:
    """It gets neither into the router nor at allowances of others. [R-14]"""
    usdc = harness.tokens["USDC"]
    harness.approve("USDC", trader)
    harness.approve("USDC", attacker)
    harness.base.system.give(attacker, SMALL)
    shares.set_asset(usdc, 0, 1, sender=attacker)
    tries = [
        (harness.router, entry(harness, shares)),
        (harness.router, harness.router.encode("uniswapV3SwapCallback", 1, -1, b"\0" * 32)),
        (usdc, usdc.encode("transferFrom", trader, shares, 1)),
        (usdc, usdc.encode("transferFrom", harness.router, shares, SMALL + 1)),
    ]
    harness.chain.send(
        harness.router.address, entry(harness, shares), attacker
    )  # from outside it works
    shares.set_asset(usdc, SMALL, 1, sender=attacker)
    before = harness.held(trader)
    for target, payload in tries:
        harness.base.system.give(attacker, SMALL)
        shares.set_call(target, payload, sender=attacker)
        with harness.changes(attacker, USDC=-SMALL):
            harness.router.deposit(shares, SMALL, attacker, 0, MAX_UINT256, sender=attacker)
        assert not shares.call_succeeded()
        assert usdc.allowance(harness.router, shares) == 0
    assert harness.held(trader) == before
