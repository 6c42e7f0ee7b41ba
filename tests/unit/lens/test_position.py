# SPDX-License-Identifier: AGPL-3.0-only
"""position: what one holder has and may do."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture
def harness(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    made = deploy_harness(chain, owner, keeper)
    made.fund(depositor)
    made.deposit(100_000 * 10**6, depositor)
    return made


def test_of_a_holder(harness: SystemHarness, depositor: str) -> None:
    """[L-4]"""
    token = harness.token
    harness.system.collateral.approve(token, 12_345, sender=depositor)
    p = harness.system.lens.position(token, depositor)
    assert p.shares == token.balanceOf(depositor) == 99_900 * 10**18
    assert p.worth == token.convertToAssets(p.shares)
    assert p.collateral == 10**15 - 100_000 * 10**6
    assert p.allowance == 12_345
    assert p.max_deposit == token.maxDeposit(depositor) > 0
    assert p.max_redeem == p.shares


def test_of_a_stranger(harness: SystemHarness, trader: str) -> None:
    """[L-4]"""
    p = harness.system.lens.position(harness.token, trader)
    assert tuple(p) == (0, 0, 0, 0, harness.token.maxDeposit(trader), 0)


def test_while_prices_are_unusable(harness: SystemHarness, depositor: str) -> None:
    """[L-2]"""
    harness.chain.increase_time(8 * 86_400)
    p = harness.system.lens.position(harness.token, depositor)
    assert (p.shares, p.collateral) == (99_900 * 10**18, 10**15 - 100_000 * 10**6)
    assert (p.worth, p.max_deposit, p.max_redeem) == (0, 0, 0)
