# SPDX-License-Identifier: AGPL-3.0-only
"""Money for a moment: in, rebalance, out. Time stands still, so that the three
calls see what those of one transaction would see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.systems import Bench, deploy_bench, make_aave_plan, make_plan

DAY, UNIT = 86_400, 10**6


@pytest.fixture(scope="module", params=["perp", "aave"])
def deployed(
    request: Any, chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> Bench:
    """100,000 of the depositor's; the attacker can borrow a thousand times that."""
    plan = make_plan() if request.param == "perp" else make_aave_plan()
    bench = deploy_bench(chain, owner, keeper, plan)
    for account in (depositor, attacker):
        bench.fund(account)
    bench.deposit(100_000 * UNIT, depositor)
    return bench


@pytest.fixture
def bench(deployed: Bench) -> Bench:
    """With prices of its own; the model is not asked here."""
    return replace(deployed, prices=dict(deployed.plan.prices))


def value(bench: Bench, holder: str) -> int:
    """Native collateral that a holder's shares are worth at mid prices."""
    worth: int = bench.token.convertToAssets(bench.token.balanceOf(holder))
    return worth


@pytest.mark.parametrize("percent", [-4, 7])
@pytest.mark.parametrize("paid", [400, 20_000, 1_000_000])
def test_mint_rebalance_redeem(
    bench: Bench, depositor: str, attacker: str, percent: int, paid: int
) -> None:
    """He gains no more than the reward that was his without the money, and the holder
    keeps what an honest keeper would have left him. [T-FLOW-6]"""
    chain, token, collateral = bench.chain, bench.token, bench.system.collateral
    bench.move(percent, DAY + 3_600)
    start = collateral.balanceOf(attacker)

    honest = chain.snapshot()
    token.rebalance(sender=attacker)
    reward, left = collateral.balanceOf(attacker) - start, value(bench, depositor)
    assert reward > 0
    chain.revert(honest)

    token.deposit(paid * UNIT, attacker, sender=attacker)
    assert token.due().triggers
    token.rebalance(sender=attacker)
    token.redeem(token.balanceOf(attacker), attacker, attacker, 0, sender=attacker)
    assert collateral.balanceOf(attacker) - start < reward
    assert value(bench, depositor) >= left - 1


@pytest.mark.parametrize("paid", [400, 20_000, 1_000_000])
def test_redeem_before_and_mint_after(
    bench: Bench, attacker: str, paid: int
) -> None:
    """Out before a reset that costs, in again after it: dearer than to stay. [T-FLOW-6]"""
    chain, token, collateral = bench.chain, bench.token, bench.system.collateral
    token.deposit(paid * UNIT, attacker, sender=attacker)
    bench.move(5, DAY + 3_600)

    stays = chain.snapshot()
    token.rebalance(sender=bench.keeper)
    held = collateral.balanceOf(attacker) + value(bench, attacker)
    chain.revert(stays)

    had = collateral.balanceOf(attacker)
    token.redeem(token.balanceOf(attacker), attacker, attacker, 0, sender=attacker)
    taken = collateral.balanceOf(attacker) - had
    if token.due().triggers:
        token.rebalance(sender=bench.keeper)
    token.deposit(taken, attacker, sender=attacker)
    assert collateral.balanceOf(attacker) + value(bench, attacker) <= held
