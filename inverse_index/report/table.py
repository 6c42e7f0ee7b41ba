# SPDX-License-Identifier: AGPL-3.0-only
"""The summary of a run as a table on the screen.

Units in a summary: ``*_return`` are fractions (0.55 is +55%), ``*_bps`` basis
points of the net asset value, ``max_leverage`` plain, ``gas`` units of gas,
``seconds`` wall-clock time. Groups that are missing are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = tuple[str, str | Text]

_RETURNS: Final = {
    "index_return": "index return",
    "ideal_return": "ideal return, no costs",
    "token_return": "token return",
}
_TRACKING: Final = {
    "tracking_bps": "tracking difference per period",
    "residual_bps": "left after itemised costs",
}
_COSTS: Final = (
    "fees",
    "swap fees",
    "impact",
    "funding",
    "interest",
    "liquidation",
    "keeper",
    "netting",
)
_MUST_BE_ZERO: Final = {
    "conservation_error": "conservation error",
    "model_mismatches": "differences from the model",
}


def print_summary(
    summary: Mapping[str, Any], console: Console | None = None, title: str = "Replay"
) -> None:
    """Print the table to the console, by default the standard output."""
    (console or Console()).print(summary_table(summary, title))


def summary_table(summary: Mapping[str, Any], title: str = "Replay") -> Table:
    """Two columns: what, and the figure with its unit."""
    table = Table(title=title, title_style="bold", show_header=False, pad_edge=False)
    table.add_column("what")
    table.add_column("figure", justify="right", no_wrap=True)
    for section in (_run, _returns, _tracking, _costs, _checks, _gas, _time):
        rows = list(section(summary))
        for what, figure in rows:
            table.add_row(what, figure)
        if rows:
            table.add_section()
    return table


def _run(summary: Mapping[str, Any]) -> Iterator[Row]:
    yield from _plain(summary, "periods", "periods", _count)
    yield from _plain(summary, "hours", "hours", _count)
    causes = summary.get("rebalances", {})
    if causes:
        yield "rebalances", _count(sum(causes.values()))
        yield from ((f"  {cause}", _count(number)) for cause, number in causes.items() if number)
    for kind, number in summary.get("flows", {}).items():
        yield kind, _count(number)
    if summary.get("liquidations"):
        yield "liquidations", _count(summary["liquidations"])
    if summary.get("partial_resets"):
        yield "resets in part", _count(summary["partial_resets"])
    for what, count in summary.get("blocked", {}).items():
        yield f"refused: {what}", _count(count)


def _returns(summary: Mapping[str, Any]) -> Iterator[Row]:
    for key, what in _RETURNS.items():
        yield from _plain(summary, key, what, _percent)
    yield from _plain(summary, "max_leverage", "highest leverage", lambda value: f"{value:.3f}x")


def _tracking(summary: Mapping[str, Any]) -> Iterator[Row]:
    for key, what in _TRACKING.items():
        for name, value in summary.get(key, {}).items():
            yield f"{what}, {name}", _bps(value)


def _costs(summary: Mapping[str, Any]) -> Iterator[Row]:
    costs = summary.get("cost_bps", {})
    known = [name for name in _COSTS if name in costs]
    for name in known + [name for name in costs if name not in _COSTS]:
        yield f"cost: {name}", _bps(costs[name])
    if costs:
        yield "all costs, of N at each period's start", _bps(sum(costs.values()))


def _checks(summary: Mapping[str, Any]) -> Iterator[Row]:
    for key, what in _MUST_BE_ZERO.items():
        if key in summary:
            value = summary[key]
            yield what, Text(f"{value:,}", style="green" if value == 0 else "bold red")


def _gas(summary: Mapping[str, Any]) -> Iterator[Row]:
    for name, value in summary.get("gas", {}).items():
        yield f"gas: {name}", _count(value)


def _time(summary: Mapping[str, Any]) -> Iterator[Row]:
    yield from _plain(summary, "seconds", "time", lambda value: f"{value:,.1f} s")


def _plain(
    summary: Mapping[str, Any], key: str, what: str, show: Callable[[Any], str]
) -> Iterator[Row]:
    if key in summary:
        yield what, show(summary[key])


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:+,.2f}%"


def _bps(value: float) -> str:
    """Two decimals, or two significant digits when that would read as zero."""
    return f"{value:,.2f} bp" if value == 0 or abs(value) >= 0.01 else f"{value:.2g} bp"
