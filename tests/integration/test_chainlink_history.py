# SPDX-License-Identifier: AGPL-3.0-only
"""Every round of mainnet's ETH/USD feed from April 2023 to January 2024, at its
own time, through Chainlink's real aggregator and proxy into the oracle: the
chain gives what the file says, and the oracle what the model says."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inverse_index.chain import Anvil, LocalBackend, Reverted
from inverse_index.chain.backend import decode_reason
from inverse_index.chain.rpc import RpcError
from inverse_index.model.fixed import Revert
from inverse_index.model.oracle import Round
from inverse_index.prices import find_data_dir
from inverse_index.protocols.chainlink import PHASE
from tests.chainlink_world import ChainlinkWorld, latest
from tests.support import reverts
from tests.unit.index_oracle.plans import COLLATERAL, DOLLAR, ETHER, ten

FILE = "chainlink_rounds_ETHUSD_mainnet_phase6_2023-2024.csv"
HOUR, DAY = 3_600, 86_400
ETHER_HOURLY = replace(ETHER, price=1_908 * 10**18, secondary_decimals=None, heartbeat=HOUR)
DOLLAR_WEEKLY = replace(DOLLAR, secondary_decimals=None, heartbeat=7 * DAY)
BATCH = 500

pytestmark = pytest.mark.history


@pytest.fixture(scope="module")
def rounds() -> list[Round]:
    """The file's rows in order, the all-zero one first."""
    folder = find_data_dir()
    if folder is None or not (folder / FILE).is_file():
        pytest.skip(f"no {FILE}: set INVERSE_INDEX_DATA to the folder that holds it")
    return _load(folder / FILE)


def _load(path: Path) -> list[Round]:
    with path.open(newline="") as file:
        rows = csv.reader(file)
        assert next(rows) == ["round", "answer", "start", "update", "answeredInRound"]
        return [Round(*map(int, row)) for row in rows]


@pytest.fixture(scope="module")
def world(rounds: list[Round]) -> Iterator[ChainlinkWorld]:
    """A chain of its own, a day before the first round. The proxy is in its
    sixth phase, on an aggregator without an answer."""
    with Anvil(timestamp=rounds[1].updated_at - DAY) as node, LocalBackend(node.url) as chain:
        owner, submitter = chain.accounts[:2]
        made = ChainlinkWorld(chain, owner, submitter, [ETHER_HOURLY], DOLLAR_WEEKLY)
        for _ in range(5):
            made.switch(0, 0, made.aggregator())
        yield made


class Timeline:
    """Looks at the chain at any later time, without going there."""

    def __init__(self, world: ChainlinkWorld) -> None:
        self.world = world
        self._chain = world.chain
        self._read = self._call(world.oracle, "read")
        self._proxy = self._call(world.feed(0), "latestRoundData")
        self.seen = {"usable": 0, "stale": 0}

    def _call(self, contract: Any, name: str) -> dict[str, str]:
        return {"to": contract.address, "data": "0x" + contract.encode(name).hex()}

    def _at(self, call: dict[str, str], now: int) -> str:
        found: str = self._chain.rpc("eth_call", call, "latest", None, {"time": hex(now)})
        return found

    def look(self, now: int) -> None:
        """What `read` returns or why it reverts, and the model's, word by word."""
        model = self.world.model
        try:
            prices = model.read(now)
        except Revert as refused:
            self.seen["stale"] += 1
            with pytest.raises(RpcError) as caught:
                self._at(self._read, now)
            assert decode_reason(bytes.fromhex(caught.value.data[2:])) == refused.reason
            assert refused.reason == "oracle: stale price"
            return
        self.seen["usable"] += 1
        words = [*ten(prices.mid), *ten(prices.spread), prices.updated_at, prices.restriction]
        assert self._at(self._read, now) == _hex(words)

    def proxied(self, expected: Round, now: int) -> None:
        r = expected
        words = [r.round_id, r.answer, r.started_at, r.updated_at, r.answered_in]
        assert self._at(self._proxy, now) == _hex(words)


def _hex(words: list[int]) -> str:
    return "0x" + "".join(f"{word:064x}" for word in words)


def test_before_the_first_answer(world: ChainlinkWorld, rounds: list[Round]) -> None:
    """The file's first row is round 0 of the phase, all zero: the aggregator of
    those days gave it before its first answer. This one has no data then."""
    assert rounds[0] == Round(6 * PHASE, 0, 0, 0, 6 * PHASE)
    for call in (lambda: latest(world.feed(0)), lambda: world.feed(0).getRoundData(6 * PHASE)):
        with reverts("No data present"):
            call()
    assert world.fault() == "oracle: feed call failed"
    world.given(0, 0, rounds[0])
    with pytest.raises(Revert, match="oracle: round incomplete"):
        world.model.read(world.now)
    world.given(0, 0, None)


def test_every_round(world: ChainlinkWorld, rounds: list[Round]) -> None:
    """At the second of each round, a second before the next, and on both sides
    of the heartbeat in between; a refresh and the collateral's answer a day."""
    chain, timeline = world.chain, Timeline(world)
    answered = rounds[1:]
    ends = [each.updated_at for each in answered[1:]] + [answered[-1].updated_at + 2 * HOUR]
    day = 0
    for each, end in zip(answered, ends, strict=True):
        world.answer(0, 0, each.answer, each.updated_at)
        start = each.updated_at
        timeline.proxied(each, end)
        timeline.look(start)
        if end - start > HOUR:
            timeline.look(start + HOUR)
            timeline.look(start + HOUR + 1)
        if end - start > 1:
            timeline.look(end - 1)
        if start // DAY != day:
            day = start // DAY
            world.answer(COLLATERAL, 0, 10**8)
            world.refresh()
    assert (len(answered), timeline.seen) == (11_106, {})
    numbers = [each.round_id for each in answered]
    assert chain.now() == answered[-1].updated_at
    for first in range(0, len(numbers), BATCH):
        _archive(world, answered[first : first + BATCH])


def _archive(world: ChainlinkWorld, rounds: list[Round]) -> None:
    """What the proxy says of past rounds is the file."""
    proxy = world.feed(0)
    calls = [(proxy.address, proxy.encode("getRoundData", each.round_id)) for each in rounds]
    for each, data in zip(rounds, world.chain.call_many(calls), strict=True):
        assert Round(*proxy.decode_output("getRoundData", data)) == each
