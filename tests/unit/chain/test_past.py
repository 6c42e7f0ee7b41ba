# SPDX-License-Identifier: AGPL-3.0-only
"""Logs in ranges that a node accepts, and views of earlier blocks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.chain.past import RANGE, Logged, log_filter, logs_in_ranges
from inverse_index.chain.receipts import Log
from inverse_index.errors import Unreachable, UserError

ADDRESS = "0x0000000000000000000000000000000000000001"


class Node:
    """One log entry a block; refuses wider ranges than `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked: list[tuple[int, int]] = []

    def block_number(self) -> int:
        return 10**6

    def call_at(self, to: str, data: bytes, block: int) -> bytes:
        raise NotImplementedError

    def logs(
        self, address: str, topics: Sequence[bytes | None], first: int, last: int
    ) -> list[Logged]:
        self.asked.append((first, last))
        if last - first + 1 > self.most:
            raise UserError("the network refused eth_getLogs: too many blocks", "ask for fewer")
        return [Logged(block, Log(address, (), b"")) for block in range(first, last + 1)]


@pytest.mark.parametrize("most", [RANGE, 2_000, 7, 1])
def test_every_block_once(most: int) -> None:
    node = Node(most)
    found = list(logs_in_ranges(node, ADDRESS, [], 5, 25))
    assert [each.block for each in found] == list(range(5, 26))


def test_long_logs_are_asked_for_in_parts() -> None:
    node = Node(RANGE)
    assert len(list(logs_in_ranges(node, ADDRESS, [], 0, 2 * RANGE))) == 2 * RANGE + 1
    assert node.asked == [(0, RANGE - 1), (RANGE, 2 * RANGE - 1), (2 * RANGE, 2 * RANGE)]


def test_nothing_before_the_first_block() -> None:
    assert list(logs_in_ranges(Node(RANGE), ADDRESS, [], 9, 8)) == []


def test_a_node_without_logs_and_one_that_does_not_answer() -> None:
    with pytest.raises(UserError, match="too many blocks"):
        list(logs_in_ranges(Node(0), ADDRESS, [], 0, 10))

    class Silent(Node):
        def logs(
            self, address: str, topics: Sequence[bytes | None], first: int, last: int
        ) -> list[Logged]:
            raise Unreachable("no answer", "wait")

    with pytest.raises(Unreachable):
        list(logs_in_ranges(Silent(1), ADDRESS, [], 0, 10))


def test_topics_as_a_node_takes_them() -> None:
    asked = log_filter(ADDRESS, [b"\x01" * 32, None], 1, 255)
    assert asked["topics"] == ["0x" + "01" * 32, None]
    assert (asked["fromBlock"], asked["toBlock"]) == ("0x1", "0xff")


def test_of_a_real_contract(chain: LocalBackend, owner: str, trader: str) -> None:
    """Its log by account, and its view as it was."""
    token: Contract = chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)
    first = token.mint(trader, 5, sender=owner)
    token.mint(owner, 9, sender=owner)
    last = token.mint(trader, 7, sender=owner)
    topics = [token.topic("Transfer"), None, bytes(12) + bytes.fromhex(trader[2:])]
    found = list(logs_in_ranges(chain, token.address, topics, 0, chain.block_number()))
    assert [each.block for each in found] == [first.block_number, last.block_number]
    events = [token.event_of(each.log) for each in found]
    assert [event and event.name for event in events] == ["Transfer", "Transfer"]
    data = token.encode("balanceOf", trader)
    then = chain.call_at(token.address, data, first.block_number)
    assert token.decode_output("balanceOf", then) == 5
    assert token.balanceOf(trader) == 12
