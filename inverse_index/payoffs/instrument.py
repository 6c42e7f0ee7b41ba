# SPDX-License-Identifier: AGPL-3.0-only
"""What all instruments answer, in dollars and in coin.

`price` is always the spot price of the coin (of the index, for the token) in
dollars, above zero, of any shape; answers have its shape, or the shape that
several arguments broadcast to. "Dollar" stands for the stablecoin, whose own
price is not looked at. Everything raises ValueError for prices that are not
finite numbers above zero, and for shapes that do not broadcast.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats, positive


class InDollars(Protocol):
    """An instrument in dollars."""

    def value(self, price: ArrayLike) -> Floats:
        """Dollars that the whole position is worth, its margin or coins included."""
        ...

    def profit(self, price: ArrayLike) -> Floats:
        """Dollars gained since the position was opened, below zero for a loss. What
        margin in coin has gained by itself is no part of it."""
        ...

    def delta(self, price: ArrayLike) -> Floats:
        """First derivative of `value` by the price: coins of exposure, below zero
        for a short one."""
        ...

    def gamma(self, price: ArrayLike) -> Floats:
        """Second derivative of `value` by the price: coins per dollar."""
        ...

    def initial_margin(self, price: ArrayLike) -> Floats:
        """Dollars needed to open the position; zero where it is paid in full."""
        ...

    def maintenance_margin(self, price: ArrayLike) -> Floats:
        """Dollars below which the position is liquidated; zero where it cannot be."""
        ...

    def carry(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """Dollars that holding for `years` (zero or more) brings while the price stays
        where it is; below zero for a cost."""
        ...

    def leverage(self, price: ArrayLike) -> Floats:
        """Percent by which the value, in the unit of its collateral, moves for one
        percent of the price; below zero for a short exposure, nan where the value
        is not above zero."""
        ...

    def liquidation_price(self) -> float:
        """Spot price at which value and maintenance margin are equal; nan if no price
        does that."""
        ...


class Instrument(InDollars, Protocol):
    """An instrument in dollars and in coin; tables and charts loop over these."""

    def value_coin(self, price: ArrayLike) -> Floats:
        """`value`, in coins at the same price."""
        ...

    def profit_coin(self, price: ArrayLike) -> Floats:
        """`profit`, in coins at the same price."""
        ...

    def delta_coin(self, price: ArrayLike) -> Floats:
        """First derivative of `value_coin` by the price: coins per dollar."""
        ...

    def gamma_coin(self, price: ArrayLike) -> Floats:
        """Second derivative of `value_coin`: coins per dollar squared."""
        ...

    def initial_margin_coin(self, price: ArrayLike) -> Floats:
        """`initial_margin`, in coins at the same price."""
        ...

    def maintenance_margin_coin(self, price: ArrayLike) -> Floats:
        """`maintenance_margin`, in coins at the same price."""
        ...

    def carry_coin(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """`carry`, in coins at the same price."""
        ...


class InCoin:
    """The coin methods of an instrument, from those in dollars.

    With V the value in dollars and P the price, the value in coin is V / P; its
    derivatives follow by the quotient rule.
    """

    def value_coin(self: InDollars, price: ArrayLike) -> Floats:
        """V / P, coins."""
        return np.asarray(self.value(price) / positive("price", price))

    def profit_coin(self: InDollars, price: ArrayLike) -> Floats:
        """Profit / P, coins."""
        return np.asarray(self.profit(price) / positive("price", price))

    def delta_coin(self: InDollars, price: ArrayLike) -> Floats:
        """V' / P - V / P^2, coins per dollar."""
        at = positive("price", price)
        return np.asarray((self.delta(at) - self.value(at) / at) / at)

    def gamma_coin(self: InDollars, price: ArrayLike) -> Floats:
        """V'' / P - 2 V' / P^2 + 2 V / P^3, coins per dollar squared."""
        at = positive("price", price)
        slope = self.delta(at) - self.value(at) / at
        return np.asarray((self.gamma(at) - 2 * slope / at) / at)

    def initial_margin_coin(self: InDollars, price: ArrayLike) -> Floats:
        """Initial margin / P, coins."""
        return np.asarray(self.initial_margin(price) / positive("price", price))

    def maintenance_margin_coin(self: InDollars, price: ArrayLike) -> Floats:
        """Maintenance margin / P, coins."""
        return np.asarray(self.maintenance_margin(price) / positive("price", price))

    def carry_coin(self: InDollars, price: ArrayLike, years: ArrayLike) -> Floats:
        """Carry / P, coins."""
        return np.asarray(self.carry(price, years) / positive("price", price))


class PaidInFull(InCoin):
    """Margins of what is paid for when it is bought: none, and no liquidation."""

    def initial_margin(self, price: ArrayLike) -> Floats:
        """Zero dollars."""
        return np.zeros_like(positive("price", price))

    def maintenance_margin(self, price: ArrayLike) -> Floats:
        """Zero dollars."""
        return np.zeros_like(positive("price", price))

    def liquidation_price(self) -> float:
        """nan: nothing is liquidated."""
        return float("nan")


def quotient_where_positive(numerator: Floats, denominator: Floats) -> Floats:
    """The quotient, nan where the denominator is not above zero."""
    return np.divide(
        numerator, denominator, out=np.full_like(denominator, np.nan), where=denominator > 0
    )
