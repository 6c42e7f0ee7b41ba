# SPDX-License-Identifier: AGPL-3.0-only
"""set_guardian and transfer_ownership."""

from __future__ import annotations

from tests.support.assertions import only_event
from tests.support.constants import ZERO
from tests.support.system_harness import SystemHarness
from tests.support.token_actions import refused


def test_by_the_owner(harness: SystemHarness, owner: str, guardian: str) -> None:
    """[T-OWN-7]"""
    receipt = harness.token.set_guardian(guardian, sender=owner)
    only_event(receipt, harness.token, "GuardianSet", guardian=guardian)
    assert harness.token.guardian() == guardian


def test_by_nobody_else(harness: SystemHarness, owner: str, guardian: str, attacker: str) -> None:
    """[T-OWN-7]"""
    harness.token.set_guardian(guardian, sender=owner)
    for caller in (guardian, attacker):
        with refused(harness, "ownable: caller is not the owner"):
            harness.token.set_guardian(caller, sender=caller)


def test_without_a_guardian_the_owner_remains(
    harness: SystemHarness, owner: str, guardian: str
) -> None:
    """[T-OWN-7]"""
    harness.token.set_guardian(ZERO, sender=owner)
    with refused(harness, "token: caller is not guardian or owner"):
        harness.token.pause_mint(sender=guardian)
    harness.token.pause_mint(sender=owner)


def test_transfer_ownership(harness: SystemHarness, owner: str, second_holder: str) -> None:
    """[T-OWN-8]"""
    with refused(harness, "ownable: caller is not the owner"):
        harness.token.transfer_ownership(second_holder, sender=second_holder)
    with refused(harness, "ownable: new owner is the zero address"):
        harness.token.transfer_ownership(ZERO, sender=owner)
    receipt = harness.token.transfer_ownership(second_holder, sender=owner)
    only_event(
        receipt,
        harness.token,
        "OwnershipTransferred",
        previous_owner=owner,
        new_owner=second_holder,
    )
    assert harness.token.owner() == second_holder
    with refused(harness, "ownable: caller is not the owner"):
        harness.token.set_guardian(owner, sender=owner)
    harness.token.set_guardian(ZERO, sender=second_holder)
