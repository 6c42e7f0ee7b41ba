# SPDX-License-Identifier: AGPL-3.0-only
"""What the token's model asks of its vault's, as `ICollateralVault` does.

Collateral amounts are native, shorts and trades WAD units, prices WAD; prices
and time are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..fixed import MAX_UINT256, WAD, ceil_div


@dataclass(frozen=True, slots=True)
class Value:
    """As `ICollateralVault.Value`."""

    idle: int
    equity: int
    shorts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Traded:
    """As the event: one component's trade, the fee native and rounded up."""

    component: int
    delta: int
    price: int
    fee: int


def largest_loss_up(notional: int, bound: int) -> int:
    """Of a fill within a bound, WAD; no bound counts as twice the notional."""
    return ceil_div(notional * (2 * WAD if bound == MAX_UINT256 else bound), WAD)


class CollateralVault(Protocol):
    """A vault; `traded` is its last trade's events. `saved` and `restore` cover
    the venue, whose state a refused action must not change."""

    traded: list[Traded]

    @property
    def decimals(self) -> int: ...

    def value(self, prices: Sequence[int], now: int) -> Value: ...

    def min_trade(self) -> tuple[int, ...]: ...

    def leverage_limits(self) -> tuple[int, int]: ...

    def quote(
        self, targets: Sequence[int], prices: Sequence[int], incoming: int, now: int
    ) -> tuple[int, bool]: ...

    def estimate(
        self, shorts: Sequence[int], targets: Sequence[int], prices: Sequence[int], now: int
    ) -> int: ...

    def depth(
        self, direction: Sequence[int], prices: Sequence[int], bound: int, more: bool, now: int
    ) -> int: ...

    def backing(
        self,
        direction: Sequence[int],
        worth: int,
        prices: Sequence[int],
        bound: int,
        more: bool,
        now: int,
    ) -> int: ...

    def spendable(self, prices: Sequence[int], now: int) -> int: ...

    def halted(self) -> bool: ...

    def remainder(self, now: int) -> int: ...

    def can_settle(self, late: bool, now: int) -> bool: ...

    def in_kind(self, shares: int, supply: int, now: int) -> tuple[int, tuple[int, ...]]: ...

    def begin(self) -> None: ...

    def book(self, amount: int) -> None: ...

    def pay(self, amount: int, prices: Sequence[int], now: int) -> None: ...

    def trade(
        self,
        targets: Sequence[int],
        prices: Sequence[int],
        bound: int,
        chunked: bool,
        now: int,
    ) -> bool: ...

    def redeem_in_kind(self, shares: int, supply: int, now: int) -> tuple[int, tuple[int, ...]]: ...

    def saved(self) -> Any: ...

    def restore(self, saved: Any) -> None: ...
