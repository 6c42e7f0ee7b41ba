# SPDX-License-Identifier: AGPL-3.0-only
"""Liquidations: of one's own account for their rewards, and of others' with trades
of one's own before and after."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_exchange import PRICE, UNIT, AttackExchange
from tests.support.attack_grid import Search
from tests.support.constants import WAD
from tests.support.variants import Change

VENUE = "exchange"
LIQUIDATION = "contracts/modules/exchange/liquidation.vy"
BOUNTY = (
    Change(LIQUIDATION, "_BOUNTY: constant(uint256) = 1_000", "_BOUNTY: constant(uint256) = 50"),
    Change(
        LIQUIDATION,
        "_BOUNTY_SHARE: constant(uint256) = 100",
        "_BOUNTY_SHARE: constant(uint256) = 2",
    ),
)
AT_ANY_PRICE = Change(
    LIQUIDATION,
    "ledger._prices_of(account, read, False)",
    "read.mid",
)


@pytest.fixture
def who(
    trader: str, second_trader: str, attacker: str, liquidator: str, provider: str
) -> list[str]:
    return [provider, trader, attacker, second_trader, liquidator]


def venue(
    chain: LocalBackend,
    owner: str,
    who: list[str],
    *off: Change,
    insured: int = 100_000,
    **config: int,
) -> AttackExchange:
    """Two millions in the pool."""
    made = AttackExchange(chain, owner, who, off, **config)
    made.add(who[0], 2_000_000)
    made.pool.fund_insurance(insured * UNIT, sender=who[0])
    return made


def least_margin(units: int) -> int:
    """To open a long of so much: initial margin, fee, its own price impact; whole."""
    return units * PRICE * (1_006 + units // 20) // 10_000 + 1


def test_of_ones_own_account(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Long with one account and short with the other, at the least margin; after a
    price the third is paid for closing the one that lost, down to where nothing of
    its own is left to pay with and the insurance fund pays. The other one is closed
    too. Moves up to what the margin covers, the price that closing can get included:
    beyond that debts are the pool's."""
    _, _, long, short, third = who

    def brings(venue: AttackExchange, units: int, more: int, per_mille: int) -> int:
        before = venue.has(long, short, third)
        for actor, size in ((long, units), (short, -units)):
            venue.margin(actor, least_margin(units) + more * units * PRICE // 1_000)
            venue.trade(actor, size)
        venue.price(per_mille)
        loser = long if per_mille < 1_000 else short
        venue.exchange.liquidate(loser, third, sender=third)
        for actor in (long, short):
            venue.flat(actor)
        return venue.has(long, short, third) - before

    axes = (10, 500, 2_400), (0, 5, 30), (925, 935, 945, 1_050, 1_060, 1_075)
    found = [
        Search(chain, lambda *a, venue=made: brings(venue, *a), axes).run()
        for made in (venue(chain, owner, who), venue(chain, owner, who, *BOUNTY))
    ]
    settle("a liquidation of one's own account", VENUE, "bounds on the bounty", UNIT, *found)


def test_at_a_restricted_price(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """One source is wrong for one round, the oracle says STEP or SPREAD, and somebody
    liquidates a sound account. Its loss, once the price is right again."""
    _, victim, attacker, _, _ = who

    def lost(venue: AttackExchange, units: int, percent: int, per_mille: int, steps: int) -> int:
        venue.margin(victim, abs(units) * PRICE * percent // 100)
        venue.trade(victim, units)
        start = venue.has(victim)
        venue.price(per_mille)
        apart = abs(1_000 - per_mille) * WAD // min(1_000, per_mille)
        accepted = [PRICE * WAD] if steps else []
        venue.oracle.restrict(1 if steps else 2, 0 if steps else apart, accepted, sender=owner)
        venue.exchange.liquidate(victim, attacker, sender=attacker)
        venue.oracle.restrict(0, 0, [], sender=owner)
        venue.price(1_000)
        return start - venue.has(victim)

    axes = (500, -500), (35, 100), (2_000, 1_340, 700, 450), (0, 1)
    found = [
        Search(chain, lambda *a, venue=made: lost(venue, *a), axes).run()
        for made in (venue(chain, owner, who), venue(chain, owner, who, AT_ANY_PRICE))
    ]
    settle(
        "a liquidation at a restricted price (loss of the account)",
        VENUE,
        "prices against nobody",
        UNIT,
        *found,
    )
