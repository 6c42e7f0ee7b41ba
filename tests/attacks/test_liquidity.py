# SPDX-License-Identifier: AGPL-3.0-only
"""Providers of the exchange's pool who also trade, and who come and go around
prices, trades and the end of the exchange."""

from __future__ import annotations

from itertools import product

import pytest

from inverse_index.chain import LocalBackend, Reverted
from tests.attacks.table import settle
from tests.attacks.test_sandwich import GIVEN_BACK
from tests.support.attack_exchange import CONFIG, PRICE, UNIT
from tests.support.attack_grid import Search, attempt
from tests.support.attack_liquidity import (
    DELAY,
    ENTRY_AT_REQUEST,
    EXIT_AT_REQUEST,
    OTHERS,
    POOL,
    VENUE,
    LiquidityHarness,
    both,
    who,
)
from tests.support.constants import HOUR
from tests.support.variants import Change

__all__ = ["who"]

POOLED = Change(
    "contracts/exchange/PerpExchange.vy",
    "total.impact + convert(total.fill.fee // _INSURANCE_CUT, int256)",
    "convert(total.fill.fee // _INSURANCE_CUT, int256)",
)
RESERVE = Change(
    POOL,
    "    assert self._spare(due) >= 0, errors.EXCHANGE_RESERVE\n",
    "",
)


def test_in_and_out_around_trades(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Move the price against oneself, leave the pool while it holds what that cost,
    and take the cost back from those who stayed: the pool is paid no impact, and nobody
    gets any back."""

    def played(harness: LiquidityHarness, size: int, liquidity: int, others: int, wait: int) -> int:
        venue = harness.venue
        venue.trade(harness.trader, others)
        before = harness.has()
        venue.add(harness.attacker, liquidity, HOUR)
        venue.trade(harness.second, size)
        venue.remove(harness.attacker, 100, HOUR + wait)
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
        for harness in both(chain, owner, who, POOLED, GIVEN_BACK)
    ]
    settle("liquidity in and out around trades", VENUE, "impact that insures", UNIT, *found)


@pytest.mark.parametrize(
    ("off", "defence"),
    [(DELAY, "the delay of an hour"), (ENTRY_AT_REQUEST, "entries at the price of the claim")],
)
def test_in_before_a_price_and_out_after(
    chain: LocalBackend, owner: str, who: list[str], off: Change, defence: str
) -> None:
    """A price is known before it is posted: add what the pool will win with, and take
    it out again. What is known at the request is in the price of the claim."""

    def brings(
        harness: LiquidityHarness, short: int, per_mille: int, liquidity: int, wait: int
    ) -> int:
        venue = harness.venue
        venue.trade(harness.short, -short)
        before = harness.has()
        venue.ask_in(harness.attacker, liquidity)
        claims_first = off is DELAY and harness.off
        if claims_first:
            venue.claim_in(harness.attacker)
        venue.price(per_mille)
        venue.wait(0 if claims_first else HOUR)
        venue.claim_in(harness.attacker)
        venue.remove(harness.attacker, 100, 0 if claims_first else HOUR + wait)
        return harness.has() - before

    axes = ((500, 2_000), (995, 1_005, 1_050), (100_000, 9_000_000), (0, 12, HOUR))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, off, max_funding=0)
    ]
    settle("liquidity for one price", VENUE, defence, UNIT, *found)


@pytest.mark.parametrize(
    ("off", "defence"),
    [(DELAY, "the delay of an hour"), (EXIT_AT_REQUEST, "exits at the price of the claim")],
)
def test_out_before_a_price_and_in_after(
    chain: LocalBackend, owner: str, who: list[str], off: Change, defence: str
) -> None:
    """Ask to leave before a fall that one knows, and leave it to the other providers:
    what it brings is counted beside staying."""

    def brings(
        harness: LiquidityHarness, short: int, per_mille: int, liquidity: int, wait: int
    ) -> int:
        venue = harness.venue

        def played(leaves: bool) -> int:
            before = harness.has()
            venue.add(harness.attacker, liquidity)
            venue.trade(harness.short, -short)
            if leaves:
                venue.ask_out(harness.attacker)
                if off is DELAY and harness.off:
                    venue.claim_out(harness.attacker)
            venue.price(per_mille)
            venue.wait(HOUR + wait)
            if not leaves:
                venue.remove(harness.attacker, 100, HOUR)
            venue.claim_out(harness.attacker)
            return harness.has() - before

        stayed = attempt(chain, lambda: played(False))
        assert stayed is not None
        return played(True) - stayed

    axes = ((500, 2_000), (950, 995, 1_005), (500_000, 2_000_000), (0, HOUR))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, off, max_funding=0)
    ]
    settle("out before a known fall", VENUE, defence, UNIT, *found)


def test_out_before_a_debt_is_known(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """An account is under water and nobody has liquidated it yet: what it owes counts as
    the pool's. Leave before it is, beside staying. Somebody liquidates within the
    hour."""

    def brings(harness: LiquidityHarness, size: int, fall: int, liquidity: int) -> int:
        venue = harness.venue

        def played(leaves: bool) -> int:
            before = harness.has()
            venue.add(harness.attacker, liquidity)
            venue.exchange.withdraw(
                (300_000 - 12 * size) * UNIT, harness.trader, sender=harness.trader
            )
            venue.trade(harness.short, -size)
            venue.trade(harness.trader, size)
            venue.price(fall)
            if leaves:
                venue.ask_out(harness.attacker)
                if harness.off:
                    venue.claim_out(harness.attacker)
            venue.wait(HOUR // 4)
            venue.exchange.liquidate(harness.trader, harness.provider, sender=harness.provider)
            venue.wait(HOUR)
            venue.claim_out(harness.attacker)
            venue.remove(harness.attacker, 100, HOUR)
            return harness.has() - before

        stayed = attempt(chain, lambda: played(False))
        assert stayed is not None
        return played(True) - stayed

    axes = ((500, 1_500), (500, 800), (500_000, 2_000_000))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, DELAY, max_funding=0)
    ]
    settle("out before a debt is known", VENUE, "the delay of an hour", UNIT, *found)


def test_funding_raised_by_the_pool_itself(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Whoever owns nearly all of the pool can be short beside the token, so that both
    pay it more funding. What the token pays stays under the rate of full books."""

    def played(harness: LiquidityHarness, own: int, days: int) -> tuple[int, int]:
        venue = harness.venue
        had = harness.has()
        venue.add(harness.attacker, 99 * OTHERS)
        venue.trade(harness.short, -1_000)
        before = venue.has(harness.short)
        venue.trade(harness.second, -own)
        venue.wait(days * 86_400)
        venue.flat(harness.second)
        paid = venue.has(harness.short) - before
        venue.remove(harness.attacker, 100, HOUR)
        return harness.has() - had, paid

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
    profit is not covered any more, closes somebody's long after it has pushed the price
    down, and buys back. The reserve does not leave; could it, he would gain nothing, as
    the long is closed at the oracle's price."""

    def brings(
        harness: LiquidityHarness, size: int, long: int, percent: int, liquidity: int
    ) -> int:
        venue = harness.venue
        venue.add(harness.attacker, liquidity)
        venue.remove(harness.provider, 90)
        venue.trade(harness.trader, long)
        venue.trade(harness.short, -1_000)
        venue.ask_out(harness.attacker, percent)
        venue.wait(HOUR)
        before = harness.has() + _share_worth(harness)
        venue.trade(harness.second, -size)
        venue.claim_out(harness.attacker)
        venue.exchange.deleverage(harness.trader, 0, sender=harness.attacker)
        venue.flat(harness.second)
        return harness.has() + _share_worth(harness) - before

    axes = ((100, 300, 1_400), (1_000, 2_400), (50, 80, 100), (400_000, 900_000))
    real, off = (
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes, frozenset((2,))).run(1)
        for harness in both(chain, owner, who, RESERVE)
    )
    assert set(real) == {None}
    closed = [gain for gain in off if gain is not None]
    assert closed and max(closed) <= 0


def _share_worth(harness: LiquidityHarness) -> int:
    """Of the attacker's liquidity by the pool's equity, also of what he has asked to take
    out; native."""
    pool = harness.venue.pool
    shares = pool.balanceOf(harness.attacker) + pool.redeem_request(harness.attacker).amount
    total = pool.totalSupply()
    if not shares:
        return 0
    return int(pool.equity() * shares // total // 10**30)


def test_no_rise_that_may_be_expected_closes_longs(
    chain: LocalBackend, owner: str, who: list[str]
) -> None:
    """All that may leave has left: until the price has risen by a quarter nobody's long is
    closed. [X-DEL-1]"""
    harness = LiquidityHarness(chain, owner, who)
    venue = harness.venue
    venue.trade(harness.trader, 2_000)
    venue.trade(harness.short, -2_000)
    venue.ask_out(harness.provider)
    venue.wait(HOUR)
    most = venue.pool.maxRedeem(harness.provider)
    assert 0 < most < venue.pool.redeem_request(harness.provider).amount
    venue.pool.redeem(most, harness.provider, harness.provider, sender=harness.provider)
    for per_mille in (1_001, 1_050, 1_200, 1_249):
        venue.price(per_mille)
        with pytest.raises(Reverted, match="cover"):
            venue.exchange.deleverage(harness.trader, 0, sender=harness.attacker)


def test_around_the_end(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """The exchange ends, and somebody has known it while prices were still there. He takes
    nothing of what the others' accounts and their liquidity are worth, nor of what their
    trades have paid."""
    harness = LiquidityHarness(chain, owner, who)
    others = [harness.trader, harness.short]

    def ended(size: int, hedge: int, liquidity: int, long: int) -> tuple[int, int]:
        venue = harness.venue
        venue.trade(harness.trader, long)
        had = harness.has()
        venue.ask_in(harness.attacker, liquidity)
        venue.wait(HOUR)
        before, worth = had, venue.has(*others, harness.provider) + _pool_worth(harness)
        venue.claim_in(harness.attacker)
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
    assert len(gained) > 20 and max(gained) <= 0


def _pool_worth(harness: LiquidityHarness) -> int:
    """Of all liquidity, native."""
    return int(harness.venue.pool.equity()) // 10**30
