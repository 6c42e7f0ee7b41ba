# SPDX-License-Identifier: AGPL-3.0-only
"""What a keeper should do now. Pure: no chain, no clock, no output.

Rewards and costs are collateral in native decimals, gas fees wei per gas, times
unix seconds of the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import reasons
from ..config.units import format_units
from ..model.fixed import BPS, MAX_UINT256, WAD, ceil_div
from ..model.oracle.prices import Restriction
from ..model.oracle.reconstitution import Composition
from ..model.policy.triggers import Clock, Flows, Observation, Reset, Trigger, due
from ..model.token.modes import Mode
from ..plan.parameters import Parameters

GWEI = 10**9
NOT_DUE = reasons.TOKEN_NOT_DUE
WIPED_OUT = reasons.TOKEN_WIPED_OUT


@dataclass(frozen=True, slots=True)
class Policy:
    """When a rebalance is worth it.

    min_reward: collateral; below it the keeper waits for the reward to rise.
    max_base_fee: wei per gas; above it the keeper waits. None: any.
    native_price: WAD, whole collateral units per whole native coin. With it the
        reward must also cover the gas; None: gas is not counted.
    priority_fee: wei per gas, paid on top of the base fee.
    margin_bps: the reward must exceed the cost of gas by this much.

    An emergency ignores all of them.
    """

    min_reward: int = 0
    max_base_fee: int | None = None
    native_price: int | None = None
    priority_fee: int = GWEI
    margin_bps: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the keeper sees.

    report: the lens's report, or anything with its fields.
    price_reason: why the oracle's prices are unusable, "" when they are usable.
    unobserved: a price steps, and no clock runs after which it would be accepted.
    reason: why `rebalance` would revert now, "" when it would not.
    gas: what it would use, 0 when unknown.
    base_fee: of the latest block.
    """

    report: Any
    price_reason: str = ""
    unobserved: bool = False
    reason: str = ""
    gas: int = 0
    base_fee: int = 0


@dataclass(frozen=True, slots=True)
class Rebalance:
    """Send it. cost: of the gas, collateral; None when it is not counted."""

    triggers: Trigger
    reward: int
    cost: int | None

    @property
    def emergency(self) -> bool:
        return bool(self.triggers & Trigger.EMERGENCY)

    @property
    def why(self) -> str:
        return trigger_names(self.triggers)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do. until: look again then; None when no time is known."""

    until: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A rebalance is due or may be, and cannot be done."""

    why: str


@dataclass(frozen=True, slots=True)
class Observe:
    """Refresh the oracle, which starts the clock of a step: the rebalance waits for it."""

    why: str


Action = Rebalance | Wait | Blocked | Observe


def decide(seen: Seen, policy: Policy, now: int) -> Action:
    """The one thing to do at time `now`."""
    report = seen.report
    mode = Mode(report.state.mode)
    if mode == Mode.SETTLED:
        return Wait(None, "the token is settled")
    if report.state.supply == 0:
        return Wait(None, "no shares exist")
    winding_down = mode == Mode.WINDING_DOWN  # at closing prices, or by release of what is lost
    if not winding_down and not report.usable:
        return Blocked(seen.price_reason or "oracle: prices unusable")
    if not winding_down and report.mid == 0:
        return Blocked(WIPED_OUT)
    triggers, reward = due_at(report, now)
    if not triggers:
        return _not_due(seen, policy, now)
    if seen.reason == NOT_DUE:  # somebody else was faster
        return Wait(None, "not due any more")
    if seen.reason:
        return Blocked(seen.reason)
    cost = gas_cost_up(seen, policy)
    if not triggers & Trigger.EMERGENCY:
        wait = _patience(seen, policy, cost, reward, now)
        if wait is not None:
            return wait
    return Rebalance(triggers, reward, cost)


def due_at(report: Any, moment: int) -> tuple[Trigger, int]:
    """Triggers and reward at a moment, net asset value and prices staying as they are.
    What a reset has left to trade bounds the reward of its rest: where the token says
    less than time alone would pay, that is the bound."""
    if _steps(report):
        return Trigger(report.triggers), report.reward  # depends on what was accepted
    triggers, reward = _due_by_time(report, moment)
    if Trigger.CHUNK in triggers and report.reward < _due_by_time(report, report.timestamp)[1]:
        reward = min(reward, report.reward)
    return triggers, reward


def _due_by_time(report: Any, moment: int) -> tuple[Trigger, int]:
    state, composition = report.state, report.composition
    return due(
        Observation(
            report.mid,
            report.exposure,
            report.prices.updated_at,
            state.supply,
            state.winding_down_since,
            state.mode == Mode.SETTLED,
            state.doubled_at,
        ),
        Parameters(*state.parameters),
        Reset(*state.reset),
        Flows(*state.flows),
        Composition(
            tuple(composition.units),
            composition.version,
            composition.effective_at,
            composition.due_at,
        ),
        Clock(state.epoch_interval, state.epoch_offset),
        state.multiple,
        state.unit,
        moment,
    )


def next_event(report: Any, now: int) -> int | None:
    """When a rebalance will be due by time alone; None if it already can be."""
    state = report.state
    clock = Clock(state.epoch_interval, state.epoch_offset)
    moments = [clock.starts_at(state.reset.epoch + 1), report.composition.due_at]
    if abs(state.flows.unhedged) * BPS > state.parameters.tolerance_bps * report.mid:
        moments.append(state.reset.at + state.parameters.reward_ramp)
    if state.reset.chunk_due_at:
        moments = [state.reset.chunk_due_at]
    coming = [moment for moment in moments if now < moment < MAX_UINT256]
    return min(coming, default=None)


def gas_cost_up(seen: Seen, policy: Policy) -> int | None:
    """Gas of the rebalance in collateral, rounded up; None when it is not counted."""
    return cost_of_gas_up(seen.gas, seen.base_fee, policy, seen.report.state.unit)


def cost_of_gas_up(gas: int, base_fee: int, policy: Policy, unit: int) -> int | None:
    """Gas in collateral, of which `unit` is one whole, rounded up; None when it is not
    counted."""
    if policy.native_price is None:
        return None
    wei = gas * (base_fee + policy.priority_fee)
    return ceil_div(wei * policy.native_price * unit, WAD * WAD)


def trigger_names(triggers: int) -> str:
    """As in "epoch and drift"."""
    names = [trigger.name.lower() for trigger in Trigger if trigger & triggers and trigger.name]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _steps(report: Any) -> bool:
    return bool(report.prices.restriction & Restriction.STEP)


def _not_due(seen: Seen, policy: Policy, now: int) -> Action:
    if not _steps(seen.report):
        return Wait(next_event(seen.report, now), "not due")
    costly = policy.max_base_fee is not None and seen.base_fee > policy.max_base_fee
    if seen.unobserved and not costly:
        return Observe(reasons.PRICE_STEP)
    return Wait(None, reasons.PRICE_STEP)


def _patience(seen: Seen, policy: Policy, cost: int | None, reward: int, now: int) -> Wait | None:
    """Why to wait although it is due; None to go on."""
    if policy.max_base_fee is not None and seen.base_fee > policy.max_base_fee:
        return Wait(None, f"base fee {_gwei(seen.base_fee)} above {_gwei(policy.max_base_fee)}")
    wanted = wanted_up(policy, cost)
    if reward >= wanted:
        return None
    return _wait_for(seen.report, wanted, reward, now)


def wanted_up(policy: Policy, cost: int | None) -> int:
    """The least reward that is worth it, collateral."""
    covered = 0 if cost is None else ceil_div(cost * (BPS + policy.margin_bps), BPS)
    return max(policy.min_reward, covered)


def _wait_for(report: Any, wanted: int, reward: int, now: int) -> Wait:
    """The first second in which the reward is high enough, by bisection: it never falls."""
    low, high = now, now + report.state.parameters.reward_ramp
    now_text, wanted_text = _amount(report, reward), _amount(report, wanted)
    if due_at(report, high)[1] < wanted:
        return Wait(None, f"reward {now_text} will not reach {wanted_text}")
    while high - low > 1:
        middle = (low + high) // 2
        if due_at(report, middle)[1] < wanted:
            low = middle
        else:
            high = middle
    return Wait(high, f"reward {now_text} below {wanted_text}")


def _amount(report: Any, collateral: int) -> str:
    return format_units(collateral, len(str(report.state.unit)) - 1)


def _gwei(wei: int) -> str:
    return f"{wei / GWEI:g} gwei"
