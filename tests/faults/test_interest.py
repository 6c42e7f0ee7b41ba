# SPDX-License-Identifier: AGPL-3.0-only
"""A year at the highest rate that Aave's strategy knows."""

from __future__ import annotations

from tests.support.constants import DAY, RAY
from tests.support.fault_actions import ALL, DEPOSIT_HEDGED, Row, maxima, outcomes, row
from tests.support.fault_harness import USDC, FaultHarness

MONTH = 30 * DAY
HIGHEST = 84 * RAY // 100  # 4% and 80%


def test_a_year_at_the_highest_rate(harness: FaultHarness, table: list[Row]) -> None:
    """Others borrow all that is left, all the time. NAV falls by the interest on
    the debt less that of the supply, to the unit, and exits stay open. [VA-13]"""
    first = harness.n()
    factor = 1.0
    for _ in range(12):
        harness.borrow_all("C0")
        figures = harness.venue.figures(harness.vault).reserves["C0"]
        assert figures.variable_borrow_rate == HIGHEST
        n, supplied, owed = harness.n(), _supplied(harness), _worth(harness)
        harness.base.move(0, MONTH)
        fall = n - harness.n()
        assert abs(fall - (_worth(harness) - owed) + (_supplied(harness) - supplied)) <= 1
        assert fall > 0
        harness.check()
        before = harness.n()
        factor *= before / n
        harness.base.rebalance()
        harness.check()
    assert 0.42 < factor < 0.46  # exp(-0.84) and the interest that USDC earned
    assert harness.n() < first // 2
    # What the last rebalance repaid is all that can be borrowed again.
    refused = {DEPOSIT_HEDGED: "vault: Aave refused a loan, code panic"}
    assert outcomes(harness) == ALL | refused
    maxima(harness)
    table.append(row("a year at 84% interest", refused))


def test_rate_beyond_all_reason(harness: FaultHarness) -> None:
    """Aave's administration sets 1,000% a year: a day later the position is a
    few percent larger, and rebalances and exits go on."""
    harness.configure("C0", base_rate_ray=10 * RAY)
    harness.base.move(0, DAY)
    harness.base.rebalance()  # its repayment is the first action at the new rate
    harness.check()
    n, owed = harness.n(), _worth(harness)
    harness.base.move(0, DAY)
    assert 0.02 < (n - harness.n()) / owed < 0.03
    harness.base.rebalance()
    harness.check()
    assert outcomes(harness) == ALL
    maxima(harness)


def _supplied(harness: FaultHarness) -> int:
    return int(harness.a_token(USDC).balanceOf(harness.vault))


def _worth(harness: FaultHarness) -> int:
    """Of the debt, collateral, rounded up."""
    owed = harness.debt_token("C0").balanceOf(harness.vault)
    return int(-(-owed * harness.base.prices["C0"] // 10**20))
