# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind for those who stay, and what is the leaver's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert, ceil_div
from inverse_index.model.policy import exit_split
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.token import nav
from tests.support.constants import WAD

from .carried import carried_out
from .site import Site
from .snapshots import TYPICAL, UNIT, P, Snapshot, make_snapshot

FREE = replace(P, mint_fee_bps=0, redeem_fee_bps=0)
PRICES = (10**-12, 10**-6, 10**-2, 1, 10**3, 10**12)  # of a share, whole units


# by hand


def test_those_who_stay_keep_no_more_than_the_bid(site: Site) -> None:
    """Of 90,000 redeemed, 100 of spread and the fee of 89.91 would raise what stays to
    10,179.91. A share could be minted at 1.001: 10,010 stay. [T-RED-19]"""
    plan = site.plan(Kind.REDEEM, 90_000 * WAD, TYPICAL)
    assert plan.kept == 10_010 * UNIT
    for cost in (-5 * UNIT, 0, 7 * UNIT, 100 * UNIT):
        f = site.policy.finish(plan, cost)
        assert f.assets == 100_000 * UNIT - cost - 10_010 * UNIT
        assert f.charge == max(f.size - f.assets, 0)
    at_ask = plan.flow.size - 200 * UNIT
    assert site.policy.finish(plan, 200 * UNIT).assets < at_ask + 120 * UNIT


def test_a_small_exit_pays_all_of_its_charge(site: Site) -> None:
    """A fifth leaves less behind than the bid would allow. [T-RED-19] [T-RED-2]"""
    plan = site.plan(Kind.REDEEM, 20_000 * WAD, TYPICAL)
    f = site.policy.finish(plan, 0)
    assert f.assets == f.size - ceil_div(f.size, 1_000)
    assert 100_000 * UNIT - f.assets < plan.kept == 80_080 * UNIT


def test_what_stays_is_at_least_its_part(site: Site) -> None:
    """Without a spread, of shares that cost two: the virtual ones have no part. [T-RED-19]"""
    s = make_snapshot(net=200_000 * UNIT, exposure=200_000 * UNIT, spread=0, unhedged=0, p=FREE)
    plan = site.plan(Kind.REDEEM, 99_999 * WAD, s)
    assert nav.assets_up(WAD, s.terms.bid, s.supply, s.virtual) == plan.kept == 2 * UNIT
    few = replace(s, supply=10**13)
    plan = site.plan(Kind.REDEEM, 9 * 10**12, few)
    assert plan.kept == 20_000 * UNIT
    assert nav.assets_up(10**12, s.terms.bid, few.supply, s.virtual) < 18_200 * UNIT


@pytest.mark.parametrize("others", [1, 10**12, 10**16, 10 * WAD])
@pytest.mark.parametrize("spread", [0, WAD // 1_000, WAD // 20])
def test_the_last_holder_beside_fee_shares(site: Site, others: int, spread: int) -> None:
    """Dust, or what the streaming fee minted: they keep their part and its spread, and
    a unit; all else is the holder's, who pays the cost of closing. [T-RED-5]"""
    s = make_snapshot(spread=spread, reserve=3 * UNIT)
    plan = site.plan(Kind.REDEEM, s.supply - others, s)
    cost = 40 * UNIT
    alone = site.policy.finish(site.plan(Kind.REDEEM, s.supply, s), cost).assets
    assert alone == s.holdings - cost
    paid = site.policy.finish(plan, cost).assets
    theirs = ceil_div((s.terms.bid + s.flows.reserve) * others, s.supply)
    assert alone - paid <= theirs + 1


def test_a_withdrawal_of_nearly_all(site: Site) -> None:
    """It burns the shares that leave enough for the others: at 1.001 they get what is
    left of 100,000 less the assets and their trade. [T-WDR-11]"""
    site.quote(40 * UNIT)
    found = site.planned(Kind.WITHDRAW, 90_000 * UNIT)
    rest = 100_000 * UNIT - 90_000 * UNIT - 40 * UNIT - 5
    left = TYPICAL.supply - found.shares
    assert left == exit_split.left_down(TYPICAL.terms, 100_000 * UNIT, rest)
    assert abs(left - rest * WAD * 1_000 // 1_001 // UNIT) < 10**13
    at_ask = nav.shares_up(found.size, TYPICAL.terms.ask, TYPICAL.supply, TYPICAL.virtual)
    assert found.shares < at_ask


def test_a_withdrawal_of_a_fifth(site: Site) -> None:
    """It burns what its value and charge are at the ask. [T-WDR-11]"""
    site.quote(0)
    found = site.planned(Kind.WITHDRAW, 20_000 * UNIT)
    assert found.shares == nav.shares_up(
        found.size, TYPICAL.terms.ask, TYPICAL.supply, TYPICAL.virtual
    )


# for all


@st.composite
def tokens(draw: st.DrawFn) -> Snapshot:
    """Sound ones of every decimals, share price and leverage, and of dust supply."""
    virtual = 10 ** (18 - draw(st.integers(0, 18)))
    largest = 2**104 // virtual
    net = draw(st.one_of(st.integers(1, 10**6), st.integers(1, largest)))
    fees = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    multiple = draw(st.integers(1, 3))
    waiting = net * draw(st.integers(-100, 100)) // 10_000
    price = draw(st.sampled_from(PRICES))
    return make_snapshot(
        net=net,
        exposure=net * multiple * draw(st.integers(9_200, 10_800)) // 10_000,
        spread=draw(st.integers(0, 500)) * 10**14,
        unhedged=waiting,
        reserve=abs(waiting) * min(fees) // 10_000,
        supply=draw(
            st.one_of(
                st.just(max(min(int(net * virtual / price), 2**127), 1)), st.integers(1, 10**6)
            )
        ),
        multiple=multiple,
        virtual=virtual,
        p=replace(P, mint_fee_bps=fees[0], redeem_fee_bps=fees[1], band_bps=1_000),
    )


def exit_of(kind: Kind, part: int, s: Snapshot) -> int:
    """A ten-thousandth part of the shares, or of the value."""
    present = s.supply if kind == Kind.REDEEM else s.terms.net
    return -(-present * part // 10_000)


exits = st.sampled_from([Kind.REDEEM, Kind.WITHDRAW])
parts = st.one_of(st.integers(1, 9_999), st.integers(5_000, 9_999), st.just(9_999))


@settings(max_examples=400, deadline=None)
@given(s=tokens(), kind=exits, part=parts, cost_bps=st.integers(0, 200))
def test_what_stays_lies_between_its_part_and_what_is_kept(
    s: Snapshot, kind: Kind, part: int, cost_bps: int
) -> None:
    """Of every exit: less the virtual collateral at the least, and of a withdrawal a
    share more and its rounding at the most. [T-RED-19] [T-WDR-11]"""
    cost = s.terms.exposure * part // 10_000 * cost_bps // 10_000
    try:
        plan, flow, after = carried_out(kind, exit_of(kind, part, s), s, cost)
    except Revert as error:
        assert error.reason == "token: cost above value"
        return
    assume(not flow.netted and plan.left > 0)
    stays = after.holdings
    smallest = s.holdings * plan.left // s.supply
    assert stays >= smallest - nav.virtual_assets(s.virtual)
    largest = plan.kept
    if kind == Kind.WITHDRAW:
        more = exit_split.kept_up(s.terms, s.holdings, plan.left + 1)
        largest = max(more, plan.kept) + s.components + 2
    assert stays <= largest


@settings(max_examples=400, deadline=None)
@given(
    s=tokens(),
    entered=st.sampled_from([Kind.DEPOSIT, Kind.MINT]),
    kind=exits,
    size=st.integers(-8, 4),
    digits=st.integers(1, 9),
    part=st.one_of(parts, st.just(10_000)),
    cost_bps=st.integers(0, 50),
)
def test_who_mints_ahead_of_an_exit_wins_no_more_than_spread_that_he_paid(
    s: Snapshot, entered: Kind, kind: Kind, size: int, digits: int, part: int, cost_bps: int
) -> None:
    """He redeems after it, as the last holder or beside the rest. What waits for a hedge has
    no spread: then he has no more than before. A hedged mint raises the price of a share
    by its own spread: of that, of his charge and of the reserve the part that his shares
    are can come back to him, and what the virtual shares are worth. [T-RED-20]"""
    brought = max(int(s.terms.bid * digits * 10.0**size), 1)
    if entered == Kind.MINT:
        brought = nav.shares_down(brought, s.terms.bid, s.supply, s.virtual)
    cost = s.terms.exposure * cost_bps // 10_000
    try:
        _, mint, own = carried_out(entered, brought, s, 0)
        assume(mint.shares > 0)
        if part == 10_000:
            kind, leaves = Kind.REDEEM, s.supply
        else:
            leaves = min(exit_of(kind, part, s), s.supply if kind == Kind.REDEEM else 2**200)
        _, gone, after = carried_out(kind, leaves, own, cost)
        assume(0 < gone.shares <= s.supply)
        plan, back, _ = carried_out(Kind.REDEEM, mint.shares, after, 0)
    except Revert as error:
        assert error.reason in ("token: cost above value", "token: shares above balance")
        return
    assert plan.emptied == (gone.shares == s.supply)
    spread = (own.terms.bid - own.terms.net) - (s.terms.bid - s.terms.net)
    shared = max(spread, 0) + mint.charge + s.flows.reserve
    recovered = ceil_div(shared * mint.shares, own.supply)
    if gone.netted:  # a small part of all, which leaves its fee and spread
        asked = own.terms.net - own.terms.ask
        recovered += gone.charge + ceil_div(asked * gone.shares, own.supply)
    worth = s.terms.bid + s.flows.reserve
    virtual = nav.assets_up(nav.virtual_shares(s.virtual), worth, s.supply, s.virtual)
    rounding = virtual + 2 * (s.components + 4 + nav.virtual_assets(s.virtual))  # of two exits
    assert back.assets <= mint.size + recovered + rounding
    if mint.netted and not gone.netted:
        assert back.assets <= mint.assets + rounding
