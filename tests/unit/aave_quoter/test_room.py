# SPDX-License-Identifier: AGPL-3.0-only
"""depth, backing and spendable under Aave's caps, flags and shortages."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.vault_harness import VaultHarness, ten

BOUND = WAD // 100
IDLE = 2_000 * 10**6


@pytest.fixture
def vault_harness(venue_harness: AaveVenueHarness) -> VaultHarness:
    return VaultHarness(venue_harness.base)


def depth(vault_harness: VaultHarness, more: bool, parts: tuple[int, ...] = (100, 100)) -> int:
    """Of 1 collateral of each, equal to the model's; whole ones."""
    direction = vault_harness.units_of(vault_harness.unit, parts)
    found: int = vault_harness.vault.depth(direction, vault_harness.prices, BOUND, more)
    model = vault_harness.base.model.vault
    assert found == model.depth(
        direction, vault_harness.prices, BOUND, more, vault_harness.base.now
    )
    return found // WAD


def backing(vault_harness: VaultHarness, more: bool, leverage: int = 1) -> int:
    """Of 1 collateral and `leverage` of each short, equal to the model's; whole."""
    direction = vault_harness.units_of(leverage * vault_harness.unit)
    args = (direction, vault_harness.unit, vault_harness.prices, BOUND, more)
    found: int = vault_harness.vault.backing(*args)
    assert found == vault_harness.base.model.vault.backing(*args, vault_harness.base.now)
    return found if found == MAX_UINT256 else found // WAD


def spendable(vault_harness: VaultHarness) -> int:
    found: int = vault_harness.vault.spendable(vault_harness.prices)
    assert found == vault_harness.base.model.vault.spendable(
        vault_harness.prices, vault_harness.base.now
    )
    return found


def later(venue_harness: AaveVenueHarness) -> None:
    """Interest that no action has booked yet."""
    venue_harness.chain.increase_time(5 * DAY)


# depth


def test_the_borrow_cap(venue_harness: AaveVenueHarness, vault_harness: VaultHarness) -> None:
    """50 C1 more, 20% of 500 being lent: their worth is 2,000,000 less what is
    owed; it can be had, a hundredth more cannot. [VA-18]"""
    later(venue_harness)
    venue_harness.configure("C1", borrow_cap=103)
    most = depth(vault_harness, True, (0, 100))
    assert 60_000 < most < 70_000  # 103 less 100 and 1.25, at 40,000
    for percent, reason in ((100, None), (101, "vault: Aave refused a loan, code 50")):
        targets = list(vault_harness.shorts)
        targets[1] += most * percent // 100 * WAD // 40_000
        assert vault_harness.refusal(targets, MAX_UINT256) == reason
    assert depth(vault_harness, True, (100, 0)) > 100_000
    venue_harness.configure("C1", borrow_cap=101)
    assert depth(vault_harness, True) == 0  # used up by interest and the vault
    assert depth(vault_harness, False) > 100_000


def test_what_is_left_to_borrow(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness, owner: str
) -> None:
    """All but 1 C1 has been lent to others. [VA-18]"""
    token = venue_harness.venue.tokens["C1"]
    left = venue_harness.token("C1").balanceOf(venue_harness.venue.receipts["C1"][0]) - 10**8
    venue_harness.venue.pool.borrow(token, left, 2, 0, owner, sender=owner)
    aave = venue_harness.base.model.venue.aave
    aave.borrow("C1", left, "provider", venue_harness.base.now)
    assert depth(vault_harness, True, (0, 100)) == 39_999
    targets = list(vault_harness.shorts)
    targets[1] += WAD + 10**10
    with reverts("vault: Aave refused a loan, code panic"):
        vault_harness.trade(targets)
    targets[1] -= 10**10
    vault_harness.trade(targets)


@pytest.mark.parametrize(
    ("change", "grows", "shrinks"),
    [
        ({"frozen": True}, False, True),
        ({"paused": True}, False, False),
        ({"borrowing": False}, False, True),
        ({}, True, True),
    ],
)
def test_flags_of_a_component(
    venue_harness: AaveVenueHarness,
    vault_harness: VaultHarness,
    change: dict[str, Any],
    grows: bool,
    shrinks: bool,
) -> None:
    """What depth says is what happens. [VA-18]"""
    venue_harness.configure("C0", **change)
    assert (depth(vault_harness, True) > 0) is grows
    assert (depth(vault_harness, False) > 0) is shrinks
    assert depth(vault_harness, True, (0, 100)) > 0
    for factor, possible in ((101, grows), (99, shrinks)):
        targets = [short * factor // 100 for short in vault_harness.shorts]
        assert (vault_harness.refusal(targets, BOUND) is None) is possible


def test_reasons_of_a_component_that_is_paused(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness
) -> None:
    venue_harness.configure("C0", paused=True)
    more, less = ([s * f // 100 for s in vault_harness.shorts] for f in (101, 99))
    assert vault_harness.refusal(more, MAX_UINT256) == "vault: Aave refused a loan, code 29"
    assert vault_harness.refusal(less, MAX_UINT256) == "vault: Aave refused a repayment, code 29"


# backing


def test_the_supply_cap(venue_harness: AaveVenueHarness, vault_harness: VaultHarness) -> None:
    """What comes in and its proceeds, 3 for each, fit under the cap with the
    treasury's part; a thousandth more does not. [VA-18]"""
    later(venue_harness)
    venue_harness.configure("USDC", supply_cap=50_900_000)
    most = backing(vault_harness, True)
    assert 220_000 < most < 240_000
    vault_harness.book(most * vault_harness.unit)
    venue_harness.base.model.vault.book(most * vault_harness.unit)
    shorts = [
        s + d * most
        for s, d in zip(
            vault_harness.shorts, vault_harness.units_of(vault_harness.unit), strict=True
        )
    ]
    assert vault_harness.refusal(shorts, BOUND) is None
    venue_harness.configure("USDC", supply_cap=50_890_000)
    assert vault_harness.refusal(shorts, BOUND) == "vault: Aave refused a supply, code 51"
    assert backing(vault_harness, True) < most
    assert backing(vault_harness, False) > 100_000


@pytest.mark.parametrize("change", [{"frozen": True}, {"paused": True}])
def test_a_collateral_that_takes_nothing(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness, change: dict[str, Any]
) -> None:
    venue_harness.configure("USDC", **change)
    assert backing(vault_harness, True) == 0
    code = {"frozen": "28", "paused": "29"}[next(iter(change))]
    targets = [short * 101 // 100 for short in vault_harness.shorts]
    assert (
        vault_harness.refusal(targets, MAX_UINT256) == f"vault: Aave refused a supply, code {code}"
    )
    assert (backing(vault_harness, False) > 0) is (change == {"frozen": True})


def test_a_lower_loan_to_value(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness
) -> None:
    """The debts are half of the supply: below that nothing is lent any more."""
    assert backing(vault_harness, True) == MAX_UINT256
    venue_harness.configure("USDC", ltv_bps=4_900)
    assert backing(vault_harness, True) == 0
    assert backing(vault_harness, False) > 90_000
    targets = [short * 101 // 100 for short in vault_harness.shorts]
    assert vault_harness.refusal(targets, MAX_UINT256) == "vault: Aave refused a loan, code 36"


@pytest.mark.parametrize(("ltv", "least"), [(7_500, 30_000), (6_000, 10_000), (5_200, 1_000)])
@pytest.mark.parametrize("leverage", [4, 9])
def test_what_is_lent_on_what_is_there(
    venue_harness: AaveVenueHarness,
    vault_harness: VaultHarness,
    ltv: int,
    least: int,
    leverage: int,
) -> None:
    """Several times what comes in: the rest is lent on the collateral that is
    there, up to the loan to value or the minimum health. [VA-18]"""
    later(venue_harness)
    venue_harness.configure("USDC", ltv_bps=ltv)
    found = backing(vault_harness, True, leverage)
    assert least < found * leverage < MAX_UINT256


def test_nothing_is_closed_under_water(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness
) -> None:
    """Components up by 60%: 1.6 owed on 2 supplied is above 78%. Idle collateral
    can still be paid."""
    venue_harness.base.move(60)
    assert vault_harness.vault.health() < WAD
    assert backing(vault_harness, False) == backing(vault_harness, True) == 0
    assert spendable(vault_harness) == IDLE


# spendable


def test_spendable_needs_the_reserve(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness, owner: str
) -> None:
    """What is not lent, and nothing while it is paused. [VA-18]"""
    usdc = venue_harness.base.system.collateral
    left = usdc.balanceOf(venue_harness.venue.receipts["USDC"][0]) - 7 * 10**6
    venue_harness.venue.pool.borrow(usdc, left, 2, 0, owner, sender=owner)
    venue_harness.base.model.venue.aave.borrow("USDC", left, "provider", venue_harness.base.now)
    assert spendable(vault_harness) == IDLE + 7 * 10**6
    venue_harness.configure("USDC", paused=True)
    assert spendable(vault_harness) == IDLE


def test_spendable_after_interest(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness, second_holder: str
) -> None:
    later(venue_harness)
    amount = spendable(vault_harness)
    assert amount > IDLE
    vault_harness.pay(second_holder, amount)
    assert vault_harness.vault.health() >= 105 * WAD // 100


def test_everything_is_spendable_without_debts(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness
) -> None:
    vault_harness.trade(ten([]))
    assert vault_harness.vault.spendable(vault_harness.prices) == vault_harness.total()


# leverage


@pytest.mark.parametrize(("ltv", "threshold"), [(7_500, 7_800), (5_001, 7_801), (8_000, 8_500)])
def test_leverage_limits(
    venue_harness: AaveVenueHarness, vault_harness: VaultHarness, ltv: int, threshold: int
) -> None:
    """With a part x of N besides the proceeds, the debt is f of the collateral at
    a leverage of x * f / (1 - f)."""
    venue_harness.configure("USDC", ltv_bps=ltv, liquidation_threshold_bps=threshold)
    held = threshold * 10**14 * (96 * WAD // 100) // (105 * WAD // 100 - threshold * 10**14)
    opened = ltv * 10**14 * (96 * WAD // 100) // (WAD - ltv * 10**14)
    assert vault_harness.vault.leverage_limits() == (min(opened, held), held)
    assert vault_harness.base.model.vault.leverage_limits() == (min(opened, held), held)


def test_the_least_there_is(vault_harness: VaultHarness) -> None:
    """A WAD unit of one component for no payment is a debt still: rounded up."""
    direction = ten([1])
    found = vault_harness.vault.backing(direction, 0, vault_harness.prices, BOUND, True)
    model = vault_harness.base.model.vault
    assert (
        found
        == model.backing(direction, 0, vault_harness.prices, BOUND, True, vault_harness.base.now)
        < MAX_UINT256
    )
