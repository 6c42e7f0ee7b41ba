# SPDX-License-Identifier: AGPL-3.0-only
"""depth, backing and spendable under Aave's caps, flags and shortages."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import Desk
from tests.support.assertions import reverts
from tests.support.vault_harness import NONE, Seat, ten

BOUND = WAD // 100
DAY = 86_400
IDLE = 2_000 * 10**6


@pytest.fixture
def seat(desk: Desk) -> Seat:
    return Seat(desk.bench)


def depth(seat: Seat, more: bool, parts: tuple[int, ...] = (100, 100)) -> int:
    """Of 1 collateral of each, equal to the model's; whole ones."""
    direction = seat.units_of(seat.unit, parts)
    found: int = seat.vault.depth(direction, seat.prices, BOUND, more)
    model = seat.bench.model.vault
    assert found == model.depth(direction, seat.prices, BOUND, more, seat.bench.now)
    return found // WAD


def backing(seat: Seat, more: bool, leverage: int = 1) -> int:
    """Of 1 collateral and `leverage` of each short, equal to the model's; whole."""
    direction = seat.units_of(leverage * seat.unit)
    args = (direction, seat.unit, seat.prices, BOUND, more)
    found: int = seat.vault.backing(*args)
    assert found == seat.bench.model.vault.backing(*args, seat.bench.now)
    return found if found == NONE else found // WAD


def spendable(seat: Seat) -> int:
    found: int = seat.vault.spendable(seat.prices)
    assert found == seat.bench.model.vault.spendable(seat.prices, seat.bench.now)
    return found


def later(desk: Desk) -> None:
    """Interest that no action has booked yet."""
    desk.chain.increase_time(5 * DAY)


# depth


def test_the_borrow_cap(desk: Desk, seat: Seat) -> None:
    """50 C1 more, 20% of 500 being lent: their worth is 2,000,000 less what is
    owed; it can be had, a hundredth more cannot. [VA-18]"""
    later(desk)
    desk.configure("C1", borrow_cap=103)
    most = depth(seat, True, (0, 100))
    assert 60_000 < most < 70_000  # 103 less 100 and 1.25, at 40,000
    for percent, reason in ((100, None), (101, "vault: Aave refused a loan, code 50")):
        targets = list(seat.shorts)
        targets[1] += most * percent // 100 * WAD // 40_000
        assert seat.refusal(targets, NONE) == reason
    assert depth(seat, True, (100, 0)) > 100_000
    desk.configure("C1", borrow_cap=101)
    assert depth(seat, True) == 0  # used up by interest and the vault
    assert depth(seat, False) > 100_000


def test_what_is_left_to_borrow(desk: Desk, seat: Seat, owner: str) -> None:
    """All but 1 C1 has been lent to others. [VA-18]"""
    token = desk.venue.tokens["C1"]
    left = desk.token("C1").balanceOf(desk.venue.receipts["C1"][0]) - 10**8
    desk.venue.pool.borrow(token, left, 2, 0, owner, sender=owner)
    aave = desk.bench.model.venue.aave
    aave.borrow("C1", left, "provider", desk.bench.now)
    assert depth(seat, True, (0, 100)) == 39_999
    targets = list(seat.shorts)
    targets[1] += WAD + 10**10
    with reverts("vault: Aave refused a loan, code panic"):
        seat.trade(targets)
    targets[1] -= 10**10
    seat.trade(targets)


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
    desk: Desk, seat: Seat, change: dict[str, Any], grows: bool, shrinks: bool
) -> None:
    """What depth says is what happens. [VA-18]"""
    desk.configure("C0", **change)
    assert (depth(seat, True) > 0) is grows
    assert (depth(seat, False) > 0) is shrinks
    assert depth(seat, True, (0, 100)) > 0
    for factor, possible in ((101, grows), (99, shrinks)):
        targets = [short * factor // 100 for short in seat.shorts]
        assert (seat.refusal(targets, BOUND) is None) is possible


def test_reasons_of_a_component_that_is_paused(desk: Desk, seat: Seat) -> None:
    desk.configure("C0", paused=True)
    more, less = ([s * f // 100 for s in seat.shorts] for f in (101, 99))
    assert seat.refusal(more, NONE) == "vault: Aave refused a loan, code 29"
    assert seat.refusal(less, NONE) == "vault: Aave refused a repayment, code 29"


# backing


def test_the_supply_cap(desk: Desk, seat: Seat) -> None:
    """What comes in and its proceeds, 3 for each, fit under the cap with the
    treasury's part; a thousandth more does not. [VA-18]"""
    later(desk)
    desk.configure("USDC", supply_cap=50_900_000)
    most = backing(seat, True)
    assert 220_000 < most < 240_000
    seat.book(most * seat.unit)
    desk.bench.model.vault.book(most * seat.unit)
    shorts = [s + d * most for s, d in zip(seat.shorts, seat.units_of(seat.unit), strict=True)]
    assert seat.refusal(shorts, BOUND) is None
    desk.configure("USDC", supply_cap=50_890_000)
    assert seat.refusal(shorts, BOUND) == "vault: Aave refused a supply, code 51"
    assert backing(seat, True) < most
    assert backing(seat, False) > 100_000


@pytest.mark.parametrize("change", [{"frozen": True}, {"paused": True}])
def test_a_collateral_that_takes_nothing(desk: Desk, seat: Seat, change: dict[str, Any]) -> None:
    desk.configure("USDC", **change)
    assert backing(seat, True) == 0
    code = {"frozen": "28", "paused": "29"}[next(iter(change))]
    targets = [short * 101 // 100 for short in seat.shorts]
    assert seat.refusal(targets, NONE) == f"vault: Aave refused a supply, code {code}"
    assert (backing(seat, False) > 0) is (change == {"frozen": True})


def test_a_lower_loan_to_value(desk: Desk, seat: Seat) -> None:
    """The debts are half of the supply: below that nothing is lent any more."""
    assert backing(seat, True) == NONE
    desk.configure("USDC", ltv_bps=4_900)
    assert backing(seat, True) == 0
    assert backing(seat, False) > 90_000
    targets = [short * 101 // 100 for short in seat.shorts]
    assert seat.refusal(targets, NONE) == "vault: Aave refused a loan, code 36"


@pytest.mark.parametrize(("ltv", "least"), [(7_500, 30_000), (6_000, 10_000), (5_200, 1_000)])
@pytest.mark.parametrize("leverage", [4, 9])
def test_what_is_lent_on_what_is_there(
    desk: Desk, seat: Seat, ltv: int, least: int, leverage: int
) -> None:
    """Several times what comes in: the rest is lent on the collateral that is
    there, up to the loan to value or the minimum health. [VA-18]"""
    later(desk)
    desk.configure("USDC", ltv_bps=ltv)
    found = backing(seat, True, leverage)
    assert least < found * leverage < NONE


def test_nothing_is_closed_under_water(desk: Desk, seat: Seat) -> None:
    """Components up by 60%: 1.6 owed on 2 supplied is above 78%. Idle collateral
    can still be paid."""
    desk.bench.move(60)
    assert seat.vault.health() < WAD
    assert backing(seat, False) == backing(seat, True) == 0
    assert spendable(seat) == IDLE


# spendable


def test_spendable_needs_the_reserve(desk: Desk, seat: Seat, owner: str) -> None:
    """What is not lent, and nothing while it is paused. [VA-18]"""
    usdc = desk.bench.system.collateral
    left = usdc.balanceOf(desk.venue.receipts["USDC"][0]) - 7 * 10**6
    desk.venue.pool.borrow(usdc, left, 2, 0, owner, sender=owner)
    desk.bench.model.venue.aave.borrow("USDC", left, "provider", desk.bench.now)
    assert spendable(seat) == IDLE + 7 * 10**6
    desk.configure("USDC", paused=True)
    assert spendable(seat) == IDLE


def test_spendable_after_interest(desk: Desk, seat: Seat, second_holder: str) -> None:
    later(desk)
    amount = spendable(seat)
    assert amount > IDLE
    seat.pay(second_holder, amount)
    assert seat.vault.health() >= 105 * WAD // 100


def test_everything_is_spendable_without_debts(desk: Desk, seat: Seat) -> None:
    seat.trade(ten([]))
    assert seat.vault.spendable(seat.prices) == seat.total()


# leverage


@pytest.mark.parametrize(("ltv", "threshold"), [(7_500, 7_800), (5_001, 7_801), (8_000, 8_500)])
def test_leverage_limits(desk: Desk, seat: Seat, ltv: int, threshold: int) -> None:
    """With a part x of N besides the proceeds, the debt is f of the collateral at
    a leverage of x * f / (1 - f)."""
    desk.configure("USDC", ltv_bps=ltv, liquidation_threshold_bps=threshold)
    held = threshold * 10**14 * (96 * WAD // 100) // (105 * WAD // 100 - threshold * 10**14)
    opened = ltv * 10**14 * (96 * WAD // 100) // (WAD - ltv * 10**14)
    assert seat.vault.leverage_limits() == (min(opened, held), held)
    assert seat.bench.model.vault.leverage_limits() == (min(opened, held), held)


def test_the_least_there_is(seat: Seat) -> None:
    """A WAD unit of one component for no payment is a debt still: rounded up."""
    direction = ten([1])
    found = seat.vault.backing(direction, 0, seat.prices, BOUND, True)
    model = seat.bench.model.vault
    assert found == model.backing(direction, 0, seat.prices, BOUND, True, seat.bench.now) < NONE
