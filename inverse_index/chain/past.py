# SPDX-License-Identifier: AGPL-3.0-only
"""What a chain still knows of its past: logs, and views of earlier blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import Unreachable, UserError
from .receipts import Log

RANGE = 10_000  # blocks asked for at once; halved while a node refuses so many


@dataclass(frozen=True, slots=True)
class Logged:
    """A log entry and its block."""

    block: int
    log: Log


class Past(Protocol):
    """A chain that answers about earlier blocks. Nodes may know logs and no states."""

    def block_number(self) -> int: ...

    def logs(
        self, address: str, topics: Sequence[bytes | None], first: int, last: int
    ) -> list[Logged]:
        """A contract's log entries of these blocks, both included, in order; topics as in
        `eth_getLogs`, None for any."""
        ...

    def call_at(self, to: str, data: bytes, block: int) -> bytes:
        """Return data of a call at the end of a block."""
        ...


def log_filter(
    address: str, topics: Sequence[bytes | None], first: int, last: int
) -> dict[str, Any]:
    """As `eth_getLogs` takes it."""
    return {
        "address": address,
        "topics": [None if topic is None else "0x" + topic.hex() for topic in topics],
        "fromBlock": hex(first),
        "toBlock": hex(last),
    }


def logs_in_ranges(
    past: Past, address: str, topics: Sequence[bytes | None], first: int, last: int
) -> Iterator[Logged]:
    """Those of all blocks from first to last, asked for in ranges that the node accepts."""
    width = RANGE
    while first <= last:
        end = min(first + width - 1, last)
        try:
            found = past.logs(address, topics, first, end)
        except Unreachable:
            raise
        except UserError:
            if width == 1:
                raise
            width = max(width // 8, 1)
            continue
        yield from found
        first = end + 1
