# SPDX-License-Identifier: AGPL-3.0-only
"""book and pay: collateral in and out without a trade."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.exchange_harness import CONFIG, ExchangeHarness
from tests.support.perp_vault_harness import PerpVaultHarness


def test_book_what_has_come_in(vault: PerpVaultHarness) -> None:
    vault.book(7)
    assert vault.vault.idle() == 7
    vault.book(5)
    assert vault.vault.idle() == 12


def test_book_no_more_than_has_come_in(vault: PerpVaultHarness, depositor: str) -> None:
    """[V-2]"""
    vault.book(7)
    with reverts("vault: collateral not received"):
        vault.vault.book(1, sender=depositor)
    vault.harness.token.transfer(vault.vault.address, 3, sender=depositor)
    with reverts("vault: collateral not received"):
        vault.vault.book(4, sender=depositor)


def test_a_donation_counts_only_when_booked(vault: PerpVaultHarness, trader: str) -> None:
    vault.harness.token.transfer(vault.vault.address, 100, sender=trader)
    vault.check()
    assert vault.vault.value([100 * WAD, 10 * WAD, *[0] * 8]).idle == 0


def test_pay_from_idle(filled: PerpVaultHarness, second_holder: str) -> None:
    token = filled.harness.token
    receipt = filled.pay(second_holder, 40)
    assert token.balanceOf(second_holder) == 40
    assert filled.vault.idle() == 10_000 * filled.harness.unit - 40
    only_event(receipt, filled.vault, "Paid", receiver=second_holder, amount=40)
    assert [e.name for e in filled.harness.exchange.events(receipt)] == []


def test_pay_from_both(filled: PerpVaultHarness, second_holder: str) -> None:
    unit = filled.harness.unit
    filled.trade([10 * WAD, 0])
    assert filled.vault.idle() == 500 * unit
    receipt = filled.pay(second_holder, 1_200 * unit)
    assert filled.harness.token.balanceOf(second_holder) == 1_200 * unit
    assert filled.vault.idle() == 0
    only_event(receipt, filled.vault, "Paid", receiver=second_holder, amount=1_200 * unit)
    only_event(
        receipt,
        filled.harness.exchange,
        "Withdrawn",
        account=filled.vault.address,
        receiver=second_holder,
        amount=700 * unit,
    )
    assert len(filled.harness.token.events(receipt)) == 2


def test_pay_from_the_venue_straight_to_the_receiver(
    filled: PerpVaultHarness, second_holder: str
) -> None:
    filled.trade([10 * WAD, 0])
    filled.pay(second_holder, 500 * filled.harness.unit)
    receipt = filled.pay(second_holder, 9)
    assert len(filled.harness.token.events(receipt)) == 1


def test_pay_stops_at_the_margin(filled: PerpVaultHarness, second_holder: str) -> None:
    filled.trade([80 * WAD, 0])
    value = filled.vault.value([100 * WAD, 10 * WAD, *[0] * 8])
    largest = value.idle + value.equity - 800 * filled.harness.unit
    with reverts("exchange: margin too low"):
        filled.pay(second_holder, largest + 1)
    filled.pay(second_holder, largest)


def test_pay_from_idle_needs_no_price(filled: PerpVaultHarness, second_holder: str) -> None:
    filled.trade([10 * WAD, 0])
    filled.harness.fail_oracle()
    filled.pay(second_holder, 500 * filled.harness.unit)
    with reverts("oracle: stale price"):
        filled.pay(second_holder, 1)


class TestHostileCollateral:
    @pytest.fixture
    def hostile(self, chain: LocalBackend, owner: str, depositor: str) -> PerpVaultHarness:
        harness = ExchangeHarness(chain, owner, [], [WAD], [CONFIG])
        harness.deploy_on(chain.deploy("HostileToken", 6, sender=owner))
        harness.fund(depositor)
        return PerpVaultHarness(harness, depositor, 0, [WAD])

    def test_a_refused_payment_reverts(self, hostile: PerpVaultHarness, depositor: str) -> None:
        hostile.harness.token.transfer(hostile.vault.address, 10, sender=depositor)
        hostile.vault.book(10, sender=depositor)
        hostile.harness.token.set_answer(1, sender=depositor)
        with reverts("vault: collateral not sent"):
            hostile.vault.pay(depositor, 10, sender=depositor)
        assert hostile.vault.idle() == 10

    def test_no_answer_is_accepted(self, hostile: PerpVaultHarness, depositor: str) -> None:
        hostile.harness.token.set_answer(2, sender=depositor)
        hostile.harness.token.transfer(hostile.vault.address, 10, sender=depositor)
        hostile.vault.book(10, sender=depositor)
        hostile.vault.pay(depositor, 10, sender=depositor)
        assert hostile.vault.idle() == 0

    def test_a_fee_on_the_way_is_not_booked(
        self, hostile: PerpVaultHarness, depositor: str
    ) -> None:
        hostile.harness.token.set_fee(100, sender=depositor)
        hostile.harness.token.transfer(hostile.vault.address, 1_000, sender=depositor)
        with reverts("vault: collateral not received"):
            hostile.vault.book(1_000, sender=depositor)
