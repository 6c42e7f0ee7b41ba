# SPDX-License-Identifier: AGPL-3.0-only
"""The same life of a token on every venue, each step as in the model."""

from __future__ import annotations

from inverse_index.chain import contract_at
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.system import FEE_RECIPIENT
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.system_harness import SystemHarness


def is_netted(harness: SystemHarness, kind: Kind, amount: int) -> bool:
    """Previewed alike on both; never more than what comes of it."""
    flow = harness.system.views.preview(harness.token, int(kind), amount)
    assert flow.netted == harness.model.token.preview(kind, amount, harness.now).netted
    return bool(flow.netted)


def test_deposits(harness: SystemHarness, depositor: str) -> None:
    """The first opens the shorts, the second waits, the third hedges itself; none
    gets less than its preview. [M-ACT-2]"""
    unit, netted = harness.system.unit, []
    for amount in (100_000, 300, 30_000):
        promised = harness.token.previewDeposit(amount * unit)
        netted.append(is_netted(harness, Kind.DEPOSIT, amount * unit))
        had = harness.token.balanceOf(depositor)
        harness.deposit(amount * unit, depositor)
        assert harness.token.balanceOf(depositor) - had >= promised > 0
        harness.sound()
    assert netted == [False, True, False]


def test_exact_deposits(held: SystemHarness, depositor: str) -> None:
    netted = []
    for shares in (200, 20_000):
        promised = held.token.previewMint(shares * WAD)
        netted.append(is_netted(held, Kind.MINT, shares * WAD))
        had = held.system.collateral.balanceOf(depositor)
        held.mint(shares * WAD, depositor)
        assert had - held.system.collateral.balanceOf(depositor) == promised
        held.sound()
    assert netted == [True, False]


def test_redemptions(held: SystemHarness, depositor: str) -> None:
    """[M-ACT-2]"""
    netted, collateral = [], held.system.collateral
    for shares in (200, 20_000):
        promised = held.token.previewRedeem(shares * WAD)
        netted.append(is_netted(held, Kind.REDEEM, shares * WAD))
        had = collateral.balanceOf(depositor)
        held.redeem(shares * WAD, depositor)
        assert collateral.balanceOf(depositor) - had >= promised > 0
        held.sound()
    assert netted == [True, False]


def test_exact_withdrawals(held: SystemHarness, depositor: str) -> None:
    unit, netted, token = held.system.unit, [], held.token
    for amount in (200, 20_000):
        promised = token.previewWithdraw(amount * unit)
        netted.append(is_netted(held, Kind.WITHDRAW, amount * unit))
        had = token.balanceOf(depositor)
        held.withdraw(amount * unit, depositor)
        assert had - token.balanceOf(depositor) == promised
        held.sound()
    assert netted == [True, False]


def test_the_largest_flows(held: SystemHarness, depositor: str) -> None:
    """What the maximums admit goes through, in and out. [T-MAX-1]"""
    most = held.token.maxDeposit(depositor)
    assert most > 100_000 * held.system.unit
    held.deposit(most, depositor)
    held.sound()
    held.system.follow_prices(held.prices, held.owner)
    held.model.follow_prices(held.prices)
    shares = held.token.maxRedeem(depositor)
    assert shares > 100_000 * WAD
    held.redeem(shares, depositor)
    held.sound()


def test_rebalances(held: SystemHarness) -> None:
    """Down and up, the components together and apart; near to the target after. [M-ACT-2]"""
    k = len(held.plan.symbols)
    for percents in ([-6] * 3, [9] * 3, [-12, 8, 0], [5, -7, 11]):
        held.move(percents[:k], DAY)
        receipt = held.rebalance()
        held.sound()
        event = only_rebalance(held, receipt)
        assert event.complete is True
        assert abs(event.leverage_after - WAD) < WAD // 2_000


def only_rebalance(harness: SystemHarness, receipt: object) -> object:
    found = [e for e in harness.token.events(receipt) if e.name == "Rebalanced"]
    assert len(found) == 1
    return found[0]


def test_a_large_rebalance_takes_several_calls(harness: SystemHarness, depositor: str) -> None:
    """[T-REB-5]"""
    harness.deposit(1_000_000 * harness.system.unit, depositor)
    harness.move(-30, DAY)
    event, calls = only_rebalance(harness, harness.rebalance()), 1
    while not event.complete:
        harness.sound()
        harness.system.follow_prices(harness.prices, harness.owner)
        harness.model.follow_prices(harness.prices)
        harness.chain.increase_time(harness.plan.parameters.chunk_delay)
        event, calls = only_rebalance(harness, harness.rebalance()), calls + 1
    harness.sound()
    assert calls >= 600_000 // 200_000 // len(harness.plan.symbols)
    assert abs(event.leverage_after - WAD) < WAD // 1_000


def test_the_last_holder_leaves(held: SystemHarness, depositor: str) -> None:
    """With everything: no short, no collateral and no share is left. [T-RED-4]"""
    held.move(4, 5 * DAY)
    token = held.token
    receipt = token.accrue_fee(sender=depositor)
    held.model.token.accrue_fee(receipt.timestamp)
    fees = token.balanceOf(held.owner)
    receipt = token.redeem(fees, held.owner, held.owner, sender=held.owner)
    held.model.token.redeem(fees, FEE_RECIPIENT, receipt.timestamp)
    held.sound()
    shares = token.balanceOf(depositor)
    promised = token.previewRedeem(shares)
    receipt = held.redeem(shares, depositor)
    held.sound()
    found = [e for e in token.events(receipt) if e.name == "Withdraw"]
    assert found[0].assets >= promised > 0
    value = held.system.vault.value(list(held.system.oracle.read().mid))
    assert (token.totalSupply(), list(value.shorts)) == (0, [0] * 10)
    assert value.idle + value.equity <= 2
    held.deposit(50_000 * held.system.unit, depositor)
    held.sound()


def test_in_kind(held: SystemHarness, depositor: str) -> None:
    """Where positions are debts the exit needs no price; elsewhere it is refused. [T-KIND-11]"""
    held.move(3, DAY)
    if held.system.venue.kind == "perp":
        with reverts("vault: nothing is held in kind"):
            held.token.redeem_in_kind(WAD, depositor, depositor, 0, MAX_UINT256, sender=depositor)
        return
    venue = held.system.venue
    for symbol in venue.symbols:
        token = contract_at(held.chain, "LocalCollateral", venue.tokens[symbol])
        token.mint(depositor, 10**30, sender=depositor)
        token.approve(held.system.vault, MAX_UINT256, sender=depositor)
    shares = 12_345 * WAD + 6
    receipt = held.token.redeem_in_kind(
        shares, depositor, depositor, 0, MAX_UINT256, sender=depositor
    )
    paid, brought = held.model.token.redeem_in_kind(shares, depositor, receipt.timestamp)
    only_event(
        receipt,
        held.system.vault,
        "PaidInKind",
        payer=depositor,
        receiver=depositor,
        amount=paid,
        brought=[*brought, *[0] * (10 - len(brought))],
    )
    held.sound()
