# SPDX-License-Identifier: AGPL-3.0-only
"""At what price and funding a position was opened on average. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill. price: WAD; funding: cumulative then, WAD, None where it is not known."""

    delta: int
    price: int
    funding: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Averages of what is still open, WAD; funding None where it is not known."""

    price: Fraction
    funding: Fraction | None


def entry_of(trades: Sequence[Trade], size: int) -> Entry | None:
    """Of a position of this size; None without one, or when the trades do not add up to
    it. What reduces a position leaves the averages of the rest; what turns it around
    begins anew."""
    held, price = 0, Fraction(0)
    funding: Fraction | None = Fraction(0)
    for trade in trades:
        after = held + trade.delta
        if after == 0 or (after < 0) != (held < 0) or held == 0:
            price = Fraction(trade.price)
            funding = None if trade.funding is None else Fraction(trade.funding)
        elif abs(after) > abs(held):
            price = (price * held + trade.price * trade.delta) / after
            funding = _averaged(funding, held, trade, after)
        held = after
    if size == 0 or held != size:
        return None
    return Entry(price, funding)


def _averaged(funding: Fraction | None, held: int, trade: Trade, after: int) -> Fraction | None:
    if funding is None or trade.funding is None:
        return None
    return (funding * held + trade.funding * trade.delta) / after
