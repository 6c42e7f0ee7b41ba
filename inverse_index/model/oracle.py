# SPDX-License-Identifier: AGPL-3.0-only
"""Model of IndexOracle: the same integers, the same reasons, no chain.

Feeds are values that the caller replaces; time (unix seconds) is an argument.
Prices, spreads, weights, units and the level are WAD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntFlag
from typing import Any

from .fixed import MAX_UINT256, WAD, Revert, ceil_div, require

MIN_DELAY = 2 * 86_400
MAX_UNITS = 2**112
MAX_MID = 2**104
MAX_ANSWER = 2**128

FEED_FAILED = "oracle: feed call failed"
ROUND_INCOMPLETE = "oracle: round incomplete"
NOT_POSITIVE = "oracle: price not positive"
STALE_PRICE = "oracle: stale price"
OUT_OF_BOUNDS = "oracle: price out of bounds"
SEQUENCER_FAILED = "oracle: sequencer feed failed"
SEQUENCER_DOWN = "oracle: sequencer down"
SEQUENCER_GRACE = "oracle: sequencer grace period"
SPREAD_TOO_WIDE = "oracle: sources disagree"


class Restriction(IntFlag):
    """As `IIndexOracle.Restriction`."""

    STEP = 1
    SPREAD = 2


@dataclass(frozen=True, slots=True)
class Round:
    """Answer of one feed, as `latestRoundData` returns it."""

    round_id: int
    answer: int
    started_at: int
    updated_at: int
    answered_in: int


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed and its latest round; no round means that the call fails."""

    decimals: int
    heartbeat: int
    round: Round | None = None

    def at(self, answer: int, now: int) -> Feed:
        """The feed after a complete round at time `now`."""
        round_id = 1 if self.round is None else self.round.round_id + 1
        return replace(self, round=Round(round_id, answer, now, now, round_id))


@dataclass(slots=True)
class Asset:
    """Sources and bounds (WAD USD) of a component or of the collateral."""

    primary: Feed
    secondary: Feed | None
    min_price: int
    max_price: int


@dataclass(frozen=True, slots=True)
class OracleParameters:
    """As `IIndexOracle.Parameters`, the sequencer's feed apart."""

    min_spread: int
    fallback_spread: int
    max_spread: int
    step_limit: int
    step_delay: int
    sequencer_grace: int = 0
    reweight_interval: int = 0
    reweight_offset: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """As `IIndexOracle.Prices`."""

    mid: tuple[int, ...]
    spread: tuple[int, ...]
    updated_at: int
    restriction: Restriction


@dataclass(frozen=True, slots=True)
class Composition:
    """As `IIndexOracle.Composition`."""

    units: tuple[int, ...]
    version: int
    effective_at: int
    due_at: int


@dataclass(frozen=True, slots=True)
class _Source:
    price: int
    spread: int
    updated_at: int
    confirmed: bool


@dataclass(slots=True)
class _Component:
    units: int
    accepted: int
    step_at: int = 0


def index_level_down(units: Sequence[int], mid: Sequence[int]) -> int:
    """Level of the index, WAD."""
    return sum(u * p for u, p in zip(units, mid, strict=True)) // WAD


class OracleModel:
    """The components' feeds, the collateral's, and the index made of them."""

    def __init__(
        self,
        components: Sequence[Asset],
        collateral: Asset,
        weights: Sequence[int],
        base_level: int,
        parameters: OracleParameters,
        now: int,
        sequencer: Feed | None = None,
    ) -> None:
        self.components = list(components)
        self.collateral = collateral
        self.parameters = parameters
        self.sequencer = sequencer
        self.weights = tuple(weights)
        self.scheduled_weights: tuple[int, ...] = ()
        self.scheduled_at = 0
        self.version = 1
        self.interval = self._interval(now)
        self.effective_at = now
        self._states = [_Component(0, 0) for _ in components]
        prices = self.read(now)
        require(Restriction.SPREAD not in prices.restriction, SPREAD_TOO_WIDE)
        units = _units_down(self.weights, base_level, prices.mid)
        self._states = [_Component(u, p) for u, p in zip(units, prices.mid, strict=True)]

    def state(self) -> dict[str, Any]:
        """Everything that is stored, for comparison."""
        return {
            "weights": self.weights,
            "scheduled": (self.scheduled_weights, self.scheduled_at),
            "version": self.version,
            "units": tuple(each.units for each in self._states),
            "accepted": tuple((each.accepted, each.step_at) for each in self._states),
        }

    # views

    def usable(self, now: int) -> bool:
        """Whether `read` would not revert."""
        try:
            self.read(now)
        except Revert:
            return False
        return True

    def read(self, now: int) -> Prices:
        """Current prices, or a revert with the first fault's reason."""
        self._check_sequencer(now)
        limit = self.parameters.max_spread
        collateral = self._source(self.collateral, now)
        restriction = Restriction(0)
        if collateral.spread > limit:
            restriction = Restriction.SPREAD
        mids, spreads, updated_at = [], [], collateral.updated_at
        for asset, state in zip(self.components, self._states, strict=True):
            source = self._source(asset, now)
            mid = source.price * WAD // collateral.price
            require(0 < mid < MAX_MID, OUT_OF_BOUNDS)
            mids.append(mid)
            spreads.append(source.spread + collateral.spread)
            updated_at = max(updated_at, source.updated_at)
            if source.spread > limit:
                restriction |= Restriction.SPREAD
            if not source.confirmed and self._steps(state, mid, now):
                restriction |= Restriction.STEP
        return Prices(tuple(mids), tuple(spreads), updated_at, restriction)

    def composition(self) -> Composition:
        """Units in force."""
        units = tuple(state.units for state in self._states)
        return Composition(units, self.version, self.effective_at, self._due_at())

    def level(self, now: int) -> int:
        """Index level, WAD, rounded down."""
        return index_level_down(self.composition().units, self.read(now).mid)

    # actions

    def refresh(self, now: int) -> tuple[Prices, Composition]:
        """Accept prices; put a due change of units into force."""
        prices = self.read(now)
        require(Restriction.SPREAD not in prices.restriction, SPREAD_TOO_WIDE)
        composition = self.composition()
        if now >= composition.due_at:
            composition = self._reconstitute(composition, prices.mid, now)
        rows = zip(self.components, self._states, composition.units, prices.mid, strict=True)
        self._states = [self._accepted(*row, now) for row in rows]
        return prices, composition

    def schedule_reconstitution(self, weights: Sequence[int], now: int) -> None:
        """Announce weights."""
        require(self.scheduled_at == 0, "oracle: already scheduled")
        require(len(weights) == len(self.components), "oracle: one weight per component")
        require(sum(weights) == WAD, "oracle: weights must sum to 1e18")
        self.scheduled_weights = tuple(weights)
        self.scheduled_at = now + MIN_DELAY

    def cancel_reconstitution(self) -> None:
        """Withdraw announced weights."""
        require(self.scheduled_at != 0, "oracle: nothing scheduled")
        self.scheduled_weights, self.scheduled_at = (), 0

    # sources

    def _source(self, asset: Asset, now: int) -> _Source:
        p = self.parameters
        first = _answer(asset.primary, asset, now)
        if asset.secondary is None:
            price, updated_at = _usable(first)
            return _Source(price, p.min_spread, updated_at, False)
        second = _answer(asset.secondary, asset, now)
        if isinstance(first, tuple) and isinstance(second, tuple):
            gap = ceil_div(abs(first[0] - second[0]) * WAD, first[0])
            return _Source(first[0], max(gap, p.min_spread), first[1], gap <= p.max_spread)
        survivor = second if not isinstance(first, tuple) and isinstance(second, tuple) else first
        price, updated_at = _usable(survivor)
        return _Source(price, p.fallback_spread, updated_at, False)

    def _check_sequencer(self, now: int) -> None:
        if self.sequencer is None:
            return
        latest = self.sequencer.round
        if latest is None or latest.started_at == 0 or latest.started_at > now:
            raise Revert(SEQUENCER_FAILED)
        require(latest.answer == 0, SEQUENCER_DOWN)
        require(now - latest.started_at >= self.parameters.sequencer_grace, SEQUENCER_GRACE)

    # steps

    def _steps(self, state: _Component, mid: int, now: int) -> bool:
        gap = abs(state.accepted - mid)
        if gap * WAD <= state.accepted * self.parameters.step_limit:
            return False
        return state.step_at == 0 or now < state.step_at + self.parameters.step_delay

    def _accepted(
        self, asset: Asset, before: _Component, units: int, mid: int, now: int
    ) -> _Component:
        if self._steps(before, mid, now) and not self._source(asset, now).confirmed:
            return _Component(units, before.accepted, before.step_at or now)
        return _Component(units, mid)

    # index

    def _interval(self, now: int) -> int:
        p = self.parameters
        return (now - p.reweight_offset) // p.reweight_interval if p.reweight_interval else 0

    def _due_at(self) -> int:
        p = self.parameters
        due_at = self.scheduled_at or MAX_UINT256
        if p.reweight_interval:
            boundary = (self.interval + 1) * p.reweight_interval + p.reweight_offset
            due_at = min(due_at, boundary)
        return due_at

    def _reconstitute(self, before: Composition, mid: Sequence[int], now: int) -> Composition:
        level = index_level_down(before.units, mid)
        scheduled = self.scheduled_at != 0 and now >= self.scheduled_at
        weights = self.scheduled_weights if scheduled else self.weights
        units = _units_down(weights, level, mid)
        self.weights = weights
        if scheduled:
            self.scheduled_weights, self.scheduled_at = (), 0
        self.version += 1
        self.interval = self._interval(now)
        self.effective_at = before.due_at
        return Composition(units, self.version, self.effective_at, self._due_at())


def _units_down(weights: Sequence[int], level: int, mid: Sequence[int]) -> tuple[int, ...]:
    units = tuple(w * level // p for w, p in zip(weights, mid, strict=True))
    require(all(u < MAX_UNITS for u in units), "oracle: units out of range")
    return units


def _answer(feed: Feed, asset: Asset, now: int) -> tuple[int, int] | str:
    """WAD USD price and its time, or the reason why there is none."""
    latest = feed.round
    if latest is None:
        return FEED_FAILED
    incomplete = latest.round_id == 0 or latest.updated_at == 0 or latest.updated_at > now
    if incomplete or latest.answered_in < latest.round_id:
        return ROUND_INCOMPLETE
    if latest.answer <= 0:
        return NOT_POSITIVE
    if now - latest.updated_at > feed.heartbeat:
        return STALE_PRICE
    price = latest.answer * 10 ** (18 - feed.decimals)
    if latest.answer >= MAX_ANSWER or not asset.min_price <= price <= asset.max_price:
        return OUT_OF_BOUNDS
    return price, latest.updated_at


def _usable(answer: tuple[int, int] | str) -> tuple[int, int]:
    if isinstance(answer, str):
        raise Revert(answer)
    return answer
