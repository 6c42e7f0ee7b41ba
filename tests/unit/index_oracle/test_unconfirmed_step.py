# SPDX-License-Identifier: AGPL-3.0-only
"""The spread and the accepted mids while a step is unconfirmed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import BITCOIN, COLLATERAL, DOLLAR, ETHER, STEP, USD, combined, ten
from tests.support.oracle_harness import OracleHarness

FLOOR = WAD // 1_000
NARROW = combined(FLOOR, FLOOR)


@pytest.fixture
def lone(chain: LocalBackend, owner: str) -> OracleHarness:
    """Ether and Bitcoin in dollars, each of one source."""
    plans = [replace(plan, secondary_decimals=None) for plan in (ETHER, BITCOIN, DOLLAR)]
    return OracleHarness(chain, owner, plans[:2], plans[2])


@pytest.mark.parametrize(
    ("price", "spread"),
    [
        (1_600, NARROW),  # at the limit: no step
        (1_599, -(-401 * WAD // 1_599)),
        (1_200, -(-800 * WAD // 1_200)),
        (2_000, NARROW),
        (2_400, NARROW),
        (2_401, NARROW),  # a step up: the present price is the worse one
        (2_800, NARROW),
    ],
)
def test_the_ask_covers_the_accepted_price(lone: OracleHarness, price: int, spread: int) -> None:
    """Of the component that steps alone. [O-SPR-5]"""
    lone.price(0, price * USD)
    assert lone.mid(0) == price * WAD and lone.spread(0) == spread
    assert price * (WAD + spread) >= 2_000 * WAD or lone.restriction() == 0
    assert lone.spread(1) == NARROW
    assert lone.restriction() == (STEP if not 1_600 <= price <= 2_400 else 0)


def test_a_step_of_the_collateral_is_in_every_component(lone: OracleHarness) -> None:
    """Down: each is dearer in it, and that is the worse price. Up: the accepted one is
    worse. [O-SPR-5]"""
    lone.price(COLLATERAL, USD // 2)
    assert (lone.mid(0), lone.spread(0), lone.spread(1)) == (4_000 * WAD, NARROW, NARROW)
    lone.price(COLLATERAL, 2 * USD)
    assert (lone.mid(0), lone.spread(0), lone.spread(1)) == (1_000 * WAD, WAD, WAD)
    lone.price(0, 1_000 * USD)
    assert (lone.mid(0), lone.spread(0), lone.spread(1)) == (500 * WAD, 3 * WAD, WAD)


def test_the_accepted_mids(lone: OracleHarness) -> None:
    """Accepted prices of what steps, present ones of the rest. [O-READ-14]"""
    lone.price(1, 44_000 * USD)
    assert list(lone.oracle.accepted_mid()) == list(lone.oracle.read().mid)
    lone.price(0, 1_000 * USD)
    assert list(lone.oracle.accepted_mid()) == ten([2_000 * WAD, 44_000 * WAD])
    lone.price(COLLATERAL, 2 * USD)
    assert list(lone.oracle.accepted_mid()) == ten([2_000 * WAD, 44_000 * WAD])
    assert list(lone.oracle.read().mid) == ten([500 * WAD, 22_000 * WAD])
    lone.check()


def test_accepted_mids_need_usable_prices(lone: OracleHarness) -> None:
    """[O-READ-14]"""
    lone.wait(ETHER.heartbeat + 1)
    lone.renew(0)
    with reverts("oracle: stale price"):
        lone.oracle.accepted_mid()
    lone.check()


def test_a_confirmed_step_widens_nothing(chain: LocalBackend, owner: str) -> None:
    """Two sources agree on it. [O-SPR-5]"""
    pair = OracleHarness(chain, owner)
    pair.price(0, 1_000 * USD)
    assert (pair.spread(0), pair.restriction()) == (NARROW, 0)
    pair.price(0, 900 * USD, 0)
    pair.mode(0, 1, 1)
    assert pair.spread(0) == -(-1_100 * WAD // 900) and pair.restriction() == STEP


def test_after_the_delay_nothing_is_widened(lone: OracleHarness) -> None:
    """[O-SPR-5]"""
    lone.price(0, 1_000 * USD)
    lone.refresh()
    assert lone.spread(0) == WAD
    lone.wait(lone.parameters.step_delay)
    lone.renew()
    assert (lone.spread(0), lone.restriction()) == (NARROW, 0)


def test_the_spread_of_the_largest_step_has_a_limit(chain: LocalBackend, owner: str) -> None:
    """So that no product of it overflows; beyond a millionfold of both the ask is not
    covered. [O-SPR-5]"""
    wide = {"secondary_decimals": None, "decimals": 18, "min_price": 1, "max_price": 10**12 * USD}
    dear = replace(ETHER, price=10**10 * USD, **wide)
    dollar = replace(DOLLAR, price=USD // 10**3, **wide)
    harness = OracleHarness(chain, owner, [dear], dollar)
    harness.price(0, 100)
    harness.price(COLLATERAL, USD)
    assert harness.spread(0) == 10**12 * WAD < 2**100
