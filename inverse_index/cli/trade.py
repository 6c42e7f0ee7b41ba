# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run trade`: positions on the embedded exchange, and the margin behind them."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI

from ..config.units import units_at_price_down
from ..deployment import System
from ..errors import UserError
from ..trading import Exchange, Preview, Refused, View, preview
from ..trading.rehearsal import part_of
from .amounts import SHARE_DECIMALS, parse_amount, parse_part, parse_slippage
from .exchange import (
    from_block_option,
    frozen_prices,
    history_of,
    money,
    need_prices,
    price_text,
    wad,
)
from .flows import check_one
from .funds import approve, drip, faucet_option, faucet_rows, missing_collateral
from .margin import margin
from .output import exact, shown
from .session import Session
from .trade_preview import preview_rows, preview_values, refusal
from .verb import account_options, deployment_options, slippage_option, verb, verb_group

EXAMPLES = """
ape run trade margin add 1000 --faucet
ape run trade open UNI --short --notional 5000
ape run trade close UNI --part 50%
ape run trade margin take all
"""

OPEN = """
ape run trade open UNI --short --notional 5000
ape run trade open UNI --long --size 120.5 --slippage 0.2%
ape run trade open UNI --short --notional 5000 --margin 1000 --faucet
"""

CLOSE = """
ape run trade close UNI
ape run trade close UNI --part 50% --slippage 1%
"""

cli = verb_group(
    "trade",
    EXAMPLES,
    "Trade on the embedded exchange: perpetual futures on the index's components, at oracle "
    "prices, against a pool. All positions share one margin.",
)
cli.add_command(margin)


@verb("open", OPEN)
@click.argument("market")
@click.option("--long/--short", "is_long", default=None, help="Win when it rises, or falls.")
@click.option("--notional", metavar="COLLATERAL", help="Trade this much at the oracle's price.")
@click.option("--size", metavar="UNITS", help="Or exactly so many units of the component.")
@click.option("--margin", "added", metavar="COLLATERAL", help="Add this much margin first.")
@slippage_option
@faucet_option
@from_block_option
@deployment_options
@account_options
def open_position(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    market: str,
    is_long: bool | None,
    notional: str | None,
    size: str | None,
    added: str | None,
    slippage: str,
    faucet: bool,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Open a position in MARKET, or add to one.

    Shows first at what price it fills and what it leaves: margin, leverage, the
    price at which it is liquidated, funding. An order moves the price that the
    next one gets, and pays for that; the move comes back with time. In the other
    direction of a position that is open it reduces that one.
    """
    check_one(**{"--notional": notional, "--size": size})
    if is_long is None:
        raise click.UsageError("say which way with --long or --short")
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    number = exchange.market(market)
    more = 0 if added is None else parse_amount("--margin", added, system.decimals)
    accepted = parse_slippage("--slippage", slippage)
    view = _look(session, exchange, registry, from_block)
    units = _units(system, notional, size, view.mids[number])
    view.books.account(session.sender).cash += more * view.books.scale
    seen = _previewed(session, system, view, number, units if is_long else -units, accepted)
    _carry_out(session, exchange, view, seen, more, faucet)


cli.add_command(open_position)


@verb("close", CLOSE)
@click.argument("market")
@click.option("--part", default="100%", show_default=True, help="How much of the position.")
@slippage_option
@from_block_option
@deployment_options
@account_options
def close_position(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    market: str,
    part: str,
    slippage: str,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Close the position in MARKET, or a part of it.

    Closing needs no margin beyond an equity of zero. While the oracle restricts
    its prices it fills at the worse one; once the exchange is settled it fills
    at the frozen price, without impact and fee.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    number = exchange.market(market)
    closed, accepted = parse_part("--part", part), parse_slippage("--slippage", slippage)
    view = _look(session, exchange, registry, from_block)
    size = view.books.account(session.sender).sizes[number]
    if size == 0:
        raise UserError(
            f"{session.sender} has no position in {view.names[number]}",
            "`ape run positions` shows those that there are",
        )
    seen = _previewed(session, system, view, number, part_of(size, closed), accepted)
    _carry_out(session, exchange, view, seen, 0, faucet=False)


cli.add_command(close_position)


def _look(
    session: Session, exchange: Exchange, registry: Path | None, from_block: int | None
) -> View:
    history = history_of(session, exchange, registry, from_block)
    view = exchange.look([session.sender], frozen_prices(exchange, history))
    need_prices(view)
    return view


def _units(system: System, notional: str | None, size: str | None, price: int) -> int:
    """WAD units of what was asked for."""
    if notional is None:
        return parse_amount("--size", str(size), SHARE_DECIMALS)
    worth = parse_amount("--notional", notional, system.decimals)
    units = units_at_price_down(worth * 10 ** (SHARE_DECIMALS - system.decimals), price)
    if units == 0:
        raise UserError(f"--notional: {notional} buys nothing", "use a larger amount")
    return units


def _previewed(
    session: Session, system: System, view: View, market: int, delta: int, slippage: int
) -> Preview:
    try:
        return preview(view, session.sender, market, delta, slippage)
    except Refused as refused:
        raise refusal(system, view, market, refused) from refused


def _carry_out(
    session: Session, exchange: Exchange, view: View, seen: Preview, more: int, faucet: bool
) -> None:
    system, symbol = exchange.system, view.names[seen.order.market]
    missing = missing_collateral(session, system, more, faucet) if more else 0
    rows = [("network", session.network), ("from", session.sender), *faucet_rows(system, missing)]
    if more:
        rows.append(("margin added", f"{shown(more, system.decimals)} {system.collateral_symbol}"))
    title = f"trade {symbol} on the exchange of {system.name}"
    session.confirm(title, [*rows, *preview_rows(system, view, seen)])
    if missing:
        drip(session, system, missing)
    if more:
        approve(session, system, exchange.contract, more)
        exchange.contract.deposit(more, sender=session.sender)
    _send(session, exchange, view, seen)


def _send(session: Session, exchange: Exchange, view: View, seen: Preview) -> None:
    system, order = exchange.system, seen.order
    session.out.say("send the order")
    receipt = exchange.contract.trade([order], sender=session.sender)
    (done,) = [e for e in receipt.events(exchange.contract) if e.name == "Traded"]
    session.out.say(
        f"{'bought' if done.delta > 0 else 'sold'} {shown(abs(done.delta), 18)} "
        f"{view.names[order.market]} at {price_text(system, done.price, '')}, fee "
        f"{money(system, done.fee)} ({receipt.gas_used:,} gas)"
    )
    session.out.result(
        {
            "deployment": system.name,
            "account": session.sender,
            **preview_values(view, seen),
            "price": wad(done.price),
            "fee": exact(done.fee, 36),
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
        }
    )
