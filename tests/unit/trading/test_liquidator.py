# SPDX-License-Identifier: AGPL-3.0-only
"""A liquidator on the chain: what it sends, leaves and tells."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend, Receipt, Reverted
from inverse_index.keeper import Policy
from inverse_index.keeper.decide import GWEI
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading import Liquidator
from tests.support.exchange_harness import ExchangeHarness
from tests.unit.trading.conftest import PRICES, exchange_of, history_of

RISEN = (170 * WAD, 10 * WAD)


class Pool:
    """A network with a base fee; sends at once, or as if somebody had been faster."""

    def __init__(self, chain: LocalBackend, beaten: bool = False) -> None:
        self.chain = chain
        self.beaten = beaten
        self.sent = 0

    def base_fee(self) -> int:
        return 9 * GWEI

    def estimate_gas(self, to: str, data: bytes, sender: str) -> int:
        return 200_000

    def send(self, to: str, data: bytes, sender: str) -> Receipt:
        if self.beaten:
            raise Reverted("exchange: account is healthy")
        self.sent += 1
        return self.chain.send(to, data, sender)


def made(
    harness: ExchangeHarness, account: str, policy: Policy, **more: Any
) -> tuple[Liquidator, Pool, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    pool = Pool(harness.chain, more.pop("beaten", False))
    own: Any = pool
    liquidator = Liquidator(
        exchange_of(harness),
        history_of(harness),
        account,
        policy,
        sender=own,
        pool=own,
        tell=told.append,
        **more,
    )
    return liquidator, pool, told


@pytest.fixture
def risen(harness: ExchangeHarness) -> ExchangeHarness:
    """The short of 150 units has lost more than its margin allows."""
    harness.set_prices(150 * WAD, 10 * WAD)
    return harness


def test_nothing_to_do(harness: ExchangeHarness, liquidator: str) -> None:
    harness.set_prices(*PRICES)
    runner, pool, told = made(harness, liquidator, Policy())
    assert runner.once() == "" and pool.sent == 0
    assert [event["event"] for event in told] == ["wait"]
    assert told[0]["why"] == "0 of 2 accounts with positions are below maintenance"


def test_what_pays_is_liquidated(
    risen: ExchangeHarness, liquidator: str, provider: str, trader: str
) -> None:
    """The reward arrives at the receiver, as it was told."""
    risen.set_prices(*RISEN)
    runner, pool, told = made(risen, liquidator, Policy(), receiver=provider)
    before = risen.token.balanceOf(provider)
    assert runner.once() == "" and pool.sent == 1
    (done,) = told
    assert (done["event"], done["account"]) == ("liquidated", trader)
    assert risen.token.balanceOf(provider) - before == done["reward"] == runner.tally.reward
    assert runner.tally.liquidations == 1


def test_what_does_not_pay_is_left(harness: ExchangeHarness, liquidator: str) -> None:
    harness.set_prices(*RISEN)
    dear = Policy(native_price=10**9 * WAD)
    runner, pool, told = made(harness, liquidator, dear)
    runner.once()
    assert pool.sent == 0
    assert [event["event"] for event in told] == ["left", "wait"]
    assert told[0]["gas_cost"] > told[0]["reward"]


def test_a_dry_run_sends_nothing(harness: ExchangeHarness, liquidator: str) -> None:
    harness.set_prices(*RISEN)
    runner, pool, told = made(harness, liquidator, Policy(), dry_run=True)
    runner.once()
    assert pool.sent == 0 and told[0]["event"] == "would liquidate"


def test_somebody_was_faster(harness: ExchangeHarness, liquidator: str) -> None:
    """Told and counted; looking once, it is also how the round ends."""
    harness.set_prices(*RISEN)
    runner, _, told = made(harness, liquidator, Policy(), beaten=True)
    with pytest.raises(Reverted, match="account is healthy"):
        runner.once()
    assert [event["event"] for event in told] == ["failed", "wait"]
    assert runner.tally.failures == 1


def test_spared_while_the_price_is_doubted(
    harness: ExchangeHarness, liquidator: str, trader: str
) -> None:
    harness.set_prices(*RISEN)
    harness.restrict(Restriction.STEP, 0, PRICES)
    runner, pool, told = made(harness, liquidator, Policy())
    assert runner.once() == "" and pool.sent == 0
    assert (told[0]["event"], told[0]["account"]) == ("spared", trader)
    harness.restrict(Restriction(0), 0)


def test_blocked_without_prices(harness: ExchangeHarness, liquidator: str) -> None:
    harness.fail_oracle()
    runner, _, told = made(harness, liquidator, Policy())
    assert runner.once() == "oracle: stale price"
    assert told[0]["event"] == "blocked"
    harness.failing = False


def test_longs_are_closed_only_when_asked(
    harness: ExchangeHarness, liquidator: str, second_trader: str
) -> None:
    """A rise has taken so much of the pool that it does not cover the shorts."""
    exchange = harness.exchange
    harness.set_prices(*PRICES)
    cash = harness.pool.cash()
    harness.chain.impersonate(exchange.address)
    harness.pool.book(1_000 * 10**36 - cash, 0, sender=exchange.address)
    runner, pool, _ = made(harness, liquidator, Policy())
    runner.once()
    assert pool.sent == 0
    runner, pool, told = made(harness, liquidator, Policy(), deleverages=True)
    runner.once()
    done = [event for event in told if event["event"] == "deleveraged"]
    assert done and pool.sent == len(done) == runner.tally.deleverages
    assert {event["account"] for event in done} >= {second_trader}


def test_old_rates_are_set_anew_only_when_asked(harness: ExchangeHarness, liquidator: str) -> None:
    """Half a day old, and not again before another half."""
    harness.set_prices(*PRICES)
    harness.accrue(liquidator)
    harness.wait(43_199)
    runner, pool, told = made(harness, liquidator, Policy(), accrues=True)
    runner.once()
    assert pool.sent == 0 and told[-1]["event"] == "wait"
    harness.wait(1)
    plain, _, _ = made(harness, liquidator, Policy())
    plain.once()
    assert plain.tally.accruals == 0
    dry, _, seen = made(harness, liquidator, Policy(), accrues=True, dry_run=True)
    dry.once()
    assert seen[-1]["event"] == "would accrue"
    runner.once()
    assert (told[-1]["event"], runner.tally.accruals, pool.sent) == ("accrued", 1, 1)
    assert harness.exchange.market_state(0).funding_at == harness.now
    runner.once()
    assert pool.sent == 1


def test_no_rate_is_set_by_doubted_prices(harness: ExchangeHarness, liquidator: str) -> None:
    harness.set_prices(*PRICES)
    harness.wait(90_000)
    harness.restrict(Restriction.SPREAD, 10**15)
    runner, pool, told = made(harness, liquidator, Policy(), accrues=True)
    runner.once()
    assert pool.sent == 0 and told[-1]["event"] == "wait"
    harness.restrict(Restriction(0), 0)
