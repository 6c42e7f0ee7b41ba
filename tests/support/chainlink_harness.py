# SPDX-License-Identifier: AGPL-3.0-only
"""The oracle behind Chainlink's real proxies and aggregators, beside its model.

The model's rounds are worked out here, from phase, number, answer and time, and
never read from the chain: that a proxy gives just these is part of each check.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.model.oracle.feed_answers import Asset, Feed, Round
from inverse_index.protocols.chainlink import (
    PHASE,
    alias_of,
    deploy_aggregator,
    deploy_arbitrum_uptime_feed,
    deploy_optimism_uptime_feed,
    deploy_proxy,
    next_phase,
)
from tests.support.asset_plans import PARAMETERS, AssetPlan, raw, returning
from tests.support.oracle_harness import OracleHarness

MESSENGER = "0x4200000000000000000000000000000000000007"  # on Optimism


@dataclass
class Source:
    """A proxy and where its present aggregator stands."""

    proxy: Contract
    aggregator: Contract | None
    phase: int = 1
    number: int = 0  # of the aggregator's last answered round

    def round(self, answer: int, at: int) -> Round:
        """As the proxy gives it: answered by one submission, at once."""
        number = self.phase * PHASE + self.number
        return Round(number, answer, at, at, number)


class ChainlinkHarness(OracleHarness):
    """As OracleHarness; every feed is a proxy. One account submits all answers.

    Aggregators take any answer, zero and below too.
    """

    def __init__(
        self, chain: LocalBackend, owner: str, submitter: str, *args: Any, **more: Any
    ) -> None:
        self.submitter = submitter
        self.sources_of: dict[Contract, Source] = {}
        super().__init__(chain, owner, *args, **more)

    # deployment

    def _deploy_feeds(self, plan: AssetPlan) -> list[Contract | None]:
        return [
            None if decimals is None else self._deploy_source(decimals, raw(plan.price, decimals))
            for decimals in (plan.decimals, plan.secondary_decimals)
        ]

    def _deploy_source(self, decimals: int, answer: int) -> Contract:
        aggregator = self.aggregator(decimals)
        proxy = deploy_proxy(self.chain, self.owner, aggregator)
        self.let_in(aggregator, proxy)
        self.sources_of[proxy] = Source(proxy, aggregator, number=1)
        self.publish(aggregator, 1, answer)
        return proxy

    def publish(self, aggregator: Contract, number: int, answer: int) -> Receipt:
        """That round of an aggregator is answered."""
        receipt: Receipt = aggregator.submit(number, answer, sender=self.submitter)
        return receipt

    def aggregator(self, decimals: int = 8) -> Contract:
        """One without an answer, for the proxy's next phase."""
        return deploy_aggregator(self.chain, self.owner, [self.submitter], decimals, "TEST / USD")

    def let_in(self, aggregator: Contract, proxy: Contract) -> None:
        """This kind of aggregator is read by anybody."""

    def _model_asset(self, plan: AssetPlan) -> Asset:
        """Each feed's first answer is the first round of the first phase."""

        def feed(decimals: int, heartbeat: int) -> Feed:
            first = PHASE + 1
            answered = Round(first, raw(plan.price, decimals), self.now, self.now, first)
            return Feed(decimals, heartbeat, answered)

        secondary = None
        if plan.secondary_decimals is not None:
            secondary = feed(plan.secondary_decimals, plan.secondary_heartbeat)
        primary = feed(plan.decimals, plan.heartbeat)
        return Asset(primary, secondary, plan.min_price, plan.max_price, plan.min_spread)

    def fork(self) -> ChainlinkHarness:
        other = super().fork()
        assert isinstance(other, ChainlinkHarness)
        other.sources_of = {proxy: copy(each) for proxy, each in self.sources_of.items()}
        return other

    # feeds

    def source(self, asset: int, source: int = 0) -> Source:
        return self.sources_of[self.feed(asset, source)]

    def answer(self, asset: int, source: int, answer: int, at: int | None = None) -> None:
        """The next round of the aggregator, now or at a later time."""
        if at is not None and at != self.now:
            self.chain.set_next_timestamp(at)
        found = self.source(asset, source)
        assert found.aggregator is not None
        found.number += 1
        receipt = self.publish(found.aggregator, found.number, answer)
        self._set_model_round(asset, source, found.round(answer, receipt.timestamp))

    def switch(self, asset: int, source: int, to: Contract | str) -> Source:
        """The proxy's next phase, on an aggregator without an answer: no round."""
        found = self.source(asset, source)
        next_phase(found.proxy, to, self.owner)
        found.aggregator = to if isinstance(to, Contract) else None
        found.phase, found.number = found.phase + 1, 0
        self._set_model_round(asset, source, None)
        return found

    def given(self, asset: int, source: int, value: Round | None) -> None:
        """What a proxy gives from now on: told to the model."""
        self._set_model_round(asset, source, value)


class RollupHarness(ChainlinkHarness):
    """On an L2: the uptime feed behind a proxy that alone may read it.

    The owner is also the sender on L1 of the messages about the sequencer.
    """

    def __init__(
        self, l2: str, chain: LocalBackend, owner: str, submitter: str, *args: Any, **more: Any
    ) -> None:
        deploy_status = self._on_arbitrum if l2 == "arbitrum" else self._on_optimism
        self.status, self.messenger = deploy_status(chain, owner)
        self.status_proxy = deploy_proxy(chain, owner, self.status)
        self.status.addAccess(self.status_proxy, sender=owner)
        chain.increase_time(PARAMETERS.sequencer_grace)
        super().__init__(chain, owner, submitter, *args, sequencer=True, **more)

    def _on_arbitrum(self, chain: LocalBackend, owner: str) -> tuple[Contract, str]:
        """The feed, and from where messages come."""
        feed = deploy_arbitrum_uptime_feed(chain, owner, owner)
        return feed, chain.impersonate(alias_of(owner))

    def _on_optimism(self, chain: LocalBackend, owner: str) -> tuple[Contract, str]:
        """The messenger is an address that names the owner, whatever it is asked."""
        messenger = chain.impersonate(MESSENGER)
        chain.set_code(messenger, returning(int(owner, 16)))
        return deploy_optimism_uptime_feed(chain, owner, owner, messenger), messenger

    def _deploy_uptime(self) -> Contract:
        """Up for the grace period, since its first round."""
        return self.status_proxy

    def message(self, down: bool, at: int) -> Receipt:
        """From L1: the sequencer is down, or up again, since then."""
        receipt: Receipt = self.status.updateStatus(down, at, sender=self.messenger)
        return receipt

    def reported(self, answer: int, since: int) -> None:
        """What the uptime feed gives from now on: told to the model."""
        assert self.model.sequencer is not None
        told = Round(0, answer, since, since, 0)
        self.model.sequencer = replace(self.model.sequencer, round=told)


def latest(proxy: Contract) -> Round:
    """What the proxy gives to an account without code."""
    return Round(*proxy.latestRoundData())
