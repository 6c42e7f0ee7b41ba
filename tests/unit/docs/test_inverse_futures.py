# SPDX-License-Identifier: AGPL-3.0-only
"""The figures of docs/inverse-futures.md are those that the payoffs compute."""

from __future__ import annotations

import re
from math import exp, isnan

import numpy as np
import pytest

from inverse_index.artifacts import project_root
from inverse_index.payoffs import Dated, InverseFuture, LinearFuture, MarginRates, Perpetual
from tests.support.constants import YEAR

TEXT = (project_root() / "docs" / "inverse-futures.md").read_text()
RATES = MarginRates(initial=0.1, maintenance=0.05)
SMALL = {"1", "2", "5", "8", "10", "18", "100", "1,"}
FUNDING = Perpetual(0.0001 * 3 * 365)
START = 60_000

LONG = InverseFuture(START, 30_000, 1, RATES)
DOLLAR = InverseFuture(START, -60_000, 1, RATES, FUNDING)
HEDGE = InverseFuture(START, -300_000, 10, RATES)
PAYER = InverseFuture(START, 60_000, 1, RATES, FUNDING)
DATED = InverseFuture(START * exp(0.05), 60_000, 1, RATES, Dated(0.5, 0.1))


def payoff_rows() -> list[str]:
    """A long of half of its coin."""
    rows = []
    for price in (36_000, 45_000, START, 75_000, 120_000):
        gain, coins = LONG.profit_coin(price), LONG.value_coin(price)
        dollars, leverage = LONG.value(price), LONG.leverage(price)
        rows.append(f"| {price:,} | {gain:.4f} | {coins:.4f} | {dollars:,.0f} | {leverage:.2f} |")
    return rows


def liquidation_rows() -> list[str]:
    """By leverage; linear and inverse, long and short."""
    rows = []
    for leverage in (1, 2, 5, 10):
        found = [
            future.liquidation_price()
            for future in (
                LinearFuture(START, 1, START / leverage, RATES),
                LinearFuture(START, -1, START / leverage, RATES),
                InverseFuture(START, START, 1 / leverage, RATES),
                InverseFuture(START, -START, 1 / leverage, RATES),
            )
        ]
        cells = ["none" if isnan(each) else f"{each:,.0f}" for each in found]
        rows.append(f"| {leverage} | {' | '.join(cells)} |")
    return rows


def dollar_rows() -> list[str]:
    """The synthetic dollar."""
    return [
        f"| {price:,} | {DOLLAR.value_coin(price):.4f} | {DOLLAR.value(price):,.0f} |"
        for price in (30_000, START, 75_000, 120_000)
    ]


def hedge_rows() -> list[str]:
    """Half a hedge that drifts."""
    rows = []
    for price in (40_000, 50_000, START, 75_000, 90_000):
        coins, dollars = HEDGE.value_coin(price), float(HEDGE.value(price))
        part = f"{-HEDGE.leverage(price):.1%} | {dollars / 2:,.0f}"
        rows.append(f"| {price:,} | {coins:.4f} | {dollars:,.0f} | {part} |")
    return rows


def sentences() -> list[str]:
    """Parts of sentences, with the figures in them."""
    up, down = LONG.profit_coin(75_000), LONG.profit_coin(45_000)
    yearly = -PAYER.carry(START, 1)
    dear, cheap = (-PAYER.carry_coin(price, 1) for price in (START, 45_000))
    before, after = LONG.leverage(START), LONG.leverage(36_000)
    accrued = 1e-18 * YEAR / 2 * START
    assert accrued < 1e-6
    return [
        f"A rise of 15,000 dollars brings {up:.4f} coins, a fall of 15,000 dollars "
        f"costs {-down:.4f} coins",
        f"gains less than `Q / E` coins, here {LONG.profit_coin(1e15):.4f}.",
        f"a long of half its worth move like {LONG.delta(START):.1f} coins",
        f"the leverage rises from {before:.2f} to {after:.2f} while the price falls by 40%",
        f"a long of {PAYER.size:,} dollars pays {yearly:,.0f} dollars a year at any price: "
        f"{dear:.4f} coins at 60,000, {cheap:.4f} coins at 45,000",
        f"half a year of a long of 60,000 dollars costs {-DATED.carry(START, 0.5):,.0f} dollars",
        f"one coin becomes {LONG.value_coin(75_000):.4f} coins at 75,000. It becomes "
        f"{LONG.value_coin(45_000):.4f} coins at 45,000, and the position is liquidated at "
        f"{LONG.liquidation_price():,.0f}",
        f"What it earns or costs is funding: {DOLLAR.carry(START, 1):,.0f} dollars a year",
        f"on 1,000,000 dollars it is less than {1e6 * 1e-18:.0e} coins",
        "adds up to less than 0.0001% of the notional a year, at 60,000 dollars per coin",
    ]


def test_every_row_is_computed() -> None:
    rows = [line for line in TEXT.splitlines() if re.match(r"\| \d", line)]
    assert rows == payoff_rows() + liquidation_rows() + dollar_rows() + hedge_rows()


@pytest.mark.parametrize("sentence", sentences())
def test_the_sentences_are_computed(sentence: str) -> None:
    assert sentence in " ".join(TEXT.split())


def test_no_other_sentence_has_a_result() -> None:
    """What is left of the prose has inputs only: round numbers, rates and years."""
    prose = re.sub(r"^(\||    ).*$", "", TEXT, flags=re.M)
    rest = " ".join(prose.split("## Sources")[0].split())
    for sentence in sentences():
        rest = rest.replace(sentence, "")
    figures = set(re.findall(r"\d[\d,]*\.?\d*", rest)) - SMALL
    assert {each.rstrip(".,") for each in figures} <= {"0.01", "30,000", "60,000", "300,000"}


def test_the_claims_about_the_shapes() -> None:
    grid = np.geomspace(1_000, 10**7, 60)
    assert (LONG.profit_coin(grid) < LONG.size / LONG.entry).all()
    assert (-HEDGE.profit_coin(grid) < -HEDGE.size / HEDGE.entry).all()
    assert DOLLAR.value(grid) == pytest.approx(np.full(60, 60_000.0))
    assert isnan(DOLLAR.liquidation_price())
    assert LONG.maintenance_margin(grid) == pytest.approx(np.full(60, 1_500.0))
    paid = InverseFuture(START, -60_000, 0.99, RATES)
    assert not isnan(paid.liquidation_price()) and (paid.delta(grid) < 0).all()
    assert LONG.value(45_000) - LONG.value(START) < 45_000 - START
