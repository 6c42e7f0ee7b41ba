# SPDX-License-Identifier: AGPL-3.0-only
"""plan: what a flow is to do, by hand and against the model over many snapshots."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.policy.flow_plan import ENTERS, Plan, plan_flow
from inverse_index.model.policy.flow_terms import Flow, Kind
from inverse_index.model.token.modes import Mode
from tests.support.assertions import reverts
from tests.support.constants import WAD

from .snapshots import UNIT, P, Snapshot, flow_targets, make_snapshot

TERMS = make_snapshot()


def planned(policy: Any, kind: Kind, amount: int, s: Snapshot = TERMS) -> Any:
    """The flow of the contract's plan; all of the plan is the model's."""
    found = policy.plan(int(kind), s.abi, amount)
    same(found, plan_flow(kind, s.terms, s.flows, amount, policy.backend.block_timestamp()), s)
    return found.flow


def same(found: Any, expected: Plan, s: Snapshot) -> None:
    assert tuple(found.flow) == astuple(expected.flow)
    assert tuple(found.flows) == astuple(expected.flows)
    assert (found.kind, found.emptied) == (expected.kind, expected.emptied)
    assert found.incoming == expected.incoming
    assert found.targets == flow_targets(s, expected)
    assert found.holdings == (s.holdings if expected.emptied else 0)
    assert (found.bid, found.supply, found.virtual) == (s.terms.bid, s.supply, s.virtual)


def test_deposit_by_hand(policy: Any) -> None:
    """[T-DEP-2]"""
    f = planned(policy, Kind.DEPOSIT, 100 * UNIT)
    assert (f.netted, f.size, f.charge, f.assets) == (True, 99_900_000, 100_000, 100 * UNIT)
    assert f.shares == 99_900_000 * (100_000 * 10**18 + 10**12) // (100_100 * UNIT + 1)


def test_a_hedged_mint_to_the_unit(policy: Any) -> None:
    """The bound's cost is rounded up once for every hundredth unit of notional."""
    charges = {
        planned(policy, Kind.MINT, 2_000 * 10**18 + i * 10**12).charge for i in range(0, 300, 3)
    }
    assert len(charges) > 2


def test_n_of_a_unit_is_worth_something(policy: Any, any_oracle: str) -> None:
    """None is not. [T-DEP-2]"""
    for net, refused in ((1, False), (0, True), (-1, True)):
        s = make_snapshot(net=net, oracle=any_oracle)
        if refused:
            with reverts("token: no value left"):
                policy.plan(int(Kind.DEPOSIT), s.abi, 100 * UNIT)
        else:
            planned(policy, Kind.DEPOSIT, 100 * UNIT, s)


def test_redeem_by_hand(policy: Any) -> None:
    """[T-RED-1]"""
    f = planned(policy, Kind.REDEEM, 100 * 10**18)
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
def test_where_netting_ends(policy: Any, kind: Kind, unhedged: int, largest: int) -> None:
    """The model agrees on both sides of the edge, which lies near the bound by hand. [T-DEP-4]"""
    into = kind in (Kind.DEPOSIT, Kind.MINT)
    s = make_snapshot(unhedged=unhedged if into else -unhedged)
    n = s.terms.bid if into else s.terms.ask
    limit = n * 50 // 10_000
    used = unhedged
    room = max(min(limit, 2 * limit - used), 0)
    scale = 1 if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else 10**12
    if room:
        assert planned(policy, kind, room * scale * 98 // 100, s).netted
        assert not planned(policy, kind, room * scale * 102 // 100, s).netted
    else:
        assert not planned(policy, kind, UNIT * scale, s).netted


@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.WITHDRAW])
def test_the_last_shares_never_net(policy: Any, kind: Kind) -> None:
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
        assert not planned(policy, kind, 10**15, s).netted
        assert planned(policy, kind, 10**12, s).netted
    else:
        assert not planned(policy, kind, 998, s).netted


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_first_mint_pays_the_bound_of_l_times_its_size(
    policy: Any, any_oracle: str, multiple: int
) -> None:
    """[T-MINT-3]"""
    s = make_snapshot(net=0, exposure=0, supply=0, unhedged=0, multiple=multiple, oracle=any_oracle)
    f = planned(policy, Kind.MINT, 1_000 * 10**18, s)
    assert not f.netted
    assert f.size == 1_000 * UNIT
    assert f.assets == 1_000 * UNIT + multiple * 10 * UNIT + 3 + 2


def test_a_fee_above_the_bound_is_paid_in_full(policy: Any) -> None:
    """The larger of flat fee and slippage bound, for both exact-out forms. [T-MINT-2]"""
    s = replace(TERMS, p=replace(P, mint_fee_bps=100, redeem_fee_bps=100, slippage_bps=10))
    f = planned(policy, Kind.MINT, 20_000 * 10**18, s)
    assert f.charge == f.assets - f.size == -(-f.size * 10_000 // 9_900) - f.size
    f = planned(policy, Kind.WITHDRAW, 20_000 * UNIT, s)
    assert f.size == -(-20_000 * UNIT * 10_000 // 9_900)


def test_an_exposure_whose_bound_is_more_than_n(policy: Any) -> None:
    s = make_snapshot(net=1_100 * UNIT)
    assert s.terms.ask == 1_000 * UNIT
    with reverts("token: cost above value"):
        policy.plan(int(Kind.WITHDRAW), s.abi, 100 * UNIT)
    with pytest.raises(Revert, match="token: cost above value"):
        plan_flow(Kind.WITHDRAW, s.terms, s.flows, 100 * UNIT, 0)


def test_more_shares_than_there_are(policy: Any) -> None:
    """[T-RED-9]"""
    with reverts("token: shares above balance"):
        policy.plan(int(Kind.REDEEM), TERMS.abi, TERMS.supply + 1)


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.MINT])
def test_a_deposit_outside_the_band_is_hedged_at_the_multiple(
    policy: Any, any_oracle: str, kind: Kind
) -> None:
    """In the proportions of the index, and what waits stays; at the band's edge the
    present shorts are scaled, and with them what waits. [T-DEP-8]"""
    amount = 50_000 * (UNIT if kind == Kind.DEPOSIT else WAD)
    edge = TERMS.terms.bid * 11_000 // 10_000
    for exposure, within in ((edge, True), (edge + 1, False)):
        s = make_snapshot(exposure=exposure, spread=0, net=TERMS.terms.bid, oracle=any_oracle)
        assert s.terms.within_band == within
        planned(policy, kind, amount, s)
        found = policy.plan(int(kind), s.abi, amount)
        assert (found.flows.unhedged == s.flows.unhedged) != within
        ratios = {new * WAD // old for new, old in zip(found.targets, s.held.shorts, strict=False)}
        assert (max(ratios) - min(ratios) <= 1) == within


def test_a_netted_flow_is_recorded(policy: Any) -> None:
    """Its fee joins the reserve, its size what waits; the clock starts above the
    tolerance, keeps its start there, and ends below it. [T-DEP-5]"""
    now = policy.backend.block_timestamp()
    for unhedged, since, after in (
        (0, 0, 0),
        (480 * UNIT, 0, now),
        (480 * UNIT, 77, 77),
        (-560 * UNIT, 77, 0),
    ):
        s = make_snapshot(unhedged=unhedged, reserve=5, netting_since=since)
        assert planned(policy, Kind.DEPOSIT, 100 * UNIT, s).netted
        found = policy.plan(int(Kind.DEPOSIT), s.abi, 100 * UNIT).flows
        assert tuple(found) == (unhedged + 99_900_000, 5 + 100_000, after)


def test_all_shares_leave(policy: Any) -> None:
    """Everything is closed and nothing is kept on record. [T-RED-4]"""
    s = make_snapshot(unhedged=-9, reserve=5, netting_since=77)
    assert not planned(policy, Kind.REDEEM, s.supply, s).netted
    found = policy.plan(int(Kind.REDEEM), s.abi, s.supply)
    assert (found.emptied, found.holdings) == (True, 100_000 * UNIT + 5)
    assert tuple(found.flows) == (0, 0, 0)


COLLATERAL, SHARES = 2**112, 2**128  # the ranges that the module `nav` names


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any that is inside the ranges; the oracle is not set."""

    def up_to(largest: int) -> int:
        few = st.integers(0, min(largest, 10**6))
        return draw(st.one_of(few, st.integers(0, largest - 1)))

    virtual = 10 ** (18 - draw(st.sampled_from([6, 8, 18])))
    largest = COLLATERAL // virtual
    n = up_to(largest)
    multiple = draw(st.integers(1, 3))
    near = n * multiple * draw(st.integers(8_000, 12_000)) // 10_000
    exposure = draw(st.one_of(st.just(near), st.integers(0, largest)))
    return make_snapshot(
        net=n if draw(st.booleans()) else draw(st.integers(-(10**6), 10**6)),
        exposure=min(exposure, 2**155 // (virtual * WAD) - 1),
        spread=draw(st.sampled_from([0, 1, WAD // 1_000, WAD // 30, 2 * WAD])),
        unhedged=draw(st.sampled_from([-1, 1])) * up_to(largest),
        reserve=up_to(2**96 // virtual),
        netting_since=draw(st.sampled_from([0, 1_700_000_000])),
        supply=up_to(SHARES),
        mids=draw(st.lists(st.integers(WAD // 1_000, 10**5 * WAD), min_size=1, max_size=10)),
        multiple=multiple,
        virtual=virtual,
        p=replace(
            P,
            tolerance_bps=draw(st.integers(0, 200)),
            mint_fee_bps=draw(st.integers(0, 100)),
            redeem_fee_bps=draw(st.integers(0, 100)),
            slippage_bps=draw(st.integers(1, 500)),
            band_bps=draw(st.integers(300, 5_000)),
        ),
    )


def in_range(flow: Flow, s: Snapshot) -> bool:
    return max(flow.size, flow.assets) * s.virtual < COLLATERAL and flow.shares < SHARES


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(list(Kind)), s=snapshots(), data=st.data())
def test_as_the_model_for_all_snapshots(
    policy: Any, any_oracle: str, kind: Kind, s: Snapshot, data: st.DataObject
) -> None:
    """Integers, and the one reason. [Q-2]"""
    largest = SHARES if kind in (Kind.MINT, Kind.REDEEM) else COLLATERAL // s.virtual
    present = s.supply if kind in (Kind.MINT, Kind.REDEEM) else max(s.terms.net, 1)
    amount = data.draw(
        st.one_of(
            st.integers(0, 10**6),
            st.integers(0, largest - 1),
            st.integers(0, 1_000).map(lambda part: min(present * part // 1_000, largest - 1)),
        )
    )
    s = replace(s, oracle=any_oracle)
    try:
        if kind in ENTERS:
            s.terms.check_mint()
        assume(in_range(plan_flow(kind, s.terms, s.flows, amount, 0).flow, s))
    except Revert as error:
        with reverts(error.reason):
            policy.plan(int(kind), s.abi, amount)
        return
    planned(policy, kind, amount, s)


SETTLED = make_snapshot(mode=Mode.SETTLED, net=90_000 * UNIT, exposure=0, unhedged=0)


def test_settled_pays_parts_without_a_fee(policy: Any) -> None:
    """[M-SET-3]"""
    f = planned(policy, Kind.REDEEM, 50_000 * 10**18, SETTLED)
    assert (f.netted, f.charge) == (True, 0)
    assert f.assets == f.size == 50_000 * 10**18 * (90_000 * UNIT + 1) // (10**23 + 10**12)
    f = planned(policy, Kind.WITHDRAW, 45_000 * UNIT, SETTLED)
    assert (f.netted, f.charge, f.assets, f.size) == (True, 0, 45_000 * UNIT, 45_000 * UNIT)
    assert f.shares == -(-45_000 * UNIT * (10**23 + 10**12) // (90_000 * UNIT + 1))


def test_settled_pays_the_last_everything(policy: Any) -> None:
    """[M-SET-4]"""
    assert planned(policy, Kind.REDEEM, SETTLED.supply, SETTLED).assets == 90_000 * UNIT
    one_less = planned(policy, Kind.REDEEM, SETTLED.supply - 1, SETTLED).assets
    assert one_less == 90_000 * UNIT  # rounded down to the unit, and never above what is left


def test_settled_shares_worth_more_than_a_unit(policy: Any) -> None:
    """Then the virtual shares have their part of every exit but the last. [M-SET-3]"""
    rich = make_snapshot(mode=Mode.SETTLED, net=200_000 * UNIT, exposure=0, unhedged=0)
    assert planned(policy, Kind.REDEEM, rich.supply, rich).assets == 200_000 * UNIT
    assert planned(policy, Kind.REDEEM, rich.supply - 1, rich).assets == 200_000 * UNIT - 1


def test_settled_withdrawal_leaves_a_share(policy: Any) -> None:
    """[M-SET-5]"""
    rich = make_snapshot(mode=Mode.SETTLED, net=100_001 * UNIT, exposure=0, unhedged=0)
    with reverts("token: redeem the last shares"):
        policy.plan(int(Kind.WITHDRAW), rich.abi, 100_001 * UNIT)


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
def test_mints_refused(policy: Any, kind: Kind, change: dict[str, Any], reason: str) -> None:
    """[M-PAUSE-3]"""
    s = make_snapshot(**change)
    with reverts(reason):
        policy.plan(int(kind), s.abi, 10**9)
    redeemed = policy.plan(int(Kind.REDEEM), s.abi, 10**18).flow
    assert redeemed.shares == 10**18
    assert (redeemed.assets > 0) == (s.terms.ask > 0)
