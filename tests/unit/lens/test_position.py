# SPDX-License-Identifier: AGPL-3.0-only
"""position: what one holder has and may do."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.system_harness import Bench, deploy_bench


@pytest.fixture
def bench(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Bench:
    made = deploy_bench(chain, owner, keeper)
    made.fund(depositor)
    made.deposit(100_000 * 10**6, depositor)
    return made


def test_of_a_holder(bench: Bench, depositor: str) -> None:
    """[L-4]"""
    token = bench.token
    bench.system.collateral.approve(token, 12_345, sender=depositor)
    p = bench.system.lens.position(token, depositor)
    assert p.shares == token.balanceOf(depositor) == 99_900 * 10**18
    assert p.worth == token.convertToAssets(p.shares)
    assert p.collateral == 10**15 - 100_000 * 10**6
    assert p.allowance == 12_345
    assert p.max_deposit == token.maxDeposit(depositor) > 0
    assert p.max_redeem == p.shares


def test_of_a_stranger(bench: Bench, trader: str) -> None:
    """[L-4]"""
    p = bench.system.lens.position(bench.token, trader)
    assert tuple(p) == (0, 0, 0, 0, bench.token.maxDeposit(trader), 0)


def test_while_prices_are_unusable(bench: Bench, depositor: str) -> None:
    """[L-2]"""
    bench.chain.increase_time(8 * 86_400)
    p = bench.system.lens.position(bench.token, depositor)
    assert (p.shares, p.collateral) == (99_900 * 10**18, 10**15 - 100_000 * 10**6)
    assert (p.worth, p.max_deposit, p.max_redeem) == (0, 0, 0)
