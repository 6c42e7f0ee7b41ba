# SPDX-License-Identifier: AGPL-3.0-only
"""plan_reset: when a rebalance is due and for how much, against the model.

The contract takes the state as the token gives it; the time is the block's.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.oracle.reconstitution import Composition, index_level_down
from inverse_index.model.policy.reset_plan import NEW, reward_of_the_rest_down
from inverse_index.model.policy.triggers import Clock, Observation, Reset, Trigger, due
from inverse_index.model.token import nav
from inverse_index.plan.parameters import Parameters
from tests.support.constants import DAY, MAX_UINT256, WAD

from .snapshots import UNIT, UNITS, P, filled, make_snapshot, state_of

MID = 2_000 * WAD


@dataclass(frozen=True)
class Case:
    """All inputs; nothing is due by default. Times are ages in seconds, -1 is never."""

    net: int = 100_000 * UNIT
    exposure: int = 100_000 * UNIT
    prices_age: int = 10
    supply: int = 10**23
    unhedged: int = 0
    reserve: int = 0
    netting_age: int = -1
    epochs: int = 0
    version: int = 1
    effective_age: int = 5_000
    due_in: int | None = None
    reset_age: int = 10**6
    in_band_age: int = -1
    doubled_age: int = -1
    chunk_in: int | None = None
    multiple: int = 1
    p: Parameters = P


def both(reset_policy: Any, vault: Any, now: int, case: Case) -> tuple[Trigger, int]:
    """The contract's answer, equal to the model's."""
    clock = Clock(31 * DAY, 0)
    chunk = 0 if case.chunk_in is None else now + case.chunk_in
    reset = Reset(clock.epoch(now) - case.epochs, 1, now - case.reset_age, chunk, 0, WAD, WAD)
    due_at = MAX_UINT256 if case.due_in is None else now + case.due_in
    composition = Composition(UNITS[:1], case.version, now - case.effective_age, due_at)
    s = make_snapshot(
        net=case.net,
        exposure=case.exposure,
        spread=0,
        unhedged=case.unhedged,
        reserve=case.reserve,
        netting_since=0 if case.netting_age < 0 else now - case.netting_age,
        in_band_at=0 if case.in_band_age < 0 else now - case.in_band_age,
        supply=case.supply,
        mids=[MID],
        updated_at=now - case.prices_age,
        multiple=case.multiple,
        p=case.p,
        vault=vault,
    )
    assert (s.terms.net, s.terms.exposure) == (case.net, case.exposure)
    doubled_at = 0 if case.doubled_age < 0 else now - case.doubled_age
    o = Observation(
        max(case.net, 0),
        case.exposure,
        now - case.prices_age,
        case.supply,
        doubled_at=doubled_at,
    )
    expected = due(o, case.p, reset, s.flows, composition, clock, case.multiple, UNIT, now)
    if Trigger.CHUNK in expected[0]:
        expected = (expected[0], of_the_rest(s, expected[1], case))
    found = reset_policy.plan_reset(
        s.abi,
        state_of(s, reset, doubled_at=doubled_at),
        (filled(UNITS[:1]), *astuple(composition)[1:]),
    )
    assert (found.triggers, found.reward) == (int(expected[0]), expected[1])
    is_rest = Trigger.CHUNK in expected[0] and not expected[0] & NEW
    worth = nav.hedged(case.net, case.unhedged) if is_rest else max(case.net + case.reserve, 0)
    worth = max(worth - expected[1], 0)
    shorts = nav.index_shorts_down(worth * case.multiple, UNITS[:1], [MID], s.virtual)
    grows = shorts[0] > s.held.shorts[0]
    if grows and Trigger.EMERGENCY in expected[0]:  # nothing does in an emergency
        shorts = tuple(s.held.shorts[:1])
    assert (found.multiple, found.targets) == (case.multiple, filled(shorts))
    lowered = grows and Trigger.EMERGENCY in expected[0]
    assert found.is_rest == (is_rest and not lowered)
    assert found.partial == (grows and Trigger.EMERGENCY in expected[0])
    assert found.bound == found.bound_bps * 10**14 == case.p.slippage_bps * 10**14
    assert found.level == index_level_down(UNITS[:1], [MID])
    return expected


def of_the_rest(s: Any, reward: int, case: Case) -> int:
    """The reward of what a reset has left."""
    hedged = nav.hedged(case.net, case.unhedged)
    wanted = nav.index_shorts_down(hedged * case.multiple, UNITS[:1], [MID], s.virtual)
    return reward_of_the_rest_down(reward, s.held.shorts, wanted, [MID], s.virtual)


CAP = 100 * UNIT  # 10 bps of 100,000

WAITING_CHUNK = Trigger.NETTING | Trigger.CHUNK

CASES = [
    (Case(), Trigger(0), 0),
    (Case(exposure=110_000 * UNIT), Trigger(0), 0),
    (Case(exposure=110_000 * UNIT + 1, prices_age=0), Trigger.DRIFT, 0),
    (Case(exposure=90_000 * UNIT), Trigger(0), 0),
    (Case(exposure=90_000 * UNIT - 1, prices_age=0), Trigger.DRIFT, 0),
    (Case(exposure=0, prices_age=0), Trigger.DRIFT, CAP),
    (Case(exposure=45_000 * UNIT, prices_age=0), Trigger.DRIFT, CAP // 2),
    (Case(exposure=90_000 * UNIT - 1, prices_age=900, reset_age=10**6), Trigger.DRIFT, CAP // 4),
    (Case(exposure=90_000 * UNIT - 1, prices_age=900, reset_age=360), Trigger.DRIFT, CAP // 10),
    (Case(exposure=155_000 * UNIT, prices_age=0), Trigger.DRIFT, CAP // 2),
    (Case(exposure=200_000 * UNIT - 1, prices_age=0), Trigger.DRIFT, CAP - 1),
    (Case(exposure=200_000 * UNIT, prices_age=0), Trigger.DRIFT | Trigger.EMERGENCY, CAP),
    (Case(exposure=10**30, net=1, prices_age=0), Trigger.DRIFT | Trigger.EMERGENCY, 0),
    (Case(exposure=200_000 * UNIT, supply=0), Trigger(0), 0),
    (Case(exposure=10**30, net=0), Trigger(0), 0),
    (Case(exposure=10**30, net=-1), Trigger(0), 0),
    (Case(unhedged=500 * UNIT), Trigger(0), 0),
    (Case(unhedged=500 * UNIT + 1, netting_age=0, reserve=CAP), Trigger.NETTING, 0),
    (Case(unhedged=-500 * UNIT - 1, netting_age=1_800, reserve=CAP), Trigger.NETTING, CAP // 2),
    (Case(unhedged=-500 * UNIT - 1, netting_age=1_800, reserve=7), Trigger.NETTING, 7),
    (Case(unhedged=600 * UNIT, prices_age=360, reserve=CAP), Trigger.NETTING, CAP // 10),
    (Case(exposure=110_550 * UNIT, unhedged=-500 * UNIT, prices_age=0), Trigger.DRIFT, 0),
    (Case(exposure=110_500 * UNIT, unhedged=-490 * UNIT, reserve=CAP), Trigger.DRIFT, 0),
    (
        Case(exposure=110_500 * UNIT, unhedged=-600 * UNIT, netting_age=1_800, reserve=7),
        Trigger.DRIFT | Trigger.NETTING,
        7,
    ),
    (
        Case(exposure=89_500 * UNIT, unhedged=600 * UNIT, netting_age=1_800, reserve=CAP),
        Trigger.DRIFT | Trigger.NETTING,
        CAP // 2,
    ),
    (
        Case(
            exposure=111_000 * UNIT,
            unhedged=-600 * UNIT,
            netting_age=3_600,
            reserve=7,
            prices_age=900,
        ),
        Trigger.DRIFT | Trigger.NETTING,
        CAP // 4,
    ),
    (Case(unhedged=600 * UNIT, netting_age=3_600, reserve=CAP, chunk_in=0), WAITING_CHUNK, 0),
    (Case(due_in=1), Trigger(0), 0),
    (Case(due_in=0), Trigger.RECONSTITUTION, 0),
    (Case(due_in=-1_800), Trigger.RECONSTITUTION, CAP // 2),
    (Case(version=2, effective_age=900), Trigger.RECONSTITUTION, CAP // 4),
    (Case(chunk_in=1, exposure=300_000 * UNIT), Trigger(0), 0),
    (Case(chunk_in=0), Trigger.CHUNK, 0),
    (Case(chunk_in=-1_800), Trigger.CHUNK, 0),
    (Case(chunk_in=-1_800, exposure=109_000 * UNIT), Trigger.CHUNK, CAP // 2),
    (Case(chunk_in=-1_800, exposure=91_000 * UNIT), Trigger.CHUNK, CAP // 2),
    (Case(chunk_in=-3_600, exposure=101_000 * UNIT), Trigger.CHUNK, 10 * UNIT),
    (
        Case(chunk_in=-3_600, exposure=101_000 * UNIT, unhedged=-400 * UNIT),
        Trigger.CHUNK,
        6 * UNIT,
    ),
    (
        Case(chunk_in=-360, exposure=300_000 * UNIT),
        Trigger.CHUNK | Trigger.DRIFT | Trigger.EMERGENCY,
        CAP // 10,
    ),
]


@pytest.mark.parametrize(("case", "triggers", "reward"), CASES)
def test_by_hand(
    reset_policy: Any,
    any_vault: Any,
    chain: LocalBackend,
    case: Case,
    triggers: Trigger,
    reward: int,
) -> None:
    """[Q-3]"""
    assert both(reset_policy, any_vault, chain.now(), case) == (triggers, reward)


@pytest.mark.parametrize(
    ("reset_age", "netting_age", "triggers", "reward"),
    [
        (0, 1_800, Trigger(0), 0),
        (3_599, 1_800, Trigger(0), 0),
        (3_600, 1_800, Trigger.NETTING, 0),
        (3_960, 1_800, Trigger.NETTING, CAP // 10),
        (3_960, 10, Trigger.NETTING, CAP * 10 // 3_600),
        (3_960, -1, Trigger.NETTING, CAP // 10),
    ],
)
def test_netting_is_due_a_ramp_after_the_last_reset(
    reset_policy: Any,
    any_vault: Any,
    chain: LocalBackend,
    reset_age: int,
    netting_age: int,
    triggers: Trigger,
    reward: int,
) -> None:
    """Whatever waits by then; and its reward counts from there. [T-DUE-12] [T-RWD-11]"""
    case = Case(
        unhedged=9_000 * UNIT,
        prices_age=1_000,
        reset_age=reset_age,
        netting_age=netting_age,
        reserve=CAP,
    )
    assert both(reset_policy, any_vault, chain.now(), case) == (triggers, reward)


@pytest.mark.parametrize(
    ("prices_age", "in_band_age", "reward"),
    [
        (10, -1, CAP * 10 // 3_600),
        (10, 11, CAP * 10 // 3_600),
        (10, 10, CAP * 10 // 3_600),
        (1_000, -1, CAP * 1_000 // 3_600),
        (1_000, 10, CAP * 10 // 3_600),
        (1_000, 360, CAP // 10),
        (3_600, 0, 0),
    ],
)
def test_a_drift_counts_from_the_last_flow_in_the_band(
    reset_policy: Any,
    any_vault: Any,
    chain: LocalBackend,
    prices_age: int,
    in_band_age: int,
    reward: int,
) -> None:
    """Which may have caused it at a price that is older. [T-RWD-3] [T-RWD-12]"""
    case = Case(prices_age=prices_age, in_band_age=in_band_age, exposure=110_000 * UNIT + 1)
    assert both(reset_policy, any_vault, chain.now(), case) == (Trigger.DRIFT, reward)


@pytest.mark.parametrize(
    ("whole", "triggers", "reward"),
    [
        (155_000, Trigger.DRIFT, CAP // 2),
        (45_000, Trigger.DRIFT, CAP // 2),
        (200_000, Trigger.DRIFT | Trigger.EMERGENCY, CAP),
    ],
)
def test_depth_pays_at_once_whatever_flows_came(
    reset_policy: Any,
    any_vault: Any,
    chain: LocalBackend,
    whole: int,
    triggers: Trigger,
    reward: int,
) -> None:
    """No netted flow makes a drift deeper, so none takes its pay away. [T-RWD-3] [T-RWD-4]"""
    for in_band_age in (1_000, 360, 0, -1):
        case = Case(exposure=whole * UNIT, prices_age=500, in_band_age=in_band_age)
        expected = (triggers, max(reward, CAP * min(500, max(in_band_age, 0)) // 3_600))
        assert both(reset_policy, any_vault, chain.now(), case) == expected


CLOCKS = [
    (Case(due_in=-1_800), Trigger.RECONSTITUTION),
    (Case(version=2, effective_age=1_800), Trigger.RECONSTITUTION),
    (Case(unhedged=600 * UNIT, netting_age=1_800, reserve=CAP), Trigger.NETTING),
    (Case(exposure=90_000 * UNIT - 1, prices_age=1_800), Trigger.DRIFT),
    (Case(chunk_in=-1_800, exposure=109_000 * UNIT), Trigger.CHUNK),
]


@pytest.mark.parametrize(("case", "trigger"), CLOCKS)
def test_no_clock_is_older_than_what_n_is(
    reset_policy: Any, any_vault: Any, chain: LocalBackend, case: Case, trigger: Trigger
) -> None:
    """What was due before a mint that doubled N was due to fewer. [T-RWD-10]"""
    for doubled_age, reward in (
        (-1, CAP // 2),
        (2_000, CAP // 2),
        (1_800, CAP // 2),
        (360, CAP // 10),
        (0, 0),
    ):
        late = replace(case, doubled_age=doubled_age)
        assert both(reset_policy, any_vault, chain.now(), late) == (trigger, reward)


@pytest.mark.parametrize(
    ("case", "trigger"), [each for each in CLOCKS if each[1] != Trigger.NETTING]
)
def test_no_clock_is_older_than_the_last_reset(
    reset_policy: Any, any_vault: Any, chain: LocalBackend, case: Case, trigger: Trigger
) -> None:
    """Also when the index's units changed before it. [T-RWD-13]"""
    for reset_age, reward in ((1_800, CAP // 2), (360, CAP // 10), (0, 0)):
        late = replace(case, reset_age=reset_age)
        assert both(reset_policy, any_vault, chain.now(), late) == (trigger, reward)


def test_the_first_clock_counts(reset_policy: Any, any_vault: Any, chain: LocalBackend) -> None:
    """Of several triggers the one that became due first. [T-RWD-1]"""
    case = Case(due_in=-1_800, exposure=90_000 * UNIT - 1, prices_age=360)
    expected = (Trigger.RECONSTITUTION | Trigger.DRIFT, CAP // 2)
    assert both(reset_policy, any_vault, chain.now(), case) == expected


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_band_is_of_the_target(
    reset_policy: Any, any_vault: Any, chain: LocalBackend, multiple: int
) -> None:
    """To the unit of exposure, however small N is. [T-DUE-3]"""
    p = replace(P, emergency_bps=20_000 * multiple)
    for net in (100_000 * UNIT, 10, 9, 1):
        below, above = -(-net * multiple * 9 // 10), net * multiple * 11 // 10
        for exposure, triggers in (
            (below - 1, Trigger.DRIFT),
            (below, Trigger(0)),
            (above, Trigger(0)),
            (above + 1, Trigger.DRIFT),
            (2 * multiple * net, Trigger.DRIFT | Trigger.EMERGENCY),
        ):
            emergency = Trigger(0) if exposure < 2 * multiple * net else Trigger.EMERGENCY
            case = Case(net=net, exposure=exposure, multiple=multiple, p=p, prices_age=0)
            assert both(reset_policy, any_vault, chain.now(), case)[0] == triggers | emergency


def test_an_epoch_and_five_are_the_same(
    reset_policy: Any, any_vault: Any, chain: LocalBackend
) -> None:
    """[T-DUE-2]"""
    chain.increase_time(31 * DAY - chain.now() % (31 * DAY) + 1_800)
    assert both(reset_policy, any_vault, chain.now(), Case(epochs=1)) == (Trigger.EPOCH, CAP // 2)
    assert both(reset_policy, any_vault, chain.now(), Case(epochs=5)) == (Trigger.EPOCH, CAP)
    assert both(reset_policy, any_vault, chain.now(), Case(epochs=0)) == (Trigger(0), 0)


ages = st.one_of(st.integers(0, 10), st.integers(0, 4_000), st.integers(0, 10**6))
parameters = st.builds(
    Parameters,
    mint_fee_bps=st.just(0),
    redeem_fee_bps=st.just(0),
    tolerance_bps=st.integers(0, 200),
    band_bps=st.integers(100, 5_000),
    slippage_bps=st.just(1),
    reward_bps=st.integers(0, 50),
    reward_cap=st.integers(0, 100_000),
    reward_ramp=st.integers(60, 86_400),
    chunk_delay=st.just(12),
    emergency_bps=st.integers(45_001, 100_000),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Exposures near both edges of the band and the emergency, and any other."""
    net = draw(st.one_of(st.integers(-(10**28), 10**30), st.integers(0, 1_000)))
    multiple, p = draw(st.integers(1, 3)), draw(parameters)
    target = max(net, 0) * multiple
    edges = [(10_000 - p.band_bps) * target, (10_000 + p.band_bps) * target]
    edge = draw(st.sampled_from([*edges, p.emergency_bps * max(net, 0)])) // 10_000
    near = max(edge + draw(st.integers(-2, 2)), 0)
    return Case(
        net=net,
        exposure=draw(st.one_of(st.just(near), st.integers(0, 10**31))),
        prices_age=draw(ages),
        supply=draw(st.sampled_from([0, 1, 10**12, 10**25, 2**128 - 1])),
        unhedged=draw(st.integers(-(10**28), 10**28)),
        reserve=draw(st.integers(0, 2**80 - 1)),
        netting_age=draw(st.one_of(st.just(-1), ages)),
        epochs=draw(st.integers(0, 3)),
        version=draw(st.integers(1, 2)),
        effective_age=draw(ages),
        due_in=draw(st.one_of(st.none(), st.integers(-4_000, 4_000))),
        reset_age=draw(st.one_of(ages, st.just(10**7))),
        in_band_age=draw(st.one_of(st.just(-1), ages)),
        doubled_age=draw(st.one_of(st.just(-1), ages)),
        chunk_in=draw(st.one_of(st.none(), st.integers(-4_000, 100))),
        multiple=multiple,
        p=p,
    )


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_as_the_model_for_all_states(
    reset_policy: Any, any_vault: Any, chain: LocalBackend, case: Case
) -> None:
    """[Q-3]"""
    triggers, reward = both(reset_policy, any_vault, chain.now(), case)
    cap = max(case.net, 0) * case.p.reward_bps // 10_000
    assert reward <= min(cap, case.p.reward_cap * UNIT)
    assert triggers or reward == 0
