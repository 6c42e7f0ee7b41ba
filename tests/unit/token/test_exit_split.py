# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind: who mints ahead of it gains nothing, and who
leaves with nearly all shares is paid as the last holder is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from tests.support.constants import DAY, WAD
from tests.support.plans import ORACLE, make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
PLANS = {"perp": make_plan, "aave": make_aave_plan}
WHALE = 1_027_000 * UNIT


@pytest.fixture(params=PLANS)
def whale(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
) -> SystemHarness:
    """A sole holder of a million, without a streaming fee; somebody else has money."""
    harness = deploy_harness(chain, owner, keeper, PLANS[request.param](fee_rate=0))
    for who in (depositor, attacker):
        harness.fund(who)
    harness.deposit(WHALE, depositor)
    return harness


def left_with(harness: SystemHarness, who: str, shares: int) -> int:
    """What an exit pays."""
    before = harness.system.collateral.balanceOf(who)
    harness.redeem(shares, who, 0)
    return int(harness.system.collateral.balanceOf(who) - before)


@pytest.mark.parametrize("dust", [100, UNIT, 100 * UNIT, 10_000 * UNIT])
def test_minting_ahead_of_an_exit(
    whale: SystemHarness, depositor: str, attacker: str, dust: int
) -> None:
    """In front of an exit of all but that, and out as the last holder. [T-RED-20]"""
    shares, report = whale.token.balanceOf(depositor), whale.report()
    above = report.bid - report.mid + report.mid // 1_000  # spread and fee of all of N
    alone = whale.token.previewRedeem(shares)
    before = whale.system.collateral.balanceOf(attacker)
    whale.deposit(dust, attacker)
    paid = left_with(whale, depositor, shares)
    left_with(whale, attacker, whale.token.balanceOf(attacker))
    assert whale.system.collateral.balanceOf(attacker) <= before + 2  # roundings
    assert paid >= alone - UNIT // 100 - above * dust // WHALE
    whale.check()


@pytest.mark.parametrize("percent", [60, 70, 90, 99])
@pytest.mark.parametrize("exact", [False, True])
def test_a_part_of_the_token(
    whale: SystemHarness, depositor: str, attacker: str, percent: int, exact: bool
) -> None:
    """By `redeem` and by `withdraw`: those who stay have no less a share than before, and
    of spread and fee no more than the part that leaves, and their part of what the
    trade gains. A withdrawal, whose trade is
    quoted at the slippage bound's size, leaves a hundredth of its gain, too.
    [T-RED-19] [T-WDR-11]"""
    whale.deposit(WHALE * (100 - percent) // percent, attacker)
    report = whale.report()
    assert report.state.flows.reserve == 0
    above = report.bid - report.mid + report.mid // 1_000
    before = report.mid * WAD // report.total_supply
    if exact:
        whale.withdraw(whale.token.maxWithdraw(depositor), depositor)
        above += report.mid * 20 // 10_000
    else:
        whale.redeem(whale.token.balanceOf(depositor), depositor, 0)
    after = whale.report()
    leaves = report.total_supply - after.total_supply
    supply, left = report.total_supply, after.total_supply
    theirs = (report.mid + above * leaves // supply + 1) * WAD // supply
    theirs += 2 * max(-whale.model.token.last_cost, 0) * WAD // (supply + left) + 1
    assert before <= after.mid * WAD // left <= theirs
    whale.check()


@pytest.mark.parametrize("venue", PLANS)
@pytest.mark.parametrize("spread_bps", [50, 100])
@pytest.mark.parametrize("minted", [50_000, 100_000, 150_000, 200_000])
@pytest.mark.parametrize("exact", [False, True])
def test_a_large_mint_ahead_of_an_exit(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
    venue: str,
    spread_bps: int,
    minted: int,
    exact: bool,
) -> None:
    """In front of a holder of 100,000 who leaves with all shares, or withdraws what he
    can. [T-RED-20]"""
    least = spread_bps * WAD // 10_000
    oracle = replace(ORACLE, fallback_spread=2 * least, max_spread=4 * least)
    plan = PLANS[venue](fee_rate=0, oracle=oracle, min_spread=least)
    harness = deploy_harness(chain, owner, keeper, plan)
    for who in (depositor, attacker):
        harness.fund(who)
    harness.deposit(100_000 * UNIT, depositor)
    before = harness.system.collateral.balanceOf(attacker)
    harness.deposit(minted * UNIT, attacker)
    if exact:
        harness.withdraw(harness.token.maxWithdraw(depositor), depositor)
    else:
        left_with(harness, depositor, harness.token.balanceOf(depositor))
    left_with(harness, attacker, harness.token.balanceOf(attacker))
    won = harness.system.collateral.balanceOf(attacker) - before
    assert -minted * UNIT // 100 < won < 0
    harness.check()


def test_minting_ahead_of_a_withdrawal(whale: SystemHarness, depositor: str, attacker: str) -> None:
    """Of all that it may take. [T-RED-20] [T-WDR-11]"""
    before = whale.system.collateral.balanceOf(attacker)
    whale.deposit(100 * UNIT, attacker)
    whale.withdraw(whale.token.maxWithdraw(depositor), depositor)
    left_with(whale, attacker, whale.token.balanceOf(attacker))
    assert whale.system.collateral.balanceOf(attacker) <= before
    whale.check()


def test_the_last_holder_among_fee_shares(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """A day of the streaming fee is the fee recipient's: whoever else leaves pays the
    cost of closing, neither fee nor spread. [T-RED-5]"""
    harness = deploy_harness(chain, owner, keeper, make_plan())
    harness.fund(depositor)
    harness.deposit(WHALE, depositor)
    harness.move(0, DAY)
    harness.token.accrue_fee(sender=keeper)
    harness.model.token.accrue_fee(harness.now)
    report = harness.report()
    shares, supply = harness.token.balanceOf(depositor), report.total_supply
    part = report.mid * shares // supply
    paid = left_with(harness, depositor, shares)
    assert part - paid <= harness.model.token.last_cost + UNIT
    assert harness.report().mid >= report.mid - report.mid * shares // supply - 1
    harness.check()


def test_what_waits_leaves_in_proportion(
    whale: SystemHarness, depositor: str, attacker: str
) -> None:
    """The fees of netted flows are not left to who stays with dust. [T-RED-2]"""
    whale.deposit(4_000 * UNIT, attacker)
    reserve = whale.token.state().flows.reserve
    assert reserve == 4 * UNIT
    left_with(whale, attacker, whale.token.balanceOf(attacker) - 10**15)
    whale.deposit(4_000 * UNIT, attacker)
    left_with(whale, depositor, whale.token.balanceOf(depositor))
    supply, flows = whale.token.totalSupply(), whale.token.state().flows
    assert supply < 4_100 * 10**18
    assert flows.reserve < UNIT // 10
    whale.check()
