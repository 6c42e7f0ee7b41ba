# SPDX-License-Identifier: AGPL-3.0-only
"""plan: what a flow is to do, by hand and against the model over many snapshots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.model.fixed import Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.token.modes import Mode
from tests.support.assertions import reverts
from tests.support.constants import WAD

from .site import Site, model_plan
from .snapshots import TYPICAL, UNIT, P, make_snapshot


def test_deposit_by_hand(site: Site) -> None:
    """[T-DEP-2]"""
    f = site.planned(Kind.DEPOSIT, 100 * UNIT)
    assert (f.netted, f.size, f.charge, f.assets) == (True, 99_900_000, 100_000, 100 * UNIT)
    assert f.shares == 99_900_000 * (100_000 * 10**18 + 10**12) // (100_100 * UNIT + 1)


def test_a_hedged_mint_to_the_unit(site: Site) -> None:
    """The bound's cost is rounded up once for every hundredth unit of notional."""
    charges = {
        site.planned(Kind.MINT, 2_000 * 10**18 + i * 10**12).charge for i in range(0, 300, 3)
    }
    assert len(charges) > 2


def test_n_of_a_unit_is_worth_something(site: Site) -> None:
    """None is not. [T-DEP-2]"""
    for net, refused in ((1, False), (0, True), (-1, True)):
        s = make_snapshot(net=net)
        if refused:
            with reverts("token: no value left"):
                site.plan(Kind.DEPOSIT, 100 * UNIT, s)
        else:
            site.planned(Kind.DEPOSIT, 100 * UNIT, s)


def test_redeem_by_hand(site: Site) -> None:
    """[T-RED-1]"""
    f = site.planned(Kind.REDEEM, 100 * 10**18)
    size = 100 * 10**18 * (99_900 * UNIT + 1) // (100_000 * 10**18 + 10**12)
    assert (f.netted, f.size, f.charge) == (True, size, -(-size // 1_000))
    assert f.assets == size - f.charge


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("unhedged", "largest"),
    [  # tolerance 50 bps of N; both together at most twice that
        (0, 10_000),
        (499 * UNIT, 10_000),
        (700 * UNIT, 6_000),
        (-700 * UNIT, 10_000),
        (10**12, 0),
        (-(10**12), 10_000),
    ],
)
def test_where_netting_ends(site: Site, kind: Kind, unhedged: int, largest: int) -> None:
    """The model agrees on both sides of the edge, which lies near the bound by hand. [T-DEP-4]"""
    into = kind in (Kind.DEPOSIT, Kind.MINT)
    s = make_snapshot(unhedged=unhedged if into else -unhedged)
    n = s.terms.bid if into else s.terms.ask
    limit = n * 50 // 10_000
    used = unhedged
    headroom = max(min(limit, 2 * limit - used), 0)
    scale = 1 if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else 10**12
    if headroom:
        assert site.planned(kind, headroom * scale * 98 // 100, s).netted
        assert not site.planned(kind, headroom * scale * 102 // 100, s).netted
    else:
        assert not site.planned(kind, UNIT * scale, s).netted


@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.WITHDRAW])
def test_the_last_shares_never_net(site: Site, kind: Kind) -> None:
    """[T-RED-4]"""
    s = make_snapshot(
        supply=10**15,
        net=1_000,
        exposure=1_000,
        unhedged=0,
        p=replace(P, tolerance_bps=200),
    )
    assert (s.terms.bid, s.terms.ask) == (1_001, 999)
    if kind == Kind.REDEEM:
        assert not site.planned(kind, 10**15, s).netted
        assert site.planned(kind, 10**12, s).netted
    else:
        assert not site.planned(kind, 998, s).netted


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_first_mint_pays_the_bound_of_l_times_its_size(site: Site, multiple: int) -> None:
    """[T-MINT-3]"""
    s = make_snapshot(net=0, exposure=0, supply=0, unhedged=0, multiple=multiple)
    f = site.planned(Kind.MINT, 1_000 * 10**18, s)
    assert not f.netted
    assert f.size == 1_000 * UNIT
    assert f.assets == 1_000 * UNIT + multiple * 10 * UNIT + 3 + 2


def test_a_fee_above_the_bound_is_paid_in_full(site: Site) -> None:
    """The larger of flat fee and slippage bound, for both exact-out forms. [T-MINT-2]"""
    s = replace(TYPICAL, p=replace(P, mint_fee_bps=100, redeem_fee_bps=100, slippage_bps=10))
    f = site.planned(Kind.MINT, 20_000 * 10**18, s)
    assert f.charge == f.assets - f.size == -(-f.size * 10_000 // 9_900) - f.size
    f = site.planned(Kind.WITHDRAW, 20_000 * UNIT, s)
    assert f.size == -(-20_000 * UNIT * 10_000 // 9_900)


def test_an_exposure_whose_bound_is_more_than_n(site: Site) -> None:
    s = make_snapshot(net=1_100 * UNIT)
    assert s.terms.ask == 1_000 * UNIT
    with reverts("token: cost above value"):
        site.plan(Kind.WITHDRAW, 100 * UNIT, s)
    with pytest.raises(Revert, match="token: cost above value"):
        model_plan(Kind.WITHDRAW, 100 * UNIT, s, 0, None)


def test_more_shares_than_there_are(site: Site) -> None:
    """[T-RED-9]"""
    with reverts("token: shares above balance"):
        site.plan(Kind.REDEEM, TYPICAL.supply + 1)


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.MINT])
def test_a_deposit_outside_the_band_is_hedged_at_the_multiple(site: Site, kind: Kind) -> None:
    """In the proportions of the index, and what waits stays; at the band's edge the
    present shorts are scaled, and with them what waits. [T-DEP-8]"""
    amount = 50_000 * (UNIT if kind == Kind.DEPOSIT else WAD)
    edge = TYPICAL.terms.bid * 11_000 // 10_000
    for exposure, within in ((edge, True), (edge + 1, False)):
        s = make_snapshot(exposure=exposure, spread=0, net=TYPICAL.terms.bid)
        assert s.terms.within_band == within
        site.planned(kind, amount, s)
        found = site.plan(kind, amount, s)
        assert (found.flows.unhedged == s.flows.unhedged) != within
        ratios = {new * WAD // old for new, old in zip(found.targets, s.held.shorts, strict=False)}
        assert (max(ratios) - min(ratios) <= 1) == within


def test_a_netted_flow_is_recorded(site: Site) -> None:
    """Its size joins what waits; the clock starts above the tolerance, keeps its
    start there, and ends below it. [T-DEP-5]"""
    now = site.now
    for unhedged, since, after in (
        (0, 0, 0),
        (480 * UNIT, 0, now),
        (480 * UNIT, 77, 77),
        (-560 * UNIT, 77, 0),
    ):
        s = make_snapshot(unhedged=unhedged, reserve=5, netting_since=since)
        assert site.planned(Kind.DEPOSIT, 100 * UNIT, s).netted
        found = site.plan(Kind.DEPOSIT, 100 * UNIT, s).flows
        assert (found.unhedged, found.netting_since) == (unhedged + 99_900_000, after)


def test_all_shares_leave(site: Site) -> None:
    """Everything is closed and nothing is kept on record. [T-RED-4]"""
    s = make_snapshot(unhedged=-9, reserve=5, netting_since=77)
    assert not site.planned(Kind.REDEEM, s.supply, s).netted
    found = site.plan(Kind.REDEEM, s.supply, s)
    assert (found.emptied, found.holdings) == (True, 100_000 * UNIT + 5)
    assert tuple(found.flows) == (0, 0, 0, 0)


SETTLED = make_snapshot(mode=Mode.SETTLED, net=90_000 * UNIT, exposure=0, unhedged=0)


def test_settled_pays_parts_without_a_fee(site: Site) -> None:
    """[M-SET-3]"""
    f = site.planned(Kind.REDEEM, 50_000 * 10**18, SETTLED)
    assert (f.netted, f.charge) == (True, 0)
    assert f.assets == f.size == 50_000 * 10**18 * (90_000 * UNIT + 1) // (10**23 + 10**12)
    f = site.planned(Kind.WITHDRAW, 45_000 * UNIT, SETTLED)
    assert (f.netted, f.charge, f.assets, f.size) == (True, 0, 45_000 * UNIT, 45_000 * UNIT)
    assert f.shares == -(-45_000 * UNIT * (10**23 + 10**12) // (90_000 * UNIT + 1))


def test_settled_pays_the_last_everything(site: Site) -> None:
    """[M-SET-4]"""
    assert site.planned(Kind.REDEEM, SETTLED.supply, SETTLED).assets == 90_000 * UNIT
    one_less = site.planned(Kind.REDEEM, SETTLED.supply - 1, SETTLED).assets
    assert one_less == 90_000 * UNIT  # rounded down to the unit, and never above what is left


def test_settled_shares_worth_more_than_a_unit(site: Site) -> None:
    """Then the virtual shares have their part of every exit but the last. [M-SET-3]"""
    rich = make_snapshot(mode=Mode.SETTLED, net=200_000 * UNIT, exposure=0, unhedged=0)
    assert site.planned(Kind.REDEEM, rich.supply, rich).assets == 200_000 * UNIT
    assert site.planned(Kind.REDEEM, rich.supply - 1, rich).assets == 200_000 * UNIT - 1


def test_settled_withdrawal_leaves_a_share(site: Site) -> None:
    """[M-SET-5]"""
    rich = make_snapshot(mode=Mode.SETTLED, net=100_001 * UNIT, exposure=0, unhedged=0)
    with reverts("token: redeem the last shares"):
        site.plan(Kind.WITHDRAW, 100_001 * UNIT, rich)


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.MINT])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mode": Mode.MINT_PAUSED}, "token: mint is paused"),
        ({"mode": Mode.WINDING_DOWN}, "token: winding down"),
        ({"mode": Mode.SETTLED}, "token: winding down"),
        ({"restriction": Restriction.STEP}, "oracle: price step unconfirmed"),
        ({"restriction": Restriction.SPREAD}, "oracle: sources disagree"),
        ({"net": 0}, "token: no value left"),
    ],
)
def test_mints_refused(site: Site, kind: Kind, change: dict[str, Any], reason: str) -> None:
    """[M-PAUSE-3]"""
    s = make_snapshot(**change)
    with reverts(reason):
        site.plan(kind, 10**9, s)
    redeemed = site.plan(Kind.REDEEM, 10**18, s).flow
    assert redeemed.shares == 10**18
    assert (redeemed.assets > 0) == (s.terms.ask > 0)
