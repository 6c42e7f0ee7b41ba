# SPDX-License-Identifier: AGPL-3.0-only
"""Price files: what is read, and each way in which a file can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inverse_index.errors import UserError
from inverse_index.prices import find_data_dir, load_prices, parse_time

GOOD = """timestamp,UNI,AAVE
2024-01-01 00:00:00,5.25,90.1
2024-01-01 01:00:00,5.5,91
2024-01-01 02:00:00,5.75,92.12345678
"""
START = 1_704_067_200

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a price file and return its path."""

    def written(text: str) -> Path:
        path = tmp_path / "prices.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def refused(path: Path, *arguments: object, **options: object) -> tuple[str, str]:
    """Message (without the file's name, which must be there) and remedy."""
    with pytest.raises(UserError) as caught:
        load_prices(path, *arguments, **options)  # type: ignore[arg-type]
    assert str(path) in caught.value.message
    return caught.value.message.replace(str(path), "FILE"), caught.value.remedy


# --- what is read ---


def test_prices_are_exact_integers(write: Write) -> None:
    history = load_prices(write(GOOD))
    assert history.timestamps == [START, START + 3_600, START + 7_200]
    assert history.symbols == ["UNI", "AAVE"]
    assert history.prices == [
        [525_000_000, 9_010_000_000],
        [550_000_000, 9_100_000_000],
        [575_000_000, 9_212_345_678],
    ]
    assert (history.interval, history.notes) == (3_600, ())


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("1", 10**8),
        ("1.", 10**8),
        (".5", 5 * 10**7),
        ("+1.5", 15 * 10**7),
        (" 2.5 ", 25 * 10**7),
        ("1e-8", 1),
        ("2.5E3", 2_500 * 10**8),
        ("0.00000001", 1),
        ("1.500000000000", 15 * 10**7),
        ("0.1", 10**7),
        ("123456789.12345678", 12_345_678_912_345_678),
        ("1000000000000", 10**20),
    ],
)
def test_notations(write: Write, cell: str, price: int) -> None:
    assert load_prices(write(f"timestamp,A\n1704067200,{cell}\n")).prices == [[price]]


@pytest.mark.parametrize(
    "label",
    [
        "2024-01-01",
        "2024-01-01 00:00:00",
        "2024-01-01T00:00:00Z",
        "2024-01-01T02:00:00+02:00",
        "1704067200",
    ],
)
def test_times(write: Write, label: str) -> None:
    assert load_prices(write(f"timestamp,A\n{label},1\n")).timestamps == [START]


def test_a_row_labelled_by_its_opening_is_known_one_interval_later(write: Write) -> None:
    text = GOOD.replace("timestamp", "open_time_utc")
    assert load_prices(write(text)).timestamps == [START + 3_600, START + 7_200, START + 10_800]
    text = "open_time_utc,A\n2024-01-01 00:00,1\n2024-01-01 00:15,1\n2024-01-01 00:30,1\n"
    assert load_prices(write(text)).timestamps == [START + 900, START + 1_800, START + 2_700]


def test_a_daily_close_is_known_at_the_next_midnight(write: Write) -> None:
    history = load_prices(write("date_utc,A\n2024-01-01,1\n2024-01-02,2\n"))
    assert history.timestamps == [START + 86_400, START + 172_800]
    assert history.interval == 86_400


def test_columns_are_chosen_in_the_asked_order(write: Write) -> None:
    history = load_prices(write(GOOD), ["AAVE", "UNI"])
    assert history.symbols == ["AAVE", "UNI"]
    assert history.prices[0] == [9_010_000_000, 525_000_000]


def test_range_includes_both_ends(write: Write) -> None:
    history = load_prices(write(GOOD), start=START + 3_600, end=START + 7_200)
    assert history.timestamps == [START + 3_600, START + 7_200]


def test_bad_cells_outside_the_asked_part_do_not_matter(write: Write) -> None:
    text = GOOD.replace("5.25", "nan").replace("91\n", "-\n")
    assert len(load_prices(write(text), ["UNI"], start=START + 1)) == 2


def test_byte_order_mark_blank_lines_and_quotes(write: Write) -> None:
    history = load_prices(write('\ufefftimestamp,"UNI"\r\n\r\n2024-01-01,"5.25"\r\n'))
    assert history.prices == [[525_000_000]]


def test_most_frequent_distance_is_the_interval(write: Write) -> None:
    rows = "".join(f"{START + hour * 3_600},1\n" for hour in (0, 1, 2, 5, 6, 9, 10))
    assert load_prices(write("timestamp,A\n" + rows)).interval == 3_600


def test_incomplete_rows_at_the_end_are_left_out_and_noted(write: Write) -> None:
    path = write(GOOD + "2024-01-01 03:00:00,6,\n2024-01-01 04:00:00,,\n")
    history = load_prices(path)
    assert history.end == START + 7_200
    assert history.notes == (f"left out 2 incomplete row(s) at the end of {path}",)
    assert load_prices(path, ["UNI"]).end == START + 10_800


# --- what is refused ---


def test_missing_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv") == (
        "FILE does not exist",
        "give the path of a CSV file with prices",
    )


def test_folder(tmp_path: Path) -> None:
    assert refused(tmp_path) == ("FILE is not a file", "give the path of a CSV file with prices")


def test_empty_file(write: Write) -> None:
    assert refused(write("")) == (
        "FILE is empty",
        "give a CSV file with a header such as timestamp,UNI,AAVE",
    )


def test_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"timestamp,A\n\xff\xfe,1\n")
    assert refused(path)[0] == "FILE is not UTF-8 text"


def test_broken_quotes(write: Write) -> None:
    message, remedy = refused(write('timestamp,A\n2024-01-01,"1"2\n'))
    assert message.startswith("FILE, line 2: not valid CSV: ")
    assert remedy == "correct that line"


def test_no_header(write: Write) -> None:
    message, remedy = refused(write("2024-01-01,5.25\n"))
    assert message == (
        "FILE, line 1: no header, expected 'timestamp', 'open_time_utc' or 'date_utc' "
        "and then symbols"
    )
    assert remedy == "write a header such as timestamp,UNI,AAVE"


def test_unknown_first_column(write: Write) -> None:
    message, _ = refused(write("round,answer\n1,2\n"))
    assert message == (
        "FILE, line 1: unknown first column 'round', "
        "expected 'timestamp', 'open_time_utc' or 'date_utc' and then symbols"
    )


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("timestamp", "no symbol after 'timestamp'"),
        ("timestamp,UNI,UNI", "the symbol UNI appears twice"),
    ],
)
def test_bad_header(write: Write, header: str, problem: str) -> None:
    assert refused(write(header + "\n"))[0] == f"FILE, line 1: {problem}"


def test_empty_symbol_in_the_header(write: Write) -> None:
    assert refused(write("timestamp,UNI,,AAVE\n"))[0] == "FILE, line 1, column 3: empty symbol"


def test_header_without_rows(write: Write) -> None:
    message, remedy = refused(write("timestamp,UNI\n"))
    assert (message, remedy) == (
        "FILE has a header but no rows",
        "give a file with at least one row of prices",
    )


@pytest.mark.parametrize("row", ["2024-01-01 03:00:00,6", "2024-01-01 03:00:00,6,90,1"])
def test_wrong_number_of_columns(write: Write, row: str) -> None:
    message, remedy = refused(write(GOOD + row + "\n"))
    assert message == f"FILE, line 5: {row.count(',') + 1} columns, expected 3 as in the header"
    assert remedy == "complete or remove that line"


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("yesterday", ""),
        ("2024-13-01", ""),
        ("", ""),
        ("1704067200.5", ""),
        ("1704067200000", " (these look like milliseconds)"),
        ("20240101", ", from 2009 to 2099"),
        ("2024-01-01 00:00:00.5", ", without fractions of a second"),
    ],
)
def test_bad_time(write: Write, label: str, problem: str) -> None:
    message, remedy = refused(write(f"timestamp,A\n{label},1\n"))
    assert message == (
        f"FILE, line 2, column 1: got '{label}', expected a UTC time such as "
        f"2021-05-24, 2021-05-24 13:00:00 "
        f"or unix seconds{problem}"
    )
    assert remedy == "correct that time"


def test_duplicate_row_names_both_lines(write: Write) -> None:
    message, remedy = refused(write(GOOD + "2024-01-01 01:00:00,5.5,91\n"))
    assert message == "FILE, line 5: the time 2024-01-01 01:00:00 is already on line 3"
    assert remedy == "remove one of the two rows"


def test_duplicate_of_the_row_before(write: Write) -> None:
    message, _ = refused(write(GOOD + "2024-01-01T02:00:00Z,6,90\n"))
    assert message == "FILE, line 5: the time 2024-01-01 02:00:00 is already on line 4"


def test_unsorted_rows(write: Write) -> None:
    message, remedy = refused(write(GOOD + "2024-01-01 00:30:00,5.5,91\n"))
    assert message == (
        "FILE, line 5: 2024-01-01 00:30:00 comes after 2024-01-01 02:00:00 of line 4, "
        "expected ascending times"
    )
    assert remedy == "sort the file by time"


def test_unknown_symbol_suggests_and_lists(write: Write) -> None:
    assert refused(write(GOOD), ["AVE"]) == (
        "FILE: unknown symbol 'AVE' (did you mean AAVE?)",
        "choose from UNI, AAVE",
    )
    assert refused(write(GOOD), ["uni"])[0] == "FILE: unknown symbol 'uni' (did you mean UNI?)"
    assert refused(write(GOOD), ["DOGE"])[0] == "FILE: unknown symbol 'DOGE'"


def test_no_symbol(write: Write) -> None:
    assert refused(write(GOOD), []) == ("FILE: no symbol asked for", "choose from UNI, AAVE")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0", "a price above zero"),
        ("0.000", "a price above zero"),
        ("0e5", "a price above zero"),
        ("-5.5", "a price above zero"),
        ("nan", "a number such as 12.345"),
        ("NaN", "a number such as 12.345"),
        ("inf", "a number such as 12.345"),
        ("-Infinity", "a number such as 12.345"),
        ("abc", "a number such as 12.345"),
        ("5;5", "a number such as 12.345"),
        ("1_000", "a number such as 12.345"),
        ("0x10", "a number such as 12.345"),
        ("٥", "a number such as 12.345"),
        ("1e999", "a number such as 12.345"),
        ("0.123456789", "at most 8 decimal places"),
        ("1e-9", "at most 8 decimal places"),
        ("1.0000000000000000000000000000000001", "at most 8 decimal places"),
        ("1000000000000.1", "a price of at most 10^12 USD"),
        ("1e13", "a price of at most 10^12 USD"),
    ],
)
def test_bad_price(write: Write, cell: str, expected: str) -> None:
    message, remedy = refused(write(GOOD.replace("91", cell)))
    assert message == f"FILE, line 3, column AAVE: got '{cell}', expected {expected}"
    assert remedy == ("round it" if "decimal places" in expected else "correct or remove that row")


def test_long_nonsense_is_shortened(write: Write) -> None:
    message, _ = refused(write(GOOD.replace("91", "9" * 100)))
    assert (
        message
        == f"FILE, line 3, column AAVE: got '{'9' * 60}...', expected a number such as 12.345"
    )


def test_before_a_listing_says_the_first_date(write: Write) -> None:
    message, remedy = refused(write(GOOD.replace("90.1", "").replace(",91\n", ",\n")))
    assert message == (
        "FILE, line 2, column AAVE: empty at 2024-01-01: AAVE has prices from "
        "2024-01-01 02:00:00 on"
    )
    assert remedy == "start at 2024-01-01 02:00:00, or leave AAVE out"


def test_hole_in_a_column(write: Write) -> None:
    message, remedy = refused(write(GOOD.replace(",91\n", ",\n")))
    assert message == "FILE, line 3, column AAVE: empty at 2024-01-01 01:00:00, expected a price"
    assert remedy == "fill it in, remove that row, or choose another range"


def test_empty_end_that_was_asked_for(write: Write) -> None:
    message, remedy = refused(write(GOOD + "2024-01-01 03:00:00,6,\n"), end=START + 10_800)
    assert message == (
        "FILE, line 5, column AAVE: empty at 2024-01-01 03:00:00: AAVE has prices "
        "until 2024-01-01 02:00:00"
    )
    assert remedy == "end at 2024-01-01 02:00:00, or leave AAVE out"


def test_delisted_long_before_the_end_is_not_cut_silently(write: Write) -> None:
    rows = "".join(f"{START + hour * 3_600},6,\n" for hour in range(3, 40))
    message, _ = refused(write(GOOD + rows))
    assert message.startswith(
        "FILE, line 5, column AAVE: empty at 2024-01-01 03:00:00: AAVE has prices until"
    )


def test_column_without_any_price(write: Write) -> None:
    message, remedy = refused(write("timestamp,A,B\n2024-01-01,1,\n"))
    assert (message, remedy) == (
        "FILE, line 2, column B: empty at 2024-01-01: B has no price at all",
        "leave it out",
    )


def test_gap_longer_than_a_day_in_hourly_rows(write: Write) -> None:
    last = "2024-01-02 03:00:00,6,90\n"
    message, remedy = refused(write(GOOD + last))
    assert message == (
        "FILE, line 5: 25 hours without a row (from 2024-01-01 02:00:00 to 2024-01-02 03:00:00), "
        "expected at most 1 day"
    )
    assert remedy == "fill the gap, choose another range, or allow a longer gap"
    assert len(load_prices(write(GOOD + last), max_gap=25 * 3_600)) == 4
    assert len(load_prices(write(GOOD + "2024-01-02 02:00:00,6,90\n"))) == 4


def test_gap_of_three_days_in_daily_rows(write: Write) -> None:
    rows = "date_utc,A\n2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n"
    assert len(load_prices(write(rows + "2024-01-06,1\n"))) == 4
    message, _ = refused(write(rows + "2024-01-07,1\n"))
    assert message == (
        "FILE, line 5: 4 days without a row (from 2024-01-04 to 2024-01-08), expected "
        "at most 3 days"
    )


def test_asked_range_must_be_covered(write: Write) -> None:
    covers = "choose dates from 2024-01-01 to 2024-01-01 02:00:00"
    assert refused(write(GOOD), start=parse_time("2023-12-01")) == (
        "FILE: asked from 2023-12-01, starts at 2024-01-01",
        covers,
    )
    assert refused(write(GOOD), end=parse_time("2024-02-01")) == (
        "FILE: asked to 2024-02-01, ends at 2024-01-01 02:00:00",
        covers,
    )
    assert refused(write(GOOD), start=START + 1, end=START + 2) == (
        "FILE: no row in the asked range",
        covers,
    )


def test_reversed_range(write: Write) -> None:
    with pytest.raises(
        UserError, match=r"^the range from 2024-01-02 to 2024-01-01 is empty; swap the two dates$"
    ):
        load_prices(write(GOOD), start=START + 86_400, end=START)


# --- the folder with real files ---


def test_data_folder_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVERSE_INDEX_DATA", str(tmp_path))
    assert find_data_dir() == tmp_path


def test_data_folder_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "none"
    monkeypatch.setenv("INVERSE_INDEX_DATA", str(missing))
    with pytest.raises(UserError) as caught:
        find_data_dir()
    assert caught.value.message == f"INVERSE_INDEX_DATA names '{missing}', which is not a folder"
    assert caught.value.remedy == "set it to the folder with the price files, or unset it"


def test_data_folder_beside_the_project_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INVERSE_INDEX_DATA", raising=False)
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    assert find_data_dir() == (beside if beside.is_dir() else None)
