# SPDX-License-Identifier: AGPL-3.0-only
"""Selecting from a price history."""

from __future__ import annotations

import pytest

from inverse_index.errors import UserError
from inverse_index.prices import PriceHistory, format_span, format_time, parse_option, parse_time

START = 1_704_067_200


@pytest.fixture
def history() -> PriceHistory:
    times = [START + hour * 3_600 for hour in range(4)]
    return PriceHistory(
        times, ["A", "B"], [[1, 10], [2, 20], [3, 30], [4, 40]], 3_600, "test", ("note",)
    )


def test_properties(history: PriceHistory) -> None:
    assert (len(history), history.start, history.end, history.duration) == (
        4,
        START,
        START + 10_800,
        10_800,
    )
    assert history.column("B") == [10, 20, 30, 40]


def test_select_keeps_everything_else(history: PriceHistory) -> None:
    chosen = history.select(["B"])
    assert chosen == PriceHistory(
        history.timestamps, ["B"], [[10], [20], [30], [40]], 3_600, "test", ("note",)
    )


def test_between_is_inclusive(history: PriceHistory) -> None:
    assert history.between(START + 3_600, START + 7_200).prices == [[2, 20], [3, 30]]
    assert history.between(START + 3_601).prices == [[3, 30], [4, 40]]
    assert history.between(end=START + 3_599).prices == [[1, 10]]
    assert history.between() == history


def test_between_nothing(history: PriceHistory) -> None:
    with pytest.raises(UserError) as caught:
        history.between(START + 20_000)
    assert caught.value.message == "test: no row from 2024-01-01 05:33:20 to the edge"
    assert caught.value.remedy == "choose dates from 2024-01-01 to 2024-01-01 03:00:00"


def test_unknown_symbol(history: PriceHistory) -> None:
    for action in (lambda: history.column("C"), lambda: history.select(["A", "C"])):
        with pytest.raises(UserError, match=r"^test: unknown symbol 'C'; choose from A, B$"):
            action()


def test_option_names_itself() -> None:
    assert parse_option("2024-01-01", "--from") == START
    with pytest.raises(
        UserError, match=r"^--from: got 'soon', expected a UTC time such as .*; correct the option$"
    ):
        parse_option("soon", "--from")


@pytest.mark.parametrize("text", ["2008-12-31", "2100-01-01", "1230767999"])
def test_time_out_of_range(text: str) -> None:
    with pytest.raises(ValueError, match="from 2009 to 2099"):
        parse_time(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (86_400, "1 day"),
        (259_200, "3 days"),
        (90_000, "25 hours"),
        (60, "1 minute"),
        (61, "61 seconds"),
    ],
)
def test_format_span(seconds: int, text: str) -> None:
    assert format_span(seconds) == text


def test_format_time_round_trip() -> None:
    for seconds in (START, START + 1, START + 86_399):
        assert parse_time(format_time(seconds)) == seconds
