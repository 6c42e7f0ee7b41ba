# SPDX-License-Identifier: AGPL-3.0-only
"""settle with the real oracle: reported, dead after ten days, at accepted prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.asset_plans import COLLATERAL, DOLLAR, ETHER, FAILS, USD, hungry
from tests.support.constants import DAY
from tests.support.exchange_harness import CONFIG, deploy_exchange, pool_of, ten
from tests.support.oracle_harness import OracleHarness

ALIVE = "exchange: oracle is not dead"
GAS = "oracle: too little gas to call it unusable"
UNIT = 10**6


@pytest.fixture
def feeds(chain: LocalBackend, owner: str) -> OracleHarness:
    """Ether from one source."""
    ether = replace(ETHER, secondary_decimals=None)
    return OracleHarness(chain, owner, [ether], replace(DOLLAR, secondary_decimals=None))


@pytest.fixture
def exchange(
    chain: LocalBackend, feeds: OracleHarness, owner: str, provider: str, trader: str
) -> Contract:
    """With a short of five ether."""
    dollar = chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)
    exchange, pool = deploy_exchange(chain, dollar, feeds.oracle, owner, [CONFIG])
    for actor in (provider, trader):
        dollar.mint(actor, 10**6 * UNIT, sender=actor)
        for spender in (exchange, pool):
            dollar.approve(spender, 10**6 * UNIT, sender=actor)
    pool.requestDeposit(10**6 * UNIT, provider, provider, sender=provider)
    pool.deposit(10**6 * UNIT, provider, sender=provider)
    exchange.deposit(10**4 * UNIT, sender=trader)
    exchange.trade([(0, -5 * WAD, 0)], sender=trader)
    return exchange


def test_from_the_report_to_the_last_unit(
    exchange: Contract, feeds: OracleHarness, provider: str, trader: str, attacker: str
) -> None:
    """[X-SET-2]"""
    feeds.price(0, 1_900 * USD)
    feeds.refresh()
    feeds.price(0, 1_800 * USD)  # not accepted
    feeds.mode(0, 0, FAILS)
    feeds.wait(30 * DAY)
    with reverts("oracle: stale price"):  # the collateral's, first
        exchange.trade([(0, 5 * WAD, 2**255)], sender=trader)
    with reverts(ALIVE):
        exchange.settle(sender=attacker)
    feeds.report()
    feeds.wait(10 * DAY - 1)
    with reverts(ALIVE):
        exchange.settle(sender=attacker)
    feeds.wait(1)
    worth = exchange.account_value(trader, ten([1_900 * WAD]))[0]
    receipt = exchange.settle(sender=attacker)
    only_event(receipt, exchange, "Settled", prices=ten([1_900 * WAD]))
    exchange.trade([(0, 5 * WAD, 2**255)], sender=trader)
    assert exchange.cash(trader) == worth
    exchange.withdraw(worth // 10**30, trader, sender=trader)
    pool = pool_of(exchange)
    shares = pool.balanceOf(provider)
    pool.requestRedeem(shares, provider, provider, sender=provider)
    pool.redeem(shares, provider, provider, sender=provider)
    left = (exchange.held() + pool.held()) * 10**30 - pool.insurance()
    assert 0 <= left <= 10**33 + 10**31


def test_an_oracle_that_is_back_settles_nothing(
    exchange: Contract, feeds: OracleHarness, attacker: str
) -> None:
    """[X-SET-1]"""
    feeds.mode(0, 0, FAILS)
    feeds.report()
    feeds.wait(10 * DAY)
    feeds.renew()
    feeds.price(0, 2_000 * USD)
    with reverts(ALIVE):
        exchange.settle(sender=attacker)


def test_too_little_gas_settles_nothing(
    chain: LocalBackend, exchange: Contract, feeds: OracleHarness, attacker: str
) -> None:
    """The clock has been left running, and the feed fails when it gets little."""
    feeds.mode(0, 0, FAILS)
    feeds.report()
    feeds.wait(10 * DAY)
    feeds.price(COLLATERAL, USD)
    chain.set_code(feeds.feed(0).address, hungry(2_000 * USD, feeds.now))
    found = set()
    for limit in range(60_000, 1_000_000, 20_000):
        try:
            chain.send(exchange.address, exchange.encode("settle"), attacker, gas=hex(limit))
        except Reverted as refused:
            found.add(refused.reason)
    assert found - {""} == {GAS, ALIVE}
    assert exchange.settled() is False
