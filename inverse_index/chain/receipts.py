# SPDX-License-Identifier: AGPL-3.0-only
"""What a transaction leaves behind, and why one was reverted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from eth_abi.exceptions import DecodingError

from .abi import Codec

Event = TypeVar("Event")

_ERROR = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)
_TEXT = Codec([{"type": "string"}])
_NUMBER = Codec([{"type": "uint256"}])


@dataclass(frozen=True, slots=True)
class Log:
    """One log entry; `address` is checksummed."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


class Emitter(Protocol[Event]):
    """A contract that decodes its own events."""

    def events(self, receipt: Receipt) -> list[Event]:
        """Those of a transaction, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction. `timestamp` is its block's, in seconds."""

    tx_hash: str
    status: int
    gas_used: int
    block_number: int
    timestamp: int
    logs: tuple[Log, ...]
    contract_address: str | None

    def events(self, contract: Emitter[Event]) -> list[Event]:
        """The contract's own events in this transaction, in order."""
        return contract.events(self)


class Reverted(Exception):
    """A call or transaction was reverted.

    reason: the contract's reason string; "" when it gave none.
    detail: what the node says about it.
    """

    def __init__(
        self, reason: str, detail: str = "", data: bytes = b"", receipt: Receipt | None = None
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.data = data
        self.receipt = receipt

    def __str__(self) -> str:
        return self.reason or f"reverted without a reason ({self.detail or 'no detail'})"


def decode_reason(data: bytes) -> str:
    """Reason string in revert data: "" for none, "panic 0x.." for a panic."""
    if not data:
        return ""
    selector, rest = data[:4], data[4:]
    try:
        if selector == _ERROR:
            return str(_TEXT.decode(rest)[0])
        if selector == _PANIC:
            return f"panic 0x{_NUMBER.decode(rest)[0]:02x}"
    except (DecodingError, UnicodeDecodeError):
        pass  # not what the selector promises: shown as it is
    return f"0x{data.hex()}"
