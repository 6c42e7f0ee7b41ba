# SPDX-License-Identifier: AGPL-3.0-only
"""Model of an Aave v3 market with variable-rate debt, exact in every integer.

Amounts are native to each asset, indices and rates rays, prices and account
figures USD with 8 decimals, health factors WAD. Users are names. Time is an
argument. Wallets are not kept: whoever pays is taken to have the money and to
have approved it. A call that raises leaves the state untouched; the reason is
Aave's code, or what its compiler or the asset says.

Not modelled: stable debt, efficiency and isolation modes, siloed borrowing,
credit delegation, unbacked mints, flash loans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from ...fixed import MAX_UINT256, WAD, require
from .accounts import AccountData, Accounts, Standing
from .arithmetic import (
    COLLATERAL_IS_ZERO,
    COLLATERAL_TOO_LOW,
    HEALTH_FACTOR_NOT_BELOW,
    HEALTH_FACTOR_TOO_LOW,
    INVALID_AMOUNT,
    LTV_VALIDATION_FAILED,
    NO_DEBT,
    NO_EXPLICIT_AMOUNT,
    NOT_BORROWED,
    NOT_ENOUGH_BALANCE,
    NOT_LIQUIDATABLE_COLLATERAL,
    RESERVE_INACTIVE,
    RESERVE_PAUSED,
    SILENT,
    cast128,
    checked,
    percent_div,
    percent_mul,
    ray_div,
    ray_mul,
)
from .liquidation import Seizure, closable, seizure
from .reserve import Reserve, ReserveConfig

TREASURY = "treasury"
P = ParamSpec("P")
R = TypeVar("R")
Prices = Callable[[str], int] | Mapping[str, int]


def _undone(
    action: Callable[Concatenate[AaveModel, P], R],
) -> Callable[Concatenate[AaveModel, P], R]:
    """The action, leaving the state as it was when it raises."""

    @wraps(action)
    def attempt(self: AaveModel, /, *args: P.args, **kwargs: P.kwargs) -> R:
        before = self.saved()
        try:
            return action(self, *args, **kwargs)
        except BaseException:
            self.restore(before)
            raise

    return attempt


class AaveModel:
    """A market. `prices` is read at every use: a function of the symbol or a mapping."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices if callable(prices) else prices.__getitem__
        self.reserves: dict[str, Reserve] = {}
        self._accounts = Accounts()

    # set-up and administration

    def add_reserve(self, symbol: str, decimals: int, config: ReserveConfig, now: int) -> None:
        """List an asset. As in Aave its clock starts with its first action, not `now`."""
        if symbol in self.reserves:
            raise ValueError(f"{symbol} is listed already")
        self.reserves[symbol] = Reserve(symbol, len(self.reserves), decimals, config)

    def configure(self, symbol: str, **changes: Any) -> None:
        """Change parameters. As in Aave no interest is accrued, no rate updated."""
        reserve = self.reserves[symbol]
        reserve.config = replace(reserve.config, **changes)

    def donate(self, symbol: str, amount: int) -> None:
        """Underlying sent straight to the aToken: liquidity that belongs to nobody."""
        self.reserves[symbol].take_in(amount)

    # state

    def state(self) -> dict[str, Any]:
        """Everything that is stored."""
        return {
            "users": self._accounts.state(),
            "reserves": {symbol: each.state() for symbol, each in self.reserves.items()},
        }

    def saved(self) -> tuple[Any, ...]:
        """A state to go back to."""
        copies = [reserve.copy() for reserve in self.reserves.values()]
        return copies, self._accounts.copy()

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Back to a saved state, any number of times."""
        copies, accounts = saved
        self.reserves = {reserve.symbol: reserve.copy() for reserve in copies}
        self._accounts = accounts.copy()

    # views

    def supplied(self, symbol: str, user: str, now: int) -> int:
        """aToken balance, rounded half up."""
        return self.reserves[symbol].supplied_now(user, now)

    def owed(self, symbol: str, user: str, now: int) -> int:
        """Variable debt balance, rounded half up."""
        return self.reserves[symbol].owed_now(user, now)

    def scaled_supplied(self, symbol: str, user: str) -> int:
        return self.reserves[symbol].supplied.get(user, 0)

    def scaled_owed(self, symbol: str, user: str) -> int:
        return self.reserves[symbol].owed.get(user, 0)

    def normalized_income(self, symbol: str, now: int) -> int:
        """Ray."""
        return self.reserves[symbol].normalized_income(now)

    def normalized_debt(self, symbol: str, now: int) -> int:
        """Ray."""
        return self.reserves[symbol].normalized_debt(now)

    def available(self, symbol: str) -> int:
        """Underlying in the aToken."""
        return self.reserves[symbol].available

    def user_configuration(self, user: str) -> int:
        """Aave's bitmap of what the user has as collateral and owes."""
        return self._accounts.bits(user)

    def account_data(self, user: str, now: int) -> AccountData:
        """Collateral and debt rounded down per asset, the rest as Aave rounds it."""
        s = self._standing(user, now)
        power = percent_mul(s.collateral, s.ltv_bps)
        spare = max(power - s.debt, 0)
        return AccountData(s.collateral, s.debt, spare, s.threshold_bps, s.ltv_bps, s.health_factor)

    # actions

    @_undone
    def supply(
        self, symbol: str, amount: int, user: str, now: int, on_behalf_of: str | None = None
    ) -> None:
        """Pay underlying in for aTokens; a first supply becomes collateral by itself."""
        reserve = self.reserves[symbol]
        owner = user if on_behalf_of is None else on_behalf_of
        reserve.update(now)
        reserve.check_supply(amount)
        reserve.update_rates(amount, 0)
        reserve.take_in(amount)
        if reserve.mint_supply(owner, amount):
            self._enable(reserve, owner)

    @_undone
    def withdraw(self, symbol: str, amount: int, user: str, now: int) -> int:
        """Burn aTokens for underlying, MAX_UINT256 for all of them; what was paid."""
        reserve = self.reserves[symbol]
        reserve.update(now)
        held = reserve.supplied_at(user, reserve.liquidity_index)
        if amount == MAX_UINT256:
            amount = held
        require(amount != 0, INVALID_AMOUNT)
        require(amount <= held, NOT_ENOUGH_BALANCE)
        reserve.check_running()
        reserve.update_rates(0, amount)
        was_collateral = self._accounts.is_collateral(reserve.place, user)
        if was_collateral and amount == held:
            self._accounts.set_collateral(reserve.place, user, False)
        reserve.burn_supply(user, amount)
        reserve.pay_out(amount)
        if was_collateral and self._accounts.borrows(user):
            self._check_healthy(reserve, user, now)
        return amount

    @_undone
    def borrow(self, symbol: str, amount: int, user: str, now: int) -> None:
        """Take underlying out as variable debt."""
        reserve = self.reserves[symbol]
        reserve.update(now)
        reserve.check_borrow(amount)
        self._check_covered(reserve, amount, user, now)
        if reserve.mint_debt(user, amount):
            self._accounts.set_borrowing(reserve.place, user, True)
        reserve.update_rates(0, amount)
        reserve.pay_out(amount)

    @_undone
    def repay(
        self, symbol: str, amount: int, user: str, now: int, on_behalf_of: str | None = None
    ) -> int:
        """Repay variable debt, MAX_UINT256 for all of the own; what was paid."""
        reserve = self.reserves[symbol]
        owner = user if on_behalf_of is None else on_behalf_of
        reserve.update(now)
        debt = reserve.owed_at(owner, reserve.variable_borrow_index)
        require(amount != 0, INVALID_AMOUNT)
        require(amount != MAX_UINT256 or user == owner, NO_EXPLICIT_AMOUNT)
        reserve.check_running()
        require(debt != 0, NO_DEBT)
        paid = min(amount, debt)
        reserve.burn_debt(owner, paid)
        reserve.update_rates(paid, 0)
        if paid == debt:
            self._accounts.set_borrowing(reserve.place, owner, False)
        reserve.take_in(paid)
        return paid

    @_undone
    def transfer(self, symbol: str, amount: int, sender: str, receiver: str, now: int) -> None:
        """Move aTokens; a first receipt becomes collateral by itself."""
        reserve = self.reserves[symbol]
        cast128(amount)
        index = reserve.normalized_income(now)
        sent_from = reserve.supplied_at(sender, index)
        received_on = reserve.supplied_at(receiver, index)
        reserve.move_supply(sender, receiver, amount, index)
        require(not reserve.config.paused, RESERVE_PAUSED)
        if sender == receiver or amount == 0:
            return
        if self._accounts.is_collateral(reserve.place, sender):
            if self._accounts.borrows(sender):
                self._check_healthy(reserve, sender, now)
            if amount == sent_from:
                self._accounts.set_collateral(reserve.place, sender, False)
        if received_on == 0:
            self._enable(reserve, receiver)

    @_undone
    def liquidate(
        self,
        collateral: str,
        debt: str,
        user: str,
        amount: int,
        liquidator: str,
        now: int,
        receive_a_token: bool = False,
    ) -> Seizure:
        """Repay up to `amount` of an unhealthy user's debt for collateral and a bonus."""
        seized, owing = self.reserves[collateral], self.reserves[debt]
        owing.update(now)
        health = self._standing(user, now).health_factor
        total = owing.owed_at(user, owing.variable_borrow_index)
        self._check_liquidation(seized, owing, user, total, health)
        held = seized.supplied_now(user, now)
        prices = self.price(collateral), self.price(debt)
        taken = seizure(seized, owing, prices, min(amount, closable(total, health)), held)
        if taken.repaid == total:
            self._accounts.set_borrowing(owing.place, user, False)
        if taken.collateral + taken.fee == held:
            self._accounts.set_collateral(seized.place, user, False)
        owing.burn_debt(user, taken.repaid)
        owing.update_rates(taken.repaid, 0)
        if receive_a_token:
            self._seize_tokens(seized, user, liquidator, taken.collateral, now)
        else:
            seized.update(now)
            seized.update_rates(0, taken.collateral)
            seized.burn_supply(user, taken.collateral)
            seized.pay_out(taken.collateral)
        if taken.fee:
            _pay_treasury(seized, user, taken.fee, now)
        owing.take_in(taken.repaid)
        return taken

    # parts

    def price(self, symbol: str) -> int:
        """USD with 8 decimals."""
        price = self._prices(symbol)
        require(price > 0, SILENT)  # Aave then asks a fallback oracle, which is nobody
        return price

    def _standing(self, user: str, now: int) -> Standing:
        return self._accounts.standing(user, self.reserves.values(), self.price, now)

    def _check_covered(self, reserve: Reserve, amount: int, user: str, now: int) -> None:
        s = self._standing(user, now)
        require(s.collateral != 0, COLLATERAL_IS_ZERO)
        require(s.ltv_bps != 0, LTV_VALIDATION_FAILED)
        require(s.health_factor > WAD, HEALTH_FACTOR_TOO_LOW)
        worth = checked(self.price(reserve.symbol) * amount) // reserve.unit
        needed = percent_div(checked(s.debt + worth), s.ltv_bps)
        require(needed <= s.collateral, COLLATERAL_TOO_LOW)

    def _check_healthy(self, reserve: Reserve, user: str, now: int) -> None:
        s = self._standing(user, now)
        require(s.health_factor >= WAD, HEALTH_FACTOR_TOO_LOW)
        require(not s.zero_ltv or reserve.config.ltv_bps == 0, LTV_VALIDATION_FAILED)

    def _check_liquidation(
        self, seized: Reserve, owing: Reserve, user: str, total: int, health: int
    ) -> None:
        require(seized.config.active and owing.config.active, RESERVE_INACTIVE)
        require(not seized.config.paused and not owing.config.paused, RESERVE_PAUSED)
        require(health < WAD, HEALTH_FACTOR_NOT_BELOW)
        can_be_taken = seized.config.liquidation_threshold_bps != 0
        can_be_taken = can_be_taken and self._accounts.is_collateral(seized.place, user)
        require(can_be_taken, NOT_LIQUIDATABLE_COLLATERAL)
        require(total != 0, NOT_BORROWED)

    def _seize_tokens(
        self, seized: Reserve, user: str, liquidator: str, amount: int, now: int
    ) -> None:
        index = seized.normalized_income(now)
        held_before = seized.supplied_at(liquidator, index)
        seized.move_supply(user, liquidator, amount, index)
        if held_before == 0:
            self._enable(seized, liquidator)

    def _enable(self, reserve: Reserve, user: str) -> None:
        if reserve.config.ltv_bps != 0:
            self._accounts.set_collateral(reserve.place, user, True)


def _pay_treasury(reserve: Reserve, user: str, fee: int, now: int) -> None:
    """The protocol's part of the bonus, or what rounding has left of it."""
    index = reserve.normalized_income(now)
    scaled = reserve.supplied.get(user, 0)
    if ray_div(fee, index) > scaled:
        fee = ray_mul(scaled, index)
    reserve.move_supply(user, TREASURY, fee, index)
