# SPDX-License-Identifier: AGPL-3.0-only
"""The chart: self-contained, complete, small enough, and whole or not at all."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from inverse_index.errors import UserError
from inverse_index.report.chart import MAX_POINTS, Records, render, thinned

START = 1_704_067_200
PNG = b"\x89PNG\r\n\x1a\n"


def records(count: int, factor: float = 1.001) -> Records:
    times = [START + i * 3_600 for i in range(count)]
    index = [50 * factor**i for i in range(count)]
    token = [2 / factor**i for i in range(count)]
    rebalances = [(t, "epoch") for t in times if t % 86_400 == 0] + [(times[-1], "emergency")]
    return Records(times, index, token, token, [1.0] * count, rebalances, 1, "Test of a chart")


def test_both_files_are_written(tmp_path: Path) -> None:
    html, png = render(records(100), tmp_path / "new" / "folder")
    assert (html, png) == (
        tmp_path / "new" / "folder" / "chart.html",
        tmp_path / "new" / "folder" / "chart.png",
    )
    assert png.read_bytes().startswith(PNG)
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    assert (width, height) == (1_440, 1_320)
    assert sorted(path.name for path in html.parent.iterdir()) == ["chart.html", "chart.png"]


def test_html_needs_nothing_from_outside(tmp_path: Path) -> None:
    html, _ = render(records(100), tmp_path)
    text = html.read_text(encoding="utf-8")
    assert "Plotly.newPlot" in text
    assert not re.search(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=", text)
    assert not re.search(r"@import|<base\b", text.split("Plotly.newPlot")[-1])


def test_html_holds_every_series_and_the_counts(tmp_path: Path) -> None:
    html, _ = render(records(100), tmp_path)
    drawn = html.read_text(encoding="utf-8").split("Plotly.newPlot")[-1]
    names = set(re.findall(r'"name":"([^"]+)"', drawn))
    assert {"leverage", "drawdown", "token against ideal"} <= names
    assert "epoch rebalance (5)" in names
    assert "emergency rebalance (1)" in names
    assert any(name.startswith("index (+10.4%)") for name in names)
    assert "Test of a chart" in drawn
    assert "2024-01-01 to 2024-01-05 UTC, 6 rebalances" in drawn


def test_log_scale_only_where_values_are_wide(tmp_path: Path) -> None:
    narrow, _ = render(records(100), tmp_path / "narrow")
    wide, _ = render(records(2_000), tmp_path / "wide")
    assert '"type":"log"' not in narrow.read_text(encoding="utf-8").split("Plotly.newPlot")[-1]
    assert '"type":"log"' in wide.read_text(encoding="utf-8").split("Plotly.newPlot")[-1]


def test_thinning_keeps_ends_and_extremes() -> None:
    full = records(40_000, 1.00001)
    full.leverage[12_345] = 5.5
    full.leverage[23_456] = 0.1
    thin = thinned(full)
    assert MAX_POINTS / 3 < len(thin.timestamps) <= MAX_POINTS
    assert (thin.timestamps[0], thin.timestamps[-1]) == (full.timestamps[0], full.timestamps[-1])
    assert (max(thin.leverage), min(thin.leverage)) == (5.5, 0.1)
    assert thin.timestamps == sorted(set(thin.timestamps))
    place = full.timestamps.index(thin.timestamps[700])
    assert (thin.index[700], thin.token[700]) == (full.index[place], full.token[place])


def test_short_series_are_not_thinned() -> None:
    full = records(MAX_POINTS)
    assert thinned(full) is full


def test_a_wiped_out_token_can_be_drawn(tmp_path: Path) -> None:
    full = records(60)
    full.token[30:] = [0.0] * 30
    full.ideal[30:] = [0.0] * 30
    html, png = render(full, tmp_path)
    assert html.is_file()
    assert png.is_file()


def test_unknown_kind_of_rebalance_is_drawn(tmp_path: Path) -> None:
    full = records(30)
    full.rebalances.append((START + 3_600, "settlement"))
    html, _ = render(full, tmp_path)
    assert "settlement rebalance (1)" in html.read_text(encoding="utf-8")


def test_one_point(tmp_path: Path) -> None:
    html, png = render(Records([START], [1.0], [1.0], [1.0], [1.0]), tmp_path)
    assert html.is_file()
    assert png.is_file()


@pytest.mark.parametrize(
    "bad", [Records([], [], [], [], []), Records([START], [1.0], [], [1.0], [1.0])]
)
def test_unequal_or_empty_records(tmp_path: Path, bad: Records) -> None:
    with pytest.raises(
        UserError, match="at least one point and series of equal length; run for longer"
    ):
        render(bad, tmp_path)
    assert list(tmp_path.iterdir()) == []
