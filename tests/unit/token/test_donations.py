# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that is sent somewhere instead of paid in changes nobody's claim."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.systems import Bench, deploy_bench, make_plan


@pytest.mark.parametrize("place", ["vault", "token", "exchange", "pool", "oracle", "quoter"])
@pytest.mark.parametrize("assets", [1, 10**12])
def test_nobody_s_claim_moves(
    held: Bench, second_holder: str, attacker: str, depositor: str, place: str, assets: int
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
    bench = deploy_bench(chain, owner, keeper, make_plan(decimals=decimals))
    bench.fund(attacker)
    bench.fund(depositor)
    unit, collateral = bench.system.unit, bench.system.collateral
    start = collateral.balanceOf(attacker)
    bench.deposit(max(unit // 10**6, 1_000), attacker)
    collateral.transfer(bench.system.vault, 10_000 * unit, sender=attacker)
    collateral.transfer(bench.token, 10_000 * unit, sender=attacker)
    bench.deposit(1_000 * unit, depositor)
    worth = bench.token.previewRedeem(bench.token.balanceOf(depositor))
    assert worth > 996 * unit
    bench.redeem(bench.token.balanceOf(attacker), attacker, min_assets=0)
    assert collateral.balanceOf(attacker) < start - 19_999 * unit
    bench.check()


def test_a_redeemed_supply_leaves_no_price_to_play_with(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str
) -> None:
    """With 18 decimals there is one virtual share: whoever leaves a single wei of
    shares behind has paid more for its price than rounding can bring him. [T-VAL-9]"""
    bench = deploy_bench(chain, owner, keeper, make_plan(decimals=18, fee_rate=0))
    bench.fund(attacker)
    bench.fund(depositor)
    collateral = bench.system.collateral
    start = collateral.balanceOf(attacker)
    bench.deposit(100_000 * 10**18, attacker)
    bench.redeem(bench.token.balanceOf(attacker) - 1, attacker)
    for paid in (200, 300, 1_000):
        bench.deposit(paid * 10**18, depositor)
        bench.check()
    bench.redeem(1, attacker, min_assets=0)
    assert collateral.balanceOf(attacker) < start
    bench.check()


def test_a_round_trip_loses(held: Bench, attacker: str) -> None:
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


def test_everything_is_somewhere(held: Bench, depositor: str, second_holder: str) -> None:
    """Collateral of vault and exchange is what they account for, to the unit. [T-VAL-10]"""
    collateral, system = held.system.collateral, held.system
    held.deposit(10**8, second_holder)
    held.move(-5, 3_600)
    held.redeem(30_000 * 10**18, depositor)
    assert collateral.balanceOf(system.vault) == system.vault.idle()
    for holder in (system.venue.exchange, system.venue.pool):
        assert collateral.balanceOf(holder) == holder.held()
    assert collateral.balanceOf(system.token) == 0
