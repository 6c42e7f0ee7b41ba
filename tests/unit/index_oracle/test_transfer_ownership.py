# SPDX-License-Identifier: AGPL-3.0-only
"""Ownership can be handed on, never given up."""

from __future__ import annotations

from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import ZERO
from tests.support.oracle_harness import OracleHarness

VIEWS = {
    "DEAD_DELAY",
    "MIN_DELAY",
    "accepted",
    "accepted_mid",
    "asset",
    "closing_prices",
    "collateral_decimals",
    "component_count",
    "composition",
    "dead",
    "extremes",
    "level",
    "owner",
    "parameters",
    "read",
    "try_read",
    "scheduled",
    "unusable_since",
    "usable",
    "weights",
}
ACTIONS = {
    "cancel_reconstitution",
    "refresh",
    "report_unusable",
    "schedule_reconstitution",
    "set_heartbeats",
    "transfer_ownership",
}


def test_the_owner_hands_on(pair: OracleHarness, owner: str, guardian: str) -> None:
    """[O-IDX-8]"""
    receipt = pair.oracle.transfer_ownership(guardian, sender=owner)
    only_event(
        receipt, pair.oracle, "OwnershipTransferred", previous_owner=owner, new_owner=guardian
    )
    assert pair.oracle.owner() == guardian
    with reverts("ownable: caller is not the owner"):
        pair.oracle.schedule_reconstitution([WAD, 0], sender=owner)
    pair.schedule([WAD, 0], guardian)
    pair.cancel(guardian)


def test_nobody_else(pair: OracleHarness, owner: str, attacker: str) -> None:
    """[O-IDX-8]"""
    with reverts("ownable: caller is not the owner"):
        pair.oracle.transfer_ownership(attacker, sender=attacker)
    with reverts("ownable: new owner is the zero address"):
        pair.oracle.transfer_ownership(ZERO, sender=owner)
    assert pair.oracle.owner() == owner


def test_nothing_else_can_be_called(pair: OracleHarness) -> None:
    """No renouncing, no switch, no setter. [O-IDX-8]"""
    functions = {each["name"]: each for each in pair.oracle.abi if each["type"] == "function"}
    assert set(functions) == VIEWS | ACTIONS
    for name, each in functions.items():
        assert (each["stateMutability"] == "view") == (name in VIEWS)
        assert each["stateMutability"] != "payable"
