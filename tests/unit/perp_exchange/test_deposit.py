# SPDX-License-Identifier: AGPL-3.0-only
"""deposit: exactly what was asked for, or nothing."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.exchange_harness import CONFIG, NOBODY, ONE, ExchangeHarness, ten


def test_deposit(harness: ExchangeHarness, trader: str) -> None:
    """[X-MAR-1]"""
    receipt = harness.deposit(trader, 25 * harness.unit)
    assert harness.exchange.cash(trader) == 25 * ONE
    assert harness.exchange.held() == 25 * harness.unit
    only_event(receipt, harness.exchange, "Deposited", account=trader, amount=25 * harness.unit)


def test_refuses_nothing(harness: ExchangeHarness, trader: str) -> None:
    with reverts("exchange: zero amount"):
        harness.deposit(trader, 0)


def test_needs_no_price(harness: ExchangeHarness, trader: str) -> None:
    """[X-MAR-1]"""
    harness.fail_oracle()
    harness.deposit(trader, 1)
    assert harness.exchange.held() == 1


@pytest.mark.parametrize("decimals", [0, 6, 8, 18])
def test_any_decimals_have_one_ledger_scale(
    chain: LocalBackend, owner: str, trader: str, decimals: int
) -> None:
    """[X-MAR-4]"""
    harness = ExchangeHarness(chain, owner, [trader], [WAD], [CONFIG], decimals)
    harness.deposit(trader, 7 * harness.unit)
    assert harness.exchange.cash(trader) == 7 * ONE
    harness.withdraw(trader, 7 * harness.unit)
    assert harness.exchange.cash(trader) == 0


class TestHostileCollateral:
    """An exchange on collateral that misbehaves."""

    @pytest.fixture
    def hostile(self, chain: LocalBackend, owner: str, trader: str) -> ExchangeHarness:
        harness = ExchangeHarness(chain, owner, [], [WAD], [CONFIG])
        harness.deploy_on(chain.deploy("HostileToken", 6, sender=owner))
        harness.fund(trader)
        return harness

    def test_fee_on_transfer_is_refused(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.token.set_fee(1, sender=trader)
        with reverts("exchange: wrong amount received"):
            hostile.exchange.deposit(10_000, sender=trader)
        assert hostile.exchange.held() == 0

    def test_a_false_answer_is_refused(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.exchange.deposit(5, sender=trader)
        hostile.token.set_answer(1, sender=trader)
        with reverts("exchange: collateral not pulled"):
            hostile.exchange.deposit(5, sender=trader)
        with reverts("exchange: collateral not sent"):
            hostile.exchange.withdraw(5, trader, sender=trader)
        assert hostile.exchange.held() == 5

    def test_a_lie_is_refused(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.token.set_answer(3, sender=trader)
        with reverts("exchange: wrong amount received"):
            hostile.exchange.deposit(5, sender=trader)

    def test_no_answer_is_accepted(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.token.set_answer(2, sender=trader)
        hostile.exchange.deposit(5, sender=trader)
        hostile.exchange.withdraw(5, trader, sender=trader)
        assert hostile.exchange.held() == 0

    def test_callbacks_find_the_door_closed(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.exchange.deposit(10, sender=trader)
        attempts = (
            hostile.exchange.encode("withdraw", 1, trader),
            hostile.exchange.encode("account_value", trader, ten([WAD])),
            hostile.exchange.encode("obligations"),
            hostile.exchange.encode("spare_reserve", NOBODY, ten([WAD])),
            hostile.exchange.encode("held"),
        )
        for attempt in attempts:
            hostile.token.set_callback(hostile.exchange.address, attempt, sender=trader)
            hostile.exchange.withdraw(1, trader, sender=trader)
            assert hostile.token.call_succeeded() is False
        assert hostile.exchange.cash(trader) == 5 * 10**30

    def test_a_donation_is_nobodys(self, hostile: ExchangeHarness, trader: str) -> None:
        hostile.exchange.deposit(10**6, sender=trader)
        hostile.token.transfer(hostile.exchange.address, 10**6, sender=trader)
        assert (hostile.exchange.cash(trader), hostile.exchange.held()) == (10**36, 10**6)
