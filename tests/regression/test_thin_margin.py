# SPDX-License-Identifier: AGPL-3.0-only
"""After a squeeze nearly all of a token's value may be idle. Its margin then could not
bear the cost of a redemption's trade, and the exchange refused what the preview had
promised and `maxRedeem` had allowed."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.perp.venue import VAULT
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture
def squeezed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> SystemHarness:
    """Two holders of 1,000 each; some 40 idle, and less than one as margin."""
    harness = deploy_harness(chain, owner, keeper, make_plan(1))
    for holder in (depositor, second_holder):
        harness.fund(holder)
        harness.deposit(1_000 * harness.system.unit, holder)
    exchange, symbol = harness.model.venue.exchange, harness.plan.symbols[0]
    account = exchange.account(VAULT)
    harness.post({symbol: int(account.cash / -account.sizes[0] / 10**10)})
    margin = exchange.equity(VAULT, harness.model.oracle.read(harness.now).mid, harness.now)
    assert 0 <= margin < exchange.scale * harness.system.unit
    return harness


def test_redemption_is_as_previewed(
    squeezed: SystemHarness, depositor: str, second_holder: str
) -> None:
    """Of all shares that a holder may redeem, and then of the others': all but what the
    gain of the trade takes of the idle collateral."""
    harness, collateral = squeezed, squeezed.system.collateral
    for holder in (depositor, second_holder):
        own, shares = harness.token.balanceOf(holder), harness.token.maxRedeem(holder)
        assert own * 99 // 100 < shares <= own
        promised = harness.token.previewRedeem(shares)
        had = collateral.balanceOf(holder)
        harness.redeem(shares, holder, min_assets=promised)
        harness.check()
        assert collateral.balanceOf(holder) - had == promised > 0
