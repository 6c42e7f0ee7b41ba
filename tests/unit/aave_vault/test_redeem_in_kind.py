# SPDX-License-Identifier: AGPL-3.0-only
"""redeem_in_kind through the token: no price, no pool, no fee."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import Receipt
from inverse_index.model.fixed import WAD
from inverse_index.model.system import FEE_RECIPIENT
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import DAY, MAX_UINT256, ZERO
from tests.support.system_harness import SystemHarness

SHARES = 12_345 * WAD + 678


@pytest.fixture
def ready(held: SystemHarness, venue_harness: AaveVenueHarness, depositor: str) -> SystemHarness:
    """Some days later; the depositor has plenty of both components."""
    venue_harness.equip(depositor)
    held.move((3, -2), 3 * DAY)
    return held


def leave(harness: SystemHarness, shares: int, holder: str, receiver: str, *bounds: int) -> Receipt:
    args = bounds or (0, MAX_UINT256)
    return harness.token.redeem_in_kind(shares, receiver, holder, *args, sender=holder)


def in_model(
    harness: SystemHarness, shares: int, holder: str, receipt: Receipt
) -> tuple[int, list[int]]:
    paid, brought = harness.model.token.redeem_in_kind(shares, holder, receipt.timestamp)
    return paid, [*brought, *[0] * (10 - len(brought))]


def balances(harness: SystemHarness, holder: str) -> list[int]:
    venue_harness = AaveVenueHarness(harness)
    return [venue_harness.token(symbol).balanceOf(holder) for symbol in harness.plan.symbols]


def test_amounts(ready: SystemHarness, depositor: str, attacker: str) -> None:
    """Every event and balance is the model's; the receiver gets the collateral. [T-KIND-1]"""
    had, supply = balances(ready, depositor), ready.token.totalSupply()
    receipt = leave(ready, SHARES, depositor, attacker)
    paid, brought = in_model(ready, SHARES, depositor, receipt)
    only_event(
        receipt,
        ready.system.vault,
        "PaidInKind",
        payer=depositor,
        receiver=attacker,
        amount=paid,
        brought=brought,
    )
    only_event(
        receipt,
        ready.token,
        "Withdraw",
        sender=depositor,
        receiver=attacker,
        owner=depositor,
        assets=paid,
        shares=SHARES,
    )
    for name in ("FlowNetted", "FlowHedged"):
        no_event(receipt, ready.token, name)
    no_event(receipt, ready.system.vault, "Traded")
    assert ready.system.collateral.balanceOf(attacker) == paid > SHARES * 19 // 10 // 10**12
    left = balances(ready, depositor)
    assert [a - b for a, b in zip(had, left, strict=True)] == brought[:2]
    fee = [event for event in ready.token.events(receipt) if event.name == "FeeAccrued"]
    assert ready.token.totalSupply() == supply + fee[0].shares - SHARES
    ready.check()


def test_it_is_what_the_lens_says(ready: SystemHarness, depositor: str) -> None:
    """Of the supply with its fee, and of the fees of flows that wait. [T-KIND-3] [T-KIND-4]"""
    ready.deposit(300 * 10**6, depositor)
    assert ready.token.state().flows.reserve == 300_000
    told, brought = ready.system.lens.in_kind(ready.token, SHARES)
    supply = ready.token.state().supply
    receipt = leave(ready, SHARES, depositor, depositor)
    assert in_model(ready, SHARES, depositor, receipt) == (told, list(brought))
    assert ready.token.state().flows.reserve == 300_000 * (supply - SHARES) // supply
    ready.check()


def test_the_unhedged_shrinks_with_the_supply(ready: SystemHarness, depositor: str) -> None:
    """[T-KIND-4]"""
    ready.deposit(300 * 10**6, depositor)
    before = ready.token.state().flows.unhedged
    supply, shares = ready.token.totalSupply(), ready.token.balanceOf(depositor) // 4
    receipt = leave(ready, shares, depositor, depositor)
    in_model(ready, shares, depositor, receipt)
    assert ready.token.state().flows.unhedged == before * (supply - shares) // supply
    ready.check()


def test_nobody_loses(ready: SystemHarness, depositor: str) -> None:
    """Net asset value per share does not fall, and the leaver gets no more. [T-KIND-5]"""
    prices = list(ready.system.oracle.read().mid)
    receipt = ready.token.accrue_fee(sender=depositor)
    ready.model.token.accrue_fee(receipt.timestamp)
    before = ready.token.nav_per_share()
    fair = ready.token.convertToAssets(SHARES)
    receipt = leave(ready, SHARES, depositor, depositor)
    paid, brought = in_model(ready, SHARES, depositor, receipt)
    units = ready.system.vault.min_trade()
    cost = sum(b * u * p for b, u, p in zip(brought, units, prices, strict=True)) // 10**30
    assert fair - 1_000 <= paid - cost <= fair
    assert before <= ready.token.nav_per_share() <= before + WAD // 10**7
    ready.check()


def test_the_last_holder(ready: SystemHarness, depositor: str, owner: str) -> None:
    """Gets everything, the reserve too; a new first deposit begins anew. [T-KIND-6]"""
    ready.deposit(300 * 10**6, depositor)
    fees = ready.token.balanceOf(owner)
    ready.token.transfer(depositor, fees, sender=owner)
    ready.model.token.transfer(FEE_RECIPIENT, depositor, fees)
    shares = ready.token.totalSupply()
    assert shares == ready.token.balanceOf(depositor)
    receipt = leave(ready, shares, depositor, depositor)
    in_model(ready, shares, depositor, receipt)
    ready.check()
    value = ready.system.vault.value([WAD] * 10)
    assert (value.idle, value.equity, list(value.shorts)) == (0, 0, [0] * 10)
    state = ready.token.state()
    assert (state.flows.reserve, state.flows.unhedged, ready.token.totalSupply()) == (0, 0, 0)
    ready.deposit(50_000 * 10**6, depositor)
    ready.check()


def test_without_a_price(ready: SystemHarness, depositor: str) -> None:
    """All feeds are stale; redeeming at a price is refused, this is not. [T-KIND-2]"""
    ready.chain.increase_time(8 * DAY)
    with reverts("oracle: stale price"):
        ready.token.redeem(SHARES, depositor, depositor, sender=depositor)
    receipt = leave(ready, SHARES, depositor, depositor)
    paid, _ = in_model(ready, SHARES, depositor, receipt)
    assert ready.token.balanceOf(depositor) == ready.model.token.balances[depositor]
    assert paid > 0


def test_while_mint_is_paused(ready: SystemHarness, depositor: str) -> None:
    """[M-PAUSE-4]"""
    ready.token.pause_mint(sender=ready.owner)
    leave(ready, SHARES, depositor, depositor)


# bounds


def test_the_least_to_receive(ready: SystemHarness, depositor: str) -> None:
    """[T-KIND-9]"""
    paid = ready.token.redeem_in_kind.call(
        SHARES, depositor, depositor, 0, MAX_UINT256, sender=depositor
    )
    with reverts("token: assets below minimum"):
        leave(ready, SHARES, depositor, depositor, paid + 1, MAX_UINT256)
    receipt = leave(ready, SHARES, depositor, depositor, paid, MAX_UINT256)
    assert in_model(ready, SHARES, depositor, receipt)[0] == paid


def test_the_deadline(ready: SystemHarness, depositor: str) -> None:
    """[T-KIND-9]"""
    with reverts("token: deadline passed"):
        leave(ready, SHARES, depositor, depositor, 0, ready.now - 1)
    leave(ready, SHARES, depositor, depositor, 0, ready.now)


def test_arguments(ready: SystemHarness, depositor: str) -> None:
    with reverts("token: receiver is zero"):
        leave(ready, SHARES, depositor, ZERO)
    with reverts("token: zero shares"):
        leave(ready, 0, depositor, depositor)
    with reverts("token: shares above balance"):
        leave(ready, ready.token.balanceOf(depositor) + 1, depositor, depositor)


def test_for_an_owner_who_allows_it(ready: SystemHarness, depositor: str, trader: str) -> None:
    """The caller brings the components, the owner's shares are burned. [T-KIND-10]"""
    AaveVenueHarness(ready).equip(trader)
    args = (SHARES, trader, depositor, 0, MAX_UINT256)
    with reverts("erc20: insufficient allowance"):
        ready.token.redeem_in_kind(*args, sender=trader)
    ready.token.approve(trader, SHARES + 5, sender=depositor)
    had = balances(ready, trader)
    receipt = ready.token.redeem_in_kind(*args, sender=trader)
    paid, brought = in_model(ready, SHARES, depositor, receipt)
    assert ready.token.allowance(depositor, trader) == 5
    assert ready.system.collateral.balanceOf(trader) == paid
    assert [a - b for a, b in zip(had, balances(ready, trader), strict=True)] == brought[:2]
    ready.check()


# what cannot be brought or paid


def test_too_few_components(ready: SystemHarness, depositor: str) -> None:
    """[T-KIND-8]"""
    venue_harness = AaveVenueHarness(ready)
    _, brought = ready.system.lens.in_kind(ready.token, SHARES)
    for symbol, needed in zip(ready.plan.symbols, brought, strict=False):
        venue_harness.token(symbol).approve(ready.system.vault, needed // 2, sender=depositor)
        with reverts("collateral: allowance too small"):
            leave(ready, SHARES, depositor, depositor)
        venue_harness.token(symbol).approve(ready.system.vault, MAX_UINT256, sender=depositor)
    leave(ready, SHARES, depositor, depositor)


def test_a_component_that_does_not_come(ready: SystemHarness, depositor: str) -> None:
    """Its transfer answers with a zero."""
    ready.chain.set_code(ready.system.venue.tokens["C0"], bytes.fromhex("60205ff3"))
    with reverts("vault: component not received"):
        leave(ready, SHARES, depositor, depositor)


def test_the_claim_where_aave_cannot_pay(
    ready: SystemHarness, depositor: str, second_holder: str, owner: str
) -> None:
    """All USDC has been borrowed: its aToken is paid instead, idle in USDC. [T-KIND-7]"""
    venue, usdc = ready.system.venue, ready.system.collateral
    a_token = venue.receipts["USDC"][0]
    available = usdc.balanceOf(a_token)
    venue.pool.borrow(usdc, available, 2, 0, owner, sender=owner)
    assert usdc.balanceOf(a_token) == 0
    with reverts("vault: Aave refused a withdrawal, code panic"):
        ready.token.redeem(SHARES, depositor, depositor, 0, sender=depositor)
    had = usdc.balanceOf(second_holder)
    told, _ = ready.system.lens.in_kind(ready.token, SHARES)
    idle = ready.system.vault.idle()
    receipt = leave(ready, SHARES, depositor, second_holder)
    event = only_paid(ready, receipt)
    assert event.amount == told
    in_usdc = usdc.balanceOf(second_holder) - had
    assert in_usdc == idle - ready.system.vault.idle() > 0
    assert abs(a_token.balanceOf(second_holder) - (event.amount - in_usdc)) <= 1


def only_paid(harness: SystemHarness, receipt: Receipt) -> Any:
    found = [e for e in harness.system.vault.events(receipt) if e.name == "PaidInKind"]
    assert len(found) == 1
    return found[0]
