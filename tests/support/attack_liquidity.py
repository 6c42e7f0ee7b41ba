# SPDX-License-Identifier: AGPL-3.0-only
"""Providers of the exchange's pool and traders on it, for attacks; and the rules of
requests, switched off one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend
from tests.support.attack_exchange import UNIT, AttackExchange
from tests.support.variants import Change

VENUE = "exchange"
POOL = "contracts/exchange/LiquidityPool.vy"
REQUESTS = "contracts/modules/exchange/requests.vy"
DELAY = Change(
    REQUESTS,
    "REQUEST_DELAY: public(constant(uint256)) = 3_600",
    "REQUEST_DELAY: public(constant(uint256)) = 0",
)
ENTRY_AT_REQUEST = Change(
    REQUESTS, "min(share_math._to_shares_down(assets, share_assets), bound)", "bound"
)
ENTRY_AT_CLAIM = Change(
    REQUESTS,
    "min(share_math._to_shares_down(assets, share_assets), bound)",
    "share_math._to_shares_down(assets, share_assets)",
)
EXIT_AT_REQUEST = Change(
    REQUESTS, "return worth if shares == erc20.totalSupply else min(worth, bound)", "return bound"
)
EXIT_AT_CLAIM = Change(
    REQUESTS, "return worth if shares == erc20.totalSupply else min(worth, bound)", "return worth"
)
BINDING = Change(
    POOL, "    assert is_settled or not self._try_obligations()[0], errors.POOL_BINDING\n", ""
)
FIXED_ENTRY = Change(REQUESTS, "        self.deposit_request[account] = entry\n", "        pass\n")
FIXED_EXIT = Change(REQUESTS, "        self.redeem_request[account] = exit\n", "        pass\n")
OTHERS = 1_000_000


@pytest.fixture
def who(
    provider: str, trader: str, second_trader: str, attacker: str, liquidator: str
) -> list[str]:
    """Provider, two traders, the attacker's two accounts."""
    return [provider, trader, second_trader, attacker, liquidator]


class LiquidityHarness:
    """A floor with a million of the provider's, two traders with positions of theirs."""

    def __init__(
        self, chain: LocalBackend, owner: str, who: list[str], *off: Change, **config: int
    ) -> None:
        self.venue = AttackExchange(chain, owner, who, off, **config)
        self.off = bool(off)
        self.provider, self.trader, self.short, self.attacker, self.second = who
        self.venue.add(self.provider, OTHERS)
        self.venue.pool.fund_insurance(10_000 * UNIT, sender=self.provider)
        for actor in who[1:]:
            self.venue.margin(actor, 300_000)

    def has(self) -> int:
        return self.venue.has(self.attacker, self.second)


def both(
    chain: LocalBackend, owner: str, who: list[str], *off: Change, **config: int
) -> tuple[LiquidityHarness, LiquidityHarness]:
    return (
        LiquidityHarness(chain, owner, who, **config),
        LiquidityHarness(chain, owner, who, *off, **config),
    )


def either_way(chain: LocalBackend, played: Callable[[int], int]) -> int:
    """What it brings if the next round is a rise, and if it is a fall as large, together:
    nobody knows which before the round is there to be known."""
    total = 0
    for sign in (1, -1):
        snapshot = chain.snapshot()
        try:
            total += played(sign)
        finally:
            chain.revert(snapshot)
    return total
