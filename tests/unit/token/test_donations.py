# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that is sent somewhere instead of paid in changes nobody's claim."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.mark.parametrize(
    "place", ["vault", "token", "exchange", "pool", "oracle", "policy", "views"]
)
@pytest.mark.parametrize("assets", [1, 10**12])
def test_nobody_s_claim_moves(
    held: SystemHarness, second_holder: str, attacker: str, depositor: str, place: str, assets: int
) -> None:
    """[T-VAL-8]"""
    before = (
        held.report().mid,
        held.token.nav_per_share(),
        held.token.previewRedeem(10**21),
        held.token.previewDeposit(10**9),
        held.token.maxDeposit(depositor),
        held.system.venue.pool.equity(),
    )
    held.system.collateral.mint(attacker, assets, sender=attacker)
    target = held.system.addresses()[place]
    held.system.collateral.transfer(target, assets, sender=attacker)
    assert before == (
        held.report().mid,
        held.token.nav_per_share(),
        held.token.previewRedeem(10**21),
        held.token.previewDeposit(10**9),
        held.token.maxDeposit(depositor),
        held.system.venue.pool.equity(),
    )
    held.deposit(10**8, second_holder)
    held.redeem(held.token.balanceOf(second_holder), second_holder)
    held.chain.increase_time(86_400)
    held.rebalance()
    held.check()


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_first_depositor_inflation(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str, decimals: int
) -> None:
    """A speck of shares, a large gift to the vault, a victim: who gains is nobody. [T-VAL-9]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=decimals))
    harness.fund(attacker)
    harness.fund(depositor)
    unit, collateral = harness.system.unit, harness.system.collateral
    start = collateral.balanceOf(attacker)
    harness.deposit(max(unit // 10**6, 1_000), attacker)
    collateral.transfer(harness.system.vault, 10_000 * unit, sender=attacker)
    collateral.transfer(harness.token, 10_000 * unit, sender=attacker)
    harness.deposit(1_000 * unit, depositor)
    worth = harness.token.previewRedeem(harness.token.balanceOf(depositor))
    assert worth > 996 * unit
    harness.redeem(harness.token.balanceOf(attacker), attacker, min_assets=0)
    assert collateral.balanceOf(attacker) < start - 19_999 * unit
    harness.check()


def test_a_redeemed_supply_leaves_no_price_to_play_with(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str
) -> None:
    """With 18 decimals there is one virtual share: whoever leaves a single wei of
    shares behind has paid more for its price than rounding can bring him. [T-VAL-9]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=18, fee_rate=0))
    harness.fund(attacker)
    harness.fund(depositor)
    collateral = harness.system.collateral
    start = collateral.balanceOf(attacker)
    harness.deposit(100_000 * 10**18, attacker)
    harness.redeem(harness.token.balanceOf(attacker) - 1, attacker)
    for paid in (200, 300, 1_000):
        harness.deposit(paid * 10**18, depositor)
        harness.check()
    harness.redeem(1, attacker, min_assets=0)
    assert collateral.balanceOf(attacker) < start
    harness.check()


def test_a_round_trip_loses(held: SystemHarness, attacker: str) -> None:
    """In both regimes, at once, to the venue, the fees and the spread. [T-FLOW-2]"""
    for paid in (10**8, 20_000 * 10**6):
        held.fund(attacker, paid)
        held.deposit(paid, attacker)
        held.redeem(held.token.balanceOf(attacker), attacker)
        assert held.system.collateral.balanceOf(attacker) < paid * 9_985 // 10_000
        held.system.collateral.transfer(
            held.owner, held.system.collateral.balanceOf(attacker), sender=attacker
        )
    held.check()


def test_everything_is_somewhere(held: SystemHarness, depositor: str, second_holder: str) -> None:
    """Collateral of vault and exchange is what they account for, to the unit. [T-VAL-10]"""
    collateral, system = held.system.collateral, held.system
    held.deposit(10**8, second_holder)
    held.move(-5, 3_600)
    held.redeem(30_000 * 10**18, depositor)
    assert collateral.balanceOf(system.vault) == system.vault.idle()
    for holder in (system.venue.exchange, system.venue.pool):
        assert collateral.balanceOf(holder) == holder.held()
    assert collateral.balanceOf(system.token) == 0
