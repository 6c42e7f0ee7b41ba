# SPDX-License-Identifier: AGPL-3.0-only
"""After a squeeze nearly all of a token's value may be idle. Its margin then could not
bear the cost of a redemption's trade, and the exchange refused what the preview had
promised and `maxRedeem` had allowed."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.perp.venue import VAULT
from tests.systems import Bench, deploy_bench, make_plan


@pytest.fixture
def squeezed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> Bench:
    """Two holders of 1,000 each; some 40 idle, and less than one as margin."""
    bench = deploy_bench(chain, owner, keeper, make_plan(1))
    for holder in (depositor, second_holder):
        bench.fund(holder)
        bench.deposit(1_000 * bench.system.unit, holder)
    exchange, symbol = bench.model.venue.exchange, bench.plan.symbols[0]
    account = exchange.account(VAULT)
    bench.post({symbol: int(account.cash / -account.sizes[0] / 10**10)})
    margin = exchange.equity(VAULT, bench.model.oracle.read(bench.now).mid, bench.now)
    assert 0 <= margin < exchange.scale * bench.system.unit
    return bench


def test_redemption_is_as_previewed(squeezed: Bench, depositor: str, second_holder: str) -> None:
    """Of all shares that a holder has, and then of the others'."""
    bench, collateral = squeezed, squeezed.system.collateral
    for holder in (depositor, second_holder):
        shares = bench.token.balanceOf(holder)
        assert bench.token.maxRedeem(holder) == shares
        promised = bench.token.previewRedeem(shares)
        had = collateral.balanceOf(holder)
        bench.redeem(shares, holder, min_assets=promised)
        bench.check()
        assert collateral.balanceOf(holder) - had == promised > 0
