# SPDX-License-Identifier: AGPL-3.0-only
"""What a chain offers to the rest of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eth_abi.exceptions import DecodingError

from .abi import Codec

if TYPE_CHECKING:
    from .contract import Contract, Event

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

    def events(self, contract: Contract) -> list[Event]:
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


class Backend(Protocol):
    """A chain and the accounts that can send on it. Addresses are checksummed.

    `send` waits for the receipt; both it and `call` raise Reverted. What fails
    outside the contracts is a UserError with its remedy.
    """

    @property
    def accounts(self) -> Sequence[str]:
        """Addresses that can send."""
        ...

    @property
    def chain_id(self) -> int: ...

    def deploy(self, artifact_name: str, *args: Any, sender: str) -> Contract:
        """Deploy a contract of this project with its constructor's arguments."""
        ...

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
