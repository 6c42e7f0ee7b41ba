# SPDX-License-Identifier: AGPL-3.0-only
"""Human units to exact integers, and errors that name the option."""

from __future__ import annotations

import pytest

from inverse_index.cli.amounts import (
    WAD,
    less_down,
    more_up,
    parse_amount,
    parse_bound,
    parse_gwei,
    parse_move,
    parse_part,
    parse_setting,
    parse_slippage,
    parse_span,
)
from inverse_index.errors import UserError


def test_amounts() -> None:
    assert parse_amount("--amount", "1000", 6) == 1_000_000_000
    assert parse_amount("--amount", "1,000.000001", 6) == 1_000_000_001
    assert parse_bound("--min-shares", "0", 18) == 0
    assert parse_gwei("--max-fee", "1.5") == 1_500_000_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "--amount: 'x' is not a number"),
        ("-1", "--amount: -1 is negative"),
        ("0", "--amount: 0 is too small"),
        ("0.0000001", "--amount: 0.0000001 has more than 6 decimal places"),
        ("nan", "--amount: 'nan' is not a number"),
        ("1e90", "--amount: '1e90' is not a number"),
    ],
)
def test_amounts_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_amount("--amount", text, 6)
    assert caught.value.message == message


def test_spans() -> None:
    assert [parse_span("--advance", text) for text in ("90", "90s", "15m", "12h", "1d")] == [
        90,
        90,
        900,
        43_200,
        86_400,
    ]
    for text in ("0", "1w", "", "-1d", "1.5h", "9999999d"):
        with pytest.raises(UserError, match="is no length of time"):
            parse_span("--advance", text)


def test_moves_and_settings() -> None:
    assert parse_move("--move", "5%") == (None, 5 * 10**16)
    assert parse_move("--move", "-3.5%") == (None, -35 * 10**15)
    assert parse_move("--move", "uni=+2%") == ("UNI", 2 * 10**16)
    assert parse_setting("--set", "UNI=7.2") == ("UNI", 720_000_000)
    for text in ("5", "UNI=5", "%", "--5%", "UNI=x%", "-100%"):
        with pytest.raises(UserError):
            parse_move("--move", text)
    for text in ("UNI", "=5", "UNI=0", "UNI=-1", "UNI=0.000000001"):
        with pytest.raises(UserError):
            parse_setting("--set", text)


def test_bounds_round_for_the_holder() -> None:
    assert (less_down(10_001, 50), more_up(10_001, 50)) == (9_950, 10_052)
    assert (less_down(7, 0), more_up(7, 0)) == (7, 7)
    assert less_down(7, 10_000) == 0


def test_parts_and_slippages() -> None:
    assert (parse_part("--part", "50%"), parse_part("--part", "100%")) == (WAD // 2, WAD)
    assert (parse_slippage("--slippage", "0%"), parse_slippage("--slippage", "0.5%")) == (
        0,
        5 * 10**15,
    )
    for text in ("0%", "101%", "-1%", "50", "half%"):
        with pytest.raises(UserError, match="--part: "):
            parse_part("--part", text)
    for text in ("100%", "-1%", "0.5", "%"):
        with pytest.raises(UserError, match="--slippage: "):
            parse_slippage("--slippage", text)
