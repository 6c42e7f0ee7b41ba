# SPDX-License-Identifier: AGPL-3.0-only
"""Human units to contract integers and back: exact or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.config import units
from inverse_index.errors import UserError
from tests.support.constants import MAX_UINT256

DECIMALS = st.integers(min_value=0, max_value=36)
AMOUNTS = st.integers(min_value=-(2**256) + 1, max_value=MAX_UINT256)


@given(amount=AMOUNTS, decimals=DECIMALS)
def test_format_then_parse_gives_the_amount(amount: int, decimals: int) -> None:
    text = units.format_units(amount, decimals)
    assert units.parse_units(text, decimals, signed=True) == amount


@given(amount=AMOUNTS, decimals=DECIMALS)
def test_formatted_text_is_shortest(amount: int, decimals: int) -> None:
    text = units.format_units(amount, decimals)
    assert "e" not in text.lower()
    assert not text.endswith(".")
    if "." in text:
        assert not text.endswith("0")


@given(text=st.from_regex(r"\A[0-9]{1,12}\.[0-9]{1,18}\Z"))
def test_parse_equals_the_digits(text: str) -> None:
    whole, part = text.split(".")
    assert units.parse_units(text, 18) == int(whole) * 10**18 + int(part.ljust(18, "0"))


@pytest.mark.parametrize(
    ("text", "decimals", "amount"),
    [
        ("1", 6, 1_000_000),
        ("0.000001", 6, 1),
        (" 1_000.5 ", 6, 1_000_500_000),
        ("1.50000000", 6, 1_500_000),
        ("1e3", 6, 1_000_000_000),
        (".5", 18, 5 * 10**17),
        ("+2", 0, 2),
        (Decimal("0.1"), 18, 10**17),
        (7, 8, 7 * 10**8),
    ],
)
def test_parse_units(text: str | int | Decimal, decimals: int, amount: int) -> None:
    assert units.parse_units(text, decimals) == amount


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "1,5", "0x10", "1__0", "1e999", "--1", "1.2.3", "١"]
)
def test_parse_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(UserError, match=r"is not a number; write it as a plain decimal"):
        units.parse_units(text, 18)


@pytest.mark.parametrize("value", [0.1, True, None])
def test_parse_refuses_inexact_types(value: object) -> None:
    with pytest.raises(UserError, match="is not an exact number"):
        units.parse_units(value, 18)  # type: ignore[arg-type]


def test_parse_refuses_more_digits_than_the_scale() -> None:
    with pytest.raises(
        UserError,
        match=r"^1\.0000001 has more than 6 decimal places; round it to 6 decimal places$",
    ):
        units.parse_units("1.0000001", 6)


def test_parse_refuses_negative_unless_signed() -> None:
    with pytest.raises(UserError, match=r"^-1 is negative; use an amount of 0 or more$"):
        units.parse_units("-1", 6)
    assert units.parse_units("-1", 6, signed=True) == -1_000_000


def test_parse_refuses_more_than_a_word() -> None:
    largest = units.format_units(units.MAX_UINT256, 18)
    assert units.parse_units(largest, 18) == units.MAX_UINT256
    with pytest.raises(UserError, match="is too large for a contract"):
        units.parse_units(units.format_units(units.MAX_UINT256 + 1, 18), 18)


def test_format_units_thousands() -> None:
    assert units.format_units(-1_234_567_890_000, 6, thousands=True) == "-1,234,567.89"


def test_scales() -> None:
    assert units.wad("0.5") == 5 * 10**17
    assert units.bps_wad("1") == 10**14
    assert units.bps_wad("0.00001") == 10**9
    assert units.percent_wad("0.95%") == 95 * 10**14
    assert units.percent_wad("0.95") == 95 * 10**14
    assert units.format_percent(95 * 10**14) == "0.95%"


def test_yearly_rate_is_the_logarithm_per_second_rounded_down() -> None:
    # ln(1.0095) = 0.009455159186... ; / 31,536,000 s = 2.9982112e-10
    assert units.yearly_rate_wad_down(95 * 10**14) == 299_821_117
    assert units.yearly_rate_wad_down(0) == 0
    # ln(2) = 0.693147180559945309... over a year of 365 days
    assert units.yearly_rate_wad_down(10**18) == 693_147_180_559_945_309 // units.SECONDS_PER_YEAR


@given(ratio=st.integers(min_value=0, max_value=10**17))
def test_a_year_never_charges_more_than_stated(ratio: int) -> None:
    rate = units.yearly_rate_wad_down(ratio)
    exact = (1 + Decimal(ratio) / units.WAD).ln()
    charged = Decimal(rate * units.SECONDS_PER_YEAR) / units.WAD
    assert exact - Decimal(units.SECONDS_PER_YEAR) / units.WAD < charged <= exact


def test_daily_rate_rounds_down() -> None:
    assert units.daily_rate_wad_down(10**17) == 1_157_407_407_407
    assert units.daily_rate_wad_down(10**17) * 86_400 <= 10**17


def test_units_at_price_round_as_named() -> None:
    assert units.units_at_price_down(10**18, 3 * 10**18) == 333_333_333_333_333_333
    assert units.units_at_price_up(10**18, 3 * 10**18) == 333_333_333_333_333_334
    assert units.units_at_price_up(6 * 10**18, 3 * 10**18) == 2 * 10**18
