# SPDX-License-Identifier: AGPL-3.0-only
"""Transactions that are not waited for, so that they can be replaced."""

from __future__ import annotations

from typing import Protocol

from .receipts import Receipt


class Underpriced(Exception):
    """A transaction of the same number waits already, at about this fee or a higher one."""


class NonceUsed(Exception):
    """A transaction of that number is mined."""


class Mempool(Protocol):
    """A network that takes signed transactions. Fees are wei per gas."""

    def nonce(self, address: str) -> int:
        """Number of the address's next transaction, those that wait not counted."""
        ...

    def base_fee(self) -> int | None:
        """Of the latest block; None where there is none."""
        ...

    def gas_price(self) -> int:
        """As the node suggests."""
        ...

    def estimate_gas(self, to: str | None, data: bytes, sender: str, value: int = 0) -> int:
        """Raises Reverted."""
        ...

    def submit(
        self,
        to: str,
        data: bytes,
        sender: str,
        *,
        nonce: int,
        gas: int,
        max_fee: int,
        priority_fee: int | None,
    ) -> str:
        """Sign and send, return the hash at once. Without a priority fee `max_fee`
        is the gas price of a transaction of the old kind. Raises Underpriced and
        NonceUsed."""
        ...

    def receipt(self, tx_hash: str) -> Receipt | None:
        """None while it is not mined; raises Reverted."""
        ...
