# SPDX-License-Identifier: AGPL-3.0-only
"""The oracle on Chainlink's own contracts: proxies, aggregators, access."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.chain.contract import create_address
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.feed_answers import Round
from inverse_index.protocols.chainlink import (
    PHASE,
    chainlink_deploy,
    deploy_aggregator,
)
from tests.support.assertions import reverts
from tests.support.asset_plans import COLLATERAL, DOLLAR, ETHER, USD
from tests.support.chainlink_harness import ChainlinkHarness, latest

FAILED = "oracle: feed call failed"
INCOMPLETE = "oracle: round incomplete"
NOT_POSITIVE = "oracle: price not positive"
STALE = "oracle: stale price"
BOUNDS = "oracle: price out of bounds"
NO_DATA = "No data present"
ANSWER = 2_000 * 10**8
ETHER_ALONE = replace(ETHER, secondary_decimals=None)
DOLLAR_ALONE = replace(DOLLAR, secondary_decimals=None, heartbeat=86_400)


@pytest.fixture(scope="module")
def _alone(chain: LocalBackend, owner: str, provider: str) -> ChainlinkHarness:
    return ChainlinkHarness(chain, owner, provider, [ETHER_ALONE], DOLLAR_ALONE)


@pytest.fixture(scope="module")
def _pair(chain: LocalBackend, owner: str, provider: str) -> ChainlinkHarness:
    return ChainlinkHarness(chain, owner, provider, [ETHER], DOLLAR)


@pytest.fixture
def alone(_alone: ChainlinkHarness) -> ChainlinkHarness:
    """Ether and the collateral on one proxy each."""
    return _alone.fork()


@pytest.fixture
def pair(_pair: ChainlinkHarness) -> ChainlinkHarness:
    """Ether and the collateral on two proxies each."""
    return _pair.fork()


def model_round(harness: ChainlinkHarness) -> Round | None:
    return harness.model.components[0].primary.round


# rounds


def test_what_a_proxy_gives(alone: ChainlinkHarness) -> None:
    first = PHASE + 1
    assert latest(alone.feed(0)) == Round(first, ANSWER, alone.now, alone.now, first)
    assert latest(alone.feed(0)) == model_round(alone)
    assert (alone.feed(0).decimals(), alone.feed(0).phaseId()) == (8, 1)
    assert alone.mid() == 2_000 * WAD
    alone.wait(60)
    alone.answer(0, 0, 2_100 * 10**8)
    assert latest(alone.feed(0)) == model_round(alone)
    assert alone.mid() == 2_100 * WAD
    assert alone.oracle.read().updated_at == alone.now
    alone.refresh()


def test_age_counts_from_the_answer(alone: ChainlinkHarness) -> None:
    """To the second, through proxy and aggregator. [O-READ-2]"""
    alone.wait(100)
    alone.answer(0, 0, ANSWER)
    alone.wait(3_600)
    assert alone.fault() == ""
    alone.wait(1)
    assert alone.fault() == STALE
    alone.answer(0, 0, ANSWER + 1)
    assert alone.fault() == ""
    assert alone.mid() == 2_000 * WAD + 10**10


@pytest.mark.parametrize("answer", [0, -1, -(2**255)])
def test_answers_that_are_no_price(alone: ChainlinkHarness, answer: int) -> None:
    """[O-READ-3]"""
    alone.answer(0, 0, answer)
    assert alone.fault() == NOT_POSITIVE
    alone.answer(0, 0, 2**255 - 1)
    assert alone.fault() == BOUNDS
    alone.answer(0, 0, ANSWER)
    assert alone.fault() == ""


def test_an_answer_below_what_the_aggregator_takes(
    chain: LocalBackend, owner: str, provider: str, alone: ChainlinkHarness
) -> None:
    """The price that fell through the floor is not published. What stands there
    grows old, and is refused for that."""
    floor = 10**8
    to = deploy_aggregator(chain, owner, [provider], 8, "TEST / USD", lowest=floor)
    alone.switch(0, 0, to)
    alone.answer(0, 0, floor)
    assert alone.mid() == WAD
    with reverts("value below minSubmissionValue"):
        to.submit(2, floor - 1, sender=provider)
    alone.wait(3_600)
    assert alone.fault() == ""
    alone.wait(1)
    assert alone.fault() == STALE


def test_the_median_of_a_quorum(
    chain: LocalBackend,
    owner: str,
    provider: str,
    trader: str,
    keeper: str,
    alone: ChainlinkHarness,
) -> None:
    """A round that is not answered changes nothing, and age goes on; one that
    is passed over leaves a gap in the numbers."""
    oracles = [provider, trader, keeper]
    to = deploy_aggregator(chain, owner, oracles, 8, "TEST / USD", quorum=2, timeout=600)
    alone.switch(0, 0, to)
    for number, (oracle, value) in enumerate(((provider, 1_990), (trader, 2_010)), 1):
        to.submit(1, value * 10**8, sender=oracle)
        if number == 1:
            assert alone.fault() == FAILED  # the proxy has no data yet
    start = alone.now
    answered = 2 * PHASE + 1
    alone.given(0, 0, Round(answered, ANSWER, start, start, answered))
    assert alone.mid() == 2_000 * WAD
    to.submit(1, 2_500 * 10**8, sender=keeper)  # a third: the median moves, at its time
    alone.given(0, 0, Round(answered, 2_010 * 10**8, start, start, answered))
    assert alone.mid() == 2_010 * WAD
    # Round 2 has one submission of two: what counts is round 1.
    alone.wait(3_000)
    to.submit(2, 1_000 * 10**8, sender=provider)
    assert latest(alone.feed(0)) == model_round(alone)
    assert alone.mid() == 2_010 * WAD
    alone.wait(601)
    assert alone.fault() == STALE
    # It has timed out; two others answer round 3.
    for oracle in (trader, keeper):
        to.submit(3, 2_020 * 10**8, sender=oracle)
    answered += 2
    alone.given(0, 0, Round(answered, 2_020 * 10**8, alone.now, alone.now, answered))
    assert latest(alone.feed(0)) == model_round(alone)
    assert alone.mid() == 2_020 * WAD
    # The round that was passed over holds the answer of the one before.
    passed = alone.feed(0).getRoundData(answered - 1)
    assert (passed[1], passed[4]) == (2_010 * 10**8, answered - 2)


# phases


def test_a_new_phase(alone: ChainlinkHarness) -> None:
    """Ids jump by 2**64; a proposal alone changes nothing; an aggregator
    without an answer has no data."""
    proxy, to = alone.feed(0), alone.aggregator()
    proxy.proposeAggregator(to, sender=alone.owner)
    alone.check()
    assert alone.mid() == 2_000 * WAD
    old = latest(proxy)
    alone.switch(0, 0, to)
    with reverts(NO_DATA):
        latest(proxy)
    assert alone.fault() == FAILED
    alone.wait(10)
    alone.answer(0, 0, 2_050 * 10**8)
    assert alone.fault() == ""
    assert alone.mid() == 2_050 * WAD
    assert latest(proxy) == model_round(alone)
    assert latest(proxy).round_id - old.round_id == PHASE
    assert Round(*proxy.getRoundData(old.round_id)) == old
    alone.refresh()


def test_six_phases_and_back_to_the_first_aggregator(alone: ChainlinkHarness) -> None:
    """An aggregator that returns is a phase of its own, its rounds go on."""
    first = alone.source(0).aggregator
    assert first is not None
    for phase in range(2, 6):
        alone.switch(0, 0, alone.aggregator())
        alone.answer(0, 0, ANSWER + phase)
        assert latest(alone.feed(0)) == model_round(alone)
        assert alone.mid() == 2_000 * WAD + phase * 10**10
    found = alone.switch(0, 0, first)
    found.number = 1
    alone.wait(5)
    alone.given(0, 0, found.round(ANSWER, alone.now - 5))
    assert latest(alone.feed(0)).round_id == 6 * PHASE + 1
    assert alone.mid() == 2_000 * WAD
    alone.answer(0, 0, ANSWER + 6)
    assert latest(alone.feed(0)).round_id == 6 * PHASE + 2
    assert alone.mid() == 2_000 * WAD + 6 * 10**10


@pytest.mark.parametrize("to", ["0x" + "00" * 20, "0x" + "12" * 20])
def test_a_proxy_onto_nothing(alone: ChainlinkHarness, to: str) -> None:
    alone.switch(0, 0, to)
    assert alone.fault() == FAILED
    alone.switch(0, 0, alone.aggregator())
    alone.answer(0, 0, ANSWER)
    assert alone.fault() == ""


def test_only_its_owner_moves_a_proxy(alone: ChainlinkHarness, attacker: str) -> None:
    proxy, to = alone.feed(0), alone.aggregator()
    with reverts("Only callable by owner"):
        proxy.proposeAggregator(to, sender=attacker)
    with reverts("Invalid proposed aggregator"):
        proxy.confirmAggregator(to, sender=alone.owner)
    alone.check()


def test_the_other_source_serves_through_a_change(pair: ChainlinkHarness) -> None:
    """The primary's new aggregator is empty, the secondary goes on. [O-READ-7]"""
    pair.price(0, 2_010 * USD, 1)
    pair.switch(0, 0, pair.aggregator())
    assert pair.fault() == ""
    assert pair.mid() == 2_010 * WAD
    pair.answer(0, 0, ANSWER)
    assert pair.fault() == ""
    assert pair.mid() == 2_000 * WAD
    pair.switch(0, 1, pair.aggregator())
    pair.switch(COLLATERAL, 0, pair.aggregator())
    assert pair.fault() == ""


# rounds that are none


def test_rounds_that_are_none_have_no_data(alone: ChainlinkHarness) -> None:
    """Round 0 of a phase, rounds to come, and phases that are not."""
    proxy = alone.feed(0)
    for number in (PHASE, PHASE + 2, PHASE + 2**32, 2 * PHASE - 1):
        with reverts(NO_DATA):
            proxy.getRoundData(number)
    for number in (0, 1, 2 * PHASE + 1):  # no aggregator there
        with reverts(""):
            proxy.getRoundData(number)
    assert alone.fault() == ""


def zeros(harness: ChainlinkHarness, phase: int, number: int = 0) -> Contract:
    """An aggregator that has no answer and gives zeros for it, which is what
    mainnet's archive holds as round 0 of ether's sixth phase. With a number:
    zeros again after answers."""
    made = harness.chain.deploy("MockFeed", 8, 1, sender=harness.owner)
    made.set_round(number, 0, 0, 0, number, sender=harness.owner)
    while harness.source(0).phase < phase - 1:
        harness.switch(0, 0, harness.aggregator())
    harness.switch(0, 0, made)
    answered = phase * PHASE + number
    harness.given(0, 0, Round(answered, 0, 0, 0, answered))
    return made


def test_the_all_zero_round(alone: ChainlinkHarness) -> None:
    """Under the phase's id it is number 6 * 2**64, and not complete. [O-READ-5]"""
    made = zeros(alone, 6)
    assert latest(alone.feed(0)) == Round(110_680_464_442_257_309_696, 0, 0, 0, 6 * PHASE)
    assert alone.fault() == INCOMPLETE
    now = alone.now
    made.set_round(1, ANSWER, now, now, 1, sender=alone.owner)
    alone.given(0, 0, Round(6 * PHASE + 1, ANSWER, now, now, 6 * PHASE + 1))
    assert alone.fault() == ""


def test_the_all_zero_round_beside_another_source(pair: ChainlinkHarness) -> None:
    """[O-READ-7]"""
    zeros(pair, 2)
    assert pair.fault() == ""
    assert pair.mid() == 2_000 * WAD
    zeros(pair, 3, 5)
    assert pair.fault() == ""
    pair.refresh()


# access


@pytest.fixture
def guarded(chain: LocalBackend, owner: str, alone: ChainlinkHarness) -> Contract:
    """A controller of the proxy's readers, which knows nobody."""
    controller = chainlink_deploy(chain, "SimpleReadAccessController", sender=owner)
    alone.feed(0).setController(controller, sender=owner)
    return controller


def test_a_proxy_that_lets_us_read_no_more(
    alone: ChainlinkHarness, guarded: Contract, owner: str
) -> None:
    """Accounts without code read all the same, which hides it from whoever
    looks from outside. Secondaries are for this. [O-READ-6]"""
    answered = model_round(alone)
    assert latest(alone.feed(0)) == answered
    alone.given(0, 0, None)
    assert alone.fault() == FAILED
    for open_, close in (
        (("addAccess", alone.oracle), ("removeAccess", alone.oracle)),
        (("disableAccessCheck",), ("enableAccessCheck",)),
    ):
        guarded.method(open_[0])(*open_[1:], sender=owner)
        alone.given(0, 0, answered)
        assert alone.fault() == ""
        guarded.method(close[0])(*close[1:], sender=owner)
        alone.given(0, 0, None)
        assert alone.fault() == FAILED
    alone.feed(0).setController("0x" + "00" * 20, sender=owner)
    alone.given(0, 0, answered)
    assert alone.fault() == ""


def test_deployment_needs_access_first(
    chain: LocalBackend, owner: str, alone: ChainlinkHarness, guarded: Contract
) -> None:
    """The constructor reads prices: the address to come is let in beforehand."""
    arguments = alone.arguments()
    with reverts(FAILED):
        chain.deploy("IndexOracle", *arguments, sender=owner)
    to_come = create_address(owner, chain.nonce(owner) + 1)
    guarded.addAccess(to_come, sender=owner)
    made = chain.deploy("IndexOracle", *arguments, sender=owner)
    assert made.address == to_come
    assert made.usable()


# gas


def test_gas_of_one_reading(alone: ChainlinkHarness) -> None:
    """A healthy reading is far from the 300,000 that a feed is given at most."""
    receipt = alone.chain.send(
        alone.feed(0).address, alone.feed(0).encode("latestRoundData"), alone.owner
    )
    assert receipt.gas_used - 21_000 < 30_000
