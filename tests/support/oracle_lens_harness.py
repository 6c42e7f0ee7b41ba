# SPDX-License-Identifier: AGPL-3.0-only
"""An oracle on mock feeds and its exact model, at the speed of state machines.

All that a step changes in the feeds goes out in one transaction; `check()` reads
the oracle with one call and compares every word, and every reason, with the
model's. What feeds answer is kept apart from the model, for a second opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from inverse_index.artifacts import artifact
from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.chain.receipts import decode_reason
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.oracle.feed_answers import Round
from inverse_index.model.oracle.prices import Prices
from tests.support.asset_plans import AssetPlan, ten
from tests.support.oracle_harness import OracleHarness

WORD = 32
LONG = 6  # mode of MockFeed: six words, of which the first five count
NO_ROUND = (1, 0, 0, 0, 0)


class OracleLensHarness(OracleHarness):
    """`OracleHarness` in which feeds are set together and nothing is compared but by
    `check`."""

    def __init__(self, chain: LocalBackend, owner: str, *args: Any, **more: Any) -> None:
        self._now = chain.now()
        self.queued: dict[Contract, None] = {}
        self.rounds: dict[Contract, Sequence[int]] = {}
        self.modes: dict[Contract, int] = {}
        super().__init__(chain, owner, *args, **more)
        self.first_plans = self.plans
        self.lens = chain.deploy("OracleLens", sender=owner)
        self.look_data = self.lens.encode("look", self.oracle.address)
        layout = artifact("IndexOracle").layout["storage_layout"]["asset_records"]
        self.first_observed = layout["observed_prices"]["slot"]
        for asset in range(len(self.plans)):
            self.price(asset, self.plans[asset].price)
        if self.uptime is not None:
            self.sequencer(0, self.now - self.parameters.sequencer_grace)
        self.flush()
        self.check()

    def fork(self) -> OracleLensHarness:
        """The same contracts with a model of its own."""
        other = super().fork()
        assert isinstance(other, OracleLensHarness)
        other.rounds, other.modes = copy(self.rounds), copy(self.modes)
        other.queued = {}
        return other

    # time

    @property
    def now(self) -> int:
        return self._now

    def wait(self, seconds: int) -> None:
        """Alone it takes effect with the next transaction: see `flush`."""
        self._now += seconds
        self.chain.set_next_timestamp(self._now)
        self.waiting = True

    waiting = False

    # feeds

    def _set_round(self, feed: Contract, values: Sequence[int]) -> None:
        self.rounds[feed], self.modes[feed] = tuple(values), 0
        self.failing.discard(feed)
        self.queued[feed] = None

    def _set_mode(self, feed: Contract, mode: int) -> None:
        self.modes[feed] = mode
        (self.failing.add if mode and mode != LONG else self.failing.discard)(feed)
        self.queued[feed] = None

    def mode(self, asset: int, source: int, mode: int) -> None:
        """As the harness's, but for one that says too much: that one is heard."""
        if mode == LONG:
            feed = self.feed(asset, source)
            self._set_mode(feed, mode)
            self._set_model_round(asset, source, Round(*self.rounds[feed]))
        else:
            super().mode(asset, source, mode)

    def flush(self) -> None:
        """One transaction with every change; a block if only time has passed."""
        if self.queued:
            settings = [
                (feed.address, self.modes.get(feed, 0), *self.rounds.get(feed, NO_ROUND))
                for feed in self.queued
            ]
            self.lens.set_feeds(settings, sender=self.owner)
        elif self.waiting:
            self.chain.mine()
        self.queued, self.waiting = {}, False

    def _both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        """Neither may refuse: what must revert is tried by calls."""
        self.flush()
        on_model()
        return on_chain()

    def reason(self) -> str:
        """The model's for refusing `read`, "" for none."""
        try:
            self.model.read(self.now)
        except Revert as refused:
            return refused.reason
        return ""

    # comparison

    def check(self) -> None:
        """Every word, every reason; usable is what `read` does not refuse."""
        self.flush()
        data = self.chain.call(self.lens.address, self.look_data)
        words, read, level = self.decoded(data)
        expected = self.expected_words()
        if words != expected:
            raise AssertionError(
                "; ".join(
                    f"word {n}: chain {a}, model {b}"
                    for n, (a, b) in enumerate(zip(words, expected, strict=False))
                    if a != b
                )
                or f"{len(words)} words, expected {len(expected)}"
            )
        assert read == self.expected_read()
        assert level == self.expected_level()
        assert bool(words[0]) == isinstance(read, list)

    def decoded(self, data: bytes) -> tuple[list[int], list[int] | str, list[int] | str]:
        """The words; what `read` and `level` returned, or their reasons."""
        at = WORD  # a struct after its own offset

        def word(place: int) -> int:
            return int.from_bytes(data[place : place + WORD], "big")

        def words(start: int, count: int) -> list[int]:
            return [word(start + WORD * n) for n in range(count)]

        def outcome(place: int) -> list[int] | str:
            start = at + word(at + WORD * (place + 1))
            size = word(start)
            content = data[start + WORD : start + WORD + size]
            if not word(at + WORD * place):
                return decode_reason(content)
            return words(start + WORD, size // WORD)

        start = at + word(at)
        return words(start + WORD, word(start)), outcome(1), outcome(3)

    def expected_words(self) -> list[int]:
        model, now = self.model, self.now
        closing, composition = model.closing_prices(now), model.composition()
        words = [
            int(model.usable(now)),
            int(model.dead(now)),
            model.unusable_since,
            *(ten(model.accepted_mid(now)) if model.usable(now) else []),
            *(self.expected_extremes() if model.usable(now) else []),
            closing.updated_at,
            int(closing.restriction),
            composition.version,
            composition.effective_at,
            composition.due_at,
        ]
        for row in zip(ten(closing.mid), ten(closing.spread), ten(composition.units), strict=True):
            words += row
        state = model.state()
        for accepted in state["accepted"]:
            words += accepted
        words += state["weights"]
        weights, at = state["scheduled"]
        return [*words, at, *weights]

    def expected_extremes(self) -> list[int]:
        """Of all components, lowest and highest."""
        model, now = self.model, self.now
        return [each for i in range(len(model.components)) for each in model.extremes(i, now)]

    def expected_read(self) -> list[int] | str:
        try:
            return numbers(self.model.read(self.now))
        except Revert as refused:
            return refused.reason

    def expected_level(self) -> list[int] | str:
        try:
            return [self.model.level(self.now)]
        except Revert as refused:
            return refused.reason

    def check_observed(self) -> None:
        """Observed prices, from their slots: no view shows them."""
        address, first = self.oracle.address, self.first_observed
        found = [self.chain.storage(address, first + n) for n in range(len(self.plans))]
        assert tuple(found) == self.model.state()["observed"]

    # a second opinion

    def usable_prices(self, asset: int) -> list[int]:
        """WAD USD price of each usable source, the one in use first; written
        independently of the model."""
        plan, found = self.plans[asset], []
        for number in self.sources(asset):
            feed = self.feed(asset, number)
            if self.modes.get(feed, 0) not in (0, LONG):
                continue
            if good := self.priced(plan, number, *self.rounds[feed]):
                found.append(good)
        return found

    def priced(
        self, plan: AssetPlan, number: int, id: int, value: int, _: int, at: int, of: int
    ) -> int:
        """WAD USD, 0 for an answer that cannot be used."""
        decimals = plan.secondary_decimals if number else plan.decimals
        assert decimals is not None
        price = value * 10 ** (18 - decimals)
        complete = id > 0 and 0 < at <= self.now and of >= id
        fresh = self.now - at <= (plan.secondary_heartbeat if number else plan.heartbeat)
        return price if complete and fresh and plan.min_price <= price <= plan.max_price else 0


def numbers(prices: Prices) -> list[int]:
    """As the contract returns them, word by word."""
    last = [prices.updated_at, int(prices.restriction)]
    return [*ten(prices.mid), *ten(prices.spread), *last]


def between(price: int, dollar: int, mid: int, spread: int) -> bool:
    """Is price / dollar between bid and ask, but for the wei of the mid's own
    rounding?"""
    bid, ask = mid * max(WAD - spread, 0), (mid + 1) * (WAD + spread)
    return bid * dollar <= price * WAD * WAD <= ask * dollar
