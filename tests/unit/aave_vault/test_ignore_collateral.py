# SPDX-License-Identifier: AGPL-3.0-only
"""ignore_collateral: a gift that loses its loan to value holds nothing up."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import NONE, Desk
from tests.support.assertions import only_event, reverts
from tests.support.system_harness import Bench

BLOCKED = "vault: Aave refused a withdrawal, code 57"


@pytest.fixture
def poisoned(held: Bench, desk: Desk, attacker: str) -> Desk:
    """The attacker has given the vault an aToken, then its asset lost its LTV."""
    desk.equip(attacker, desk.venue.pool)
    desk.venue.pool.supply(desk.venue.tokens["C1"], 10**6, attacker, 0, sender=attacker)
    given = desk.venue.receipts["C1"][0]
    given.transfer(desk.vault, 10**6, sender=attacker)
    configuration = held.model.venue.aave.reserves["C1"].config
    desk.configurator.configureReserveAsCollateral(
        desk.venue.tokens["C1"],
        0,
        configuration.liquidation_threshold_bps,
        configuration.liquidation_bonus_bps,
        sender=held.owner,
    )
    return desk


def test_a_gift_blocks_and_is_ignored(poisoned: Desk, depositor: str, trader: str) -> None:
    """By anyone: then all goes on, in priced and priceless redemptions. [VA-9]"""
    bench, vault = poisoned.bench, poisoned.vault
    with reverts(BLOCKED):
        bench.token.redeem(20_000 * WAD, depositor, depositor, sender=depositor)
    asset = poisoned.venue.tokens["C1"]
    receipt = vault.ignore_collateral(asset, sender=trader)
    only_event(
        receipt,
        poisoned.venue.pool,
        "ReserveUsedAsCollateralDisabled",
        reserve=asset,
        user=vault.address,
    )
    had = bench.system.collateral.balanceOf(depositor)
    bench.token.redeem(20_000 * WAD, depositor, depositor, sender=depositor)
    assert bench.system.collateral.balanceOf(depositor) > had + 19_900 * 10**6
    value = vault.value(list(bench.system.oracle.read().mid))
    assert value.equity > 0


def test_in_kind_before_it_is_ignored(poisoned: Desk, depositor: str) -> None:
    """Where the withdrawal is refused the claim cannot be handed over either."""
    bench = poisoned.bench
    poisoned.equip(depositor)
    args = (20_000 * WAD, depositor, depositor, 0, NONE)
    with reverts(BLOCKED):
        bench.token.redeem_in_kind(*args, sender=depositor)
    poisoned.vault.ignore_collateral(poisoned.venue.tokens["C1"], sender=depositor)
    bench.token.redeem_in_kind(*args, sender=depositor)


def test_the_collateral_itself_cannot_be_ignored(desk: Desk, attacker: str) -> None:
    """[VA-9]"""
    with reverts("vault: that is the collateral"):
        desk.vault.ignore_collateral(desk.bench.system.collateral, sender=attacker)
    desk.bench.check()


def test_nothing_to_ignore(desk: Desk, attacker: str) -> None:
    """Aave's own refusal: the vault holds none of it."""
    with reverts("43"):
        desk.vault.ignore_collateral(desk.venue.tokens["C0"], sender=attacker)


def test_a_gift_that_carries_debts_is_no_harm(held: Bench, desk: Desk, attacker: str) -> None:
    """Ignoring it can only take from the health what was given."""
    desk.equip(attacker, desk.venue.pool)
    health = desk.vault.health()
    desk.venue.pool.supply(desk.venue.tokens["C1"], 10**8, attacker, 0, sender=attacker)
    desk.venue.receipts["C1"][0].transfer(desk.vault, 10**8, sender=attacker)
    assert desk.vault.health() > health
    desk.vault.ignore_collateral(desk.venue.tokens["C1"], sender=attacker)
    assert desk.vault.health() == health
