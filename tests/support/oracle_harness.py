# SPDX-License-Identifier: AGPL-3.0-only
"""An oracle on real feeds and its model, moved together and compared with ==.

Sources are addressed as (asset, source): asset 0, 1, ... are the components,
`COLLATERAL` is the collateral; source 0 is the primary, 1 the secondary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

from inverse_index.artifacts import artifact
from inverse_index.chain import Contract, Event, LocalBackend, Receipt, Reverted
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.oracle.feed_answers import Asset, Feed, Round
from inverse_index.model.oracle.index_oracle import OracleModel, OracleParameters
from tests.support.asset_plans import (
    BITCOIN,
    COLLATERAL,
    DOLLAR,
    ETHER,
    PARAMETERS,
    AssetPlan,
    equal_weights,
    parameter_tuple,
    raw,
    returning,
    ten,
)
from tests.support.constants import ZERO


class OracleHarness:
    """Feeds, oracle and model. `check()` compares everything that can be seen."""

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        components: Sequence[AssetPlan] = (ETHER, BITCOIN),
        collateral: AssetPlan = DOLLAR,
        weights: Sequence[int] | None = None,
        base_level: int = 1_000 * WAD,
        parameters: OracleParameters = PARAMETERS,
        sequencer: bool = False,
    ) -> None:
        self.chain, self.owner = chain, owner
        self.plans = [*components, collateral]
        self.parameters = parameters
        self.feeds = [self._deploy_feeds(plan) for plan in self.plans]
        self.uptime = self._deploy_uptime() if sequencer else None
        self.failing: set[Contract] = set()
        self.weights = list(weights or equal_weights(len(components)))
        self.base_level = base_level
        self.model = self._new_model()
        self.oracle = chain.deploy("IndexOracle", *self.arguments(), sender=owner)

    def fork(self) -> OracleHarness:
        """The same contracts with a model of its own."""
        other = copy(self)
        other.model, other.failing = deepcopy(self.model), set(self.failing)
        return other

    @property
    def now(self) -> int:
        return self.chain.now()

    # deployment

    def arguments(self) -> list[Any]:
        """Of the oracle's constructor."""
        sequencer = ZERO if self.uptime is None else self.uptime.address
        assets = [self._asset_args(i) for i in range(len(self.plans))]
        chosen = parameter_tuple(self.parameters, sequencer)
        return [assets, self.weights, self.base_level, 6, chosen]

    def _deploy_feeds(self, plan: AssetPlan) -> list[Contract | None]:
        return [
            None
            if decimals is None
            else self.chain.deploy(
                "MockFeed", decimals, raw(plan.price, decimals), sender=self.owner
            )
            for decimals in (plan.decimals, plan.secondary_decimals)
        ]

    def _deploy_uptime(self) -> Contract:
        """Up for the grace period."""
        feed = self.chain.deploy("MockFeed", 0, 0, sender=self.owner)
        up_since = self.now - self.parameters.sequencer_grace
        feed.set_round(1, 0, up_since, up_since, 1, sender=self.owner)
        return feed

    def _asset_args(self, i: int) -> dict[str, Any]:
        plan, (primary, secondary) = self.plans[i], self.feeds[i]
        assert primary is not None
        return {
            "primary": primary.address,
            "primary_heartbeat": plan.heartbeat,
            "primary_decimals": plan.decimals,
            "secondary": ZERO if secondary is None else secondary.address,
            "secondary_heartbeat": 0 if secondary is None else plan.secondary_heartbeat,
            "secondary_decimals": plan.secondary_decimals or 0,
            "min_price": plan.min_price,
            "max_price": plan.max_price,
            "min_spread": plan.min_spread,
        }

    def _new_model(self) -> OracleModel:
        *components, collateral = [self._model_asset(plan) for plan in self.plans]
        uptime = None
        if self.uptime is not None:
            up_since = self.now - self.parameters.sequencer_grace
            uptime = Feed(0, 0, Round(1, 0, up_since, up_since, 1))
        return OracleModel(
            components, collateral, self.weights, self.base_level, self.parameters, self.now, uptime
        )

    def _model_asset(self, plan: AssetPlan) -> Asset:
        def feed(decimals: int, heartbeat: int) -> Feed:
            return Feed(decimals, heartbeat).at(raw(plan.price, decimals), self.now)

        secondary = None
        if plan.secondary_decimals is not None:
            secondary = feed(plan.secondary_decimals, plan.secondary_heartbeat)
        primary = feed(plan.decimals, plan.heartbeat)
        return Asset(primary, secondary, plan.min_price, plan.max_price, plan.min_spread)

    # feeds

    def feed(self, asset: int, source: int = 0) -> Contract:
        found = self.feeds[asset][source]
        assert found is not None
        return found

    def price(self, asset: int, price_wad: int, *sources: int, at: int | None = None) -> None:
        """A complete round on the sources named, on all when none is."""
        plan = self.plans[asset]
        for source in sources or self.sources(asset):
            decimals = plan.secondary_decimals if source else plan.decimals
            assert decimals is not None
            self.answer(asset, source, raw(price_wad, decimals), at)

    def answer(self, asset: int, source: int, answer: int, at: int | None = None) -> None:
        """A complete round of one source in its own decimals."""
        at = self.now if at is None else at
        before = self._model_feed(asset, source).round
        number = 1 if before is None else before.round_id % (2**80 - 1) + 1
        self.round(asset, source, number, answer, at, at, number)

    def round(self, asset: int, source: int, *values: int) -> None:
        """Any round: id, answer, start, time, round of the answer; the feed
        answers again if it failed."""
        self._set_round(self.feed(asset, source), values)
        self._set_model_round(asset, source, Round(*values))

    def mode(self, asset: int, source: int, mode: int) -> None:
        """Let a feed fail until its next round."""
        self._set_mode(self.feed(asset, source), mode)
        self._set_model_round(asset, source, None)

    def code(self, asset: int, source: int, *words: int) -> None:
        """Replace a feed by code that returns these words to every call (no
        code for no words)."""
        self.chain.set_code(self.feed(asset, source).address, returning(*words))
        answered = None
        if len(words) >= 5:
            number, answer, started, updated, answered_in = words[:5]
            signed = answer - 2**256 if answer >= 2**255 else answer
            answered = Round(number, signed, started, updated, answered_in)
        self._set_model_round(asset, source, answered)

    def renew(self, *left_out: int) -> None:
        """Every source repeats its last answer, now; but for assets left out."""
        for i in range(len(self.plans)):
            for source in self.sources(i) if i not in left_out else ():
                last = self._model_feed(i, source).round
                if last is not None:
                    self.answer(i, source, last.answer)

    def sequencer(self, answer: int, started_at: int) -> None:
        """A round of the uptime feed: 0 is up, since when."""
        assert self.uptime is not None and self.model.sequencer is not None
        values = (1, answer, started_at, started_at, 1)
        self._set_round(self.uptime, values)
        self.model.sequencer = replace(self.model.sequencer, round=Round(*values))

    def sequencer_mode(self, mode: int) -> None:
        assert self.uptime is not None and self.model.sequencer is not None
        self._set_mode(self.uptime, mode)
        self.model.sequencer = replace(self.model.sequencer, round=None)

    def sources(self, asset: int) -> list[int]:
        return [source for source in (0, 1) if self.feeds[asset][source] is not None]

    def _set_round(self, feed: Contract, values: Sequence[int]) -> None:
        feed.set_round(*values, sender=self.owner)
        if feed in self.failing:
            self._set_mode(feed, 0)

    def _set_mode(self, feed: Contract, mode: int) -> None:
        feed.set_mode(mode, sender=self.owner)
        (self.failing.add if mode else self.failing.discard)(feed)

    def _model_asset_of(self, asset: int) -> Asset:
        last = asset in (COLLATERAL, len(self.plans) - 1)
        return self.model.collateral if last else self.model.components[asset]

    def _model_feed(self, asset: int, source: int) -> Feed:
        feed = (self._model_asset_of(asset).primary, self._model_asset_of(asset).secondary)[source]
        assert feed is not None
        return feed

    def _set_model_round(self, asset: int, source: int, value: Round | None) -> None:
        changed = replace(self._model_feed(asset, source), round=value)
        setattr(self._model_asset_of(asset), ("primary", "secondary")[source], changed)

    # actions

    def wait(self, seconds: int) -> None:
        self.chain.increase_time(seconds)

    def refresh(self, sender: str | None = None) -> Receipt:
        """Also compares what it returns and all of its events."""
        sender, before = sender or self.owner, self.model.state()
        returned, expected = self._returned(sender), []
        receipt = self._both(
            lambda: self.oracle.refresh(sender=sender),
            lambda: expected.append(self.model.refresh(self.now)),
        )
        assert returned == [(_prices(expected[0][0]), _composition(expected[0][1]))]
        events = [(each.name, each.args) for each in self.oracle.events(receipt)]
        assert events == self._refresh_events(before, expected[0][0].mid, sender)
        return receipt

    def report(self, sender: str | None = None) -> Receipt:
        return self._both(
            lambda: self.oracle.report_unusable(sender=sender or self.owner),
            lambda: self.model.report_unusable(self.now),
        )

    def set_heartbeats(
        self, i: int, primary: int, secondary: int, sender: str | None = None
    ) -> Receipt:
        """Of a component, or of the collateral, which is the last one."""
        receipt = self._both(
            lambda: self.oracle.set_heartbeats(i, primary, secondary, sender=sender or self.owner),
            lambda: self.model.set_heartbeats(i, primary, secondary),
        )
        plan = replace(self.plans[i], heartbeat=primary, secondary_heartbeat=secondary)
        self.plans = [*self.plans[:i], plan, *self.plans[i + 1 :]]
        return receipt

    def schedule(self, weights: Sequence[int], sender: str | None = None) -> Receipt:
        return self._both(
            lambda: self.oracle.schedule_reconstitution(weights, sender=sender or self.owner),
            lambda: self.model.schedule_reconstitution(weights, self.now),
        )

    def cancel(self, sender: str | None = None) -> Receipt:
        return self._both(
            lambda: self.oracle.cancel_reconstitution(sender=sender or self.owner),
            lambda: self.model.cancel_reconstitution(),
        )

    def _returned(self, sender: str) -> list[Any]:
        """What `refresh` would return, nothing when it would revert."""
        try:
            prices, composition = self.oracle.refresh.call(sender=sender)
        except Reverted:
            return []
        return [(tuple(prices), tuple(composition))]

    def _refresh_events(self, before: dict[str, Any], mid: Sequence[int], by: str) -> list[Any]:
        """Names and fields, from the model's states before and after."""
        after, events = self.model.state(), []
        if since := before["unusable_since"]:
            events.append(("UsableAgain", {"caller": by, "since": since}))
        if after["version"] != before["version"]:
            units = self.model.composition().units
            level = sum(u * p for u, p in zip(before["units"], mid, strict=True)) // WAD
            fields = {"version": after["version"], "level": level, "units": ten(units)}
            events.append(("Reconstituted", fields))
        for i, (accepted, step_at) in enumerate(before["accepted"]):
            (price, step_after), observed = after["accepted"][i], after["observed"][i]
            if step_at != 0 and step_after == 0:
                events.append(("PriceAccepted", {"asset": i, "price": price}))
            if step_after != 0 and (step_at, before["observed"][i]) != (step_after, observed):
                fields = {"asset": i, "accepted": accepted, "price": observed}
                events.append(("StepObserved", fields))
        return events

    def _both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        """Do it on both; the same result, or the same reason and no change."""
        before = self.model.state()
        try:
            on_model()
        except Revert as refused:
            try:
                on_chain()
            except Reverted as reverted:
                assert reverted.reason == refused.reason
                assert self.model.state() == before
                self.check()
                raise
            raise AssertionError(f"only the model refuses: {refused.reason}") from refused
        receipt = on_chain()
        self.check()
        return receipt

    # comparison

    def check(self) -> None:
        """State and every view, with the reason where there is none."""
        oracle, model, now = self.oracle, self.model, self.now
        expected = outcome(lambda: _prices(model.read(now)))
        (usable, dead, closing), composition, state = self._stored()
        assert state == model.state()
        assert (dead, tuple(closing)) == (model.dead(now), _prices(model.closing_prices(now)))
        assert composition == _composition(model.composition())
        assert usable == model.usable(now) == isinstance(expected, tuple)
        assert outcome(lambda: tuple(oracle.read())) == expected
        assert outcome(oracle.level) == outcome(lambda: model.level(now))
        accepted = outcome(lambda: list(oracle.accepted_mid()))
        assert accepted == outcome(lambda: ten(model.accepted_mid(now)))
        for i in range(len(self.plans)):
            extremes = outcome(lambda i=i: tuple(oracle.extremes(i)))
            assert extremes == outcome(lambda i=i: model.extremes(i, now))

    def state(self) -> dict[str, Any]:
        """What the chain has stored, laid out as the model's state."""
        return self._stored()[2]

    def _stored(self) -> tuple[list[Any], tuple[Any, ...], dict[str, Any]]:
        """In one request: usable, dead, closing prices; composition; state."""
        count = len(self.plans) - 1
        names = ("usable", "dead", "closing_prices", "composition", "weights", "scheduled")
        reads: list[tuple[Any, ...]] = [(name,) for name in (*names, "unusable_since")]
        reads += [("accepted", i) for i in range(count + 1)]
        found = self._read_many(reads)
        composition, weights, scheduled, since, *accepted = found[3:]
        state = {
            "weights": tuple(weights),
            "scheduled": (tuple(scheduled[0]), scheduled[1]),
            "version": composition.version,
            "unusable_since": since,
            "units": tuple(composition.units[:count]),
            "accepted": tuple(tuple(each) for each in accepted),
            "observed": self._observed(),
        }
        return found[:3], tuple(composition), state

    def _observed(self) -> tuple[int, ...]:
        """Observed prices, from their slots: no view shows them."""
        first = artifact("IndexOracle").layout["storage_layout"]["asset_records"]["observed_prices"]
        slots = range(first["slot"], first["slot"] + len(self.plans))
        return tuple(self.chain.storage(self.oracle.address, slot) for slot in slots)

    def _read_many(self, reads: Sequence[tuple[Any, ...]]) -> list[Any]:
        oracle = self.oracle
        found = self.chain.call_many(
            (oracle.address, oracle.encode(name, *args)) for name, *args in reads
        )
        return [
            oracle.decode_output(name, data) for (name, *_), data in zip(reads, found, strict=True)
        ]

    # looking

    def fault(self) -> str:
        """The reason why `read` reverts, "" when it does not; everything that
        needs prices gives the same one, and nothing is stored."""
        self.check()
        found = outcome(lambda: tuple(self.oracle.read()))
        reason = found if isinstance(found, str) else ""
        if reason:
            assert outcome(lambda: self.refresh()) == reason
        return reason

    def mid(self, component: int = 0) -> int:
        self.check()
        return self.oracle.read().mid[component]

    def spread(self, component: int = 0) -> int:
        self.check()
        return self.oracle.read().spread[component]

    def restriction(self) -> int:
        self.check()
        return self.oracle.read().restriction


def outcome(action: Callable[[], Any]) -> Any:
    """A value, or the reason why there is none."""
    try:
        return action()
    except (Revert, Reverted) as refused:
        return refused.reason


def names(harness: OracleHarness, receipt: Receipt) -> list[str]:
    """Of the oracle's events, in order."""
    found: list[Event] = harness.oracle.events(receipt)
    return [event.name for event in found]


def _prices(prices: Any) -> tuple[Any, ...]:
    """The model's prices as the contract returns them."""
    return (
        ten(prices.mid),
        ten(prices.spread),
        prices.updated_at,
        int(prices.restriction),
    )


def _composition(composition: Any) -> tuple[Any, ...]:
    c = composition
    return ten(c.units), c.version, c.effective_at, c.due_at
