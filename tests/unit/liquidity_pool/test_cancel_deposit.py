# SPDX-License-Identifier: AGPL-3.0-only
"""cancel_deposit: pending collateral that cannot be claimed comes back."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.asset_plans import hungry
from tests.support.constants import DAY, HOUR, USD
from tests.support.exchange_harness import ExchangeHarness, buy, deploy_exchange
from tests.support.oracle_harness import OracleHarness
from tests.unit.perp_exchange.test_settle_by_oracle import CONFIG, UNIT

BINDING = "pool: requests are binding"
GAS = "pool: too little gas to call prices unusable"


def test_requests_are_binding(funded: ExchangeHarness, trader: str, liquidator: str) -> None:
    """Otherwise they would be an option: see the attacks. [X-POOL-14]"""
    funded.request_deposit(liquidator, funded.unit)
    with reverts(BINDING):
        funded.cancel_deposit(liquidator)
    funded.trade(trader, buy(0, WAD))
    funded.wait(30 * DAY)
    with reverts(BINDING):
        funded.cancel_deposit(liquidator)
    assert "cancel_redeem" not in {entry.get("name") for entry in funded.pool.abi}


def test_without_prices(funded: ExchangeHarness, trader: str, liquidator: str) -> None:
    """Whole, and needs none. [X-POOL-14]"""
    before = funded.token.balanceOf(liquidator)
    funded.request_deposit(liquidator, 12_345_678)
    funded.trade(trader, buy(0, WAD))
    funded.fail_oracle()
    assert funded.pool.cancel_deposit.call(liquidator, sender=liquidator) == 12_345_678
    receipt = funded.cancel_deposit(liquidator)
    assert funded.token.balanceOf(liquidator) == before
    assert funded.pool.pending_assets() == 0
    only_event(
        receipt,
        funded.pool,
        "DepositCancelled",
        controller=liquidator,
        receiver=liquidator,
        assets=12_345_678,
    )
    with reverts("exchange: zero amount"):
        funded.cancel_deposit(liquidator)


def test_without_prices_that_nothing_needs(funded: ExchangeHarness, liquidator: str) -> None:
    """While no position is open it can be claimed, and is binding. [X-POOL-16] [X-POOL-14]"""
    funded.request_deposit(liquidator, funded.unit)
    funded.fail_oracle()
    with reverts(BINDING):
        funded.cancel_deposit(liquidator)
    funded.claim_deposit(liquidator, funded.unit)


def test_once_settled(funded: ExchangeHarness, liquidator: str, trader: str) -> None:
    """Whatever is open. [X-SET-11]"""
    funded.request_deposit(liquidator, funded.unit)
    funded.trade(trader, buy(0, WAD))
    funded.kill_oracle()
    funded.settle(trader)
    funded.cancel_deposit(liquidator)


def test_from_an_exhausted_pool(
    harness: ExchangeHarness, provider: str, trader: str, liquidator: str
) -> None:
    """Which cannot give shares for it. [X-POOL-14]"""
    harness.add_liquidity(provider, 10_000 * harness.unit)
    harness.request_deposit(liquidator, harness.unit)
    harness.deposit(trader, 10**6 * harness.unit)
    harness.trade(trader, buy(0, 90 * WAD))
    harness.set_prices(300 * WAD, 10 * WAD)
    harness.wait(HOUR)
    with reverts("pool: exhausted"):
        harness.claim_deposit(liquidator, harness.unit)
    harness.cancel_deposit(liquidator)


@pytest.mark.parametrize("place", ["exchange", "pool", "nobody"])
def test_bad_receivers(funded: ExchangeHarness, trader: str, liquidator: str, place: str) -> None:
    funded.request_deposit(liquidator, funded.unit)
    funded.trade(trader, buy(0, WAD))
    funded.fail_oracle()
    receiver = {
        "exchange": funded.exchange.address,
        "pool": funded.pool.address,
        "nobody": "0x" + "00" * 20,
    }[place]
    with reverts("exchange: bad receiver"):
        funded.pool.cancel_deposit(receiver, sender=liquidator)


def test_to_another_address(
    funded: ExchangeHarness, trader: str, liquidator: str, attacker: str
) -> None:
    """For those whom the collateral's issuer has blocked since."""
    funded.request_deposit(liquidator, funded.unit)
    funded.trade(trader, buy(0, WAD))
    funded.fail_oracle()
    before = funded.token.balanceOf(attacker)
    funded.pool.cancel_deposit(attacker, sender=liquidator)
    assert funded.token.balanceOf(attacker) - before == funded.unit


def test_too_little_gas_is_no_fault(chain: LocalBackend, owner: str, provider: str) -> None:
    """A feed that gives up at once when it has little leaves nearly all of the gas to
    the pool, which must not take that for the end of prices."""
    feeds = OracleHarness(chain, owner)
    dollar = chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)
    count = feeds.oracle.component_count()
    exchange, pool = deploy_exchange(chain, dollar, feeds.oracle, owner, [CONFIG] * count)
    dollar.mint(provider, 10_000 * UNIT, sender=provider)
    for spender in (exchange, pool):
        dollar.approve(spender, 10_000 * UNIT, sender=provider)
    pool.requestDeposit(5_000 * UNIT, provider, provider, sender=provider)
    pool.deposit(5_000 * UNIT, provider, provider, sender=provider)
    exchange.deposit(1_000 * UNIT, sender=provider)
    exchange.trade([buy(0, WAD // 10)], sender=provider)
    pool.requestDeposit(UNIT, provider, provider, sender=provider)
    chain.set_code(feeds.feed(0).address, hungry(2_000 * USD, feeds.now))
    found = set()
    for limit in range(60_000, 1_500_000, 40_000):
        with pytest.raises(Reverted) as refused:
            data = pool.encode("cancel_deposit", provider)
            chain.send(pool.address, data, provider, gas=hex(limit))
        found.add(refused.value.reason)
    assert found - {""} == {GAS, BINDING}
    assert pool.pending_assets() == UNIT
