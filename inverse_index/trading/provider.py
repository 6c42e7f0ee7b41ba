# SPDX-License-Identifier: AGPL-3.0-only
"""What a provider's requests bring: now, at the most, and from when on. Pure.

A claim takes the worse of two prices, that of the request and that of the claim.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import reasons
from ..model.exchange.pool import REQUEST_DELAY, VIRTUAL_SHARES, bound_of_part
from ..model.exchange.records import Request
from ..model.fixed import WAD, Revert
from .books import View


@dataclass(frozen=True, slots=True)
class Claim:
    """What is pending of one kind. Collateral is native; `request.amount` is collateral for
    a deposit and shares for an exit, what it brings is the other one.

    claimable: part of it that can be claimed now. at_request, at_present: what that part
    brings at either price (None where it cannot be claimed); brings: the lower one.
    ready_at: when the delay is over, now where none is needed. why: what the rest waits
    for, "" where there is none.
    """

    enters: bool
    request: Request
    claimable: int
    at_request: int | None
    at_present: int | None
    brings: int | None
    ready_at: int
    why: str


@dataclass(frozen=True, slots=True)
class PoolWorth:
    """Scale 1e36 but for the price of a share, WAD, which is None where shares have none.
    utilisation: WAD part of the equity that the open positions reserve. borrowing: rate at
    that utilisation, WAD per second."""

    equity: int
    reserve: int
    spare: int
    utilisation: int | None
    borrowing: int
    share_price: int | None


def pool_worth(view: View) -> PoolWorth:
    """At mid prices. Raises Revert without prices."""
    books, mids = view.books, view.mids
    equity = books.pool_equity(mids, view.now)
    reserve = 0 if books.settled else books.kept(mids)
    spare = 0 if books.settled else equity - reserve
    utilisation = reserve * WAD // equity if equity > 0 else None
    borrowing = 0 if books.settled else books.borrowing_rate_down(mids, view.now)
    return PoolWorth(equity, reserve, spare, utilisation, borrowing, share_price(view))


def share_price(view: View) -> int | None:
    """WAD; None where shares have none."""
    books = view.books
    try:
        return books.pool_assets(view.prices, view.now) // (books.total_liquidity + VIRTUAL_SHARES)
    except Revert:
        return None


def no_share_price(view: View) -> str:
    """Why shares have no price; "" where they have one."""
    try:
        view.books.pool_assets(view.prices, view.now)
    except Revert as error:
        return error.reason
    return ""


def requested(view: View, account: str, enters: bool, amount: int) -> Request:
    """The account's whole request after asking for this amount. Raises Revert."""
    books = view.copy(account)
    if enters:
        books.request_deposit(account, amount, view.prices, view.now)
        return books.account(account).joining
    books.request_redeem(account, amount, view.prices, view.now)
    return books.account(account).leaving


def ready_at(view: View, request: Request) -> int:
    """No delay is needed while no position is open."""
    return view.now if view.books.is_idle() else max(request.since + REQUEST_DELAY, view.now)


def claims(view: View, account: str) -> list[Claim]:
    """Those that are pending, deposits first."""
    own = view.books.account(account)
    found = []
    if own.joining.amount:
        most = view.books.max_deposit(account, view.prices, view.now)
        found.append(_claim(view, account, True, own.joining, most))
    if own.leaving.amount:
        most = view.books.max_redeem(account, view.prices, view.now)
        found.append(_claim(view, account, False, own.leaving, most))
    return found


def _claim(view: View, account: str, enters: bool, request: Request, most: int) -> Claim:
    at = ready_at(view, request)
    if most == 0:
        return Claim(enters, request, 0, None, None, None, at, _why_not(view, request, at))
    return Claim(
        enters=enters,
        request=request,
        claimable=most,
        at_request=bound_of_part(request, most),
        at_present=_at_present(view, enters, most),
        brings=_brought(view, account, enters, most),
        ready_at=at,
        why="" if most == request.amount else reasons.EXCHANGE_RESERVE,
    )


def _at_present(view: View, enters: bool, amount: int) -> int:
    """What it is worth now, the bound of its request apart."""
    assets = view.books.pool_assets(view.prices, view.now)
    if enters:
        return view.books.to_shares_down(amount, assets)
    return view.books.to_assets_down(amount, assets)


def _brought(view: View, account: str, enters: bool, amount: int) -> int:
    books = view.copy(account)
    act = books.claim_deposit if enters else books.claim_redeem
    return act(account, amount, 0, view.prices, view.now)


def _why_not(view: View, request: Request, at: int) -> str:
    """The reason with which the whole claim would be refused now."""
    missing = no_share_price(view)
    if missing:
        return missing
    books = view.books
    if books.settled:
        return reasons.EXCHANGE_SETTLED if books.is_idle() else reasons.EXCHANGE_OPEN
    return reasons.POOL_EARLY if at > view.now else reasons.EXCHANGE_RESERVE


def can_cancel(view: View, account: str) -> str:
    """Why a pending deposit cannot be taken back; "" if it can."""
    try:
        view.copy(account).cancel_deposit(account, view.prices, view.now)
    except Revert as error:
        return error.reason
    return ""
