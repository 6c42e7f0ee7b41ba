# SPDX-License-Identifier: AGPL-3.0-only
"""How many external calls a view of a token on Aave makes: its snapshot is read once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6


@pytest.fixture(scope="module")
def on_aave(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """One component, 100,000 paid in."""
    made = deploy_harness(chain, owner, keeper, make_aave_plan())
    made.fund(depositor)
    made.deposit(100_000 * UNIT, depositor)
    return made


def external_calls(harness: SystemHarness, function: str, *arguments: Any) -> Counter[str]:
    """Calls below the outer one, by address and selector."""
    data = "0x" + harness.token.method(function).encode(*arguments).hex()
    call = {"to": harness.token.address, "data": data}
    trace = harness.chain.rpc("debug_traceCall", call, "latest", {"tracer": "callTracer"})
    found: Counter[str] = Counter()
    waiting = [trace]
    while waiting:
        frame = waiting.pop()
        assert "error" not in frame
        below = frame.get("calls", [])
        found.update(f"{inner['to']} {inner['input'][:10]}" for inner in below)
        waiting += below
    return found


@pytest.mark.parametrize(
    ("function", "at_most"),
    [
        ("maxDeposit", 90),
        ("maxMint", 90),
        ("maxWithdraw", 73),
        ("maxRedeem", 45),
        ("previewRedeem", 37),
    ],
)
def test_external_calls_of_a_view(
    on_aave: SystemHarness, depositor: str, function: str, at_most: int
) -> None:
    """Those inside Aave and the feeds are counted as well; the redemption is hedged."""
    argument = 60_000 * 10**18 if function == "previewRedeem" else depositor
    assert on_aave.token.method(function)(argument) > 0
    calls = external_calls(on_aave, function, argument)
    repeated = {called: count for called, count in calls.most_common() if count > 1}
    assert calls.total() <= at_most, f"{calls.total()} calls, more than once: {repeated}"
