# SPDX-License-Identifier: AGPL-3.0-only
"""What a plan records of a flow: the fees that wait, and when the leverage was in its band."""

from __future__ import annotations

import pytest

from inverse_index.model.policy.flow_terms import Kind
from tests.support.constants import WAD

from .site import Site
from .snapshots import UNIT, make_snapshot

SIZE, FEE = 99_900_000, 100_000  # of a deposit of 100


@pytest.mark.parametrize(
    ("unhedged", "reserve"),
    [
        (0, 5_000 + FEE),  # nothing waited: whatever was there stays
        (480 * UNIT, 5_000 + FEE),
        (-2 * SIZE, 2_500),  # half of what waited is cancelled
        (-4 * SIZE, 3_750),
        (-SIZE - 1, 0),
        (-SIZE, 0),  # all of it
        (-SIZE // 2, FEE // 2),  # the rest of the deposit waits, with its fee
        (-SIZE + 1, 0),
        (-1, FEE - 1),
    ],
)
def test_fees_of_flows_that_cancel_are_released(site: Site, unhedged: int, reserve: int) -> None:
    """Those of what still waits are kept, rounded down. [T-DEP-21]"""
    s = make_snapshot(unhedged=unhedged, reserve=5_000)
    assert site.planned(Kind.DEPOSIT, 100 * UNIT, s).netted
    found = site.plan(Kind.DEPOSIT, 100 * UNIT, s).flows
    assert (found.unhedged, found.reserve) == (unhedged + SIZE, reserve)


def test_a_redemption_cancels_too(site: Site) -> None:
    """[T-DEP-21] [T-RED-3]"""
    s = make_snapshot(unhedged=400 * UNIT, reserve=400_000)
    flow = site.planned(Kind.REDEEM, 100 * WAD, s)
    assert flow.netted
    found = site.plan(Kind.REDEEM, 100 * WAD, s).flows
    assert found.unhedged == 400 * UNIT - flow.size
    assert found.reserve == 400_000 * found.unhedged // (400 * UNIT)


@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.WITHDRAW])
@pytest.mark.parametrize("unhedged", [0, 60 * UNIT, -60 * UNIT])
def test_a_hedged_exit_takes_its_part_of_what_waits(site: Site, kind: Kind, unhedged: int) -> None:
    """And of the fees for it, with which it is paid. [T-RED-2]"""
    site.quote(0)
    s = make_snapshot(unhedged=unhedged, reserve=50_001)
    flow = site.planned(kind, 20_000 * (WAD if kind == Kind.REDEEM else UNIT), s)
    found = site.plan(kind, 20_000 * (WAD if kind == Kind.REDEEM else UNIT), s).flows
    left = s.supply - flow.shares
    assert abs(found.unhedged - unhedged * left // s.supply) <= 1
    assert found.reserve == 50_001 * left // s.supply


def test_a_hedged_mint_leaves_the_fees(site: Site) -> None:
    """[T-DEP-6]"""
    s = make_snapshot(reserve=50_001)
    assert not site.planned(Kind.DEPOSIT, 20_000 * UNIT, s).netted
    assert site.plan(Kind.DEPOSIT, 20_000 * UNIT, s).flows.reserve == 50_001


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("whole", [1, 20_000])
def test_a_flow_in_the_band_is_noted(site: Site, kind: Kind, whole: int) -> None:
    """Netted or hedged, at either edge of the band and not a unit beyond; what waits
    counts for nothing. [T-RWD-12]"""
    amount = whole * (WAD if kind in (Kind.MINT, Kind.REDEEM) else UNIT)
    for exposure, within in (
        (100_000 * UNIT, True),
        (110_000 * UNIT, True),
        (110_000 * UNIT + 1, False),
        (90_000 * UNIT, True),
        (90_000 * UNIT - 1, False),
        (0, False),
    ):
        for waiting in (-900 * UNIT, 0, 900 * UNIT):
            net = 100_000 * UNIT + waiting
            s = make_snapshot(net=net, exposure=exposure, spread=0, unhedged=waiting, in_band_at=7)
            assert site.planned(kind, amount, s).netted == (whole == 1)
            found = site.plan(kind, amount, s)
            assert found.flows.in_band_at == (site.now if within else 7)


def test_the_last_exit_leaves_no_record(site: Site) -> None:
    """[T-RED-4]"""
    s = make_snapshot(unhedged=-9, reserve=5, netting_since=77, in_band_at=78)
    assert tuple(site.plan(Kind.REDEEM, s.supply, s).flows) == (0, 0, 0, 0)
