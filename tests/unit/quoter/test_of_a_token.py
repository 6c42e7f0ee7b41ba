# SPDX-License-Identifier: AGPL-3.0-only
"""nav, leverage, due, reset: the quoter's views of a deployed token."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.token import nav
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
    assert bench.system.quoter.nav(bench.token) == (v.bid, v.mid, v.ask)
    assert bench.system.quoter.leverage(bench.token) == nav.leverage_down(v.exposure, v.mid)


def test_due_is_the_token_s(bench: Bench) -> None:
    """[T-DUE-11]"""
    found = bench.system.quoter.due(bench.token)
    triggers, reward = bench.model.token.due(bench.now)
    assert tuple(found) == tuple(bench.token.due()) == (int(triggers), reward)
    assert reward > 0


def test_targets_are_l_times_what_is_left(bench: Bench) -> None:
    """After the trade to the first guess has been paid for. [T-REB-1]"""
    report, state = bench.report(), bench.token.state()
    found = bench.system.quoter.reset(
        bench.system.vault,
        (report.mid, report.leverage, report.prices.updated_at),
        state,
        report.composition,
        report.held.shorts,
        report.prices.mid,
    )
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
    for name in ("nav", "leverage", "due"):
        with reverts("oracle: stale price"):
            bench.system.quoter.method(name)(bench.token)
