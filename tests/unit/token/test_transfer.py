# SPDX-License-Identifier: AGPL-3.0-only
"""transfer, transferFrom, approve: the plain ERC-20."""

from __future__ import annotations

from tests.support.assertions import only_event
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused, transfer

from .conftest import FIRST_SHARES


def test_metadata(harness: SystemHarness) -> None:
    token = harness.token
    assert token.method("name")() == "Inverse Test"
    assert (token.symbol(), token.decimals()) == ("ITEST", 18)


def test_transfer(held: SystemHarness, depositor: str, trader: str) -> None:
    """[T-ERC-3]"""
    receipt = transfer(held, depositor, trader, 7)
    only_event(receipt, held.token, "Transfer", sender=depositor, receiver=trader, value=7)
    assert held.token.balanceOf(trader) == 7
    assert held.token.balanceOf(depositor) == FIRST_SHARES - 7
    assert held.token.totalSupply() == FIRST_SHARES
    held.check()


def test_to_oneself_and_of_nothing(held: SystemHarness, depositor: str, trader: str) -> None:
    transfer(held, depositor, depositor, FIRST_SHARES)
    assert held.token.balanceOf(depositor) == FIRST_SHARES
    receipt = held.token.transfer(trader, 0, sender=depositor)
    only_event(receipt, held.token, "Transfer", sender=depositor, receiver=trader, value=0)


def test_refusals(held: SystemHarness, depositor: str, trader: str) -> None:
    with refused(held, "erc20: transfer amount exceeds balance"):
        held.token.transfer(trader, FIRST_SHARES + 1, sender=depositor)
    with refused(held, "erc20: transfer to the zero address"):
        held.token.transfer(ZERO, 1, sender=depositor)
    with refused(held, "erc20: insufficient allowance"):
        held.token.transferFrom(depositor, trader, 1, sender=trader)
    with refused(held, "erc20: approve to the zero address"):
        held.token.approve(ZERO, 1, sender=depositor)


def test_transfer_from(
    held: SystemHarness, depositor: str, trader: str, second_holder: str
) -> None:
    """[T-ERC-3]"""
    receipt = held.token.approve(trader, 10, sender=depositor)
    only_event(receipt, held.token, "Approval", owner=depositor, spender=trader, value=10)
    receipt = held.token.transferFrom(depositor, second_holder, 4, sender=trader)
    only_event(receipt, held.token, "Transfer", sender=depositor, receiver=second_holder, value=4)
    assert held.token.allowance(depositor, trader) == 6
    with refused(held, "erc20: insufficient allowance"):
        held.token.transferFrom(depositor, second_holder, 7, sender=trader)
    held.token.approve(trader, MAX_UINT256, sender=depositor)
    held.token.transferFrom(depositor, second_holder, 7, sender=trader)
    assert held.token.allowance(depositor, trader) == MAX_UINT256


def test_needs_no_price(held: SystemHarness, depositor: str, trader: str) -> None:
    """[T-ERC-3]"""
    held.chain.increase_time(30 * 86_400)
    held.token.transfer(trader, 10**18, sender=depositor)
    assert held.token.balanceOf(trader) == 10**18


def test_changes_no_value(held: SystemHarness, depositor: str, trader: str) -> None:
    """[T-ERC-3]"""
    before = held.token.nav_per_share()
    transfer(held, depositor, trader, FIRST_SHARES // 3)
    assert held.token.nav_per_share() == before
