# SPDX-License-Identifier: AGPL-3.0-only
"""The regimes' figures are those of the real prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from inverse_index.prices.csv_file import find_data_dir
from tests.stateful.regimes import CALM, CRASH, GAP, JUMP, LEVELS, REGIMES, SQUEEZE, moves

FILE = "hourly_close_binance_14assets_2021-2025.csv"
ASSETS = ["UNI", "AAVE", "LINK", "MKR", "SNX", "COMP", "CRV"]


def quantiles(returns: pd.DataFrame, rows: pd.Series) -> tuple[tuple[int, ...], tuple[int, ...]]:
    basket = returns.mean(axis=1)
    single = returns.sub(basket, axis=0)[rows].to_numpy().ravel()
    found = [np.percentile(values, LEVELS) for values in (basket[rows], single)]
    return tuple(tuple(round(x * 10_000) for x in each) for each in found)  # type: ignore[return-value]


@pytest.mark.history
def test_figures() -> None:
    folder = find_data_dir()
    if folder is None:
        pytest.skip("no real price files: set INVERSE_INDEX_DATA or put them in ../shared/data")
    prices = pd.read_csv(folder / FILE, index_col=0, parse_dates=True)[ASSETS].dropna()
    hours = prices.pct_change().dropna()
    days = prices[prices.index.hour == 0].pct_change().dropna()
    hour, day = hours.mean(axis=1), days.mean(axis=1)
    measured = {
        CALM: quantiles(hours, hour.abs() <= hour.abs().quantile(0.75)),
        JUMP: quantiles(hours, hour.abs() >= hour.abs().quantile(0.995)),
        GAP: quantiles(days, day.notna()),
        CRASH: quantiles(days, day <= day.quantile(0.02)),
        SQUEEZE: quantiles(days, day >= day.quantile(0.98)),
    }
    assert measured == {regime: (regime.basket, regime.single) for regime in REGIMES}


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.name)
def test_drawn_moves_stay_within(regime: object) -> None:
    """And a basket's draw reaches both of its halves."""
    from hypothesis import find

    low, high = regime.basket[0] + regime.single[0], regime.basket[-1] + regime.single[-1]
    middle = regime.basket[4] + regime.single[4]
    for wanted in (lambda m: m[0] <= middle, lambda m: m[0] >= middle):
        found = find(moves(regime, 3), wanted)
        assert len(found) == 3
        assert all(max(low, -9_000) <= each <= high for each in found)
