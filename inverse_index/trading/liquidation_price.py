# SPDX-License-Identifier: AGPL-3.0-only
"""At which price of a market an account falls below its maintenance margin. Pure.

Margin is shared by all markets: the price holds for one market alone, while the
others stand. It is found by bisection on the model's own integers, so it is exact:
the last price at which the account is still safe is its neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model.exchange.markets import MAX_PRICE
from ..model.exchange.perp_exchange import ExchangeModel


def is_liquidatable(books: ExchangeModel, account: str, prices: Sequence[int], now: int) -> bool:
    """Whether equity is below the maintenance requirement at these prices."""
    equity = books.equity(account, prices, now)
    return equity < books.maintenance_up(account, prices)


def liquidation_price(
    books: ExchangeModel, account: str, market: int, prices: Sequence[int], now: int
) -> int | None:
    """The first price (WAD) at which the account can be liquidated, as this market alone
    moves against it; the present one if it can be now, None if no price does that."""
    size = books.account(account).sizes[market]

    def liquidatable(price: int) -> bool:
        moved = [price if m == market else mid for m, mid in enumerate(prices)]
        return is_liquidatable(books, account, moved, now)

    if size == 0 or books.settled:
        return None
    safe, lost = prices[market], 1 if size > 0 else MAX_PRICE
    if liquidatable(safe):
        return safe
    if not liquidatable(lost):
        return None
    while abs(lost - safe) > 1:
        middle = (safe + lost) // 2
        if liquidatable(middle):
            lost = middle
        else:
            safe = middle
    return lost
