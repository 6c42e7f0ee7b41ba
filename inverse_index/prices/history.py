# SPDX-License-Identifier: AGPL-3.0-only
"""Price histories: exact integer prices of several assets over time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from inverse_index.config.fields import near
from inverse_index.errors import UserError
from inverse_index.prices.times import format_time

PRICE_DECIMALS: Final = 8
ONE_USD: Final = 10**PRICE_DECIMALS
# Far above any price and far below what an int256 feed answer or a WAD price
# of the oracle can hold: a million million dollars.
MAX_PRICE: Final = 10**12 * ONE_USD


@dataclass(frozen=True)
class PriceHistory:
    """Rows of prices.

    ``timestamps``: unix seconds UTC when the row is KNOWN (a row labelled by
    the opening of its hour is known one hour later), strictly ascending.
    ``prices``: one row per timestamp, one price per symbol, exact integers in
    USD with 8 decimals. ``interval``: seconds between most rows.
    ``notes``: what a reader should know, such as rows that were left out.
    """

    timestamps: list[int]
    symbols: list[str]
    prices: list[list[int]]
    interval: int
    source: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def start(self) -> int:
        """When the first row is known, unix seconds."""
        return self.timestamps[0]

    @property
    def end(self) -> int:
        """When the last row is known, unix seconds."""
        return self.timestamps[-1]

    @property
    def duration(self) -> int:
        """Seconds from the first to the last row."""
        return self.end - self.start

    def column(self, symbol: str) -> list[int]:
        """All prices of one symbol."""
        place = _place(symbol, self.symbols, self.source)
        return [row[place] for row in self.prices]

    def select(self, symbols: Iterable[str]) -> PriceHistory:
        """The same rows with only these symbols, in this order."""
        wanted = list(symbols)
        places = [_place(symbol, self.symbols, self.source) for symbol in wanted]
        rows = [[row[place] for place in places] for row in self.prices]
        return PriceHistory(self.timestamps, wanted, rows, self.interval, self.source, self.notes)

    def between(self, start: int | None = None, end: int | None = None) -> PriceHistory:
        """The rows known from ``start`` to ``end``, both inclusive."""
        first = 0 if start is None else bisect_left(self.timestamps, start)
        after = len(self) if end is None else bisect_right(self.timestamps, end)
        if first >= after:
            raise UserError(
                f"{self.source}: no row from {_bound(start)} to {_bound(end)}",
                f"choose dates from {format_time(self.start)} to {format_time(self.end)}",
            )
        return PriceHistory(
            self.timestamps[first:after],
            self.symbols,
            self.prices[first:after],
            self.interval,
            self.source,
            self.notes,
        )


def unknown_symbol(symbol: str, known: list[str], source: str) -> UserError:
    """The error for a symbol that a source does not have."""
    return UserError(
        f"{source}: unknown symbol '{symbol}'{near(symbol, known)}",
        f"choose from {', '.join(known)}",
    )


def _place(symbol: str, symbols: list[str], source: str) -> int:
    if symbol not in symbols:
        raise unknown_symbol(symbol, symbols, source)
    return symbols.index(symbol)


def _bound(moment: int | None) -> str:
    return "the edge" if moment is None else format_time(moment)
