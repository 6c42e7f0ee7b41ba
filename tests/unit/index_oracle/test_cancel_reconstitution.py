# SPDX-License-Identifier: AGPL-3.0-only
"""cancel_reconstitution: until the weights are in force."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.oracle_harness import OracleHarness, names

DELAY = 2 * 86_400
WEIGHTS = [WAD // 4, 3 * WAD // 4]


def test_withdraws_the_announcement(pair: OracleHarness) -> None:
    """[O-IDX-4]"""
    effective_at = pair.now + DELAY
    before = pair.state()
    pair.schedule(WEIGHTS)
    pair.wait(100)
    receipt = pair.cancel()
    only_event(receipt, pair.oracle, "ReconstitutionCancelled", effective_at=effective_at)
    assert names(pair, receipt) == ["ReconstitutionCancelled"]
    assert pair.state() == before
    assert pair.oracle.scheduled() == ([], 0)
    assert pair.oracle.composition().due_at == MAX_UINT256


def test_nothing_changes_then(pair: OracleHarness) -> None:
    pair.schedule(WEIGHTS)
    pair.cancel()
    pair.wait(DELAY)
    pair.renew()
    assert names(pair, pair.refresh()) == []
    assert pair.oracle.weights() == [WAD // 2, WAD // 2]
    assert pair.oracle.composition().version == 1


def test_only_the_owner(pair: OracleHarness, attacker: str) -> None:
    """[O-IDX-4]"""
    pair.schedule(WEIGHTS)
    with reverts("ownable: caller is not the owner"):
        pair.oracle.cancel_reconstitution(sender=attacker)
    pair.check()


def test_nothing_to_withdraw(pair: OracleHarness) -> None:
    with reverts("oracle: nothing scheduled"):
        pair.cancel()
    pair.schedule(WEIGHTS)
    pair.cancel()
    with reverts("oracle: nothing scheduled"):
        pair.cancel()
    pair.schedule(WEIGHTS)
    pair.wait(DELAY)
    pair.renew()
    pair.refresh()  # in force now
    with reverts("oracle: nothing scheduled"):
        pair.cancel()


def test_a_new_announcement_waits_again(pair: OracleHarness) -> None:
    """[O-IDX-4]"""
    pair.schedule(WEIGHTS)
    pair.wait(DELAY - 1)
    pair.cancel()
    pair.schedule([WAD, 0])
    pair.wait(1)
    pair.renew()
    assert names(pair, pair.refresh()) == []
    assert pair.oracle.scheduled() == ([WAD, 0], pair.now + DELAY - 1)
