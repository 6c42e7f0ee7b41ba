# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run positions`: an account on the embedded exchange."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from ape.api import ProviderAPI

from ..deployment import System
from ..trading import Exchange, View
from ..trading.positions import Position, positions_of
from ..trading.rehearsal import Margins, free_margin, margins
from .exchange import (
    BOOK,
    book,
    from_block_option,
    frozen_prices,
    history_of,
    if_known,
    money,
    native,
    restriction_text,
    wad,
)
from .output import Rows, exact, percent, shown, utc
from .session import Session, default_address, resolve_address
from .trade_preview import leverage_text, margin_values
from .verb import deployment_options, verb

EXAMPLES = """
ape run positions
ape run positions --account TEST::3 --network ethereum:local:foundry
ape run positions --address 0x90F79bf6EB2c4f870365E785982E1f101E93b906 --json
"""


@verb("positions", EXAMPLES)
@click.option("--account", metavar="ALIAS", help="Of this Ape account.  [default: your only one]")
@click.option("--address", metavar="ADDRESS", help="Or of this address.")
@from_block_option
@deployment_options
def cli(
    provider: ProviderAPI,
    deployment: str | None,
    registry: Path | None,
    account: str | None,
    address: str | None,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Show an account's positions, margin and health on the embedded exchange.

    Entries are averages of the exchange's log, where the node keeps it. Funding
    is what has come up since the entry and is not in the cash yet, the borrowing
    fee included. A liquidation price holds for its market alone, while the others
    stand.
    """
    if account is not None and address is not None:
        raise click.UsageError("--account and --address exclude each other")
    session = Session.reading(provider, as_json)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    given = account or address
    owner = default_address(provider) if given is None else resolve_address(given)
    history = history_of(session, exchange, registry, from_block)
    view = exchange.look([owner], frozen_prices(exchange, history))
    if view.reason:
        _show_unpriced(session, view, owner)
        return
    trades, why = if_known(lambda: history.trades_of(owner))
    found = positions_of(view, owner, trades)
    _show(session, system, view, owner, found, why)


def _show(
    session: Session, system: System, view: View, owner: str, found: list[Position], why: str
) -> None:
    own = margins(view, view.books, owner)
    free = free_margin(view, owner)
    session.out.table(_head(session, system, view, own, owner, free), f"account {owner}")
    if found:
        session.out.say("")
        session.out.grid(HEADS, [_row(view, each) for each in found], "positions")
    note = _note(found, why)
    if note:
        session.out.say(note)
    session.out.result(
        {
            "deployment": system.name,
            "address": owner,
            "time": view.now,
            "settled": view.books.settled,
            "restricted": restriction_text(view) or None,
            "cash": book(view.books.account(owner).cash),
            **margin_values(own),
            "withdrawable": exact(free, system.decimals),
            "positions": [_values(view, each) for each in found],
            "note": note or None,
        }
    )


def _head(
    session: Session, system: System, view: View, own: Margins, owner: str, free: int
) -> Rows:
    restricted = restriction_text(view)
    rows = [("network", session.network), ("time", utc(view.now))]
    if view.books.settled:
        rows.append(("exchange", "settled: everything closes at the frozen prices, without cost"))
    if restricted:
        rows.append(("restricted", f"{restricted}: valued at the prices worst for the account"))
    rows += [
        ("cash", money(system, view.books.account(owner).cash)),
        ("equity", money(system, own.equity)),
    ]
    if view.books.account(owner).has_position:
        rows += [
            ("initial margin", money(system, own.initial)),
            ("maintenance", money(system, own.maintenance)),
            ("health", _health(own.health)),
            ("leverage", leverage_text(own)),
        ]
    return [*rows, ("free margin", native(system, free))]


def _health(health: int | None) -> str:
    return "-" if health is None else f"{shown(health, 18, 4)}, liquidated below 1"


HEADS = (
    "market",
    "size",
    "entry",
    "mark",
    "value",
    "profit",
    "funding",
    "a day",
    "of margin",
    "liquidation",
)


def _row(view: View, each: Position) -> list[str]:
    return [
        view.names[each.market],
        shown(each.size, 18),
        _or_dash(each.entry, 18, 6),
        shown(each.mark, 18),
        shown(each.value, BOOK, 2),
        _or_dash(each.profit, BOOK, 2),
        _or_dash(None if each.funding is None else -each.funding, BOOK, 4),
        shown(-each.funding_per_day, BOOK, 4),
        "-" if each.margin_share is None else percent(each.margin_share, 1).lstrip("+"),
        "none" if each.liquidation is None else shown(each.liquidation, 18),
    ]


def _or_dash(amount: int | None, decimals: int, places: int) -> str:
    return "-" if amount is None else shown(amount, decimals, places)


def _note(found: Sequence[Position], why: str) -> str:
    """What is left out, and why."""
    if not found:
        return "no positions"
    if why:
        return f"entry, profit and funding are left out: {why}"
    if any(each.entry is None for each in found):
        return "entries are left out where the log does not begin with the position"
    if any(each.funding is None for each in found):
        return "funding is left out: the node keeps no states of earlier blocks"
    return ""


def _values(view: View, each: Position) -> dict[str, Any]:
    received = None if each.funding is None else -each.funding
    return {
        "market": view.names[each.market],
        "size": exact(each.size, 18),
        "entry": wad(each.entry),
        "mark": exact(each.mark, 18),
        "value": book(each.value),
        "profit": book(each.profit),
        "funding": book(received),
        "funding_per_day": book(-each.funding_per_day),
        "borrowing_per_day": book(-each.borrowing_per_day),
        "margin_share": wad(each.margin_share),
        "liquidation_price": wad(each.liquidation),
    }


def _show_unpriced(session: Session, view: View, owner: str) -> None:
    """Sizes and cash need no price."""
    own = view.books.account(owner)
    sizes = {name: size for name, size in zip(view.names, own.sizes, strict=True) if size}
    rows = [
        ("network", session.network),
        ("prices", f"unusable: {view.reason}"),
        ("cash", shown(own.cash, BOOK)),
        *((name, shown(size, 18)) for name, size in sizes.items()),
    ]
    session.out.table(rows, f"account {owner}")
    session.out.result(
        {
            "address": owner,
            "time": view.now,
            "reason": view.reason,
            "cash": book(own.cash),
            "positions": [
                {"market": name, "size": exact(size, 18)} for name, size in sizes.items()
            ],
        }
    )
