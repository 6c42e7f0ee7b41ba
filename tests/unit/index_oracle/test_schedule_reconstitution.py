# SPDX-License-Identifier: AGPL-3.0-only
"""schedule_reconstitution: the owner announces, one announcement at a time."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.asset_plans import FAILS
from tests.support.constants import MAX_UINT256
from tests.support.oracle_harness import OracleHarness, names

DELAY = 2 * 86_400
WEIGHTS = [WAD // 4, 3 * WAD // 4]
WEIGHT_SUM = "oracle: weights must sum to 1e18"


def test_announces(pair: OracleHarness) -> None:
    """[O-IDX-2]"""
    effective_at = pair.now + DELAY
    receipt = pair.schedule(WEIGHTS)
    only_event(
        receipt,
        pair.oracle,
        "ReconstitutionScheduled",
        weights=WEIGHTS,
        effective_at=effective_at,
    )
    assert names(pair, receipt) == ["ReconstitutionScheduled"]
    assert pair.oracle.scheduled() == (WEIGHTS, effective_at)
    assert pair.oracle.weights() == [WAD // 2, WAD // 2]
    composition = pair.oracle.composition()
    assert (composition.version, composition.due_at) == (1, effective_at)
    assert composition.units[:2] == [WAD // 4, WAD // 80]


def test_only_the_owner(pair: OracleHarness, attacker: str, guardian: str) -> None:
    """[O-IDX-2]"""
    for somebody in (attacker, guardian):
        with reverts("ownable: caller is not the owner"):
            pair.oracle.schedule_reconstitution(WEIGHTS, sender=somebody)
    pair.check()


def test_one_at_a_time(pair: OracleHarness) -> None:
    """[O-IDX-2]"""
    pair.schedule(WEIGHTS)
    with reverts("oracle: already scheduled"):
        pair.schedule(WEIGHTS)
    pair.wait(DELAY)  # effective, but not yet in force
    with reverts("oracle: already scheduled"):
        pair.schedule(WEIGHTS)
    pair.renew()
    pair.refresh()
    pair.schedule([WAD, 0])
    assert pair.oracle.scheduled() == ([WAD, 0], pair.now + DELAY)


@pytest.mark.parametrize("weights", [[], [WAD], [WAD // 2, WAD // 4, WAD // 4]])
def test_weight_count(pair: OracleHarness, weights: list[int]) -> None:
    """[O-IDX-2]"""
    with reverts("oracle: one weight per component"):
        pair.schedule(weights)


@pytest.mark.parametrize(
    "weights",
    [[0, 0], [WAD, 1], [WAD // 2, WAD // 2 - 1], [MAX_UINT256, 1], [MAX_UINT256, WAD + 1]],
)
def test_weight_sum(pair: OracleHarness, weights: list[int]) -> None:
    """[O-IDX-2]"""
    with reverts(WEIGHT_SUM):
        pair.schedule(weights)


def test_needs_no_price(pair: OracleHarness) -> None:
    for source in (0, 1):
        pair.mode(0, source, FAILS)
    pair.schedule(WEIGHTS)
    assert pair.oracle.scheduled()[0] == WEIGHTS
    pair.cancel()
    assert pair.oracle.scheduled() == ([], 0)
