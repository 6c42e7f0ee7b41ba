# SPDX-License-Identifier: AGPL-3.0-only
"""Linear futures, margined and settled in the stablecoin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats, not_negative, positive, positive_number, same_shape, size_number
from .instrument import InCoin, quotient_where_positive
from .terms import PERPETUAL, MarginRates, Terms


@dataclass(frozen=True)
class LinearFuture(InCoin):
    """A position in a linear future, alone in its account.

    `entry` is the futures price at which it was opened, dollars per coin;
    `size` is in coins, below zero for a short; `margin` is what lies in the
    account now, dollars, with funding paid so far taken out and profit not
    yet put in. ValueError for an entry or a margin that is not above zero, or
    a size of zero.

    Value is margin + size * (F - entry), with F the futures price, as the
    project's exchange computes it (`contracts/modules/exchange/linear.vy`) and
    as Binance writes it for USD-margined contracts ("A Beginner's Guide to
    Futures Trading").
    """

    entry: float
    size: float
    margin: float
    rates: MarginRates
    terms: Terms = PERPETUAL

    def __post_init__(self) -> None:
        positive_number("entry", self.entry)
        size_number("size", self.size)
        positive_number("margin", self.margin)

    def futures_price(self, price: ArrayLike) -> Floats:
        """Dollars per coin of the future while spot is at `price`."""
        return np.asarray(positive("price", price) * self.terms.ratio())

    def profit(self, price: ArrayLike) -> Floats:
        """size * (F - entry), dollars."""
        return np.asarray(self.size * (self.futures_price(price) - self.entry))

    def value(self, price: ArrayLike) -> Floats:
        """Margin and profit, dollars; below zero is bad debt."""
        return np.asarray(self.margin + self.profit(price))

    def delta(self, price: ArrayLike) -> Floats:
        """size * F / spot, coins."""
        return np.full_like(positive("price", price), self.size * self.terms.ratio())

    def gamma(self, price: ArrayLike) -> Floats:
        """Zero: the payoff is a straight line."""
        return np.zeros_like(positive("price", price))

    def initial_margin(self, price: ArrayLike) -> Floats:
        """Rate times |size| * F, dollars."""
        return np.asarray(self.rates.initial * abs(self.size) * self.futures_price(price))

    def maintenance_margin(self, price: ArrayLike) -> Floats:
        """Rate times |size| * F, dollars."""
        return np.asarray(self.rates.maintenance * abs(self.size) * self.futures_price(price))

    def leverage(self, price: ArrayLike) -> Floats:
        """size * F / value, signed; nan where the value is not above zero."""
        exposure = np.asarray(self.size * self.futures_price(price))
        return quotient_where_positive(exposure, self.value(price))

    def liquidation_price(self) -> float:
        """Where margin + size * (F - entry) = rate * |size| * F, as a spot price.

        A long is liquidated at or below it, a short at or above it; nan for a long
        whose margin pays for all of it.
        """
        reserved = self.rates.maintenance * abs(self.size)
        price = (self.size * self.entry - self.margin) / (self.size - reserved)
        return price / float(self.terms.ratio()) if price > 0 else float("nan")

    def carry(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """Change of F at an unchanged spot less funding, times size; dollars."""
        at, held = same_shape(price=positive("price", price), years=not_negative("years", years))
        drift = self.terms.ratio(held) - self.terms.ratio() - self.terms.paid(held)
        return np.asarray(self.size * at * drift)
