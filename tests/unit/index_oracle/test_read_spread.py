# SPDX-License-Identifier: AGPL-3.0-only
"""read: what the spread says, of one asset and of a quotient."""

from __future__ import annotations

from dataclasses import replace

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.asset_plans import COLLATERAL, DOLLAR, ETHER, SPREAD, USD, combined
from tests.support.oracle_harness import OracleHarness

FLOOR = WAD // 1_000
NARROW = 2_001 * WAD // 10**6  # 1.001 * 1.001 - 1: both at the floor


def test_disagreement_widens_the_spread_rounded_up(pair: OracleHarness) -> None:
    """The difference over the lower of the two. [O-SPR-1]"""
    pair.price(0, 2_010 * USD, 1)  # 10 / 2,000
    assert pair.spread() == combined(WAD // 200, FLOOR) == 6_005 * WAD // 10**6
    pair.price(0, 1_990 * USD, 1)  # 10 / 1,990 = 0.502512...%
    assert pair.spread() == combined(5_025_125_628_140_704, FLOOR)
    pair.price(0, 1_999 * USD, 1)  # within the floor
    assert pair.spread() == NARROW
    pair.price(0, 2_100 * USD, 0)
    pair.price(0, 2_099 * USD - USD // 2, 1)
    assert pair.spread() == NARROW
    pair.price(0, 2_070 * USD, 1)  # 30 / 2,070 = 1.449275...%
    assert pair.spread() == combined(14_492_753_623_188_406, FLOOR)
    assert pair.mid() == 2_100 * WAD


def test_who_is_the_primary_makes_no_difference_to_the_spread(pair: OracleHarness) -> None:
    pair.price(0, 1_970 * USD, 0)
    pair.price(0, 2_009 * USD, 1)
    before = pair.spread()
    pair.price(0, 2_009 * USD, 0)
    pair.price(0, 1_970 * USD, 1)
    assert pair.spread() == before == combined(19_796_954_314_720_813, FLOOR)  # 39 / 1,970


def test_disagreement_above_the_maximum_restricts(pair: OracleHarness) -> None:
    """[O-SPR-4]"""
    pair.price(0, 2_040 * USD, 1)  # exactly 2%
    assert (pair.spread(), pair.restriction()) == (combined(WAD // 50, FLOOR), 0)
    pair.answer(0, 1, 2_040 * 10**8 + 1)
    assert pair.restriction() == SPREAD
    # (40 + 1e-8) / 2,000 = 0.02 + 5e-12
    assert pair.spread() == combined(WAD // 50 + 5_000_000, FLOOR)
    assert pair.mid() == 2_000 * WAD  # still readable, for redemption
    pair.price(0, 2_040 * USD, 0)
    pair.price(0, 2_000 * USD, 1)  # exactly 2% of the lower
    assert pair.restriction() == 0
    pair.answer(0, 1, 2_000 * 10**8 - 1)
    assert pair.restriction() == SPREAD
    assert pair.spread(1) == NARROW


def test_disagreement_on_the_collateral_is_in_every_spread(pair: OracleHarness) -> None:
    """[O-SPR-2]"""
    pair.price(COLLATERAL, USD * 101 // 100, 1)
    assert pair.spread(0) == pair.spread(1) == combined(WAD // 100, FLOOR)
    assert (pair.mid(0), pair.mid(1)) == (2_000 * WAD, 40_000 * WAD)
    pair.price(0, 2_010 * USD, 1)
    assert pair.spread(0) == combined(WAD // 100, WAD // 200) == 15_050 * WAD // 10**6
    assert pair.restriction() == 0
    pair.answer(COLLATERAL, 1, 102 * 10**6 + 1)
    assert pair.restriction() == SPREAD


def test_the_spread_is_rounded_up_twice(pair: OracleHarness) -> None:
    """The two disagreements, and their product."""
    pair.answer(0, 1, 2_010 * 10**8 + 1)
    pair.answer(COLLATERAL, 1, 100_300_001)
    own, collateral = WAD // 200 + 5 * 10**6, 300_001 * 10**10
    assert own * collateral % WAD == 5 * 10**16
    assert pair.spread() == own + collateral + own * collateral // WAD + 1


def test_the_sources_lie_between_bid_and_ask(pair: OracleHarness) -> None:
    """[O-SPR-3]"""
    for other in (1_000, 1_400, 1_961, 1_999, 2_001, 2_039, 2_700):
        pair.price(0, other * USD, 1)
        mid, spread = pair.mid(), pair.spread()
        assert mid * (WAD - spread) <= other * WAD * WAD <= mid * (WAD + spread)


def test_a_quote_of_both_secondaries_lies_inside(pair: OracleHarness) -> None:
    """Whoever deals at the other source of the component and at the other source of
    the collateral finds no price outside the spread; a sum of spreads would
    leave room on both sides. [O-SPR-3]"""
    for cents, dollar in ((204_000, 98_040_000), (196_080, 102_000_000), (199_800, 99_900_000)):
        pair.price(0, cents * USD // 100, 1)
        pair.answer(COLLATERAL, 1, dollar)
        mid, spread = pair.mid(), pair.spread()
        assert pair.restriction() == 0
        for component in (2_000 * USD, cents * USD // 100):
            for collateral in (10**8, dollar):
                quote = component * 10**8 * WAD
                assert mid * (WAD - spread) * collateral <= quote
                assert quote <= mid * (WAD + spread) * collateral
    pair.price(0, 2_040 * USD, 1)
    pair.answer(COLLATERAL, 1, 98_040_000)
    own, collateral = WAD // 50, -(-196 * WAD // 9_804)
    assert pair.spread() == combined(own, collateral)
    # 2,040 / 0.9804 = 2,080.78 is beyond the sum of both
    assert 2_000 * WAD * (WAD + own + collateral) * 98_040_000 < 2_040 * WAD * 10**8 * WAD


def test_a_disagreement_of_everything_and_more(pair: OracleHarness) -> None:
    """Above 1 the bid is 0, and redemption goes on; nothing underflows."""
    pair.price(0, 500 * USD, 1)  # 1,500 / 500 = 300%
    assert (pair.mid(), pair.spread()) == (2_000 * WAD, combined(3 * WAD, FLOOR))
    assert pair.restriction() == SPREAD
    pair.price(0, 8_000 * USD, 1)
    assert pair.spread() == combined(3 * WAD, FLOOR)
    pair.answer(COLLATERAL, 1, 50_000_000)
    assert pair.spread() == 4 * 2 * WAD - WAD
    assert pair.spread(1) == combined(WAD, FLOOR)


def test_sources_worlds_apart_are_still_prices(chain: LocalBackend, owner: str) -> None:
    """Disagreements count a millionfold at most: no product is too large."""
    wide = {"decimals": 18, "secondary_decimals": 18, "min_price": 1, "max_price": 10**30}
    harness = OracleHarness(
        chain, owner, [replace(ETHER, price=USD, **wide)], replace(DOLLAR, **wide)
    )
    most = 10**6 * WAD
    harness.price(0, 10**30, 1)
    assert (harness.spread(), harness.restriction()) == (combined(most, FLOOR), SPREAD)
    harness.price(COLLATERAL, 1, 1)
    assert harness.spread() == combined(most, most) == 2 * most + 10**12 * WAD
    harness.price(0, USD, 1)
    harness.price(COLLATERAL, 1_000_001 * USD, 1)
    assert harness.spread() == combined(most, FLOOR)
    harness.answer(COLLATERAL, 1, 1_000_001 * USD - 1)
    assert harness.spread() == combined(most - 1, FLOOR)
