# SPDX-License-Identifier: AGPL-3.0-only
"""A provider that leaves between a fall in price and the liquidations takes part
of what the pool will owe: debts that nobody has brought to light yet count as the
pool's own. The shorts that won are then not paid in full."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.perp import CONFIG, PerpWorld, buy, sell


@pytest.mark.xfail(strict=True, reason="the reserve does not know of debts that are not settled")
def test_shorts_are_paid_although_a_provider_leaves_first(
    chain: LocalBackend, owner: str, trader: str, second_trader: str, provider: str, keeper: str
) -> None:
    people = [trader, second_trader, provider, keeper]
    world = PerpWorld(chain, owner, people, [100 * WAD], [CONFIG])
    world.add_liquidity(provider, 44_000 * world.unit)
    for person in (trader, second_trader):
        world.deposit(person, 1_200 * world.unit)
    world.trade(trader, buy(0, 100 * WAD))
    world.trade(second_trader, sell(0, 100 * WAD))
    world.wait(3_600)

    world.set_prices(10 * WAD)  # the long owes 7,860, the short has 10,240
    shares = world.model.account(provider).liquidity
    world.remove_liquidity(provider, shares * 94 // 100)
    world.liquidate(keeper, trader)
    world.trade(second_trader, buy(0, 100 * WAD))
    won = world.model.account(second_trader).cash // world.model.scale
    assert won == 10_243_000_000
    world.withdraw(second_trader, won)
