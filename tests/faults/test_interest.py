# SPDX-License-Identifier: AGPL-3.0-only
"""A year at the highest rate that Aave's strategy knows."""

from __future__ import annotations

from tests.support.fault_actions import ALL, DEPOSIT_HEDGED, Row, maxima, outcomes, row
from tests.support.fault_harness import DAY, RAY, USDC, World

MONTH = 30 * DAY
HIGHEST = 84 * RAY // 100  # 4% and 80%


def test_a_year_at_the_highest_rate(world: World, table: list[Row]) -> None:
    """Others borrow all that is left, all the time. NAV falls by the interest on
    the debt less that of the supply, to the unit, and exits stay open. [VA-13]"""
    first = world.n()
    factor = 1.0
    for _ in range(12):
        world.borrow_all("C0")
        figures = world.venue.figures(world.vault).reserves["C0"]
        assert figures.variable_borrow_rate == HIGHEST
        n, supplied, owed = world.n(), _supplied(world), _worth(world)
        world.bench.move(0, MONTH)
        fall = n - world.n()
        assert abs(fall - (_worth(world) - owed) + (_supplied(world) - supplied)) <= 1
        assert fall > 0
        world.check()
        before = world.n()
        factor *= before / n
        world.bench.rebalance()
        world.check()
    assert 0.42 < factor < 0.46  # exp(-0.84) and the interest that USDC earned
    assert world.n() < first // 2
    # What the last rebalance repaid is all that can be borrowed again.
    refused = {DEPOSIT_HEDGED: "vault: Aave refused a loan, code panic"}
    assert outcomes(world) == ALL | refused
    maxima(world)
    table.append(row("a year at 84% interest", refused))


def test_rate_beyond_all_reason(world: World) -> None:
    """Aave's administration sets 1,000% a year: a day later the position is a
    few percent larger, and rebalances and exits go on."""
    world.configure("C0", base_rate_ray=10 * RAY)
    world.bench.move(0, DAY)
    world.bench.rebalance()  # its repayment is the first action at the new rate
    world.check()
    n, owed = world.n(), _worth(world)
    world.bench.move(0, DAY)
    assert 0.02 < (n - world.n()) / owed < 0.03
    world.bench.rebalance()
    world.check()
    assert outcomes(world) == ALL
    maxima(world)


def _supplied(world: World) -> int:
    return int(world.a_token(USDC).balanceOf(world.vault))


def _worth(world: World) -> int:
    """Of the debt, collateral, rounded up."""
    owed = world.debt_token("C0").balanceOf(world.vault)
    return int(-(-owed * world.bench.prices["C0"] // 10**20))
