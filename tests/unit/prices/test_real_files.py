# SPDX-License-Identifier: AGPL-3.0-only
"""The real price files, where they are there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from inverse_index.errors import UserError
from inverse_index.prices import find_data_dir, load_prices, parse_time
from inverse_index.prices.scenario import DEFAULT_SYMBOLS

HOURLY = "hourly_close_binance_14assets_2021-2025.csv"
DAILY = "daily_close_binance_14defi_2021-2025.csv"
LONG = "daily_close_binance_14assets_2018-2026.csv"

pytestmark = pytest.mark.history


@pytest.fixture(scope="module")
def folder() -> Path:
    found = find_data_dir()
    if found is None:
        pytest.skip("no price files: set INVERSE_INDEX_DATA to the folder that holds them")
    return found


def test_hourly_file(folder: Path) -> None:
    started = time.perf_counter()
    history = load_prices(folder / HOURLY, DEFAULT_SYMBOLS)
    assert time.perf_counter() - started < 10  # 0.4 s alone on a small machine
    assert (len(history), history.interval) == (38_971, 3_600)
    assert history.start == parse_time("2021-01-01 01:00:00")
    assert history.end == parse_time("2025-06-13 09:00:00")
    assert len(history.notes) == 1
    assert history.prices[0] == [
        522_410_000,
        8_809_700_000,
        1_128_120_000,
        59_653_000_000,
        748_200_000,
        14_873_000_000,
        64_300_000,
    ]


def test_daily_closes_are_the_hourly_rows_known_at_midnight(folder: Path) -> None:
    hourly = load_prices(folder / HOURLY, DEFAULT_SYMBOLS)
    daily = load_prices(folder / DAILY, DEFAULT_SYMBOLS)
    known = dict(zip(hourly.timestamps, hourly.prices, strict=True))
    assert len(daily) == 1_624
    rows = zip(daily.timestamps, daily.prices, strict=True)
    assert all(known[moment] == row for moment, row in rows)


def test_long_daily_file_before_listings(folder: Path) -> None:
    assert len(load_prices(folder / LONG, ["BTC", "ETH"])) == 2_924
    with pytest.raises(UserError, match="SOL has prices from 2020-08-12 on; start at 2020-08-12"):
        load_prices(folder / LONG, ["BTC", "SOL"])
    assert len(load_prices(folder / LONG, ["BTC", "SOL"], start=parse_time("2020-08-12"))) == 1_971


def test_files_of_another_kind_are_refused(folder: Path) -> None:
    for name in (
        "chainlink_rounds_ETHUSD_mainnet_phase6_2023-2024.csv",
        "funding_8h_binance_BTCUSDT_2019-2024.csv",
    ):
        with pytest.raises(UserError, match="line 1: unknown first column"):
            load_prices(folder / name)
