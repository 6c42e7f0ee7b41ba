# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange that was settled fills and values at its frozen prices. Once its oracle
was back at others, the vault took the difference for slippage: `withdraw`, and `redeem`
without a bound of one's own, reverted though both had been previewed."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.constants import DAY
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture(params=[-14, 30])
def settled(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, request: object
) -> SystemHarness:
    """10,000 paid in; the oracle dead for long enough, and back at another price."""
    harness = deploy_harness(chain, owner, keeper, make_plan(1))
    harness.fund(depositor)
    harness.deposit(10_000 * harness.system.unit, depositor)
    chain.increase_time(8 * DAY)
    harness.system.oracle.report_unusable(sender=keeper)
    harness.model.oracle.report_unusable(chain.now())
    chain.increase_time(11 * DAY)
    receipt = harness.system.venue.exchange.settle(sender=keeper)
    exchange, oracle, at = harness.model.venue.exchange, harness.model.oracle, receipt.timestamp
    exchange.settle(oracle.closing_prices(at).mid, oracle.dead(at), at)
    harness.move(request.param)  # type: ignore[attr-defined]
    harness.check()
    return harness


def test_holders_leave_as_previewed(settled: SystemHarness, depositor: str) -> None:
    """Exact out, and in shares under the token's bound."""
    harness, collateral = settled, settled.system.collateral
    assets = harness.token.maxWithdraw(depositor) // 2
    burned, shares = harness.token.previewWithdraw(assets), harness.token.balanceOf(depositor)
    harness.withdraw(assets, depositor)
    assert shares - harness.token.balanceOf(depositor) == burned > 0
    harness.check()
    rest = harness.token.maxRedeem(depositor)
    promised, had = harness.token.previewRedeem(rest), collateral.balanceOf(depositor)
    harness.redeem(rest, depositor)
    harness.check()
    assert collateral.balanceOf(depositor) - had == promised > 0
