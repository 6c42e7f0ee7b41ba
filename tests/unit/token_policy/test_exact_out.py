# SPDX-License-Identifier: AGPL-3.0-only
"""plan of a hedged `mint` and `withdraw`: charged what the venue quotes for the trade."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.model.policy.flow_terms import Kind
from tests.support.assertions import reverts
from tests.support.constants import WAD

from .site import Site
from .snapshots import TYPICAL, UNIT, P, make_snapshot

FREE = replace(TYPICAL, p=replace(P, mint_fee_bps=0, redeem_fee_bps=0))
AMOUNTS = {Kind.MINT: 20_000 * WAD, Kind.WITHDRAW: 20_000 * UNIT}
ROUNDING = 1 + 2 * 3 + 2  # a trade of a unit, two for each of three components, two more
KINDS = pytest.mark.parametrize("kind", list(AMOUNTS))


@KINDS
@pytest.mark.parametrize(
    ("quoted", "charged"),
    [
        (12 * UNIT, 12 * UNIT + ROUNDING),
        (0, ROUNDING),
        (-ROUNDING + 1, 1),
        (-12 * UNIT, 0),
        (1, 1 + ROUNDING),
    ],
)
def test_charged_what_is_quoted(site: Site, kind: Kind, quoted: int, charged: int) -> None:
    """With the granularity of the venue's trades; a gain is not promised.
    [T-MINT-2] [T-WDR-2]"""
    site.quote(quoted)
    found = site.planned(kind, AMOUNTS[kind], FREE)
    assert (found.netted, found.charge) == (False, charged)
    if kind == Kind.MINT:
        assert found.assets == found.size + charged
        assert site.plan(kind, AMOUNTS[kind], FREE).incoming == found.assets
    else:
        assert (found.assets, found.size) == (AMOUNTS[kind], AMOUNTS[kind] + charged)


@KINDS
def test_at_most_the_slippage_bound(site: Site, kind: Kind) -> None:
    """Also where the quote is exact and higher. [T-MINT-2] [T-WDR-2]"""
    bound = site.expected(kind, AMOUNTS[kind], FREE).flow.charge
    assert bound > 190 * UNIT
    site.quote(bound - ROUNDING)
    assert site.planned(kind, AMOUNTS[kind], FREE).charge == bound
    site.quote(bound - ROUNDING - 1)
    assert site.planned(kind, AMOUNTS[kind], FREE).charge == bound - 1
    for cost in (bound, 10**30):
        site.quote(cost)
        most = site.planned(kind, AMOUNTS[kind], FREE).charge
        assert bound <= most < bound * 11 // 10


@KINDS
def test_where_nothing_is_exact_it_is_the_bound(site: Site, kind: Kind) -> None:
    """1% of what is traded, whatever the vault guesses. [T-MINT-2] [T-WDR-2]"""
    for guess in (0, 5 * UNIT, -7):
        site.quote(guess, exact=False)
        charge = site.planned(kind, AMOUNTS[kind], FREE).charge
        assert 199 * UNIT <= charge <= 203 * UNIT


@KINDS
def test_the_flat_fee_if_larger(site: Site, kind: Kind) -> None:
    """[T-MINT-2] [T-WDR-2]"""
    site.quote(12 * UNIT)
    found = site.planned(kind, AMOUNTS[kind])
    fee = -(-found.size // 1_000) if kind == Kind.WITHDRAW else found.charge
    assert found.charge == fee > 12 * UNIT + ROUNDING
    site.quote(30 * UNIT)
    assert site.planned(kind, AMOUNTS[kind]).charge == 30 * UNIT + ROUNDING


@KINDS
def test_a_trade_that_costs_more_than_its_quote(site: Site, kind: Kind) -> None:
    """The others do not pay for it. [T-WDR-10]"""
    site.quote(12 * UNIT)
    plan = site.plan(kind, AMOUNTS[kind], FREE)
    for cost in (-UNIT, 12 * UNIT, 12 * UNIT + ROUNDING):
        assert site.policy.finish(plan, cost) == plan.flow
    with reverts("token: cost above value"):
        site.policy.finish(plan, 12 * UNIT + ROUNDING + 1)


def test_the_largest_supply(site: Site) -> None:
    """2**128 shares, not one more, netted or hedged, by either mint. [T-OWN-11]"""
    full = 2**128
    for shares in (100 * WAD, 20_000 * WAD):
        s = make_snapshot(supply=full - shares, net=full // 10**12)
        assert site.planned(Kind.MINT, shares, s).shares == shares
        with reverts("token: too many shares"):
            site.plan(Kind.MINT, shares + 1, s)
    s = make_snapshot(supply=full - 100 * WAD, net=full // 10**12)
    assert site.planned(Kind.DEPOSIT, 100 * UNIT, s).shares < 100 * WAD
    with reverts("token: too many shares"):
        site.plan(Kind.DEPOSIT, 110 * UNIT, s)
    assert site.planned(Kind.REDEEM, 100 * WAD, s).shares == 100 * WAD
