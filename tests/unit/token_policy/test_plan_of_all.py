# SPDX-License-Identifier: AGPL-3.0-only
"""plan: the contract's beside the model's, over all snapshots."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Flow, Kind
from tests.support.assertions import reverts
from tests.support.constants import WAD

from .site import Site
from .snapshots import P, Snapshot, make_snapshot

COLLATERAL, SHARES = 2**112, 2**128  # the ranges that the module `nav` names
PRICES = [10**e for e in (-12, -6, -2, 0, 2, 6, 12)]  # of a share, whole units


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any that is inside the ranges; vault and oracle are not set."""

    def up_to(largest: int) -> int:
        few = st.integers(0, min(largest, 10**6))
        return draw(st.one_of(few, st.integers(0, largest - 1)))

    virtual = 10 ** (18 - draw(st.integers(0, 18)))
    largest = COLLATERAL // virtual
    n = up_to(largest)
    multiple = draw(st.integers(1, 3))
    near = n * multiple * draw(st.integers(8_000, 12_000)) // 10_000
    exposure = draw(st.one_of(st.just(near), st.integers(0, largest)))
    priced = st.sampled_from(PRICES).map(lambda price: min(int(n * virtual / price), SHARES - 1))
    supply = draw(st.one_of(st.integers(0, 10**6), st.integers(0, SHARES - 1), priced))
    return make_snapshot(
        net=n if draw(st.booleans()) else draw(st.integers(-(10**6), 10**6)),
        exposure=min(exposure, 2**155 // (virtual * WAD) - 1),
        spread=draw(st.sampled_from([0, 1, WAD // 1_000, WAD // 30, 2 * WAD])),
        unhedged=draw(st.sampled_from([-1, 1])) * up_to(largest),
        reserve=up_to(max(2**80 // virtual, 1)),
        netting_since=draw(st.sampled_from([0, 1_700_000_000])),
        in_band_at=draw(st.sampled_from([0, 1_700_000_001])),
        supply=supply,
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


@settings(max_examples=250, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    s=snapshots(),
    data=st.data(),
    exact=st.booleans(),
    cost=st.one_of(st.integers(-10, 10**6), st.integers(-(2**112), 2**112)),
)
def test_as_the_model_for_all_snapshots(
    site: Site, kind: Kind, s: Snapshot, data: st.DataObject, exact: bool, cost: int
) -> None:
    """Integers, and the one reason; the exits of dust and of whales too. [Q-2]"""
    of_shares = kind in (Kind.MINT, Kind.REDEEM)
    largest = SHARES if of_shares else COLLATERAL // s.virtual
    present = s.supply if of_shares else max(s.terms.net, 1)
    parts = st.one_of(st.integers(0, 10_000), st.integers(9_900, 10_000))
    amount = data.draw(
        st.one_of(
            st.integers(0, min(10**6, largest - 1)),
            st.integers(0, largest - 1),
            parts.map(lambda part: min(present * part // 10_000, largest - 1)),
        )
    )
    if kind in (Kind.MINT, Kind.WITHDRAW):
        site.quote(cost, exact)
    try:
        flow = site.expected(kind, amount, s).flow
    except Revert as error:
        with reverts(error.reason):
            site.plan(kind, amount, s)
        return
    assume(in_range(flow, s))
    site.planned(kind, amount, s)
