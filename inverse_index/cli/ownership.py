# SPDX-License-Identifier: AGPL-3.0-only
"""What `ape run deploy` says about who owns the token."""

from __future__ import annotations

from ..deployment import Given, System
from ..deployment.governance import days_text

GAS_TIMELOCK = 2_500_000  # and the hand-over, rounded up


def owner_text(given: Given) -> str:
    """Beforehand."""
    if given.governance is not None:
        return given.governance.text
    return given.owner or "the sender, without a timelock"


def owner_gas(given: Given) -> int:
    """Gas of timelock and hand-over, rounded up."""
    return 0 if given.governance is None else GAS_TIMELOCK


def owner_line(system: System, sender: str) -> str:
    """Afterwards, read back from the token."""
    owner = system.token.owner()
    if system.timelock is not None and owner == system.timelock.address:
        wait = days_text(system.timelock.get_minimum_delay())
        return f"owned by the timelock {owner}: every change waits {wait}"
    if owner == sender:
        return "you own it, without a timelock: changes take effect at once (docs/governance.md)"
    return f"owned by {owner}: whether changes wait is up to that account"
