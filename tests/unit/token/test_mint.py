# SPDX-License-Identifier: AGPL-3.0-only
"""mint: exact shares out."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import only_event
from tests.support.constants import WAD, ZERO
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import flow_events, preview, refused, set_nav_cap

from .conftest import FIRST_SHARES
from .test_deposit import NET, SPREAD

HUNDRED = 100 * 10**18


def test_netted_by_hand(held: SystemHarness, second_holder: str) -> None:
    """The value of the shares at bid, rounded up, and 10 bps of all that is paid. [T-MINT-1]"""
    size = -(-HUNDRED * (NET + SPREAD + 1) // (FIRST_SHARES + 10**12))
    paid = -(-size * 10_000 // 9_990)
    assert held.token.previewMint(HUNDRED) == paid
    before = held.system.collateral.balanceOf(second_holder)
    receipt = held.mint(HUNDRED, second_holder)
    assert held.system.collateral.balanceOf(second_holder) == before - paid
    assert held.token.balanceOf(second_holder) == HUNDRED
    only_event(receipt, held.token, "FlowNetted", size=size, fee=paid - size, unhedged=size)
    only_event(
        receipt,
        held.token,
        "Deposit",
        sender=second_holder,
        owner=second_holder,
        assets=paid,
        shares=HUNDRED,
    )
    assert held.token.state().flows.reserve == paid - size
    held.check()


def test_hedged_pays_what_the_venue_quotes(held: SystemHarness, second_holder: str) -> None:
    """The cost of its trade, and 5 units of rounding, or the flat fee if larger.
    [T-MINT-2]"""
    shares = 20_000 * 10**18
    size = -(-shares * (NET + SPREAD + 1) // (FIRST_SHARES + 10**12))
    before, per_share = held.system.collateral.balanceOf(second_holder), held.token.nav_per_share()
    promised = held.token.previewMint(shares)
    receipt = held.mint(shares, second_holder)
    cost = held.model.token.last_cost
    paid = max(size + cost + 5, -(-size * 10_000 // 9_990))
    assert promised == paid < size + size // 100
    only_event(receipt, held.token, "FlowHedged", size=size, cost=cost)
    assert held.system.collateral.balanceOf(second_holder) == before - paid
    assert held.token.balanceOf(second_holder) == shares
    assert held.token.nav_per_share() > per_share
    held.check()


def test_first_mint(harness: SystemHarness, depositor: str) -> None:
    """A share starts at one whole unit; opening at L costs the trade or the fee. [T-MINT-3]"""
    shares = 50_000 * 10**18
    promised = harness.token.previewMint(shares)
    harness.mint(shares, depositor)
    fee = -(-50_000_000_000 * 10_000 // 9_990)
    assert promised == max(fee, 50_000_000_000 + harness.model.token.last_cost + 5)
    assert harness.report().exposure == 50_000_000_000
    harness.check()


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
    """[T-MINT-5]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    collateral = harness.system.collateral
    for shares, percent in ((100_000, 2), (123, -1), (7_777, 0)):
        amount = shares * 10**18 + 1
        flow = preview(harness, Kind.MINT, amount)
        before = collateral.balanceOf(depositor), harness.token.balanceOf(depositor)
        harness.mint(amount, depositor)
        assert before[0] - collateral.balanceOf(depositor) == flow.assets
        assert harness.token.balanceOf(depositor) - before[1] == amount
        harness.check()
        harness.move([percent + i % 2 for i in range(k)], 3_600)


def test_as_dear_as_a_deposit(held: SystemHarness) -> None:
    """Netted, what a mint takes would have bought at least as much; hedged, as much to
    a millionth, because a deposit hedges its fee as well. [T-MINT-4]"""
    for shares in (1, 10**12, HUNDRED):
        paid = held.token.previewMint(shares)
        assert held.token.previewDeposit(paid) >= shares
    assert held.token.previewDeposit(held.token.previewMint(HUNDRED) - 1) < HUNDRED
    for shares in (1_000 * 10**18, 20_000 * 10**18):
        paid = held.token.previewMint(shares)
        assert abs(held.token.previewDeposit(paid) - shares) * 10**6 < shares


def test_max_assets_one_wei_tighter_reverts(held: SystemHarness, second_holder: str) -> None:
    """[T-MINT-6]"""
    for shares in (HUNDRED, 20_000 * 10**18):
        paid = held.token.previewMint(shares)
        with refused(held, "token: assets above maximum"):
            held.token.mint(shares, second_holder, paid - 1, sender=second_holder)
        held.token.mint(shares, second_holder, paid, sender=second_holder)


def test_deadline(held: SystemHarness, second_holder: str) -> None:
    """[T-MINT-7]"""
    with refused(held, "token: deadline passed"):
        held.token.mint(HUNDRED, second_holder, 10**12, held.now - 1, sender=second_holder)
    held.token.mint(HUNDRED, second_holder, 10**12, held.now, sender=second_holder)


def test_zeros(held: SystemHarness, second_holder: str) -> None:
    """[T-MINT-8]"""
    with refused(held, "token: zero assets"):
        held.token.mint(0, second_holder, sender=second_holder)
    with refused(held, "token: receiver is zero"):
        held.token.mint(HUNDRED, ZERO, sender=second_holder)


def test_the_smallest_mint_is_not_free(held: SystemHarness, second_holder: str) -> None:
    """[T-MINT-8]"""
    before = held.system.collateral.balanceOf(second_holder)
    held.mint(1, second_holder)
    assert held.system.collateral.balanceOf(second_holder) == before - 2  # value and fee
    held.check()


def test_paused(held: SystemHarness, owner: str, second_holder: str) -> None:
    """[M-PAUSE-3]"""
    held.token.pause_mint(sender=owner)
    with refused(held, "token: mint is paused"):
        held.token.mint(HUNDRED, second_holder, sender=second_holder)


def size_of(shares: int, n: int, supply: int) -> int:
    """Value of shares at N, rounded up."""
    return -(-shares * (n + 1) // (supply + 10**12))


def test_nav_cap_to_the_unit(held: SystemHarness, second_holder: str) -> None:
    """N at bid and what is minted, the fee apart. [T-OWN-5]"""
    bid = NET + SPREAD
    set_nav_cap(held, bid + size_of(HUNDRED, bid, FIRST_SHARES))
    with refused(held, "token: above NAV cap"):
        held.token.mint(HUNDRED + 10**12, second_holder, sender=second_holder)
    held.mint(HUNDRED, second_holder)
    assert held.token.totalSupply() == FIRST_SHARES + HUNDRED
    held.check()


def test_the_cap_is_of_value(held: SystemHarness, second_holder: str) -> None:
    """Whatever a share is worth: after a fall of the index fewer are minted. [T-OWN-5]"""
    held.move(-60)
    assert held.token.nav_per_share() > WAD * 3 // 2
    set_nav_cap(held, held.report().bid + 100 * 10**6)
    with refused(held, "token: above NAV cap"):
        held.token.mint(HUNDRED, second_holder, sender=second_holder)
    held.mint(60 * 10**18, second_holder)
    held.check()


def test_stale_prices(held: SystemHarness, second_holder: str) -> None:
    held.chain.increase_time(7 * 86_400 + 1)
    with refused(held, "oracle: stale price"):
        held.token.mint(HUNDRED, second_holder, sender=second_holder)


def test_netted_and_hedged_by_size(held: SystemHarness, second_holder: str) -> None:
    """[T-MINT-9]"""
    assert flow_events(held.mint(HUNDRED, second_holder), held.token) == ["FlowNetted"]
    big = held.mint(1_000 * 10**18, second_holder)
    assert flow_events(big, held.token) == ["FlowHedged"]
