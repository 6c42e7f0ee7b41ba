# SPDX-License-Identifier: AGPL-3.0-only
"""A vault on the exchange whose token is an ordinary account, beside its model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inverse_index.chain import (
    Contract,
    Receipt,
    Reverted,
)
from inverse_index.model.perp.vault import PerpVaultModel
from inverse_index.model.vault.collateral_vault import Traded
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import ExchangeHarness, ten


class PerpVaultHarness:
    """A vault whose token is an ordinary account, beside its model."""

    def __init__(
        self, harness: ExchangeHarness, token: str, idle_buffer: int, max_trade: Sequence[int]
    ) -> None:
        self.harness = harness
        self.token = token
        self.vault: Contract = harness.chain.deploy(
            "PerpVault", token, harness.exchange.address, idle_buffer, list(max_trade), sender=token
        )
        self.model = PerpVaultModel(harness.model, self.vault.address, idle_buffer, max_trade)
        harness.actors.append(self.vault.address)

    def book(self, amount: int) -> Receipt:
        """Move collateral in and book it."""
        self.harness.token.transfer(self.vault.address, amount, sender=self.token)
        return self.both(
            lambda: self.vault.book(amount, sender=self.token), lambda: self.model.book(amount)
        )

    def pay(self, receiver: str, amount: int) -> Receipt:
        harness = self.harness
        return self.both(
            lambda: self.vault.pay(receiver, amount, sender=self.token),
            lambda: self.model.pay(amount, harness.oracle_prices, harness.now),
        )

    def trade(
        self, targets: Sequence[int], bound: int = MAX_UINT256, chunked: bool = False
    ) -> Receipt:
        """Trade at the oracle's prices; compares the result and the events."""
        harness, vault = self.harness, self.vault
        prices, reached = ten(harness.prices), []
        self.model.traded = []
        arguments = (self.held(), ten(targets), prices, bound, chunked)
        try:
            expected, after = vault.trade.call(*arguments, sender=self.token)
        except Reverted:
            expected = after = None  # compared below
        receipt = self.both(
            lambda: vault.trade(*arguments, sender=self.token),
            lambda: reached.append(self.model.trade(targets, prices, bound, chunked, harness.now)),
        )
        assert [expected] == reached
        assert after == vault.value(prices)
        traded = [event for event in vault.events(receipt) if event.name == "Traded"]
        assert [
            Traded(each.component, each.delta, each.price, each.fee) for each in traded
        ] == self.model.traded
        return receipt

    def held(self) -> Any:
        """What the token has read before it trades; nothing while it cannot."""
        if not self.harness.priced:
            return (0, 0, ten([]))
        return self.vault.value(ten(self.harness.prices))

    def both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        receipt = self.harness.both(on_chain, on_model)
        self.check()
        return receipt

    def check(self) -> None:
        vault, harness = self.vault, self.harness
        assert vault.idle() == self.model.idle
        assert harness.token.balanceOf(vault.address) >= self.model.idle
        if harness.priced:
            value = vault.value(ten(harness.prices))
            expected = self.model.value(harness.prices, harness.now)
            assert (value.idle, value.equity, value.shorts) == (
                expected.idle,
                expected.equity,
                ten(expected.shorts),
            )
