# SPDX-License-Identifier: AGPL-3.0-only
"""Listing: bounds, order, owner; and what deployment refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import CONFIG, ExchangeHarness, config_tuple, deploy_exchange


@pytest.fixture
def empty(chain: LocalBackend, owner: str) -> ExchangeHarness:
    return ExchangeHarness(chain, owner, [], [WAD], [])


def test_lists_the_next_component(empty: ExchangeHarness, owner: str) -> None:
    """[X-MKT-1]"""
    receipt = empty.exchange.list_market(config_tuple(CONFIG), sender=owner)
    assert empty.exchange.market_count() == 1
    assert tuple(empty.exchange.market(0)) == config_tuple(CONFIG)
    assert tuple(empty.exchange.market_state(0)) == (0, 0, 0, empty.now)
    only_event(receipt, empty.exchange, "MarketListed", market=0, config=config_tuple(CONFIG))
    with reverts("exchange: no component left to list"):
        empty.exchange.list_market(config_tuple(CONFIG), sender=owner)


def test_only_the_owner(empty: ExchangeHarness, owner: str, attacker: str) -> None:
    """[X-MKT-1]"""
    with reverts("ownable: caller is not the owner"):
        empty.exchange.list_market(config_tuple(CONFIG), sender=attacker)
    with reverts("ownable: caller is not the owner"):
        empty.exchange.transfer_ownership(attacker, sender=attacker)
    empty.exchange.transfer_ownership(attacker, sender=owner)
    assert empty.exchange.owner() == attacker
    empty.exchange.list_market(config_tuple(CONFIG), sender=attacker)


LARGEST = replace(
    CONFIG,
    skew_scale=10**30,
    max_funding=10**13,
    taker_fee=10**16,
    initial_margin=WAD,
    maintenance_margin=WAD - 10**12,
    max_long=(10**30 - 10**24) // 2,
)
SMALLEST = replace(
    CONFIG,
    skew_scale=1,
    max_funding=0,
    taker_fee=0,
    initial_margin=10**16 + 10**12,
    maintenance_margin=10**16,
    max_long=0,
)


@pytest.mark.parametrize("config", [LARGEST, SMALLEST])
def test_the_bounds_themselves_are_legal(
    empty: ExchangeHarness, owner: str, config: object
) -> None:
    empty.exchange.list_market(config_tuple(config), sender=owner)
    assert tuple(empty.exchange.market(0)) == config_tuple(config)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skew_scale": 0}, "exchange: skew scale out of range"),
        ({"skew_scale": 10**30 + 1}, "exchange: skew scale out of range"),
        ({"max_funding": 10**13 + 1}, "exchange: max funding out of range"),
        ({"taker_fee": 10**16 + 1}, "exchange: taker fee out of range"),
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
    empty: ExchangeHarness, owner: str, change: dict[str, int], reason: str
) -> None:
    """[X-MKT-1]"""
    config = replace(CONFIG, **change)
    with reverts(reason):
        empty.exchange.list_market(config_tuple(config), sender=owner)
    with pytest.raises(Exception, match=reason):
        empty.model.list_market(config, 0)


def test_an_unlisted_market_is_refused_by_every_view(empty: ExchangeHarness, owner: str) -> None:
    """[X-VIEW-3]"""
    for name, args in (("market", ()), ("market_state", ()), ("depth", (WAD, True))):
        with reverts("exchange: market not listed"):
            getattr(empty.exchange, name)(0, *args)
    with reverts("exchange: market not listed"):
        empty.exchange.size(owner, 0)
    with reverts("exchange: market not listed"):
        empty.exchange.market(10)


def test_deployment(chain: LocalBackend, owner: str, empty: ExchangeHarness) -> None:
    assert empty.exchange.asset() == empty.token.address
    assert empty.exchange.oracle() == empty.oracle.address
    assert empty.exchange.owner() == owner
    fine = chain.deploy("LocalCollateral", "Fine", "FINE", 19, sender=owner)
    with reverts("exchange: collateral has over 18 decimals"):
        deploy_exchange(chain, fine, empty.oracle, owner)
    bare = chain.deploy("FixedOracle", [], sender=owner)
    with reverts("exchange: oracle must have 1 to 10 components"):
        deploy_exchange(chain, empty.token, bare, owner)


def test_nobody_can_renounce(empty: ExchangeHarness) -> None:
    """[X-MKT-2]"""
    assert not hasattr(empty.exchange, "renounce_ownership")
