# SPDX-License-Identifier: AGPL-3.0-only
"""What a vault refuses to be deployed with, and what it then answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.plans import PARAMETERS, make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

LEVERAGE = "token: leverage beyond what the vault carries"


def returning(value: int) -> bytes:
    """Code that answers every call with this number, below 256."""
    return bytes([0x60, value, 0x5F, 0x52, 0x60, 0x20, 0x5F, 0xF3])


def test_views(harness: SystemHarness) -> None:
    vault, plan, venue = harness.system.vault, harness.plan.venue, harness.system.venue
    assert vault.token() == harness.token.address
    assert vault.asset() == harness.system.collateral.address
    assert vault.quoter() == venue.quoter.address
    assert vault.component_count() == 2
    assert list(vault.components()) == [venue.tokens["C0"], venue.tokens["C1"], *[ZERO] * 8]
    assert vault.idle_buffer() == plan.idle_buffer == WAD // 50
    assert vault.min_health() == plan.min_health == 105 * WAD // 100
    assert vault.max_trade() == [*plan.max_trade, *[0] * 8]
    assert vault.min_trade() == [1, 10**10, *[0] * 8]
    assert vault.MAX_IDLE_BUFFER() == WAD // 5
    assert (vault.MIN_MIN_HEALTH(), vault.MAX_MIN_HEALTH()) == (101 * WAD // 100, 2 * WAD)
    assert vault.pending() is False
    assert vault.idle() == 0
    assert vault.health() == MAX_UINT256


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"token": ZERO}, "vault: no token address"),
        ({"idle_buffer": WAD // 5 + 1}, "vault: idle buffer out of range"),
        ({"min_health": 101 * WAD // 100 - 1}, "vault: minimum health out of range"),
        ({"min_health": 2 * WAD + 1}, "vault: minimum health out of range"),
        ({"max_trade": 0}, "vault: max trade is zero"),
        ({"components": []}, "vault: 1 to 10 components"),
        ({"fees": [3_000]}, "vault: no pool for a hop of a path"),
        ({"fees": []}, "vault: no pool for a hop of a path"),
        ({"fees": [500, 500]}, "vault: no pool for a hop of a path"),
        ({"via": ["C1"]}, "vault: no pool for a hop of a path"),
        ({"via": ["C1"], "fees": [500, 3_000]}, "vault: no pool for a hop of a path"),
    ],
)
def test_bounds(venue_harness: AaveVenueHarness, changes: dict[str, Any], reason: str) -> None:
    """[VA-8]"""
    if "via" in changes:
        changes = {**changes, "via": [venue_harness.venue.tokens[s] for s in changes["via"]]}
    with reverts(reason):
        venue_harness.deploy_vault(**changes)


def test_the_ends_of_the_bounds(venue_harness: AaveVenueHarness) -> None:
    for buffer, health in ((WAD // 5, 101 * WAD // 100), (0, 2 * WAD)):
        vault = venue_harness.deploy_vault(idle_buffer=buffer, min_health=health)
        assert (vault.idle_buffer(), vault.min_health()) == (buffer, health)


def test_a_trade_that_pays_a_sandwich(venue_harness: AaveVenueHarness) -> None:
    """Twice the fee of 5 bps of a depth of 210,000,000, its tail included. [V-15]"""
    price = 2_000
    for worth, safe in ((209_800, True), (210_200, False)):
        amount = worth * WAD // price
        if safe:
            assert venue_harness.deploy_vault(max_trade=amount).max_trade()[0] == amount
        else:
            with reverts("vault: max trade can be sandwiched"):
                venue_harness.deploy_vault(max_trade=amount)


def test_a_repeated_component(venue_harness: AaveVenueHarness) -> None:
    """[VA-8]"""
    one, two = venue_harness.components()
    for components in ([one, one], [one, two, one]):
        with reverts("vault: component repeated"):
            venue_harness.deploy_vault(components=components)


@pytest.mark.parametrize("change", [{"paused": True}, {"frozen": True}, {"ltv_bps": 0}])
def test_a_collateral_that_backs_nothing(
    venue_harness: AaveVenueHarness, change: dict[str, Any]
) -> None:
    """[VA-8]"""
    venue_harness.configure("USDC", **change)
    with reverts("vault: Aave lends nothing against the collateral"):
        venue_harness.deploy_vault()


def test_a_collateral_that_is_not_listed(venue_harness: AaveVenueHarness, owner: str) -> None:
    token = venue_harness.chain.deploy("LocalCollateral", "Unlisted", "NONE", 6, sender=owner)
    with reverts("vault: Aave lends nothing against the collateral"):
        venue_harness.deploy_vault(asset=token.address)


@pytest.fixture
def unused(chain: LocalBackend, owner: str, keeper: str) -> AaveVenueHarness:
    """With reserves that nobody has supplied to or borrowed from: only those can
    be isolated."""
    nothing = {"local": {"liquidity": "0"}}
    plan = make_aave_plan(1, venue={"collateral": nothing, "component": nothing})
    return AaveVenueHarness(deploy_harness(chain, owner, keeper, plan))


def test_a_collateral_in_isolation(unused: AaveVenueHarness) -> None:
    usdc = unused.venue.tokens["USDC"]
    unused.configurator.setDebtCeiling(usdc, 10**6, sender=unused.base.owner)
    with reverts("vault: Aave lends nothing against the collateral"):
        unused.deploy_vault()


def test_a_component_that_is_lent_alone(unused: AaveVenueHarness) -> None:
    unused.configure("C0", siloed=True)
    with reverts("vault: Aave does not lend a component"):
        unused.deploy_vault()


@pytest.mark.parametrize("change", [{"paused": True}, {"frozen": True}, {"borrowing": False}])
def test_a_component_that_is_not_lent(
    venue_harness: AaveVenueHarness, change: dict[str, Any]
) -> None:
    """[VA-8]"""
    venue_harness.configure("C1", **change)
    with reverts("vault: Aave does not lend a component"):
        venue_harness.deploy_vault()


def test_a_component_that_is_not_listed(venue_harness: AaveVenueHarness, owner: str) -> None:
    token = venue_harness.chain.deploy("LocalCollateral", "Unlisted", "NONE", 18, sender=owner)
    with reverts("vault: Aave does not lend a component"):
        venue_harness.deploy_vault(
            components=[{**venue_harness.components()[0], "asset": token.address}]
        )


@pytest.mark.parametrize("decimals", [0, 5, 19, 255])
def test_a_component_of_too_few_or_many_decimals(
    venue_harness: AaveVenueHarness, decimals: int
) -> None:
    venue_harness.chain.set_code(venue_harness.venue.tokens["C0"], returning(decimals))
    with reverts("vault: decimals out of range"):
        venue_harness.deploy_vault()


def test_a_collateral_of_too_many_decimals(venue_harness: AaveVenueHarness) -> None:
    venue_harness.chain.set_code(venue_harness.base.system.collateral.address, returning(19))
    with reverts("vault: decimals out of range"):
        venue_harness.deploy_vault()


@pytest.mark.parametrize("place", ["collateral", "component"])
def test_needs_to_approve(venue_harness: AaveVenueHarness, place: str) -> None:
    """The collateral answers with a zero; a component has 18 decimals first."""
    if place == "collateral":
        venue_harness.chain.set_code(venue_harness.base.system.collateral.address, returning(0))
    else:
        code = "366004146012025f5260205ff3"  # 18 without arguments, 0 with some
        venue_harness.chain.set_code(venue_harness.venue.tokens["C0"], bytes.fromhex(code))
    with reverts("vault: approval refused"):
        venue_harness.deploy_vault()


# leverage


def test_three_times_is_more_than_the_collateral_backs(
    chain: LocalBackend, owner: str, keeper: str
) -> None:
    """USDC's 78% at a health of 1.05 carry 2.77 times the net assets."""
    with reverts(LEVERAGE):
        deploy_harness(chain, owner, keeper, make_aave_plan(1, multiple=3))


def test_parameters_beyond_what_is_carried(held: SystemHarness) -> None:
    """2.7733 times can be held, and opened: more would be below 1.05 at once. [T-OWN-3]"""
    most = 78 * 96 * WAD // 100 // 27
    assert held.system.vault.leverage_limits() == (most, most)
    assert held.model.vault.leverage_limits() == (most, most)
    for emergency, passes in ((27_733, True), (27_734, False)):
        wanted = replace(PARAMETERS, emergency_bps=emergency)
        if passes:
            held.token.set_parameters(wanted, sender=held.owner)
        else:
            with reverts(LEVERAGE):
                held.token.set_parameters(wanted, sender=held.owner)


def test_parameters_after_aave_has_changed_its_own(held: SystemHarness) -> None:
    """A loan to value of 40% opens 0.64 times, whatever can be held. [T-OWN-3]"""
    AaveVenueHarness(held).configure("USDC", ltv_bps=4_000)
    opened, kept = held.system.vault.leverage_limits()
    assert (opened, kept) == held.model.vault.leverage_limits()
    assert (opened, kept) == (64 * WAD // 100, 78 * 96 * WAD // 100 // 27)
    with reverts(LEVERAGE):
        held.token.set_parameters(PARAMETERS, sender=held.owner)
