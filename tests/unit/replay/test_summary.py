# SPDX-License-Identifier: AGPL-3.0-only
"""Figures of a summary from periods made by hand."""

from __future__ import annotations

import pytest

from inverse_index.model.perp.venue import PerpVenueModel
from inverse_index.model.policy.triggers import Trigger
from inverse_index.replay.runner import cause_of
from inverse_index.replay.summary import costs, spread
from inverse_index.replay.tracking import Period

ITEMS = PerpVenueModel.items


def period(index_return: float, token_return: float, **items: float) -> Period:
    return Period(0, index_return, token_return, dict.fromkeys(ITEMS, 0.0) | items, 2)


def test_difference_and_residual() -> None:
    one = period(0.01, -0.0212, fees=-0.0007, netting=-0.0004)
    assert one.ideal_return == pytest.approx(-0.02)
    assert one.difference == pytest.approx(-0.0012)
    assert one.residual == pytest.approx(-0.0001)


def test_costs_are_positive_basis_points() -> None:
    periods = [period(0, 0, fees=-0.0001, impact=0.0002), period(0, 0, fees=-0.0003)]
    found = costs(periods, ITEMS)
    assert found["fees"] == pytest.approx(4)
    assert found["impact"] == pytest.approx(-2)
    assert found["keeper"] == 0


def test_spread_is_of_absolute_values() -> None:
    values = [-i / 10_000 for i in range(1, 201)]
    assert spread(values) == pytest.approx({"median": 100.5, "p99": 198, "max": 200})
    assert spread([]) == {"median": 0.0, "p99": 0.0, "max": 0.0}


@pytest.mark.parametrize(
    ("triggers", "cause"),
    [
        (Trigger.EPOCH, "epoch"),
        (Trigger.EPOCH | Trigger.RECONSTITUTION, "epoch"),
        (Trigger.EPOCH | Trigger.DRIFT, "drift"),
        (Trigger.DRIFT | Trigger.EMERGENCY | Trigger.CHUNK, "emergency"),
        (Trigger.CHUNK | Trigger.NETTING, "chunk"),
        (Trigger.NETTING, "netting"),
        (Trigger.RECONSTITUTION, "reconstitution"),
    ],
)
def test_a_rebalance_counts_once(triggers: Trigger, cause: str) -> None:
    assert cause_of(triggers) == cause
