# SPDX-License-Identifier: AGPL-3.0-only
"""A vault of a deployed system: its actions called as its token, and what is asked of
them by the interface alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt, Reverted
from inverse_index.model.fixed import WAD
from tests.support.constants import MAX_UINT256
from tests.support.system_harness import SystemHarness

SLIPPAGE = "vault: slippage above bound"
NOT_THE_TOKEN = "vault: caller is not the token"


def ten(values: Sequence[int]) -> list[int]:
    """The values, with zeros after the last."""
    return [*values, *[0] * (10 - len(values))]


class VaultHarness:
    """A vault of a deployed system, with its token's address to act from.

    What is done here the token does not know of, nor the model.
    """

    def __init__(self, harness: SystemHarness) -> None:
        self.base = harness
        self.chain: LocalBackend = harness.chain
        self.vault: Contract = harness.system.vault
        self.collateral: Contract = harness.system.collateral
        self.count = len(harness.plan.symbols)
        self.unit = harness.system.unit
        self.scale = 10 ** (36 - harness.system.decimals)
        self.token = self.chain.impersonate(harness.token.address)

    # looking

    @property
    def prices(self) -> list[int]:
        """Mid prices, WAD collateral, ten of them."""
        return list(self.base.system.oracle.read().mid)

    @property
    def shorts(self) -> list[int]:
        return list(self.vault.value(self.prices).shorts)

    def total(self, prices: Sequence[int] | None = None) -> int:
        """Idle and equity, native."""
        value = self.vault.value(list(prices or self.prices))
        return int(value.idle + value.equity)

    def units_of(self, worth: int, part: Sequence[int] | None = None) -> list[int]:
        """WAD units of a worth (native) of each component, odd ones."""
        factors = part or [100] * self.count
        return ten(
            [
                worth * self.scale * factor // 100 // price + (1 if factor else 0)
                for factor, price in zip(factors[: self.count], self.prices, strict=False)
            ]
        )

    def worth_up(self, shorts: Sequence[int], prices: Sequence[int] | None = None) -> int:
        """Native, rounded up."""
        pairs = zip(shorts, prices or self.prices, strict=True)
        return -(-sum(short * price for short, price in pairs) // self.scale)

    # acting as the token

    def book(self, amount: int) -> Receipt:
        """Collateral comes in, and is noted."""
        self.base.system.give(self.vault.address, amount)
        return self.vault.book(amount, sender=self.token)

    def pay(self, receiver: str, amount: int) -> Receipt:
        return self.vault.pay(receiver, amount, sender=self.token)

    def trade(
        self,
        targets: Sequence[int],
        bound: int = MAX_UINT256,
        chunked: bool = False,
        prices: Sequence[int] | None = None,
    ) -> Receipt:
        """To the targets, at the oracle's prices unless others are given; what it
        says of the holdings after is true."""
        args = self.arguments(targets, bound, chunked, prices)
        _, after = self.vault.trade.call(*args, sender=self.token)
        receipt = self.vault.trade(*args, sender=self.token)
        assert after == self.vault.value(args[2])
        return receipt

    def arguments(
        self,
        targets: Sequence[int],
        bound: int = MAX_UINT256,
        chunked: bool = False,
        prices: Sequence[int] | None = None,
    ) -> tuple[Any, ...]:
        """Those of `trade`, the holdings as they are."""
        at = list(prices or self.prices)
        return self.vault.value(at), list(targets), at, bound, chunked

    def reached(
        self, targets: Sequence[int], bound: int = MAX_UINT256, chunked: bool = False
    ) -> bool:
        """Whether `trade` would say that all targets are reached."""
        args = self.arguments(targets, bound, chunked)
        found: bool = self.vault.trade.call(*args, sender=self.token)[0]
        return found

    def refusal(
        self, targets: Sequence[int], bound: int, prices: Sequence[int] | None = None
    ) -> str | None:
        """Why `trade` would revert, None when it would not."""
        try:
            args = self.arguments(targets, bound, False, prices)
            self.vault.trade.call(*args, sender=self.token)
        except Reverted as error:
            return error.reason
        return None

    def traded(self, receipt: Receipt) -> list[Any]:
        """The events of trades."""
        return [event for event in self.vault.events(receipt) if event.name == "Traded"]

    def follow(self) -> None:
        """Arbitrage moves the venue's own market, if any, to the oracle's prices."""
        self.base.system.follow_prices(self.base.prices, self.base.owner)

    def check_sound(self, given: int = 0) -> None:
        """All collateral in the vault is tracked, but for what was `given`."""
        idle = self.vault.value(self.prices).idle
        assert self.collateral.balanceOf(self.vault) == idle + given

    def check_at(self, targets: Sequence[int], tolerance: int = 1) -> None:
        """Every short is within `tolerance` smallest trades of its target."""
        smallest = self.vault.min_trade()
        for short, target, least in zip(self.shorts, targets, smallest, strict=True):
            assert abs(short - target) <= tolerance * least, (short, target, least)


def smallest_bound(vault_harness: VaultHarness, targets: Sequence[int]) -> int:
    """The tightest bound (WAD) at which the trade would pass."""
    low, high = 0, WAD // 10
    assert vault_harness.refusal(targets, high) is None
    while high - low > 1:
        middle = (low + high) // 2
        if vault_harness.refusal(targets, middle) is None:
            high = middle
        else:
            low = middle
    return high


def has_hops(vault_harness: VaultHarness) -> bool:
    """Whether a component's path leads over several pools."""
    if vault_harness.base.system.venue.kind == "perp":
        return False
    return any(len(each.pool.path) > 1 for each in vault_harness.base.plan.venue.components)
