# SPDX-License-Identifier: AGPL-3.0-only
"""The runner on a real token; only the passing of time is arranged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.errors import Unreachable
from inverse_index.keeper import Blocked, Keeper, Policy, Rebalance, Wait, look
from inverse_index.keeper.look import price_reason
from tests.support.assertions import only_event
from tests.support.constants import DAY, START
from tests.support.system_harness import SystemHarness, deploy_harness


class ChainClock:
    """Sleeping lets the chain's time pass; after `naps` it is Ctrl-C."""

    def __init__(self, chain: LocalBackend, naps: int) -> None:
        self.chain = chain
        self.naps = naps
        self.slept: list[float] = []

    def time(self) -> float:
        return float(self.chain.now())

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self.naps:
            raise KeyboardInterrupt
        self.chain.increase_time(int(seconds))


class Faulty:
    """The real backend behind a network that fails at the given calls."""

    def __init__(self, backend: LocalBackend, failures: list[Exception | None]) -> None:
        self._backend = backend
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def call(self, to: str, data: bytes, sender: str | None = None) -> bytes:
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        return self._backend.call(to, data, sender)


def faulty_system(harness: SystemHarness, *failures: Exception | None) -> Any:
    """The same contracts, all reached through a faulty backend."""
    backend = Faulty(harness.chain, list(failures))
    return type(harness.system).from_record(backend, "test", harness.system.record())


def test_look_sees_what_the_token_says(harness: SystemHarness, keeper: str) -> None:
    now = look(harness.system, keeper)
    assert (now.price_reason, now.reason, now.gas, now.base_fee) == ("", "", 0, 0)
    assert now.report == harness.report()
    harness.chain.increase_time(8 * DAY)
    assert look(harness.system, keeper).price_reason == "oracle: stale price"
    assert price_reason(harness.system) == "oracle: stale price"


def test_look_rehearses_what_is_due(harness: SystemHarness, keeper: str, owner: str) -> None:
    """Selling costs more than a bound of one basis point."""
    harness.move(-15)
    parameters = replace(harness.plan.parameters, slippage_bps=1)
    harness.token.set_parameters(parameters, sender=owner)
    assert look(harness.system, keeper).reason == "vault: slippage above bound"


def test_once_rebalances(harness: SystemHarness, keeper: str) -> None:
    harness.move(3, DAY + 1_800)
    told: list[dict[str, Any]] = []
    robot = Keeper(harness.system, keeper, Policy(), tell=told.append)
    due = harness.token.due()
    action = robot.once()
    assert action == Rebalance(due.triggers, due.reward, None)
    assert harness.token.due().triggers == 0
    assert harness.system.collateral.balanceOf(keeper) == due.reward > 0
    (event,) = told
    assert event["event"] == "rebalanced"
    assert (event["why"], event["reward"], event["complete"]) == ("epoch", due.reward, True)
    assert robot.summary.rebalances == 1
    assert robot.summary.reward == due.reward
    assert robot.summary.gas_used == event["gas_used"]


def test_the_reward_goes_where_it_is_told(
    harness: SystemHarness, keeper: str, second_holder: str
) -> None:
    harness.move(3, DAY + 1_800)
    reward = harness.token.due().reward
    Keeper(harness.system, keeper, Policy(), receiver=second_holder).once()
    assert harness.system.collateral.balanceOf(second_holder) == reward
    assert harness.system.collateral.balanceOf(keeper) == 0


def test_dry_run_sends_nothing(harness: SystemHarness, keeper: str) -> None:
    harness.move(3, DAY + 1_800)
    before, nonce = harness.report(), harness.chain.nonce(keeper)
    told: list[dict[str, Any]] = []
    Keeper(harness.system, keeper, Policy(), tell=told.append, dry_run=True).once()
    assert harness.report() == before
    assert harness.chain.nonce(keeper) == nonce
    assert told == [
        {
            "event": "would rebalance",
            "time": harness.now,
            "why": "epoch",
            "reward": before.reward,
            "gas_cost": None,
        }
    ]


def test_once_waits_and_blocks(harness: SystemHarness, keeper: str) -> None:
    told: list[dict[str, Any]] = []
    robot = Keeper(harness.system, keeper, Policy(), tell=told.append)
    assert robot.once() == Wait(START + DAY, "not due")
    harness.chain.increase_time(8 * DAY)
    assert robot.once() == Blocked("oracle: stale price")
    assert told == [
        {"event": "wait", "time": START, "until": START + DAY, "why": "not due"},
        {"event": "blocked", "time": START + 8 * DAY, "why": "oracle: stale price"},
    ]


def test_once_lets_failures_through(harness: SystemHarness, keeper: str) -> None:
    robot = Keeper(faulty_system(harness, Unreachable("no answer", "wait")), keeper, Policy())
    with pytest.raises(Unreachable, match="no answer"):
        robot.once()


def test_watch_sleeps_until_the_epoch_and_rebalances(harness: SystemHarness, keeper: str) -> None:
    harness.chain.increase_time(DAY - 100)
    clock = ChainClock(harness.chain, naps=4)
    robot = Keeper(harness.system, keeper, Policy(), clock=clock)
    summary = robot.watch(interval=60)
    assert clock.slept == [60.0, 40.0, 60, 60.0]
    assert (summary.rounds, summary.rebalances, summary.failures) == (4, 1, 0)
    assert harness.report().state.reset.at == START + DAY
    assert harness.report().state.reset.epoch == (START + DAY) // DAY


def test_watch_backs_off_and_goes_on(harness: SystemHarness, keeper: str) -> None:
    down = Unreachable("no answer", "wait")
    clock = ChainClock(harness.chain, naps=5)
    told: list[dict[str, Any]] = []
    robot = Keeper(
        faulty_system(harness, down, down, down), keeper, Policy(), clock=clock, tell=told.append
    )
    summary = robot.watch(interval=60)
    assert clock.slept == [1, 2, 4, 60.0, 60.0]
    assert [event["event"] for event in told] == ["retry"] * 3 + ["wait"] * 2
    assert told[0] == {"event": "retry", "why": "no answer; wait", "seconds": 1}
    assert (summary.rounds, summary.failures) == (5, 3)


def test_watch_survives_a_lost_race(harness: SystemHarness, keeper: str, attacker: str) -> None:
    """Somebody rebalances between the look and the sending."""
    harness.move(3, DAY + 1_800)

    class Slow:
        def send(self, to: str, data: bytes, sender: str) -> Any:
            harness.token.rebalance(sender=attacker)
            return harness.chain.send(to, data, sender)

    told: list[dict[str, Any]] = []
    clock = ChainClock(harness.chain, naps=2)
    robot = Keeper(harness.system, keeper, Policy(), sender=Slow(), clock=clock, tell=told.append)
    summary = robot.watch(interval=60)
    assert told[0] == {"event": "failed", "why": "token: rebalance not due"}
    assert told[1]["event"] == "wait"
    assert (summary.rebalances, summary.failures) == (0, 1)


def test_watch_does_not_hide_defects(harness: SystemHarness, keeper: str) -> None:
    clock = ChainClock(harness.chain, naps=2)
    robot = Keeper(faulty_system(harness, ZeroDivisionError()), keeper, Policy(), clock=clock)
    with pytest.raises(ZeroDivisionError):
        robot.watch(interval=60)


def test_a_large_rebalance_is_done_in_parts(
    harness: SystemHarness, keeper: str, depositor: str
) -> None:
    """One component of at most 200,000 USDC a trade: 5 million take several."""
    harness.deposit(3_000_000 * harness.system.unit, depositor)
    harness.move(15)
    clock = ChainClock(harness.chain, naps=8)
    told: list[dict[str, Any]] = []
    robot = Keeper(harness.system, keeper, Policy(), clock=clock, tell=told.append)
    summary = robot.watch(interval=300)
    parts = [event for event in told if event["event"] == "rebalanced"]
    assert [part["complete"] for part in parts] == [False] * (len(parts) - 1) + [True]
    assert len(parts) > 1
    assert summary.rebalances == len(parts)
    assert parts[1]["why"].endswith("chunk")


def test_rebalanced_event_is_the_contracts(harness: SystemHarness, keeper: str) -> None:
    harness.move(3, DAY)
    told: list[dict[str, Any]] = []
    receipts: list[Any] = []

    class Keeping:
        def send(self, to: str, data: bytes, sender: str) -> Any:
            receipts.append(harness.chain.send(to, data, sender))
            return receipts[-1]

    Keeper(harness.system, keeper, Policy(), sender=Keeping(), tell=told.append).once()
    (logged,) = [e for e in receipts[0].events(harness.token) if e.name == "Rebalanced"]
    only_event(receipts[0], harness.token, "Rebalanced", **logged.args)
    for name in ("leverage_before", "leverage_after", "cost", "tracking_difference"):
        assert told[0][name] == logged.args[name]


def test_it_starts_the_clock_of_a_step_once(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """And rebalances when the delay is over."""
    lone = deploy_harness(chain, owner, keeper, secondaries=False)
    lone.fund(depositor)
    lone.deposit(100_000 * lone.system.unit, depositor)
    lone.move(25)
    told: list[dict[str, Any]] = []
    Keeper(lone.system, keeper, Policy(), tell=told.append, dry_run=True).once()
    assert lone.system.oracle.accepted(0)[1] == 0
    for _ in range(2):
        Keeper(lone.system, keeper, Policy(), tell=told.append).once()
    assert [event["event"] for event in told] == ["would refresh", "refreshed", "wait"]
    assert {event["why"] for event in told} == {"oracle: price step unconfirmed"}
    assert lone.system.oracle.accepted(0)[1] == told[1]["time"]
    chain.increase_time(lone.plan.oracle.step_delay)
    assert isinstance(Keeper(lone.system, keeper, Policy()).once(), Rebalance)
    lone.move(25)
    chain.increase_time(1)
    assert look(lone.system, keeper).unobserved
