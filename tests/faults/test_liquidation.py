# SPDX-License-Identifier: AGPL-3.0-only
"""An index that rises by more than the leverage bears within an hour: Aave lets
anybody liquidate the vault. Nobody's share of the rest is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import MAX_UINT256, WAD
from inverse_index.model.protocols.aave.liquidation import Seizure
from tests.support.constants import HOUR
from tests.support.fault_actions import (
    ALL,
    BOUNDED,
    DEPOSIT_HEDGED,
    HEDGED,
    IN_KIND,
    LESS,
    MORE,
    Row,
    act,
    maxima,
    outcomes,
    redeem,
    redeem_in_kind,
    row,
)
from tests.support.fault_harness import USDC, FaultHarness
from tests.support.plans import PARAMETERS, make_aave_plan

REFUSED = "vault: Aave refused a withdrawal, code 35"
NO_LOAN = "vault: Aave refused a loan, code 36"


@pytest.fixture(scope="module", params=[(1, 60), (2, 30)], ids=["-1x after 60%", "-2x after 30%"])
def _fallen(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
) -> FaultHarness:
    multiple, percent = request.param
    parameters = replace(PARAMETERS, band_bps=1_500, emergency_bps=25_000)
    plan = make_aave_plan(multiple=multiple, parameters=parameters)
    made = FaultHarness.deployed(chain, owner, keeper, (depositor, second_holder), plan)
    made.base.move(percent, HOUR)
    return made


@pytest.fixture
def fallen(_fallen: FaultHarness) -> Iterator[FaultHarness]:
    saved = _fallen.saved()
    yield _fallen
    _fallen.restore(saved)


def liquidate(harness: FaultHarness, liquidator: str, amount: int = MAX_UINT256) -> Seizure:
    """On Aave itself and in the model, which agree on what is taken."""
    debt = harness.debt_token("C0").balanceOf(harness.vault)
    harness.give("C0", liquidator, min(amount, debt))
    harness.erc20("C0").approve(harness.venue.pool, min(amount, debt), sender=liquidator)
    had, owed = harness.usdc.balanceOf(liquidator), debt
    component = harness.venue.tokens["C0"]
    harness.venue.pool.liquidationCall(
        harness.usdc, component, harness.vault, amount, False, sender=liquidator
    )
    taken = harness.aave.liquidate(USDC, "C0", "vault", amount, "liquidator", harness.base.now)
    assert harness.usdc.balanceOf(liquidator) - had == taken.collateral
    assert abs(owed - harness.debt_token("C0").balanceOf(harness.vault) - taken.repaid) <= 1
    harness.check()
    return taken


def test_before_anybody_liquidates(fallen: FaultHarness, table: list[Row]) -> None:
    """The account is unhealthy: exits of a part are refused but for netting. A
    rebalance restores it at once."""
    assert fallen.vault.health() < WAD
    refused = dict.fromkeys((HEDGED, BOUNDED, IN_KIND), REFUSED) | {DEPOSIT_HEDGED: NO_LOAN}
    assert outcomes(fallen) == ALL | refused
    table.append(row(f"-{fallen.base.plan.multiple}x unhealthy after an hour", refused))
    most, n = maxima(fallen), fallen.n()
    assert 0 < most["Withdraw"] < n // 190
    assert 0 < most["Deposit"] < n // 190
    fallen.base.rebalance()
    fallen.check()
    assert fallen.vault.health() > 105 * WAD // 100
    assert act(fallen, redeem(20)) == act(fallen, redeem_in_kind(20)) == ""


def test_liquidated(fallen: FaultHarness, table: list[Row], liquidator: str) -> None:
    """N falls by just the bonus; then all works. [VA-11]"""
    n, health = fallen.n(), fallen.vault.health()
    debt = fallen.debt_token("C0").balanceOf(fallen.vault)
    taken = liquidate(fallen, liquidator)
    # Above 0.95 Aave lets half of the debt be repaid at once.
    assert taken.repaid == ((debt + 1) // 2 if health > 95 * WAD // 100 else debt)
    price = fallen.base.prices["C0"]
    repaid = taken.repaid * price // 10**20
    assert abs(taken.collateral - repaid * 105 // 100) <= 2
    assert abs(n - fallen.n() - (taken.collateral - repaid)) <= 3
    assert fallen.share_price() == fallen.base.model.token.nav_per_share(fallen.base.now)
    assert outcomes(fallen) == ALL
    table.append(row(f"liquidated at a health of {health / WAD:.3f}", {}))
    maxima(fallen)
    for each in (redeem(0.1), redeem(10), redeem(10, 0), redeem_in_kind(10), LESS, MORE):
        assert act(fallen, each) == ""
    fallen.base.move(0, HOUR)
    if fallen.token.due().triggers:
        fallen.base.rebalance()
    assert outcomes(fallen) == ALL


def test_liquidated_bit_by_bit(fallen: FaultHarness, liquidator: str) -> None:
    """Until Aave calls the account healthy; everybody then leaves in full."""
    steps = 0
    while fallen.vault.health() < WAD:
        debt = fallen.debt_token("C0").balanceOf(fallen.vault)
        liquidate(fallen, liquidator, debt // 10)
        steps += 1
        assert steps < 20
    token, base = fallen.token, fallen.base
    for who in (fallen.depositor, fallen.second_holder):
        shares = token.balanceOf(who)
        had, worth = fallen.usdc.balanceOf(who), token.convertToAssets(shares)
        base.redeem(shares, who, 0)
        fallen.check()
        paid = fallen.usdc.balanceOf(who) - had
        # The spread of the ask, the fee, and the trade.
        assert worth * 95 // 100 < paid < worth


def test_liquidated_while_aave_cannot_pay(fallen: FaultHarness, liquidator: str) -> None:
    """No debt is left, but the collateral is lent to others: the maximum is what
    is idle, and claims come in kind."""
    while fallen.debt_token("C0").balanceOf(fallen.vault) > 0:
        fallen.base.move(5, HOUR)
        if fallen.vault.health() < WAD:
            liquidate(fallen, liquidator)
    fallen.borrow_all(USDC)
    most = maxima(fallen)
    assert 0 < most["Withdraw"] <= fallen.vault.idle() + 1
    assert act(fallen, redeem_in_kind(30)) == ""


def test_more_than_there_is(fallen: FaultHarness, liquidator: str) -> None:
    """A price at which the debt is worth more than the collateral: N is 0,
    liquidators take it all, nothing wraps, worthless shares burn."""
    fallen.base.move(150, HOUR)
    assert fallen.n() == 0
    liquidate(fallen, liquidator)
    assert fallen.a_token().balanceOf(fallen.vault) == 0
    assert fallen.n() == 0
    who = fallen.second_holder
    shares = fallen.token.balanceOf(who)
    fallen.base.redeem(shares // 2, who, 0)
    fallen.check()
    assert fallen.token.balanceOf(who) == shares - shares // 2
