# SPDX-License-Identifier: AGPL-3.0-only
"""Orders, their results and accounts, as the exchange's model keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """As `IPerpExchange.Order`."""

    market: int
    delta: int
    limit: int


@dataclass(frozen=True, slots=True)
class Fill:
    """As `IPerpExchange.Fill`."""

    price: int
    fee: int


@dataclass(frozen=True, slots=True)
class Liquidation:
    """What a liquidation did: WAD fraction, penalty and debts at scale 1e36,
    reward native."""

    fraction: int
    penalty: int
    reward: int
    insurance_paid: int
    pool_paid: int


@dataclass(frozen=True, slots=True)
class Request:
    """As `ILiquidityPool.Request`: collateral or shares, the most that they bring, and
    since when."""

    amount: int = 0
    bound: int = 0
    since: int = 0


@dataclass(slots=True)
class Account:
    """Ledger of one address. liquidity: its free shares; those of `leaving` are in
    custody."""

    sizes: list[int]
    cash: int = 0
    liquidity: int = 0
    joining: Request = Request()
    leaving: Request = Request()

    def copy(self) -> Account:
        return Account(list(self.sizes), self.cash, self.liquidity, self.joining, self.leaving)

    @property
    def has_position(self) -> bool:
        return any(self.sizes)
