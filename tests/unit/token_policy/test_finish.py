# SPDX-License-Identifier: AGPL-3.0-only
"""finish: what a hedged flow pays, once the cost of its trade is known."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_plan import finish
from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import reverts
from tests.support.constants import WAD

from .site import Site
from .snapshots import UNIT, P, Snapshot, make_snapshot

COST = "token: cost above value"
S = make_snapshot(reserve=5 * UNIT)
AMOUNTS = {  # a fifth of all, which does not net
    Kind.DEPOSIT: 20_000 * UNIT,
    Kind.MINT: 20_000 * WAD,
    Kind.WITHDRAW: 20_000 * UNIT,
    Kind.REDEEM: 20_000 * WAD,
}


def hedged(site: Site, kind: Kind, amount: int | None = None, s: Snapshot = S) -> Any:
    plan = site.plan(kind, AMOUNTS[kind] if amount is None else amount, s)
    assert not plan.flow.netted
    return plan


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.REDEEM])
def test_the_larger_of_charge_and_cost(site: Site, kind: Kind) -> None:
    """A gain of 30 stays in the token, and of a fifth redeemed no more than 80 may be
    left behind: 16% of 100 and 400. [T-DEP-7] [T-RED-2]"""
    plan = hedged(site, kind, s=make_snapshot(reserve=5 * UNIT, p=replace(P, mint_fee_bps=40)))
    fee = plan.flow.charge
    if kind == Kind.DEPOSIT:
        assert fee == -(-plan.flow.assets // 250)
    else:
        assert fee == -(-plan.flow.size // 1_000)
    for cost in (-30 * UNIT, 0, fee - 1, fee, fee + 1, 50 * UNIT):
        f = site.policy.finish(plan, cost)
        assert f.charge == max(fee, cost)
        assert (f.netted, f.size) == (False, plan.flow.size)
        if kind == Kind.DEPOSIT:
            assert f.assets == plan.flow.assets
            paid = f.assets - f.charge
            assert f.shares == paid * (S.supply + S.virtual) // (S.terms.bid + 1)
        else:
            assert f.shares == plan.flow.shares
            assert f.assets == f.size - f.charge


@pytest.mark.parametrize("kind", [Kind.MINT, Kind.WITHDRAW])
def test_an_exact_out_flow_costs_no_more_than_its_charge(site: Site, kind: Kind) -> None:
    """Up to it nothing changes. [T-MINT-2]"""
    plan = hedged(site, kind)
    charge = plan.flow.charge
    assert charge > 0
    for cost in (-50 * UNIT, 0, charge):
        assert site.policy.finish(plan, cost) == plan.flow
    with reverts(COST):
        site.policy.finish(plan, charge + 1)


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.REDEEM])
def test_a_charge_above_value(site: Site, kind: Kind) -> None:
    """All of it can be charged, not a unit more."""
    plan = hedged(site, kind)
    value = plan.flow.assets if kind == Kind.DEPOSIT else plan.flow.size
    f = site.policy.finish(plan, value)
    assert (f.charge, f.shares if kind == Kind.DEPOSIT else f.assets) == (value, 0)
    with reverts(COST):
        site.policy.finish(plan, value + 1)


def test_the_last_shares_get_what_is_left(site: Site) -> None:
    """Holdings less the cost, the hedge reserve with them; the charge is what
    they are short of the ask. [T-RED-4] [T-RED-5]"""
    plan = hedged(site, Kind.REDEEM, S.supply)
    holdings = 100_005 * UNIT
    assert (plan.emptied, plan.holdings) == (True, holdings)
    for cost in (-7, 0, 90 * UNIT, holdings - 1, holdings, holdings + 1):
        f = site.policy.finish(plan, cost)
        assert f.assets == max(holdings - cost, 0)
        assert f.charge == max(f.size - f.assets, 0)
        assert (f.netted, f.size, f.shares) == (False, plan.flow.size, S.supply)


def test_the_last_shares_of_a_token_that_owes(site: Site) -> None:
    """Nothing is left to pay, whatever the trade costs."""
    s = make_snapshot(net=-10)
    plan = hedged(site, Kind.REDEEM, s.supply, s)
    assert plan.holdings == -10
    for cost, paid in ((0, 0), (-10, 0), (-11, 1)):
        assert site.policy.finish(plan, cost).assets == paid


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    part=st.integers(1, 1_000),
    around=st.sampled_from(["nothing", "charge", "size", "assets", "holdings"]),
    offset=st.one_of(st.integers(-2, 2), st.integers(-(10**24), 10**24)),
    net=st.one_of(st.integers(10**4, 10**6), st.integers(10**4, 10**20)),
    leverage=st.integers(9_200, 10_800),
    spread=st.integers(0, WAD // 100),
    reserve=st.integers(0, 10**10),
    supply=st.one_of(st.integers(1, 10**6), st.integers(1, 2**128 - 1)),
    virtual=st.integers(0, 18).map(lambda decimals: 10**decimals),
    fees=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    slippage=st.integers(1, 500),
)
def test_as_the_model_for_all_costs(
    site: Site,
    kind: Kind,
    part: int,
    around: str,
    offset: int,
    net: int,
    leverage: int,
    spread: int,
    reserve: int,
    supply: int,
    virtual: int,
    fees: tuple[int, int],
    slippage: int,
) -> None:
    """Integers, and the one reason, near every edge and far from it. [Q-2]"""
    s = make_snapshot(
        net=net,
        exposure=net * leverage // 10_000,
        spread=spread,
        reserve=reserve,
        supply=supply,
        virtual=virtual,
        p=replace(
            P,
            tolerance_bps=0,
            mint_fee_bps=fees[0],
            redeem_fee_bps=fees[1],
            slippage_bps=slippage,
        ),
    )
    of_shares = kind in (Kind.MINT, Kind.REDEEM)
    amount = -(-(supply if of_shares else net) * part // 1_000)
    try:
        model = site.expected(kind, amount, s)
    except Revert as error:  # a bound above what there is, or too many shares
        with reverts(error.reason):
            site.plan(kind, amount, s)
        return
    plan = site.plan(kind, amount, s)
    edges = {"nothing": 0, "holdings": s.holdings}
    cost = offset + (edges[around] if around in edges else getattr(model.flow, around))
    try:
        expected = finish(model, cost)
    except Revert as error:
        assert error.reason == COST
        with reverts(COST):
            site.policy.finish(plan, cost)
        return
    assert tuple(site.policy.finish(plan, cost)) == astuple(expected)
