# SPDX-License-Identifier: AGPL-3.0-only
"""An attacker who moves a pool, lets the vault trade, and moves it back.

A trade of at most 2 * fee * depth pays him less than the pool's fees cost him.
Where that is not so he is paid: the same search over the same attacks finds a
profit on a large flow once the liquidity has left the pool, or when a holder
gives up the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.model.protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from tests.support.constants import DAY
from tests.support.fault_harness import USDC, FaultHarness
from tests.support.plans import make_aave_plan

SLIPPAGE = "vault: slippage above bound"
SIZES = (1_000, 20_000, 100_000, 200_000, 500_000, 1_000_000, 1_700_000, 4_000_000)
STAKE = 10**9  # whole USDC
SIDES = {"sells first": True, "buys first": False}
Victim = Callable[[], object]


@dataclass
class Attack:
    """The best of a search: profit in whole USDC, and how many were refused."""

    best: float
    refused: int
    done: int


class Attacker:
    """Trades with the pool through a contract of its own, and ends flat."""

    def __init__(self, harness: FaultHarness, actor: str) -> None:
        self.harness, self.actor = harness, actor
        self.contract: Contract = harness.chain.deploy("MarketMaker", sender=actor)
        harness.give(USDC, self.contract.address, STAKE * harness.unit)
        harness.give("C0", self.contract.address, STAKE * 10**18)

    def swap(self, sells: bool, units: int) -> None:
        """Sell, or buy, exactly so many native units of the component."""
        down = self.harness.shape("C0").first == sells
        limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
        amount = units if sells else -units
        pool = self.harness.venue.pools["C0"]
        self.contract.swap(pool, down, amount, limit, sender=self.actor)

    def profit(self, sells_first: bool, size: int, victim: Victim) -> float:
        """Of one attack of so many whole USDC, which is then undone."""
        harness, units = self.harness, size * 10**26 // self.harness.base.prices["C0"]
        with harness.undone():
            before = harness.usdc.balanceOf(self.contract)
            self.swap(sells_first, units)
            victim()
            self.swap(not sells_first, units)
            return float(harness.usdc.balanceOf(self.contract) - before) / harness.unit

    def search(self, victim: Victim, reason: str = SLIPPAGE) -> Attack:
        """All sizes, both ways; the victim may refuse with the reason."""
        gains, refused = [], 0
        for sells_first in SIDES.values():
            for size in SIZES:
                try:
                    gains.append(self.profit(sells_first, size, victim))
                except Reverted as error:
                    assert error.reason in (SLIPPAGE, reason), error
                    refused += 1
        return Attack(max(gains, default=float("-inf")), refused, len(gains))


@pytest.fixture(scope="module")
def _large(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> FaultHarness:
    """So large that a rebalance is a whole chunk of 200,000."""
    holders = (depositor, second_holder)
    made = FaultHarness.deployed(chain, owner, keeper, holders, make_aave_plan())
    for _ in range(5):
        made.base.deposit(1_000_000 * made.unit, depositor)
        made.push("C0", 0)
    made.base.move(0, DAY)
    made.base.rebalance()
    made.push("C0", 0)
    made.check()
    return made


@pytest.fixture
def large(_large: FaultHarness) -> Iterator[FaultHarness]:
    saved = _large.saved()
    yield _large
    _large.restore(saved)


@pytest.fixture
def thief(large: FaultHarness, attacker: str) -> Attacker:
    return Attacker(large, attacker)


def rebalance(harness: FaultHarness, keeper: str) -> Victim:
    return lambda: harness.token.rebalance(sender=keeper)


@pytest.mark.parametrize("percent", [-6, 6])
def test_rebalance(large: FaultHarness, thief: Attacker, provider: str, percent: int) -> None:
    """A whole chunk, more to come: never a profit. [V-15]"""
    large.base.move(percent, DAY)
    with large.undone():
        receipt = large.token.rebalance(sender=provider)
        (traded,) = [e for e in large.vault.events(receipt) if e.name == "Traded"]
        assert abs(traded.delta) > large.vault.max_trade()[0] * 999_999 // 10**6
    found = thief.search(rebalance(large, provider))
    print(f"\nsandwich of a rebalance after {percent}%: {found}")
    assert found.best <= 0
    assert found.done >= 10 and found.refused >= 1


@pytest.mark.parametrize("percent", [-6, 6])
def test_rebalance_of_a_pool_that_was_left(
    large: FaultHarness, thief: Attacker, provider: str, percent: int
) -> None:
    """A tenth of the depth that the largest chunk was made for: a chunk stops
    where it has moved the pool by twice the fee, and is due again. [VA-7]"""
    large.drain("C0", 90)
    large.base.move(percent, DAY)
    with large.undone():
        receipt = large.token.rebalance(sender=provider)
        (traded,) = [e for e in large.vault.events(receipt) if e.name == "Traded"]
        part = abs(traded.delta) * 100 // large.vault.max_trade()[0]
        assert 5 <= part <= 15
        assert large.token.state().reset.chunk_due_at > 0
    found = thief.search(rebalance(large, provider))
    print(f"\nsandwich after 90% of the liquidity left, {percent}%: {found}")
    assert found.best <= 0


def test_flow_of_a_pool_that_was_left(large: FaultHarness, thief: Attacker) -> None:
    """The same without that defence, which a flow that is done at once or not at
    all cannot have: he profits, within the slippage bound that its holder sees."""
    large.drain("C0", 90)
    found = thief.search(deposit(large, 195_000))
    print(f"\nsandwich of a deposit after 90% of the liquidity left: {found}")
    assert 0 < found.best < 195_000 * 0.01


def deposit(harness: FaultHarness, amount: int, min_shares: int = 0) -> Victim:
    who = harness.second_holder
    return lambda: harness.token.deposit(amount * harness.unit, who, min_shares, sender=who)


def redeem(harness: FaultHarness, amount: int, *bound: int) -> Victim:
    who = harness.depositor
    shares = harness.token.convertToShares(amount * harness.unit)
    return lambda: harness.token.redeem(shares, who, who, *bound, sender=who)


@pytest.mark.parametrize("flow", [deposit, redeem])
def test_flow_of_a_chunk(large: FaultHarness, thief: Attacker, flow: Callable[..., Victim]) -> None:
    """A hedged flow of up to the largest chunk: never a profit."""
    for amount in (60_000, 195_000):
        found = thief.search(flow(large, amount))
        print(f"\nsandwich of a {flow.__name__} of {amount}: {found}")
        assert found.best <= 0 and found.done >= 8


def test_large_deposit_with_a_bound(large: FaultHarness, thief: Attacker) -> None:
    """Five chunks at once, with the preview as the least: every attack that
    would gain makes it revert."""
    least = large.token.previewDeposit(1_000_000 * large.unit)
    found = thief.search(deposit(large, 1_000_000, least), "token: shares below minimum")
    print(f"\nsandwich of a bounded deposit of 1,000,000: {found}")
    assert found.best <= 0 and found.refused >= len(SIZES)


def test_large_redemption_without_a_bound(large: FaultHarness, thief: Attacker) -> None:
    """Whoever waives the bound can be sandwiched. Only he pays for it."""
    found = thief.search(redeem(large, 1_500_000, 0))
    print(f"\nsandwich of an unbounded redemption of 1,500,000: {found}")
    assert found.best > 0 and found.refused == 0
    n = large.share_price()
    thief.swap(False, 2_000 * 10**18)
    redeem(large, 1_500_000, 0)()
    assert large.share_price() >= n
