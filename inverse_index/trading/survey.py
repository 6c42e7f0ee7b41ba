# SPDX-License-Identifier: AGPL-3.0-only
"""Which accounts can be liquidated or deleveraged now, and what that pays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..keeper.decide import Policy, wanted_up
from ..model.exchange.markets import RATE_LIFE
from ..model.exchange.records import Liquidation
from ..model.fixed import Revert
from .books import View
from .liquidation_price import is_liquidatable


@dataclass(frozen=True, slots=True)
class Due:
    """An account that can be liquidated. equity, maintenance: scale 1e36."""

    account: str
    equity: int
    maintenance: int
    does: Liquidation


@dataclass(frozen=True, slots=True)
class Long:
    """A long that can be closed because the pool does not cover the shorts."""

    account: str
    market: int
    size: int


@dataclass(frozen=True, slots=True)
class Survey:
    """due: most rewarding first. spared: below maintenance at the oracle's mid prices, but
    not at the best ones that its restriction leaves possible. open: accounts with
    positions."""

    due: tuple[Due, ...]
    spared: tuple[str, ...]
    open: int


def survey(view: View) -> Survey:
    """All accounts of the view. Raises Revert without prices."""
    books = view.books
    names = [name for name, account in books.accounts.items() if account.has_position]
    due = [found for name in names if (found := _due(view, name)) is not None]
    taken = {each.account for each in due}
    spared = [
        name
        for name in names
        if view.is_restricted
        and name not in taken
        and is_liquidatable(books, name, view.mids, view.now)
    ]
    due.sort(key=lambda each: -each.does.reward)
    return Survey(tuple(due), tuple(spared), len(names))


def _due(view: View, name: str) -> Due | None:
    books = view.copy(name)
    prices = books.prices_of(name, view.prices, against=False)
    equity = books.equity(name, prices, view.now)
    maintenance = books.maintenance_up(name, prices)
    try:
        does = books.liquidate(name, view.prices, view.now)
    except Revert:
        return None
    return Due(name, equity, maintenance, does)


def longs_to_close(view: View) -> list[Long]:
    """Largest first; none while the pool covers the shorts. Raises Revert without prices."""
    found = []
    for name, account in view.books.accounts.items():
        for market, size in enumerate(account.sizes):
            if size > 0 and _can_deleverage(view, name, market):
                found.append(Long(name, market, size))
    return sorted(found, key=lambda each: -each.size * view.mids[each.market])


def _can_deleverage(view: View, name: str, market: int) -> bool:
    try:
        view.copy(name).deleverage(name, market, view.prices, view.now)
    except Revert:
        return False
    return True


def is_rate_old(view: View) -> bool:
    """Whether a market with positions has a borrowing rate of half a day ago, after a whole
    one it counts no more, or none though one would be due. Not in doubt, nor once settled."""
    books = view.books
    if books.settled or view.is_restricted:
        return False
    due = books.borrowing_rate_down(view.mids, view.now)
    return any(
        market.kept and (market.borrowing or due) and view.now - market.funding_at >= RATE_LIFE // 2
        for market in books.markets
    )


def why_wait(reward: int, cost: int | None, base_fee: int, policy: Policy) -> str:
    """Why a reward is not worth sending for now; "" if it is."""
    if policy.max_base_fee is not None and base_fee > policy.max_base_fee:
        return "base fee too high"
    return "" if reward >= wanted_up(policy, cost) else "reward too small"


def reasons_of(accounts: Sequence[str], view: View) -> dict[str, str]:
    """Why each account is spared, for people."""
    kinds = [each for each in type(view.restriction) if each & view.restriction]
    names = " and ".join(str(each.name).lower() for each in kinds)
    text = (
        f"the oracle restricts its prices ({names}): below maintenance at the mid price, not at "
        "the best one that is left possible"
    )
    return dict.fromkeys(accounts, text)
