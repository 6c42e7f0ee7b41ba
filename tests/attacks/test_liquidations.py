# SPDX-License-Identifier: AGPL-3.0-only
"""Liquidations: of one's own account for their rewards, and of others' with trades
of one's own before and after."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_exchange import PRICE, UNIT, AttackExchange
from tests.support.attack_grid import Search, attempt
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
CAPPED = Change(
    "contracts/modules/exchange/linear.vy",
    "return skew_scale * maintenance_margin // (2 * _WAD)",
    "return skew_scale * maintenance_margin * 3 // _WAD",
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


def test_between_two_trades(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Sell, let somebody's long be closed at the price that this has pushed down, buy
    back. What it can cost the pool and the insurance fund is nothing; what it can
    cost the account that is closed is half of its maintenance margin."""
    _, victim, attacker, _, third = who

    def played(venue: AttackExchange, q: int, v: int, per_mille: int) -> tuple[int, int, int]:
        """What the pool and the fund, the victim and the attacker have more."""
        venue.margin(attacker, 10**6)
        venue.margin(victim, least_margin(v))
        venue.trade(victim, v)
        venue.price(per_mille)
        start = venue.pool_and_insurance(), venue.has(victim), venue.has(attacker, third)
        venue.trade(attacker, -q)
        venue.exchange.liquidate(victim, third, sender=third)
        venue.flat(attacker)
        end = venue.pool_and_insurance(), venue.has(victim), venue.has(attacker, third)
        return tuple(b - a for a, b in zip(start, end, strict=True))  # type: ignore[return-value]

    taken, paid = [], []

    def lost(venue: AttackExchange, q: int, v: int, per_mille: int) -> int:
        alone = attempt(chain, lambda: played(venue, 0, v, per_mille)[0])
        pool, victims, attackers = played(venue, q, v, per_mille)
        assert alone is not None
        taken.append(attackers)
        paid.append(-victims / (v * PRICE * UNIT))
        return -pool if alone >= 0 else alone - pool

    capped = venue(chain, owner, who)
    axes = ((0, 100, 1_000, 2_500), (200, 1_000, 2_400), (944, 938, 930))
    real = Search(chain, lambda *a: lost(capped, *a), axes).run()
    print("between two trades:", max(taken) / UNIT, max(paid))
    assert max(paid) <= 0.025 + 0.01  # half of the margin, and the penalty
    wide = venue(chain, owner, who, CAPPED, max_long=15_000 * WAD)
    axes = ((0, 2_500, 6_000, 10_000), (1_000, 4_000, 8_000), (944, 938, 930))
    open_to_all = Search(chain, lambda *a: lost(wide, *a), axes).run()
    settle(
        "a liquidation between two trades (loss of the pool)",
        VENUE,
        "open interest capped by the margin",
        UNIT,
        real,
        open_to_all,
    )
