# SPDX-License-Identifier: AGPL-3.0-only
"""A token with shares on moved prices, and feeds of its value."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.token.nav import per_share_down
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> SystemHarness:
    """100,000 paid in by the depositor; the attacker is rich."""
    made = deploy_harness(chain, owner, keeper)
    made.fund(depositor)
    made.fund(attacker)
    made.deposit(100_000 * 10**6, depositor)
    made.move(3, 600)
    return made


@pytest.fixture
def feed(harness: SystemHarness) -> Contract:
    return nav_feed(harness)


def nav_feed(harness: SystemHarness, decimals: int = 18) -> Contract:
    return harness.chain.deploy(
        "NavFeed", harness.token, decimals, "ITEST / USDC", sender=harness.owner
    )


def expected(harness: SystemHarness) -> int:
    """WAD: N at ask over all shares, the unminted fee and the virtual ones included."""
    report = harness.report()
    return per_share_down(report.ask, report.state.supply, 10**18 // harness.system.unit)
