# SPDX-License-Identifier: AGPL-3.0-only
"""pause_mint and resume_mint: who may, what it stops."""

from __future__ import annotations

from tests.support.assertions import only_event
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused

ACTIVE, PAUSED = 1, 2


def test_by_the_guardian_at_once(
    held: SystemHarness, owner: str, guardian: str, depositor: str
) -> None:
    """[M-ACT-3]"""
    held.token.set_guardian(guardian, sender=owner)
    receipt = held.token.pause_mint(sender=guardian)
    only_event(receipt, held.token, "ModeSet", mode=PAUSED)
    assert held.token.state().mode == PAUSED
    with refused(held, "token: mint is paused"):
        held.token.deposit(10**8, depositor, sender=depositor)


def test_by_the_owner(held: SystemHarness, owner: str, guardian: str) -> None:
    """[M-ACT-3]"""
    held.token.set_guardian(guardian, sender=owner)
    only_event(held.token.pause_mint(sender=owner), held.token, "ModeSet", mode=PAUSED)


def test_by_nobody_else(held: SystemHarness, attacker: str, depositor: str) -> None:
    """[M-PAUSE-1]"""
    for caller in (attacker, depositor):
        with refused(held, "token: caller is not guardian or owner"):
            held.token.pause_mint(sender=caller)


def test_twice_is_once(held: SystemHarness, owner: str) -> None:
    """[M-PAUSE-2]"""
    cap = held.token.state().nav_cap
    for _ in range(2):
        held.token.pause_mint(sender=owner)
        assert (held.token.state().mode, held.token.state().nav_cap) == (PAUSED, cap)


def test_resumed_by_the_owner_only(
    held: SystemHarness, owner: str, guardian: str, depositor: str
) -> None:
    """[M-PAUSE-5]"""
    held.token.set_guardian(guardian, sender=owner)
    held.token.pause_mint(sender=guardian)
    with refused(held, "ownable: caller is not the owner"):
        held.token.resume_mint(sender=guardian)
    cap = held.token.state().nav_cap
    receipt = held.token.resume_mint(sender=owner)
    only_event(receipt, held.token, "ModeSet", mode=ACTIVE)
    assert (held.token.state().mode, held.token.state().nav_cap) == (ACTIVE, cap)
    held.deposit(10**8, depositor)
    held.check()


def test_stops_nothing_but_minting(
    held: SystemHarness, owner: str, depositor: str, second_holder: str
) -> None:
    """[M-PAUSE-4]"""
    held.token.pause_mint(sender=owner)
    held.token.transfer(second_holder, 10**18, sender=depositor)
    held.token.redeem(10**18, second_holder, second_holder, sender=second_holder)
    held.token.withdraw(20_000 * 10**6, depositor, depositor, sender=depositor)
    held.chain.increase_time(86_400)
    held.token.rebalance(sender=held.keeper)
    held.token.accrue_fee(sender=depositor)
