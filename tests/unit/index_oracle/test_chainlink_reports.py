# SPDX-License-Identifier: AGPL-3.0-only
"""The oracle on the kind of aggregator that mainnet's ETH/USD has: signed
reports, readers let in one by one, zeros where there is no answer.

Needs Chainlink's libocr as node_modules/libocr, which npm does not have.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.feed_answers import Round
from inverse_index.protocols.chainlink import PHASE, has_reporting
from tests.support.assertions import only_event, reverts
from tests.support.asset_plans import DOLLAR, ETHER, USD
from tests.support.chainlink_harness import latest
from tests.support.reporting_harness import KEYS, LOWEST, ReportingHarness

FAILED = "oracle: feed call failed"
INCOMPLETE = "oracle: round incomplete"
STALE = "oracle: stale price"
ANSWER = 2_000 * 10**8
ETHER_ALONE = replace(ETHER, secondary_decimals=None)
DOLLAR_ALONE = replace(DOLLAR, secondary_decimals=None, heartbeat=86_400)

pytestmark = pytest.mark.skipif(
    not has_reporting(), reason="no node_modules/libocr: a clone of smartcontractkit/libocr"
)


@pytest.fixture(scope="module")
def _alone(chain: LocalBackend, owner: str, provider: str) -> ReportingHarness:
    return ReportingHarness(chain, owner, provider, [ETHER_ALONE], DOLLAR_ALONE)


@pytest.fixture(scope="module")
def _pair(chain: LocalBackend, owner: str, provider: str) -> ReportingHarness:
    return ReportingHarness(chain, owner, provider, [ETHER], DOLLAR)


@pytest.fixture
def alone(_alone: ReportingHarness) -> ReportingHarness:
    """Ether and the collateral on one proxy each."""
    harness = _alone.fork()
    assert isinstance(harness, ReportingHarness)
    return harness


@pytest.fixture
def pair(_pair: ReportingHarness) -> ReportingHarness:
    """Ether and the collateral on two proxies each."""
    harness = _pair.fork()
    assert isinstance(harness, ReportingHarness)
    return harness


def test_a_report(alone: ReportingHarness) -> None:
    """The median of what was observed, at the time of its transmission."""
    aggregator = alone.source(0).aggregator
    assert aggregator is not None
    assert aggregator.typeAndVersion() == "AccessControlledOffchainAggregator 4.0.0"
    assert latest(alone.feed(0)) == alone.model.components[0].primary.round
    assert alone.mid() == 2_000 * WAD
    alone.wait(60)
    receipt = alone.transmit(aggregator, [ANSWER - 5, ANSWER + 7, ANSWER + 900], 2)
    only_event(
        receipt, aggregator, "AnswerUpdated", current=ANSWER + 7, roundId=2, updatedAt=alone.now
    )
    alone.source(0).number = 2
    alone.given(0, 0, alone.source(0).round(ANSWER + 7, alone.now))
    assert alone.mid() == 2_000 * WAD + 7 * 10**10
    alone.wait(3_600)
    assert alone.fault() == ""
    alone.wait(1)
    assert alone.fault() == STALE
    alone.answer(0, 0, ANSWER)
    assert alone.fault() == ""


def test_the_all_zero_round(alone: ReportingHarness) -> None:
    """Where mainnet's comes from: round 0 of each such aggregator, and its
    latest one until the first report. It never reverts. [O-READ-5]"""
    for phase in range(2, 7):
        alone.switch(0, 0, alone.aggregator())
        assert latest(alone.feed(0)) == Round(phase * PHASE, 0, 0, 0, phase * PHASE)
        assert alone.fault() == INCOMPLETE
    assert latest(alone.feed(0)).round_id == 110_680_464_442_257_309_696
    alone.answer(0, 0, ANSWER)
    assert latest(alone.feed(0)).round_id == 110_680_464_442_257_309_697
    assert alone.fault() == ""
    for number in (0, 2, 2**32 - 1):  # of the past and the future
        asked = 6 * PHASE + number
        assert Round(*alone.feed(0).getRoundData(asked)) == Round(asked, 0, 0, 0, asked)
    with reverts("No data present"):
        alone.feed(0).getRoundData(6 * PHASE + 2**32)


def test_the_other_source_serves_through_a_change(pair: ReportingHarness) -> None:
    """[O-READ-7]"""
    pair.price(0, 2_010 * USD, 1)
    pair.switch(0, 0, pair.aggregator())
    assert pair.fault() == ""
    assert pair.mid() == 2_010 * WAD
    pair.answer(0, 0, ANSWER)
    assert pair.fault() == ""
    assert pair.mid() == 2_000 * WAD
    pair.refresh()


def test_a_proxy_that_is_not_let_in(alone: ReportingHarness, owner: str) -> None:
    """An aggregator that the proxy may not read, whoever asks. [O-READ-6]"""
    found, answered = alone.source(0), alone.model.components[0].primary.round
    assert found.aggregator is not None
    found.aggregator.removeAccess(found.proxy, sender=owner)
    with reverts("No access"):
        latest(found.proxy)
    alone.given(0, 0, None)
    assert alone.fault() == FAILED
    alone.let_in(found.aggregator, found.proxy)
    alone.given(0, 0, answered)
    assert alone.fault() == ""


def test_reports_that_are_none(alone: ReportingHarness, attacker: str) -> None:
    """Nobody but the oracles, each once, in order, moves the price."""
    aggregator = alone.source(0).aggregator
    assert aggregator is not None
    three = [ANSWER, ANSWER, 2 * ANSWER]
    stranger = keccak(text="stranger")
    for reason, observations, epoch, signers, sender in (
        ("address not authorized to sign", three, 2, [KEYS[0], stranger], None),
        ("non-unique signature", three, 2, [KEYS[0], KEYS[0]], None),
        ("not enough signatures", three, 2, KEYS[:1], None),
        ("too few values to trust median", three[:2], 2, KEYS[:2], None),
        ("observations not sorted", three[::-1], 2, KEYS[:2], None),
        ("stale report", three, 1, KEYS[:2], None),
        ("unauthorized transmitter", three, 2, KEYS[:2], attacker),
        ("median is out of min-max range", [LOWEST - 1] * 3, 2, KEYS[:2], None),
    ):
        with reverts(reason):
            alone.transmit(aggregator, observations, epoch, signers, sender)
    alone.check()
    assert alone.mid() == 2_000 * WAD


def test_a_price_below_the_aggregators_floor(alone: ReportingHarness) -> None:
    """At the floor it is published, below it never: what stands there grows old."""
    alone.answer(0, 0, LOWEST)
    assert alone.mid() == WAD // 100
    aggregator = alone.source(0).aggregator
    assert aggregator is not None
    with reverts("median is out of min-max range"):
        alone.transmit(aggregator, [LOWEST - 1] * 3, 3)
    alone.wait(3_601)
    assert alone.fault() == STALE
