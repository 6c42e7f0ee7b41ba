# SPDX-License-Identifier: AGPL-3.0-only
"""The dollar itself as a component: what an inverse futures market is made of.

An index of the component ``USD`` is priced in the collateral, a coin. No source of
prices has a column for the dollar; what moves is the coin, whose price is needed then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .history import ONE_USD, PriceHistory

DOLLAR: Final = "USD"


def priced_symbols(symbols: Sequence[str], collateral: str) -> list[str]:
    """What a source of prices has to have: the components and, where the dollar is one
    of them, the collateral instead of it."""
    wanted = [symbol for symbol in symbols if symbol != DOLLAR]
    return wanted if DOLLAR not in symbols or collateral in wanted else [*wanted, collateral]


def with_dollar(history: PriceHistory, symbols: Sequence[str]) -> PriceHistory:
    """The history with a column of 1 for the dollar, where it is a component."""
    if DOLLAR not in symbols or DOLLAR in history.symbols:
        return history
    return PriceHistory(
        history.timestamps,
        [*history.symbols, DOLLAR],
        [[*row, ONE_USD] for row in history.prices],
        history.interval,
        history.source,
        history.notes,
    )
