# SPDX-License-Identifier: AGPL-3.0-only
"""Terms of futures: what margin they ask for, and what holding them costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats, not_negative, not_negative_number, number


@dataclass(frozen=True)
class MarginRates:
    """Margins as fractions of the notional, 0 < maintenance < initial <= 1.

    Deribit's and Binance's rates rise with the size of a position (Deribit,
    "Inverse Perpetual"; Binance, "Leverage and Margin in Coin-Margined Futures
    Contracts"): give the rate of the position's own size.
    """

    initial: float
    maintenance: float

    def __post_init__(self) -> None:
        initial = number("initial", self.initial)
        maintenance = number("maintenance", self.maintenance)
        if not 0 < maintenance < initial <= 1:
            raise ValueError(
                f"margin rates are initial {initial!r}, maintenance {maintenance!r}; "
                "expected 0 < maintenance < initial <= 1"
            )


@dataclass(frozen=True)
class Perpetual:
    """A future without an end, whose price is the spot price.

    `funding` is what longs pay to shorts, a fraction of the notional per year;
    below zero, shorts pay. An 8-hourly rate f is f * 3 * 365 here (BitMEX,
    "Perpetual Contracts Guide"; Deribit, "Funding Specifications").
    """

    funding: float = 0.0

    def __post_init__(self) -> None:
        number("funding", self.funding)

    def ratio(self, years: ArrayLike = 0.0) -> Floats:
        """Futures price by spot price after `years`: one."""
        return np.ones_like(not_negative("years", years))

    def paid(self, years: ArrayLike) -> Floats:
        """Funding that longs pay over `years`, a fraction of the notional."""
        return np.asarray(self.funding * not_negative("years", years))


@dataclass(frozen=True)
class Dated:
    """A future that settles at spot in `years`; until then its price is
    spot * exp(basis * years left).

    `basis` is a continuously compounded rate per year, above zero when the
    future is dearer than spot. This is the cost-of-carry relation (Hull,
    "Options, Futures, and Other Derivatives", chapter on forward prices);
    BitMEX marks its dated contracts by an annualised basis as well ("Fair Price
    Marking", there without compounding).
    """

    years: float
    basis: float = 0.0

    def __post_init__(self) -> None:
        not_negative_number("years", self.years)
        number("basis", self.basis)

    def ratio(self, years: ArrayLike = 0.0) -> Floats:
        """Futures price by spot price when `years` have passed; ValueError beyond the
        settlement."""
        passed = not_negative("years", years)
        if (passed > self.years).any():
            raise ValueError(f"years has {passed.max()!r}; expected at most {self.years!r}")
        return np.asarray(np.exp(self.basis * (self.years - passed)))

    def paid(self, years: ArrayLike) -> Floats:
        """Dated futures have no funding: zero."""
        return np.zeros_like(not_negative("years", years))


Terms = Perpetual | Dated
PERPETUAL = Perpetual()  # without funding
