# SPDX-License-Identifier: AGPL-3.0-only
"""has_failed: when anyone may wind a token down, at prices that nothing restricts."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.constants import WAD
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
VIRTUAL = 10**12  # shares that stand against the virtual unit


@pytest.fixture
def harness(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """Holders have 50,000, at a unit a share."""
    made = deploy_harness(chain, owner, keeper, make_plan())
    made.fund(depositor)
    made.deposit(50_000 * UNIT, depositor)
    return made


def failed(harness: SystemHarness, then: int, each: int, supply: int | None = None) -> bool:
    """With other records of the last reset, and other shares of the same value."""
    system, state = harness.system, harness.report().state
    reset = (*tuple(state.reset)[:4], then, state.reset.level, each)
    fields = list(tuple(state))
    assert (fields[3], fields[8]) == (tuple(state.reset), state.supply)
    fields[3] = reset
    fields[8] = state.supply if supply is None else supply
    return bool(system.reset_policy.has_failed(tuple(fields), system.vault, system.oracle))


def test_value_and_share_are_under_a_hundredth(harness: SystemHarness) -> None:
    """Of what the last reset recorded, both, to the unit. [M-WIND-4] [M-WIND-5]"""
    n = harness.report().mid
    each = harness.token.nav_per_share()
    assert failed(harness, 100 * n + 1, 100 * each + 1)
    assert not failed(harness, 100 * n, 100 * each + 1)
    assert not failed(harness, 100 * n + 1, 100 * each)
    assert not failed(harness, 0, 2**128 - 1)
    assert not failed(harness, 2**112 - 1, WAD)


def test_few_shares_tell_nothing(harness: SystemHarness) -> None:
    """A thousand times the virtual ones are enough, one less is not. [M-WIND-5]"""
    assert failed(harness, 2**112 - 1, 2**128 - 1, supply=1_000 * VIRTUAL)
    for supply in (1_000 * VIRTUAL - 1, VIRTUAL, 1, 0):
        assert not failed(harness, 2**112 - 1, 2**128 - 1, supply=supply)


def test_not_while_prices_are_in_doubt(harness: SystemHarness, owner: str) -> None:
    """[M-WIND-5]"""
    assert failed(harness, 2**112 - 1, 2**128 - 1)
    posted = harness.prices["C0"]
    harness.system.board.post([posted, posted * 103 // 100, UNIT * 100], sender=owner)
    assert not failed(harness, 2**112 - 1, 2**128 - 1)


def test_a_sound_token_has_not_failed(harness: SystemHarness) -> None:
    """[M-WIND-6]"""
    system, state = harness.system, harness.token.state()
    assert not system.reset_policy.has_failed(state, system.vault, system.oracle)
