# SPDX-License-Identifier: AGPL-3.0-only
"""The inverse index token over a path of resets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import (
    Floats,
    floats,
    not_negative,
    not_negative_number,
    positive,
    positive_number,
    same_shape,
)
from .instrument import PaidInFull, quotient_where_positive

MULTIPLES = (1, 2, 3)


def checked_multiple(multiple: int) -> int:
    """L, which is 1, 2 or 3; ValueError for anything else."""
    if multiple not in MULTIPLES:
        raise ValueError(f"multiple is {multiple!r}; expected 1, 2 or 3")
    return int(multiple)


def compounded(path: ArrayLike, multiple: int, invested: float = 1.0) -> Floats:
    """Dollars that a token is worth at each reset of a path, costs left out.

    `path` has the index level at each reset, shape (..., resets), the first one
    when `invested` was paid; so has the answer. Between two resets
    N' = N * (1 - L * (I' / I - 1)), never below zero (`docs/mechanics.md`, the
    section "Return"); what has reached zero stays there. ValueError for levels
    that are not above zero, no levels, or a multiple other than 1, 2 and 3.
    """
    levels = positive("path", path)
    if levels.ndim == 0 or levels.shape[-1] == 0:
        raise ValueError(f"path has shape {levels.shape}; expected (..., resets), one or more")
    returns = levels[..., 1:] / levels[..., :-1] - 1
    factors = np.maximum(0.0, 1 - checked_multiple(multiple) * returns)
    start = np.full_like(levels[..., :1], positive_number("invested", invested))
    return np.asarray(np.cumprod(np.concatenate([start, factors], axis=-1), axis=-1))


def expected_log_drift(mean: ArrayLike, volatility: ArrayLike, multiple: int) -> Floats:
    """Expected log return of the token per period, to second order:
    -L * mean - L^2 * volatility^2 / 2.

    `mean` and `volatility` are those of the index's simple returns per period
    and broadcast. `inverse_index.report.decay` has the same of two numbers;
    Avellaneda and Zhang, "Path-Dependence of Leveraged ETF Returns" (2010), derive
    it. ValueError for a volatility below zero.
    """
    drift, spread = same_shape(
        mean=floats("mean", mean), volatility=not_negative("volatility", volatility)
    )
    multiple = checked_multiple(multiple)
    return np.asarray(-multiple * drift - 0.5 * multiple**2 * spread**2)


@dataclass(frozen=True, eq=False)
class TokenOverPath(PaidInFull):
    """`invested` dollars of the token, held over the resets of `path` and since.

    `path` is as in `compounded`, its last level that of the last reset; prices
    are index levels after it and broadcast against the path's other axes.
    `multiple` is L. `volatility` of the index and the streaming `fee` are per
    year, for `carry` alone. ValueError for bad levels, amounts or rates.
    """

    path: ArrayLike
    multiple: int = 1
    invested: float = 1.0
    volatility: float = 0.0
    fee: float = 0.0

    def __post_init__(self) -> None:
        compounded(self.path, self.multiple, self.invested)
        not_negative_number("volatility", self.volatility)
        not_negative_number("fee", self.fee)

    def values(self) -> Floats:
        """Dollars at each reset, shape of `path`."""
        return compounded(self.path, self.multiple, self.invested)

    def wipe_out_price(self) -> Floats:
        """Level I * (1 + 1 / L) from which on the token is worth nothing, if the index
        gets there before the next reset; the path's shape without its last axis."""
        return np.asarray(positive("path", self.path)[..., -1] * (1 + 1 / self.multiple))

    def value(self, price: ArrayLike) -> Floats:
        """N * (1 - L * (I' / I - 1)) with N and I of the last reset, never below zero;
        dollars."""
        at, start, level = self._since_reset(price)
        return np.asarray(start * np.maximum(0.0, 1 - self.multiple * (at / level - 1)))

    def profit(self, price: ArrayLike) -> Floats:
        """Value less `invested`, dollars."""
        return np.asarray(self.value(price) - self.invested)

    def delta(self, price: ArrayLike) -> Floats:
        """-L * N / I of the last reset, units of the index; zero once wiped out."""
        at, start, level = self._since_reset(price)
        alive = at < level * (1 + 1 / self.multiple)
        return np.asarray(np.where(alive, -self.multiple * start / level, 0.0))

    def gamma(self, price: ArrayLike) -> Floats:
        """Zero: between resets the shorts do not change. The token's convexity comes
        from the resets, which sell more after a fall and buy back after a rise."""
        at, _, _ = self._since_reset(price)
        return np.zeros_like(at)

    def leverage(self, price: ArrayLike) -> Floats:
        """delta * price / value: -L at a reset; nan once wiped out."""
        exposure = np.asarray(self.delta(price) * positive("price", price))
        return quotient_where_positive(exposure, self.value(price))

    def carry(self, price: ArrayLike, years: ArrayLike) -> Floats:
        """Dollars lost to volatility and fee over `years` when the index ends where it
        began: value * (exp(-(L * (L + 1) / 2 * volatility^2 + fee) * years) - 1).

        To second order, with resets often enough (`decayed_return` of
        `inverse_index.report.decay`); funding or interest of the shorts is left out.
        """
        value, held = same_shape(price=self.value(price), years=not_negative("years", years))
        drag = self.multiple * (self.multiple + 1) / 2 * self.volatility**2
        return np.asarray(value * np.expm1(-(drag + self.fee) * held))

    def _since_reset(self, price: ArrayLike) -> tuple[Floats, ...]:
        """Prices, and value and level of the last reset, in one shape."""
        return same_shape(
            price=positive("price", price),
            path=self.values()[..., -1],
            level=positive("path", self.path)[..., -1],
        )
