# SPDX-License-Identifier: AGPL-3.0-only
"""The timelock that owns a set, and what it is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..chain import Contract
from ..chain.backend import Backend
from ..chain.receipts import Receipt
from ..config import GovernanceConfig

ANYONE = "0x" + "00" * 20
NO_SALT = bytes(32)
NO_PREDECESSOR = bytes(32)


@dataclass(frozen=True)
class Governance:
    """A timelock's terms.

    delay: seconds from announcement to execution, 2 to 30 days. proposers: they
    announce and cancel. executors: `ANYONE` lets everybody carry out what is ready.
    """

    delay: int
    proposers: tuple[str, ...]
    executors: tuple[str, ...] = (ANYONE,)

    @classmethod
    def of(cls, config: GovernanceConfig) -> Governance:
        """As a deployment file says; no executors stands for anyone."""
        return cls(config.delay, tuple(config.proposers), tuple(config.executors) or (ANYONE,))

    @property
    def text(self) -> str:
        """For people."""
        proposers, executors = _names(self.proposers), _names(self.executors)
        who = "anyone executes" if ANYONE in self.executors else f"{executors} execute"
        return f"a timelock of {days_text(self.delay)}, {proposers} propose, {who}"


@dataclass(frozen=True)
class Operation:
    """A call of a timelock, without value; the arguments of `execute`."""

    target: str
    payload: bytes
    salt: bytes = NO_SALT
    predecessor: bytes = NO_PREDECESSOR

    @property
    def arguments(self) -> tuple[str, int, bytes, bytes, bytes]:
        return self.target, 0, self.payload, self.predecessor, self.salt


def days_text(seconds: int) -> str:
    """Whole days as such, all else in seconds."""
    days, rest = divmod(seconds, 86_400)
    return f"{seconds:,} seconds" if rest else f"{days} days"


def _names(addresses: Sequence[str]) -> str:
    return ", ".join(addresses)


def deploy_timelock(backend: Backend, governance: Governance, sender: str) -> Contract:
    """A timelock that nobody but itself administers."""
    return backend.deploy(
        "Timelock",
        governance.delay,
        list(governance.proposers),
        list(governance.executors),
        sender=sender,
    )


def operation(contract: Contract, function: str, *args: object, salt: bytes = NO_SALT) -> Operation:
    """The operation that calls a function."""
    return Operation(contract.address, contract.encode(function, *args), salt)


def schedule(timelock: Contract, wanted: Operation, sender: str) -> Receipt:
    """Announce at the minimum delay; the sender is a proposer."""
    delay = timelock.get_minimum_delay()
    receipt: Receipt = timelock.schedule(*wanted.arguments, delay, sender=sender)
    return receipt


def execute(timelock: Contract, wanted: Operation, sender: str) -> Receipt:
    """Carry out what is ready."""
    receipt: Receipt = timelock.execute(*wanted.arguments, sender=sender)
    return receipt


def batch(wanted: Sequence[Operation]) -> tuple[list[str], list[int], list[bytes], bytes, bytes]:
    """Arguments of `execute_batch` for operations that happen together; salt and
    predecessor are the first one's."""
    first = wanted[0]
    return (
        [each.target for each in wanted],
        [0] * len(wanted),
        [each.payload for each in wanted],
        first.predecessor,
        first.salt,
    )
