# SPDX-License-Identifier: AGPL-3.0-only
"""Winding down and settling on every venue, each step as in the model."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from inverse_index.model.fixed import WAD
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.token.modes import Mode
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, ZERO
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused

MINTS = ("deposit", "mint")


@pytest.fixture
def closing(held: SystemHarness, second_holder: str) -> SystemHarness:
    """Two holders, a flow that waits, some drift; then the owner winds down."""
    unit = held.system.unit
    held.fund(second_holder)
    held.deposit(400_000 * unit, second_holder)
    held.deposit(500 * unit, second_holder)
    held.move(3, 3_600)
    held.wind_down()
    held.check()
    return held


@pytest.fixture
def settled(closing: SystemHarness) -> SystemHarness:
    """All positions closed; from then on every feed is stale."""
    closing.close()
    closing.chain.increase_time(8 * DAY)
    assert not closing.report().usable
    return closing


def test_by_the_owner(held: SystemHarness, depositor: str) -> None:
    """[M-WIND-1] [M-WIND-9]"""
    held.chain.increase_time(DAY)
    receipt = held.wind_down()
    only_event(receipt, held.token, "ModeSet", mode=int(Mode.WINDING_DOWN))
    only_event(receipt, held.token, "StreamingFeeSet", rate=0, recipient=ZERO)
    state = held.token.state()
    assert (state.mode, state.winding_down_since) == (Mode.WINDING_DOWN, receipt.timestamp)
    held.sound()


def test_nobody_else_while_it_works(held: SystemHarness, keeper: str, depositor: str) -> None:
    """[M-WIND-6]"""
    for caller in (keeper, depositor):
        with reverts("token: only the owner can wind down"):
            held.token.wind_down(sender=caller)
    held.chain.increase_time(8 * DAY)  # stale is not dead yet
    with reverts("oracle: stale price"):
        held.token.wind_down(sender=keeper)


def test_one_way_and_once(closing: SystemHarness, owner: str) -> None:
    """[M-WIND-7] [M-WIND-9]"""
    token = closing.token
    for sender in (owner, closing.keeper):
        with reverts("token: winding down"):
            token.wind_down(sender=sender)
    with reverts("token: winding down"):
        token.set_streaming_fee(1, owner, sender=owner)
    for call in (token.pause_mint, token.resume_mint):
        call(sender=owner)
        assert token.state().mode == Mode.WINDING_DOWN
    token.set_nav_cap(10**30, sender=owner)
    closing.model.token.nav_cap = 10**30
    closing.check()


def test_no_mint(closing: SystemHarness, depositor: str) -> None:
    """[M-WIND-8]"""
    for name in MINTS:
        with reverts("token: winding down"):
            closing.token.method(name)(10**9, depositor, sender=depositor)
    assert closing.token.maxDeposit(depositor) == closing.token.maxMint(depositor) == 0


def test_redemptions_go_on(closing: SystemHarness, depositor: str) -> None:
    """Netted and hedged ones, exact in and exact out, before and between chunks. [M-WIND-10]"""
    unit = closing.system.unit
    for _ in range(2):
        closing.redeem(100 * WAD, depositor)
        closing.withdraw(100 * unit, depositor)
        closing.redeem(9_000 * WAD, depositor)
        closing.withdraw(9_000 * unit, depositor)
        closing.sound()
        if _ == 0:
            closing.rebalance()


def test_closes_in_chunks(closing: SystemHarness) -> None:
    """Each nearer to none, none above the largest trade, the last one settles.
    [M-CLOSE-1] [M-CLOSE-2] [M-SET-1] [M-SET-8]"""
    largest = closing.system.vault.max_trade()
    before = first = closing.report()
    assert before.triggers == Trigger.WIND_DOWN
    chunks = 0
    while True:
        receipt = closing.token.rebalance(sender=closing.keeper)
        done = closing.model.token.rebalance(receipt.timestamp)
        only_event(receipt, closing.token, "Rebalanced", keeper=closing.keeper, **asdict(done))
        chunks += 1
        after = closing.report()
        for i, (was, is_) in enumerate(zip(before.held.shorts, after.held.shorts, strict=True)):
            assert was - largest[i] <= is_ <= was
        assert after.exposure < before.exposure
        closing.sound()
        if done.complete:
            break
        with reverts("token: rebalance not due"):
            closing.token.rebalance(sender=closing.keeper)
        closing.chain.increase_time(closing.plan.parameters.chunk_delay)
        before = after
    only_event(receipt, closing.token, "ModeSet", mode=int(Mode.SETTLED))
    above = [short > cap for short, cap in zip(first.held.shorts, largest, strict=True)]
    assert (chunks > 1) == any(above)
    assert set(after.held.shorts) == {0} and after.leverage == 0
    assert closing.token.state().flows == (0, 0, 0, 0)
    with reverts("token: rebalance not due"):
        closing.token.rebalance(sender=closing.keeper)
    with reverts("token: winding down"):
        closing.token.wind_down(sender=closing.owner)


def test_closing_conserves_value(closing: SystemHarness) -> None:
    """What holders have falls by the trades' costs and the rewards, and no more. [M-CLOSE-7]"""
    before = closing.report()
    spent = 0
    while not closing.model.token.settled:
        closing.chain.increase_time(closing.plan.parameters.chunk_delay + 600)
        n = closing.report().mid + closing.report().state.flows.reserve
        receipt = closing.token.rebalance(sender=closing.keeper)
        done = closing.model.token.rebalance(receipt.timestamp)
        assert n - done.cost - done.reward == done.nav_after
        spent += done.cost + done.reward
    after = closing.report()
    assert after.mid == closing.system.vault.remainder()
    fell = before.mid + before.state.flows.reserve - after.mid
    # Interest, funding and rounding of what is traded come on top.
    assert abs(fell - spent) <= before.mid // 10_000
    closing.sound()


def test_the_fee_has_stopped(settled: SystemHarness, owner: str) -> None:
    """[M-WIND-9]"""
    supply = settled.token.totalSupply()
    settled.chain.increase_time(300 * DAY)
    settled.token.accrue_fee(sender=owner)
    settled.model.token.accrue_fee(settled.now)
    assert settled.token.totalSupply() == supply == settled.token.state().supply
    settled.sound()


def test_views_need_no_price(settled: SystemHarness, depositor: str) -> None:
    """[M-SET-2] [T-MAX-3] [L-3]"""
    token, left = settled.token, settled.system.vault.remainder()
    assert settled.token.state().mode == Mode.SETTLED
    assert token.totalAssets() == left == settled.report().mid
    assert settled.system.views.nav(token) == (left, left, left)
    shares = token.balanceOf(depositor)
    assert token.convertToAssets(shares) == token.previewRedeem(shares)
    assert token.maxDeposit(depositor) == token.maxMint(depositor) == 0
    assert 0 < token.maxWithdraw(depositor) <= token.convertToAssets(shares)
    assert token.maxRedeem(depositor) == shares
    assert token.nav_per_share() == settled.model.token.nav_per_share(settled.now)
    assert tuple(token.due()) == (0, 0)
    for kind in (Kind.REDEEM, Kind.WITHDRAW):
        found = settled.system.views.preview(token, int(kind), 10**9)
        expected = settled.model.token.preview(kind, 10**9, settled.now)
        assert tuple(found) == tuple(asdict(expected).values())


@pytest.mark.parametrize("part", [1, 1_000, 10**18, 77_777 * 10**18])
def test_settled_redemptions_are_as_previewed(
    settled: SystemHarness, depositor: str, part: int
) -> None:
    """Any size, without fee or price, and the others lose nothing. [M-SET-3]"""
    token, collateral = settled.token, settled.system.collateral
    price = settled.report().nav_per_share
    promised, had = token.previewRedeem(part), collateral.balanceOf(depositor)
    if promised == 0:
        with reverts("token: zero assets"):
            token.redeem(part, depositor, depositor, sender=depositor)
        settled.redeem(part, depositor, min_assets=0)
    else:
        settled.redeem(part, depositor)
    assert collateral.balanceOf(depositor) - had == promised
    settled.sound()
    assert settled.report().nav_per_share >= price
    had, supply = collateral.balanceOf(depositor), token.totalSupply()
    burned = token.previewWithdraw(settled.system.unit)
    settled.withdraw(settled.system.unit, depositor)
    assert collateral.balanceOf(depositor) - had == settled.system.unit
    assert supply - token.totalSupply() == burned
    settled.sound()


def test_a_bound_one_unit_tighter(settled: SystemHarness, depositor: str) -> None:
    """[M-SET-6]"""
    promised = settled.token.previewRedeem(10 * WAD)
    with reverts("token: assets below minimum"):
        settled.token.redeem(10 * WAD, depositor, depositor, promised + 1, sender=depositor)
    settled.redeem(10 * WAD, depositor, promised)
    settled.sound()


def test_the_last_holder_takes_the_last_unit(
    settled: SystemHarness, depositor: str, second_holder: str, owner: str
) -> None:
    """The fee recipient and both holders leave: nothing stays behind. [M-SET-4]"""
    token, collateral = settled.token, settled.system.collateral
    settled.names[owner] = "fee_recipient"
    fee_shares = token.balanceOf(owner)
    token.transfer(depositor, fee_shares, sender=owner)
    settled.model.token.transfer("fee_recipient", depositor, fee_shares)
    settled.redeem(token.balanceOf(depositor), depositor)
    left, had = settled.system.vault.remainder(), collateral.balanceOf(second_holder)
    settled.redeem(token.balanceOf(second_holder), second_holder)
    assert collateral.balanceOf(second_holder) - had == left > 0
    assert token.totalSupply() == settled.system.vault.remainder() == token.totalAssets() == 0
    settled.sound()


def test_dust_shares_last(settled: SystemHarness, depositor: str, second_holder: str) -> None:
    """In any order, down to one share's smallest part: nobody is stranded. [M-SET-7]"""
    token = settled.token
    settled.redeem(token.balanceOf(second_holder) - 1, second_holder)
    settled.redeem(token.balanceOf(depositor), depositor)
    settled.redeem(1, second_holder, min_assets=0)
    settled.sound()


def test_settles_at_once_without_positions(harness: SystemHarness, depositor: str) -> None:
    """A token whose holders have gone can be wound down; nothing is due then.
    [M-CLOSE-8] [M-SET-8]"""
    harness.wind_down()
    harness.rebalance()
    assert harness.token.state().mode == Mode.SETTLED
    with reverts("token: winding down"):
        harness.token.deposit(10**9, depositor, sender=depositor)
    harness.check()


@pytest.fixture
def dying(held: SystemHarness, second_holder: str, keeper: str) -> SystemHarness:
    """Two holders, interest, a flow that waits; then every feed stops, which
    somebody reports, a second less than ten days ago."""
    unit = held.system.unit
    held.fund(second_holder)
    held.deposit(300_000 * unit, second_holder)
    held.move(4, DAY)
    held.rebalance()
    held.redeem(700 * WAD, second_holder)
    held.chain.increase_time(8 * DAY)
    receipt = held.system.oracle.report_unusable(sender=keeper)
    held.model.oracle.report_unusable(receipt.timestamp)
    held.chain.increase_time(10 * DAY - 1)
    return held


def settle_exchange(harness: SystemHarness) -> None:
    """The embedded venue ends with the same oracle; others do not know it."""
    if harness.system.venue.kind != "perp":
        return
    exchange = harness.system.venue.exchange
    receipt = exchange.settle(sender=harness.keeper)
    closing = harness.model.oracle.closing_prices(receipt.timestamp).mid
    harness.model.venue.exchange.settle(closing, True, receipt.timestamp)


def test_dead_oracle(dying: SystemHarness, keeper: str, depositor: str, second_holder: str) -> None:
    """Anyone, ten days after the report and not a second earlier, can wind down;
    it closes at the last accepted prices, and everybody is paid. [M-WIND-2] [M-CLOSE-5] [L-3]"""
    with reverts("oracle: stale price"):
        dying.token.wind_down(sender=depositor)
    dying.chain.increase_time(1)
    dying.wind_down(depositor)
    report = dying.report()
    assert not report.usable and report.triggers == Trigger.WIND_DOWN
    with reverts("oracle: stale price"):
        dying.token.redeem(WAD, depositor, depositor, sender=depositor)
    dying.check()
    settle_exchange(dying)
    dying.close()
    for holder in (depositor, second_holder):
        dying.redeem(dying.token.balanceOf(holder), holder)
        dying.sound()
    assert dying.token.totalSupply() == dying.token.balanceOf(dying.owner)


def test_halted_venue(dying: SystemHarness, keeper: str) -> None:
    """An exchange that has been settled is reason enough, even when prices come
    back before anybody has wound the token down. [M-WIND-3]"""
    dying.chain.increase_time(2)
    if dying.system.venue.kind != "perp":
        assert not dying.system.vault.halted()
        return
    settle_exchange(dying)
    assert dying.system.vault.halted()
    dying.move(0, 60)
    assert dying.report().usable
    dying.wind_down(keeper)
    dying.close()
    dying.sound()


def test_a_report_is_not_enough(held: SystemHarness, keeper: str) -> None:
    """Once prices have been usable in between, it starts anew. [M-WIND-2]"""
    held.chain.increase_time(8 * DAY)
    held.model.oracle.report_unusable(held.system.oracle.report_unusable(sender=keeper).timestamp)
    held.move(0, DAY)
    held.rebalance()
    held.chain.increase_time(9 * DAY + 1)
    with reverts("oracle: stale price"):
        held.token.wind_down(sender=keeper)
    held.check()


def accepted(harness: SystemHarness) -> list[int]:
    """Of the components, whole USD."""
    oracle = harness.system.oracle
    return [oracle.accepted(i)[0] // WAD for i in range(len(harness.plan.symbols))]


def test_closing_prices_are_as_new_as_the_wind_down(harness: SystemHarness, depositor: str) -> None:
    """And as the last closing at usable prices. [M-CLOSE-5]"""
    harness.deposit(900_000 * harness.system.unit, depositor)
    first = accepted(harness)
    harness.move(10, 3_600)
    harness.wind_down()
    assert accepted(harness) == [price * 110 // 100 for price in first]
    harness.move(-10, 3_600)
    harness.rebalance()
    harness.check()
    assert harness.model.token.mode == Mode.WINDING_DOWN
    assert accepted(harness) == [price * 110 // 100 * 90 // 100 for price in first]
    harness.chain.increase_time(8 * DAY)
    report = harness.report()
    assert not report.usable and report.prices.updated_at == 0
    assert [mid // WAD for mid in report.prices.mid if mid] == accepted(harness)
    harness.check()


def test_a_dispute_holds_up_no_wind_down(held: SystemHarness, owner: str) -> None:
    """What the oracle refuses to accept stays as it was. [M-CLOSE-5] [M-WIND-1]"""
    board, k = held.system.board, len(held.plan.symbols)
    assert board is not None
    perp = held.plan.venue.kind == "perp"
    before, answer = accepted(held), held.prices["C0"] * (95 if perp else 105) // 100
    receipt = board.post_one(0, answer, sender=owner)
    asset = held.model.oracle.components[0]
    asset.primary = asset.primary.at(answer, receipt.timestamp)
    assert held.system.oracle.read().restriction == 2
    held.wind_down()
    assert accepted(held) == before and k == len(before)
    held.check()
    held.chain.increase_time(1)
    if perp:
        # It fills at the worse of the two, here the other source's, and the bound covers
        # that after three days.
        with refused(held, "vault: slippage above bound"):
            held.token.rebalance(sender=owner)
        held.chain.increase_time(3 * DAY)
        held.post(held.prices)
        receipt = board.post_one(0, answer, sender=owner)
        asset.primary = asset.primary.at(answer, receipt.timestamp)
    held.rebalance()
    held.check()
