# SPDX-License-Identifier: AGPL-3.0-only
"""When a rebalance is due and what the keeper earns: the module `triggers`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from ...plan.parameters import Parameters
from ..fixed import BPS, MAX_UINT256, WAD
from ..oracle.reconstitution import Composition
from ..token import nav

BPS_WAD = 10**14


class Trigger(IntFlag):
    """As `IInverseIndexToken.Trigger`."""

    EPOCH = 1
    DRIFT = 2
    EMERGENCY = 4
    RECONSTITUTION = 8
    NETTING = 16
    CHUNK = 32
    WIND_DOWN = 64


@dataclass(frozen=True, slots=True)
class Clock:
    """Epochs begin every `interval` seconds, number 0 at `offset`."""

    interval: int
    offset: int

    def epoch(self, now: int) -> int:
        return (now - self.offset) // self.interval

    def starts_at(self, epoch: int) -> int:
        return epoch * self.interval + self.offset


@dataclass(frozen=True, slots=True)
class Reset:
    """As `IInverseIndexToken.Reset`."""

    epoch: int
    version: int
    at: int
    chunk_due_at: int
    nav: int
    level: int
    nav_per_share: int


@dataclass(frozen=True, slots=True)
class Flows:
    """As `IInverseIndexToken.Flows`."""

    unhedged: int = 0
    reserve: int = 0
    netting_since: int = 0
    in_band_at: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """Present values that the triggers depend on."""

    nav: int
    exposure: int
    prices_at: int
    supply: int
    winding_down_since: int = 0
    settled: bool = False
    doubled_at: int = 0


def due(
    o: Observation,
    p: Parameters,
    reset: Reset,
    flows: Flows,
    composition: Composition,
    clock: Clock,
    multiple: int,
    unit: int,
    now: int,
) -> tuple[Trigger, int]:
    """The triggers that hold and the reward, collateral."""
    triggers = Trigger(0)

    def ramp(since: int) -> int:
        return min((now - since) * WAD // p.reward_ramp, WAD) if now > since else 0

    if o.supply == 0 or now < reset.chunk_due_at or o.settled:
        return triggers, 0
    if o.winding_down_since:
        share = ramp(max(o.winding_down_since, reset.chunk_due_at))
        return Trigger.WIND_DOWN, reward_down(share, o.nav, p, unit)
    if o.nav == 0:
        return triggers, 0

    since: list[int] = []
    waiting_since = MAX_UINT256
    depth = 0
    boundary = clock.starts_at(reset.epoch + 1)
    if now >= boundary:
        triggers |= Trigger.EPOCH
        since.append(boundary)
    changed = composition.version != reset.version
    if changed or now >= composition.due_at:
        triggers |= Trigger.RECONSTITUTION
        since.append(composition.effective_at if changed else composition.due_at)
    earliest = reset.at + p.reward_ramp
    if abs(flows.unhedged) * BPS > p.tolerance_bps * o.nav and now >= earliest:
        triggers |= Trigger.NETTING
        waiting_since = max(flows.netting_since or o.prices_at, earliest)
    leverage = nav.leverage_down(o.exposure, o.nav)
    if not nav.within_band(o.exposure, o.nav, multiple, p.band_bps):
        triggers |= Trigger.DRIFT
        hedged = nav.hedged(o.nav, flows.unhedged)
        if not nav.within_band(o.exposure, hedged, multiple, p.band_bps):
            since.append(max(o.prices_at, flows.in_band_at))
            depth = depth_share(nav.leverage_down(o.exposure, hedged), multiple, p)
    if leverage >= p.emergency_bps * BPS_WAD:
        triggers |= Trigger.EMERGENCY
    if reset.chunk_due_at:
        triggers |= Trigger.CHUNK
        since, waiting_since, depth = [reset.chunk_due_at], MAX_UINT256, 0
    began = max(min(since, default=MAX_UINT256), reset.at, o.doubled_at)
    reward = reward_down(max(depth, ramp(began)), o.nav, p, unit)
    began = max(waiting_since, reset.at, o.doubled_at)
    of_fees = min(reward_down(ramp(began), o.nav, p, unit), flows.reserve)
    return triggers, max(reward, of_fees)


def reward_down(share: int, n: int, p: Parameters, unit: int) -> int:
    """share * min(reward_bps of N, absolute cap), collateral."""
    return min(n * p.reward_bps // BPS, p.reward_cap * unit) * share // WAD


def depth_share(leverage: int, multiple: int, p: Parameters) -> int:
    """How far the leverage is beyond its band, WAD of the distance from the upper edge
    to the emergency."""
    edge = multiple * (BPS + p.band_bps) * BPS_WAD
    lower_edge = multiple * (BPS - p.band_bps) * BPS_WAD
    whole = p.emergency_bps * BPS_WAD - edge
    return min(max(leverage - edge, lower_edge - leverage, 0), whole) * WAD // whole
