# SPDX-License-Identifier: AGPL-3.0-only
"""reset of a token that winds down: no targets, and a bound that widens."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.modes import Mode, closing_bound_bps, trade_bound
from inverse_index.model.triggers import Trigger
from tests.systems import PARAMETERS

WAD, UNIT, DAY = 10**18, 10**6, 86_400
ZERO = "0x" + "00" * 20
FAR = 2**256 - 1
P = replace(PARAMETERS, slippage_bps=3)


def reset(quoter: Any, vault: Any, now: int, age: int) -> Any:
    """Of 100,000 with a short of half of a unit, `age` seconds after `wind_down`."""
    record = (0, 1, now - age, 0, 0, WAD, WAD)
    state = (
        tuple(asdict(P).values()),
        (0, ZERO, 0),
        (0, 0, 0),
        record,
        int(Mode.WINDING_DOWN),
        now - age,
        0,
        10**23,
        1,
        1,
        UNIT,
        DAY,
        0,
    )
    units = [WAD, *[0] * 9]
    seen = (100_000 * UNIT, WAD, now)
    return quoter.reset(vault, seen, state, (units, 1, 0, FAR), [WAD // 2, *[0] * 9], units)


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
    quoter: Any, any_vault: Any, chain: LocalBackend, age: int, bound_bps: int
) -> None:
    """From twice the notional on there is none. [M-CLOSE-3] [M-CLOSE-4]"""
    found = reset(quoter, any_vault, chain.now(), age)
    assert found.bound_bps == bound_bps == closing_bound_bps(3, 0, age)
    assert found.bound == (bound_bps * 10**14 if bound_bps < 20_000 else FAR)
    assert found.bound == trade_bound(bound_bps)


def test_closing_is_due_at_once_and_aims_at_nothing(
    quoter: Any, any_vault: Any, chain: LocalBackend
) -> None:
    """The reward rises from the wind-down on: half of the cap of 100 after half an hour.
    [M-CLOSE-1] [M-CLOSE-2] [M-CLOSE-6]"""
    found = reset(quoter, any_vault, chain.now(), 1_800)
    assert (found.triggers, found.reward) == (Trigger.CLOSING, 50 * UNIT)
    assert (found.multiple, set(found.targets)) == (0, {0})
