# SPDX-License-Identifier: AGPL-3.0-only
"""redeem: exact shares in."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import (
    flow_events,
    model_refuses,
    preview,
    refused,
    set_parameters,
    transfer,
)

from .conftest import FIRST_SHARES
from .test_deposit import NET, SPREAD

HUNDRED = 100 * 10**18


def test_netted_by_hand(held: SystemHarness, depositor: str) -> None:
    """The value at ask, rounded down, less 10 bps of it, rounded up. [T-RED-1]"""
    size = HUNDRED * (NET - SPREAD + 1) // (FIRST_SHARES + 10**12)
    fee = -(-size * 10 // 10_000)
    assert held.token.previewRedeem(HUNDRED) == size - fee
    before = held.system.collateral.balanceOf(depositor)
    receipt = held.redeem(HUNDRED, depositor)
    assert held.system.collateral.balanceOf(depositor) == before + size - fee
    assert held.token.balanceOf(depositor) == FIRST_SHARES - HUNDRED
    only_event(receipt, held.token, "FlowNetted", size=-size, fee=fee, unhedged=-size)
    only_event(
        receipt,
        held.token,
        "Withdraw",
        sender=depositor,
        receiver=depositor,
        owner=depositor,
        assets=size - fee,
        shares=HUNDRED,
    )
    only_event(receipt, held.token, "Transfer", sender=depositor, receiver=ZERO, value=HUNDRED)
    only_event(receipt, held.system.vault, "Paid", receiver=depositor, amount=size - fee)
    no_event(receipt, held.system.vault, "Traded")
    assert held.token.state().flows.reserve == fee
    assert held.report().mid == NET - size
    held.check()


def test_hedged_by_hand(held: SystemHarness, depositor: str) -> None:
    """A fifth leaves: 9.99 of 49.95 units are bought back for 0.05% of fee; the way back
    of the price is free. Of the spread and a fee of 0.1% of all of N a fifth of four
    fifths stays. [T-RED-2] [T-RED-19]"""
    shares = FIRST_SHARES // 5
    size = shares * (NET - SPREAD + 1) // (FIRST_SHARES + 10**12)
    units = 4_995 * 10**16 - 4_995 * 10**16 * (FIRST_SHARES - shares) // FIRST_SHARES
    assert units == 999 * 10**16
    cost = 9_990_000  # 19,980 * 0.05%
    left = FIRST_SHARES - shares
    part = -(-(NET + 1) * (left + 10**12) // (FIRST_SHARES + 10**12)) - 1
    kept = part + -(-(SPREAD - (-NET // 1_000)) * 16 // 100)
    assert held.token.previewRedeem(shares) == NET - cost - kept
    assert size - (-(-size // 1_000)) < NET - cost - kept < size
    receipt = held.redeem(shares, depositor)
    only_event(receipt, held.token, "FlowHedged", size=-size, cost=cost)
    no_event(receipt, held.token, "FlowNetted")
    assert held.report().mid == kept
    held.check()


def test_a_cost_above_the_fee(held: SystemHarness, depositor: str) -> None:
    """The same without a fee: preview and redemption pay less the cost. [T-RED-2]"""
    set_parameters(held, redeem_fee_bps=0)
    shares = FIRST_SHARES // 5
    flow = preview(held, Kind.REDEEM, shares)
    size = shares * (NET - SPREAD + 1) // (FIRST_SHARES + 10**12)
    cost = 9_990_000
    assert (flow.size, flow.charge, flow.assets) == (size, cost, size - cost)
    receipt = held.redeem(shares, depositor)
    only_event(receipt, held.token, "FlowHedged", size=-size, cost=cost)
    assert held.report().mid == NET - size
    held.check()


def test_redemptions_cancel_deposits(
    held: SystemHarness, depositor: str, second_holder: str
) -> None:
    """In and out without a trade; only the fees of what still waits stay in the
    reserve, the others are the holders'. [T-RED-3]"""
    held.deposit(400 * 10**6, second_holder)
    receipt = held.redeem(held.token.balanceOf(second_holder), second_holder)
    assert flow_events(receipt, held.token) == ["FlowNetted"]
    assert held.system.venue.exchange.events(receipt) == []
    flows = held.token.state().flows
    assert 0 < flows.unhedged < 2 * 10**6  # what the spread left
    assert flows.reserve == 400_000 * flows.unhedged // 399_600_000
    held.check()


def test_more_cancels_than_the_tolerance_alone(held: SystemHarness, depositor: str) -> None:
    """After a deposit of the tolerance a redemption may take it the other way. [T-RED-3]"""
    held.deposit(400 * 10**6, depositor)
    for event in ("FlowNetted", "FlowNetted", "FlowNetted", "FlowHedged"):
        receipt = held.redeem(450 * 10**18, depositor)
        assert flow_events(receipt, held.token) == [event]
        held.check()


def test_a_hedged_redemption_scales_what_waits(held: SystemHarness, depositor: str) -> None:
    """[T-RED-2]"""
    held.redeem(400 * 10**18, depositor)
    before, supply = held.report(), held.token.totalSupply()
    shares = supply // 3
    held.redeem(shares, depositor)
    after = held.report()
    left = supply - shares
    waiting = -before.state.flows.unhedged
    assert after.state.flows.unhedged == -(waiting * left // supply)
    assert after.held.shorts[0] == before.held.shorts[0] * left // supply
    held.check()


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("decimals", [6, 8, 18])
@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_preview_is_execution(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """To the wei: netted, hedged, moved prices, unaccrued fee, the last share. [T-RED-8]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    collateral = harness.system.collateral
    harness.deposit(100_000 * harness.system.unit, depositor)
    for shares, percent in ((123 * 10**18 + 7, -2), (20_000 * 10**18 + 1, 1), (None, 0)):
        harness.move([percent + i % 2 for i in range(k)], 3_600)
        amount = harness.token.balanceOf(depositor) if shares is None else shares
        flow = preview(harness, Kind.REDEEM, amount)
        before = collateral.balanceOf(depositor)
        harness.redeem(amount, depositor)
        assert collateral.balanceOf(depositor) - before == flow.assets
        harness.check()


@pytest.mark.parametrize("decimals", [6, 8, 18])
@pytest.mark.parametrize("multiple", [1, 3])
def test_the_last_holder_closes_everything(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, decimals: int, multiple: int
) -> None:
    """However small: the last shares never net, no position outlives the supply, and
    they take all that there is, the reserve too. [T-RED-4]"""
    plan = make_plan(3, decimals, multiple, fee_rate=0)
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(100_000 * harness.system.unit, depositor)
    harness.redeem(harness.token.balanceOf(depositor) - 10**15, depositor)
    harness.deposit(harness.system.unit // 10**5, depositor)
    shares = harness.token.balanceOf(depositor)
    flow = preview(harness, Kind.REDEEM, shares)
    before = harness.system.collateral.balanceOf(depositor)
    receipt = harness.redeem(shares, depositor)
    assert flow_events(receipt, harness.token) == ["FlowHedged"]
    assert harness.system.collateral.balanceOf(depositor) == before + flow.assets
    assert flow.charge == 0
    assert harness.token.totalSupply() == 0
    assert harness.report().held.shorts == [0] * 10
    assert (harness.report().exposure, harness.report().mid) == (0, 0)
    assert tuple(harness.token.state().flows) == (0, 0, 0, 0)
    harness.check()
    harness.deposit(harness.system.unit, depositor)
    assert harness.token.balanceOf(depositor) <= 10**18  # a share starts at one unit again


def test_the_last_holder_pays_his_trade_alone(held: SystemHarness, depositor: str) -> None:
    """All holdings at mid less what closing costs; neither fee nor spread. [T-RED-5]"""
    before = held.system.collateral.balanceOf(depositor)
    receipt = held.redeem(FIRST_SHARES, depositor)
    cost = held.model.token.last_cost
    size = FIRST_SHARES * (NET - SPREAD + 1) // (FIRST_SHARES + 10**12)
    only_event(receipt, held.token, "FlowHedged", size=-size, cost=cost)
    assert held.system.collateral.balanceOf(depositor) == before + NET - cost
    assert cost == 49_950_000  # 99,900 * 0.05%


def test_the_margin_holds_a_large_exit_until_the_rebalance(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """At 13 times leverage the venue lets no margin go. Anybody may rebalance first. [T-RED-17]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=3))
    harness.fund(depositor)
    harness.fund(second_holder)
    harness.deposit(100_000 * 10**6, depositor)
    harness.deposit(25_000 * 10**6, second_holder)
    harness.move(24)
    shares = harness.token.balanceOf(second_holder)
    for bound in ((), (0,)):
        with refused(harness, "exchange: margin too low"):
            harness.token.redeem(shares, second_holder, second_holder, *bound, sender=second_holder)
    harness.redeem(shares // 100, second_holder)
    harness.rebalance()
    harness.redeem(shares - shares // 100, second_holder)
    harness.check()


def test_everybody_leaves(
    held: SystemHarness, owner: str, depositor: str, second_holder: str
) -> None:
    """The recipient of the fee too. [T-RED-16]"""
    held.deposit(50_000 * 10**6, second_holder)
    held.move(-7, 86_400)
    for holder in (depositor, second_holder):
        held.redeem(held.token.balanceOf(holder), holder)
        held.check()
    held.token.redeem(held.token.balanceOf(owner), owner, owner, sender=owner)
    assert held.token.totalSupply() == 0
    assert held.report().held.shorts == [0] * 10


# bounds


@pytest.mark.parametrize("shares", [HUNDRED, 20_000 * 10**18])
def test_min_assets_one_unit_tighter_reverts(
    held: SystemHarness, depositor: str, shares: int
) -> None:
    """[T-RED-6]"""
    paid = held.token.previewRedeem(shares)
    with refused(held, "token: assets below minimum"):
        held.token.redeem(shares, depositor, depositor, paid + 1, sender=depositor)
    model_refuses(
        "token: assets below minimum",
        held.model.token.redeem,
        shares,
        depositor,
        held.now,
        paid + 1,
    )
    held.redeem(shares, depositor, min_assets=paid)
    held.check()


def test_an_own_bound_passes_where_the_slippage_bound_refuses(
    held: SystemHarness, depositor: str
) -> None:
    """Under a negative skew the trade costs almost nothing; buying back from a
    positive one costs more than a bound of 1 bps. [T-RED-7]"""
    held.system.collateral.mint(held.owner, 10**13, sender=held.owner)
    held.system.collateral.approve(held.system.venue.exchange, 10**13, sender=held.owner)
    held.system.venue.exchange.deposit(10**12, sender=held.owner)
    held.system.venue.exchange.trade([(0, 200 * 10**18, MAX_UINT256)], sender=held.owner)
    set_parameters(held, slippage_bps=1)
    shares = 20_000 * 10**18
    with refused(held, "vault: slippage above bound"):
        held.token.redeem(shares, depositor, depositor, sender=depositor)
    assert held.token.maxRedeem(depositor) < shares
    before = held.system.collateral.balanceOf(depositor)
    expected = held.token.previewRedeem(shares)
    held.token.redeem(shares, depositor, depositor, 0, sender=depositor)
    assert held.system.collateral.balanceOf(depositor) == before + expected


def test_an_own_bound_still_bounds(held: SystemHarness, depositor: str) -> None:
    """[T-RED-7]"""
    set_parameters(held, slippage_bps=1)
    shares = 50_000 * 10**18
    paid = held.token.previewRedeem(shares)
    with refused(held, "token: assets below minimum"):
        held.token.redeem(shares, depositor, depositor, paid + 1, sender=depositor)


def test_deadline(held: SystemHarness, depositor: str) -> None:
    """[T-RED-11]"""
    with refused(held, "token: deadline passed"):
        held.token.redeem(HUNDRED, depositor, depositor, 0, held.now - 1, sender=depositor)
    held.token.redeem(HUNDRED, depositor, depositor, 0, held.now, sender=depositor)


# refusals


def test_zeros(held: SystemHarness, depositor: str) -> None:
    """[T-RED-12]"""
    with refused(held, "token: zero shares"):
        held.token.redeem(0, depositor, depositor, sender=depositor)
    with refused(held, "token: zero assets"):
        held.token.redeem(10**11, depositor, depositor, sender=depositor)
    with refused(held, "token: receiver is zero"):
        held.token.redeem(HUNDRED, ZERO, depositor, sender=depositor)


def test_above_balance(held: SystemHarness, depositor: str, second_holder: str) -> None:
    """[T-RED-9]"""
    transfer(held, depositor, second_holder, HUNDRED)
    with refused(held, "token: shares above balance"):
        held.token.redeem(HUNDRED + 1, second_holder, second_holder, sender=second_holder)
    with reverts("token: shares above balance"):
        held.token.previewRedeem(FIRST_SHARES + 1)
    held.redeem(HUNDRED, second_holder)
    held.check()


@pytest.mark.parametrize("shares", [HUNDRED, 20_000 * 10**18])
def test_stale_prices(held: SystemHarness, depositor: str, shares: int) -> None:
    """With a minimum or without: without a price there is no value to pay. [T-RED-14]"""
    held.chain.increase_time(7 * 86_400 + 1)
    for bound in ((), (0,)):
        with refused(held, "oracle: stale price"):
            held.token.redeem(shares, depositor, depositor, *bound, sender=depositor)


def test_never_paused(held: SystemHarness, owner: str, depositor: str) -> None:
    """[M-PAUSE-4]"""
    held.token.pause_mint(sender=owner)
    held.token.set_nav_cap(0, sender=owner)
    held.redeem(HUNDRED, depositor)
    held.redeem(20_000 * 10**18, depositor)


# for others


def test_a_third_party_spends_its_allowance(
    held: SystemHarness, depositor: str, trader: str, second_holder: str
) -> None:
    """[T-RED-10]"""
    with refused(held, "erc20: insufficient allowance"):
        held.token.redeem(HUNDRED, trader, depositor, sender=trader)
    held.token.approve(trader, HUNDRED + 5, sender=depositor)
    paid = held.token.previewRedeem(HUNDRED)
    before = held.system.collateral.balanceOf(second_holder)
    receipt = held.token.redeem(HUNDRED, second_holder, depositor, sender=trader)
    assert held.system.collateral.balanceOf(second_holder) == before + paid
    assert held.token.allowance(depositor, trader) == 5
    only_event(
        receipt,
        held.token,
        "Withdraw",
        sender=trader,
        receiver=second_holder,
        owner=depositor,
        assets=paid,
        shares=HUNDRED,
    )
    with refused(held, "erc20: insufficient allowance"):
        held.token.redeem(HUNDRED, trader, depositor, sender=trader)


def test_an_unlimited_allowance_stays(held: SystemHarness, depositor: str, trader: str) -> None:
    """[T-RED-10]"""
    held.token.approve(trader, MAX_UINT256, sender=depositor)
    held.token.redeem(HUNDRED, trader, depositor, sender=trader)
    assert held.token.allowance(depositor, trader) == MAX_UINT256


def test_a_unit_that_waits_goes_with_a_half_of_the_shares(
    held: SystemHarness, depositor: str
) -> None:
    """What waits to be hedged is scaled, toward zero, however little it is."""
    held.deposit(2, depositor)  # a unit of it is the fee
    assert held.token.state().flows.unhedged == 1
    held.redeem(held.token.balanceOf(depositor) // 2, depositor)
    assert held.token.state().flows.unhedged == 0
    held.check()
