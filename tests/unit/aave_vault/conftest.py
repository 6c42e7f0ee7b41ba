# SPDX-License-Identifier: AGPL-3.0-only
"""Tokens on real Aave and Uniswap: on two components, one of eight decimals, and
on paths of two and three pools."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.support.aave_venue_harness import AaveVenueHarness, renewed
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.vault_harness import VaultHarness

PAID_IN = 100_000 * 10**6
DIRECT = {"components": {"C1": {"decimals": "8", "fee_bps": "30"}}}
# C0 leads through C1, C2 through WETH and WBTC.
PATHS = {
    "max_trade": "90000",  # two components trade with the pool of C1
    "components": {"C0": {"via": "C1"}, "C2": {"via": "WETH", "fee_bps": "30"}},
    "tokens": {"WETH": {"via": "WBTC"}, "WBTC": {"decimals": "8", "local": {"price": "40000"}}},
}
Made = tuple[SystemHarness, int]


def _made(
    chain: LocalBackend, owner: str, keeper: str, actors: tuple[str, ...], k: int, venue: Any
) -> Made:
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(k, venue=venue))
    for actor in actors:
        harness.fund(actor)
    return harness, chain.now()


@pytest.fixture(scope="module")
def made(chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str) -> Made:
    return _made(chain, owner, keeper, (depositor, second_holder), 2, DIRECT)


@pytest.fixture(scope="module")
def made_on_paths(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Made:
    return _made(chain, owner, keeper, (depositor,), 3, PATHS)


@pytest.fixture
def harness(made: Made) -> SystemHarness:
    """Nothing minted yet; depositor and second holder are rich and approve."""
    return renewed(*made)


@pytest.fixture
def held(harness: SystemHarness, depositor: str) -> SystemHarness:
    """The depositor has paid 100,000 in."""
    harness.deposit(PAID_IN, depositor)
    return harness


@pytest.fixture
def venue_harness(held: SystemHarness) -> AaveVenueHarness:
    return AaveVenueHarness(held)


@pytest.fixture
def paths(made_on_paths: Made) -> SystemHarness:
    """As `harness`, on paths of several pools."""
    return renewed(*made_on_paths)


@pytest.fixture
def vault_harness(harness: SystemHarness) -> VaultHarness:
    """The vault with its token's address to act from at an empty vault."""
    return VaultHarness(harness)
