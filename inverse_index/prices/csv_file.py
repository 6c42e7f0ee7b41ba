# SPDX-License-Identifier: AGPL-3.0-only
"""Reading price files (CSV) into price histories, exactly and strictly.

The first column's name says what its label means:

================  ============================================================
``timestamp``     the row is known at that instant (unix seconds or ISO, UTC)
``open_time_utc`` opening of the row's interval: known one interval later
``date_utc``      daily close of that date: known at 00:00 of the next day
================  ============================================================

All other columns are symbols with prices in USD. Nothing is repaired or
guessed: a file that is not in order is refused with file, line, column, value,
what was expected and what to do.
"""

from __future__ import annotations

import csv
import os
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final

from inverse_index.errors import UserError
from inverse_index.prices.history import MAX_PRICE, PRICE_DECIMALS, PriceHistory, unknown_symbol
from inverse_index.prices.times import DAY, HOUR, format_span, format_time, parse_time

DATA_VARIABLE: Final = "INVERSE_INDEX_DATA"
KNOWN_AT: Final = "timestamp"
OPENING: Final = "open_time_utc"
DATE: Final = "date_utc"

_NUMBER: Final = re.compile(r"\+?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_NEGATIVE: Final = re.compile(r"-(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_MAX_DIGITS: Final = 60
_EXACT: Final = Context(prec=2 * _MAX_DIGITS)  # holds every number of that length


def find_data_dir() -> Path | None:
    """Folder with real price histories, if there is one: the one that
    INVERSE_INDEX_DATA names, else ``../shared/data`` beside the project."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        folder = Path(named)
        if not folder.is_dir():
            raise UserError(
                f"{DATA_VARIABLE} names '{named}', which is not a folder",
                "set it to the folder with the price files, or unset it",
            )
        return folder
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return beside if beside.is_dir() else None


def default_max_gap(interval: int) -> int:
    """Longest gap between rows that is accepted without being asked, seconds:
    24 hours for hourly rows, 3 days for daily ones."""
    return max(DAY, 3 * interval)


@dataclass(frozen=True)
class _Table:
    """A file whose shape and times are in order; prices are still text."""

    source: str
    symbols: list[str]
    lines: list[int]
    times: list[int]
    rows: list[list[str]]
    interval: int
    label: str


def load_prices(
    path: str | Path,
    symbols: Iterable[str] | None = None,
    start: int | None = None,
    end: int | None = None,
    max_gap: int | None = None,
) -> PriceHistory:
    """Read a price file.

    ``symbols``: which, in which order (default: all of the file's).
    ``start``, ``end``: first and last instant at which a row is known, unix
    seconds, inclusive; the file must reach both. Without ``end`` incomplete
    rows at the file's end are left out and noted.
    ``max_gap``: longest accepted gap between rows in seconds.
    """
    table = _read_table(Path(path))
    wanted = list(symbols) if symbols is not None else table.symbols
    columns = _columns(table, wanted)
    gap = default_max_gap(table.interval) if max_gap is None else max_gap
    first, after = _range(table, start, end, gap)
    notes: tuple[str, ...] = ()
    if end is None:
        complete = _last_complete(table, columns, first, after, gap)
        if complete < after:
            notes = (f"left out {after - complete} incomplete row(s) at the end of {table.source}",)
        after = complete
    _check_gaps(table, first, after, gap)
    prices = [_price_row(table, i, columns) for i in range(first, after)]
    return PriceHistory(
        table.times[first:after], wanted, prices, table.interval, table.source, notes
    )


# --- the table: header, shape, times ---


def _read_table(path: Path) -> _Table:
    source = str(path)
    records = _records(path)
    header = next(records, None)
    if header is None:
        raise UserError(
            f"{source} is empty", f"give a CSV file with a header such as {KNOWN_AT},UNI,AAVE"
        )
    label, symbols = _read_header(source, header[1])
    lines, labels, rows = _read_rows(source, records, len(symbols) + 1)
    interval = _interval(labels)
    shift = {KNOWN_AT: 0, OPENING: interval, DATE: DAY}[label]
    return _Table(source, symbols, lines, [t + shift for t in labels], rows, interval, label)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not blank."""
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise UserError(f"{path} {what}", "give the path of a CSV file with prices")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 text", "give the path of a CSV file with prices"
        ) from error
    except csv.Error as error:
        raise UserError(
            f"{path}, line {reader.line_num}: not valid CSV: {error}", "correct that line"
        ) from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}", "check its permissions"
        ) from error


def _read_header(source: str, cells: list[str]) -> tuple[str, list[str]]:
    names = [cell.strip() for cell in cells]
    label, symbols = names[0].lower(), names[1:]
    remedy = f"write a header such as {KNOWN_AT},UNI,AAVE"
    if label not in (KNOWN_AT, OPENING, DATE):
        what = "no header" if _is_data(names) else f"unknown first column '{names[0]}'"
        raise UserError(
            f"{source}, line 1: {what}, "
            f"expected '{KNOWN_AT}', '{OPENING}' or '{DATE}' and then symbols",
            remedy,
        )
    if not symbols:
        raise UserError(f"{source}, line 1: no symbol after '{names[0]}'", remedy)
    for place, symbol in enumerate(symbols):
        if not symbol:
            raise UserError(f"{source}, line 1, column {place + 2}: empty symbol", remedy)
        if symbol in symbols[:place]:
            raise UserError(
                f"{source}, line 1: the symbol {symbol} appears twice",
                "remove one of the two columns",
            )
    return label, symbols


def _is_data(names: list[str]) -> bool:
    try:
        parse_time(names[0])
    except ValueError:
        return False
    return True


def _read_rows(
    source: str, records: Iterator[tuple[int, list[str]]], width: int
) -> tuple[list[int], list[int], list[list[str]]]:
    """Line numbers, label times and cells; shape and order are checked."""
    lines: list[int] = []
    labels: list[int] = []
    rows: list[list[str]] = []
    for line, cells in records:
        if len(cells) != width:
            raise UserError(
                f"{source}, line {line}: {len(cells)} columns, expected {width} as in the header",
                "complete or remove that line",
            )
        moment = _label(source, line, cells[0])
        if labels and moment <= labels[-1]:
            raise _disorder(source, line, lines, labels, moment)
        lines.append(line)
        labels.append(moment)
        rows.append(cells)
    if not rows:
        raise UserError(
            f"{source} has a header but no rows", "give a file with at least one row of prices"
        )
    return lines, labels, rows


def _label(source: str, line: int, text: str) -> int:
    try:
        return parse_time(text)
    except ValueError as error:
        raise UserError(
            f"{source}, line {line}, column 1: got '{text}', {error}", "correct that time"
        ) from error


def _disorder(
    source: str, line: int, lines: list[int], labels: list[int], moment: int
) -> UserError:
    place = bisect_left(labels, moment)
    if place < len(labels) and labels[place] == moment:
        return UserError(
            f"{source}, line {line}: the time {format_time(moment)} "
            f"is already on line {lines[place]}",
            "remove one of the two rows",
        )
    return UserError(
        f"{source}, line {line}: {format_time(moment)} comes after "
        f"{format_time(labels[-1])} of line {lines[-1]}, expected ascending times",
        "sort the file by time",
    )


def _interval(labels: list[int]) -> int:
    """Most frequent distance between rows in seconds; an hour for one row."""
    steps = Counter(later - earlier for earlier, later in pairwise(labels))
    return min(steps, key=lambda step: (-steps[step], step)) if steps else HOUR


# --- the asked part: symbols, range, gaps ---


def _columns(table: _Table, wanted: list[str]) -> list[int]:
    if not wanted:
        raise UserError(
            f"{table.source}: no symbol asked for", f"choose from {', '.join(table.symbols)}"
        )
    for symbol in wanted:
        if symbol not in table.symbols:
            raise unknown_symbol(symbol, table.symbols, table.source)
    return [table.symbols.index(symbol) + 1 for symbol in wanted]


def _range(table: _Table, start: int | None, end: int | None, gap: int) -> tuple[int, int]:
    """First and one past the last row of the asked range."""
    times = table.times
    covers = f"choose dates from {format_time(times[0])} to {format_time(times[-1])}"
    if start is not None and end is not None and start > end:
        raise UserError(
            f"the range from {format_time(start)} to {format_time(end)} is empty",
            "swap the two dates",
        )
    if start is not None and start < times[0] - gap:
        raise UserError(
            f"{table.source}: asked from {format_time(start)}, starts at {format_time(times[0])}",
            covers,
        )
    if end is not None and end > times[-1] + gap:
        raise UserError(
            f"{table.source}: asked to {format_time(end)}, ends at {format_time(times[-1])}", covers
        )
    first = 0 if start is None else bisect_left(times, start)
    after = len(times) if end is None else bisect_right(times, end)
    if first >= after:
        raise UserError(f"{table.source}: no row in the asked range", covers)
    return first, after


def _last_complete(table: _Table, columns: list[int], first: int, after: int, gap: int) -> int:
    """One past the last complete row; rows up to ``gap`` may be left out."""
    last = after
    while last > first and any(not table.rows[last - 1][c].strip() for c in columns):
        last -= 1
    if last == first or table.times[after - 1] - table.times[last - 1] > gap:
        return after  # more than a cut end: the empty cell is reported
    return last


def _check_gaps(table: _Table, first: int, after: int, gap: int) -> None:
    for i in range(first + 1, after):
        missing = table.times[i] - table.times[i - 1]
        if missing > gap:
            raise UserError(
                f"{table.source}, line {table.lines[i]}: {format_span(missing)} without a row "
                f"(from {format_time(table.times[i - 1])} to {format_time(table.times[i])}), "
                f"expected at most {format_span(gap)}",
                "fill the gap, choose another range, or allow a longer gap",
            )


# --- prices ---


def _price_row(table: _Table, i: int, columns: list[int]) -> list[int]:
    row = table.rows[i]
    return [_fast_price(row[c]) or _checked_price(table, i, c) for c in columns]


def _fast_price(cell: str) -> int:
    """The price of a plain decimal such as ``12.345``; 0 for anything else."""
    whole, _, part = cell.partition(".")
    digits = whole + part
    if (
        len(part) <= PRICE_DECIMALS
        and len(digits) <= 20
        and whole
        and digits.isascii()
        and digits.isdigit()
    ):
        price = int(digits) * 10 ** (PRICE_DECIMALS - len(part))
        return price if price <= MAX_PRICE else 0
    return 0


def _checked_price(table: _Table, i: int, column: int) -> int:
    """The price of any notation; raises with the place and what is wrong."""
    text = table.rows[i][column].strip()
    if not text:
        raise _empty_cell(table, i, column)
    if len(text) <= _MAX_DIGITS and _NUMBER.fullmatch(text):
        scaled = Decimal(text).scaleb(PRICE_DECIMALS, _EXACT)
        if scaled == 0:
            raise _bad_cell(table, i, column, text, "a price above zero")
        if scaled > MAX_PRICE:
            raise _bad_cell(table, i, column, text, "a price of at most 10^12 USD")
        if scaled != int(scaled):
            raise _bad_cell(
                table, i, column, text, f"at most {PRICE_DECIMALS} decimal places", "round it"
            )
        return int(scaled)
    if _NEGATIVE.fullmatch(text):
        raise _bad_cell(table, i, column, text, "a price above zero")
    raise _bad_cell(table, i, column, text, "a number such as 12.345")


def _bad_cell(
    table: _Table,
    i: int,
    column: int,
    text: str,
    expected: str,
    remedy: str = "correct or remove that row",
) -> UserError:
    shown = text if len(text) <= _MAX_DIGITS else text[:_MAX_DIGITS] + "..."
    return UserError(
        f"{_cell(table, i, column)}: got '{shown}', expected {expected}",
        remedy,
    )


def _cell(table: _Table, i: int, column: int) -> str:
    return f"{table.source}, line {table.lines[i]}, column {table.symbols[column - 1]}"


def _empty_cell(table: _Table, i: int, column: int) -> UserError:
    symbol = table.symbols[column - 1]
    filled = [j for j, row in enumerate(table.rows) if row[column].strip()]
    place = f"{_cell(table, i, column)}: empty at {format_time(table.times[i])}"
    if not filled:
        return UserError(f"{place}: {symbol} has no price at all", "leave it out")
    if i < filled[0]:
        first = format_time(table.times[filled[0]])
        return UserError(
            f"{place}: {symbol} has prices from {first} on",
            f"start at {first}, or leave {symbol} out",
        )
    if i > filled[-1]:
        last = format_time(table.times[filled[-1]])
        return UserError(
            f"{place}: {symbol} has prices until {last}", f"end at {last}, or leave {symbol} out"
        )
    return UserError(
        f"{place}, expected a price", "fill it in, remove that row, or choose another range"
    )
