# SPDX-License-Identifier: AGPL-3.0-only
"""Maximums and previews of exits that were not so: `maxRedeem` did not count what the
trade of an exit gains, which is paid out as well, and reverted while margin was short;
`previewWithdraw` said 0 shares where that gain made up for the whole withdrawal; a
settled token's `maxWithdraw` was above all that it held."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.constants import DAY, HOUR
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import rebalance

UNIT = 10**6


def risen(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, multiple: int, percent: float
) -> SystemHarness:
    """A token with a tenth of its collateral idle, after a rise that takes its margin."""
    plan = make_plan(1, 6, multiple, idle_buffer=WAD // 10)
    harness = deploy_harness(chain, owner, keeper, plan)
    harness.fund(depositor)
    harness.deposit(1_000_000 * UNIT, depositor)
    chain.increase_time(HOUR)
    moved = round(harness.prices["C0"] * (100 + percent) / 100)
    harness.post({"C0": moved})
    return harness


@pytest.mark.parametrize(("multiple", "percent"), [(3, 26), (2, 39.5), (1, 60)])
def test_max_redeem_while_margin_is_short(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, multiple: int, percent: float
) -> None:
    """[T-MAX-2] [T-MAX-7]"""
    harness = risen(chain, owner, keeper, depositor, multiple, percent)
    most = harness.token.maxRedeem(depositor)
    assert most > 0
    harness.redeem(most, depositor)
    assert harness.result.assets > 10_000 * UNIT
    harness.check()


def test_withdrawals_that_the_gain_of_their_trade_pays(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """A leverage of 75: the shares of a withdrawal rise with it. [T-WDR-3]"""
    harness = risen(chain, owner, keeper, depositor, 2, 47.5)
    burned = [harness.token.previewWithdraw(whole * UNIT) for whole in (100, 180, 1_000, 2_000)]
    assert 0 < burned[0] < burned[1] < burned[2] < burned[3]
    harness.withdraw(180 * UNIT, depositor)
    assert harness.result.shares == burned[1]
    harness.check()


def test_max_withdraw_of_a_settled_token(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """18 decimals, and a share below its start: no more than there is. [T-MAX-2]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(1, 18, 3))
    harness.fund(depositor)
    harness.deposit(1_000 * 10**18, depositor)
    harness.move(30)
    harness.wind_down(owner)
    chain.increase_time(DAY)
    rebalance(harness)
    most = harness.token.maxWithdraw(depositor)
    assert 0 < most <= harness.system.vault.remainder()
    harness.withdraw(most, depositor)
