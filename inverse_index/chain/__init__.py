# SPDX-License-Identifier: AGPL-3.0-only
"""Talking to contracts: on a local chain fast, on any network through Ape."""

from .backend import Backend
from .contract import Contract, Event, contract_at, create_address
from .local import LocalBackend
from .node import Anvil, end_with_parent
from .receipts import Log, Receipt, Reverted

__all__ = [
    "Anvil",
    "Backend",
    "Contract",
    "Event",
    "LocalBackend",
    "Log",
    "Receipt",
    "Reverted",
    "contract_at",
    "create_address",
    "end_with_parent",
]
