# SPDX-License-Identifier: AGPL-3.0-only
"""trade through the token: its events, its swaps, and idle collateral."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from inverse_index.chain import Receipt
from inverse_index.model.fixed import WAD
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import reverts
from tests.support.constants import DAY
from tests.support.system_harness import SystemHarness
from tests.support.vault_harness import VaultHarness, ten


def check_trades(harness: SystemHarness, receipt: Receipt, deltas: list[int]) -> None:
    """The events are the model's in every field, and each trade is one swap of
    its component's pool and one loan or repayment."""
    vault, venue = harness.system.vault, harness.system.venue
    events = [e.args for e in vault.events(receipt) if e.name == "Traded"]
    assert events == [asdict(each) for each in harness.model.vault.traded]
    assert sorted((e["component"], (e["delta"] > 0) - (e["delta"] < 0)) for e in events) == [
        (i, sign) for i, sign in enumerate(deltas) if sign
    ]
    names = [e.name for e in venue.pool.events(receipt)]
    assert names.count("Borrow") == deltas.count(-1)
    assert names.count("Repay") == deltas.count(1)
    for i, sign in enumerate(deltas):
        pool = venue.pools[harness.plan.symbols[i]]
        swaps = [e for e in pool.events(receipt) if e.name == "Swap"]
        assert len(swaps) == abs(sign)
    harness.check()


def aave_events(harness: SystemHarness, receipt: Receipt, name: str) -> list[Any]:
    return [e for e in harness.system.venue.pool.events(receipt) if e.name == name]


def test_opening(harness: SystemHarness, depositor: str) -> None:
    """What the sales bring is supplied at once, all but the buffer with it. [VA-1]"""
    receipt = harness.deposit(100_000 * 10**6, depositor)
    check_trades(harness, receipt, [-1, -1])
    vault, aave = harness.system.vault, harness.system.venue.receipts["USDC"][0]
    assert vault.idle() == 2_000 * 10**6
    supplies = aave_events(harness, receipt, "Supply")
    assert len(supplies) == 2
    fees = [WAD * event.fee for event in harness.model.vault.traded]
    assert all(fees)
    brought = sum(-e.delta * e.price // 10**30 - e.fee for e in harness.model.vault.traded)
    assert abs(aave.balanceOf(vault) - (98_000 * 10**6 + brought)) <= 2


@pytest.mark.parametrize(
    ("percents", "deltas"),
    [((-5, -5), [-1, -1]), ((6, 6), [1, 1]), ((9, -3), [1, 1]), ((-8, 2), [-1, -1])],
)
def test_one_swap_per_component(
    held: SystemHarness, percents: tuple[int, int], deltas: list[int]
) -> None:
    """In either direction: one index, whatever its components do. [VA-1]"""
    held.move(percents, DAY)
    check_trades(held, held.rebalance(), deltas)


@pytest.mark.parametrize(("parts", "deltas"), [((150, 40), [-1, 1]), ((40, 150), [1, -1])])
def test_opposite_directions(
    harness: SystemHarness, vault_harness: VaultHarness, parts: tuple[int, int], deltas: list[int]
) -> None:
    """As when the weights change: the purchase comes first, for it makes room. [VA-3]"""
    model, amount = harness.model.vault, 100_000 * vault_harness.unit
    vault_harness.book(amount)
    model.book(amount)
    for each in ((100, 100), parts):
        harness.chain.increase_time(DAY)
        targets = vault_harness.units_of(40_000 * vault_harness.unit, each)
        receipt = vault_harness.trade(targets, WAD // 100)
        model.begin()
        assert (
            model.trade(targets, vault_harness.prices, WAD // 100, False, receipt.timestamp) is True
        )
    check_trades(harness, receipt, deltas)
    assert [event.delta > 0 for event in vault_harness.traded(receipt)] == [True, False]


def test_a_purchase_is_paid_by_aave(held: SystemHarness) -> None:
    """One withdrawal for each, straight to the pool: the buffer is not touched."""
    held.move((4, 5), DAY)
    idle = held.system.vault.idle()
    receipt = held.rebalance()
    check_trades(held, receipt, [1, 1])
    pools = [held.system.venue.pools[s].address for s in held.plan.symbols]
    assert [e.to for e in aave_events(held, receipt, "Withdraw")] == pools
    reward = only_event_of(held, receipt).reward
    assert held.system.vault.idle() == idle - reward


def only_event_of(harness: SystemHarness, receipt: Receipt) -> Any:
    found = [e for e in harness.token.events(receipt) if e.name == "Rebalanced"]
    assert len(found) == 1
    return found[0]


# idle collateral, by hand, as the token


def test_a_growth_supplies_the_surplus(vault_harness: VaultHarness) -> None:
    """Above twice the buffer, and down to it."""
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(10_000 * vault_harness.unit))
    assert vault_harness.vault.idle() == 2_000 * vault_harness.unit
    vault_harness.book(1_900 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(10_100 * vault_harness.unit))
    assert vault_harness.vault.idle() == 3_900 * vault_harness.unit  # under twice the buffer
    vault_harness.book(300 * vault_harness.unit)
    buffer = vault_harness.total() // 50
    vault_harness.trade(vault_harness.units_of(10_200 * vault_harness.unit))
    assert vault_harness.vault.idle() == buffer


def test_a_purchase_uses_the_surplus_first(vault_harness: VaultHarness) -> None:
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(10_000 * vault_harness.unit))
    vault_harness.book(20_000 * vault_harness.unit)
    supplied = vault_harness.vault.value(ten([])).equity
    receipt = vault_harness.trade(vault_harness.units_of(5_000 * vault_harness.unit))
    assert aave_events(vault_harness.base, receipt, "Withdraw") == []
    paid = sum(_paid(event) for event in vault_harness.traded(receipt))
    assert vault_harness.vault.idle() == 22_000 * vault_harness.unit - paid
    assert vault_harness.vault.value(ten([])).equity == supplied
    buffer = vault_harness.total() // 50
    receipt = vault_harness.trade(ten([]))
    assert vault_harness.vault.idle() == buffer
    assert vault_harness.shorts == ten([])


def _paid(event: Any) -> int:
    """Collateral that a purchase cost, from its price before the fee."""
    return -(-event.delta * event.price // 10**30) + event.fee


def test_a_rebalance_that_reduces_fills_the_buffer(
    vault_harness: VaultHarness, second_holder: str
) -> None:
    """From under a half of it, with no withdrawal more; not from above a half, and
    not in a flow."""
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(40_000 * vault_harness.unit))
    vault_harness.pay(second_holder, 900 * vault_harness.unit)
    targets = vault_harness.units_of(39_000 * vault_harness.unit)
    vault_harness.trade(targets, chunked=True)
    assert vault_harness.vault.idle() == 1_100 * vault_harness.unit
    vault_harness.pay(second_holder, 400 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(38_000 * vault_harness.unit))
    assert vault_harness.vault.idle() == 700 * vault_harness.unit
    buffer = vault_harness.total() // 50
    receipt = vault_harness.trade(vault_harness.units_of(37_000 * vault_harness.unit), chunked=True)
    assert vault_harness.vault.idle() == buffer
    first = vault_harness.base.system.venue.pools["C0"].address  # the last one fetches it
    withdrawals = aave_events(vault_harness.base, receipt, "Withdraw")
    assert [event.to for event in withdrawals] == [first, vault_harness.vault.address]
    vault_harness.check_sound()


def test_a_rebalance_in_both_directions_leaves_the_buffer(
    vault_harness: VaultHarness, second_holder: str
) -> None:
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(40_000 * vault_harness.unit))
    vault_harness.pay(second_holder, 1_500 * vault_harness.unit)
    vault_harness.trade(
        vault_harness.units_of(40_000 * vault_harness.unit, [90, 110]), chunked=True
    )
    assert vault_harness.vault.idle() == 500 * vault_harness.unit


# refusals


def test_a_growth_that_leaves_too_little_health(vault_harness: VaultHarness) -> None:
    """78% / 1.05 is 74.3% of the collateral; Aave itself lends up to 75%. [VA-4]"""
    vault_harness.book(100_000 * vault_harness.unit)
    each = 98_000 * vault_harness.unit * 7_460 // (10_000 - 7_460) // 2
    with reverts("vault: health factor too low"):
        vault_harness.trade(vault_harness.units_of(each))
    with reverts("vault: Aave refused a loan, code 36"):
        vault_harness.trade(vault_harness.units_of(each * 105 // 100))
    vault_harness.trade(
        vault_harness.units_of(98_000 * vault_harness.unit * 7_400 // (10_000 - 7_400) // 2)
    )
    assert vault_harness.vault.health() >= 105 * WAD // 100


def test_the_threshold_ends_where_the_bonus_begins(
    harness: SystemHarness, vault_harness: VaultHarness
) -> None:
    """An odd bonus sets the bit right above it. [VA-4]"""
    asset = harness.model.venue.collateral
    AaveVenueHarness(harness).configure(asset, liquidation_bonus_bps=10_501)
    vault_harness.book(100_000 * vault_harness.unit)
    with reverts("vault: health factor too low"):
        vault_harness.trade(
            vault_harness.units_of(98_000 * vault_harness.unit * 7_460 // (10_000 - 7_460) // 2)
        )


def test_a_payment_that_leaves_too_little_health(
    vault_harness: VaultHarness, second_holder: str
) -> None:
    """[VA-4]"""
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(80_000 * vault_harness.unit))
    spendable = vault_harness.vault.spendable(vault_harness.prices)
    with reverts("vault: health factor too low"):
        vault_harness.pay(second_holder, spendable + vault_harness.unit)
    with reverts("vault: Aave refused a withdrawal, code 35"):
        vault_harness.pay(second_holder, spendable + 12_000 * vault_harness.unit)
    vault_harness.pay(second_holder, spendable)
    assert 105 * WAD // 100 <= vault_harness.vault.health() < 10_501 * WAD // 10_000


def test_ones_own_part_is_paid_at_any_health(
    held: SystemHarness, vault_harness: VaultHarness, depositor: str, second_holder: str
) -> None:
    """Components up by 50%: a health of 1.03. A redemption that closes its part of
    the debts may go on to its part of the supply; nothing else may. [VA-5]"""
    held.move(50)
    health = held.system.vault.health()
    assert WAD < health < 105 * WAD // 100
    with reverts("vault: health factor too low"):
        vault_harness.pay(second_holder, held.system.vault.idle() + 1)
    held.redeem(30_000 * WAD, depositor)
    assert health < held.system.vault.health() < 105 * WAD // 100
    held.check()
    idle = held.system.vault.idle()
    with reverts("vault: health factor too low"):
        vault_harness.pay(second_holder, idle + 1)


def test_payments_that_fail(
    held: SystemHarness, vault_harness: VaultHarness, second_holder: str
) -> None:
    """Aave refuses without a word, or USDC says no."""
    idle, usdc = held.system.vault.idle(), held.system.collateral.address
    held.chain.set_code(held.system.venue.pool.address, bytes.fromhex("5f5ffd"))
    with reverts("vault: Aave refused a withdrawal, code unknown"):
        vault_harness.pay(second_holder, idle + 1)
    held.chain.set_code(usdc, bytes.fromhex("60205ff3"))
    with reverts("vault: collateral not sent"):
        vault_harness.pay(second_holder, 1)


def test_dust_is_not_traded_but_for_the_last(vault_harness: VaultHarness) -> None:
    """A unit of collateral is worth 5 * 10**8 wei of C0. [VA-20]"""
    vault_harness.book(1_000 * vault_harness.unit)
    wei = 5 * 10**8
    targets = ten([10**16])
    vault_harness.trade(targets)
    for change, traded in ((wei, 0), (2 * wei - 1, 0), (2 * wei, 1), (-2 * wei + 1, 0)):
        now = ten([vault_harness.shorts[0] + change])
        assert len(vault_harness.traded(vault_harness.trade(now))) == traded
    vault_harness.trade(ten([10**9]))
    assert vault_harness.shorts == ten([10**9])
    receipt = vault_harness.trade(ten([]))
    assert len(vault_harness.traded(receipt)) == 1
    assert vault_harness.shorts == ten([])
