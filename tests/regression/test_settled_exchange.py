# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange that was settled fills and values at its frozen prices. Once its oracle
was back at others, the vault took the difference for slippage: `withdraw`, and `redeem`
without a bound of one's own, reverted though both had been previewed."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.plans import make_plan
from tests.support.system_harness import Bench, deploy_bench

DAY = 86_400


@pytest.fixture(params=[-14, 30])
def settled(chain: LocalBackend, owner: str, keeper: str, depositor: str, request: object) -> Bench:
    """10,000 paid in; the oracle dead for long enough, and back at another price."""
    bench = deploy_bench(chain, owner, keeper, make_plan(1))
    bench.fund(depositor)
    bench.deposit(10_000 * bench.system.unit, depositor)
    chain.increase_time(8 * DAY)
    bench.system.oracle.report_unusable(sender=keeper)
    bench.model.oracle.report_unusable(chain.now())
    chain.increase_time(11 * DAY)
    receipt = bench.system.venue.exchange.settle(sender=keeper)
    exchange, oracle, at = bench.model.venue.exchange, bench.model.oracle, receipt.timestamp
    exchange.settle(oracle.closing_prices(at).mid, oracle.dead(at), at)
    bench.move(request.param)  # type: ignore[attr-defined]
    bench.check()
    return bench


def test_holders_leave_as_previewed(settled: Bench, depositor: str) -> None:
    """Exact out, and in shares under the token's own bound."""
    bench, collateral = settled, settled.system.collateral
    assets = bench.token.maxWithdraw(depositor) // 2
    burned, shares = bench.token.previewWithdraw(assets), bench.token.balanceOf(depositor)
    bench.withdraw(assets, depositor)
    assert shares - bench.token.balanceOf(depositor) == burned > 0
    bench.check()
    rest = bench.token.maxRedeem(depositor)
    promised, had = bench.token.previewRedeem(rest), collateral.balanceOf(depositor)
    bench.redeem(rest, depositor)
    bench.check()
    assert collateral.balanceOf(depositor) - had == promised > 0
