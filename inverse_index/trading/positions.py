# SPDX-License-Identifier: AGPL-3.0-only
"""An account's positions and what they are worth. Pure; amounts at scale 1e36."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model.exchange.markets import position_value
from ..model.fixed import WAD
from .books import View
from .entries import Entry, Trade, entry_of
from .liquidation_price import liquidation_price
from .rehearsal import borrowing_per_day, funding_per_day


@dataclass(frozen=True, slots=True)
class Position:
    """In one market. size: WAD, signed. entry: WAD, None where it is not known; profit:
    since then at the mark, without fees and funding; funding: paid since then and not
    in the cash yet, below zero when received. margin_share: WAD part of the account's
    equity that its initial requirement takes, None without equity."""

    market: int
    size: int
    mark: int
    value: int
    entry: int | None
    profit: int | None
    funding: int | None
    funding_per_day: int
    borrowing_per_day: int
    margin_share: int | None
    liquidation: int | None


def positions_of(
    view: View, account: str, trades: Mapping[int, Sequence[Trade]] | None
) -> list[Position]:
    """Those that are open. trades: by market, None where there is no log. Raises Revert
    without prices."""
    sizes = view.books.account(account).sizes
    equity = view.books.margin(account, view.prices, view.now)[0]
    return [
        _position(view, account, market, equity, (trades or {}).get(market, ()))
        for market, size in enumerate(sizes)
        if size
    ]


def _position(
    view: View, account: str, market: int, equity: int, trades: Sequence[Trade]
) -> Position:
    size = view.books.account(account).sizes[market]
    state, mark = view.books.markets[market], view.mids[market]
    entry = entry_of(trades, size)
    initial = state.initial_up(size, mark)
    return Position(
        market=market,
        size=size,
        mark=mark,
        value=position_value(size, mark, 0),
        entry=None if entry is None else round(entry.price),
        profit=None if entry is None else round(size * (mark - entry.price)),
        funding=_funding(entry, size, state.funding_now(size > 0, mark, view.now)),
        funding_per_day=funding_per_day(state, size, mark, view.now),
        borrowing_per_day=borrowing_per_day(state, size, mark),
        margin_share=initial * WAD // equity if equity > 0 else None,
        liquidation=liquidation_price(view.books, account, market, view.mids, view.now),
    )


def _funding(entry: Entry | None, size: int, cumulative: int) -> int | None:
    if entry is None or entry.funding is None:
        return None
    return round(size * (cumulative - entry.funding))
