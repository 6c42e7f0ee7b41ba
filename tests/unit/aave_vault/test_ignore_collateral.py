# SPDX-License-Identifier: AGPL-3.0-only
"""ignore_collateral: a gift that loses its loan to value holds nothing up."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.system_harness import SystemHarness

BLOCKED = "vault: Aave refused a withdrawal, code 57"


@pytest.fixture
def poisoned(
    held: SystemHarness, venue_harness: AaveVenueHarness, attacker: str
) -> AaveVenueHarness:
    """The attacker has given the vault an aToken, then its asset lost its LTV."""
    venue_harness.equip(attacker, venue_harness.venue.pool)
    venue_harness.venue.pool.supply(
        venue_harness.venue.tokens["C1"], 10**6, attacker, 0, sender=attacker
    )
    given = venue_harness.venue.receipts["C1"][0]
    given.transfer(venue_harness.vault, 10**6, sender=attacker)
    configuration = held.model.venue.aave.reserves["C1"].config
    venue_harness.configurator.configureReserveAsCollateral(
        venue_harness.venue.tokens["C1"],
        0,
        configuration.liquidation_threshold_bps,
        configuration.liquidation_bonus_bps,
        sender=held.owner,
    )
    return venue_harness


def test_a_gift_blocks_and_is_ignored(
    poisoned: AaveVenueHarness, depositor: str, trader: str
) -> None:
    """By anyone: then all goes on, in priced and priceless redemptions. [VA-9]"""
    harness, vault = poisoned.base, poisoned.vault
    with reverts(BLOCKED):
        harness.token.redeem(20_000 * WAD, depositor, depositor, sender=depositor)
    asset = poisoned.venue.tokens["C1"]
    receipt = vault.ignore_collateral(asset, sender=trader)
    only_event(
        receipt,
        poisoned.venue.pool,
        "ReserveUsedAsCollateralDisabled",
        reserve=asset,
        user=vault.address,
    )
    had = harness.system.collateral.balanceOf(depositor)
    harness.token.redeem(20_000 * WAD, depositor, depositor, sender=depositor)
    assert harness.system.collateral.balanceOf(depositor) > had + 19_900 * 10**6
    value = vault.value(list(harness.system.oracle.read().mid))
    assert value.equity > 0


def test_in_kind_before_it_is_ignored(poisoned: AaveVenueHarness, depositor: str) -> None:
    """Where the withdrawal is refused the claim cannot be handed over either."""
    harness = poisoned.base
    poisoned.equip(depositor)
    args = (20_000 * WAD, depositor, depositor, 0, MAX_UINT256)
    with reverts(BLOCKED):
        harness.token.redeem_in_kind(*args, sender=depositor)
    poisoned.vault.ignore_collateral(poisoned.venue.tokens["C1"], sender=depositor)
    harness.token.redeem_in_kind(*args, sender=depositor)


def test_the_collateral_itself_cannot_be_ignored(
    venue_harness: AaveVenueHarness, attacker: str
) -> None:
    """[VA-9]"""
    with reverts("vault: that is the collateral"):
        venue_harness.vault.ignore_collateral(venue_harness.base.system.collateral, sender=attacker)
    venue_harness.base.check()


def test_nothing_to_ignore(venue_harness: AaveVenueHarness, attacker: str) -> None:
    """Aave's own refusal: the vault holds none of it."""
    with reverts("43"):
        venue_harness.vault.ignore_collateral(venue_harness.venue.tokens["C0"], sender=attacker)


def test_a_gift_that_carries_debts_is_no_harm(
    held: SystemHarness, venue_harness: AaveVenueHarness, attacker: str
) -> None:
    """Ignoring it can only take from the health what was given."""
    venue_harness.equip(attacker, venue_harness.venue.pool)
    health = venue_harness.vault.health()
    venue_harness.venue.pool.supply(
        venue_harness.venue.tokens["C1"], 10**8, attacker, 0, sender=attacker
    )
    venue_harness.venue.receipts["C1"][0].transfer(venue_harness.vault, 10**8, sender=attacker)
    assert venue_harness.vault.health() > health
    venue_harness.vault.ignore_collateral(venue_harness.venue.tokens["C1"], sender=attacker)
    assert venue_harness.vault.health() == health
