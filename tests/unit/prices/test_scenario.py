# SPDX-License-Identifier: AGPL-3.0-only
"""The seeded scenario: the same everywhere, and as lively as it says."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import numpy as np
import pytest

from inverse_index.errors import UserError
from inverse_index.prices.history import MAX_PRICE
from inverse_index.prices.scenario import (
    DEFAULT_START,
    DEFAULT_SYMBOLS,
    PLAN,
    PROFILES,
    TYPICAL,
    scenario,
    stretches,
)

DIGEST = "b6e551aeb7084e0914b81a9578f218cece34af50b41ccf9ece92bb73980a324d"


def hourly_returns(symbols: tuple[str, ...] = DEFAULT_SYMBOLS, seed: int = 222) -> np.ndarray:
    history = scenario(symbols, seed=seed)
    return np.diff(np.log(np.array(history.prices, dtype=float)), axis=0)


def change(name: str) -> list[float]:
    """Basket return over each stretch of this name."""
    history = scenario()
    found = []
    for stretch, start, end in stretches():
        if stretch == name:
            part = history.between(start, end).prices
            found.append(
                sum(b / a for a, b in zip(part[0], part[-1], strict=True)) / len(part[0]) - 1
            )
    return found


def test_shape() -> None:
    history = scenario()
    assert len(history) == 120 * 24 + 1
    assert history.symbols == list(DEFAULT_SYMBOLS)
    assert history.timestamps == [DEFAULT_START + i * 3_600 for i in range(len(history))]
    assert history.prices[0] == [PROFILES[symbol].price for symbol in DEFAULT_SYMBOLS]
    assert history.interval == 3_600
    assert history.source == "seeded scenario (seed 222)"
    assert all(
        isinstance(price, int) and 0 < price <= MAX_PRICE for row in history.prices for price in row
    )


def test_the_same_prices_on_every_machine() -> None:
    text = json.dumps(scenario().prices, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_seeds_differ_and_repeat() -> None:
    assert scenario(days=3, seed=1).prices == scenario(days=3, seed=1).prices
    assert scenario(days=3, seed=1).prices != scenario(days=3, seed=2).prices


def test_a_crash_and_a_squeeze_happen() -> None:
    assert change("crash") == [pytest.approx(-0.41, abs=0.02)]
    assert change("squeeze") == [pytest.approx(0.28, abs=0.02)]


def test_figures_are_those_of_the_docstring() -> None:
    volatilities, correlations = [], []
    for seed in range(8):
        returns = hourly_returns(seed=seed)
        volatilities.append(returns.mean(axis=1).std())
        pairs = np.corrcoef(returns.T)
        correlations.append((pairs.sum() - 7) / 42)
    assert np.mean(volatilities) == pytest.approx(0.0107, rel=0.1)
    assert np.mean(correlations) == pytest.approx(0.66, abs=0.04)


def test_volatility_clusters_and_tails_are_fat() -> None:
    basket = hourly_returns().mean(axis=1)
    size = np.abs(basket)
    assert np.corrcoef(size[:-24], size[24:])[0, 1] > 0.1
    assert (basket**4).mean() / (basket**2).mean() ** 2 > 5


def test_calm_is_calm() -> None:
    history = scenario()
    spread = {}
    for name in ("calm", "storm"):
        start, end = next((start, end) for stretch, start, end in stretches() if stretch == name)
        rows = np.array(history.between(start, end).prices, dtype=float)
        spread[name] = np.diff(np.log(rows), axis=0).mean(axis=1).std()
    assert spread["storm"] > 3 * spread["calm"]


def test_hours_move_less_than_half() -> None:
    assert np.abs(hourly_returns()).max() < np.log(2)


@pytest.mark.parametrize("days", [1, 7, 60, 400])
def test_stretches_cover_any_length(days: int) -> None:
    plan = stretches(days)
    assert [name for name, _, _ in plan] == [stretch.name for stretch in PLAN]
    assert plan[0][1] == DEFAULT_START
    assert plan[-1][2] == DEFAULT_START + days * 86_400
    assert all(first[2] == second[1] for first, second in pairwise(plan))
    assert len(scenario(days=days)) == days * 24 + 1


def test_other_symbols_have_the_typical_profile() -> None:
    history = scenario(["UNI", "XYZ"], days=1)
    assert history.prices[0] == [PROFILES["UNI"].price, TYPICAL.price]


@pytest.mark.parametrize("symbols", [[], ["UNI", "UNI"]])
def test_bad_symbols(symbols: list[str]) -> None:
    with pytest.raises(UserError, match=r"^the scenario needs at least one symbol, each once; "):
        scenario(symbols)


@pytest.mark.parametrize("days", [0, 3_661])
def test_bad_length(days: int) -> None:
    with pytest.raises(
        UserError, match=rf"^the scenario's length is {days} days, expected 1 to 3660; "
    ):
        scenario(days=days)


def test_bad_seed() -> None:
    with pytest.raises(
        UserError, match=r"^the scenario's seed is -1, expected 0 or more; use another seed$"
    ):
        scenario(seed=-1)
