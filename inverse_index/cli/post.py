# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run post`: play the market on a local or test network."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI

from ..config.units import format_units
from ..deployment import System
from ..errors import UserError
from .amounts import FEED_DECIMALS, WAD, parse_move, parse_setting, parse_span
from .output import Rows, percent, shown, span, utc
from .session import Session
from .verb import account_options, deployment_options, verb

EXAMPLES = """
ape run post --move 5%
ape run post --advance 1d --move -3% --move UNI=2%
ape run post --set UNI=7.2 --set USDC=0.99
ape run post --refresh
"""


@verb("post", EXAMPLES)
@click.option("--set", "settings", multiple=True, metavar="SYMBOL=USD", help="Post this price.")
@click.option(
    "--move",
    "moves",
    multiple=True,
    metavar="[SYMBOL=]PERCENT",
    help="Move all components, or one, by that much; down with a minus.",
)
@click.option("--refresh", is_flag=True, help="Post the same prices again, so that none is stale.")
@click.option(
    "--advance",
    metavar="SPAN",
    help="Let time pass first, such as 12h or 1d; only on a development node.",
)
@deployment_options
@account_options
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    settings: tuple[str, ...],
    moves: tuple[str, ...],
    refresh: bool,
    advance: str | None,
    as_json: bool,
) -> None:
    """Post prices on the deployment's own price board.

    Every local feed shows the board's answer: both of a component's feeds move
    together, and so do the local pools where a token trades on Uniswap. Prices
    that are not posted again go stale after the heartbeat. Moves are applied in
    order, after the prices that are set.
    """
    if not (settings or moves or refresh or advance):
        raise click.UsageError("say what to post: --set, --move, --refresh or --advance")
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    if system.board is None:
        raise UserError(
            f"'{system.name}' has no price board", "its prices come from the feeds of its file"
        )
    seconds = None if advance is None else parse_span("--advance", advance)
    before = read_board(system)
    after = changed(before, system, settings, moves)
    session.confirm(f"post {system.name}", _preview(session, before, after, seconds))
    if seconds is not None:
        session.backend.advance_time(seconds)
    receipt = system.post_prices(after, session.sender)
    system.follow_prices(after, session.sender)
    session.out.say(f"posted at {utc(receipt.timestamp)}")
    session.out.result(
        {
            "deployment": system.name,
            "time": receipt.timestamp,
            "tx": receipt.tx_hash,
            "prices": {symbol: format_units(p, FEED_DECIMALS) for symbol, p in after.items()},
        }
    )


def read_board(system: System) -> dict[str, int]:
    """USD prices (8 decimals) that the primary feeds show, the collateral's last."""
    assert system.board is not None
    count = len(system.symbols)
    last = 2 * count if system.secondaries else count
    places = dict(zip(system.symbols, range(count), strict=True))
    places[system.collateral_symbol] = last
    return {symbol: system.board.latest(place)[0] for symbol, place in places.items()}


def changed(
    before: dict[str, int], system: System, settings: tuple[str, ...], moves: tuple[str, ...]
) -> dict[str, int]:
    """The prices after all settings and moves, rounded down."""
    prices = dict(before)
    for text in settings:
        symbol, price = parse_setting("--set", text)
        prices[_known("--set", symbol, prices)] = price
    for text in moves:
        one, ratio = parse_move("--move", text)
        for symbol in system.symbols if one is None else [_known("--move", one, prices)]:
            prices[symbol] = prices[symbol] * (WAD + ratio) // WAD
    zero = [symbol for symbol, price in prices.items() if price <= 0]
    if zero:
        raise UserError(f"no price is left of {', '.join(zero)}", "move it less")
    return prices


def _known(option: str, symbol: str, prices: dict[str, int]) -> str:
    if symbol not in prices:
        raise UserError(f"{option}: unknown symbol '{symbol}'", f"use one of {', '.join(prices)}")
    return symbol


def _preview(
    session: Session, before: dict[str, int], after: dict[str, int], seconds: int | None
) -> Rows:
    rows = [("network", session.network)]
    if seconds is not None:
        rows.append(("time", f"{span(seconds)} pass"))
    for symbol, price in after.items():
        old = before[symbol]
        text = shown(price, FEED_DECIMALS, FEED_DECIMALS)
        if price != old:
            move = percent(price * WAD // old - WAD) if old else "new"
            text += f"  ({shown(old, FEED_DECIMALS, FEED_DECIMALS)} before, {move})"
        rows.append((symbol, text))
    return rows
