# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed contract with its ABI's functions as methods.

    shares = token.previewDeposit(assets)                          # view: the value
    receipt = token.deposit(assets, receiver, sender=depositor)    # otherwise: Receipt
    shares = token.deposit.call(assets, receiver, sender=depositor)  # value, no change

One output comes back as itself, several as a tuple (a named one if the ABI
names them: Solidity's may, Vyper's does not); structs as named tuples, arrays
as lists, addresses checksummed. Struct arguments may be named tuples, tuples,
dataclasses or dicts; address arguments anything with an `address`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from rlp import encode as rlp_encode

from ..artifacts import artifact
from ..errors import UserError
from .abi import Codec, EventType, FunctionType, checksum, interface_of
from .receipts import Log, Receipt
from .transport import Transport

VIEWS = ("view", "pure")


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded log entry. Indexed strings, bytes and arrays are their hash."""

    name: str
    address: str
    args: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.args[name]
        except KeyError:
            raise AttributeError(f"event {self.name} has no field {name}") from None


class Method:
    """All overloads of one function name of one contract."""

    __slots__ = ("_contract", "_overloads", "name")

    def __init__(self, contract: Contract, name: str, overloads: dict[int, FunctionType]) -> None:
        self._contract = contract
        self._overloads = overloads
        self.name = name

    def __repr__(self) -> str:
        return f"<{self._contract.contract_name}.{self.name}>"

    def __call__(self, *args: Any, sender: str | None = None, value: int = 0) -> Any:
        """Value of a view function, Receipt of any other."""
        function = self.overload(len(args))
        if function.mutability in VIEWS:
            return self._read(function, args, sender)
        if sender is None:
            raise TypeError(f"{self!r} changes state: say who sends it with sender=")
        contract = self._contract
        return contract.backend.send(
            contract.address, function.encode(args), _address(sender), value
        )

    def call(self, *args: Any, sender: str | None = None) -> Any:
        """What the function would return, without changing anything."""
        return self._read(self.overload(len(args)), args, sender)

    def encode(self, *args: Any) -> bytes:
        """Calldata."""
        return self.overload(len(args)).encode(args)

    def decode(self, data: bytes, arity: int | None = None) -> Any:
        """Value in return data; overloads differ in `arity` and rarely in outputs."""
        return self.overload(min(self._overloads) if arity is None else arity).decode(data)

    def overload(self, arity: int) -> FunctionType:
        try:
            return self._overloads[arity]
        except KeyError:
            takes = " or ".join(map(str, sorted(self._overloads)))
            raise TypeError(f"{self!r} takes {takes} arguments, not {arity}") from None

    def _read(self, function: FunctionType, args: tuple[Any, ...], sender: str | None) -> Any:
        contract = self._contract
        origin = None if sender is None else _address(sender)
        data = contract.backend.call(contract.address, function.encode(args), origin)
        try:
            return function.decode(data)
        except DecodingError as error:
            raise UserError(
                f"{contract.contract_name} at {contract.address} returned {len(data)} bytes"
                f" that are not what {self.name} returns",
                "check the address and the network",
            ) from error


@dataclass(frozen=True, slots=True)
class Creation:
    """How a contract came to be. arguments: the constructor's, ABI-encoded."""

    arguments: bytes
    tx_hash: str
    block_number: int


class Contract:
    """Functions by attribute. Those with the name of a member: `method(name)`."""

    def __init__(
        self, backend: Transport, address: str, abi: list[dict[str, Any]], name: str
    ) -> None:
        self.backend = backend
        self.address = checksum(address)
        self.abi = abi
        self.contract_name = name
        self.creation: Creation | None = None  # known to whoever created it
        self._interface = interface_of(abi)

    def __repr__(self) -> str:
        return f"<{self.contract_name} {self.address}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contract) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __getattr__(self, name: str) -> Method:
        if name.startswith("__") or "_interface" not in self.__dict__:
            raise AttributeError(name)
        method = self.method(name)
        self.__dict__[name] = method  # found directly from now on
        return method

    def method(self, name: str) -> Method:
        overloads = self._interface.functions.get(name)
        if overloads is None:
            raise AttributeError(f"{self.contract_name} has no function {name}")
        return Method(self, name, overloads)

    def encode(self, function: str, *args: Any) -> bytes:
        """Calldata of a function."""
        return self.method(function).encode(*args)

    def decode_output(self, function: str, data: bytes, arity: int | None = None) -> Any:
        """Value in a function's return data."""
        return self.method(function).decode(data, arity)

    def events(self, receipt: Receipt) -> list[Event]:
        """This contract's events in the receipt, in order."""
        decoded = [self.event_of(log) for log in receipt.logs]
        return [event for event in decoded if event is not None]

    def event_of(self, log: Log) -> Event | None:
        """The log entry, if it is an event of this contract."""
        if log.address != self.address or not log.topics:
            return None
        kind: EventType | None = self._interface.events.get(log.topics[0])
        if kind is None:
            return None
        return Event(kind.name, log.address, kind.decode(log.topics, log.data))

    def topic(self, event: str) -> bytes:
        """First topic of an event."""
        (found,) = (topic for topic, kind in self._interface.events.items() if kind.name == event)
        return found


def contract_at(backend: Transport, name: str, address: str) -> Contract:
    """The contract of this project that was deployed at the address."""
    return Contract(backend, address, artifact(name).abi, name)


def deploy(backend: Transport, name: str, args: tuple[Any, ...], sender: str) -> Contract:
    """Compile, create, return the contract; what every backend's `deploy` does."""
    built = artifact(name)
    return create(backend, name, built.abi, bytes.fromhex(built.bytecode[2:]), args, sender)


def create(
    backend: Transport,
    name: str,
    abi: list[dict[str, Any]],
    code: bytes,
    args: tuple[Any, ...],
    sender: str,
) -> Contract:
    """Create a contract from its creation code and its constructor's arguments."""
    constructor: Codec = interface_of(abi).constructor
    arguments = constructor.encode(args)
    receipt = backend.send(None, code + arguments, _address(sender))
    if receipt.contract_address is None:
        raise UserError(f"the transaction {receipt.tx_hash} created no {name}", "check the node")
    contract = Contract(backend, receipt.contract_address, abi, name)
    contract.creation = Creation(arguments, receipt.tx_hash, receipt.block_number)
    return contract


def create_address(sender: str, nonce: int) -> str:
    """Address of the contract that the sender's transaction of this number creates."""
    body = [bytes.fromhex(sender[2:]), nonce]
    return checksum("0x" + keccak(rlp_encode(body))[12:].hex())


def _address(sender: Any) -> str:
    return sender if isinstance(sender, str) else str(sender.address)
