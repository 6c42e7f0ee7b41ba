# SPDX-License-Identifier: AGPL-3.0-only
"""One reserve of Aave v3: its parameters, indices, rates and scaled balances.

Amounts are native to the asset, scaled balances are amounts divided by an
index, indices and yearly rates are rays. Nothing here undoes itself when it
raises: the market does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ....config.aave_reserve import ReserveParameters
from ...fixed import Revert, require
from .arithmetic import (
    BORROW_CAP_EXCEEDED,
    BORROWING_NOT_ENABLED,
    INVALID_AMOUNT,
    INVALID_BURN_AMOUNT,
    INVALID_MINT_AMOUNT,
    PANIC,
    RAY,
    RESERVE_FROZEN,
    RESERVE_INACTIVE,
    RESERVE_PAUSED,
    SUPPLY_CAP_EXCEEDED,
    cast128,
    checked,
    checked128,
    compounded_interest,
    linear_interest,
    liquidity_rate,
    percent_mul,
    ray_div,
    ray_mul,
    variable_rate,
)

Balances = dict[str, int]


@dataclass(frozen=True, slots=True)
class ReserveConfig(ReserveParameters):
    """Parameters of a reserve, and what else its market knows of it.

    Like Aave's own setters the market takes over what it is given: a threshold
    of 0 is no collateral at all, an LTV of 0 collateral that carries no new debt.
    `shortfall_reason`: what the asset says to a transfer of more than is there.
    """

    liquidation_protocol_fee_bps: int = 0
    active: bool = True
    frozen: bool = False
    paused: bool = False
    shortfall_reason: str = "ERC20: transfer amount exceeds balance"


@dataclass(slots=True)
class Reserve:
    """State of a reserve. `place` is its number in the market; `available` the
    underlying that its aToken holds; `supplied` and `owed` are scaled."""

    symbol: str
    place: int
    decimals: int
    config: ReserveConfig
    liquidity_index: int = RAY
    variable_borrow_index: int = RAY
    current_liquidity_rate: int = 0
    current_variable_borrow_rate: int = 0
    last_update: int = 0  # as Aave: no time before the first action
    accrued_to_treasury: int = 0  # scaled
    available: int = 0
    scaled_supply: int = 0
    scaled_debt: int = 0
    supplied: Balances = field(default_factory=dict)
    owed: Balances = field(default_factory=dict)

    @property
    def unit(self) -> int:
        """One whole unit of the asset."""
        return int(10**self.decimals)

    def copy(self) -> Reserve:
        return Reserve(
            self.symbol,
            self.place,
            self.decimals,
            self.config,
            self.liquidity_index,
            self.variable_borrow_index,
            self.current_liquidity_rate,
            self.current_variable_borrow_rate,
            self.last_update,
            self.accrued_to_treasury,
            self.available,
            self.scaled_supply,
            self.scaled_debt,
            self.supplied.copy(),
            self.owed.copy(),
        )

    def state(self) -> dict[str, Any]:
        """Every stored value by name."""
        copy = self.copy()
        return {name: getattr(copy, name) for name in self.__slots__}

    # indices

    def normalized_income(self, now: int) -> int:
        """Liquidity index with the interest up to now, ray."""
        if now == self.last_update:
            return self.liquidity_index
        grown = linear_interest(self.current_liquidity_rate, self._since(now))
        return ray_mul(grown, self.liquidity_index)

    def normalized_debt(self, now: int) -> int:
        """Variable borrow index with the interest up to now, ray."""
        if now == self.last_update:
            return self.variable_borrow_index
        grown = compounded_interest(self.current_variable_borrow_rate, self._since(now))
        return ray_mul(grown, self.variable_borrow_index)

    def update(self, now: int) -> None:
        """Write the interest up to now into the indices; the treasury's part of it."""
        if now == self.last_update:
            return
        before = self.variable_borrow_index
        self.liquidity_index = cast128(self.normalized_income(now))
        if self.scaled_debt != 0:
            self.variable_borrow_index = cast128(self.normalized_debt(now))
        self._accrue(before)
        self.last_update = now

    def update_rates(self, added: int, taken: int) -> None:
        """Rates after an action that is about to move the underlying."""
        c = self.config
        debt = ray_mul(self.scaled_debt, self.variable_borrow_index)
        usage = 0
        if debt != 0:
            left = checked(checked(self.available + added) - taken)
            usage = ray_div(debt, checked(left + debt))
        rate = variable_rate(
            usage, c.optimal_usage_ray, c.base_rate_ray, c.slope1_ray, c.slope2_ray
        )
        supplied = liquidity_rate(debt, rate, usage, c.reserve_factor_bps)
        self.current_liquidity_rate = cast128(supplied)
        self.current_variable_borrow_rate = cast128(rate)

    def _accrue(self, index_before: int) -> None:
        factor = self.config.reserve_factor_bps
        if factor == 0:
            return
        interest = ray_mul(self.scaled_debt, self.variable_borrow_index)
        interest = checked(interest - ray_mul(self.scaled_debt, index_before))
        part = percent_mul(interest, factor)
        if part != 0:
            accrued = cast128(ray_div(part, self.liquidity_index))
            self.accrued_to_treasury = checked128(self.accrued_to_treasury + accrued)

    def _since(self, now: int) -> int:
        if now < self.last_update:
            raise ValueError(f"{self.symbol}: {now} is before its last update {self.last_update}")
        return now - self.last_update

    # what an action is refused for

    def check_running(self) -> None:
        """Refuse anything while inactive or paused."""
        require(self.config.active, RESERVE_INACTIVE)
        require(not self.config.paused, RESERVE_PAUSED)

    def check_supply(self, amount: int) -> None:
        """Refuse a supply for the reserve's own reasons."""
        require(amount != 0, INVALID_AMOUNT)
        self.check_running()
        require(not self.config.frozen, RESERVE_FROZEN)
        if self.config.supply_cap:
            scaled = self.scaled_supply + self.accrued_to_treasury
            total = checked(ray_mul(scaled, self.liquidity_index) + amount)
            require(total <= self.config.supply_cap * self.unit, SUPPLY_CAP_EXCEEDED)

    def check_borrow(self, amount: int) -> None:
        """Refuse new debt for the reserve's own reasons."""
        require(amount != 0, INVALID_AMOUNT)
        self.check_running()
        require(not self.config.frozen, RESERVE_FROZEN)
        require(self.config.borrowing, BORROWING_NOT_ENABLED)
        if self.config.borrow_cap:
            total = checked(ray_mul(self.scaled_debt, self.variable_borrow_index) + amount)
            require(total <= self.config.borrow_cap * self.unit, BORROW_CAP_EXCEEDED)

    # balances

    def mint_supply(self, user: str, amount: int) -> bool:
        """aTokens for an amount, at the stored index; whether they are the user's first."""
        scaled = _scaled(amount, self.liquidity_index, INVALID_MINT_AMOUNT)
        self.scaled_supply = checked(self.scaled_supply + scaled)
        return _add(self.supplied, user, scaled)

    def burn_supply(self, user: str, amount: int) -> None:
        """Take an amount of the user's aTokens, at the stored index."""
        scaled = _scaled(amount, self.liquidity_index, INVALID_BURN_AMOUNT)
        self.scaled_supply = checked(self.scaled_supply - scaled)
        _take(self.supplied, user, scaled)

    def mint_debt(self, user: str, amount: int) -> bool:
        """Debt for an amount, at the stored index; whether it is the user's first."""
        scaled = _scaled(amount, self.variable_borrow_index, INVALID_MINT_AMOUNT)
        self.scaled_debt = checked(self.scaled_debt + scaled)
        return _add(self.owed, user, scaled)

    def burn_debt(self, user: str, amount: int) -> None:
        """Take an amount off the user's debt, at the stored index."""
        scaled = _scaled(amount, self.variable_borrow_index, INVALID_BURN_AMOUNT)
        self.scaled_debt = checked(self.scaled_debt - scaled)
        _take(self.owed, user, scaled)

    def move_supply(self, sender: str, receiver: str, amount: int, index: int) -> None:
        """Transfer aTokens for an amount; nothing at all if it rounds to nothing."""
        scaled = cast128(ray_div(amount, index))
        _take(self.supplied, sender, scaled)
        _add(self.supplied, receiver, scaled)

    def supplied_at(self, user: str, index: int) -> int:
        """The user's aTokens at an index."""
        return ray_mul(self.supplied.get(user, 0), index)

    def owed_at(self, user: str, index: int) -> int:
        """The user's debt at an index."""
        return ray_mul(self.owed.get(user, 0), index)

    def supplied_now(self, user: str, now: int) -> int:
        """The user's aTokens with the interest up to now."""
        return ray_mul(self.supplied.get(user, 0), self.normalized_income(now))

    def owed_now(self, user: str, now: int) -> int:
        """The user's debt with the interest up to now."""
        return ray_mul(self.owed.get(user, 0), self.normalized_debt(now))

    # underlying

    def pay_out(self, amount: int) -> None:
        """Underlying leaves the aToken."""
        require(amount <= self.available, self.config.shortfall_reason)
        self.available -= amount

    def take_in(self, amount: int) -> None:
        """Underlying comes into the aToken."""
        self.available += amount


def _scaled(amount: int, index: int, when_zero: str) -> int:
    scaled = ray_div(amount, index)
    require(scaled != 0, when_zero)
    return cast128(scaled)


def _add(balances: Balances, user: str, scaled: int) -> bool:
    held = balances.get(user, 0)
    balances[user] = checked128(held + scaled)
    return held == 0


def _take(balances: Balances, user: str, scaled: int) -> None:
    held = balances.get(user, 0)
    if scaled > held:
        raise Revert(PANIC)
    balances[user] = held - scaled
