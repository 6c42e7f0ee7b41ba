# SPDX-License-Identifier: AGPL-3.0-only
"""plan_reset of a token that winds down: no targets, and a bound that widens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.triggers import Reset, Trigger
from inverse_index.model.policy.wind_down_bound import trade_bound, wind_down_bound_bps
from inverse_index.model.token.modes import Mode
from tests.support.constants import DAY, MAX_UINT256, WAD

from .snapshots import UNIT, UNITS, P, filled, make_snapshot, state_of


def planned(reset_policy: Any, vault: Any, now: int, age: int) -> Any:
    """Of 100,000 with an exposure of as much, `age` seconds after `wind_down`."""
    s = make_snapshot(
        unhedged=0,
        mids=[WAD],
        updated_at=now,
        mode=Mode.WINDING_DOWN,
        p=replace(P, slippage_bps=3),
        vault=vault,
    )
    state = state_of(s, Reset(0, 1, now - age, 0, 0, WAD, WAD), winding_down_since=now - age)
    return reset_policy.plan_reset(s.abi, state, (filled(UNITS[:1]), 1, 0, MAX_UINT256))


@pytest.mark.parametrize(
    ("age", "bound_bps"),
    [
        (0, 3),
        (DAY - 1, 3),
        (DAY, 6),
        (3 * DAY - 1, 12),
        (3 * DAY, 24),
        (10 * DAY, 3 * 2**10),
        (13 * DAY, 3 * 2**13),
        (40 * DAY, 3 * 2**30),
    ],
)
def test_the_bound_doubles_every_day(
    reset_policy: Any, any_vault: Any, chain: LocalBackend, age: int, bound_bps: int
) -> None:
    """From twice the notional on there is none. [M-CLOSE-3] [M-CLOSE-4]"""
    found = planned(reset_policy, any_vault, chain.now(), age)
    assert found.bound_bps == bound_bps == wind_down_bound_bps(3, 0, age)
    assert found.bound == (bound_bps * 10**14 if bound_bps < 20_000 else MAX_UINT256)
    assert found.bound == trade_bound(bound_bps)


def test_closing_is_due_at_once_and_aims_at_nothing(
    reset_policy: Any, any_vault: Any, chain: LocalBackend
) -> None:
    """The reward rises from the wind-down on: half of the cap of 100 after half an hour.
    [M-CLOSE-1] [M-CLOSE-2] [M-CLOSE-6]"""
    found = planned(reset_policy, any_vault, chain.now(), 1_800)
    assert (found.triggers, found.reward) == (Trigger.WIND_DOWN, 50 * UNIT)
    assert (found.multiple, set(found.targets)) == (0, {0})
