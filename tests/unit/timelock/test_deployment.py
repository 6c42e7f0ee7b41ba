# SPDX-License-Identifier: AGPL-3.0-only
"""Construction: the delay's bounds, at least one of each, no administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.artifacts import artifact
from inverse_index.chain import Contract
from inverse_index.deployment.governance import ANYONE
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256

from .conftest import Governed


@pytest.mark.parametrize("delay", [0, 2 * DAY - 1, 30 * DAY + 1, MAX_UINT256])
def test_a_delay_out_of_range(deploy: Callable[..., Contract], trader: str, delay: int) -> None:
    """[G-TL-1]"""
    with reverts("timelock: delay must be 2 to 30 days"):
        deploy(delay, [trader], [ANYONE])


@pytest.mark.parametrize("delay", [2 * DAY, 30 * DAY])
def test_a_delay_at_the_ends(deploy: Callable[..., Contract], trader: str, delay: int) -> None:
    timelock = deploy(delay, [trader], [ANYONE])
    assert timelock.get_minimum_delay() == delay
    assert (timelock.MIN_DELAY(), timelock.MAX_DELAY()) == (2 * DAY, 30 * DAY)


def test_members_are_needed(deploy: Callable[..., Contract], trader: str) -> None:
    for proposers in ([], [ANYONE], [trader, ANYONE]):
        with reverts("timelock: no proposer, or one is zero"):
            deploy(2 * DAY, proposers, [ANYONE])
    with reverts("timelock: no executor"):
        deploy(2 * DAY, [trader], [])


def test_only_the_timelock_administers(governed: Governed, owner: str) -> None:
    """[G-TL-7]"""
    timelock = governed.timelock
    admin, proposer, executor, canceller = governed.roles(
        "DEFAULT_ADMIN", "PROPOSER", "EXECUTOR", "CANCELLER"
    )
    assert timelock.hasRole(admin, timelock)
    for role in (admin, proposer, executor, canceller):
        assert not timelock.hasRole(role, owner)
        assert timelock.getRoleAdmin(role) == admin
    for role in (proposer, canceller):
        assert timelock.hasRole(role, governed.proposer)
    assert timelock.hasRole(executor, governed.executor)
    assert not timelock.hasRole(executor, ANYONE)


def test_what_is_left_out() -> None:
    names = {entry.get("name") for entry in artifact("Timelock").abi}
    assert not names & {"renounceRole", "set_role_admin", "onERC721Received", "supportsInterface"}
    assert all(entry["type"] != "fallback" for entry in artifact("Timelock").abi)
