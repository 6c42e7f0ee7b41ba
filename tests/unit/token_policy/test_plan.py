# SPDX-License-Identifier: AGPL-3.0-only
"""plan: terms of a flow, by hand and against the model over many terms."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.fixed import Revert
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.policy.flow_terms import Kind, Terms, plan
from inverse_index.model.token.modes import Mode
from inverse_index.plan.parameters import Parameters
from tests.support.assertions import reverts
from tests.support.plans import PARAMETERS

P = Parameters(**asdict(PARAMETERS))
UNIT = 10**6
# N of 100,000 with a spread of 100, 1 share a unit, 60 waiting to be hedged
TERMS = Terms(
    p=P,
    mode=Mode.ACTIVE,
    restriction=Restriction(0),
    net=100_000 * UNIT,
    bid=100_100 * UNIT,
    ask=99_900 * UNIT,
    exposure=100_000 * UNIT,
    unhedged=60 * UNIT,
    supply=100_000 * 10**18,
    multiple=1,
    components=3,
    virtual=10**12,
)


def planned(quoter: Any, kind: Kind, amount: int, terms: Terms = TERMS) -> Any:
    """The contract's plan, equal to the model's."""
    found = quoter.plan(int(kind), terms, amount)
    assert tuple(found) == tuple(asdict(plan(kind, terms, amount)).values())
    return found


def test_deposit_by_hand(quoter: Any) -> None:
    """[T-DEP-2]"""
    f = planned(quoter, Kind.DEPOSIT, 100 * UNIT)
    assert (f.netted, f.size, f.charge, f.assets) == (True, 99_900_000, 100_000, 100 * UNIT)
    assert f.shares == 99_900_000 * (100_000 * 10**18 + 10**12) // (100_100 * UNIT + 1)


def test_a_hedged_mint_to_the_unit(quoter: Any) -> None:
    """The bound's cost is rounded up once for every hundredth unit of notional."""
    charges = {
        planned(quoter, Kind.MINT, 2_000 * 10**18 + i * 10**12).charge for i in range(0, 300, 3)
    }
    assert len(charges) > 2


def test_n_of_a_unit_is_worth_something(quoter: Any) -> None:
    """None is not. [T-DEP-2]"""
    for net, refused in ((1, False), (0, True), (-1, True)):
        terms = replace(TERMS, net=net)
        if refused:
            with reverts("token: no value left"):
                quoter.plan(int(Kind.DEPOSIT), terms, 100 * UNIT)
        else:
            planned(quoter, Kind.DEPOSIT, 100 * UNIT, terms)


def test_redeem_by_hand(quoter: Any) -> None:
    """[T-RED-1]"""
    f = planned(quoter, Kind.REDEEM, 100 * 10**18)
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
def test_where_netting_ends(quoter: Any, kind: Kind, unhedged: int, largest: int) -> None:
    """The model agrees on both sides of the edge, which lies near the bound by hand. [T-DEP-4]"""
    into = kind in (Kind.DEPOSIT, Kind.MINT)
    terms = replace(TERMS, unhedged=unhedged if into else -unhedged)
    n = terms.bid if into else terms.ask
    limit = n * 50 // 10_000
    used = unhedged
    room = max(min(limit, 2 * limit - used), 0)
    scale = 1 if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else 10**12
    if room:
        assert planned(quoter, kind, room * scale * 98 // 100, terms).netted
        assert not planned(quoter, kind, room * scale * 102 // 100, terms).netted
    else:
        assert not planned(quoter, kind, UNIT * scale, terms).netted


@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.WITHDRAW])
def test_the_last_shares_never_net(quoter: Any, kind: Kind) -> None:
    """[T-RED-4]"""
    terms = replace(
        TERMS,
        supply=10**15,
        bid=1_001,
        ask=999,
        exposure=1_000,
        unhedged=0,
        p=replace(P, tolerance_bps=200),
    )
    if kind == Kind.REDEEM:
        assert not planned(quoter, kind, 10**15, terms).netted
        assert planned(quoter, kind, 10**12, terms).netted
    else:
        assert not planned(quoter, kind, 998, terms).netted


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_first_mint_pays_the_bound_of_l_times_its_size(quoter: Any, multiple: int) -> None:
    """[T-MINT-3]"""
    terms = replace(TERMS, bid=0, ask=0, exposure=0, supply=0, unhedged=0, multiple=multiple)
    f = planned(quoter, Kind.MINT, 1_000 * 10**18, terms)
    assert not f.netted
    assert f.size == 1_000 * UNIT
    assert f.assets == 1_000 * UNIT + multiple * 10 * UNIT + 3 + 2


def test_a_fee_above_the_bound_is_paid_in_full(quoter: Any) -> None:
    """The larger of flat fee and slippage bound, for both exact-out forms. [T-MINT-2]"""
    terms = replace(TERMS, p=replace(P, mint_fee_bps=100, redeem_fee_bps=100, slippage_bps=10))
    f = planned(quoter, Kind.MINT, 20_000 * 10**18, terms)
    assert f.charge == f.assets - f.size == -(-f.size * 10_000 // 9_900) - f.size
    f = planned(quoter, Kind.WITHDRAW, 20_000 * UNIT, terms)
    assert f.size == -(-20_000 * UNIT * 10_000 // 9_900)


def test_an_exposure_whose_bound_is_more_than_n(quoter: Any) -> None:
    terms = replace(TERMS, ask=1_000 * UNIT)
    with reverts("token: cost above value"):
        quoter.plan(int(Kind.WITHDRAW), terms, 100 * UNIT)
    with pytest.raises(Revert, match="token: cost above value"):
        plan(Kind.WITHDRAW, terms, 100 * UNIT)


amounts = st.one_of(st.integers(0, 10**6), st.integers(0, 10**30))


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(list(Kind)),
    amount=amounts,
    n=st.integers(0, 10**30),
    spread=st.integers(0, 10**28),
    exposure=st.integers(0, 10**31),
    unhedged=st.integers(-(10**28), 10**28),
    supply=amounts,
    decimals=st.sampled_from([6, 8, 18]),
    multiple=st.integers(1, 3),
    components=st.integers(1, 10),
    tolerance=st.integers(0, 200),
    fees=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    slippage=st.integers(1, 500),
)
def test_as_the_model_for_all_terms(
    quoter: Any,
    kind: Kind,
    amount: int,
    n: int,
    spread: int,
    exposure: int,
    unhedged: int,
    supply: int,
    decimals: int,
    multiple: int,
    components: int,
    tolerance: int,
    fees: tuple[int, int],
    slippage: int,
) -> None:
    """Integers, and the one reason. [Q-2]"""
    parameters = replace(
        P,
        tolerance_bps=tolerance,
        mint_fee_bps=fees[0],
        redeem_fee_bps=fees[1],
        slippage_bps=slippage,
    )
    terms = Terms(
        parameters,
        Mode.ACTIVE,
        Restriction(0),
        n,
        n + spread,
        max(n - spread, 0),
        exposure,
        unhedged,
        supply,
        multiple,
        components,
        10 ** (18 - decimals),
    )
    try:
        if kind in (Kind.DEPOSIT, Kind.MINT):
            terms.check_mint()
        plan(kind, terms, amount)
    except Revert as error:
        with reverts(error.reason):
            quoter.plan(int(kind), terms, amount)
        return
    planned(quoter, kind, amount, terms)


SETTLED = replace(
    TERMS,
    mode=Mode.SETTLED,
    net=90_000 * UNIT,
    bid=90_000 * UNIT,
    ask=90_000 * UNIT,
    exposure=0,
    unhedged=0,
)


def test_settled_pays_parts_without_a_fee(quoter: Any) -> None:
    """[M-SET-3]"""
    f = planned(quoter, Kind.REDEEM, 50_000 * 10**18, SETTLED)
    assert (f.netted, f.charge) == (True, 0)
    assert f.assets == f.size == 50_000 * 10**18 * (90_000 * UNIT + 1) // (10**23 + 10**12)
    f = planned(quoter, Kind.WITHDRAW, 45_000 * UNIT, SETTLED)
    assert (f.netted, f.charge, f.assets, f.size) == (True, 0, 45_000 * UNIT, 45_000 * UNIT)
    assert f.shares == -(-45_000 * UNIT * (10**23 + 10**12) // (90_000 * UNIT + 1))


def test_settled_pays_the_last_everything(quoter: Any) -> None:
    """[M-SET-4]"""
    assert planned(quoter, Kind.REDEEM, SETTLED.supply, SETTLED).assets == 90_000 * UNIT
    one_less = planned(quoter, Kind.REDEEM, SETTLED.supply - 1, SETTLED).assets
    assert one_less == 90_000 * UNIT  # rounded down to the unit, and never above what is left


def test_settled_shares_worth_more_than_a_unit(quoter: Any) -> None:
    """Then the virtual shares have their part of every exit but the last. [M-SET-3]"""
    rich = replace(SETTLED, net=200_000 * UNIT, bid=200_000 * UNIT, ask=200_000 * UNIT)
    assert planned(quoter, Kind.REDEEM, rich.supply, rich).assets == 200_000 * UNIT
    assert planned(quoter, Kind.REDEEM, rich.supply - 1, rich).assets == 200_000 * UNIT - 1


def test_settled_withdrawal_leaves_a_share(quoter: Any) -> None:
    """[M-SET-5]"""
    rich = replace(SETTLED, ask=100_001 * UNIT)
    with reverts("token: redeem the last shares"):
        quoter.plan(int(Kind.WITHDRAW), rich, 100_001 * UNIT)


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
def test_mints_refused(quoter: Any, kind: Kind, change: dict[str, Any], reason: str) -> None:
    """[M-PAUSE-3]"""
    with reverts(reason):
        quoter.plan(int(kind), replace(TERMS, **change), 10**9)
    assert quoter.plan(int(Kind.REDEEM), replace(TERMS, **change), 10**18).assets > 0
