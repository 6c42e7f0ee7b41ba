# SPDX-License-Identifier: AGPL-3.0-only
"""Construction: one market per component, their bounds, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.chain.local import _receipt
from inverse_index.model.exchange.markets import MarketConfig
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import CONFIG, ExchangeHarness, config_tuple, deploy_exchange


@pytest.fixture
def single(chain: LocalBackend, owner: str) -> ExchangeHarness:
    return ExchangeHarness(chain, owner, [], [WAD], [CONFIG])


def test_lists_every_component(chain: LocalBackend, owner: str) -> None:
    """[X-MKT-1]"""
    other = replace(CONFIG, taker_fee=2 * 10**15)
    harness = ExchangeHarness(chain, owner, [], [WAD, 2 * WAD], [CONFIG, other])
    exchange, now = harness.exchange, harness.now
    assert exchange.market_count() == 2
    for market, config in enumerate((CONFIG, other)):
        assert tuple(exchange.market(market)) == config_tuple(config)
        assert tuple(exchange.market_state(market)) == (0, 0, 0, 0, 0, 0, now)


def test_says_what_it_lists(single: ExchangeHarness, chain: LocalBackend) -> None:
    """[X-MKT-1]"""
    created = single.exchange.creation
    assert created is not None
    raw = chain.rpc("eth_getTransactionReceipt", created.tx_hash)
    receipt = _receipt({**raw, "blockTimestamp": 0})
    only_event(receipt, single.exchange, "MarketListed", market=0, config=config_tuple(CONFIG))


@pytest.mark.parametrize("configs", [[], [CONFIG, CONFIG]])
def test_not_one_market_per_component(
    single: ExchangeHarness, owner: str, configs: list[MarketConfig]
) -> None:
    """[X-MKT-1]"""
    reason = "exchange: not one market per component"
    with reverts(reason):
        deploy_exchange(single.chain, single.token, single.oracle, owner, configs)
    with pytest.raises(Exception, match=reason):
        ExchangeModel(6, 1).list_markets(configs, 0)


def test_nobody_owns_it(single: ExchangeHarness) -> None:
    """[X-MKT-2]"""
    for name in ("owner", "transfer_ownership", "renounce_ownership", "list_market"):
        assert not hasattr(single.exchange, name)


LARGEST = replace(
    CONFIG,
    skew_scale=10**30,
    max_funding=10**13,
    taker_fee=10**16,
    recovery=6 * 10**13,
    initial_margin=WAD,
    maintenance_margin=WAD - 10**12,
    max_long=(10**30 - 10**24) // 2,
)
SMALLEST = replace(
    CONFIG,
    skew_scale=1,
    max_funding=0,
    taker_fee=0,
    recovery=0,
    initial_margin=10**16 + 10**12,
    maintenance_margin=10**16,
    max_long=0,
)


@pytest.mark.parametrize("config", [LARGEST, SMALLEST])
def test_the_bounds_themselves_are_legal(
    single: ExchangeHarness, owner: str, config: MarketConfig
) -> None:
    exchange, _ = deploy_exchange(single.chain, single.token, single.oracle, owner, [config])
    assert tuple(exchange.market(0)) == config_tuple(config)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skew_scale": 0}, "exchange: skew scale out of range"),
        ({"skew_scale": 10**30 + 1}, "exchange: skew scale out of range"),
        ({"max_funding": 10**13 + 1}, "exchange: max funding out of range"),
        ({"taker_fee": 10**16 + 1}, "exchange: taker fee out of range"),
        ({"taker_fee": 10**15 + 1}, "exchange: taker fee out of range"),
        ({"recovery": 6 * 10**13 + 1_000}, "exchange: recovery out of range"),
        ({"recovery": 10**12 + 1}, "exchange: recovery out of range"),
        ({"maintenance_margin": 10**16 - 1}, "exchange: margins out of range"),
        ({"initial_margin": 5 * 10**16}, "exchange: margins out of range"),
        ({"initial_margin": WAD + 10**12}, "exchange: margins out of range"),
        ({"initial_margin": 10**17 + 1}, "exchange: margins out of range"),
        ({"maintenance_margin": 4 * 10**16 + 1}, "exchange: margins out of range"),
        ({"max_long": 250 * WAD + 1}, "exchange: max long out of range"),
        ({"max_long": MAX_UINT256}, "exchange: max long out of range"),
    ],
)
def test_beyond_the_bounds(
    single: ExchangeHarness, owner: str, change: dict[str, int], reason: str
) -> None:
    """[X-MKT-1]"""
    config = replace(CONFIG, **change)
    with reverts(reason):
        deploy_exchange(single.chain, single.token, single.oracle, owner, [config])
    with pytest.raises(Exception, match=reason):
        ExchangeModel(6, 1).list_markets([config], 0)


def test_a_market_that_is_none_is_refused_by_every_view(
    single: ExchangeHarness, owner: str
) -> None:
    """[X-VIEW-3]"""
    for name, args in (("market", ()), ("market_state", ())):
        with reverts("exchange: market not listed"):
            getattr(single.exchange, name)(1, *args)
    with reverts("exchange: market not listed"):
        single.exchange.size(owner, 1)
    with reverts("exchange: market not listed"):
        single.exchange.market(10)


def test_deployment(chain: LocalBackend, owner: str, single: ExchangeHarness) -> None:
    assert single.exchange.asset() == single.token.address
    assert single.exchange.oracle() == single.oracle.address
    fine = chain.deploy("LocalCollateral", "Fine", "FINE", 19, sender=owner)
    with reverts("exchange: collateral has over 18 decimals"):
        deploy_exchange(chain, fine, single.oracle, owner, [CONFIG])
    bare = chain.deploy("FixedOracle", [], sender=owner)
    with reverts("exchange: oracle must have 1 to 10 components"):
        deploy_exchange(chain, single.token, bare, owner, [])
