# SPDX-License-Identifier: AGPL-3.0-only
"""update_delay: the timelock itself, within the constants."""

from __future__ import annotations

import pytest

from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY

from .conftest import DELAY, Governed


def test_nobody_else(governed: Governed, owner: str) -> None:
    """[G-TL-6]"""
    for sender in (owner, governed.proposer, governed.executor):
        with reverts("timelock: caller is not the timelock"):
            governed.timelock.update_delay(5 * DAY, sender=sender)


@pytest.mark.parametrize("delay", [2 * DAY, 30 * DAY])
def test_through_itself(governed: Governed, delay: int) -> None:
    """[G-TL-6]"""
    timelock = governed.timelock
    receipt = governed.carry_out(timelock, "update_delay", delay)
    only_event(receipt, timelock, "MinimumDelayChange", old_duration=DELAY, new_duration=delay)
    assert timelock.get_minimum_delay() == delay


@pytest.mark.parametrize("delay", [0, 2 * DAY - 1, 30 * DAY + 1])
def test_out_of_range(governed: Governed, delay: int) -> None:
    """[G-TL-1]"""
    with reverts("timelock: delay must be 2 to 30 days"):
        governed.carry_out(governed.timelock, "update_delay", delay)
    assert governed.timelock.get_minimum_delay() == DELAY
