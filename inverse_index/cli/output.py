# SPDX-License-Identifier: AGPL-3.0-only
"""What a verb prints: tables for people, or JSON on the standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ..artifacts import listening
from ..config.units import format_units

WAD_DECIMALS = 18
_WIDE = Context(prec=200)

Rows = Sequence[tuple[str, str]]


class Output:
    """Human text goes to the standard output, or nowhere when JSON is wanted."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._last_step = ""
        self._console = Console(highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """A line of progress; the same one again is left out."""
        if text != self._last_step:
            self.say(f"  {text}")
        self._last_step = text

    def say(self, text: str) -> None:
        """A line of progress or advice."""
        if not self.as_json:
            self._console.print(text, markup=False)

    def table(self, rows: Rows, title: str | None = None) -> None:
        """Two columns; a row of ("", "") is a gap."""
        if not self.as_json:
            self._console.print(two_columns(rows, title))

    def grid(self, heads: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
        """Several columns of figures, the first of names."""
        if self.as_json:
            return
        table = Table(**_look(title))
        # On a narrow screen the names fold and the figures stay whole.
        table.add_column(heads[0], overflow="fold")
        for head in heads[1:]:
            table.add_column(head, justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    def result(self, values: Mapping[str, Any]) -> None:
        """The JSON object, when one is wanted."""
        if self.as_json:
            click.echo(json.dumps(values, indent=2))

    def line(self, values: Mapping[str, Any]) -> None:
        """One line of JSON, when it is wanted."""
        if self.as_json:
            click.echo(json.dumps(values))


@contextmanager
def compilations_shown() -> Iterator[None]:
    """While open, a terminal shows which contract is compiled: at first all of them are."""
    if not sys.stderr.isatty():
        yield
        return
    with listening(_show_compilation):
        yield


def _show_compilation(name: str, done: int, total: int) -> None:
    print(f"compiling {done + 1} of {total}: {name}", file=sys.stderr, flush=True)


def two_columns(rows: Rows, title: str | None = None) -> Table:
    """Names and values; a row of ("", "") is a gap."""
    table = Table(show_header=False, **_look(title))
    table.add_column("what", no_wrap=True)
    table.add_column("value", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _look(title: str | None) -> dict[str, Any]:
    """No frames, so that addresses can be copied."""
    return {
        "title": title,
        "title_style": "bold",
        "title_justify": "left",
        "box": None,
        "padding": (0, 2),
    }


def exact(amount: int, decimals: int) -> str:
    """For JSON: every digit, no separators."""
    return format_units(amount, decimals)


def shown(amount: int, decimals: int, places: int = 6) -> str:
    """For people: thousands separated, at most `places` decimals but four digits
    of a small number, rounded to even."""
    value = Decimal(amount).scaleb(-decimals, context=_WIDE)
    if 0 < abs(value) < 1 and places:
        places = max(places, 3 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=_WIDE)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(ratio_wad: int, places: int = 2) -> str:
    """WAD ratio as a signed percentage."""
    return f"{Decimal(ratio_wad) / 10**16:+.{places}f}%"


def utc(seconds: int) -> str:
    """A moment of the chain."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: int) -> str:
    """A length of time in its two largest units, such as "3 h 5 min"."""
    parts: list[str] = []
    rest = abs(seconds)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count} {name}")
    return ("-" if seconds < 0 else "") + " ".join(parts[:2])
