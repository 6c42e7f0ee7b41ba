# SPDX-License-Identifier: AGPL-3.0-only
"""Providers of the exchange's pool who also trade, and who come and go around
prices, trades and the end of the exchange."""

from __future__ import annotations

from itertools import product

import pytest

from inverse_index.chain import LocalBackend, Reverted
from tests.attacks.table import settle
from tests.support.attack_exchange import CONFIG, PRICE, UNIT, AttackExchange
from tests.support.attack_grid import Search, attempt
from tests.support.constants import HOUR
from tests.support.variants import Change

VENUE = "exchange"
POOL = "contracts/exchange/LiquidityPool.vy"
OWED = Change(POOL, " - convert(due.impact_owed, int256)", "")
LOCK = Change(
    POOL,
    "assert block.timestamp >= self.unlocked_at[owner], errors.POOL_LOCKED",
    "pass",
)
RESERVE = Change(
    POOL,
    "    assert self._spare(due) >= 0, errors.EXCHANGE_RESERVE\n",
    "",
)
OTHERS = 1_000_000


@pytest.fixture
def who(
    provider: str, trader: str, second_trader: str, attacker: str, liquidator: str
) -> list[str]:
    """Provider, two traders, the attacker's two accounts."""
    return [provider, trader, second_trader, attacker, liquidator]


class LiquidityHarness:
    """A floor with a million of the provider's, two traders with positions of theirs."""

    def __init__(self, chain: LocalBackend, owner: str, who: list[str], *off: Change) -> None:
        self.venue = AttackExchange(chain, owner, who, off)
        self.provider, self.trader, self.short, self.attacker, self.second = who
        self.venue.add(self.provider, OTHERS)
        self.venue.pool.fund_insurance(10_000 * UNIT, sender=self.provider)
        for actor in who[1:]:
            self.venue.margin(actor, 300_000)

    def has(self) -> int:
        return self.venue.has(self.attacker, self.second)


def both(
    chain: LocalBackend, owner: str, who: list[str], off: Change
) -> tuple[LiquidityHarness, LiquidityHarness]:
    return LiquidityHarness(chain, owner, who), LiquidityHarness(chain, owner, who, off)


def test_in_and_out_around_trades(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Move the price against oneself, leave the pool while it holds what that cost,
    and take the cost back from those who stayed: what the pool owes to whoever
    closes is not in its shares."""

    def played(harness: LiquidityHarness, size: int, liquidity: int, others: int, wait: int) -> int:
        venue = harness.venue
        venue.trade(harness.trader, others)
        before = harness.has()
        venue.add(harness.attacker, liquidity)
        venue.wait(HOUR)
        venue.trade(harness.second, size)
        venue.wait(wait)
        venue.remove(harness.attacker)
        venue.flat(harness.second)
        return harness.has() - before

    def brings(harness: LiquidityHarness, size: int, liquidity: int, others: int, wait: int) -> int:
        """More than each alone, which may earn funding honestly."""
        apart = (size, 0, others, wait), (0, liquidity, others, wait)
        alone = [attempt(chain, lambda a=each: played(harness, *a)) for each in apart]
        return played(harness, size, liquidity, others, wait) - sum(
            max(each or 0, 0) for each in alone
        )

    axes = ((-2_500, -800, 800, 2_000), (100_000, 1_000_000, 9_000_000), (0, 400), (0, 600))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes, frozenset((2,))).run()
        for harness in both(chain, owner, who, OWED)
    ]
    settle("liquidity in and out around trades", VENUE, "impact owed is no gain", UNIT, *found)


def test_in_before_a_price_and_out_after(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """A price is known before it is posted: add what the pool will win with, and take
    it out again. The lock keeps it in for an hour, in which prices go on."""

    def brings(
        harness: LiquidityHarness, short: int, per_mille: int, liquidity: int, wait: int
    ) -> int:
        venue = harness.venue
        venue.trade(harness.short, -short)
        before = harness.has()
        venue.add(harness.attacker, liquidity)
        venue.price(per_mille)
        venue.wait(wait)
        venue.remove(harness.attacker)
        return harness.has() - before

    axes = (
        (500, 2_000),
        (995, 1_005, 1_050),
        (100_000, 9_000_000),
        (0, 12, 1_800, HOUR - 1),
    )
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, LOCK)
    ]
    assert set(found[0]) == {None}
    settle("liquidity for one price", VENUE, "the lock of an hour", UNIT, *found)


def test_an_hour_at_risk(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """What the lock does not do: who adds before a rise that he knows has its gain for
    sure; what he pays for it is an hour of whatever prices do then, here as much
    again in either direction, by which he loses as soon as they fall back further."""
    harness = LiquidityHarness(chain, owner, who)

    def brings(then: int) -> int:
        venue = harness.venue
        venue.trade(harness.short, -2_000)
        before = harness.has()
        venue.add(harness.attacker, 9_000_000)
        venue.price(1_020)
        venue.wait(HOUR)
        venue.price(then)
        venue.remove(harness.attacker)
        return harness.has() - before

    stays, falls, rises = (attempt(chain, lambda p=then: brings(p)) for then in (1_020, 980, 1_060))
    assert stays is not None and falls is not None and rises is not None
    print("an hour at risk:", stays / UNIT, falls / UNIT, rises / UNIT)
    assert falls < 0 < stays < rises
    assert stays <= 2_000 * PRICE * UNIT * 20 // 1_000  # the shorts' loss, no more


def test_out_before_a_price_and_in_after(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Nor does the lock keep anybody from leaving before a fall that he knows: what he
    does not bear the other providers do. The shorts have it all the same."""
    harness = LiquidityHarness(chain, owner, who)
    venue = harness.venue

    def played(leaves: bool) -> tuple[int, int]:
        venue.add(harness.attacker, OTHERS)
        venue.trade(harness.short, -2_000)
        venue.wait(HOUR)
        before = harness.has() + _share_worth(harness), venue.has(harness.short)
        if leaves:
            venue.remove(harness.attacker)
        venue.price(980)
        if leaves:
            venue.add(harness.attacker, OTHERS)
        return harness.has() + _share_worth(harness) - before[0], venue.has(harness.short) - before[
            1
        ]

    snapshot = chain.snapshot()
    stayed, won = played(False)
    chain.revert(snapshot)
    left, same = played(True)
    print("out before a fall:", (left - stayed) / UNIT)
    assert same == won > 2_000 * PRICE * UNIT * 20 // 1_000
    assert 0 < left - stayed <= won // 2


def test_funding_raised_by_the_pool_itself(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Whoever owns nearly all of the pool can be short beside the token, so that both
    pay it more funding. What the token pays stays under the rate of full books."""

    def played(harness: LiquidityHarness, own: int, days: int) -> tuple[int, int]:
        venue = harness.venue
        venue.trade(harness.short, -1_000)
        before = harness.has(), venue.has(harness.short)
        venue.add(harness.attacker, 99 * OTHERS)
        venue.trade(harness.second, -own)
        venue.wait(days * 86_400)
        venue.flat(harness.second)
        venue.remove(harness.attacker)
        return harness.has() - before[0], venue.has(harness.short) - before[1]

    harness = LiquidityHarness(chain, owner, who)
    full = CONFIG.max_funding * CONFIG.maintenance_margin // 2  # scale 1e36, a second
    for own in (0, 700, 1_500):
        for days in (1, 7, 30):
            snapshot = chain.snapshot()
            gained, paid = played(harness, own, days)
            chain.revert(snapshot)
            most = 1_000 * PRICE * UNIT * full * days * 86_400 // 10**36
            print("funding:", own, days, gained / UNIT, -paid / UNIT, most / UNIT)
            assert -paid <= most + 1


def test_the_pool_leaves_to_close_longs(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """The pool's largest provider is short too. It leaves, so that the shorts' largest
    profit is not covered any more, closes somebody's long at a price that it has
    pushed down before, and buys back. The reserve does not leave."""

    def brings(
        harness: LiquidityHarness, size: int, long: int, percent: int, liquidity: int
    ) -> int:
        venue = harness.venue
        venue.add(harness.attacker, liquidity)
        venue.wait(HOUR)
        venue.remove(harness.provider, 90)
        venue.trade(harness.trader, long)
        venue.trade(harness.short, -1_000)
        before = harness.has() + _share_worth(harness)
        venue.trade(harness.second, -size)
        venue.remove(harness.attacker, percent)
        venue.exchange.deleverage(harness.trader, 0, sender=harness.attacker)
        venue.flat(harness.second)
        return harness.has() + _share_worth(harness) - before

    axes = ((100, 300, 1_400), (1_000, 2_400), (50, 80, 100), (400_000, 900_000))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes, frozenset((2,))).run(1)
        for harness in both(chain, owner, who, RESERVE)
    ]
    assert set(found[0]) == {None}
    settle("longs closed by leaving the pool", VENUE, "the shorts' reserve", UNIT, *found)


def _share_worth(harness: LiquidityHarness) -> int:
    """Of the attacker's liquidity by the pool's equity; native."""
    pool = harness.venue.pool
    shares = pool.balanceOf(harness.attacker)
    total = pool.totalSupply()
    if not shares:
        return 0
    return int(pool.equity() * shares // total // 10**30)


def test_no_rise_that_may_be_expected_closes_longs(
    chain: LocalBackend, owner: str, who: list[str]
) -> None:
    """All that may leave has left: until the price has nearly doubled nobody's long is
    closed."""
    harness = LiquidityHarness(chain, owner, who)
    venue = harness.venue
    venue.trade(harness.trader, 2_000)
    venue.trade(harness.short, -2_000)
    venue.wait(HOUR)
    for percent in (50, 20, 10, 5, 2, 1) * 3:
        try:
            venue.remove(harness.provider, percent)
        except Reverted as error:
            assert "reserve" in str(error)
    for per_mille in (1_050, 1_300, 1_700, 1_900):
        venue.price(per_mille)
        with pytest.raises(Reverted, match="cover"):
            venue.exchange.deleverage(harness.trader, 0, sender=harness.attacker)


def test_around_the_end(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """The exchange ends, and somebody has known it while prices were still there. What
    he can take is what the others' trades have paid in as impact and closing them
    would have paid out, but for the end; never of what their accounts and their
    liquidity are worth."""
    harness = LiquidityHarness(chain, owner, who)
    owed = 2_000**2 * PRICE * UNIT // (2 * 100_000)
    others = [harness.trader, harness.short]

    def ended(size: int, hedge: int, liquidity: int, long: int) -> tuple[int, int]:
        venue = harness.venue
        venue.trade(harness.trader, long)
        venue.wait(HOUR)
        before, worth = harness.has(), venue.has(*others, harness.provider) + _pool_worth(harness)
        venue.add(harness.attacker, liquidity)
        venue.trade(harness.second, size)
        venue.trade(harness.attacker, -size * hedge // 100)
        venue.oracle.set_dead(True, sender=owner)
        venue.exchange.settle(sender=harness.attacker)
        for actor in who[1:]:
            if venue.exchange.size(actor, 0):
                venue.exchange.liquidate(actor, harness.attacker, sender=harness.attacker)
        venue.wait(HOUR)
        venue.remove(harness.attacker)
        venue.remove(harness.provider)
        return harness.has() - before, worth - venue.has(*others, harness.provider)

    gained, lost = [], []
    axes = (-2_000, -1_000, 0, 400), (0, 100), (0, 10**6, 9 * 10**6), (0, 2_000)
    for point in product(*axes):
        snapshot = chain.snapshot()
        try:
            gain, loss = ended(*point)
            gained.append(gain)
            lost.append(loss)
        except Reverted as error:
            assert "capped" in str(error)
        chain.revert(snapshot)
    print("around the end:", max(gained) / UNIT, max(lost))
    assert max(lost) <= 1
    assert 0 < max(gained) <= owed


def _pool_worth(harness: LiquidityHarness) -> int:
    """Of all liquidity but for the impact owed, as its shares count it; native."""
    exchange = harness.venue.exchange
    skew = exchange.market_state(0).skew
    impact = skew * skew * PRICE // (2 * 100_000 * 10**18)
    return int(harness.venue.pool.equity() - impact * 10**18) // 10**30
