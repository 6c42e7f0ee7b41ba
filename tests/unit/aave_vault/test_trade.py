# SPDX-License-Identifier: AGPL-3.0-only
"""trade through the token: its events, its swaps, and idle collateral."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from inverse_index.chain import Receipt
from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import Desk
from tests.support.assertions import reverts
from tests.support.system_harness import Bench
from tests.support.vault_harness import Seat, ten

DAY = 86_400


def check_trades(bench: Bench, receipt: Receipt, deltas: list[int]) -> None:
    """The events are the model's in every field, and each trade is one swap of
    its component's pool and one loan or repayment."""
    vault, venue = bench.system.vault, bench.system.venue
    events = [e.args for e in vault.events(receipt) if e.name == "Traded"]
    assert events == [asdict(each) for each in bench.model.vault.traded]
    assert sorted((e["component"], (e["delta"] > 0) - (e["delta"] < 0)) for e in events) == [
        (i, sign) for i, sign in enumerate(deltas) if sign
    ]
    names = [e.name for e in venue.pool.events(receipt)]
    assert names.count("Borrow") == deltas.count(-1)
    assert names.count("Repay") == deltas.count(1)
    for i, sign in enumerate(deltas):
        pool = venue.pools[bench.plan.symbols[i]]
        swaps = [e for e in pool.events(receipt) if e.name == "Swap"]
        assert len(swaps) == abs(sign)
    bench.check()


def aave_events(bench: Bench, receipt: Receipt, name: str) -> list[Any]:
    return [e for e in bench.system.venue.pool.events(receipt) if e.name == name]


def test_opening(bench: Bench, depositor: str) -> None:
    """What the sales bring is supplied at once, all but the buffer with it. [VA-1]"""
    receipt = bench.deposit(100_000 * 10**6, depositor)
    check_trades(bench, receipt, [-1, -1])
    vault, aave = bench.system.vault, bench.system.venue.receipts["USDC"][0]
    assert vault.idle() == 2_000 * 10**6
    supplies = aave_events(bench, receipt, "Supply")
    assert len(supplies) == 2
    fees = [WAD * event.fee for event in bench.model.vault.traded]
    assert all(fees)
    brought = sum(-e.delta * e.price // 10**30 - e.fee for e in bench.model.vault.traded)
    assert abs(aave.balanceOf(vault) - (98_000 * 10**6 + brought)) <= 2


@pytest.mark.parametrize(
    ("percents", "deltas"),
    [((-5, -5), [-1, -1]), ((6, 6), [1, 1]), ((9, -3), [1, 1]), ((-8, 2), [-1, -1])],
)
def test_one_swap_per_component(held: Bench, percents: tuple[int, int], deltas: list[int]) -> None:
    """In either direction: one index, whatever its components do. [VA-1]"""
    held.move(percents, DAY)
    check_trades(held, held.rebalance(), deltas)


@pytest.mark.parametrize(("parts", "deltas"), [((150, 40), [-1, 1]), ((40, 150), [1, -1])])
def test_opposite_directions(
    bench: Bench, seat: Seat, parts: tuple[int, int], deltas: list[int]
) -> None:
    """As when the weights change: the purchase comes first, for it makes room. [VA-3]"""
    model, amount = bench.model.vault, 100_000 * seat.unit
    seat.book(amount)
    model.book(amount)
    for each in ((100, 100), parts):
        bench.chain.increase_time(DAY)
        targets = seat.units_of(40_000 * seat.unit, each)
        receipt = seat.trade(targets, WAD // 100)
        model.begin()
        assert model.trade(targets, seat.prices, WAD // 100, False, receipt.timestamp) is True
    check_trades(bench, receipt, deltas)
    assert [event.delta > 0 for event in seat.traded(receipt)] == [True, False]


def test_a_purchase_is_paid_by_aave(held: Bench) -> None:
    """One withdrawal for each, straight to the pool: the buffer is not touched."""
    held.move((4, 5), DAY)
    idle = held.system.vault.idle()
    receipt = held.rebalance()
    check_trades(held, receipt, [1, 1])
    pools = [held.system.venue.pools[s].address for s in held.plan.symbols]
    assert [e.to for e in aave_events(held, receipt, "Withdraw")] == pools
    reward = only_event_of(held, receipt).reward
    assert held.system.vault.idle() == idle - reward


def only_event_of(bench: Bench, receipt: Receipt) -> Any:
    found = [e for e in bench.token.events(receipt) if e.name == "Rebalanced"]
    assert len(found) == 1
    return found[0]


# idle collateral, by hand from the token's seat


def test_a_growth_supplies_the_surplus(seat: Seat) -> None:
    """Above twice the buffer, and down to it."""
    seat.book(100_000 * seat.unit)
    seat.trade(seat.units_of(10_000 * seat.unit))
    assert seat.vault.idle() == 2_000 * seat.unit
    seat.book(1_900 * seat.unit)
    seat.trade(seat.units_of(10_100 * seat.unit))
    assert seat.vault.idle() == 3_900 * seat.unit  # under twice the buffer
    seat.book(300 * seat.unit)
    buffer = seat.total() // 50
    seat.trade(seat.units_of(10_200 * seat.unit))
    assert seat.vault.idle() == buffer


def test_a_purchase_uses_the_surplus_first(seat: Seat) -> None:
    seat.book(100_000 * seat.unit)
    seat.trade(seat.units_of(10_000 * seat.unit))
    seat.book(20_000 * seat.unit)
    supplied = seat.vault.value(ten([])).equity
    receipt = seat.trade(seat.units_of(5_000 * seat.unit))
    assert aave_events(seat.bench, receipt, "Withdraw") == []
    paid = sum(_paid(event) for event in seat.traded(receipt))
    assert seat.vault.idle() == 22_000 * seat.unit - paid
    assert seat.vault.value(ten([])).equity == supplied
    buffer = seat.total() // 50
    receipt = seat.trade(ten([]))
    assert seat.vault.idle() == buffer
    assert seat.shorts == ten([])


def _paid(event: Any) -> int:
    """Collateral that a purchase cost, from its price before the fee."""
    return -(-event.delta * event.price // 10**30) + event.fee


def test_a_rebalance_that_reduces_fills_the_buffer(seat: Seat, second_holder: str) -> None:
    """From under a half of it, with no withdrawal more; not from above a half, and
    not in a flow."""
    seat.book(100_000 * seat.unit)
    seat.trade(seat.units_of(40_000 * seat.unit))
    seat.pay(second_holder, 900 * seat.unit)
    targets = seat.units_of(39_000 * seat.unit)
    seat.trade(targets, chunked=True)
    assert seat.vault.idle() == 1_100 * seat.unit
    seat.pay(second_holder, 400 * seat.unit)
    seat.trade(seat.units_of(38_000 * seat.unit))
    assert seat.vault.idle() == 700 * seat.unit
    buffer = seat.total() // 50
    receipt = seat.trade(seat.units_of(37_000 * seat.unit), chunked=True)
    assert seat.vault.idle() == buffer
    first = seat.bench.system.venue.pools["C0"].address  # the last one fetches it
    withdrawals = aave_events(seat.bench, receipt, "Withdraw")
    assert [event.to for event in withdrawals] == [first, seat.vault.address]
    seat.check_sound()


def test_a_rebalance_in_both_directions_leaves_the_buffer(seat: Seat, second_holder: str) -> None:
    seat.book(100_000 * seat.unit)
    seat.trade(seat.units_of(40_000 * seat.unit))
    seat.pay(second_holder, 1_500 * seat.unit)
    seat.trade(seat.units_of(40_000 * seat.unit, [90, 110]), chunked=True)
    assert seat.vault.idle() == 500 * seat.unit


# refusals


def test_a_growth_that_leaves_too_little_health(seat: Seat) -> None:
    """78% / 1.05 is 74.3% of the collateral; Aave itself lends up to 75%. [VA-4]"""
    seat.book(100_000 * seat.unit)
    each = 98_000 * seat.unit * 7_460 // (10_000 - 7_460) // 2
    with reverts("vault: health factor too low"):
        seat.trade(seat.units_of(each))
    with reverts("vault: Aave refused a loan, code 36"):
        seat.trade(seat.units_of(each * 105 // 100))
    seat.trade(seat.units_of(98_000 * seat.unit * 7_400 // (10_000 - 7_400) // 2))
    assert seat.vault.health() >= 105 * WAD // 100


def test_the_threshold_ends_where_the_bonus_begins(bench: Bench, seat: Seat) -> None:
    """An odd bonus sets the bit right above it. [VA-4]"""
    asset = bench.model.venue.collateral
    Desk(bench).configure(asset, liquidation_bonus_bps=10_501)
    seat.book(100_000 * seat.unit)
    with reverts("vault: health factor too low"):
        seat.trade(seat.units_of(98_000 * seat.unit * 7_460 // (10_000 - 7_460) // 2))


def test_a_payment_that_leaves_too_little_health(seat: Seat, second_holder: str) -> None:
    """[VA-4]"""
    seat.book(100_000 * seat.unit)
    seat.trade(seat.units_of(80_000 * seat.unit))
    spendable = seat.vault.spendable(seat.prices)
    with reverts("vault: health factor too low"):
        seat.pay(second_holder, spendable + seat.unit)
    with reverts("vault: Aave refused a withdrawal, code 35"):
        seat.pay(second_holder, spendable + 12_000 * seat.unit)
    seat.pay(second_holder, spendable)
    assert 105 * WAD // 100 <= seat.vault.health() < 10_501 * WAD // 10_000


def test_ones_own_part_is_paid_at_any_health(
    held: Bench, seat: Seat, depositor: str, second_holder: str
) -> None:
    """Components up by 50%: a health of 1.03. A redemption that closes its part of
    the debts may go on to its part of the supply; nothing else may. [VA-5]"""
    held.move(50)
    health = held.system.vault.health()
    assert WAD < health < 105 * WAD // 100
    with reverts("vault: health factor too low"):
        seat.pay(second_holder, held.system.vault.idle() + 1)
    held.redeem(30_000 * WAD, depositor)
    assert health < held.system.vault.health() < 105 * WAD // 100
    held.check()
    idle = held.system.vault.idle()
    with reverts("vault: health factor too low"):
        seat.pay(second_holder, idle + 1)


def test_payments_that_fail(held: Bench, seat: Seat, second_holder: str) -> None:
    """Aave refuses without a word, or USDC says no."""
    idle, usdc = held.system.vault.idle(), held.system.collateral.address
    held.chain.set_code(held.system.venue.pool.address, bytes.fromhex("5f5ffd"))
    with reverts("vault: Aave refused a withdrawal, code unknown"):
        seat.pay(second_holder, idle + 1)
    held.chain.set_code(usdc, bytes.fromhex("60205ff3"))
    with reverts("vault: collateral not sent"):
        seat.pay(second_holder, 1)


def test_dust_is_not_traded_but_for_the_last(seat: Seat) -> None:
    """A unit of collateral is worth 5 * 10**8 wei of C0. [VA-20]"""
    seat.book(1_000 * seat.unit)
    wei = 5 * 10**8
    targets = ten([10**16])
    seat.trade(targets)
    for change, traded in ((wei, 0), (2 * wei - 1, 0), (2 * wei, 1), (-2 * wei + 1, 0)):
        now = ten([seat.shorts[0] + change])
        assert len(seat.traded(seat.trade(now))) == traded
    seat.trade(ten([10**9]))
    assert seat.shorts == ten([10**9])
    receipt = seat.trade(ten([]))
    assert len(seat.traded(receipt)) == 1
    assert seat.shorts == ten([])
