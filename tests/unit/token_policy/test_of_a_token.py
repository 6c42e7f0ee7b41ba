# SPDX-License-Identifier: AGPL-3.0-only
"""nav, leverage, due, preview, plan_reset: what views and policy say of a deployed token."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model import nav
from inverse_index.model.terms import Kind
from tests.support import reverts
from tests.systems import Bench, deploy_bench, make_plan


@pytest.fixture(params=[(1, 6, 1), (3, 18, 3), (10, 8, 2)], ids=str)
def bench(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> Bench:
    """Some value, a flow that waits, moved prices."""
    k, decimals, multiple = request.param
    made = deploy_bench(chain, owner, keeper, make_plan(k, decimals, multiple))
    made.fund(depositor)
    made.deposit(50_000 * made.system.unit, depositor)
    made.deposit(50 * made.system.unit, depositor)
    made.move([i % 5 - 2 for i in range(k)], 90_000)
    return made


def test_nav_and_leverage(bench: Bench) -> None:
    v = bench.model.token.context(bench.now).v
    assert bench.system.views.nav(bench.token) == (v.bid, v.mid, v.ask)
    assert bench.system.views.leverage(bench.token) == nav.leverage_down(v.exposure, v.mid)


def test_due_is_the_token_s(bench: Bench) -> None:
    """[T-DUE-11]"""
    found = bench.system.views.due(bench.token)
    triggers, reward = bench.model.token.due(bench.now)
    assert tuple(found) == tuple(bench.token.due()) == (int(triggers), reward)
    assert reward > 0


def snapshot_of(bench: Bench) -> tuple[Any, ...]:
    """As `ITokenPolicy.Snapshot`, by the report of the token."""
    report = bench.report()
    state = report.state
    return (
        state.parameters,
        state.flows,
        report.prices,
        report.held,
        state.mode,
        state.supply,
        state.multiple,
        state.components,
        10**18 // state.unit,
        bench.system.vault,
        bench.system.oracle,
    )


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("whole", [20, 9_000])
def test_a_plan_finished_with_the_quote_is_the_preview(
    bench: Bench, kind: Kind, whole: int
) -> None:
    """A netted flow's plan is; and both are the model's. [Q-1]"""
    policy, vault = bench.system.policy, bench.system.vault
    amount = whole * (10**18 if kind in (Kind.MINT, Kind.REDEEM) else bench.system.unit)
    plan = policy.plan(int(kind), snapshot_of(bench), amount)
    model = bench.model.token
    c = model.context(bench.now)
    expected = model._plan(c, kind, amount, bench.now)
    assert tuple(plan.flow) == astuple(expected.flow)
    assert plan.flow.netted == (whole == 20)
    flow = plan.flow
    if not flow.netted:
        targets = tuple(plan.targets[: len(bench.plan.symbols)])
        assert targets == model._flow_targets(c, expected)
        cost, exact = vault.quote(plan.targets, bench.report().prices.mid, plan.incoming)
        assert exact
        flow = policy.finish(plan, cost)
    assert bench.system.views.preview(bench.token, int(kind), amount) == flow
    assert tuple(flow) == astuple(model.preview(kind, amount, bench.now))


def test_the_views_of_the_policy(bench: Bench) -> None:
    assert bench.system.policy.views() == bench.system.views.address


def test_targets_are_l_times_what_is_left(bench: Bench) -> None:
    """After the trade to the first guess has been paid for. [T-REB-1]"""
    report, state = bench.report(), bench.token.state()
    found = bench.system.policy.plan_reset(snapshot_of(bench), state, report.composition)
    worth = report.mid + state.flows.reserve - found.reward
    assert found.multiple == state.multiple
    assert found.bound == found.bound_bps * 10**14 == state.parameters.slippage_bps * 10**14
    found = found.targets
    model = bench.model.token
    c = model.context(bench.now)
    expected = model._targets(c, bench.model.oracle.composition(), worth, bench.now)
    assert tuple(found[: state.components]) == expected
    notional = sum(s * p for s, p in zip(found, report.prices.mid, strict=True))
    virtual = 10**18 * (10**18 // state.unit)
    assert 0 < state.multiple * worth - notional // virtual < worth // 1_000


def test_without_prices(bench: Bench) -> None:
    """[Q-5]"""
    bench.chain.increase_time(7 * 86_400 + 1)
    views = bench.system.views
    for name in ("nav", "leverage", "due"):
        with reverts("oracle: stale price"):
            views.method(name)(bench.token)
    for kind in Kind:
        with reverts("oracle: stale price"):
            views.preview(bench.token, int(kind), 10**6)
