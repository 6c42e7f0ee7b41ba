# SPDX-License-Identifier: AGPL-3.0-only
"""What the exchange does not prevent, as SECURITY.md says: kept here so that the
text stays true."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.exchange_harness import buy, with_a_debt


def test_a_provider_leaves_before_a_debt_is_brought_to_light(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    """What a bankrupt account owes counts as the pool's own until somebody
    liquidates it. Who leaves in between takes a part of it with him, and a short
    that has won waits for insurance or new liquidity."""
    world = with_a_debt(chain, owner, [trader, second_trader, provider, keeper])
    world.liquidate(keeper, trader)
    world.trade(second_trader, buy(0, 100 * WAD))
    won = world.model.account(second_trader).cash // world.model.scale
    assert won == 10_244_000_000
    assert world.model.held < won
    with reverts(""):
        world.exchange.withdraw(won, second_trader, sender=second_trader)
    world.withdraw(second_trader, world.model.held)
    world.token.mint(keeper, won, sender=keeper)
    world.fund_insurance(keeper, won)
    world.withdraw(second_trader, world.model.account(second_trader).cash // world.model.scale)
