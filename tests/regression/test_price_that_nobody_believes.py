# SPDX-License-Identifier: AGPL-3.0-only
"""The primary feed alone doubled for one round: the oracle said STEP and SPREAD, and
anybody could liquidate a token's vault at that price. A share fell from 1.0 to 0.02 and
stayed there when the feed was right again; at three times the index a lone source that
was a third too high for one round did the same."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
HEALTHY = "exchange: account is healthy"


@pytest.mark.parametrize(
    ("multiple", "secondaries", "percent"),
    [(1, True, 200), (1, True, 1_000), (1, False, 200), (3, False, 134), (3, True, 140)],
)
def test_one_false_round(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
    multiple: int,
    secondaries: bool,
    percent: int,
) -> None:
    """[X-RES-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=multiple), secondaries)
    harness.fund(depositor)
    harness.deposit(1_000_000 * UNIT, depositor)
    exchange, vault = harness.system.venue.exchange, harness.system.vault
    before = harness.token.nav_per_share()
    answer(harness, percent)
    assert harness.system.oracle.read().restriction != 0
    with reverts(HEALTHY):
        exchange.liquidate(vault, attacker, sender=attacker)
    answer(harness, 100)
    assert exchange.size(vault, 0) < 0
    assert abs(harness.token.nav_per_share() - before) < WAD // 10**6
    with reverts(HEALTHY):
        exchange.liquidate(vault, attacker, sender=attacker)


def answer(harness: SystemHarness, percent: int) -> None:
    """Of the component's primary, in parts of the first price."""
    board = harness.system.board
    assert board is not None
    board.post_one(0, harness.plan.prices["C0"] * percent // 100, sender=harness.owner)


def test_holders_leave_meanwhile(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """All shares at once, at the wide ask; the last one has what is there: the exchange fills
    at the worse of what both sources say, which is the present price here. [T-RED-7]
    [X-RES-3]"""
    harness = deploy_harness(chain, owner, keeper)
    for holder in (depositor, second_holder):
        harness.fund(holder)
        harness.deposit(100_000 * UNIT, holder)
    answer(harness, 110)
    token, collateral = harness.token, harness.system.collateral
    total = token.totalAssets()
    got = []
    for holder in (depositor, second_holder):
        shares, before = token.balanceOf(holder), collateral.balanceOf(holder)
        assert token.maxRedeem(holder) == shares
        promised = token.previewRedeem(shares)
        token.redeem(shares, holder, holder, sender=holder)
        got.append(collateral.balanceOf(holder) - before)
        assert promised <= got[-1]
    assert 77_000 * UNIT < got[0] < 80_000 * UNIT
    assert total * 998 // 1_000 < sum(got) < total


@pytest.mark.parametrize("percent", [55, 45, 20])
def test_holders_leave_far_below_the_accepted_price(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, percent: int
) -> None:
    """A lone source falls by more than half: what is bought back at the accepted price costs
    more than twice the notional at the present one. `maxRedeem` promised what the slippage
    bound then refused. [T-RED-7] [T-MAX-1]"""
    harness = deploy_harness(chain, owner, keeper, secondaries=False)
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    answer(harness, percent)
    token = harness.token
    shares, collateral = token.maxRedeem(depositor), token.maxWithdraw(depositor)
    assert token.balanceOf(depositor) == shares and collateral > 0
    promised = token.previewRedeem(shares)
    assert token.redeem.call(shares, depositor, depositor, sender=depositor) >= promised > 0
    assert token.withdraw.call(collateral, depositor, depositor, sender=depositor) <= shares
