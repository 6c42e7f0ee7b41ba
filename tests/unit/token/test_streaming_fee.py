# SPDX-License-Identifier: AGPL-3.0-only
"""accrue_fee and set_streaming_fee: shares for the recipient, by the second."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import wad_exp
from tests.support.assertions import no_event, only_event
from tests.support.constants import DAY, MAX_UINT256, YEAR, ZERO
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused, transfer

from .conftest import FIRST_SHARES

RATE = 300_000_000  # about 0.95% a year
MAX_RATE = 1_550_000_000


def growth(shares: int, rate: int, seconds: int) -> int:
    """Shares of the fee, rounded down."""
    return shares * (wad_exp(rate * seconds) - 10**18) // 10**18


@pytest.mark.parametrize("seconds", [1, 3_600, DAY, YEAR, 100 * YEAR])
def test_by_hand(held: SystemHarness, owner: str, trader: str, seconds: int) -> None:
    """supply * (exp(rate * time) - 1), minted by whoever asks. [T-FEE-1]"""
    held.chain.increase_time(seconds)
    shares = growth(FIRST_SHARES, RATE, seconds)
    state = held.token.state()
    assert state.supply == FIRST_SHARES + shares
    assert held.token.totalSupply() == FIRST_SHARES
    receipt = held.token.accrue_fee(sender=trader)
    held.model.token.accrue_fee(held.now)
    only_event(receipt, held.token, "FeeAccrued", recipient=owner, shares=shares, elapsed=seconds)
    only_event(receipt, held.token, "Transfer", sender=ZERO, receiver=owner, value=shares)
    assert held.token.balanceOf(owner) == shares
    assert held.token.totalSupply() == held.token.state().supply == FIRST_SHARES + shares
    assert held.token.state().fee.accrued_at == held.now
    if seconds <= DAY:
        held.check()


def test_about_a_percent_a_year(held: SystemHarness) -> None:
    held.chain.increase_time(YEAR)
    extra = held.token.state().supply - FIRST_SHARES
    assert round(extra / FIRST_SHARES, 5) == 0.00951


def test_two_accruals_are_one(held: SystemHarness, owner: str, trader: str) -> None:
    """fee(t1 + t2) = fee(t1) then fee(t2), but for a few wei of rounding. [T-FEE-2]"""
    for seconds in (1, 999, 2 * DAY, 3 * DAY + 17):
        held.chain.increase_time(seconds)
        held.token.accrue_fee(sender=trader)
    split = held.token.balanceOf(owner)
    whole = growth(FIRST_SHARES, RATE, 1 + 999 + 5 * DAY + 17)
    assert abs(whole - split) < 10**6


def test_once_per_second(held: SystemHarness, trader: str) -> None:
    held.chain.increase_time(DAY)
    held.token.accrue_fee(sender=trader)
    receipt = held.token.accrue_fee(sender=trader)
    no_event(receipt, held.token, "FeeAccrued")
    assert list(receipt.logs) == []


def test_views_count_it_before_it_is_minted(held: SystemHarness, trader: str) -> None:
    """[T-VAL-4]"""
    held.chain.increase_time(DAY)
    held.token.accrue_fee.call(sender=trader)
    before = (
        held.token.nav_per_share(),
        held.token.convertToAssets(10**18),
        held.token.convertToShares(10**6),
        held.token.previewDeposit(10**8),
        held.token.previewRedeem(10**18),
        held.token.maxRedeem(trader),
    )
    held.token.accrue_fee(sender=trader)
    after = (
        held.token.nav_per_share(),
        held.token.convertToAssets(10**18),
        held.token.convertToShares(10**6),
        held.token.previewDeposit(10**8),
        held.token.previewRedeem(10**18),
        held.token.maxRedeem(trader),
    )
    assert before == after


@pytest.mark.parametrize("action", ["deposit", "mint", "withdraw", "redeem", "rebalance"])
def test_every_action_accrues_first(
    held: SystemHarness, owner: str, depositor: str, action: str
) -> None:
    """[T-FEE-3]"""
    held.chain.increase_time(DAY)
    shares = growth(FIRST_SHARES, RATE, DAY)
    receipt = {
        "deposit": lambda: held.deposit(10**8, depositor),
        "mint": lambda: held.mint(10**18, depositor),
        "withdraw": lambda: held.withdraw(10**6, depositor),
        "redeem": lambda: held.redeem(10**18, depositor),
        "rebalance": held.rebalance,
    }[action]()
    only_event(receipt, held.token, "FeeAccrued", recipient=owner, shares=shares, elapsed=DAY)
    held.check()


def test_a_transfer_does_not(held: SystemHarness, depositor: str, trader: str) -> None:
    """[T-FEE-3]"""
    held.chain.increase_time(DAY)
    no_event(transfer(held, depositor, trader, 10**18), held.token, "FeeAccrued")
    held.check()


def test_idle_time_is_free(harness: SystemHarness, owner: str, depositor: str) -> None:
    """Nobody holds a share for a year; then a day is charged, not a year. [T-FEE-4]"""
    harness.chain.increase_time(YEAR)
    harness.post(harness.prices)
    harness.deposit(100_000 * 10**6, depositor)
    assert harness.token.balanceOf(owner) == 0
    harness.chain.increase_time(DAY)
    harness.token.accrue_fee(sender=owner)
    assert harness.token.balanceOf(owner) == growth(FIRST_SHARES, RATE, DAY)


def test_a_new_rate_is_not_retroactive(held: SystemHarness, owner: str) -> None:
    """[T-FEE-5]"""
    held.chain.increase_time(DAY)
    receipt = held.token.set_streaming_fee(MAX_RATE, owner, sender=owner)
    held.model.token.set_streaming_fee(MAX_RATE, "fee_recipient", held.now)
    first = growth(FIRST_SHARES, RATE, DAY)
    only_event(receipt, held.token, "FeeAccrued", recipient=owner, shares=first, elapsed=DAY)
    only_event(receipt, held.token, "StreamingFeeSet", rate=MAX_RATE, recipient=owner)
    assert held.token.balanceOf(owner) == first
    held.chain.increase_time(DAY)
    held.token.accrue_fee(sender=owner)
    held.model.token.accrue_fee(held.now)
    assert held.token.balanceOf(owner) == first + growth(FIRST_SHARES + first, MAX_RATE, DAY)
    held.check()


def test_a_new_recipient_gets_only_what_is_new(
    held: SystemHarness, owner: str, fee_recipient: str
) -> None:
    """[T-FEE-5]"""
    held.chain.increase_time(DAY)
    held.token.set_streaming_fee(RATE, fee_recipient, sender=owner)
    old = held.token.balanceOf(owner)
    assert (old, held.token.balanceOf(fee_recipient)) == (growth(FIRST_SHARES, RATE, DAY), 0)
    held.chain.increase_time(DAY)
    held.token.accrue_fee(sender=owner)
    assert held.token.balanceOf(owner) == old
    assert held.token.balanceOf(fee_recipient) == growth(FIRST_SHARES + old, RATE, DAY)


def test_switched_off_and_on_again(held: SystemHarness, owner: str) -> None:
    held.token.set_streaming_fee(0, ZERO, sender=owner)
    held.chain.increase_time(YEAR)
    assert held.token.state().supply == FIRST_SHARES
    no_event(held.token.accrue_fee(sender=owner), held.token, "FeeAccrued")
    held.chain.increase_time(YEAR)
    held.token.set_streaming_fee(RATE, owner, sender=owner)
    assert held.token.state().supply == FIRST_SHARES
    held.chain.increase_time(DAY)
    assert held.token.state().supply == FIRST_SHARES + growth(FIRST_SHARES, RATE, DAY)


def test_bounds(held: SystemHarness, owner: str, attacker: str, guardian: str) -> None:
    """[T-FEE-6]"""
    held.token.set_guardian(guardian, sender=owner)
    with refused(held, "token: fee above ceiling"):
        held.token.set_streaming_fee(MAX_RATE + 1, owner, sender=owner)
    with refused(held, "token: fee above ceiling"):
        held.token.set_streaming_fee(MAX_UINT256, owner, sender=owner)
    with refused(held, "token: fee needs a recipient"):
        held.token.set_streaming_fee(1, ZERO, sender=owner)
    for caller in (guardian, attacker):
        with refused(held, "ownable: caller is not the owner"):
            held.token.set_streaming_fee(0, caller, sender=caller)


def test_needs_no_price(held: SystemHarness, trader: str) -> None:
    """Accrual and a new rate go on while prices are unusable. [T-FEE-7]"""
    held.chain.increase_time(30 * DAY)
    assert not held.system.oracle.usable()
    held.token.accrue_fee(sender=trader)
    held.token.set_streaming_fee(0, ZERO, sender=held.owner)
