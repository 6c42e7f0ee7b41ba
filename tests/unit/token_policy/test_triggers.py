# SPDX-License-Identifier: AGPL-3.0-only
"""reset: when a rebalance is due and for how much, against the model.

The contract takes the state as the token gives it; the time is the block's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.oracle.reconstitution import Composition
from inverse_index.model.policy.triggers import Clock, Flows, Observation, Reset, Trigger, due
from inverse_index.plan.parameters import Parameters
from tests.support.constants import DAY, MAX_UINT256, WAD, ZERO
from tests.support.plans import PARAMETERS

UNIT = 10**6
P = Parameters(**asdict(PARAMETERS))


@dataclass(frozen=True)
class Case:
    """All inputs; nothing is due by default. Times are ages in seconds."""

    nav: int = 100_000 * UNIT
    leverage: int = WAD
    prices_age: int = 10
    supply: int = 10**23
    unhedged: int = 0
    reserve: int = 0
    netting_age: int = -1
    epochs: int = 0
    version: int = 1
    effective_age: int = 5_000
    due_in: int | None = None
    reset_age: int = 100
    chunk_in: int | None = None
    multiple: int = 1
    p: Parameters = P


def both(quoter: Any, vault: Any, now: int, case: Case) -> tuple[Trigger, int]:
    """The contract's answer, equal to the model's."""
    clock = Clock(31 * DAY, 0)
    netting_since = 0 if case.netting_age < 0 else now - case.netting_age
    flows = Flows(case.unhedged, case.reserve, netting_since)
    chunk = 0 if case.chunk_in is None else now + case.chunk_in
    reset = Reset(clock.epoch(now) - case.epochs, 1, now - case.reset_age, chunk, 0, WAD, WAD)
    due_at = MAX_UINT256 if case.due_in is None else now + case.due_in
    composition = Composition((WAD,), case.version, now - case.effective_age, due_at)
    o = Observation(case.nav, case.leverage, now - case.prices_age, case.supply)
    expected = due(o, case.p, reset, flows, composition, clock, case.multiple, UNIT, now)
    state = (
        tuple(asdict(case.p).values()),
        (0, ZERO, 0),
        tuple(asdict(flows).values()),
        tuple(asdict(reset).values()),
        1,
        0,
        0,
        case.supply,
        case.multiple,
        1,
        UNIT,
        31 * DAY,
        0,
    )
    units = [WAD, *[0] * 9]
    found = quoter.reset(
        vault,
        (o.nav, o.leverage, o.prices_at),
        state,
        (units, composition.version, now - case.effective_age, due_at),
        [0] * 10,
        [WAD, *[0] * 9],
    )
    assert tuple(found[:2]) == (int(expected[0]), expected[1])
    return expected


CAP = 100 * UNIT  # 10 bps of 100,000

CASES = [
    (Case(), Trigger(0), 0),
    (Case(leverage=11 * WAD // 10), Trigger(0), 0),
    (Case(leverage=11 * WAD // 10 + 1, prices_age=0), Trigger.DRIFT, 0),
    (Case(leverage=9 * WAD // 10 - 1, prices_age=0), Trigger.DRIFT, 0),
    (Case(leverage=9 * WAD // 10 - 1, prices_age=900, reset_age=10**6), Trigger.DRIFT, CAP // 4),
    (Case(leverage=9 * WAD // 10 - 1, prices_age=900, reset_age=360), Trigger.DRIFT, CAP // 10),
    (Case(leverage=155 * WAD // 100, prices_age=0), Trigger.DRIFT, CAP // 2),
    (Case(leverage=2 * WAD - 1, prices_age=0), Trigger.DRIFT, CAP - 1),
    (Case(leverage=2 * WAD, prices_age=0), Trigger.DRIFT | Trigger.EMERGENCY, CAP),
    (Case(leverage=MAX_UINT256, nav=1, prices_age=0), Trigger.DRIFT | Trigger.EMERGENCY, 0),
    (Case(leverage=2 * WAD, supply=0), Trigger(0), 0),
    (Case(leverage=MAX_UINT256, nav=0), Trigger(0), 0),
    (Case(unhedged=500 * UNIT), Trigger(0), 0),
    (Case(unhedged=500 * UNIT + 1, netting_age=0, reserve=CAP), Trigger.NETTING, 0),
    (Case(unhedged=-500 * UNIT - 1, netting_age=1_800, reserve=CAP), Trigger.NETTING, CAP // 2),
    (Case(unhedged=-500 * UNIT - 1, netting_age=1_800, reserve=7), Trigger.NETTING, 7),
    (
        Case(unhedged=600 * UNIT, prices_age=360, reset_age=900, reserve=CAP),
        Trigger.NETTING,
        CAP // 10,
    ),
    (Case(due_in=1), Trigger(0), 0),
    (Case(due_in=0), Trigger.RECONSTITUTION, 0),
    (Case(due_in=-1_800), Trigger.RECONSTITUTION, CAP // 2),
    (Case(version=2, effective_age=900), Trigger.RECONSTITUTION, CAP // 4),
    (Case(chunk_in=1, leverage=3 * WAD), Trigger(0), 0),
    (Case(chunk_in=0), Trigger.CHUNK, 0),
    (Case(chunk_in=-1_800), Trigger.CHUNK, CAP // 2),
    (
        Case(chunk_in=-360, leverage=3 * WAD),
        Trigger.CHUNK | Trigger.DRIFT | Trigger.EMERGENCY,
        CAP // 10,
    ),
]


@pytest.mark.parametrize(("case", "triggers", "reward"), CASES)
def test_by_hand(
    quoter: Any, any_vault: Any, chain: LocalBackend, case: Case, triggers: Trigger, reward: int
) -> None:
    """[Q-3]"""
    assert both(quoter, any_vault, chain.now(), case) == (triggers, reward)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_band_is_of_the_target(
    quoter: Any, any_vault: Any, chain: LocalBackend, multiple: int
) -> None:
    """[T-DUE-3]"""
    p = replace(P, emergency_bps=20_000 * multiple)
    edge = multiple * 11 * WAD // 10
    for leverage, triggers in (
        (edge, Trigger(0)),
        (edge + 1, Trigger.DRIFT),
        (2 * multiple * WAD, Trigger.DRIFT | Trigger.EMERGENCY),
    ):
        case = Case(leverage=leverage, multiple=multiple, p=p, prices_age=0)
        assert both(quoter, any_vault, chain.now(), case)[0] == triggers


def test_an_epoch_and_five_are_the_same(quoter: Any, any_vault: Any, chain: LocalBackend) -> None:
    """[T-DUE-2]"""
    chain.increase_time(31 * DAY - chain.now() % (31 * DAY) + 1_800)
    assert both(quoter, any_vault, chain.now(), Case(epochs=1)) == (Trigger.EPOCH, CAP // 2)
    assert both(quoter, any_vault, chain.now(), Case(epochs=5)) == (Trigger.EPOCH, CAP)
    assert both(quoter, any_vault, chain.now(), Case(epochs=0)) == (Trigger(0), 0)


ages = st.one_of(st.integers(0, 10), st.integers(0, 4_000), st.integers(0, 10**6))


@settings(max_examples=150, deadline=None)
@given(
    case=st.builds(
        Case,
        nav=st.integers(0, 10**30),
        leverage=st.one_of(st.integers(0, 10**19), st.sampled_from([MAX_UINT256, 11 * WAD // 10])),
        prices_age=ages,
        supply=st.sampled_from([0, 1, 10**25]),
        unhedged=st.integers(-(10**28), 10**28),
        reserve=st.integers(0, 2**96 - 1),
        netting_age=st.one_of(st.just(-1), ages),
        epochs=st.integers(0, 3),
        version=st.integers(1, 2),
        effective_age=ages,
        due_in=st.one_of(st.none(), st.integers(-4_000, 4_000)),
        reset_age=ages,
        chunk_in=st.one_of(st.none(), st.integers(-4_000, 100)),
        multiple=st.integers(1, 3),
        p=st.builds(
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
        ),
    )
)
def test_as_the_model_for_all_states(
    quoter: Any, any_vault: Any, chain: LocalBackend, case: Case
) -> None:
    """[Q-3]"""
    triggers, reward = both(quoter, any_vault, chain.now(), case)
    assert reward <= min(case.nav * case.p.reward_bps // 10_000, case.p.reward_cap * UNIT)
    assert triggers or reward == 0
