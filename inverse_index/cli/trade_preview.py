# SPDX-License-Identifier: AGPL-3.0-only
"""An order before it is sent, in words and for machines, and why one is refused."""

from __future__ import annotations

from typing import Any

from .. import reasons
from ..config.units import percent_wad
from ..deployment import System
from ..errors import UserError
from ..model.fixed import WAD, ceil_div
from ..trading import Preview, Refused, View
from ..trading.rehearsal import Margins
from .exchange import book, money, price_text, restriction_text, wad
from .output import Rows, exact, percent, shown, span
from .remedies import remedy_of

NO_LIQUIDATION = "none: its margin pays for any move"
SMALL = percent_wad("0.01%")


def preview_rows(system: System, view: View, seen: Preview) -> Rows:
    """What the order does."""
    symbol = view.names[seen.order.market]
    return [
        ("order", _order(system, symbol, seen)),
        ("position", f"{_size(seen.size_before, symbol)} -> {_size(seen.size_after, symbol)}"),
        ("", ""),
        ("oracle price", price_text(system, seen.oracle, "")),
        *_restricted(system, view, seen),
        ("fill price", f"{price_text(system, seen.fill, '')} ({_worse(seen)})"),
        ("impact", money(system, seen.impact)),
        ("fee", money(system, seen.fee)),
        ("limit price", f"{price_text(system, seen.order.limit, '')}, a worse one is refused"),
        ("", ""),
        *_after(system, view, seen),
    ]


def _order(system: System, symbol: str, seen: Preview) -> str:
    delta = seen.order.delta
    worth = money(system, abs(delta) * seen.oracle, 2)
    return f"{'buy' if delta > 0 else 'sell'} {shown(abs(delta), 18)} {symbol}, worth {worth}"


def _after(system: System, view: View, seen: Preview) -> Rows:
    before, after = seen.before, seen.after
    rows = [
        ("equity", f"{money(system, before.equity)} -> {money(system, after.equity)}"),
        ("initial margin", f"{money(system, before.initial)} -> {money(system, after.initial)}"),
        ("free margin", f"{money(system, before.free)} -> {money(system, after.free)}"),
        ("leverage after", leverage_text(after)),
    ]
    if seen.size_after:
        rows += [
            ("liquidation", liquidation_text(system, seen.liquidation, seen.oracle)),
            ("funding a day", funding_text(system, seen.funding_per_day, seen.borrowing_per_day)),
        ]
    if not view.books.settled:
        rows.append(("displacement", _displacement(seen)))
    return rows


def leverage_text(margins: Margins) -> str:
    """Notional of all positions over equity."""
    leverage = margins.leverage
    if not margins.notional:
        return "none: nothing is open"
    return "no equity" if leverage is None else f"{shown(leverage, 18, 2)}x"


def liquidation_text(system: System, price: int | None, mark: int) -> str:
    """In cross margin it holds for one market alone."""
    if price is None:
        return NO_LIQUIDATION
    if price == mark:
        return "now: below maintenance margin"
    away = percent((price - mark) * WAD // mark)
    return f"at {price_text(system, price, '')} ({away}), while the other markets stand"


def funding_text(system: System, paid: int, borrowed: int) -> str:
    """At present rates."""
    if paid == 0:
        return "none at this skew"
    text = f"{'pays' if paid > 0 else 'receives'} {money(system, abs(paid))}, at this skew"
    return f"{text}; {money(system, borrowed)} of it borrows from the pool" if borrowed else text


def _displacement(seen: Preview) -> str:
    moved = f"{_share(seen.displacement_before)} -> {_share(seen.displacement_after)} of the price"
    if seen.recovered_in is None:
        return f"{moved}, and stays"
    return f"{moved}, gone in {span(seen.recovered_in)}" if seen.recovered_in else moved


def _share(ratio: int) -> str:
    return percent(ratio, 2 if abs(ratio) >= SMALL else 6) if ratio else "0%"


def _restricted(system: System, view: View, seen: Preview) -> Rows:
    text = restriction_text(view)
    if not text:
        return []
    worse = price_text(system, seen.base, "")
    return [("restricted", f"{text}: only what closes fills, at the worse price {worse}")]


def _worse(seen: Preview) -> str:
    return f"{percent((seen.fill - seen.oracle) * WAD // seen.oracle, 4)} of the oracle's"


def _size(size: int, symbol: str) -> str:
    if size == 0:
        return "none"
    return f"{'long' if size > 0 else 'short'} {shown(abs(size), 18)} {symbol}"


def preview_values(view: View, seen: Preview) -> dict[str, Any]:
    """The same for machines."""
    return {
        "market": view.names[seen.order.market],
        "side": "buy" if seen.order.delta > 0 else "sell",
        "size": exact(abs(seen.order.delta), 18),
        "limit_price": wad(seen.order.limit),
        "oracle_price": wad(seen.oracle),
        "expected_price": wad(seen.fill),
        "expected_impact": book(seen.impact),
        "expected_fee": book(seen.fee),
        "restricted": restriction_text(view) or None,
        "position_before": wad(seen.size_before),
        "position": wad(seen.size_after),
        "margin_before": margin_values(seen.before),
        "margin": margin_values(seen.after),
        "liquidation_price": wad(seen.liquidation),
        "funding_per_day": book(seen.funding_per_day),
        "borrowing_per_day": book(seen.borrowing_per_day),
        "displacement_before": wad(seen.displacement_before),
        "displacement": wad(seen.displacement_after),
        "recovered_in": seen.recovered_in,
    }


def margin_values(margins: Margins) -> dict[str, Any]:
    """For machines."""
    return {
        "equity": book(margins.equity),
        "initial": book(margins.initial),
        "maintenance": book(margins.maintenance),
        "free": book(margins.free),
        "leverage": wad(margins.leverage),
        "health": wad(margins.health),
    }


def refusal(system: System, view: View, market: int, refused: Refused) -> UserError:
    """What is missing, or what fits."""
    reason, symbol = refused.reason, view.names[market]
    if refused.missing is not None:
        lacking = ceil_div(max(refused.missing, 1), view.books.scale)
        amount = exact(lacking, system.decimals)
        fits = f", or trade at most {shown(refused.fits, 18)} {symbol}" if refused.fits else ""
        return UserError(
            f"{amount} {system.collateral_symbol} of margin are missing ({reason})",
            f"`ape run trade margin add {amount}`{fits}",
        )
    if reason == reasons.EXCHANGE_RESTRICTED:
        return UserError(
            f"nothing can be opened now: {restriction_text(view)} ({reason})",
            "close what is open, at the worse price, or wait until the oracle is sure",
        )
    if refused.fits is None:
        return UserError(
            f"nothing can be opened any more ({reason})",
            "`ape run trade close` closes what is open",
        )
    if refused.fits == 0:
        return UserError(f"nothing more can be traded that way now ({reason})", remedy_of(reason))
    worth = money(system, refused.fits * view.mids[market], 2)
    most = f"{exact(refused.fits, 18)} {symbol}, worth {worth}"
    return UserError(f"at most {most} can be traded now ({reason})", "use a smaller amount")
