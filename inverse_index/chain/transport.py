# SPDX-License-Identifier: AGPL-3.0-only
"""Calls and transactions as bytes: what a contract needs of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .receipts import Receipt


class Transport(Protocol):
    """A chain and the accounts that can send on it; addresses are checksummed.

    `send` waits for the receipt; both it and `call` raise Reverted. What fails
    outside the contracts is a UserError with its remedy.
    """

    @property
    def accounts(self) -> Sequence[str]:
        """Addresses that can send."""
        ...

    @property
    def chain_id(self) -> int: ...

    def send(self, to: str | None, data: bytes, sender: str, value: int = 0) -> Receipt:
        """Send a transaction (`to` None: create a contract); value in wei."""
        ...

    def call(self, to: str, data: bytes, sender: str | None = None) -> bytes:
        """Return data of a call at the latest block."""
        ...

    def block_timestamp(self) -> int:
        """Seconds of the latest block."""
        ...

    def nonce(self, address: str) -> int:
        """Number of the address's next transaction."""
        ...

    def balance(self, address: str) -> int:
        """In wei."""
        ...

    def code(self, address: str) -> bytes:
        """Deployed code; empty where there is no contract."""
        ...
