# SPDX-License-Identifier: AGPL-3.0-only
"""set_nav_cap: the owner moves it, the guardian lowers it."""

from __future__ import annotations

import pytest

from tests.support.assertions import only_event
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused


@pytest.mark.parametrize("cap", [0, 1, 10**27 + 5, 2**112])
def test_by_the_owner(held: SystemHarness, owner: str, cap: int) -> None:
    """[T-OWN-4]"""
    receipt = held.token.set_nav_cap(cap, sender=owner)
    only_event(receipt, held.token, "NavCapSet", cap=cap)
    assert held.token.state().nav_cap == cap
    assert held.token.state().mode == 1


def test_range(held: SystemHarness, owner: str) -> None:
    with refused(held, "token: NAV cap out of range"):
        held.token.set_nav_cap(2**112 + 1, sender=owner)


def test_the_guardian_only_lowers(held: SystemHarness, owner: str, guardian: str) -> None:
    """[T-OWN-4]"""
    held.token.set_guardian(guardian, sender=owner)
    cap = held.token.state().nav_cap
    with refused(held, "token: guardian can only lower the cap"):
        held.token.set_nav_cap(cap + 1, sender=guardian)
    only_event(
        held.token.set_nav_cap(cap - 1, sender=guardian), held.token, "NavCapSet", cap=cap - 1
    )
    with refused(held, "token: guardian can only lower the cap"):
        held.token.set_nav_cap(cap, sender=guardian)
    held.token.set_nav_cap(cap, sender=owner)


def test_by_nobody_else(held: SystemHarness, attacker: str) -> None:
    """[T-OWN-4]"""
    with refused(held, "token: caller is not guardian or owner"):
        held.token.set_nav_cap(0, sender=attacker)


def test_a_pause_survives_a_new_cap(held: SystemHarness, owner: str) -> None:
    held.token.pause_mint(sender=owner)
    held.token.set_nav_cap(12_345, sender=owner)
    assert (held.token.state().mode, held.token.state().nav_cap) == (2, 12_345)
    held.token.resume_mint(sender=owner)
    assert (held.token.state().mode, held.token.state().nav_cap) == (1, 12_345)


def test_a_cap_below_the_supply_stops_nobody_from_leaving(
    held: SystemHarness, owner: str, depositor: str
) -> None:
    """[T-OWN-6]"""
    held.token.set_nav_cap(0, sender=owner)
    held.model.token.nav_cap = 0
    held.redeem(20_000 * 10**18, depositor)
    held.check()
