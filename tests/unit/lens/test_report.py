# SPDX-License-Identifier: AGPL-3.0-only
"""report: the token's own views in one call, prices or not."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.constants import MAX_UINT256
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture(params=[(1, 6, 1), (3, 18, 3), (10, 8, 2)], ids=str)
def harness(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> SystemHarness:
    """Some value, a flow that waits, moved prices, a fee that has not been accrued."""
    k, decimals, multiple = request.param
    made = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    made.fund(depositor)
    made.deposit(50_000 * made.system.unit, depositor)
    made.deposit(50 * made.system.unit, depositor)
    made.move([i % 5 - 2 for i in range(k)], 90_000)
    return made


def test_as_the_parts_say(harness: SystemHarness) -> None:
    """[L-1]"""
    token, system, report = harness.token, harness.system, harness.report()
    assert report.timestamp == harness.now
    assert report.block == harness.chain.block_number()
    assert report.usable is True
    assert report.total_supply == token.totalSupply() < report.state.supply
    assert report.state == token.state()
    assert report.composition == system.oracle.composition()
    assert report.prices == system.oracle.read()
    assert report.held == system.vault.value(report.prices.mid)
    assert report.level == system.oracle.level()
    assert (report.bid, report.mid, report.ask) == system.views.nav(token)
    assert report.mid == token.totalAssets()
    assert report.leverage == system.views.leverage(token)
    assert report.nav_per_share == token.nav_per_share()
    assert (report.triggers, report.reward) == tuple(token.due())
    assert report.exposure * 10**18 // report.mid == report.leverage
    harness.check()


def test_while_prices_are_unusable(harness: SystemHarness) -> None:
    """What is stored is told, what needs a price is zero. [L-2]"""
    before = harness.report()
    harness.chain.increase_time(8 * 86_400)
    report = harness.report()
    assert report.usable is False
    assert report.total_supply == before.total_supply
    assert report.state == harness.token.state()
    assert report.composition == before.composition
    priced = (
        report.level,
        report.bid,
        report.mid,
        report.ask,
        report.exposure,
        report.leverage,
        report.nav_per_share,
        report.triggers,
        report.reward,
        report.held.idle,
        report.held.equity,
        report.prices.updated_at,
        report.prices.restriction,
    )
    assert priced == (0,) * 13
    assert report.prices.mid == report.held.shorts == [0] * 10
    harness.check()


def test_before_anybody_holds(chain: LocalBackend, owner: str, keeper: str) -> None:
    harness = deploy_harness(chain, owner, keeper, make_plan(3))
    report = harness.report()
    assert (report.mid, report.leverage, report.nav_per_share) == (0, 0, 10**18)
    assert 0 <= 1_000 * 10**18 - report.level <= 50_000  # units are rounded down
    harness.check()


def test_of_a_wiped_out_token(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    harness = deploy_harness(chain, owner, keeper, make_plan())
    harness.fund(depositor)
    harness.deposit(1_000 * 10**6, depositor)
    harness.move(120)
    report = harness.report()
    assert (report.bid, report.mid, report.ask) == (0, 0, 0)
    assert report.leverage == MAX_UINT256
    assert (report.triggers, report.reward) == (0, 0)
    harness.check()
