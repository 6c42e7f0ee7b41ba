# SPDX-License-Identifier: AGPL-3.0-only
"""Inverse futures, margined and settled in the coin whose price they follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats, not_negative, positive, positive_number, same_shape, size_number
from .instrument import InCoin, quotient_where_positive
from .terms import PERPETUAL, MarginRates, Terms


@dataclass(frozen=True)
class InverseFuture(InCoin):
    """A position in an inverse future, alone in its account.

    `entry` is the futures price at which it was opened, dollars per coin;
    `size` is Q, contracts times their multiplier, in dollars: above zero long
    the coin, below zero short; `margin` is what lies in the account now, in
    coins, with funding paid so far taken out and profit not yet put in.
    ValueError for an entry or a margin that is not above zero, or a size of
    zero.

    With F the futures price, the position has gained Q * (1 / entry - 1 / F)
    coins: BitMEX, "Inverse Perpetuals Guide" (multiplier 1 dollar); Deribit,
    "Inverse Perpetual" (contracts of 10 dollars for bitcoin); Binance, "A
    Beginner's Guide to Futures Trading", section COIN-M (multiplier 100 dollars
    for bitcoin, 10 for others). In dollars at that moment this is Q * (P / entry - P / F), a
    straight line in the spot price P; the curve is in the coin.
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

    @classmethod
    def of_contracts(
        cls,
        contracts: float,
        multiplier: float,
        entry: float,
        margin: float,
        rates: MarginRates,
        terms: Terms = PERPETUAL,
    ) -> InverseFuture:
        """`contracts`, below zero for a short, of `multiplier` dollars each."""
        size = size_number("contracts", contracts) * positive_number("multiplier", multiplier)
        return cls(entry, size, margin, rates, terms)

    def futures_price(self, price: ArrayLike) -> Floats:
        """Dollars per coin of the future while spot is at `price`."""
        return np.asarray(positive("price", price) * self.terms.ratio())

    # in coin

    def profit_coin(self, price: ArrayLike) -> Floats:
        """Q * (1 / entry - 1 / F), coins."""
        return np.asarray(self.size * (1 / self.entry - 1 / self.futures_price(price)))

    def value_coin(self, price: ArrayLike) -> Floats:
        """Margin and profit, coins; below zero is bad debt."""
        return np.asarray(self.margin + self.profit_coin(price))

    def delta_coin(self, price: ArrayLike) -> Floats:
        """Q / (F * P), coins per dollar: it falls as the coin rises."""
        return np.asarray(self.size / (self.futures_price(price) * positive("price", price)))

    def gamma_coin(self, price: ArrayLike) -> Floats:
        """-2 * Q / (F * P^2), coins per dollar squared: concave for a long."""
        return np.asarray(-2 * self.delta_coin(price) / positive("price", price))

    def initial_margin_coin(self, price: ArrayLike) -> Floats:
        """Rate times |Q| / F, coins."""
        return np.asarray(self.rates.initial * abs(self.size) / self.futures_price(price))

    def maintenance_margin_coin(self, price: ArrayLike) -> Floats:
        """Rate times |Q| / F, coins: it rises as the coin falls."""
        return np.asarray(self.rates.maintenance * abs(self.size) / self.futures_price(price))

    # in dollars

    def profit(self, price: ArrayLike) -> Floats:
        """Q * (P / entry - P / F), dollars, without what the margin gained by itself."""
        return np.asarray(self.profit_coin(price) * positive("price", price))

    def value(self, price: ArrayLike) -> Floats:
        """Margin and profit in coin, times the spot price: dollars."""
        return np.asarray(self.value_coin(price) * positive("price", price))

    def delta(self, price: ArrayLike) -> Floats:
        """margin + Q / entry, coins, at any price: in dollars the account is that many
        coins against a fixed debt of Q * P / F dollars."""
        return np.full_like(positive("price", price), self.margin + self.size / self.entry)

    def gamma(self, price: ArrayLike) -> Floats:
        """Zero: in dollars the payoff is a straight line."""
        return np.zeros_like(positive("price", price))

    def initial_margin(self, price: ArrayLike) -> Floats:
        """Rate times |Q| * P / F, dollars: the same at any price."""
        return np.asarray(self.initial_margin_coin(price) * positive("price", price))

    def maintenance_margin(self, price: ArrayLike) -> Floats:
        """Rate times |Q| * P / F, dollars: the same at any price."""
        return np.asarray(self.maintenance_margin_coin(price) * positive("price", price))

    # risk

    def leverage(self, price: ArrayLike) -> Floats:
        """Q / F by the coins in the account, signed; nan without coins.

        The exchanges' leverage, and the percent by which the account's coins move for
        one percent of the price. In dollars one more is added for the coins themselves.
        """
        exposure = np.asarray(self.size / self.futures_price(price))
        return quotient_where_positive(exposure, self.value_coin(price))

    def liquidation_price(self) -> float:
        """Where margin + Q * (1 / entry - 1 / F) = rate * |Q| / F, as a spot price.

        F = (Q + rate * |Q|) / (margin + Q / entry), Binance's "How to Calculate
        Liquidation Price of COIN-M Futures Contracts" for one position without a
        maintenance amount. A long is liquidated at or below it, a short at or above
        it; nan for a short whose coins are worth its notional at entry, or more.
        """
        owed = self.size + self.rates.maintenance * abs(self.size)
        coins = self.margin + self.size / self.entry
        if coins == 0 or owed / coins < 0:
            return float("nan")
        return owed / coins / float(self.terms.ratio())

    def carry(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """Q * (P / F now - P / F then - funding), dollars at an unchanged spot; the
        futures price then is that after `years`."""
        at, held = same_shape(price=positive("price", price), years=not_negative("years", years))
        drift = 1 / self.terms.ratio() - 1 / self.terms.ratio(held) - self.terms.paid(held)
        return np.asarray(self.size * drift * np.ones_like(at))
