# SPDX-License-Identifier: AGPL-3.0-only
"""Volatility decay: the formulas, and the figures of the real history."""

from __future__ import annotations

from math import exp, log
from pathlib import Path

import pytest

from inverse_index.errors import UserError
from inverse_index.prices import PriceHistory, find_data_dir, load_prices, parse_time
from inverse_index.prices.scenario import DEFAULT_SYMBOLS
from inverse_index.report.decay import decayed_return, expected_log_drift, realised_decay

MIDNIGHT = 1_704_067_200
HOURLY = "hourly_close_binance_14assets_2021-2025.csv"


def daily(*levels: int, start: int = MIDNIGHT) -> PriceHistory:
    times = [start + i * 86_400 for i in range(len(levels))]
    return PriceHistory(times, ["A"], [[level] for level in levels], 86_400, "test")


@pytest.fixture(scope="module")
def real() -> PriceHistory:
    folder: Path | None = find_data_dir()
    if folder is None:
        pytest.skip("no price files: set INVERSE_INDEX_DATA to the folder that holds them")
    return load_prices(folder / HOURLY, DEFAULT_SYMBOLS)


def test_expected_log_drift() -> None:
    assert expected_log_drift(0.001, 0.05, 1) == pytest.approx(-0.001 - 0.00125)
    assert expected_log_drift(0.001, 0.05, 3) == pytest.approx(-0.003 - 0.01125)


def test_log_drift_matches_a_two_point_coin() -> None:
    # up or down 4% with equal chance: E[log(1 - L r)] exactly
    for leverage in (1, 2, 3):
        exact = (log(1 - leverage * 0.04) + log(1 + leverage * 0.04)) / 2
        assert expected_log_drift(0, 0.04, leverage) == pytest.approx(exact, rel=0.01)


def test_decayed_return_of_a_flat_index_is_only_drag() -> None:
    assert decayed_return(0, 0.05, 100, 1) == pytest.approx(exp(-0.25) - 1)
    assert decayed_return(0, 0.05, 100, 3) == pytest.approx(exp(-6 * 0.0025 * 100) - 1)


def test_realised_by_hand() -> None:
    # 100 -> 110 -> 99: +10%, -10%; -1x: 0.9 * 1.1 = 0.99, -2x: 0.8 * 1.2 = 0.96
    one, two = realised_decay(daily(100, 110, 99)), realised_decay(daily(100, 110, 99), leverage=2)
    assert one.index_return == pytest.approx(-0.01)
    assert one.ideal_return == pytest.approx(-0.01)
    assert two.ideal_return == pytest.approx(-0.04)
    assert (one.periods, one.mean, one.volatility) == (2, pytest.approx(0), pytest.approx(0.1))
    assert (one.best, one.best_start) == (pytest.approx(0.1), MIDNIGHT)
    assert (one.worst, one.worst_start) == (pytest.approx(-0.1), MIDNIGHT + 86_400)


def test_wipe_out_stays_at_zero() -> None:
    decay = realised_decay(daily(100, 140, 70), leverage=3)
    assert decay.wiped_out
    assert decay.ideal_return == -1


def test_periods_begin_at_the_offset() -> None:
    late = daily(100, 110, 99, 99, start=MIDNIGHT + 3_600)
    assert realised_decay(late).periods == 2  # the first row is inside a begun day
    assert realised_decay(late, offset=3_600).periods == 3


def test_reweighting_changes_the_index() -> None:
    rows = [[100, 100], [200, 100], [200, 200]]
    history = PriceHistory(
        [MIDNIGHT + i * 86_400 for i in range(3)], ["A", "B"], rows, 86_400, "test"
    )
    assert realised_decay(history).index_return == pytest.approx(1.0)
    assert realised_decay(history, reweight=True).index_return == pytest.approx(1.25)
    assert realised_decay(history, weights=[1, 0]).index_return == pytest.approx(1.0)


def test_too_short() -> None:
    with pytest.raises(
        UserError, match=r"^test: 1 whole periods of 86400 seconds; use a longer history$"
    ):
        realised_decay(daily(100, 110))


@pytest.mark.history
def test_held_basket_of_the_real_history(real: PriceHistory) -> None:
    """-98.9% of -1x while the basket gains 55%, and all the figures beside them."""
    decay = realised_decay(real)
    assert decay.periods == 1_623
    assert decay.index_return == pytest.approx(0.553, abs=0.0005)
    assert decay.ideal_return == pytest.approx(-0.9885, abs=0.0001)
    assert decay.second_order_return == pytest.approx(-0.9880, abs=0.0001)
    assert decay.volatility == pytest.approx(0.0496, abs=0.00005)
    assert (decay.best, decay.best_start) == (
        pytest.approx(0.3766, abs=0.0001),
        parse_time("2021-05-24"),
    )
    assert (decay.worst, decay.worst_start) == (
        pytest.approx(-0.3391, abs=0.0001),
        parse_time("2021-05-19"),
    )
    assert decay.rises_inside == (63, 13, 5)
    assert not decay.wiped_out


@pytest.mark.history
def test_daily_reweighted_basket_of_the_real_history(real: PriceHistory) -> None:
    decay = realised_decay(real, reweight=True)
    assert decay.index_return == pytest.approx(1.1442, abs=0.0001)
    assert decay.ideal_return == pytest.approx(-0.99226, abs=0.00001)
    assert decay.best == pytest.approx(0.3344, abs=0.0001)


@pytest.mark.history
def test_three_times_without_intraday_resets_is_wiped_out(real: PriceHistory) -> None:
    decay = realised_decay(real, leverage=3)
    assert decay.wiped_out
    assert decay.ideal_return == -1
