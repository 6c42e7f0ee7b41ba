# SPDX-License-Identifier: AGPL-3.0-only
"""Figures for people and for machines."""

from __future__ import annotations

import pytest

from inverse_index import artifacts
from inverse_index.cli.output import (
    Output,
    compilations_shown,
    exact,
    percent,
    shown,
    span,
    utc,
)


def test_shown_is_short_and_exact_is_exact() -> None:
    assert shown(1_234_567_890, 6) == "1,234.56789"
    assert shown(10**18, 18) == "1"
    assert shown(0, 6) == "0"
    assert shown(1_234_567_891_234, 18) == "0.000001235"
    assert shown(-1_500_000, 6) == "-1.5"
    assert shown(1_999_999, 6, 2) == "2"
    assert shown(123_456_789 * 10**18, 18, 0) == "123,456,789"
    assert exact(1_234_567_891_234, 18) == "0.000001234567891234"


def test_percent() -> None:
    assert percent(5 * 10**16) == "+5.00%"
    assert percent(-(10**15)) == "-0.10%"


def test_times() -> None:
    assert utc(1_704_067_200) == "2024-01-01 00:00:00 UTC"
    assert [span(s) for s in (0, 59, 3_600, 90_061, -60)] == [
        "0 s",
        "59 s",
        "1 h",
        "1 d 1 h",
        "-1 min",
    ]


def test_figures_stay_whole_on_a_narrow_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The names fold instead, also in the middle of a long word."""
    monkeypatch.setenv("COLUMNS", "40")
    name = "schedule_reconstitution: all into one component"
    Output(False).grid(("power", "over", "stays"), [[name, "30 days", "19.11%"]], "worst")
    text = capsys.readouterr().out
    assert "30 days" in text
    assert "19.11%" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 40


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_shows_what_is_compiled(
    is_terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    monkeypatch.setattr(artifacts, "_is_built", lambda path: False)
    before = list(artifacts._listeners)
    with compilations_shown():
        artifacts._tell("PerpExchange", ["Lens", "PerpExchange"])
    shown_lines = capsys.readouterr().err
    assert shown_lines == ("compiling 1 of 2: PerpExchange\n" if is_terminal else "")
    assert artifacts._listeners == before
