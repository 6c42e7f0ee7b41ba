# SPDX-License-Identifier: AGPL-3.0-only
"""The token over a path: the product of its periods, and what volatility takes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.payoffs import TokenOverPath, compounded, expected_log_drift
from inverse_index.report import decay

multiples = st.integers(1, 3)
paths = st.lists(st.integers(50, 200), min_size=1, max_size=12)


@settings(deadline=None)
@given(path=paths, multiple=multiples)
def test_the_product_of_the_periods(path: list[int], multiple: int) -> None:
    """In fractions, period by period; what is gone stays gone."""
    worth = [Fraction(1_000)]
    for before, after in pairwise(path):
        worth.append(max(worth[-1] * (1 - multiple * (Fraction(after, before) - 1)), Fraction(0)))
    found = compounded(path, multiple, 1_000)
    assert found == pytest.approx([float(each) for each in worth], rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(path=paths, multiple=multiples, last=st.integers(50, 200))
def test_value_is_one_period_more(path: list[int], multiple: int, last: int) -> None:
    token = TokenOverPath(path, multiple, 1_000)
    longer = compounded([*path, last], multiple, 1_000)[-1]
    assert token.value(last) == pytest.approx(longer, rel=1e-9, abs=1e-9)
    assert token.profit(last) == pytest.approx(longer - 1_000, rel=1e-9, abs=1e-9)


def test_by_hand() -> None:
    """100 to 110 and back: minus a tenth, then plus an eleventh."""
    assert compounded([100, 110, 100], 1).tolist() == pytest.approx([1, 0.9, 0.9 * 12 / 11])
    token = TokenOverPath([100, 110, 100], 2, 1_000)
    start = 1_000 * 0.8 * (1 + 2 / 11)
    assert token.value([90, 100, 150, 151]).tolist() == pytest.approx([start * 1.2, start, 0, 0])
    assert token.delta([90, 149, 151]).tolist() == pytest.approx([-start / 50, -start / 50, 0])
    assert token.wipe_out_price() == 150
    assert token.leverage(100) == -2
    assert np.isnan(token.leverage(151))
    assert TokenOverPath([100, 100], 1).wipe_out_price() == 200


def test_a_wiped_out_token_stays_at_zero() -> None:
    """Also when a later factor is below zero, and when the index falls."""
    assert compounded([100, 140, 200, 100], 3, 50).tolist() == [50, 0, 0, 0]


def test_many_paths_at_once() -> None:
    levels = np.array([[[100, 110, 99]], [[100, 95, 120]]], dtype=float)  # (2, 1, 3)
    token = TokenOverPath(levels, 2, 1_000)
    assert token.values().shape == (2, 1, 3)
    found = token.value([90, 100, 110, 120])
    assert found.shape == (2, 4)
    for row, path in zip(found, levels[:, 0], strict=True):
        assert row == pytest.approx(TokenOverPath(path, 2, 1_000).value([90, 100, 110, 120]))
    with pytest.raises(ValueError, match=r"shapes are price \(3,\), path \(2,\)"):
        TokenOverPath(levels[:, 0], 2).value([1, 2, 3])


@settings(deadline=None)
@given(mean=st.floats(-0.1, 0.1), volatility=st.floats(0, 0.2), multiple=multiples)
def test_drift_is_the_reports(mean: float, volatility: float, multiple: int) -> None:
    found = expected_log_drift([mean, 0.0], volatility, multiple)
    expected = [decay.expected_log_drift(each, volatility, multiple) for each in (mean, 0.0)]
    assert found.tolist() == pytest.approx(expected)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_drift_is_that_of_a_fair_coin(multiple: int) -> None:
    """Up or down one percent about a mean: the exact expectation, to third order."""
    mean, volatility = 0.0005, 0.01
    outcomes = [log(1 - multiple * (mean + sign * volatility)) for sign in (1, -1)]
    drift = float(expected_log_drift(mean, volatility, multiple))
    assert drift == pytest.approx(sum(outcomes) / 2, abs=3e-6 * multiple**2)
    assert drift < -multiple * mean


@settings(deadline=None)
@given(multiple=multiples, volatility=st.floats(0, 1), years=st.floats(0, 2))
def test_carry_is_the_reports_decay(multiple: int, volatility: float, years: float) -> None:
    """Of an index that ends where it began; the fee comes on top."""
    token = TokenOverPath([100, 100], multiple, 500, volatility)
    lost = decay.decayed_return(0.0, volatility, years, multiple)
    assert token.carry(100, years) == pytest.approx(500 * lost, abs=1e-9)
    charged = TokenOverPath([100, 100], multiple, 500, volatility, fee=0.02)
    kept = 500 + token.carry(100, years)
    assert 500 + charged.carry(100, years) == pytest.approx(kept * np.exp(-0.02 * years))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: compounded([100, -1], 1), r"path has -1\.0; expected numbers above zero"),
        (lambda: compounded(100, 1), r"path has shape \(\); expected \(\.\.\., resets\)"),
        (lambda: compounded([], 1), r"path has shape \(0,\)"),
        (lambda: compounded([100], 4), "multiple is 4; expected 1, 2 or 3"),
        (lambda: compounded([100], 1, 0), "invested is 0; expected a number above zero"),
        (lambda: TokenOverPath([100, float("nan")]), "path has nan; expected finite numbers"),
        (lambda: TokenOverPath([100], 1.5), r"multiple is 1\.5"),  # type: ignore[arg-type]
        (lambda: TokenOverPath([100], volatility=-1), "volatility is -1; expected zero or more"),
        (lambda: TokenOverPath([100], fee=-1), "fee is -1; expected zero or more"),
        (lambda: expected_log_drift(0, -0.1, 1), r"volatility has -0\.1; expected zero or more"),
        (lambda: expected_log_drift(0, 0.1, 0), "multiple is 0"),
        (lambda: expected_log_drift([0, 0], [1, 1, 1], 1), r"mean \(2,\), volatility \(3,\)"),
    ],
)
def test_bad_input(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
