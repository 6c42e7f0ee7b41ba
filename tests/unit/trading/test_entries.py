# SPDX-License-Identifier: AGPL-3.0-only
"""Average entries of positions."""

from __future__ import annotations

from fractions import Fraction

from inverse_index.trading.entries import Trade, entry_of


def trades(*deltas_and_prices: tuple[int, int], funding: int | None = 0) -> list[Trade]:
    return [Trade(delta, price, funding) for delta, price in deltas_and_prices]


def test_more_of_the_same_is_averaged() -> None:
    entry = entry_of(trades((2, 100), (1, 103)), 3)
    assert entry is not None and entry.price == 101
    short = entry_of(trades((-2, 100), (-1, 103)), -3)
    assert short is not None and short.price == 101


def test_a_reduction_leaves_the_average() -> None:
    entry = entry_of(trades((2, 100), (1, 103), (-1, 500)), 2)
    assert entry is not None and entry.price == 101


def test_turned_around_and_begun_anew() -> None:
    entry = entry_of(trades((2, 100), (-5, 90)), -3)
    assert entry is not None and entry.price == 90
    again = entry_of(trades((2, 100), (-2, 90), (4, 80)), 4)
    assert again is not None and again.price == 80


def test_no_fraction_is_lost() -> None:
    entry = entry_of(trades((1, 1), (2, 2)), 3)
    assert entry is not None and entry.price == Fraction(5, 3)


def test_a_log_that_does_not_add_up() -> None:
    assert entry_of(trades((2, 100)), 3) is None
    assert entry_of([], 3) is None
    assert entry_of(trades((2, 100), (-2, 100)), 0) is None


def test_funding_is_averaged_where_it_is_known() -> None:
    history = [Trade(1, 100, 10), Trade(1, 100, 20)]
    entry = entry_of(history, 2)
    assert entry is not None and entry.funding == 15
    unknown = entry_of([*history, Trade(1, 103, None)], 3)
    assert unknown is not None and unknown.funding is None and unknown.price == 101
