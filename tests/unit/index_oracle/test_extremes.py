# SPDX-License-Identifier: AGPL-3.0-only
"""Between which prices doubted ones leave the choice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import BITCOIN, COLLATERAL, DOLLAR, ETHER, STEP, USD
from tests.support.oracle_harness import OracleHarness


@pytest.fixture
def pair(chain: LocalBackend, owner: str) -> OracleHarness:
    """Ether and Bitcoin in dollars, each of two sources."""
    return OracleHarness(chain, owner, [ETHER, BITCOIN], DOLLAR)


@pytest.fixture
def lone(chain: LocalBackend, owner: str) -> OracleHarness:
    """The same, each of one source."""
    plans = [replace(plan, secondary_decimals=None) for plan in (ETHER, BITCOIN, DOLLAR)]
    return OracleHarness(chain, owner, plans[:2], plans[2])


def test_what_both_sources_say(pair: OracleHarness) -> None:
    """And nothing beyond the other one, on either side; of what they agree on one price.
    [O-READ-16]"""
    pair.price(0, 2_030 * USD, 0)
    assert pair.restriction() == 0
    assert tuple(pair.oracle.extremes(0)) == (2_030 * WAD, 2_030 * WAD)
    pair.price(0, 2_000 * USD)
    assert tuple(pair.oracle.extremes(0)) == (2_000 * WAD, 2_000 * WAD)
    pair.price(0, 2_200 * USD, 0)
    pair.price(0, 2_000 * USD, 1)
    assert pair.mid(0) == 2_200 * WAD
    assert tuple(pair.oracle.extremes(0)) == (2_000 * WAD, 2_200 * WAD)
    pair.price(0, 1_800 * USD, 0)
    pair.price(0, 2_000 * USD, 1)
    assert tuple(pair.oracle.extremes(0)) == (1_800 * WAD, 2_000 * WAD)
    assert tuple(pair.oracle.extremes(1)) == (40_000 * WAD, 40_000 * WAD)
    pair.check()


def test_the_collaterals_sources_count_in_every_component(pair: OracleHarness) -> None:
    """Rounded outward. [O-READ-16]"""
    pair.price(COLLATERAL, USD, 0)
    pair.price(COLLATERAL, USD * 3 // 4, 1)
    third = 2_000 * WAD * 4 // 3
    assert tuple(pair.oracle.extremes(0)) == (2_000 * WAD, third + 1)
    pair.price(0, 2_100 * USD, 0)
    pair.price(0, 2_000 * USD, 1)
    assert tuple(pair.oracle.extremes(0)) == (2_000 * WAD, 2_800 * WAD)
    pair.check()


@pytest.mark.parametrize("price", [1_000, 3_000])
def test_a_step_leaves_what_was_accepted(lone: OracleHarness, price: int) -> None:
    """Until it is confirmed. [O-READ-16]"""
    lone.price(0, price * USD)
    assert lone.restriction() == STEP
    ends = sorted([2_000 * WAD, price * WAD])
    assert list(lone.oracle.extremes(0)) == ends
    lone.refresh()
    lone.wait(3_600)
    lone.renew()
    assert list(lone.oracle.extremes(0)) == [price * WAD] * 2
    lone.check()


def test_without_the_second_source(pair: OracleHarness) -> None:
    """The one that serves. [O-READ-16]"""
    pair.price(0, 2_200 * USD, 0)
    pair.answer(0, 1, 0)
    assert tuple(pair.oracle.extremes(0)) == (2_200 * WAD, 2_200 * WAD)
    pair.check()


def test_of_components_alone(pair: OracleHarness) -> None:
    for i in (2, 3, 10, 2**256 - 1):
        with reverts("oracle: no such component"):
            pair.oracle.extremes(i)


def test_needs_a_usable_price(lone: OracleHarness) -> None:
    """Of the component and of the collateral. [O-READ-16]"""
    lone.wait(ETHER.heartbeat + 1)
    lone.renew(0)
    with reverts("oracle: stale price"):
        lone.oracle.extremes(0)
    assert lone.oracle.extremes(1).count(40_000 * WAD) == 2
    lone.wait(DOLLAR.heartbeat + 1)
    lone.renew(2)
    with reverts("oracle: stale price"):
        lone.oracle.extremes(1)
    lone.check()
