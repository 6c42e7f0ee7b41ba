# SPDX-License-Identifier: AGPL-3.0-only
"""closing_prices: as read, else what was last accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.asset_plans import (
    COLLATERAL,
    DOLLAR,
    ETHER,
    FAILS,
    SPREAD,
    STEP,
    USD,
    combined,
    ten,
)
from tests.support.oracle_harness import OracleHarness

FALLBACK = combined(WAD // 200, WAD // 200)


def lose(harness: OracleHarness, asset: int = 0) -> None:
    for source in harness.sources(asset):
        harness.mode(asset, source, FAILS)


def test_as_read_while_usable(pair: OracleHarness) -> None:
    """Restrictions and all. [O-CLS-1]"""
    pair.price(0, 3_000 * USD, 0)
    pair.price(0, 3_200 * USD, 1)
    assert pair.restriction() == STEP | SPREAD
    assert pair.oracle.closing_prices() == pair.oracle.read()


def test_the_last_accepted_when_unusable(pair: OracleHarness) -> None:
    """[O-CLS-2]"""
    pair.price(0, 2_100 * USD)
    pair.price(COLLATERAL, 99 * USD // 100)
    pair.refresh()
    pair.price(0, 2_200 * USD)  # not accepted
    lose(pair, 1)
    closing = pair.oracle.closing_prices()
    assert closing.mid == ten([2_100 * WAD * 100 // 99, 40_000 * WAD * 100 // 99])
    assert closing.spread == ten([FALLBACK, FALLBACK])
    assert (closing.updated_at, closing.restriction) == (0, 0)
    pair.check()


@pytest.mark.parametrize("asset", [0, 1, COLLATERAL])
def test_whatever_is_lost(pair: OracleHarness, asset: int) -> None:
    lose(pair, asset)
    pair.wait(30 * 86_400)
    assert pair.oracle.closing_prices().mid == ten([2_000 * WAD, 40_000 * WAD])
    pair.check()


def test_a_step_that_was_only_observed_does_not_count(single: OracleHarness) -> None:
    """[O-CLS-3]"""
    single.price(0, 4_000 * USD)
    single.refresh()
    lose(single)
    assert single.oracle.closing_prices().mid == ten([2_000 * WAD])


def test_accepted_at_different_times_but_never_zero(chain: LocalBackend, owner: str) -> None:
    """A component rises in a step that is observed while its old price, almost
    nothing, stays accepted; the collateral rises confirmed by its two sources. [O-CLS-2]"""
    speck = replace(
        ETHER, price=1_000, decimals=18, secondary_decimals=None, min_price=1, max_price=10**30
    )
    dollar = replace(DOLLAR, max_price=10**30)
    harness = OracleHarness(chain, owner, [speck], dollar, base_level=WAD)
    harness.price(0, 10**6 * USD)
    harness.price(COLLATERAL, 2_000 * USD)
    harness.refresh()
    assert [harness.oracle.accepted(i)[0] for i in (0, 1)] == [1_000, 2_000 * WAD]
    lose(harness)
    assert harness.oracle.closing_prices().mid == ten([1])
    harness.check()


def test_accepted_at_different_times_but_in_range(chain: LocalBackend, owner: str) -> None:
    """The other way round: an old high price over a collateral that fell."""
    giant = replace(
        ETHER, price=10**29, decimals=18, secondary_decimals=None, min_price=1, max_price=10**30
    )
    dollar = replace(DOLLAR, decimals=18, secondary_decimals=18, min_price=1)
    harness = OracleHarness(chain, owner, [giant], dollar, base_level=WAD)
    harness.price(0, WAD)
    harness.price(COLLATERAL, WAD // 1_000)
    harness.refresh()
    lose(harness)
    assert harness.oracle.closing_prices().mid == ten([2**104 - 1])
    harness.check()
