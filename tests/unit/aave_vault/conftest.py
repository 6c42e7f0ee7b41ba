# SPDX-License-Identifier: AGPL-3.0-only
"""Tokens on real Aave and Uniswap: on two components, one of eight decimals, and
on paths of two and three pools."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.aave_desk import Desk, renewed
from tests.seat import Seat
from tests.systems import Bench, deploy_bench, make_aave_plan

PAID_IN = 100_000 * 10**6
DIRECT = {"components": {"C1": {"decimals": "8", "fee_bps": "30"}}}
# C0 leads through C1, C2 through WETH and WBTC.
PATHS = {
    "max_trade": "90000",  # two components trade with the pool of C1
    "components": {"C0": {"via": "C1"}, "C2": {"via": "WETH", "fee_bps": "30"}},
    "tokens": {"WETH": {"via": "WBTC"}, "WBTC": {"decimals": "8", "local": {"price": "40000"}}},
}
Made = tuple[Bench, int]


def _made(
    chain: LocalBackend, owner: str, keeper: str, people: tuple[str, ...], k: int, venue: Any
) -> Made:
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(k, venue=venue))
    for person in people:
        bench.fund(person)
    return bench, chain.now()


@pytest.fixture(scope="module")
def made(chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str) -> Made:
    return _made(chain, owner, keeper, (depositor, second_holder), 2, DIRECT)


@pytest.fixture(scope="module")
def made_on_paths(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Made:
    return _made(chain, owner, keeper, (depositor,), 3, PATHS)


@pytest.fixture
def bench(made: Made) -> Bench:
    """Nothing minted yet; depositor and second holder are rich and approve."""
    return renewed(*made)


@pytest.fixture
def held(bench: Bench, depositor: str) -> Bench:
    """The depositor has paid 100,000 in."""
    bench.deposit(PAID_IN, depositor)
    return bench


@pytest.fixture
def desk(held: Bench) -> Desk:
    return Desk(held)


@pytest.fixture
def paths(made_on_paths: Made) -> Bench:
    """As `bench`, on paths of several pools."""
    return renewed(*made_on_paths)


@pytest.fixture
def seat(bench: Bench) -> Seat:
    """The token's seat at an empty vault."""
    return Seat(bench)
