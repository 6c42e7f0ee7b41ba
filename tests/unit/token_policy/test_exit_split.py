# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind for those who stay, and what is the leaver's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert, ceil_div
from inverse_index.model.policy import exit_split
from inverse_index.model.policy.flow_terms import Flow, Kind, Terms
from inverse_index.model.token import nav
from tests.support.constants import WAD

from .carried import carried_out
from .site import Site, granularity
from .snapshots import TYPICAL, UNIT, P, Snapshot, make_snapshot

FREE = replace(P, mint_fee_bps=0, redeem_fee_bps=0)
PRICES = (10**-12, 10**-6, 10**-2, 1, 10**3, 10**12)  # of a share, whole units


def charged(s: Snapshot) -> int:
    """What a mint of all N would pay."""
    return exit_split.spread(s.terms) + exit_split.fee_up(s.terms)


def kept(plan: Any) -> int:
    """What stays at the most, where the trade gains nothing."""
    return int(plan.kept + plan.kept_fee)


# by hand


def test_of_an_exit_the_part_that_stays(site: Site) -> None:
    """A mint of all would pay 100 of spread and 100 of fee. Of 90,000 redeemed a tenth
    of nine tenths of that, 18, stays, whatever the trade costs. [T-RED-19]"""
    plan = site.plan(Kind.REDEEM, 90_000 * WAD, TYPICAL)
    assert kept(plan) == 10_018 * UNIT
    for cost in (-5 * UNIT, 0, 7 * UNIT, 100 * UNIT):
        f = site.policy.finish(plan, cost)
        assert f.assets == 100_000 * UNIT - cost - 10_018 * UNIT
        assert f.charge == max(f.size - f.assets, 0)
    at_ask = plan.flow.size - 200 * UNIT
    assert site.policy.finish(plan, 200 * UNIT).assets == at_ask + 72 * UNIT


@pytest.mark.parametrize(
    ("redeemed", "stays"), [(10_000, 18), (20_000, 32), (50_000, 50), (80_000, 32), (99_000, 2)]
)
def test_of_every_exit(site: Site, redeemed: int, stays: int) -> None:
    """200 times both parts, 198 / 100 of the last one. [T-RED-19] [T-RED-2]"""
    plan = site.plan(Kind.REDEEM, redeemed * WAD, TYPICAL)
    theirs = (100_000 - redeemed) * UNIT
    assert 0 <= theirs + stays * UNIT - kept(plan) < UNIT // 40
    f = site.policy.finish(plan, 0)
    assert f.assets == 100_000 * UNIT - kept(plan)
    assert f.assets > f.size - ceil_div(f.size, 1_000)


def test_a_charge_that_is_less_is_all_that_stays(site: Site) -> None:
    """Without a fee a fifth leaves 20 of spread behind, of 32 that could stay; four
    fifths would leave 80. [T-RED-19]"""
    s = make_snapshot(p=replace(P, redeem_fee_bps=0))
    plan = site.plan(Kind.REDEEM, 20_000 * WAD, s)
    assert kept(plan) == 80_032 * UNIT
    assert site.policy.finish(plan, 0).assets == plan.flow.size == 19_980 * UNIT
    plan = site.plan(Kind.REDEEM, 80_000 * WAD, s)
    assert site.policy.finish(plan, 0).assets == (80_000 - 32) * UNIT


def test_what_stays_is_at_least_its_part(site: Site) -> None:
    """Without spread and fee the value of a share is as before, the virtual ones
    counted: of 200,000 for 10 + 1 millionths of a share it is 2 of 11 parts. [T-RED-19]"""
    s = make_snapshot(net=200_000 * UNIT, exposure=200_000 * UNIT, spread=0, unhedged=0, p=FREE)
    assert kept(site.plan(Kind.REDEEM, 99_999 * WAD, s)) == 2 * UNIT + 1
    few = replace(s, supply=10**13)
    stays = kept(site.plan(Kind.REDEEM, 9 * 10**12, few))
    assert stays == ceil_div(2 * (200_000 * UNIT + 1), 11) - 1
    before = nav.per_share_down(200_000 * UNIT, 10**13, few.virtual)
    assert before <= nav.per_share_down(stays, 10**12, few.virtual)
    assert before > nav.per_share_down(stays - 1, 10**12, few.virtual)


@pytest.mark.parametrize("others", [1, 10**12, 10**16, 10 * WAD])
@pytest.mark.parametrize("spread", [0, WAD // 1_000, WAD // 20])
def test_the_last_holder_beside_fee_shares(site: Site, others: int, spread: int) -> None:
    """Dust, or what the streaming fee minted: they keep their part, of the spread and of
    the fee too, and a unit; all else is the holder's, who pays the cost of closing.
    [T-RED-5]"""
    s = make_snapshot(spread=spread, reserve=3 * UNIT)
    plan = site.plan(Kind.REDEEM, s.supply - others, s)
    cost = 40 * UNIT
    alone = site.policy.finish(site.plan(Kind.REDEEM, s.supply, s), cost).assets
    assert alone == s.holdings - cost
    paid = site.policy.finish(plan, cost).assets
    theirs = ceil_div((s.holdings + charged(s)) * others, s.supply)
    assert alone - paid <= theirs + 3


def test_a_withdrawal_of_nearly_all(site: Site) -> None:
    """40 and 9 units are quoted for its trade, so 9,960 stay: at 1.002 of 9,940.12
    shares, and with nine tenths of 200, 180.12, of 9,942.09. [T-WDR-11]"""
    site.quote(40 * UNIT)
    found = site.planned(Kind.WITHDRAW, 90_000 * UNIT)
    rest = 100_000 * UNIT - 90_000 * UNIT - 40 * UNIT - 9
    left = TYPICAL.supply - found.shares
    assert left == exit_split.left_down(TYPICAL.terms, 100_000 * UNIT, charged(TYPICAL), rest)
    assert abs(left - 994_209 * WAD // 100) < WAD // 100
    at_ask = nav.shares_up(found.size, TYPICAL.terms.ask, TYPICAL.supply, TYPICAL.virtual)
    assert found.shares < at_ask


def test_a_withdrawal_of_a_fifth(site: Site) -> None:
    """80,000 stay for 79,967.76 shares, by 40.32 of 200; without a fee 20,020.02 are
    burned, its value at the ask, which is less. [T-WDR-11]"""
    site.quote(0)
    found = site.planned(Kind.WITHDRAW, 20_000 * UNIT)
    assert abs(TYPICAL.supply - found.shares - 7_996_776 * WAD // 100) < WAD // 100
    s = make_snapshot(p=replace(P, redeem_fee_bps=0))
    found = site.planned(Kind.WITHDRAW, 20_000 * UNIT, s)
    assert found.shares == nav.shares_up(found.size, s.terms.ask, s.supply, s.virtual)
    assert abs(found.shares - 2_002_002 * WAD // 100) < WAD // 100


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


def beyond_up(t: Terms, holdings: int, left: int) -> int:
    """By how much what stays after a withdrawal can be above `kept_up`, which is
    solved from below: see `ExitProperties.not_far_left`."""
    unsold, above = nav.virtual_shares(t.virtual), exit_split.spread(t) + exit_split.fee_up(t)
    whole = holdings + nav.virtual_assets(t.virtual) + above
    of_those = ceil_div(ceil_div(above * left, t.supply) * above, whole)
    of_all = ceil_div(of_those * (t.supply + unsold), t.supply)
    virtual = ceil_div(above * unsold, t.supply + unsold)
    share = ceil_div(above, t.supply) + ceil_div(whole, t.supply + unsold)
    return of_all + virtual + share + 2


@settings(max_examples=400, deadline=None)
@given(s=tokens(), kind=exits, part=parts, cost_bps=st.integers(0, 200))
def test_what_stays_lies_between_its_part_and_what_is_kept(
    s: Snapshot, kind: Kind, part: int, cost_bps: int
) -> None:
    """Of every exit: less the virtual collateral at the least; of a withdrawal at the
    most also what its solution misses, and what its trade costs less than
    was quoted. [T-RED-19] [T-WDR-11]"""
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
    largest = kept(plan)
    if kind == Kind.WITHDRAW:
        largest += beyond_up(s.terms, s.holdings, plan.left) + granularity(s)
    assert stays <= largest


@dataclass(frozen=True)
class Ahead:
    """Somebody's mint, somebody else's exit, and the redemption of what was minted."""

    before: Snapshot
    mint: Flow
    own: Snapshot
    kind: Kind
    exit: Flow
    back: Flow

    @property
    def won(self) -> int:
        return self.back.assets - self.mint.assets

    @property
    def is_covered(self) -> bool:
        """Whether all is as it should be for the mint to win nothing: no fees wait, the
        exit is hedged and of exact shares, and the mint keeps the leverage."""
        keeps = self.mint.netted or self.before.terms.within_band
        exact_in = self.kind == Kind.REDEEM and not self.exit.netted
        return keeps and exact_in and self.before.flows.reserve == 0

    @property
    def rounding(self) -> int:
        """Units of all three flows, and what the virtual shares are worth."""
        s = self.before
        worth = s.terms.bid + s.flows.reserve + charged(s)
        virtual = nav.assets_up(nav.virtual_shares(s.virtual), worth, s.supply, s.virtual)
        units = granularity(s) if self.kind == Kind.WITHDRAW else 0
        return virtual + 2 * (s.components + 4 + nav.virtual_assets(s.virtual)) + units

    @property
    def most(self) -> int:
        """What can be won, but for rounding. Of the mint's part of all shares: fees that
        waited before it; of a withdrawal what its solution misses; of a mint that
        raises the leverage, of the spread that it adds, the part that was there. Of a
        netted exit its fee and spread."""
        s, t, shares, supply = self.before, self.own.terms, self.mint.shares, self.own.supply
        most = ceil_div(s.flows.reserve * shares, supply)
        if self.exit.netted:
            left = ceil_div((t.net - t.ask) * self.exit.shares, supply) + self.exit.charge
            most += ceil_div(left * shares, supply - self.exit.shares)
        elif self.kind == Kind.WITHDRAW:
            above = exit_split.spread(t) + exit_split.fee_up(t)
            most += ceil_div(ceil_div(above * shares, supply) * above, self.own.holdings + above)
        if not self.mint.netted and not s.terms.within_band:
            same = (s.terms.bid - s.terms.net) * supply // s.supply
            added = max(t.bid - t.net - same, 0)
            most += ceil_div(ceil_div(added * shares, supply) * s.supply, supply)
        return most


@st.composite
def mints_ahead(draw: st.DrawFn) -> Ahead:
    """Of any size up to 90,000 times N, by dust and by whales; trades may cost."""
    s = draw(tokens())
    t = s.terms
    brought = max(t.bid * draw(st.integers(1, 9)) * 10 ** draw(st.integers(0, 12)) // 10**8, 1)
    costs_bps = st.one_of(st.just(0), st.integers(0, 50))
    cost = brought * s.multiple * draw(costs_bps) // 10_000
    entered, kind = draw(st.sampled_from([Kind.DEPOSIT, Kind.MINT])), draw(exits)
    if entered == Kind.MINT:
        brought = nav.shares_down(brought, t.bid, s.supply, s.virtual)
    leaves = exit_of(kind, draw(st.one_of(parts, st.just(10_000))), s)
    try:
        _, mint, own = carried_out(entered, brought, s, cost)
        assume(mint.shares > 0)
        cost = own.terms.exposure * draw(costs_bps) // 10_000
        _, gone, after = carried_out(kind, leaves, own, cost)
        assume(0 < gone.shares <= s.supply)  # of those who were there
        cost = after.terms.exposure * draw(costs_bps) // 10_000
        plan, back, _ = carried_out(Kind.REDEEM, mint.shares, after, cost)
    except Revert as error:
        assert error.reason == "token: cost above value"
        assume(False)
    assert plan.emptied == (gone.shares == s.supply)
    return Ahead(s, mint, own, kind, gone, back)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(ahead=mints_ahead().filter(lambda each: each.is_covered))
def test_who_mints_ahead_of_an_exit_has_no_more_after_it(ahead: Ahead) -> None:
    """Netted or hedged, of any size, at any fee and spread, as the last holder or beside
    the rest. [T-RED-20]"""
    assert ahead.won <= ahead.rounding


@settings(max_examples=600, deadline=None)
@given(ahead=mints_ahead())
def test_what_a_mint_ahead_of_an_exit_can_win(ahead: Ahead) -> None:
    """Where fees wait, the exit nets or is of exact assets, or the mint brings the leverage
    back. [T-RED-20] [T-WDR-11]"""
    assert ahead.won <= ahead.most + ahead.rounding
