# SPDX-License-Identifier: AGPL-3.0-only
"""A token with one component at 2,000 USDC and one holder of 100,000 USDC."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture
def harness(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    made = deploy_harness(chain, owner, keeper, make_plan())
    made.fund(depositor)
    made.deposit(100_000 * made.system.unit, depositor)
    return made
