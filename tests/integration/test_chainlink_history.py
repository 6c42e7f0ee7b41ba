# SPDX-License-Identifier: AGPL-3.0-only
"""Mainnet's rounds of ETH/USD from April 2023 to January 2024, each at its own
time, through Chainlink's real aggregator and proxy into the oracle: the chain
gives what the file says, and the oracle what the model says.

The rounds come in parts, each on the chain's state before the first one, in an
aggregator that starts where the last part ended: Anvil hashes all of a
contract's storage for each block, so that each round would take longer than the
one before.
One part of CHAINLINK_EVERY is taken, all with CHAINLINK_EVERY=1.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from inverse_index.chain import Anvil, LocalBackend
from inverse_index.chain.receipts import decode_reason
from inverse_index.chain.rpc import RpcError
from inverse_index.model.fixed import Revert
from inverse_index.model.oracle.feed_answers import Round
from inverse_index.prices import find_data_dir
from inverse_index.protocols.chainlink import PHASE, has_reporting
from tests.support.assertions import reverts
from tests.support.asset_plans import COLLATERAL, DOLLAR, ETHER, ten
from tests.support.chainlink_harness import ChainlinkHarness, latest
from tests.support.constants import DAY, HOUR
from tests.support.reporting_harness import ReportingHarness

FILE = "chainlink_rounds_ETHUSD_mainnet_phase6_2023-2024.csv"
ETHER_HOURLY = replace(ETHER, price=1_908 * 10**18, secondary_decimals=None, heartbeat=HOUR)
DOLLAR_WEEKLY = replace(DOLLAR, secondary_decimals=None, heartbeat=7 * DAY)
PART = 100  # rounds
REPORTS = 150  # rounds
EVERY = int(os.environ.get("CHAINLINK_EVERY", "16"))
COUNTERS, ROUNDS = 7, 9  # slots of FluxAggregator: last round begun and answered; rounds

# What there is to see with CHAINLINK_EVERY=1. An hour is what the feed promises and
# does not quite keep: 1,328 rounds came up to two minutes after it.
ALL = {"rounds": 11_106, "usable": 22_207, "stale": 2_658, "step": 57}

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
def harness(rounds: list[Round]) -> Iterator[ChainlinkHarness]:
    """On the first kind of aggregator."""
    with _begun(ChainlinkHarness, rounds) as made:
        yield made


@contextmanager
def _begun(kind: type[ChainlinkHarness], rounds: list[Round]) -> Iterator[ChainlinkHarness]:
    """A chain of its own, a day before the first round. The proxy is in its
    sixth phase, on an aggregator without an answer."""
    with Anvil(timestamp=rounds[1].updated_at - DAY) as node, LocalBackend(node.url) as chain:
        owner, submitter = chain.accounts[:2]
        made = kind(chain, owner, submitter, [ETHER_HOURLY], DOLLAR_WEEKLY)
        for _ in range(5):
            made.switch(0, 0, made.aggregator())
        yield made


def test_how_punctual_the_feed_was(rounds: list[Round]) -> None:
    """What a heartbeat in a deployment file has to allow for: with the hour that
    this feed promises an oracle of one source would have been unusable 1,328
    times, for up to two minutes; with 3,720 seconds never."""
    times = [each.updated_at for each in rounds[1:]]
    late = [b - a - HOUR for a, b in pairwise(times) if b - a > HOUR]
    assert (len(late), sum(late), max(late)) == (1_328, 33_840, 120)
    assert times[-1] - times[0] == 25_823_808  # 0.13% of it


class Timeline:
    """Looks at the chain at any later time, without going there."""

    def __init__(self, harness: ChainlinkHarness, seen: dict[str, int]) -> None:
        self.harness, self.seen = harness, seen
        self._chain = harness.chain
        self._read = self._call(harness.oracle, "read")
        self._proxy = self._call(harness.feed(0), "latestRoundData")

    def _call(self, contract: Any, name: str) -> dict[str, str]:
        return {"to": contract.address, "data": "0x" + contract.encode(name).hex()}

    def _at(self, call: dict[str, str], now: int) -> str:
        found: str = self._chain.rpc("eth_call", call, "latest", None, {"time": hex(now)})
        return found

    def look(self, now: int) -> None:
        """What `read` returns or why it reverts, and the model's, word by word."""
        model = self.harness.model
        try:
            prices = model.read(now)
        except Revert as refused:
            self.count("stale")
            with pytest.raises(RpcError) as caught:
                self._at(self._read, now)
            assert decode_reason(bytes.fromhex(caught.value.data[2:])) == refused.reason
            assert refused.reason == "oracle: stale price"
            return
        self.count("usable")
        self.count("step", bool(prices.restriction))
        words = [*ten(prices.mid), *ten(prices.spread), prices.updated_at, prices.restriction]
        assert self._at(self._read, now) == _hex(words)

    def count(self, what: str, how_many: int = 1) -> None:
        self.seen[what] = self.seen.get(what, 0) + how_many

    def proxied(self, expected: Round, now: int) -> None:
        r = expected
        words = [r.round_id, r.answer, r.started_at, r.updated_at, r.answered_in]
        assert self._at(self._proxy, now) == _hex(words)


def _hex(words: list[int]) -> str:
    return "0x" + "".join(f"{word:064x}" for word in words)


def test_before_the_first_answer(harness: ChainlinkHarness, rounds: list[Round]) -> None:
    """The file's first row is round 0 of the phase, all zero: the aggregator of
    those days gave it before its first answer. This one has no data then."""
    assert rounds[0] == Round(6 * PHASE, 0, 0, 0, 6 * PHASE)
    for call in (lambda: latest(harness.feed(0)), lambda: harness.feed(0).getRoundData(6 * PHASE)):
        with reverts("No data present"):
            call()
    assert harness.fault() == "oracle: feed call failed"
    harness.given(0, 0, rounds[0])
    with pytest.raises(Revert, match="oracle: round incomplete"):
        harness.model.read(harness.now)
    harness.given(0, 0, None)


def test_round_by_round(harness: ChainlinkHarness, rounds: list[Round]) -> None:
    """At the second of each round, a second before the next, and on both sides
    of the heartbeat in between; a refresh and the collateral's answer a day.
    [O-READ-2] [O-IDX-9]"""
    chain, seen = harness.chain, {}
    for first in range(1, len(rounds), PART * EVERY):
        base, part = chain.snapshot(), rounds[first : first + PART]
        begun = harness.fork()
        _continue(begun, rounds[first - 1])
        _play(begun, part, rounds[first + PART : first + PART + 1], seen)
        _archive(begun, part)
        chain.revert(base)
    print(f"\n{seen}")
    assert seen["usable"] > 2 * seen["stale"] > 0, seen
    if EVERY == 1:
        assert seen == ALL


@pytest.mark.skipif(not has_reporting(), reason="no node_modules/libocr")
def test_as_mainnet_had_it(rounds: list[Round]) -> None:
    """On the kind of aggregator that these rounds are from, signed report by
    signed report: the first row is its latest round before the first report."""
    with _begun(ReportingHarness, rounds) as harness:
        assert latest(harness.feed(0)) == rounds[0] == harness.model.components[0].primary.round
        assert harness.fault() == "oracle: round incomplete"
        seen: dict[str, int] = {}
        part = rounds[1 : REPORTS + 1]
        _play(harness, part, rounds[REPORTS + 1 : REPORTS + 2], seen)
        _archive(harness, rounds[: REPORTS + 1])
        assert seen["rounds"] == REPORTS and seen["stale"] > 0, seen


def _continue(harness: ChainlinkHarness, last: Round) -> None:
    """The aggregator as it was after the last round; as deployed for round 0."""
    number = last.round_id % PHASE
    found = harness.source(0)
    assert found.aggregator is not None and found.number == 0
    if number == 0:
        return
    found.number, address = number, found.aggregator.address
    place = int.from_bytes(keccak(number.to_bytes(32, "big") + ROUNDS.to_bytes(32, "big")), "big")
    harness.chain.set_storage(address, COUNTERS, number | number << 32)
    harness.chain.set_storage(address, place, last.answer)
    times = last.started_at | last.updated_at << 64 | number << 128
    harness.chain.set_storage(address, place + 1, times)
    assert latest(harness.feed(0)) == last


def _play(
    harness: ChainlinkHarness, rounds: list[Round], after: list[Round], seen: dict[str, int]
) -> None:
    timeline, day = Timeline(harness, seen), 0
    ends = [each.updated_at for each in [*rounds[1:], *after]]
    for each, end in zip(rounds, [*ends, rounds[-1].updated_at + 2 * HOUR], strict=False):
        start = each.updated_at
        harness.answer(0, 0, each.answer, start)
        timeline.proxied(each, end)
        timeline.count("rounds")
        if start // DAY != day:
            day = start // DAY
            harness.answer(COLLATERAL, 0, 10**8)
            harness.refresh()
        timeline.look(start)
        if end - start > HOUR:
            timeline.look(start + HOUR)
            timeline.look(start + HOUR + 1)
        if end - start > 1:
            timeline.look(end - 1)


def _archive(harness: ChainlinkHarness, rounds: list[Round]) -> None:
    """What the proxy says of past rounds is the file."""
    proxy = harness.feed(0)
    calls = [(proxy.address, proxy.encode("getRoundData", each.round_id)) for each in rounds]
    for each, data in zip(rounds, harness.chain.call_many(calls), strict=True):
        assert Round(*proxy.decode_output("getRoundData", data)) == each
