# SPDX-License-Identifier: AGPL-3.0-only
"""set_guardian and transfer_ownership."""

from __future__ import annotations

from tests.support.assertions import only_event
from tests.support.system_harness import Bench
from tests.support.token_actions import ZERO, refused


def test_by_the_owner(bench: Bench, owner: str, guardian: str) -> None:
    """[T-OWN-7]"""
    receipt = bench.token.set_guardian(guardian, sender=owner)
    only_event(receipt, bench.token, "GuardianSet", guardian=guardian)
    assert bench.token.guardian() == guardian


def test_by_nobody_else(bench: Bench, owner: str, guardian: str, attacker: str) -> None:
    """[T-OWN-7]"""
    bench.token.set_guardian(guardian, sender=owner)
    for caller in (guardian, attacker):
        with refused(bench, "ownable: caller is not the owner"):
            bench.token.set_guardian(caller, sender=caller)


def test_without_a_guardian_the_owner_remains(bench: Bench, owner: str, guardian: str) -> None:
    """[T-OWN-7]"""
    bench.token.set_guardian(ZERO, sender=owner)
    with refused(bench, "token: caller is not guardian or owner"):
        bench.token.pause_mint(sender=guardian)
    bench.token.pause_mint(sender=owner)


def test_transfer_ownership(bench: Bench, owner: str, second_holder: str) -> None:
    """[T-OWN-8]"""
    with refused(bench, "ownable: caller is not the owner"):
        bench.token.transfer_ownership(second_holder, sender=second_holder)
    with refused(bench, "ownable: new owner is the zero address"):
        bench.token.transfer_ownership(ZERO, sender=owner)
    receipt = bench.token.transfer_ownership(second_holder, sender=owner)
    only_event(
        receipt, bench.token, "OwnershipTransferred", previous_owner=owner, new_owner=second_holder
    )
    assert bench.token.owner() == second_holder
    with refused(bench, "ownable: caller is not the owner"):
        bench.token.set_guardian(owner, sender=owner)
    bench.token.set_guardian(ZERO, sender=second_holder)
