# SPDX-License-Identifier: AGPL-3.0-only
"""The oracle on Chainlink's own uptime feeds for Arbitrum and Optimism, behind
their proxies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.protocols.chainlink import PHASE, chainlink_deploy
from tests.support.assertions import no_event, only_event, reverts
from tests.support.asset_plans import DOLLAR, ETHER
from tests.support.chainlink_harness import RollupHarness, latest
from tests.support.constants import DAY

DOWN = "oracle: sequencer down"
GRACE = "oracle: sequencer grace period"
FAILED = "oracle: sequencer feed failed"


def custom(error: str) -> str:
    """As errors of Solidity's newer kind are told: by their selector."""
    return "0x" + keccak(text=error)[:4].hex()


@pytest.fixture(scope="module", params=["arbitrum", "optimism"])
def _rollup(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, provider: str
) -> RollupHarness:
    plans = [replace(each, secondary_decimals=None, heartbeat=DAY) for each in (ETHER, DOLLAR)]
    return RollupHarness(request.param, chain, owner, provider, plans[:1], plans[1])


@pytest.fixture
def rollup(_rollup: RollupHarness) -> RollupHarness:
    """Ether and the collateral on one proxy each; up for the grace period."""
    harness = _rollup.fork()
    assert isinstance(harness, RollupHarness)
    return harness


def only_on(l2: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("_rollup", [l2], indirect=True)


def test_up(rollup: RollupHarness) -> None:
    assert rollup.status.typeAndVersion() in (
        "ArbitrumSequencerUptimeFeed 1.0.0",
        "OptimismSequencerUptimeFeed 1.0.0",
    )
    told = latest(rollup.status_proxy)
    since = rollup.now - 3_600
    assert (told.round_id, told.answer, told.started_at) == (PHASE + 1, 0, since)
    assert rollup.fault() == ""
    assert rollup.mid() == 2_000 * WAD
    rollup.refresh()


def test_down_and_up_again(rollup: RollupHarness) -> None:
    """Down at once, and the grace period from when it was up again, to the
    second. [O-READ-10]"""
    rollup.wait(100)
    down_at = rollup.now
    receipt = rollup.message(True, down_at)
    only_event(receipt, rollup.status, "AnswerUpdated", current=1, roundId=2, updatedAt=down_at)
    rollup.reported(1, down_at)
    assert rollup.fault() == DOWN
    rollup.wait(2 * 3_600)
    assert rollup.fault() == DOWN
    up_at = rollup.now
    receipt = rollup.message(False, up_at)
    only_event(receipt, rollup.status, "AnswerUpdated", current=0, roundId=3, updatedAt=up_at)
    rollup.reported(0, up_at)
    assert latest(rollup.status_proxy).round_id == PHASE + 3
    assert rollup.fault() == GRACE
    rollup.wait(3_599)
    assert rollup.fault() == GRACE
    rollup.wait(1)
    assert rollup.fault() == ""


@only_on("arbitrum")
def test_messages_come_late_and_twice_on_arbitrum(rollup: RollupHarness) -> None:
    """The time is L1's: grace counts from it, not from the arrival. A repeated
    or older message does not start it anew."""
    up_at = rollup.now + 10
    rollup.message(True, rollup.now)
    rollup.wait(500)  # both arrive with the first blocks after the outage
    rollup.message(False, up_at)
    rollup.reported(0, up_at)
    assert rollup.fault() == GRACE
    for late, at in ((False, rollup.now), (True, up_at - 1)):
        receipt = rollup.message(late, at)
        only_event(
            receipt,
            rollup.status,
            "UpdateIgnored",
            latestStatus=False,
            latestTimestamp=up_at,
            incomingStatus=late,
            incomingTimestamp=at,
        )
        no_event(receipt, rollup.status, "AnswerUpdated")
        assert rollup.fault() == GRACE
    rollup.wait(3_599 - 490)
    assert rollup.fault() == GRACE
    rollup.wait(1)
    assert rollup.fault() == ""


@only_on("optimism")
def test_messages_come_late_and_twice_on_optimism(rollup: RollupHarness) -> None:
    """There a repeated one is the same round at a later time of its update. The
    grace period counts from the round's start all the same."""
    up_at = rollup.now + 10
    rollup.message(True, rollup.now)
    rollup.wait(500)
    rollup.message(False, up_at)
    rollup.reported(0, up_at)
    assert rollup.fault() == GRACE
    rollup.wait(3_599 - 490)
    receipt = rollup.message(False, rollup.now)
    only_event(receipt, rollup.status, "RoundUpdated", status=0, updatedAt=rollup.now)
    told = latest(rollup.status_proxy)
    assert (told.started_at, told.updated_at) == (up_at, rollup.now)
    assert rollup.fault() == GRACE
    receipt = rollup.message(True, up_at - 1)
    only_event(
        receipt,
        rollup.status,
        "UpdateIgnored",
        latestStatus=False,
        latestTimestamp=up_at,
        incomingStatus=True,
        incomingTimestamp=up_at - 1,
    )
    rollup.wait(1)
    assert rollup.fault() == ""


def test_the_clock_of_l1_is_ahead(rollup: RollupHarness) -> None:
    """A start in our future is no start; it becomes one when we get there."""
    at = rollup.now + 12
    for down in (True, False):
        rollup.message(down, at)
        rollup.reported(int(down), at)
        assert rollup.fault() == FAILED
    rollup.wait(12)
    assert rollup.fault() == GRACE


def test_only_l1s_sender_is_believed(rollup: RollupHarness, attacker: str) -> None:
    """Its alias; neither the sender's own address nor anybody else."""
    for sender in (attacker, rollup.owner):
        with reverts(custom("InvalidSender()")):
            rollup.status.updateStatus(True, rollup.now, sender=sender)
    assert rollup.fault() == ""


def test_a_feed_that_the_proxy_may_not_read(rollup: RollupHarness, owner: str) -> None:
    """As it is before its owner lets the proxy in. [O-READ-6]"""
    told = rollup.model.sequencer
    rollup.status.removeAccess(rollup.status_proxy, sender=owner)
    assert told is not None
    rollup.model.sequencer = replace(told, round=None)
    assert rollup.fault() == FAILED
    rollup.status.addAccess(rollup.status_proxy, sender=owner)
    rollup.model.sequencer = told
    assert rollup.fault() == ""


@only_on("arbitrum")
def test_a_feed_that_was_never_started(
    chain: LocalBackend, owner: str, rollup: RollupHarness
) -> None:
    """No oracle can be deployed on it."""
    flags = rollup.status.FLAGS()
    fresh = chainlink_deploy(chain, "ArbitrumSequencerUptimeFeed", flags, owner, sender=owner)
    fresh.disableAccessCheck(sender=owner)
    with reverts(custom("Uninitialized()")):
        fresh.latestRoundData()
    arguments = rollup.arguments()
    arguments[-1] = (*arguments[-1][:4], fresh.address, *arguments[-1][5:])
    with reverts(FAILED):
        chain.deploy("IndexOracle", *arguments, sender=owner)
