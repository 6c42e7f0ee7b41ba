# SPDX-License-Identifier: AGPL-3.0-only
"""The chart of a run, as a self-contained HTML file and as a PNG.

Four panels over one time axis: the value of index, ideal and token (all 100 at
the start), the token against the ideal, its leverage with every rebalance, and
its drawdown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from inverse_index.errors import UserError
from inverse_index.files import write_atomic, write_atomic_with

MAX_POINTS: Final = 5_000
MANY: Final = 200  # markers of one kind are drawn smaller from here on
MAX_MARKERS: Final = 1_500  # of one kind
LOG_FROM: Final = 3.0  # a logarithmic axis from this ratio of highest to lowest value

# kind: colour, matplotlib marker, plotly marker, size
_KINDS: Final = {
    "epoch": ("#6fa8dc", "|", "line-ns-open", 5),
    "netting": ("#2a9d8f", "x", "x-thin-open", 5),
    "chunk": ("#8d6cab", ".", "circle", 5),
    "reconstitution": ("#264653", "s", "square", 5),
    "drift": ("#e9a23b", "^", "triangle-up", 6),
    "emergency": ("#d1495b", "v", "triangle-down", 9),
}
_OTHER: Final = ("#555555", "o", "circle", 5)
_INDEX, _IDEAL, _TOKEN, _TARGET = "#4f7cac", "#f4a259", "#1b1f3b", "#9aa5b1"


@dataclass(frozen=True)
class Records:
    """What a run leaves to be drawn.

    ``timestamps``: unix seconds UTC, ascending. ``index``: level. ``ideal``:
    value of -L times the index, compounded at each reset without costs.
    ``token``: net asset value per share. ``leverage``: exposure over net
    assets. All in any positive unit, one value per timestamp.
    ``rebalances``: (timestamp, kind).
    """

    timestamps: list[int]
    index: list[float]
    ideal: list[float]
    token: list[float]
    leverage: list[float]
    rebalances: list[tuple[int, str]] = field(default_factory=list)
    target: int = 1
    title: str = "Inverse index token"


def render(records: Records, out_dir: str | Path, name: str = "chart") -> tuple[Path, Path]:
    """Write ``<name>.html`` and ``<name>.png`` into a folder; return their paths."""
    _check(records)
    thin = thinned(records)
    folder = Path(out_dir)
    html = write_atomic(folder / f"{name}.html", _html(thin, records))
    png = write_atomic_with(folder / f"{name}.png", lambda part: _png(thin, records, part))
    return html, png


def _check(records: Records) -> None:
    lengths = {
        len(records.timestamps),
        len(records.index),
        len(records.ideal),
        len(records.token),
        len(records.leverage),
    }
    if len(lengths) != 1 or not records.timestamps:
        raise UserError(
            "the chart needs at least one point and series of equal length", "run for longer"
        )


def thinned(records: Records, most: int = MAX_POINTS) -> Records:
    """At most ``most`` points: of each stretch the one with the lowest and the
    one with the highest leverage, and always the first and the last."""
    count = len(records.timestamps)
    if count <= most:
        return records
    size = -(-count // (most // 2 - 1))
    keep = {0, count - 1}
    for start in range(0, count, size):
        stretch = range(start, min(start + size, count))
        keep.add(min(stretch, key=records.leverage.__getitem__))
        keep.add(max(stretch, key=records.leverage.__getitem__))
    rows = sorted(keep)
    return Records(
        timestamps=[records.timestamps[i] for i in rows],
        index=[records.index[i] for i in rows],
        ideal=[records.ideal[i] for i in rows],
        token=[records.token[i] for i in rows],
        leverage=[records.leverage[i] for i in rows],
        rebalances=records.rebalances,
        target=records.target,
        title=records.title,
    )


# --- figures that both charts draw ---


@dataclass(frozen=True)
class _Series:
    times: list[datetime]
    index: list[float]
    ideal: list[float]
    token: list[float]
    against: list[float | None]  # token over ideal, percent
    drawdown: list[float]  # percent below the highest value so far
    leverage: list[float]
    logarithmic: bool


def _series(thin: Records, records: Records) -> _Series:
    index, ideal, token = (
        _rebased(part, whole[0])
        for part, whole in (
            (thin.index, records.index),
            (thin.ideal, records.ideal),
            (thin.token, records.token),
        )
    )
    return _Series(
        times=[_moment(t) for t in thin.timestamps],
        index=index,
        ideal=ideal,
        token=token,
        against=[100 * (a / b - 1) if b > 0 else None for a, b in zip(token, ideal, strict=True)],
        drawdown=_drawdown(token),
        leverage=thin.leverage,
        logarithmic=_wide([*index, *ideal, *token]),
    )


def _rebased(values: Sequence[float], start: float) -> list[float]:
    return [100 * value / start for value in values] if start else list(values)


def _drawdown(values: list[float]) -> list[float]:
    peaks = accumulate(values, max)
    pairs = zip(values, peaks, strict=True)
    return [100 * (value / peak - 1) if peak > 0 else 0.0 for value, peak in pairs]


def _wide(values: list[float]) -> bool:
    positive = [value for value in values if value > 0]
    return bool(positive) and max(positive) / min(positive) >= LOG_FROM


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC).replace(tzinfo=None)


def _markers(records: Records) -> list[tuple[str, int, list[datetime], list[float]]]:
    """Kind, true count, times and leverage before it of the rebalances drawn."""
    counts = Counter(kind for _, kind in records.rebalances)
    found = []
    for kind in sorted(counts, key=lambda k: list(_KINDS).index(k) if k in _KINDS else len(_KINDS)):
        moments = [moment for moment, other in records.rebalances if other == kind]
        drawn = moments[:: -(-len(moments) // MAX_MARKERS)]
        found.append(
            (kind, counts[kind], [_moment(m) for m in drawn], _leverage_at(records, drawn))
        )
    return found


def _leverage_at(records: Records, moments: list[int]) -> list[float]:
    """Leverage of the last row known at each moment."""
    return [records.leverage[max(0, bisect_right(records.timestamps, m) - 1)] for m in moments]


def _labels(series: _Series, target: int) -> dict[str, str]:
    return {
        "index": f"index ({_change(series.index)})",
        "ideal": f"−{target}x ideal, no costs ({_change(series.ideal)})",
        "token": f"token, net asset value per share ({_change(series.token)})",
    }


def _change(values: list[float]) -> str:
    return f"{values[-1] / values[0] - 1:+.1%}".replace("-", "−") if values[0] else "n/a"


def _subtitle(records: Records) -> str:
    first, last = _moment(records.timestamps[0]), _moment(records.timestamps[-1])
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d} UTC, {len(records.rebalances):,} rebalances"


# --- PNG ---


def _png(thin: Records, records: Records, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    series = _series(thin, records)
    figure = Figure(figsize=(12, 11), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(records.title, fontsize=15, fontweight="bold")
    panels = figure.subplots(4, 1, sharex=True, height_ratios=(3.2, 1, 1.7, 1))
    _draw_values(panels[0], series, records)
    _draw_line(panels[1], series.times, series.against, "token against\nideal (%)")
    _draw_leverage(panels[2], series, records)
    _draw_line(panels[3], series.times, series.drawdown, "token below its\nhighest (%)", fill=True)
    _style_time_axis(panels)
    figure.savefig(path, format="png")


def _draw_values(panel: Any, series: _Series, records: Records) -> None:
    labels = _labels(series, records.target)
    panel.plot(series.times, series.index, color=_INDEX, lw=1.1, label=labels["index"])
    panel.plot(series.times, series.ideal, color=_IDEAL, lw=3.2, alpha=0.75, label=labels["ideal"])
    panel.plot(series.times, series.token, color=_TOKEN, lw=1.1, label=labels["token"])
    if series.logarithmic:
        from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_ylabel("value, start = 100" + (" (log scale)" if series.logarithmic else ""))
    panel.set_title(_subtitle(records), fontsize=11, color="#444444")
    panel.legend(loc="best", fontsize=10, framealpha=0.9)


def _draw_leverage(panel: Any, series: _Series, records: Records) -> None:
    panel.plot(series.times, series.leverage, color=_TOKEN, lw=0.7)
    panel.axhline(records.target, color=_TARGET, lw=1, ls="--")
    for kind, count, times, leverage in _markers(records):
        colour, marker, _, size = _KINDS.get(kind, _OTHER)
        small = size * (0.6 if len(times) > MANY else 1)
        panel.plot(
            times,
            leverage,
            ls="",
            marker=marker,
            ms=small,
            color=colour,
            label=f"{kind} ({count:,})",
        )
    panel.set_ylabel(f"leverage\n(target {records.target})")
    if records.rebalances:
        panel.legend(
            loc="upper left",
            fontsize=9,
            ncols=6,
            framealpha=0.9,
            markerscale=1.3,
            title="rebalances by cause",
            title_fontsize=9,
        )
        low, high = panel.get_ylim()
        panel.set_ylim(low, high + 0.35 * (high - low))


def _draw_line(
    panel: Any, times: list[datetime], values: Any, label: str, fill: bool = False
) -> None:
    numbers = [float("nan") if value is None else value for value in values]
    panel.plot(times, numbers, color=_TOKEN, lw=0.9)
    panel.axhline(0, color=_TARGET, lw=1, ls="--")
    if fill:
        panel.fill_between(times, numbers, 0, color=_TOKEN, alpha=0.12, lw=0)
    panel.set_ylabel(label)


def _style_time_axis(panels: Any) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call, unused-ignore]
    panels[-1].xaxis.set_major_locator(locator)
    panels[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call, unused-ignore]
    panels[-1].set_xlabel("time (UTC)")
    for panel in panels:
        panel.grid(True, color="#e3e6ea", lw=0.7)
        panel.set_axisbelow(True)
        panel.margins(x=0.01)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)


# --- HTML ---


def _html(thin: Records, records: Records) -> str:
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    series = _series(thin, records)
    figure = make_subplots(
        rows=4,
        cols=1,
        shared_xaxes=True,
        row_heights=[0.46, 0.15, 0.24, 0.15],
        vertical_spacing=0.03,
    )
    labels = _labels(series, records.target)
    for name, values, colour, width in (
        ("index", series.index, _INDEX, 1.4),
        ("ideal", series.ideal, _IDEAL, 4),
        ("token", series.token, _TOKEN, 1.4),
    ):
        figure.add_trace(_line(go, series.times, values, labels[name], colour, width), row=1, col=1)
    figure.add_trace(
        _line(go, series.times, series.against, "token against ideal", _TOKEN, 1.2, False),
        row=2,
        col=1,
    )
    figure.add_trace(
        _line(go, series.times, series.leverage, "leverage", _TOKEN, 1, False), row=3, col=1
    )
    for trace in _marker_traces(go, records):
        figure.add_trace(trace, row=3, col=1)
    drawdown = _line(go, series.times, series.drawdown, "drawdown", _TOKEN, 1.2, False)
    figure.add_trace(drawdown.update(fill="tozeroy"), row=4, col=1)
    _style_html(figure, series, records)
    return str(
        figure.to_html(
            include_plotlyjs=True,
            full_html=True,
            div_id="chart",
            config={"displaylogo": False, "responsive": True},
        )
    )


def _line(
    go: Any, times: Any, values: Any, name: str, colour: str, width: float, legend: bool = True
) -> Any:
    rounded = [None if value is None else float(f"{value:.7g}") for value in values]
    return go.Scattergl(
        x=times,
        y=rounded,
        name=name,
        mode="lines",
        line={"color": colour, "width": width},
        showlegend=legend,
    )


def _marker_traces(go: Any, records: Records) -> list[Any]:
    traces = []
    for kind, count, times, leverage in _markers(records):
        colour, _, symbol, size = _KINDS.get(kind, _OTHER)
        traces.append(
            go.Scattergl(
                x=times,
                y=leverage,
                name=f"{kind} rebalance ({count:,})",
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": size + 3},
            )
        )
    return traces


def _style_html(figure: Any, series: _Series, records: Records) -> None:
    figure.update_layout(
        title={"text": f"<b>{records.title}</b><br><sup>{_subtitle(records)}</sup>"},
        template="plotly_white",
        height=1_050,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"t": 150, "l": 80, "r": 30, "b": 60},
    )
    kind = {"type": "log", "dtick": "D2"} if series.logarithmic else {}
    scale = " (log scale)" if series.logarithmic else ""
    figure.update_yaxes(title_text=f"value, start = 100{scale}", row=1, col=1, **kind)
    figure.update_yaxes(title_text="token against<br>ideal (%)", row=2, col=1)
    figure.update_yaxes(title_text=f"leverage<br>(target {records.target})", row=3, col=1)
    figure.update_yaxes(title_text="token below its<br>highest (%)", row=4, col=1)
    figure.update_xaxes(title_text="time (UTC)", row=4, col=1)
