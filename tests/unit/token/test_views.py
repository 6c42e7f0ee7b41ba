# SPDX-License-Identifier: AGPL-3.0-only
"""totalAssets, convertTo*, nav_per_share, state, due."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.token import nav
from tests.support.assertions import reverts
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

from .conftest import FIRST_SHARES
from .test_deposit import NET


def test_before_anything(harness: SystemHarness, depositor: str) -> None:
    """[M-ACT-1]"""
    token = harness.token
    assert token.state().mode == 1  # ACTIVE
    assert token.totalAssets() == 0
    assert token.convertToShares(10**6) == 10**18
    assert token.convertToAssets(10**18) == 10**6
    assert token.nav_per_share() == 10**18
    assert token.maxRedeem(depositor) == token.maxWithdraw(depositor) == 0


def test_by_hand(held: SystemHarness) -> None:
    """[T-VAL-1] [T-VAL-3]"""
    token, supply = held.token, FIRST_SHARES + 10**12
    assert token.totalAssets() == NET
    assert token.convertToShares(10**9) == 10**9 * supply // (NET + 1)
    assert token.convertToAssets(10**21) == 10**21 * (NET + 1) // supply
    assert token.nav_per_share() == (NET + 1) * 10**30 // supply


@pytest.mark.parametrize(("k", "decimals", "multiple"), [(1, 18, 3), (3, 8, 2), (10, 6, 1)])
def test_as_the_model(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """[T-VAL-3]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    harness.deposit(50_000 * harness.system.unit, depositor)
    harness.deposit(50 * harness.system.unit, depositor)
    harness.move([i % 7 - 3 for i in range(k)], 7_200)
    c, virtual = harness.model.token.context(harness.now), harness.model.token.virtual
    assert harness.token.totalAssets() == c.v.mid
    assert harness.token.nav_per_share() == harness.model.token.nav_per_share(harness.now)
    for amount in (1, 10**9 + 7, 10**24 + 1):
        assets = nav.assets_down(amount, c.v.mid, c.supply, virtual)
        assert harness.token.convertToAssets(amount) == assets
        shares = nav.shares_down(amount, c.v.mid, c.supply, virtual)
        assert harness.token.convertToShares(amount) == shares


def test_the_spread_lies_between_deposit_and_redemption(held: SystemHarness) -> None:
    """Mid is between bid and ask; mint at the highest N, redeem at the lowest. [T-VAL-2]"""
    for shares in (10**18, 10**21, 20_000 * 10**18):
        mid = held.token.convertToAssets(shares)
        assert held.token.previewRedeem(shares) < mid < held.token.previewMint(shares)


def test_reserve_and_fee_are_not_the_holders(held: SystemHarness, second_holder: str) -> None:
    """A netted deposit moves N per share at the most up, by the spread."""
    before = held.token.nav_per_share()
    held.deposit(400 * 10**6, second_holder)
    state = held.report()
    assert state.mid == state.held.idle + state.held.equity - 400_000
    assert 0 <= held.token.nav_per_share() - before < 10**14


PRICED = {
    "totalAssets": (),
    "convertToShares": (1,),
    "convertToAssets": (1,),
    "nav_per_share": (),
    "previewDeposit": (10**8,),
    "previewMint": (10**18,),
    "previewWithdraw": (10**8,),
    "previewRedeem": (10**18,),
    "due": (),
}


@pytest.mark.parametrize("name", PRICED)
def test_priced_views_say_why_they_cannot(held: SystemHarness, name: str) -> None:
    """[T-VAL-5]"""
    held.token.method(name)(*PRICED[name])
    held.chain.increase_time(7 * 86_400 + 1)
    with reverts("oracle: stale price"):
        held.token.method(name)(*PRICED[name])


def test_the_rest_answers_without_prices(held: SystemHarness, depositor: str) -> None:
    """[T-VAL-6]"""
    held.chain.increase_time(7 * 86_400 + 1)
    assert held.token.totalSupply() == FIRST_SHARES
    assert held.token.state().supply > FIRST_SHARES
    assert held.token.asset() == held.system.collateral.address
    assert held.token.maxRedeem(depositor) == 0


def test_a_depeg_of_the_collateral_is_a_price_move(held: SystemHarness) -> None:
    """A dollar of collateral at 0.90: the index is worth 1 / 0.9 as much in it. [T-VAL-7]"""
    held.post({"USDC": 90_000_000})
    report = held.report()
    assert report.prices.mid[0] == 2_000 * 10**26 // (9 * 10**7)
    assert report.exposure == 4_995 * 10**16 * report.prices.mid[0] // 10**30
    assert abs(report.mid - (NET - 11_100_000_000)) <= 1
    held.check()


def test_a_lowered_price_is_at_least_zero(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """Sources that disagree fivefold: the bid N is what it would be at a price of zero, for
    that component alone; the ask N is what a fivefold price leaves. [T-VAL-2]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(2))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    answers = harness.system.answers(harness.prices)
    answers[2] //= 5
    receipt = harness.system.board.post(answers, sender=owner)
    disputed = harness.model.oracle.components[0]
    disputed.secondary = disputed.secondary.at(answers[2], receipt.timestamp)
    for asset, answer in zip(harness.model.oracle.components, answers, strict=False):
        asset.primary = asset.primary.at(answer, receipt.timestamp)
    other = harness.model.oracle.components[1]
    other.secondary = other.secondary.at(answers[3], receipt.timestamp)
    collateral = harness.model.oracle.collateral
    collateral.primary = collateral.primary.at(answers[4], receipt.timestamp)
    harness.check()
    report = harness.report()
    assert report.prices.spread[0] > 4 * WAD and report.prices.spread[1] < WAD // 100
    first, second = (
        s * m // 10**30 for s, m in zip(report.held.shorts[:2], report.prices.mid[:2], strict=True)
    )
    most = report.mid + first + second * report.prices.spread[1] // WAD
    assert most <= report.bid <= most + 4
    assert harness.system.views.nav(harness.token) == (report.bid, report.mid, report.ask)
    assert report.ask == 0
