# SPDX-License-Identifier: AGPL-3.0-only
"""Model of IndexOracle: the same integers, the same reasons, no chain.

Feeds are values that the caller replaces; time (unix seconds) is an argument.
Prices, spreads, weights, units and the level are WAD; accepted and observed
prices are USD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ... import reasons
from ...reasons import (
    OUT_OF_BOUNDS,
    SEQUENCER_DOWN,
    SEQUENCER_FAILED,
    SEQUENCER_GRACE,
    SPREAD_TOO_WIDE,
)
from ..fixed import MAX_UINT256, WAD, Revert, ceil_div, require
from .feed_answers import Asset, Feed, answer_of, usable
from .prices import Prices, Restriction, combined_up, disagreement_up
from .reconstitution import Composition, index_level_down, units_down

MIN_DELAY = 2 * 86_400
DEAD_DELAY = 10 * 86_400
MAX_HEARTBEAT = 7 * 86_400
MAX_MID = 2**104
MAX_SPREAD = 10**12 * WAD


@dataclass(frozen=True, slots=True)
class OracleParameters:
    """As `IIndexOracle.Parameters`, the sequencer's feed apart."""

    fallback_spread: int
    max_spread: int
    step_limit: int
    step_delay: int
    sequencer_grace: int = 0
    reweight_interval: int = 0
    reweight_offset: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    price: int
    spread: int
    updated_at: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class _State:
    units: int
    accepted: int
    step_at: int = 0
    observed: int = 0


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
        self.unusable_since = 0
        self._last: tuple[Any, tuple[Prices, list[_Source]]] | None = None
        self._heartbeats = [
            (asset.primary.heartbeat, asset.secondary.heartbeat if asset.secondary else 0)
            for asset in (*components, collateral)
        ]
        # By component, the collateral's last; it has no units.
        self._states = [_State(0, 0) for _ in (*components, collateral)]
        prices, sources = self._undisputed(now)
        units = units_down(self.weights, base_level, prices.mid)
        self._states = [
            _State(u, source.price) for u, source in zip((*units, 0), sources, strict=True)
        ]

    def state(self) -> dict[str, Any]:
        """Everything that is stored, for comparison."""
        return {
            "weights": self.weights,
            "scheduled": (self.scheduled_weights, self.scheduled_at),
            "version": self.version,
            "unusable_since": self.unusable_since,
            "units": self.composition().units,
            "accepted": tuple((each.accepted, each.step_at) for each in self._states),
            "observed": tuple(each.observed for each in self._states),
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
        return self._read(now)[0]

    def closing_prices(self, now: int) -> Prices:
        """As `read`, or the last accepted prices at the fallback spread."""
        try:
            return self.read(now)
        except Revert:
            return self._last_accepted()

    def accepted_mid(self, now: int) -> tuple[int, ...]:
        """Mids with the accepted price of every asset that steps, unconfirmed."""
        *components, collateral = self._last_usd(self._read(now)[1], now)
        return tuple(_mid_down(price, collateral) for price in components)

    def extremes(self, i: int, now: int) -> tuple[int, int]:
        """Lowest and highest price of a component that sources and unconfirmed steps leave
        possible."""
        require(i < len(self.components), reasons.ORACLE_COMPONENT)
        low, high = self._extremes_usd(self.components[i], self._states[i], now)
        lowest, highest = self._extremes_usd(self.collateral, self._states[-1], now)
        return low * WAD // highest, ceil_div(high * WAD, lowest)

    def _extremes_usd(self, asset: Asset, state: _State, now: int) -> tuple[int, int]:
        source = self._source(asset, now)
        prices = [source.price]
        if asset.secondary is not None and source.spread > self.parameters.max_spread:
            other = answer_of(asset.secondary, asset, now)
            prices += [other[0]] if isinstance(other, tuple) else []
        if self._steps(state, source, now) and state.accepted:
            prices.append(state.accepted)
        return min(prices), max(prices)

    def dead(self, now: int) -> bool:
        """Unusable now, and for the clock of unusable prices long enough."""
        since = self.unusable_since
        return since != 0 and now >= since + DEAD_DELAY and not self.usable(now)

    def composition(self) -> Composition:
        """Units in force."""
        units = tuple(state.units for state in self._states[:-1])
        return Composition(units, self.version, self.effective_at, self._due_at())

    def level(self, now: int) -> int:
        """Index level, WAD, rounded down."""
        return index_level_down(self.composition().units, self.read(now).mid)

    # actions

    def refresh(self, now: int) -> tuple[Prices, Composition]:
        """Accept prices; put a due change of units into force."""
        prices, sources = self._undisputed(now)
        self.unusable_since = 0
        composition = self.composition()
        if now >= composition.due_at and Restriction.STEP not in prices.restriction:
            composition = self._reconstitute(composition, prices.mid, now)
        rows = zip(self._states, (*composition.units, 0), sources, strict=True)
        self._states = [self._accepted(*row, now) for row in rows]
        return prices, composition

    def try_refresh(self, now: int) -> None:
        """Refresh, or nothing while that is refused."""
        before = dict(self.__dict__)
        try:
            self.refresh(now)
        except Revert:
            self.__dict__.update(before)

    def set_heartbeats(self, i: int, primary: int, secondary: int) -> None:
        """New ages at which answers are stale, no lower than those of the deployment."""
        assets = (*self.components, self.collateral)
        require(i < len(assets), reasons.ORACLE_COUNT)
        for wanted, least in zip((primary, secondary), self._heartbeats[i], strict=True):
            require(least <= wanted <= MAX_HEARTBEAT, reasons.ORACLE_HEARTBEAT)
            require(least > 0 or wanted == 0, reasons.ORACLE_HEARTBEAT)
        asset = assets[i]
        asset.primary = replace(asset.primary, heartbeat=primary)
        if asset.secondary is not None:
            asset.secondary = replace(asset.secondary, heartbeat=secondary)

    def report_unusable(self, now: int) -> None:
        """Start the clock of unusable prices, or stop it when they are usable."""
        if self.usable(now):
            require(self.unusable_since != 0, reasons.ORACLE_USABLE)
            self.unusable_since = 0
        elif self.unusable_since == 0:
            self.unusable_since = now

    def schedule_reconstitution(self, weights: Sequence[int], now: int) -> None:
        """Announce weights."""
        require(self.scheduled_at == 0, reasons.ORACLE_SCHEDULED)
        require(len(weights) == len(self.components), reasons.ORACLE_WEIGHT_COUNT)
        require(sum(weights) == WAD, reasons.ORACLE_WEIGHT_SUM)
        self.scheduled_weights = tuple(weights)
        self.scheduled_at = now + MIN_DELAY

    def cancel_reconstitution(self) -> None:
        """Withdraw announced weights."""
        require(self.scheduled_at != 0, reasons.ORACLE_NOTHING_SCHEDULED)
        self.scheduled_weights, self.scheduled_at = (), 0

    # sources

    def _read(self, now: int) -> tuple[Prices, list[_Source]]:
        """Prices and the sources behind them, the collateral's last. Asked for many
        times in one state: the last answer is kept."""
        assets = (*self.components, self.collateral)
        feeds = tuple((asset.primary, asset.secondary) for asset in assets)
        state = (now, feeds, tuple(self._states), self.sequencer)
        if self._last is None or self._last[0] != state:
            self._last = (state, self._read_anew(now))
        return self._last[1]

    def _read_anew(self, now: int) -> tuple[Prices, list[_Source]]:
        self._check_sequencer(now)
        collateral = self._source(self.collateral, now)
        sources, mids, spreads = [], [], []
        for asset in self.components:
            source = self._source(asset, now)
            mid = source.price * WAD // collateral.price
            require(0 < mid < MAX_MID, OUT_OF_BOUNDS)
            sources.append(source)
            mids.append(mid)
            spreads.append(combined_up(source.spread, collateral.spread))
        sources.append(collateral)
        restriction = Restriction(0)
        if any(self._steps(*pair, now) for pair in zip(self._states, sources, strict=True)):
            restriction |= Restriction.STEP
            spreads = self._widened_up(mids, spreads, sources, now)
        if any(source.spread > self.parameters.max_spread for source in sources):
            restriction |= Restriction.SPREAD
        updated_at = max(source.updated_at for source in sources)
        return Prices(tuple(mids), tuple(spreads), updated_at, restriction), sources

    def _last_accepted(self) -> Prices:
        """The accepted prices, each mid rounded down and kept in its range."""
        *components, collateral = (state.accepted for state in self._states)
        mid = tuple(_mid_down(price, collateral) for price in components)
        half = self.parameters.fallback_spread
        return Prices(mid, (combined_up(half, half),) * len(mid), 0, Restriction(0))

    def _undisputed(self, now: int) -> tuple[Prices, list[_Source]]:
        """Prices on which the sources agree."""
        prices, sources = self._read(now)
        require(Restriction.SPREAD not in prices.restriction, SPREAD_TOO_WIDE)
        return prices, sources

    def _source(self, asset: Asset, now: int) -> _Source:
        p = self.parameters
        first = answer_of(asset.primary, asset, now)
        if asset.secondary is None:
            price, updated_at = usable(first)
            return _Source(price, asset.min_spread, updated_at, False)
        second = answer_of(asset.secondary, asset, now)
        if isinstance(first, tuple) and isinstance(second, tuple):
            gap = disagreement_up(first[0], second[0])
            return _Source(first[0], max(gap, asset.min_spread), first[1], gap <= p.max_spread)
        survivor = second if not isinstance(first, tuple) and isinstance(second, tuple) else first
        price, updated_at = usable(survivor)
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

    def _beyond_limit(self, reference: int, price: int) -> bool:
        return abs(reference - price) * WAD > reference * self.parameters.step_limit

    def _steps(self, state: _State, source: _Source, now: int) -> bool:
        """Is the price a step that neither a second source nor the delay since
        a like price confirms?"""
        if source.confirmed or not self._beyond_limit(state.accepted, source.price):
            return False
        if state.step_at == 0 or now < state.step_at + self.parameters.step_delay:
            return True
        return self._beyond_limit(state.observed, source.price)

    def _last_usd(self, sources: Sequence[_Source], now: int) -> list[int]:
        """The accepted price of an asset that steps, else the present one (at
        deployment none has been accepted yet); the collateral's last."""
        rows = zip(self._states, sources, strict=True)
        return [
            (self._steps(state, source, now) and state.accepted) or source.price
            for state, source in rows
        ]

    def _widened_up(
        self, mids: Sequence[int], spreads: Sequence[int], sources: Sequence[_Source], now: int
    ) -> list[int]:
        """Half-spreads that cover the worse of present and accepted prices."""
        *present, collateral = [source.price for source in sources]
        *last, last_collateral = self._last_usd(sources, now)
        lowest = min(collateral, last_collateral)
        widened = []
        for mid, spread, *pair in zip(mids, spreads, present, last, strict=True):
            worst = ceil_div(max(pair) * WAD, lowest)
            gap = ceil_div((worst - mid) * WAD, mid)
            widened.append(max(spread, min(gap, MAX_SPREAD)))
        return widened

    def _accepted(self, before: _State, units: int, source: _Source, now: int) -> _State:
        if not self._steps(before, source, now):
            return _State(units, source.price, 0, before.observed)
        if before.step_at != 0 and not self._beyond_limit(before.observed, source.price):
            return replace(before, units=units)
        return _State(units, before.accepted, now, source.price)

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
        units = units_down(weights, level, mid)
        self.weights = weights
        if scheduled:
            self.scheduled_weights, self.scheduled_at = (), 0
        self.version += 1
        self.interval = self._interval(now)
        self.effective_at = before.due_at
        return Composition(units, self.version, self.effective_at, self._due_at())


def _mid_down(price: int, collateral: int) -> int:
    """The quotient of prices of different times, kept in the usable range."""
    return min(max(price * WAD // collateral, 1), MAX_MID - 1)
