# SPDX-License-Identifier: AGPL-3.0-only
"""Volatility decay: what holding -L times an index over many periods costs.

Analytics in floating point. Over one period the token returns -L times the
index; over many it compounds to the product of (1 - L * r), which falls behind
-L times the whole return the more, the more the index swings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, prod
from statistics import fmean, pstdev

from inverse_index.errors import UserError
from inverse_index.prices.history import PriceHistory
from inverse_index.prices.times import DAY

RISES = (0.10, 0.15, 0.20)


def expected_log_drift(mean: float, volatility: float, leverage: int) -> float:
    """Expected log return per period of -L times an index, to second order:
    -L * mean - L^2 * volatility^2 / 2, with ``mean`` and ``volatility`` of the
    index's simple returns per period."""
    return -leverage * mean - 0.5 * leverage**2 * volatility**2


def decayed_return(index_return: float, volatility: float, periods: float, leverage: int) -> float:
    """Expected return of -L times an index, given how the index ended.

    Holding l = -L times an index with a reset each period gives, to second
    order, log(token) = l * log(index) - l * (l - 1) / 2 * volatility^2 * periods.
    """
    multiple = -leverage
    drag = 0.5 * multiple * (multiple - 1) * volatility**2 * periods
    return exp(multiple * log(1 + index_return) - drag) - 1


@dataclass(frozen=True)
class Decay:
    """Realised figures of -L times an index with a reset each period, no costs.

    Returns and volatility are fractions. ``rises`` counts, per threshold of
    ``RISES``, the periods whose index ended further than that above its reset;
    ``rises_inside`` those in which it was so at any row before the next reset.
    """

    periods: int
    leverage: int
    index_return: float
    ideal_return: float
    second_order_return: float
    mean: float
    volatility: float
    best: float
    best_start: int
    worst: float
    worst_start: int
    rises: tuple[int, ...]
    rises_inside: tuple[int, ...]
    wiped_out: bool


def realised_decay(
    history: PriceHistory,
    leverage: int = 1,
    weights: Sequence[float] | None = None,
    reweight: bool = False,
    period: int = DAY,
    offset: int = 0,
) -> Decay:
    """Decay figures of an index of all symbols of a history.

    The first reset is the first row that opens a period (00:00 UTC for days),
    the last period is the last complete one. ``weights`` (default equal) hold
    at the first reset and, with ``reweight``, at every one; otherwise the
    units of that first moment are kept.
    """
    resets = _resets(history, period, offset)
    if len(resets) < 3:
        raise UserError(
            f"{history.source}: {max(len(resets) - 1, 0)} whole periods of {period} seconds",
            "use a longer history",
        )
    shares = [1 / len(history.symbols)] * len(history.symbols) if weights is None else list(weights)
    base = resets[0]
    returns, peaks = [], []
    for first, last in pairwise(resets):
        relatives = _levels(history, shares, first if reweight else base, first, last)
        returns.append(relatives[-1] / relatives[0] - 1)
        peaks.append(max(relatives[:-1]) / relatives[0] - 1)
    return _figures(history, resets, returns, peaks, leverage)


def _resets(history: PriceHistory, period: int, offset: int) -> list[int]:
    """Rows that are the first of their period, not counting a begun first one."""
    numbers = [(moment - offset) // period for moment in history.timestamps]
    found = [i for i in range(1, len(numbers)) if numbers[i] != numbers[i - 1]]
    return ([0] if (history.start - offset) % period == 0 else []) + found


def _levels(
    history: PriceHistory, shares: Sequence[float], base: int, first: int, last: int
) -> list[float]:
    """Index levels of the rows first..last, 1 at ``base`` with these weights."""
    start = history.prices[base]
    return [
        sum(
            share * price / origin
            for share, price, origin in zip(shares, history.prices[i], start, strict=True)
        )
        for i in range(first, last + 1)
    ]


def _figures(
    history: PriceHistory,
    resets: list[int],
    returns: list[float],
    peaks: list[float],
    leverage: int,
) -> Decay:
    index_return = prod(1 + r for r in returns) - 1
    volatility = pstdev(returns)
    best = max(range(len(returns)), key=returns.__getitem__)
    worst = min(range(len(returns)), key=returns.__getitem__)
    return Decay(
        periods=len(returns),
        leverage=leverage,
        index_return=index_return,
        ideal_return=_compounded(returns, leverage) - 1,
        second_order_return=decayed_return(index_return, volatility, len(returns), leverage),
        mean=fmean(returns),
        volatility=volatility,
        best=returns[best],
        best_start=history.timestamps[resets[best]],
        worst=returns[worst],
        worst_start=history.timestamps[resets[worst]],
        rises=_counts(returns),
        rises_inside=_counts(peaks),
        wiped_out=any(leverage * r >= 1 for r in returns),
    )


def _compounded(returns: list[float], leverage: int) -> float:
    """Product of (1 - L * r); a token that is wiped out stays at 0."""
    value = 1.0
    for r in returns:
        value *= max(0.0, 1 - leverage * r)
    return value


def _counts(values: list[float]) -> tuple[int, ...]:
    return tuple(sum(value > rise for value in values) for rise in RISES)
