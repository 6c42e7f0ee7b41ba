# SPDX-License-Identifier: AGPL-3.0-only
"""A token on one component at 2,000, and the same with 100,000 paid in."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.system_harness import SystemHarness, deploy_harness

PAID_IN = 100_000 * 10**6
FIRST_SHARES = 99_900 * 10**18  # after 10 bps of fee, at one whole unit a share


@pytest.fixture
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> SystemHarness:
    """Nothing minted yet; depositor and second holder are rich and approve."""
    made = deploy_harness(chain, owner, keeper)
    made.fund(depositor)
    made.fund(second_holder)
    return made


@pytest.fixture
def held(harness: SystemHarness, depositor: str) -> SystemHarness:
    """The depositor has paid 100,000 in."""
    harness.deposit(PAID_IN, depositor)
    return harness
