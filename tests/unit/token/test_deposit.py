# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: exact collateral in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import ZERO
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import flow_events, preview, refused, set_nav_cap

from .conftest import FIRST_SHARES, PAID_IN

# Worked out by hand for the first deposit of 100,000 at a price of 2,000, a depth
# of 200 million and 5 bps of taker fee: 99,900 are hedged by 49.95 units, half of
# which moves the price by 0.024975%: 24.950025 of impact, 49.95 of fee.
FIRST_COST = 74_900_025
NET = PAID_IN - FIRST_COST
SPREAD = 199_899_900  # 1.001 * 1.001 - 1 = 0.2001% on 99,900


def test_first_deposit_by_hand(harness: SystemHarness, depositor: str) -> None:
    """[T-DEP-1]"""
    assert harness.token.previewDeposit(PAID_IN) == FIRST_SHARES
    receipt = harness.deposit(PAID_IN, depositor)
    assert harness.token.balanceOf(depositor) == harness.token.totalSupply() == FIRST_SHARES
    only_event(receipt, harness.token, "FlowHedged", size=99_900_000_000, cost=FIRST_COST)
    no_event(receipt, harness.token, "FlowNetted")
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=depositor,
        owner=depositor,
        assets=PAID_IN,
        shares=FIRST_SHARES,
    )
    only_event(
        receipt, harness.token, "Transfer", sender=ZERO, receiver=depositor, value=FIRST_SHARES
    )
    only_event(
        receipt,
        harness.system.vault,
        "Traded",
        component=0,
        delta=-4_995 * 10**16,
        price=2_000 * 10**18 - 499_500_000_000_000_000,
        fee=49_950_000,
    )
    report = harness.report()
    assert (report.bid, report.mid, report.ask) == (NET + SPREAD, NET, NET - SPREAD)
    assert report.exposure == 99_900_000_000
    harness.check()


def test_netted_by_hand(held: SystemHarness, second_holder: str) -> None:
    """100 paid: 0.1 waits in the reserve, 99.9 buy shares at the bid. [T-DEP-2] [T-DEP-5]"""
    shares = 99_900_000 * (FIRST_SHARES + 10**12) // (NET + SPREAD + 1)
    assert held.token.previewDeposit(100_000_000) == shares
    receipt = held.deposit(100_000_000, second_holder)
    assert held.token.balanceOf(second_holder) == shares
    only_event(receipt, held.token, "FlowNetted", size=99_900_000, fee=100_000, unhedged=99_900_000)
    no_event(receipt, held.token, "FlowHedged")
    assert held.system.vault.events(receipt) == []
    flows = held.token.state().flows
    assert (flows.unhedged, flows.reserve, flows.netting_since) == (99_900_000, 100_000, 0)
    assert held.report().mid == NET + 99_900_000
    held.check()


def test_the_tolerance_is_the_edge(held: SystemHarness, second_holder: str) -> None:
    """Half a percent of N at bid nets, one unit more hedges. [T-DEP-3]"""
    largest = (NET + SPREAD) * 50 // 10_000
    edge = largest * 10_000 // 9_990
    while edge - -(-edge * 10 // 10_000) < largest:
        edge += 1
    assert preview(held, Kind.DEPOSIT, edge).netted
    assert not preview(held, Kind.DEPOSIT, edge + 2).netted
    assert flow_events(held.deposit(edge, second_holder), held.token) == ["FlowNetted"]
    held.check()


def test_netting_ends_at_twice_the_tolerance(held: SystemHarness, second_holder: str) -> None:
    """[T-DEP-4]"""
    for paid, event in ((400, "FlowNetted"), (400, "FlowNetted"), (400, "FlowHedged")):
        receipt = held.deposit(paid * 10**6, second_holder)
        assert flow_events(receipt, held.token) == [event]
        held.check()


def test_a_hedged_deposit_scales_what_waits(held: SystemHarness, second_holder: str) -> None:
    """Everybody's exposure stays as it is: shorts and `unhedged` grow with N. [T-DEP-6]"""
    held.deposit(400 * 10**6, second_holder)
    before = held.report()
    receipt = held.deposit(50_000 * 10**6, second_holder)
    after = held.report()
    size = 50_000 * 10**6 * 9_990 // 10_000
    cost = held.model.token.last_cost
    only_event(receipt, held.token, "FlowHedged", size=size, cost=cost)
    assert 50 * 10**6 < cost < 60 * 10**6
    assert after.held.shorts[0] == before.held.shorts[0] * (before.bid + size) // before.bid
    waiting = before.state.flows.unhedged
    assert after.state.flows.unhedged == waiting * (before.bid + size) // before.bid
    assert after.state.flows.reserve == before.state.flows.reserve
    held.check()


def test_a_dear_hedge_is_paid_by_its_flow(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """Above the flat fee the flow pays what its trade costs. [T-DEP-7]"""
    harness = deploy_harness(chain, owner, keeper)
    harness.fund(depositor)
    paid = 400_000 * harness.system.unit
    flow = preview(harness, Kind.DEPOSIT, paid)
    receipt = harness.deposit(paid, depositor)
    cost = harness.model.token.last_cost
    assert flow.charge == cost > 400 * harness.system.unit
    only_event(
        receipt, harness.token, "FlowHedged", size=paid - 400 * harness.system.unit, cost=cost
    )
    assert harness.token.balanceOf(depositor) == flow.shares == (paid - cost) * 10**12
    harness.check()


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
    """To the wei: first, netted, hedged, after moved prices and with unaccrued fee. [T-DEP-9]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    unit = harness.system.unit
    for paid, percent in ((100_000, 2), (123, -1), (7_777, 0)):
        flow = preview(harness, Kind.DEPOSIT, paid * unit + 1)
        held = harness.token.balanceOf(depositor)
        harness.deposit(paid * unit + 1, depositor)
        assert harness.token.balanceOf(depositor) - held == flow.shares
        harness.check()
        harness.move([percent + i % 2 for i in range(k)], 3_600)


def test_same_economics_in_all_decimals(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """[T-DEP-20]"""
    minted = []
    for decimals in (6, 8, 18):
        harness = deploy_harness(chain, owner, keeper, make_plan(3, decimals))
        harness.fund(depositor)
        harness.deposit(100_000 * harness.system.unit, depositor)
        harness.move([3, -2, 5], 3_600)
        harness.deposit(100 * harness.system.unit, depositor)
        minted.append(harness.token.balanceOf(depositor))
    assert max(minted) - min(minted) <= 10**13  # rounding of collateral with 6 decimals


def test_min_shares_one_wei_tighter_reverts(held: SystemHarness, second_holder: str) -> None:
    """[T-DEP-11]"""
    for paid in (100_000_000, 20_000_000_000):
        shares = held.token.previewDeposit(paid)
        with refused(held, "token: shares below minimum"):
            held.token.deposit(paid, second_holder, shares + 1, sender=second_holder)
        held.token.deposit(paid, second_holder, shares, sender=second_holder)


def test_deadline(held: SystemHarness, second_holder: str) -> None:
    """[T-DEP-12]"""
    with refused(held, "token: deadline passed"):
        held.token.deposit(10**8, second_holder, 0, held.now - 1, sender=second_holder)
    held.token.deposit(10**8, second_holder, 0, held.now, sender=second_holder)


def test_for_somebody_else(held: SystemHarness, depositor: str, attacker: str) -> None:
    """[T-DEP-13]"""
    collateral = held.system.collateral
    before = collateral.balanceOf(depositor)
    shares = held.token.previewDeposit(10**8)
    receipt = held.token.deposit(10**8, attacker, sender=depositor)
    assert held.token.balanceOf(attacker) == shares
    assert collateral.balanceOf(depositor) == before - 10**8
    only_event(
        receipt,
        held.token,
        "Deposit",
        sender=depositor,
        owner=attacker,
        assets=10**8,
        shares=shares,
    )


def _set_cap(harness: SystemHarness) -> None:
    set_nav_cap(harness, harness.report().bid + 10**6)


@pytest.mark.parametrize(
    ("prepare", "assets", "reason"),
    [
        (lambda b: None, 0, "token: zero assets"),
        (lambda b: b.token.pause_mint(sender=b.owner), 10**8, "token: mint is paused"),
        (_set_cap, 10**8, "token: above NAV cap"),
    ],
)
def test_refusals(
    held: SystemHarness,
    second_holder: str,
    prepare: Callable[[SystemHarness], None],
    assets: int,
    reason: str,
) -> None:
    """[T-DEP-14]"""
    prepare(held)
    with refused(held, reason):
        held.token.deposit(assets, second_holder, sender=second_holder)


def test_zero_receiver(held: SystemHarness, second_holder: str) -> None:
    """[T-DEP-13]"""
    with refused(held, "token: receiver is zero"):
        held.token.deposit(10**8, ZERO, sender=second_holder)


def test_nothing_minted_for_a_speck(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """One wei of 18 decimals, all of it fee. [T-DEP-14]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=18))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**18, depositor)
    with refused(harness, "token: zero shares"):
        harness.token.deposit(1, depositor, sender=depositor)


def test_without_allowance_or_balance(held: SystemHarness, trader: str) -> None:
    """[T-DEP-15]"""
    with refused(held, "collateral: allowance too small"):
        held.token.deposit(10**8, trader, sender=trader)
    held.system.collateral.approve(held.token, 10**8, sender=trader)
    with refused(held, "collateral: balance too small"):
        held.token.deposit(10**8, trader, sender=trader)


def test_hedge_over_the_slippage_bound(harness: SystemHarness, depositor: str) -> None:
    """4 million: 2,000 units of 100,000 move the price by 1% on average. [T-DEP-16]"""
    with refused(harness, "vault: slippage above bound"):
        harness.token.deposit(4_000_000 * 10**6, depositor, sender=depositor)
    with reverts("vault: slippage above bound"):
        harness.token.deposit(3_900_000 * 10**6, depositor, sender=depositor)
    harness.deposit(3_700_000 * 10**6, depositor)
    harness.check()


@pytest.mark.parametrize("paid", [10**8, 20_000 * 10**6])
def test_stale_prices(held: SystemHarness, second_holder: str, paid: int) -> None:
    """[T-DEP-17]"""
    held.chain.increase_time(7 * 86_400 + 1)
    with refused(held, "oracle: stale price"):
        held.token.deposit(paid, second_holder, sender=second_holder)


def test_unconfirmed_step(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """Without a second source a jump of over 20% stops minting, and only minting.
    [T-DEP-18] [T-RED-15]"""
    harness = deploy_harness(chain, owner, keeper, secondaries=False)
    harness.fund(depositor)
    harness.deposit(PAID_IN, depositor)
    harness.move(21)
    with refused(harness, "oracle: price step unconfirmed"):
        harness.token.deposit(10**8, depositor, sender=depositor)
    with refused(harness, "oracle: price step unconfirmed"):
        harness.token.mint(10**18, depositor, sender=depositor)
    harness.redeem(10**18, depositor)
    harness.withdraw(10**6, depositor)
    harness.check()


def test_disagreeing_sources(held: SystemHarness, owner: str, depositor: str) -> None:
    """Over 2% apart: no minting and no rebalance, but redemption at the wide spread.
    [T-DEP-18] [T-RED-15]"""
    held.system.board.post_one(1, 2_041 * 10**8, sender=owner)
    with refused(held, "oracle: sources disagree"):
        held.token.deposit(10**8, depositor, sender=depositor)
    with refused(held, "oracle: sources disagree"):
        held.token.mint(10**18, depositor, sender=depositor)
    ask = NET - 99_900_000_000 * 215_205 // 10**7  # 1.0205 * 1.001 - 1 = 2.15205%
    size = 10**18 * (ask + 1) // (FIRST_SHARES + 10**12)
    received = size - -(-size * 10 // 10_000)
    assert held.token.previewRedeem(10**18) == received
    before = held.system.collateral.balanceOf(depositor)
    held.token.redeem(10**18, depositor, depositor, sender=depositor)
    assert held.system.collateral.balanceOf(depositor) == before + received


def test_out_of_the_band_new_money_is_hedged_at_the_multiple(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """A fall of the index has left the leverage out of its band, and no keeper came: a
    deposit is hedged for itself, and not at the leverage that there is. [T-DEP-8]"""
    harness = deploy_harness(chain, owner, keeper, make_plan())
    harness.fund(depositor)
    harness.fund(second_holder)
    harness.deposit(100_000 * 10**6, depositor)
    harness.move(-30)
    before = harness.report()
    assert before.leverage < WAD * 6 // 10
    short = before.held.shorts[0]
    promised = harness.token.previewDeposit(50_000 * 10**6)
    harness.deposit(50_000 * 10**6, second_holder)
    assert harness.token.balanceOf(second_holder) == promised
    added = harness.report().held.shorts[0] - short
    assert added == (50_000 * 10**6 - 50 * 10**6) * WAD // (1_400 * 10**6)
    assert before.leverage < harness.report().leverage < WAD
    harness.check()
