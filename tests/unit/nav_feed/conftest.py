# SPDX-License-Identifier: AGPL-3.0-only
"""A token with shares on moved prices, and feeds of its value."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.token.nav import per_share_down
from tests.systems import Bench, deploy_bench


@pytest.fixture
def bench(chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str) -> Bench:
    """100,000 paid in by the depositor; the attacker is rich."""
    made = deploy_bench(chain, owner, keeper)
    made.fund(depositor)
    made.fund(attacker)
    made.deposit(100_000 * 10**6, depositor)
    made.move(3, 600)
    return made


@pytest.fixture
def feed(bench: Bench) -> Contract:
    return nav_feed(bench)


def nav_feed(bench: Bench, decimals: int = 18) -> Contract:
    return bench.chain.deploy("NavFeed", bench.token, decimals, "ITEST / USDC", sender=bench.owner)


def expected(bench: Bench) -> int:
    """WAD: N at ask over all shares, the unminted fee and the virtual ones included."""
    report = bench.report()
    return per_share_down(report.ask, report.state.supply, 10**18 // bench.system.unit)
