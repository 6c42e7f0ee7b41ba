# SPDX-License-Identifier: AGPL-3.0-only
"""What a maximum admits goes through: also where the last unit ends at a pool's
price limit, and in the states that the search starts from."""

from __future__ import annotations

import pickle
import random

import pytest

from inverse_index.model.policy.flow_terms import Kind
from tests.search.scenarios import scenarios
from tests.search.scoring import Judge
from tests.search.simulation import Simulation

DUST = 10**14  # shares: what a trade's rounding may cost
# The limit's rounding was met in 10734: a mint at the slippage bound of a pool.
NUMBERS = (10734, *range(11_000, 11_040))


@pytest.mark.parametrize("number", NUMBERS)
def test_maximums_go_through(number: int) -> None:
    start, chance = Judge(scenarios(number)).start, random.Random(number)
    for is_moved in (False, True, True):
        simulation: Simulation = pickle.loads(start)
        moved = [chance.randint(-150, 150) if is_moved else 0 for _ in simulation.plan.symbols]
        simulation.moved(moved)  # basis points
        for kind, most in maximums(simulation):
            copy: Simulation = pickle.loads(pickle.dumps(simulation))
            assert copy.flow(kind, most, "holder"), (kind, moved, copy.refusal)


def maximums(simulation: Simulation) -> list[tuple[Kind, int]]:
    """Of a holder, but for dust and what no venue limits."""
    views, now = simulation.token, simulation.now
    small = simulation.shares("holder") < DUST
    kinds = (Kind.DEPOSIT, Kind.MINT, *(() if small else (Kind.REDEEM, Kind.WITHDRAW)))
    found = [(kind, views.maximum(kind, "holder", now)) for kind in kinds]
    return [(kind, most) for kind, most in found if 0 < most < 2**120]
