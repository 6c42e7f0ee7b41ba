# SPDX-License-Identifier: AGPL-3.0-only
"""A protective put: coins and the right to sell them at the strike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .black_scholes import put_delta, put_gamma, put_value
from .checks import (
    Floats,
    not_negative,
    not_negative_number,
    number,
    positive,
    positive_number,
    same_shape,
)
from .instrument import PaidInFull, quotient_where_positive


@dataclass(frozen=True)
class ProtectivePut(PaidInFull):
    """`size` European puts on one coin each, bought, and the `coins` that they protect.

    `entry` is the spot price when both were bought, `strike` that of the puts,
    dollars per coin; `premium` is what all puts cost, dollars; with no coins
    the puts stand alone. `volatility`, `years`, `rate` and `dividend` are as in
    `black_scholes`, as numbers. ValueError for an entry, strike, size or
    volatility that is not above zero, or coins, premium or years below it.

    Valued by Black and Scholes (1973) and Merton (1973). They assume that the
    price moves without jumps, at one volatility, and that anyone can trade at
    no cost at all times.
    """

    entry: float
    strike: float
    size: float
    coins: float
    premium: float
    volatility: float
    years: float
    rate: float = 0.0
    dividend: float = 0.0

    def __post_init__(self) -> None:
        for name in ("entry", "strike", "size", "volatility"):
            positive_number(name, getattr(self, name))
        for name in ("coins", "premium", "years"):
            not_negative_number(name, getattr(self, name))
        for name in ("rate", "dividend"):
            number(name, getattr(self, name))

    def value(self, price: ArrayLike) -> Floats:
        """Coins and puts, dollars."""
        return np.asarray(self.coins * positive("price", price) + self._puts(price, self.years))

    def profit(self, price: ArrayLike) -> Floats:
        """What the coins gained since entry and what the puts gained over their premium,
        dollars."""
        paid = self.coins * self.entry + self.premium
        return np.asarray(self.value(price) - paid)

    def delta(self, price: ArrayLike) -> Floats:
        """Coins held and -e^(-qT) N(-d1) for each put, coins."""
        each = put_delta(price, self.strike, *self._market(self.years))
        return np.asarray(self.coins + self.size * each)

    def gamma(self, price: ArrayLike) -> Floats:
        """That of the puts, coins per dollar, never below zero."""
        return np.asarray(self.size * put_gamma(price, self.strike, *self._market(self.years)))

    def leverage(self, price: ArrayLike) -> Floats:
        """delta * price / value, signed; nan where the value is zero."""
        exposure = np.asarray(self.delta(price) * positive("price", price))
        return quotient_where_positive(exposure, self.value(price))

    def carry(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """Change of the puts' value when `years` pass at an unchanged price, dollars;
        ValueError beyond their expiry."""
        at, held = same_shape(price=positive("price", price), years=not_negative("years", years))
        if (held > self.years).any():
            raise ValueError(f"years has {held.max()!r}; expected at most {self.years!r}")
        return np.asarray(self._puts(at, self.years - held) - self._puts(at, self.years))

    def _puts(self, price: ArrayLike, left: ArrayLike) -> Floats:
        return np.asarray(self.size * put_value(price, self.strike, *self._market(left)))

    def _market(self, left: ArrayLike) -> tuple[ArrayLike, ...]:
        """Arguments of the formulas behind the strike."""
        return self.volatility, left, self.rate, self.dividend
