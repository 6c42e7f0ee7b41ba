# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange from which winners had taken all the cash could not be cleared up:
the liquidator's reward was more than was left, and the liquidation reverted."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.exchange_harness import buy, with_a_debt


def test_a_liquidation_pays_what_is_there(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    """[X-LIQ-7]"""
    actors = [trader, second_trader, provider, keeper]
    harness = with_a_debt(chain, owner, actors, insurance=500)
    harness.trade(second_trader, buy(0, 100 * WAD))
    harness.withdraw(second_trader, harness.model.collateral)
    assert harness.model.collateral == 0

    before = harness.token.balanceOf(keeper)
    harness.liquidate(keeper, trader)  # the same on chain and model
    assert harness.token.balanceOf(keeper) == before
    assert not harness.model.account(trader).has_position
