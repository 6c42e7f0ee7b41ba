# SPDX-License-Identifier: AGPL-3.0-only
"""nav, leverage, due, preview, plan_reset: what views and policy say of a deployed token."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.token import nav
from tests.support.assertions import reverts
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture(params=[(1, 6, 1), (3, 18, 3), (10, 8, 2)], ids=str)
def harness(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> SystemHarness:
    """Some value, a flow that waits, moved prices."""
    k, decimals, multiple = request.param
    made = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    made.fund(depositor)
    made.deposit(50_000 * made.system.unit, depositor)
    made.deposit(50 * made.system.unit, depositor)
    made.move([i % 5 - 2 for i in range(k)], 90_000)
    return made


def test_nav_and_leverage(harness: SystemHarness) -> None:
    v = harness.model.token.context(harness.now).v
    assert harness.system.views.nav(harness.token) == (v.bid, v.mid, v.ask)
    assert harness.system.views.leverage(harness.token) == nav.leverage_down(v.exposure, v.mid)


def test_due_is_the_token_s(harness: SystemHarness) -> None:
    """[T-DUE-11]"""
    found = harness.system.views.due(harness.token)
    triggers, reward = harness.model.token.due(harness.now)
    assert tuple(found) == tuple(harness.token.due()) == (int(triggers), reward)
    assert reward > 0


def snapshot_of(harness: SystemHarness) -> tuple[Any, ...]:
    """As `ITokenPolicy.Snapshot`, by the report of the token."""
    report = harness.report()
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
        harness.system.vault,
        harness.system.oracle,
    )


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("whole", [20, 9_000])
def test_a_plan_finished_with_the_quote_is_the_preview(
    harness: SystemHarness, kind: Kind, whole: int
) -> None:
    """A netted flow's plan is; and both are the model's. [Q-1]"""
    policy, vault = harness.system.policy, harness.system.vault
    amount = whole * (10**18 if kind in (Kind.MINT, Kind.REDEEM) else harness.system.unit)
    plan = policy.plan(int(kind), snapshot_of(harness), amount)
    model = harness.model.token
    c = model.context(harness.now)
    expected = model._plan(c, kind, amount, harness.now)
    assert tuple(plan.flow) == astuple(expected.flow)
    assert plan.flow.netted == (whole == 20)
    flow = plan.flow
    if not flow.netted:
        targets = tuple(plan.targets[: len(harness.plan.symbols)])
        assert targets == model._flow_targets(c, expected)
        cost, exact = vault.quote(plan.targets, harness.report().prices.mid, plan.incoming)
        assert exact
        flow = policy.finish(plan, cost)
    assert harness.system.views.preview(harness.token, int(kind), amount) == flow
    assert tuple(flow) == astuple(model.preview(kind, amount, harness.now))


def test_the_views_of_the_policy(harness: SystemHarness) -> None:
    assert harness.system.policy.views() == harness.system.views.address


def test_targets_are_l_times_what_is_left(harness: SystemHarness) -> None:
    """After the trade to the first guess has been paid for. [T-REB-1]"""
    report, state = harness.report(), harness.token.state()
    found = harness.system.reset_policy.plan_reset(snapshot_of(harness), state, report.composition)
    worth = report.mid + state.flows.reserve - found.reward
    assert found.multiple == state.multiple
    assert found.bound == found.bound_bps * 10**14 == state.parameters.slippage_bps * 10**14
    found = found.targets
    model = harness.model.token
    c = model.context(harness.now)
    expected = model._targets(c, harness.model.oracle.composition(), worth, harness.now)
    assert tuple(found[: state.components]) == expected
    notional = sum(s * p for s, p in zip(found, report.prices.mid, strict=True))
    virtual = 10**18 * (10**18 // state.unit)
    assert 0 < state.multiple * worth - notional // virtual < worth // 1_000


def test_without_prices(harness: SystemHarness) -> None:
    """[Q-5]"""
    harness.chain.increase_time(7 * 86_400 + 1)
    views = harness.system.views
    for name in ("nav", "leverage", "due"):
        with reverts("oracle: stale price"):
            views.method(name)(harness.token)
    for kind in Kind:
        with reverts("oracle: stale price"):
            views.preview(harness.token, int(kind), 10**6)


def test_a_policy_needs_views(chain: LocalBackend, owner: str, attacker: str) -> None:
    """A token of such a policy could be asked for nothing, or not rebalanced. [Q-1]"""
    views = chain.deploy("TokenViews", sender=owner)
    with reverts("token: views have no code"):
        chain.deploy("TokenPolicy", attacker, views, sender=owner)
    with reverts("token: reset policy has no code"):
        chain.deploy("TokenPolicy", views, attacker, sender=owner)
