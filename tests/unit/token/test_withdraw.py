# SPDX-License-Identifier: AGPL-3.0-only
"""withdraw: exact collateral out."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import only_event, reverts
from tests.support.constants import ZERO
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import preview, refused

from .conftest import FIRST_SHARES
from .test_deposit import NET, SPREAD

ASK = NET - SPREAD
HUNDRED = 100 * 10**6


def test_netted_by_hand(held: SystemHarness, depositor: str) -> None:
    """[T-WDR-1]"""
    size = -(-HUNDRED * 10_000 // 9_990)
    shares = -(-size * (FIRST_SHARES + 10**12) // (ASK + 1))
    assert held.token.previewWithdraw(HUNDRED) == shares
    before = held.system.collateral.balanceOf(depositor)
    receipt = held.withdraw(HUNDRED, depositor)
    assert held.system.collateral.balanceOf(depositor) == before + HUNDRED
    assert held.token.balanceOf(depositor) == FIRST_SHARES - shares
    only_event(receipt, held.token, "FlowNetted", size=-size, fee=size - HUNDRED, unhedged=-size)
    only_event(
        receipt,
        held.token,
        "Withdraw",
        sender=depositor,
        receiver=depositor,
        owner=depositor,
        assets=HUNDRED,
        shares=shares,
    )
    held.check()


def test_hedged_burns_what_the_venue_quotes(held: SystemHarness, depositor: str) -> None:
    """The cost of its trade, far less than the slippage bound. Of spread and fee of all
    of N the part that stays, times the part that leaves, is left to those who stay: fewer
    shares than their value at the ask. [T-WDR-2] [T-WDR-11]"""
    assets = 20_000 * 10**6
    worth, bound = ASK * 10_000, (99_900_000_000 + 1) * 100
    most = -(-(assets + 5) * worth // (worth - bound))
    before, per_share = held.system.collateral.balanceOf(depositor), held.token.nav_per_share()
    promised = held.token.previewWithdraw(assets)
    receipt = held.withdraw(assets, depositor)
    cost = held.model.token.last_cost
    sizes = [-event.args["size"] for event in held.token.events(receipt) if "size" in event.args]
    assert len(sizes) == 1 and assets + cost <= sizes[0] < assets + (most - assets) // 4
    left, above = FIRST_SHARES - promised, SPREAD - (-NET // 1_000)
    kept = (NET + above * promised // FIRST_SHARES) * left // FIRST_SHARES
    assert 0 <= NET - assets - cost - kept < 10**6
    assert promised < -(-sizes[0] * (FIRST_SHARES + 10**12) // (ASK + 1)) - 10**18
    assert held.system.collateral.balanceOf(depositor) == before + assets
    assert held.token.balanceOf(depositor) == FIRST_SHARES - promised
    assert held.token.nav_per_share() > per_share
    held.check()


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("decimals", [6, 8, 18])
@pytest.mark.parametrize("multiple", [1, 3])
def test_preview_is_execution(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """And never less than what was asked for is paid. [T-WDR-3]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    unit, collateral = harness.system.unit, harness.system.collateral
    harness.deposit(100_000 * unit, depositor)
    for assets, percent in ((123 * unit + 7, -2), (20_000 * unit + 1, 1)):
        harness.move([percent + i % 2 for i in range(k)], 3_600)
        flow = preview(harness, Kind.WITHDRAW, assets)
        before = collateral.balanceOf(depositor), harness.token.balanceOf(depositor)
        harness.withdraw(assets, depositor)
        assert collateral.balanceOf(depositor) - before[0] == assets
        assert before[1] - harness.token.balanceOf(depositor) == flow.shares
        harness.check()


def test_never_dearer_to_redeem(held: SystemHarness) -> None:
    """The shares that a withdrawal burns would have been redeemed for as much. [T-WDR-4]"""
    for assets in (1, 10**3, HUNDRED, 20_000 * 10**6, 60_000 * 10**6):
        assert held.token.previewRedeem(held.token.previewWithdraw(assets)) >= assets


@pytest.mark.parametrize("assets", [HUNDRED, 20_000 * 10**6])
def test_max_shares_one_wei_tighter_reverts(
    held: SystemHarness, depositor: str, assets: int
) -> None:
    """[T-WDR-5]"""
    shares = held.token.previewWithdraw(assets)
    with refused(held, "token: shares above maximum"):
        held.token.withdraw(assets, depositor, depositor, shares - 1, sender=depositor)
    held.token.withdraw(assets, depositor, depositor, shares, sender=depositor)


def test_deadline(held: SystemHarness, depositor: str) -> None:
    """[T-WDR-6]"""
    late = (10**24, held.now - 1)
    with refused(held, "token: deadline passed"):
        held.token.withdraw(HUNDRED, depositor, depositor, *late, sender=depositor)
    held.token.withdraw(HUNDRED, depositor, depositor, 10**24, held.now, sender=depositor)


def test_zeros(held: SystemHarness, depositor: str) -> None:
    """[T-WDR-9]"""
    with refused(held, "token: zero shares"):
        held.token.withdraw(0, depositor, depositor, sender=depositor)
    with refused(held, "token: receiver is zero"):
        held.token.withdraw(HUNDRED, ZERO, depositor, sender=depositor)


def test_above_balance(held: SystemHarness, depositor: str) -> None:
    """[T-WDR-9]"""
    largest = held.token.maxWithdraw(depositor)
    for assets in (largest * 102 // 100, 10**30):
        with refused(held, "token: shares above balance"):
            held.token.withdraw(assets, depositor, depositor, sender=depositor)


def test_the_last_shares_have_to_be_redeemed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """The largest withdrawal of a sole holder leaves shares; one unit more is more than
    all are worth. [T-WDR-7]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=18, fee_rate=0))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**18, depositor)
    harness.move(-60)
    supply = harness.token.totalSupply()
    low, high = 0, harness.report().bid
    while high - low > 1:
        middle = (low + high) // 2
        if harness.token.previewWithdraw(middle) < supply:
            low = middle
        else:
            high = middle
    assert low > harness.token.maxWithdraw(depositor)
    with refused(harness, "token: shares above balance"):
        harness.token.withdraw(low + 1, depositor, depositor, sender=depositor)
    harness.withdraw(low, depositor)
    assert 0 < harness.token.totalSupply() < supply // 1_000
    harness.check()


def test_a_third_party_spends_its_allowance(
    held: SystemHarness, depositor: str, trader: str, second_holder: str
) -> None:
    """[T-WDR-9]"""
    shares = held.token.previewWithdraw(HUNDRED)
    held.token.approve(trader, shares - 1, sender=depositor)
    with refused(held, "erc20: insufficient allowance"):
        held.token.withdraw(HUNDRED, second_holder, depositor, sender=trader)
    held.token.approve(trader, shares, sender=depositor)
    before = held.system.collateral.balanceOf(second_holder)
    held.token.withdraw(HUNDRED, second_holder, depositor, sender=trader)
    assert held.system.collateral.balanceOf(second_holder) == before + HUNDRED
    assert held.token.allowance(depositor, trader) == 0


def test_stale_prices(held: SystemHarness, depositor: str) -> None:
    held.chain.increase_time(7 * 86_400 + 1)
    with refused(held, "oracle: stale price"):
        held.token.withdraw(HUNDRED, depositor, depositor, sender=depositor)


def test_an_exposure_whose_bound_eats_the_value(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """At over 100 times leverage 1% of the exposure is more than N: no exact exit,
    but one with a minimum. [T-WDR-8]"""
    harness = deploy_harness(chain, owner, keeper, make_plan())
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.post({"C0": 398_800_000_000})
    assert harness.report().leverage > 100 * 10**18
    with refused(harness, "token: cost above value"):
        harness.token.withdraw(HUNDRED, depositor, depositor, sender=depositor)
    with reverts("token: cost above value"):
        harness.token.previewWithdraw(HUNDRED)
    harness.redeem(10_000 * 10**18, depositor, min_assets=0)
    harness.check()
