# SPDX-License-Identifier: AGPL-3.0-only
"""The pool's state, in words and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..deployment import System
from ..model.exchange.markets import MarketModel, funding_rate
from ..model.fixed import WAD
from ..trading import View
from ..trading.history import Flow
from ..trading.provider import Claim, PoolWorth, claims, no_share_price, pool_worth
from ..trading.rehearsal import DAY
from .amounts import SHARE_DECIMALS
from .exchange import BOOK, book, moment, money, native, restriction_text, wad
from .output import Rows, exact, percent, shown, utc
from .session import Session

SHOWN_FLOWS = 10
HEADS = ("market", "price", "long", "short", "funding a day", "borrowing a day", "displaced")


def show_state(
    session: Session,
    system: System,
    view: View,
    address: str | None,
    flows: Sequence[Flow] | None,
    why: str,
) -> None:
    """Everything, flows as far as the log is known."""
    worth = None if view.reason else pool_worth(view)
    out = session.out
    out.table(_head(session, system, view, worth), f"pool of {system.name}")
    out.say("")
    rows = [_market_row(view, m, market) for m, market in enumerate(view.books.markets)]
    out.grid(HEADS, rows, "markets, in units; longs pay positive funding, the larger side borrows")
    if flows:
        out.say("")
        out.grid(FLOW_HEADS, [_flow_row(system, flow) for flow in flows[-SHOWN_FLOWS:]], "claims")
    elif why:
        out.say(f"claims of the past are left out: {why}")
    if address is not None:
        out.say("")
        out.table(provider_rows(system, view, address), f"provider {address}")
    out.result(_values(system, view, worth, address, flows))


def _head(session: Session, system: System, view: View, worth: PoolWorth | None) -> Rows:
    books = view.books
    rows = [("network", session.network), ("time", utc(view.now))]
    if books.settled:
        rows.append(("exchange", "settled: shares are paid when no position is open"))
    if view.is_restricted:
        rows.append(("restricted", f"{restriction_text(view)}: shares have no price"))
    if worth is None:
        rows.append(("prices", f"unusable: {view.reason}"))
    else:
        rows += [
            ("worth", money(system, worth.equity, 2)),
            ("share price", share_price_text(system, view, worth.share_price)),
            ("utilisation", "-" if worth.utilisation is None else _share(worth.utilisation)),
            ("reserve", f"{money(system, worth.reserve, 2)} for open positions"),
            ("spare", money(system, worth.spare, 2)),
            (
                "borrowing a day",
                f"{_ratio(worth.borrowing * DAY)} of the reserve, at this utilisation",
            ),
            ("one account", f"{_share(books.account_limit)} of the worth at the most"),
        ]
    return [
        *rows,
        ("shares", shown(books.total_liquidity, SHARE_DECIMALS)),
        ("insurance", money(system, books.insurance, 2)),
        ("pending", f"{native(system, books.pending)} of deposits"),
    ]


def share_price_text(system: System, view: View, price: int | None) -> str:
    """For people."""
    if price is None:
        return f"none now ({no_share_price(view)})"
    return f"{shown(price, 18, 9)} {system.collateral_symbol}"


def _share(ratio: int) -> str:
    return percent(ratio).lstrip("+")


def _market_row(view: View, m: int, market: MarketModel) -> list[str]:
    price = "-" if view.reason else shown(view.mids[m], 18)
    return [
        view.names[m],
        price,
        shown(market.long_interest, 18, 4),
        shown(market.short_interest, 18, 4),
        _ratio(_funding(market) * DAY),
        _ratio(market.borrowing * DAY),
        _ratio(_displacement(market, view.now)),
    ]


def _funding(market: MarketModel) -> int:
    """WAD per second that longs pay shorts, the borrowing fee apart."""
    return funding_rate(market.skew, market.config)


def _ratio(ratio: int) -> str:
    return percent(ratio, 4) if ratio else "0%"


def _displacement(market: MarketModel, now: int) -> int:
    return market.displacement_now(now) * 1_000


FLOW_HEADS = ("block", "what", "collateral", "shares", "share price")


def _flow_row(system: System, flow: Flow) -> list[str]:
    price = flow_price(system, flow)
    return [
        f"{flow.block:,}",
        "in" if flow.enters else "out",
        shown(flow.assets, system.decimals),
        shown(flow.shares, SHARE_DECIMALS),
        "-" if price is None else shown(price, 18, 9),
    ]


def flow_price(system: System, flow: Flow) -> int | None:
    """Paid for a share, WAD; None of no share."""
    if flow.shares == 0:
        return None
    scale: int = 10 ** (18 - system.decimals)
    return flow.assets * scale * WAD // flow.shares


def provider_rows(system: System, view: View, address: str) -> Rows:
    """Shares and requests of one provider."""
    free = view.books.account(address).liquidity
    rows = [("free shares", shown(free, SHARE_DECIMALS))]
    for each in claims(view, address):
        rows += claim_rows(system, view, each)
    return rows


def claim_rows(system: System, view: View, each: Claim) -> Rows:
    """One request: what it is, what it brings at both prices, and from when on."""
    rows = [
        ("request", request_text(system, each.enters, each.request.amount)),
        ("at the most", brings_text(system, each.enters, each.request.bound)),
    ]
    if each.claimable:
        rows += [
            ("claimable now", request_text(system, each.enters, each.claimable)),
            ("at the request", brings_text(system, each.enters, each.at_request or 0)),
            ("at present", brings_text(system, each.enters, each.at_present or 0)),
            ("brings", f"{brings_text(system, each.enters, each.brings or 0)}, {_which(each)}"),
        ]
    else:
        rows.append(("claim from", moment(each.ready_at, view.now)))
    if each.why:
        rows.append(("the rest" if each.claimable else "now", f"waits: {each.why}"))
    return rows


def _which(each: Claim) -> str:
    """Whoever leaves last has what is there."""
    worse = min(each.at_request or 0, each.at_present or 0)
    return "the worse one" if each.brings == worse else "all that is left: nobody else is in it"


def request_text(system: System, enters: bool, amount: int) -> str:
    return native(system, amount) if enters else f"{shown(amount, SHARE_DECIMALS)} shares"


def brings_text(system: System, enters: bool, amount: int) -> str:
    return f"{shown(amount, SHARE_DECIMALS)} shares" if enters else native(system, amount)


def claim_values(system: System, each: Claim) -> dict[str, Any]:
    """For machines."""
    given, got = (system.decimals, SHARE_DECIMALS)[:: 1 if each.enters else -1]

    def amount(value: int | None) -> str | None:
        return None if value is None else exact(value, got)

    return {
        "kind": "deposit" if each.enters else "redeem",
        "amount": exact(each.request.amount, given),
        "bound": exact(each.request.bound, got),
        "since": each.request.since,
        "claimable": exact(each.claimable, given),
        "at_request": amount(each.at_request),
        "at_present": amount(each.at_present),
        "brings": amount(each.brings),
        "ready_at": each.ready_at,
        "waits_for": each.why or None,
    }


def _values(
    system: System,
    view: View,
    worth: PoolWorth | None,
    address: str | None,
    flows: Sequence[Flow] | None,
) -> dict[str, Any]:
    books = view.books
    return {
        "deployment": system.name,
        "time": view.now,
        "settled": books.settled,
        "restricted": restriction_text(view) or None,
        "reason": view.reason or None,
        "worth": book(worth.equity) if worth else None,
        "share_price": wad(worth.share_price) if worth else None,
        "utilisation": wad(worth.utilisation) if worth else None,
        "reserve": book(worth.reserve) if worth else None,
        "spare": book(worth.spare) if worth else None,
        "borrowing_per_day": exact(worth.borrowing * DAY, 18) if worth else None,
        "max_borrowing_per_day": exact(books.max_borrowing * DAY, 18),
        "account_limit": exact(books.account_limit, 18),
        "shares": exact(books.total_liquidity, SHARE_DECIMALS),
        "insurance": exact(books.insurance, BOOK),
        "pending_deposits": exact(books.pending, system.decimals),
        "markets": [_market_values(view, m, each) for m, each in enumerate(books.markets)],
        "claims": None if flows is None else [_flow_values(system, flow) for flow in flows],
        "provider": None if address is None else _provider_values(system, view, address),
    }


def _market_values(view: View, m: int, market: MarketModel) -> dict[str, Any]:
    return {
        "market": view.names[m],
        "price": None if view.reason else exact(view.mids[m], 18),
        "long": exact(market.long_interest, 18),
        "short": exact(market.short_interest, 18),
        "skew": exact(market.skew, 18),
        "max_long": exact(market.config.max_long, 18),
        "max_short": exact(market.config.interest_cap, 18),
        "funding_per_day": exact(_funding(market) * DAY, 18),
        "borrowing_per_day": exact(market.borrowing * DAY, 18),
        "displacement": exact(_displacement(market, view.now), 18),
    }


def _flow_values(system: System, flow: Flow) -> dict[str, Any]:
    return {
        "block": flow.block,
        "kind": "deposit" if flow.enters else "redeem",
        "provider": flow.account,
        "assets": exact(flow.assets, system.decimals),
        "shares": exact(flow.shares, SHARE_DECIMALS),
        "share_price": wad(flow_price(system, flow)),
    }


def _provider_values(system: System, view: View, address: str) -> dict[str, Any]:
    return {
        "address": address,
        "shares": exact(view.books.account(address).liquidity, SHARE_DECIMALS),
        "requests": [claim_values(system, each) for each in claims(view, address)],
    }
