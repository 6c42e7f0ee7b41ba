# SPDX-License-Identifier: AGPL-3.0-only
"""A debt over all that Aave holds for it is given up, late, by chain and model alike."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.wind_down_bound import PATIENCE
from inverse_index.model.token.modes import Mode
from tests.support.assertions import only_event, reverts
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

EMPTY = "vault: Aave refused a withdrawal, code 32"


@pytest.fixture
def ruined(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> SystemHarness:
    """The component doubles but for a little; anyone winds down, liquidators take
    what is supplied, and a debt remains."""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(1))
    for holder, whole in ((depositor, 200_000), (second_holder, 100_000)):
        harness.fund(holder)
        harness.deposit(whole * harness.system.unit, holder)
    harness.move(0, 86_400)
    harness.rebalance()
    harness.post({"C0": 3_985 * 10**8})
    harness.wind_down(keeper)
    while (symbol := harness.model.venue.liquidation(harness.now)) is not None:
        harness.system.venue.liquidate(symbol, harness.system.vault, keeper)
        harness.model.venue.liquidate(symbol, harness.now)
    harness.check()
    return harness


def test_not_before_ten_days(ruined: SystemHarness) -> None:
    a_token = ruined.system.venue.receipts[ruined.plan.collateral_symbol][0]
    debt = ruined.system.venue.receipts["C0"][1].balanceOf(ruined.system.vault)
    assert a_token.balanceOf(ruined.system.vault) == 0 < debt
    ruined.chain.increase_time(PATIENCE - 1)
    ruined.move(0)
    with reverts(EMPTY):
        ruined.token.rebalance(sender=ruined.keeper)
    ruined.check()


def test_then_holders_share_what_was_kept_idle(
    ruined: SystemHarness, depositor: str, second_holder: str
) -> None:
    idle = ruined.system.vault.idle()
    ruined.chain.increase_time(PATIENCE)
    receipt = ruined.rebalance()
    only_event(receipt, ruined.token, "ModeSet", mode=int(Mode.SETTLED))
    ruined.check()
    assert ruined.report().mid == idle > 5_000 * ruined.system.unit
    had, shares = ruined.system.collateral.balanceOf(depositor), ruined.token.balanceOf(depositor)
    part = idle * shares // ruined.token.totalSupply()
    ruined.redeem(shares, depositor)
    assert 0 <= part - (ruined.system.collateral.balanceOf(depositor) - had) <= 1
    ruined.redeem(ruined.token.balanceOf(second_holder), second_holder)
    ruined.check()
    assert ruined.model.token.nav_per_share(ruined.now) <= WAD
