# SPDX-License-Identifier: AGPL-3.0-only
"""A trader who moves the venue's price around a rebalance does not profit.

In a pool a rebalance of size v moves the price by v / depth; a trader of size q who
goes first gains q * v / depth and pays the venue's fee twice. The largest chunk is 2 *
fee * depth, so the two are equal at the most. A vault that may trade ten times as much
at once feeds him. So does one that trades several chunks while nobody else trades in
between: the delay between them is for others to bring the price back.
On the exchange there is nothing to gain at any size: what a trade pays for its impact
is given back to nobody. Were it given back, the same would hold there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan, deploy_system
from inverse_index.model.fixed import WAD
from inverse_index.model.protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from inverse_index.model.system import build_model
from tests.attacks.table import settle
from tests.support.attack_search import Attempt, Hunt, grid, hunt
from tests.support.constants import DAY, MAX_UINT256
from tests.support.fault_harness import FaultHarness
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness
from tests.support.variants import Change, variant

UNIT = 10**6
CHUNK_DELAY = 60
TIMES = 10  # the largest trade without the defence, in largest trades
STAKE = 10**9 * UNIT
REFUSALS = {
    "vault: slippage above bound",
    "exchange: long interest capped",
    "exchange: short interest capped",
}
LIMIT = "max_trade_[i] <= largest_safe"
GIVEN_BACK = Change(
    "contracts/modules/exchange/linear.vy",
    "    impact: uint256 = self._impact_up(before, after)\n    assert impact",
    "    line: int256 = 2 * convert(IMPACT_UNIT, int256) + before + after\n"
    "    if line != 0:\n"
    "        return price * convert(line, uint256) // (2 * IMPACT_UNIT)\n"
    "    impact: uint256 = self._impact_up(before, after)\n    assert impact",
)
ANY_CHUNK_ON_THE_EXCHANGE = (
    Change("contracts/vaults/PerpVault.vy", LIMIT, f"{TIMES} * max_trade_[i] != 0"),
    GIVEN_BACK,
)
ANY_CHUNK_ON_AAVE = (
    Change("contracts/vaults/AaveVault.vy", "    assert safe, errors.VAULT_SANDWICH\n", ""),
    Change(
        "contracts/modules/uniswap/path.vy",
        "end = sandwich_limit._limit(word, sells, price, limit)",
        "end = limit",
    ),
)
MakeHarness = Callable[..., SystemHarness]


def on_the_exchange() -> Plan:
    """Room for a token of many chunks."""
    return make_plan(pool_liquidity=200_000_000 * UNIT)


def others(harness: SystemHarness) -> None:
    """Bring the venue's price back to the market's: arbitrage in the pool, or trades
    against the skew, by the owner."""
    system, owner = harness.system, harness.owner
    if not hasattr(system.venue, "exchange"):
        system.follow_prices(harness.prices, owner)
        return
    exchange = system.venue.exchange
    if exchange.cash(owner) == 0:
        fund_trader(harness, owner)
    skew = exchange.market_state(0).skew
    if skew:
        exchange.trade([(0, -skew, MAX_UINT256 if skew < 0 else 0)], sender=owner)


def fund_trader(harness: SystemHarness, actor: str) -> None:
    exchange, collateral = harness.system.venue.exchange, harness.system.collateral
    collateral.mint(actor, STAKE, sender=actor)
    collateral.approve(exchange, STAKE, sender=actor)
    exchange.deposit(STAKE // 10, sender=actor)


def hungry(plan: Plan) -> Plan:
    """Chunks of ten times the size."""
    venue: Any = plan.venue
    if hasattr(venue, "components"):
        more = tuple(replace(c, max_trade=TIMES * c.max_trade) for c in venue.components)
        return replace(plan, venue=replace(venue, components=more))
    return replace(plan, venue=replace(venue, max_trade=tuple(TIMES * t for t in venue.max_trade)))


@pytest.fixture
def make_harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> MakeHarness:
    """Three millions of the depositor's, in steps that the venue has recovered from."""

    def make(plan: Plan, limited: bool = True) -> SystemHarness:
        system = deploy_system(chain, plan if limited else hungry(plan), owner)
        model = build_model(plan, chain.now(), True, system.venue.order)
        harness = SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))
        harness.fund(depositor)
        for _ in range(3):
            harness.token.deposit(1_000_000 * UNIT, depositor, sender=depositor)
            others(harness)
        return harness

    return make


@dataclass
class Trader:
    """trade: so many WAD units bought, or sold where negative. wallet: what pays."""

    trade: Callable[[int], object]
    wallet: str


def trader_on_the_exchange(harness: SystemHarness, attacker: str) -> Trader:
    """Trades with an account of his own."""
    exchange = harness.system.venue.exchange
    fund_trader(harness, attacker)

    def trade(units: int) -> None:
        exchange.trade([(0, units, MAX_UINT256 if units > 0 else 0)], sender=attacker)

    return Trader(trade, attacker)


def trader_on_uniswap(harness: SystemHarness, attacker: str) -> Trader:
    """Trades through a contract of his own, which holds plenty of both."""
    chain, venue = harness.chain, harness.system.venue
    contract = chain.deploy("MarketMaker", sender=attacker)
    harness.system.give(contract.address, STAKE)
    token = venue.collateral_at(chain, venue.tokens["C0"])
    token.mint(contract, 10**9 * WAD, sender=harness.owner)
    (first,) = [shape.first for shape in venue.shapes if shape.symbol == "C0"]

    def trade(units: int) -> None:
        down = first == (units < 0)
        limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
        contract.swap(venue.pools["C0"], down, -units, limit, sender=attacker)

    return Trader(trade, contract.address)


def sandwich(
    harness: SystemHarness, attacker: str, trader: Trader, follows: bool = True
) -> Attempt:
    """The attempt: trade first, let some chunks go by, trade back. He is the keeper,
    and what that alone would bring him does not count. Between chunks others bring
    the price back to the market's, unless nobody `follows`."""
    chain, system, prices = harness.chain, harness.system, dict(harness.plan.prices)
    trade, wallets = trader.trade, {attacker, trader.wallet}

    def wealth() -> int:
        cash = sum(system.collateral.balanceOf(each) for each in wallets)
        if hasattr(system.venue, "exchange"):
            cash += system.venue.exchange.cash(attacker) // 10 ** (36 - system.decimals)
        return int(cash)

    def rebalance(chunks: int) -> None:
        for chunk in range(chunks):
            if chunk:
                chain.increase_time(CHUNK_DELAY)
                if follows:
                    others(harness)
            harness.token.rebalance(attacker, sender=attacker)

    def attempt(percent: int, sells: bool, size: int, chunks: int = 1) -> int:
        harness.prices = dict(prices)
        harness.move(percent, DAY)
        units = size * 10**26 // harness.prices["C0"]
        start, snapshot = wealth(), chain.snapshot()
        rebalance(chunks)
        honest = wealth() - start
        chain.revert(snapshot)
        trade(-units if sells else units)
        rebalance(chunks)
        trade(units if sells else -units)
        return wealth() - start - honest

    return attempt


SIZES = (1_000, 20_000, 100_000, 400_000, 1_000_000, 2_500_000)  # whole collateral


def search(chain: LocalBackend, attempt: Attempt, **more: Any) -> Hunt:
    points = grid(percent=(-12, 12), sells=(True, False), size=SIZES, **more)
    found = hunt(chain, attempt, points, ("size",))
    print(f"\n{found}")
    assert set(found.refusals) <= REFUSALS
    return found


VENUES = {
    "PerpExchange": (on_the_exchange, trader_on_the_exchange, ANY_CHUNK_ON_THE_EXCHANGE),
    "Uniswap": (make_aave_plan, trader_on_uniswap, ANY_CHUNK_ON_AAVE),
}
DEFENCES = {
    "PerpExchange": "impact that is kept",
    "Uniswap": "largest trade from fee and depth",
}


@pytest.mark.parametrize("venue", VENUES)
def test_around_a_rebalance(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """A whole chunk, more to come. [V-15]"""
    make, trader_on, changes = VENUES[venue]
    harness = make_harness(make())
    found = search(
        harness.chain, sandwich(harness, attacker, trader_on(harness, attacker)), chunks=(1,)
    )
    with variant(*changes):
        harness = make_harness(make(), limited=False)
    without = search(
        harness.chain, sandwich(harness, attacker, trader_on(harness, attacker)), chunks=(1,)
    )
    settle(
        "sandwich of rebalance()",
        venue,
        DEFENCES[venue],
        UNIT,
        found.profits,
        without.profits,
    )


@pytest.mark.parametrize("venue", VENUES)
def test_around_several_chunks(make_harness: MakeHarness, attacker: str, venue: str) -> None:
    """Together they move the price by more than his fees: in a pool the delay between
    them is the defence, and works as long as somebody else trades."""
    make, trader_on, _ = VENUES[venue]
    harness = make_harness(make())
    trader = trader_on(harness, attacker)
    found = search(harness.chain, sandwich(harness, attacker, trader), chunks=(3,))
    if venue == "PerpExchange":
        with variant(GIVEN_BACK):
            harness = make_harness(make())
        trader = trader_on(harness, attacker)
    alone = search(harness.chain, sandwich(harness, attacker, trader, follows=False), chunks=(3,))
    settle(
        "sandwich of three chunks",
        venue,
        "impact that is kept" if venue == "PerpExchange" else "others trade between chunks",
        UNIT,
        found.profits,
        alone.profits,
    )


def test_after_the_liquidity_has_left(
    make_harness: MakeHarness, attacker: str, depositor: str
) -> None:
    """A tenth of the depth that the largest trade was made for: a chunk ends where it
    has moved the pool by twice the fee. [VA-7]"""

    def around(limited: bool) -> Hunt:
        harness = make_harness(make_aave_plan(), limited)
        FaultHarness(harness, depositor, depositor).drain("C0", 90)
        trader = trader_on_uniswap(harness, attacker)
        return search(harness.chain, sandwich(harness, attacker, trader), chunks=(1,))

    found = around(limited=True)
    with variant(*ANY_CHUNK_ON_AAVE):
        without = around(limited=False)
    settle(
        "sandwich in a pool that was left",
        "Uniswap",
        "chunks end at twice the fee",
        UNIT,
        found.profits,
        without.profits,
    )
