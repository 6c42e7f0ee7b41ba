# SPDX-License-Identifier: AGPL-3.0-only
"""What a trader who knows the next oracle round takes from a pool, on real rounds.

`python -m tools.searcher --rounds rounds.csv` reads the columns `answer` and `update` of a
Chainlink feed's history, in order; rounds without an answer are left out. The market is that
of a deployment file, in the exact model: before each round the searcher opens the direction
in which it will go and closes after it, if that pays. He is the only trader.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from inverse_index.artifacts import project_root
from inverse_index.config import load_deployment
from inverse_index.config.perp_venue import PerpVenueConfig
from inverse_index.errors import UserError
from inverse_index.model.exchange.markets import MarketConfig
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import MAX_UINT256, WAD, Revert

ANSWER = 10**8  # decimals of a USD feed
BPS = 10**14  # WAD
NAME = "searcher"
UNIT = 10**6


@dataclass(frozen=True)
class Round:
    """price: WAD. at: seconds."""

    price: int
    at: int


@dataclass(frozen=True)
class Outcome:
    """Whole units of collateral; the pool's worth at the end beside that at the start."""

    fee_bps: float
    size: int
    trades: int
    profit: float
    pool_before: float
    pool_after: float


def read_rounds(path: Path) -> list[Round]:
    """Raises UserError for a file that holds none."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        missing = {"answer", "update"} - set(reader.fieldnames or ())
        if missing:
            raise UserError(f"{path}: no column {', '.join(sorted(missing))}", "name the columns")
        rounds = [Round(int(r["answer"]) * WAD // ANSWER, int(r["update"])) for r in reader]
    found = [each for each in rounds if each.price > 0 and each.at > 0]
    if len(found) < 2:
        raise UserError(f"{path}: {len(found)} rounds with an answer", "two at the least")
    return found


def world(venue: PerpVenueConfig, first: Round, margin: int) -> ExchangeModel:
    """A pool with its liquidity, and a searcher with margin."""
    config = venue.market.units(first.price)
    exchange = ExchangeModel(6, 1)
    exchange.max_borrowing, exchange.account_limit = venue.max_borrowing, venue.account_limit_wad
    exchange.list_markets([MarketConfig(**vars(config))], first.at)
    liquidity = venue.pool_liquidity_native(6)
    exchange.request_deposit("provider", liquidity, [first.price], first.at)
    exchange.claim_deposit("provider", liquidity, 0, [first.price], first.at)
    exchange.deposit(NAME, margin * UNIT)
    return exchange


def search(exchange: ExchangeModel, rounds: Sequence[Round], size: int) -> int:
    """Trades of about this much collateral, or of what goes through; how many rounds paid."""
    paid = 0
    for now, then in pairwise(rounds):
        paid += _take(exchange, now, then, size)
    return paid


def _take(exchange: ExchangeModel, now: Round, then: Round, size: int) -> bool:
    fee = exchange.markets[0].config.taker_fee
    if abs(then.price - now.price) * WAD <= 2 * fee * now.price:
        return False
    sign = 1 if then.price > now.price else -1
    units = size * WAD * WAD // now.price
    while units * now.price >= 1_000 * WAD * WAD:
        found = _played(exchange, now, then, sign * units)
        if found:
            exchange.accounts, exchange.markets = found.accounts, found.markets
            exchange.put_back(found.totals())
            return True
        units //= 2
    return False


def _played(exchange: ExchangeModel, now: Round, then: Round, delta: int) -> ExchangeModel | None:
    """The books after both trades, if they go through and pay."""
    after = replace(exchange)
    after.accounts = {name: each.copy() for name, each in exchange.accounts.items()}
    after.markets = [market.copy() for market in exchange.markets]
    before = after.account(NAME).cash
    try:
        after.trade(NAME, [_order(delta)], [now.price], then.at)
        after.trade(NAME, [_order(-delta)], [then.price], then.at)
    except Revert:
        return None
    return after if after.account(NAME).cash > before else None


def _order(delta: int) -> Order:
    return Order(0, delta, MAX_UINT256 if delta > 0 else 0)


def outcomes(
    venue: PerpVenueConfig,
    rounds: Sequence[Round],
    fees_bps: Sequence[float],
    sizes: Sequence[int],
    margin: int,
) -> Iterator[Outcome]:
    """One for each fee and size."""
    for fee in fees_bps:
        for size in sizes:
            exchange = world(venue, rounds[0], margin)
            market = exchange.markets[0]
            market.config = replace(market.config, taker_fee=round(fee * 100) * BPS // 100)
            before = exchange.pool_cash
            trades = search(exchange, rounds, size)
            gained = exchange.account(NAME).cash - margin * 10**36
            yield Outcome(fee, size, trades, _whole(gained), _whole(before), _pool(exchange))


def _pool(exchange: ExchangeModel) -> float:
    return _whole(exchange.pool_cash)


def _whole(ledger: int) -> float:
    return ledger / 10**36


def _numbers(_: click.Context, __: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"got {value!r}, expected numbers like 5,25") from error


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", type=click.Path(exists=True, dir_okay=False), required=True)
@click.option("--config", default="configs/local-1x.yaml", show_default=True)
@click.option("--fees", default="5,25,50,100,170", callback=_numbers, show_default=True)
@click.option("--sizes", default="100000,1000000,4000000", callback=_numbers, show_default=True)
@click.option("--margin", default=600_000, show_default=True, help="His margin at first.")
@click.option("--json", "as_json", is_flag=True)
def main(
    rounds: str,
    config: str,
    fees: tuple[float, ...],
    sizes: tuple[float, ...],
    margin: int,
    as_json: bool,
) -> None:
    """What knowing the next round is worth, at other taker fees (basis points)."""
    try:
        found = read_rounds(Path(rounds))
        venue = load_deployment(project_root() / config).deployment.venue
        if not isinstance(venue, PerpVenueConfig):
            raise UserError(f"{config}: its venue is not the embedded exchange", "name another")
    except UserError as error:
        click.echo(f"error: {error.message}; {error.remedy}", err=True)
        raise SystemExit(1) from error
    every = outcomes(venue, found, fees, [int(size) for size in sizes], margin)
    count = len(fees) * len(sizes)
    console = Console(stderr=as_json)
    done = list(track(every, "searching", count, console=console, transient=True))
    if as_json:
        click.echo(json.dumps([vars(each) for each in done]))
        return
    days = (found[-1].at - found[0].at) / 86_400
    table = Table(title=f"{len(found):,} rounds in {days:,.0f} days; margin {margin:,}")
    for head in ("fee, bp", "size", "rounds taken", "profit", "pool before", "pool after"):
        table.add_column(head, justify="right")
    for each in done:
        table.add_row(
            f"{each.fee_bps:g}",
            f"{each.size:,}",
            f"{each.trades:,}",
            f"{each.profit:,.0f}",
            f"{each.pool_before:,.0f}",
            f"{each.pool_after:,.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
