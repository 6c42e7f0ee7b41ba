# SPDX-License-Identifier: AGPL-3.0-only
"""grantRole, revokeRole: the timelock itself, the three roles, never the admin's."""

from __future__ import annotations

import pytest

from inverse_index.deployment.governance import operation, schedule
from tests.support.assertions import only_event, reverts

from .conftest import Governed

ROLES = ("PROPOSER", "EXECUTOR", "CANCELLER")


@pytest.mark.parametrize("function", ["grantRole", "revokeRole"])
def test_nobody_else(governed: Governed, owner: str, attacker: str, function: str) -> None:
    """[G-TL-6]"""
    for sender in (owner, attacker, governed.proposer, governed.executor):
        with reverts("timelock: caller is not the timelock"):
            governed.timelock.method(function)(
                governed.roles("PROPOSER")[0], attacker, sender=sender
            )


@pytest.mark.parametrize("name", ROLES)
def test_granted_and_revoked(governed: Governed, second_trader: str, name: str) -> None:
    """[G-TL-6]"""
    timelock, (role,) = governed.timelock, governed.roles(name)
    for function, event, held in (
        ("grantRole", "RoleGranted", True),
        ("revokeRole", "RoleRevoked", False),
    ):
        receipt = governed.carry_out(timelock, function, role, second_trader)
        only_event(
            receipt, timelock, event, role=role, account=second_trader, sender=timelock.address
        )
        assert timelock.hasRole(role, second_trader) is held


@pytest.mark.parametrize("function", ["grantRole", "revokeRole"])
def test_the_administration_stays(governed: Governed, attacker: str, function: str) -> None:
    """[G-TL-7]"""
    timelock = governed.timelock
    for role in (*governed.roles("DEFAULT_ADMIN"), bytes(31) + b"\x01"):
        for account in (attacker, timelock):
            with reverts("timelock: role is fixed"):
                governed.carry_out(timelock, function, role, account)


def test_without_proposers_the_owner_has_no_power_left(governed: Governed) -> None:
    """[G-TL-8]"""
    timelock, (role,) = governed.timelock, governed.roles("PROPOSER")
    governed.carry_out(timelock, "revokeRole", role, governed.proposer)
    with reverts("access_control: account is missing role"):
        schedule(timelock, operation(governed.system.token, "resume_mint"), governed.proposer)
