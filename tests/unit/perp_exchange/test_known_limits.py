# SPDX-License-Identifier: AGPL-3.0-only
"""What the exchange does not prevent, as SECURITY.md says: kept here so that the
text stays true."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.exchange_harness import buy, with_a_debt


def test_a_provider_leaves_when_nobody_brings_a_debt_to_light_for_an_hour(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    """What a bankrupt account owes counts as the pool's own until somebody
    liquidates it. Who has asked to leave bears it if that happens within the delay;
    if nobody liquidates for all of it, he takes a part with him, and a short that has
    won waits for insurance or new liquidity."""
    harness = with_a_debt(chain, owner, [trader, second_trader, provider, keeper])
    harness.liquidate(keeper, trader)
    harness.trade(second_trader, buy(0, 100 * WAD))
    won = harness.model.account(second_trader).cash // harness.model.scale
    assert won == 10_183_997_658  # an hour of the borrowing fee is less
    assert harness.model.held < won
    with reverts(""):
        harness.exchange.withdraw(won, second_trader, sender=second_trader)
    harness.withdraw(second_trader, harness.model.held)
    harness.token.mint(keeper, won, sender=keeper)
    harness.fund_insurance(keeper, won)
    harness.withdraw(
        second_trader, harness.model.account(second_trader).cash // harness.model.scale
    )
