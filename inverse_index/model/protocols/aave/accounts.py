# SPDX-License-Identifier: AGPL-3.0-only
"""Who uses which reserve of an Aave v3 market, and how each account stands.

Values are USD with 8 decimals and rounded down per asset, health factors WAD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ...fixed import MAX_UINT256
from .arithmetic import checked, percent_mul, wad_div
from .reserve import Reserve

_BORROWING_MASK = int("01" * 128, 2)


class AccountData(NamedTuple):
    """As `getUserAccountData`: USD with 8 decimals, bps, WAD."""

    total_collateral: int
    total_debt: int
    available_borrows: int
    liquidation_threshold_bps: int
    ltv_bps: int
    health_factor: int


class Standing(NamedTuple):
    """What decides whether a user may borrow or withdraw; averages rounded down."""

    collateral: int
    debt: int
    ltv_bps: int
    threshold_bps: int
    health_factor: int
    zero_ltv: bool  # some of the collateral carries no new debt


class Accounts:
    """Aave's bitmaps: per user two bits a reserve, collateral the higher, debt the lower."""

    def __init__(self, users: dict[str, int] | None = None) -> None:
        self._users = {} if users is None else users

    def copy(self) -> Accounts:
        return Accounts(self._users.copy())

    def state(self) -> dict[str, int]:
        """Bitmaps that are not empty."""
        return {user: bits for user, bits in self._users.items() if bits}

    def bits(self, user: str) -> int:
        return self._users.get(user, 0)

    def is_collateral(self, place: int, user: str) -> bool:
        return bool(self.bits(user) >> 2 * place & 2)

    def borrows(self, user: str) -> bool:
        """Any reserve at all."""
        return bool(self.bits(user) & _BORROWING_MASK)

    def set_collateral(self, place: int, user: str, used: bool) -> None:
        self._set(user, 2 << 2 * place, used)

    def set_borrowing(self, place: int, user: str, borrowing: bool) -> None:
        self._set(user, 1 << 2 * place, borrowing)

    def standing(
        self, user: str, reserves: Iterable[Reserve], price: Callable[[str], int], now: int
    ) -> Standing:
        """Over all reserves in their order; those that are not used are not even priced."""
        bits = self.bits(user)
        if bits == 0:
            return Standing(0, 0, 0, 0, MAX_UINT256, False)
        collateral = debt = ltv = threshold = 0
        zero_ltv = False
        for reserve in reserves:
            flags = bits >> 2 * reserve.place & 3
            if flags == 0:
                continue
            config, at = reserve.config, price(reserve.symbol)
            if flags & 2 and config.liquidation_threshold_bps != 0:
                worth = _worth_down(reserve, reserve.supplied_now(user, now), at)
                collateral += worth
                ltv += worth * config.ltv_bps
                threshold += worth * config.liquidation_threshold_bps
                zero_ltv = zero_ltv or config.ltv_bps == 0
            if flags & 1:
                debt += _worth_down(reserve, reserve.owed_now(user, now), at)
        if collateral:
            ltv, threshold = ltv // collateral, threshold // collateral
        health = MAX_UINT256
        if debt != 0:
            health = wad_div(percent_mul(collateral, threshold), debt)
        return Standing(collateral, debt, ltv, threshold, health, zero_ltv)

    def _set(self, user: str, bit: int, on: bool) -> None:
        bits = self.bits(user)
        self._users[user] = bits | bit if on else bits & ~bit


def _worth_down(reserve: Reserve, amount: int, price: int) -> int:
    return checked(amount * price) // reserve.unit
