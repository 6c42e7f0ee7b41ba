# SPDX-License-Identifier: AGPL-3.0-only
"""A token on two components, 100,000 paid in, and its desk."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.aave_venue_harness import Desk, renewed
from tests.support.plans import make_aave_plan
from tests.support.system_harness import Bench, deploy_bench

VENUE = {"components": {"C1": {"decimals": "8", "fee_bps": "30"}}}


@pytest.fixture(scope="module")
def made(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> tuple[Bench, int]:
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(2, venue=VENUE))
    bench.fund(depositor)
    return bench, chain.now()


@pytest.fixture
def desk(made: tuple[Bench, int], depositor: str) -> Desk:
    bench = renewed(*made)
    bench.deposit(100_000 * 10**6, depositor)
    return Desk(bench)
