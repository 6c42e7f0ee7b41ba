# SPDX-License-Identifier: AGPL-3.0-only
"""trade, quote, depth, value."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.exchange_harness import NOBODY, ONE, buy, sell, ten
from tests.support.perp_vault_harness import PerpVaultHarness


def prices_of(vault: PerpVaultHarness) -> list[int]:
    return ten(vault.harness.prices)


def total(vault: PerpVaultHarness) -> int:
    value = vault.vault.value(prices_of(vault))
    return value.idle + value.equity


def test_opening_by_hand(filled: PerpVaultHarness) -> None:
    """9,500 go to the exchange; 50 units short at 99.75, fee 5."""
    unit = filled.harness.unit
    receipt = filled.trade([50 * WAD, 0])
    only_event(
        receipt,
        filled.vault,
        "Traded",
        component=0,
        delta=-50 * WAD,
        price=9_975 * WAD // 100,
        fee=5 * unit,
    )
    value = filled.vault.value(prices_of(filled))
    assert value.idle == 500 * unit
    assert value.equity == (9_500 * 1_000 - 12_500 - 5_000) * unit // 1_000
    assert value.shorts == ten([50 * WAD])


@pytest.mark.parametrize("more", [0, 1])
def test_twice_the_buffer_stays_idle(filled: PerpVaultHarness, more: int) -> None:
    """One unit more, and all above the buffer goes to the exchange."""
    filled.trade([10 * WAD, 0])
    equity = filled.vault.value(prices_of(filled)).equity
    twice = equity // 9  # a tenth of all holdings
    buffer = (twice + equity) // 20
    assert twice == 2 * buffer == 1_055_388_888
    filled.book(twice + more - filled.vault.idle())
    filled.trade([11 * WAD, 0])
    assert filled.vault.idle() == (buffer if more else twice)


def test_each_component_once(filled: PerpVaultHarness) -> None:
    receipt = filled.trade([10 * WAD, 30 * WAD])
    traded = [e for e in filled.vault.events(receipt) if e.name == "Traded"]
    assert [(e.component, e.delta) for e in traded] == [(0, -10 * WAD), (1, -30 * WAD)]


def test_nothing_to_do(filled: PerpVaultHarness) -> None:
    filled.trade([10 * WAD, 0])
    receipt = filled.trade([10 * WAD, 0])
    no_event(receipt, filled.vault, "Traded")
    assert list(receipt.logs) == []


def test_both_directions_at_once(filled: PerpVaultHarness) -> None:
    filled.trade([10 * WAD, 100 * WAD])
    filled.trade([15 * WAD, 50 * WAD])
    assert filled.vault.value(prices_of(filled)).shorts == ten([15 * WAD, 50 * WAD])


def test_chunks_move_straight_to_the_targets(filled: PerpVaultHarness) -> None:
    """At most 20 and 400 units at once, the same part of every component. [V-7]"""
    for sizes in ((20, 200), (40, 400), (50, 500)):
        filled.trade([50 * WAD, 500 * WAD], chunked=True)
        shorts = filled.vault.value(prices_of(filled)).shorts
        for short, units in zip(shorts[:2], sizes, strict=True):
            assert 0 <= units * WAD - short < 1_000  # parts are rounded toward zero
    assert filled.vault.value(prices_of(filled)).shorts == ten([50 * WAD, 500 * WAD])
    for sizes in ((30, 300), (10, 100), (0, 0)):
        filled.trade([0, 0], chunked=True)
        shorts = filled.vault.value(prices_of(filled)).shorts
        for short, units in zip(shorts[:2], sizes, strict=True):
            assert 0 <= short - units * WAD < 1_000
    assert filled.vault.value(prices_of(filled)).shorts == ten([0, 0])


def test_reached_only_with_the_last_chunk(filled: PerpVaultHarness, depositor: str) -> None:
    prices = prices_of(filled)
    for target, reached in ((20 * WAD, True), (20 * WAD + 1, False)):
        args = (filled.held(), ten([target]), prices, MAX_UINT256, True)
        assert filled.vault.trade.call(*args, sender=depositor)[0] is reached
    args = (filled.held(), ten([90 * WAD]), prices, MAX_UINT256, False)
    assert filled.vault.trade.call(*args, sender=depositor)[0] is True


# slippage


def test_loss_at_the_bound_and_above(filled: PerpVaultHarness) -> None:
    """50 units of 10,000: 0.25% impact and 0.1% fee."""
    with reverts("vault: slippage above bound"):
        filled.trade([50 * WAD, 0], bound=35 * 10**14 - 1)
    filled.trade([50 * WAD, 0], bound=35 * 10**14)


def test_a_purchase_at_the_bound_and_above(filled: PerpVaultHarness, trader: str) -> None:
    filled.trade([50 * WAD, 0])
    filled.harness.trade(trader, buy(0, 50 * WAD))
    with reverts("vault: slippage above bound"):
        filled.trade([0, 0], bound=35 * 10**14 - 1)
    filled.trade([0, 0], bound=35 * 10**14)


def test_each_component_has_to_keep_the_bound(filled: PerpVaultHarness) -> None:
    with reverts("vault: slippage above bound"):
        filled.trade([WAD, 1_000 * WAD], bound=2 * 10**15)


def test_losses_count_against_the_given_prices(filled: PerpVaultHarness, depositor: str) -> None:
    """The exchange fills at its oracle; a stale higher price of the caller is a loss."""
    args = (filled.held(), ten([WAD]), ten([101 * WAD, 10 * WAD]), 10**16, False)
    with reverts("vault: slippage above bound"):
        filled.vault.trade(*args, sender=depositor)


def test_the_venues_reasons_come_through(filled: PerpVaultHarness) -> None:
    """[VP-4]"""
    with reverts("exchange: short interest capped"):
        filled.trade([250 * WAD + 1, 0])
    filled.harness.fail_oracle()
    with reverts("oracle: stale price"):
        args = (filled.held(), ten([WAD]), prices_of(filled), MAX_UINT256, False)
        filled.vault.trade(*args, sender=filled.token)


# idle collateral


def test_idle_is_pushed_from_twice_the_buffer_on(filled: PerpVaultHarness) -> None:
    """Holdings of 10,000: kept at 500; more only moves above 1,000. [VP-2]"""
    harness = filled.harness
    filled.trade([10 * WAD, 0])
    filled.book(500 * harness.unit)
    filled.trade([11 * WAD, 0])
    assert filled.vault.idle() == 1_000 * harness.unit
    filled.book(100 * harness.unit)
    filled.trade([11 * WAD, 0])  # nothing grows
    assert filled.vault.idle() == 1_100 * harness.unit
    receipt = filled.trade([11 * WAD, 0], chunked=True)  # a rebalance, even without a trade
    assert filled.vault.idle() < 531 * harness.unit
    assert [e.name for e in harness.exchange.events(receipt)] == ["Deposited"]


def test_the_buffer_is_filled_after_a_reduction(
    filled: PerpVaultHarness, second_holder: str
) -> None:
    """[VP-2]"""
    filled.trade([50 * WAD, 0])
    filled.pay(second_holder, 400 * filled.harness.unit)
    holdings = total(filled)
    receipt = filled.trade([40 * WAD, 0])
    assert filled.vault.idle() == holdings * 5 // 100
    only_event(
        receipt,
        filled.harness.exchange,
        "Withdrawn",
        account=filled.vault.address,
        receiver=filled.vault.address,
        amount=holdings * 5 // 100 - 100 * filled.harness.unit,
    )


def test_the_buffer_waits_while_above_a_half_or_growing(
    filled: PerpVaultHarness, second_holder: str
) -> None:
    filled.trade([50 * WAD, 0])
    filled.pay(second_holder, 200 * filled.harness.unit)
    receipt = filled.trade([40 * WAD, 0])
    no_event(receipt, filled.harness.exchange, "Withdrawn")
    filled.pay(second_holder, 200 * filled.harness.unit)
    receipt = filled.trade([41 * WAD, 0])
    no_event(receipt, filled.harness.exchange, "Withdrawn")


def test_the_buffer_waits_for_the_margin(filled: PerpVaultHarness, second_holder: str) -> None:
    harness = filled.harness
    filled.trade([90 * WAD, 0])
    filled.pay(second_holder, 500 * harness.unit)
    harness.set_prices(187 * WAD, 10 * WAD)
    receipt = filled.trade([89 * WAD, 0])
    no_event(receipt, harness.exchange, "Withdrawn")
    assert filled.vault.idle() == 0
    receipt = filled.trade([10 * WAD, 0])
    assert filled.vault.idle() > 0


# value and quote


def test_equity_is_floored(vault: PerpVaultHarness, trader: str) -> None:
    harness = vault.harness
    vault.book(1_000 * harness.unit)
    vault.trade([10 * WAD, 0])
    harness.set_prices(100 * WAD + 1, 10 * WAD)
    equity = harness.exchange.account_value(vault.vault.address, prices_of(vault))[0]
    assert equity % 10**30 != 0
    assert vault.vault.value(prices_of(vault)).equity == equity // 10**30
    harness.set_prices(300 * WAD + 1, 10 * WAD)
    equity = harness.exchange.account_value(vault.vault.address, prices_of(vault))[0]
    assert equity < 0 and equity % 10**30 != 0
    assert vault.vault.value(prices_of(vault)).equity == equity // 10**30


@pytest.mark.parametrize("targets", [(50, 0), (0, 0), (7, 333), (20, 100)])
def test_quote_is_exact(filled: PerpVaultHarness, trader: str, targets: tuple[int, int]) -> None:
    """Equity and idle fall by the quote; what comes in before changes nothing. [VP-3]"""
    harness = filled.harness
    harness.trade(trader, buy(0, 33 * WAD + 1), sell(1, 77 * WAD))
    filled.trade([20 * WAD, 100 * WAD])
    harness.wait(DAY)
    harness.set_prices(103 * WAD + 7, 9 * WAD + 1)
    goal = [n * WAD for n in targets]
    prices = prices_of(filled)
    quoted, exact = filled.vault.quote(ten(goal), prices, 0)
    assert (quoted, exact) == filled.model.quote(goal, prices, 0, harness.now)
    assert filled.vault.quote(ten(goal), prices, 10**12) == (quoted, True)
    assert filled.vault.estimate(ten([]), ten(goal), prices) == quoted
    assert exact is True
    before = total(filled)
    filled.trade(goal)
    assert total(filled) == before - quoted


def test_an_empty_vault_quotes_nothing(vault: PerpVaultHarness) -> None:
    assert vault.vault.quote(ten([]), prices_of(vault), 0) == (0, True)
    assert vault.vault.estimate(ten([]), ten([]), prices_of(vault)) == 0


# depth


def test_depth_is_unlimited_without_a_direction(vault: PerpVaultHarness) -> None:
    assert vault.vault.depth(ten([]), prices_of(vault), 0, True) == MAX_UINT256


def test_depth_by_hand(filled: PerpVaultHarness) -> None:
    """1% less 0.1% of fee is 0.9%: 180 of 10,000 units, less the 1e-15 of impact that
    rounding the price by one wei may take."""
    prices = prices_of(filled)
    depth = filled.vault.depth(ten([WAD]), prices, 10**16, True)
    assert depth == 180 * WAD - 2 * 10_000_000
    assert filled.vault.depth(ten([WAD // 2]), prices, 10**16, True) == 2 * depth


def test_depth_is_capped_by_interest(filled: PerpVaultHarness, trader: str) -> None:
    filled.harness.trade(trader, sell(0, 40 * WAD))
    prices = prices_of(filled)
    assert filled.vault.depth(ten([WAD]), prices, MAX_UINT256, True) == 210 * WAD


def test_depth_is_capped_by_the_reserve(filled: PerpVaultHarness, provider: str) -> None:
    harness = filled.harness
    harness.wait(3_600)
    harness.remove_liquidity(provider, 996_000 * WAD)
    assert filled.vault.depth(ten([WAD]), prices_of(filled), MAX_UINT256, True) == 40 * WAD
    assert (
        filled.vault.depth(ten([WAD, 10 * WAD]), prices_of(filled), MAX_UINT256, True) == 20 * WAD
    )


def test_no_depth_within_the_fee(filled: PerpVaultHarness) -> None:
    for bound in (0, 1, 10**15):
        assert filled.vault.depth(ten([WAD]), prices_of(filled), bound, True) == 0


@pytest.mark.parametrize("traded", [-200, 0, 200])
@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize("bound", [10**15, 2 * 10**15, 2 * 10**16, 7 * 10**17, MAX_UINT256])
def test_depth_is_the_largest_order_within_the_bound(
    filled: PerpVaultHarness, trader: str, traded: int, more: bool, bound: int
) -> None:
    """Impact plus fee of an order of the depth is within the bound, and of one a little
    larger is not, unless it first takes a displacement back. [VP-9]"""
    harness = filled.harness
    if traded:
        harness.trade(trader, (buy if traded > 0 else sell)(0, abs(traded) * WAD))
    harness.wait(600)
    direction = ten([WAD])
    depth = filled.vault.depth(direction, prices_of(filled), bound, more)
    assert depth == filled.model.depth(direction, harness.prices, bound, more, harness.now)

    def loss(size: int) -> int:
        quoted = harness.model.markets[0].quote(-size if more else size, WAD, harness.now)
        return abs(quoted.price - WAD) + 10**15

    if depth:
        assert loss(depth) <= min(bound, WAD)
    capped = more and depth == 250 * WAD - harness.model.markets[0].short_interest
    if not capped and (traded == 0 or (traded > 0) != more):
        assert depth == 20_000 * WAD or loss(depth + 10**9) > min(bound, WAD)


@pytest.mark.parametrize("more", [True, False])
@pytest.mark.parametrize("bound", [10**15 + 10**12, 5 * 10**15, 10**16, MAX_UINT256])
@pytest.mark.parametrize("skew", [-100, 0, 200])
def test_a_trade_of_the_depth_passes(
    filled: PerpVaultHarness, trader: str, more: bool, bound: int, skew: int
) -> None:
    """At the same bound, at a crooked price, in two components at once."""
    harness = filled.harness
    harness.set_prices(WAD // 7, 3 * WAD + 1)
    filled.trade([50 * WAD, 100 * WAD])
    if skew:
        harness.trade(trader, (buy if skew > 0 else sell)(0, abs(skew) * WAD))
    direction = [WAD, 3 * WAD + 1]
    prices = prices_of(filled)
    depth = filled.vault.depth(ten(direction), prices, bound, more)
    assert depth == filled.model.depth(direction, prices, bound, more, harness.now)
    side = 1 if more else -1
    change = [min(depth * units // WAD, 50 * WAD) for units in direction]
    filled.trade([50 * WAD + side * change[0], 100 * WAD + side * change[1]], bound=bound)


def test_the_reserve_holds_under_a_premium(
    filled: PerpVaultHarness, trader: str, provider: str
) -> None:
    """Under a positive skew the pool pays sellers more than the oracle price; the
    depth leaves room for it."""
    harness = filled.harness
    harness.trade(trader, buy(0, 200 * WAD))
    harness.wait(3_600)
    harness.remove_liquidity(provider, 978_000 * WAD)
    prices = prices_of(filled)
    depth = filled.vault.depth(ten([WAD]), prices, MAX_UINT256, True)
    assert 0 < depth < 250 * WAD
    filled.trade([depth, 0])
    assert harness.exchange.spare_reserve(NOBODY, prices) >= 0


def test_the_last_short_is_paid(filled: PerpVaultHarness, second_holder: str) -> None:
    """Prices go to almost nothing; all that the vault has won can be paid out. [VP-7]"""
    filled.trade([80 * WAD, 150 * WAD])
    filled.harness.set_prices(1, 1)
    won = total(filled)
    assert won >= (10_000 + 8_000 + 1_500 - 100) * filled.harness.unit
    filled.trade([0, 0])
    filled.pay(second_holder, total(filled))
    assert filled.harness.token.balanceOf(second_holder) >= won - 1
    assert filled.harness.pool.equity() > 0


def test_margin_that_is_free_but_too_little_fills_nothing_up(
    filled: PerpVaultHarness, second_holder: str
) -> None:
    """Short 40,000 of 10,000, a tenth of it initial margin; idle is paid out, and prices
    leave about 60 free where the buffer lacks 200. [VP-2]"""
    harness, unit = filled.harness, filled.harness.unit
    filled.trade([200 * WAD, 2_000 * WAD])
    filled.pay(second_holder, filled.vault.idle() - 50 * unit)
    harness.set_prices(1_115 * WAD // 10, 1_115 * WAD // 100)
    equity, initial, _ = harness.exchange.margin(filled.vault)
    free, scale = equity - initial, 10**36 // unit
    buffer = (50 * unit + equity // scale) // 20
    assert 0 < free < (buffer - 50 * unit) * scale
    filled.trade([199 * WAD, 2_000 * WAD])
    assert filled.vault.idle() == 50 * unit


# what a chunk cannot do at once


def test_a_chunk_is_cut_at_the_bound(filled: PerpVaultHarness, trader: str) -> None:
    """Others have sold 85 units, 0.85%: of the next 20 a bound of 1%, less the fee of
    0.1%, lets 10 pass, and what has come back meanwhile. The other component is traded in
    full. [VP-8]"""
    filled.harness.trade(trader, sell(0, 85 * WAD))
    receipt = filled.trade([20 * WAD, 100 * WAD], bound=10**16, chunked=True)
    traded = [e for e in filled.vault.events(receipt) if e.name == "Traded"]
    assert 10 * WAD - 2 * 10**7 <= -traded[0].delta < 10 * WAD + WAD // 5
    assert traded[1].delta == -100 * WAD


def test_a_chunk_that_nothing_of_fits(filled: PerpVaultHarness, trader: str) -> None:
    """[VP-8]"""
    filled.harness.trade(trader, sell(0, 100 * WAD))
    with reverts("vault: slippage above bound"):
        filled.trade([10 * WAD, 0], bound=10**16, chunked=True)
    filled.harness.wait(10_000)
    filled.trade([10 * WAD, 0], bound=10**16, chunked=True)


def test_a_chunk_of_both_sides_keeps_their_proportion(
    filled: PerpVaultHarness, trader: str
) -> None:
    """10 units are bought back for 1,000 and 150 sold for 1,500; others have sold so much that
    100 of these 150 fit: two thirds of both. [VP-8]"""
    filled.trade([20 * WAD, 0])
    filled.harness.wait(10_000)
    filled.harness.trade(trader, sell(1, 1_750 * WAD))
    filled.trade([10 * WAD, 150 * WAD], bound=10**16, chunked=True)
    shorts = filled.vault.value(prices_of(filled)).shorts
    assert 100 * WAD - 10**9 <= shorts[1] < 101 * WAD
    assert abs(15 * (20 * WAD - shorts[0]) - shorts[1]) < 100


def test_a_chunk_of_the_larger_side_alone(filled: PerpVaultHarness, trader: str) -> None:
    """No purchase fits, since others have bought. Of 1,500 that are sold those 500 are by which
    both sides together would let the exposure grow. [VP-8]"""
    filled.trade([20 * WAD, 0])
    filled.harness.wait(10_000)
    filled.harness.trade(trader, buy(0, 92 * WAD))
    filled.trade([10 * WAD, 150 * WAD], bound=10**16, chunked=True)
    shorts = filled.vault.value(prices_of(filled)).shorts
    assert shorts == ten([20 * WAD, 150 * WAD * (WAD // 3) // WAD])


def test_a_full_market_does_not_turn_a_chunk_around(filled: PerpVaultHarness, trader: str) -> None:
    """More is sold than bought, and nothing of the sale fits: the purchase is left out too,
    which would move the exposure away from its target. [VP-8]"""
    filled.trade([20 * WAD, 0])
    filled.harness.wait(10_000)
    filled.harness.trade(trader, sell(1, 2_000 * WAD))
    with reverts("vault: slippage above bound"):
        filled.trade([10 * WAD, 200 * WAD], bound=10**16, chunked=True)
    assert filled.vault.value(prices_of(filled)).shorts == ten([20 * WAD, 0])


def test_without_a_reserve_a_chunk_only_buys(
    filled: PerpVaultHarness, trader: str, provider: str
) -> None:
    """The pool cannot carry what is open, so nothing may be sold. 10 units are bought back
    for 1,000 and 50 would be sold for 500: half of the purchase comes to what both would.
    [VP-8]"""
    harness = filled.harness
    filled.trade([20 * WAD, 0])
    harness.trade(trader, buy(1, 4_000 * WAD))
    harness.wait(10_000)
    harness.remove_liquidity(provider, 956_000 * WAD)
    harness.set_prices(100 * WAD, 12 * WAD)
    harness.set_prices(100 * WAD, 20 * WAD)
    assert harness.exchange.spare_reserve(NOBODY, prices_of(filled)) < 0
    filled.trade([10 * WAD, 25 * WAD], chunked=True)
    assert filled.vault.value(prices_of(filled)).shorts == ten([15 * WAD, 0])


@pytest.mark.parametrize("sold", [0, 3, 50, 130])
def test_a_purchase_frees_a_quarter_where_longs_are_more(
    filled: PerpVaultHarness, trader: str, provider: str, sold: int
) -> None:
    """10 units are bought back for 1,000, and some of the other market would be sold; the pool
    is full but for 100. What is left of the chunk goes through. [VP-8]"""
    harness = filled.harness
    filled.trade([20 * WAD, 0])
    harness.trade(trader, buy(0, 100 * WAD))
    harness.wait(10_000)
    prices = prices_of(filled)
    spare = harness.exchange.spare_reserve(NOBODY, prices) // 10**18
    harness.remove_liquidity(provider, (spare - 100 * WAD) * 999 // 1_000)
    left = harness.exchange.spare_reserve(NOBODY, prices)
    harness.remove_liquidity(provider, (left // 10**18 - 100 * WAD) * 999 // 1_000)
    assert 90 * ONE < harness.exchange.spare_reserve(NOBODY, prices) < 110 * ONE
    filled.trade([10 * WAD, sold * WAD], chunked=True)
    shorts = filled.vault.value(prices).shorts
    assert shorts != ten([20 * WAD, 0])
    net = 10 * shorts[1] - 100 * (20 * WAD - shorts[0])
    assert abs(net) <= abs(10 * sold * WAD - 1_000 * WAD)


def test_a_chunk_is_cut_at_the_cap(filled: PerpVaultHarness, trader: str) -> None:
    """[VP-8]"""
    filled.harness.trade(trader, sell(0, 240 * WAD))
    filled.trade([20 * WAD, 50 * WAD], chunked=True)
    assert filled.vault.value(prices_of(filled)).shorts == ten([10 * WAD, 50 * WAD])
    with reverts("exchange: short interest capped"):
        filled.trade([20 * WAD, 50 * WAD])


def test_a_chunk_is_cut_at_the_reserve(filled: PerpVaultHarness, provider: str) -> None:
    """Both sales in proportion to what the pool can cover. [VP-8]"""
    harness = filled.harness
    harness.wait(3_600)
    harness.remove_liquidity(provider, 998_500 * WAD)
    filled.trade([20 * WAD, 100 * WAD], chunked=True)
    shorts = filled.vault.value(prices_of(filled)).shorts
    assert 9 * WAD < shorts[0] < 11 * WAD
    assert 5 * shorts[0] == shorts[1]
    filled.trade([20 * WAD, 100 * WAD], chunked=True)
    assert harness.exchange.spare_reserve(NOBODY, prices_of(filled)) >= 0
    with reverts("exchange: pool reserve too low"):
        filled.trade([20 * WAD, 100 * WAD])


def test_other_reasons_are_passed_on(filled: PerpVaultHarness) -> None:
    """[VP-4]"""
    filled.harness.fail_oracle()
    with reverts("oracle: stale price"):
        filled.trade([10 * WAD, 0], chunked=True)


def test_only_the_vault_fills(filled: PerpVaultHarness, depositor: str, attacker: str) -> None:
    """[V-1]"""
    for caller in (depositor, attacker):
        with reverts("vault: caller is not the vault"):
            filled.vault.fill([buy(0, WAD)], prices_of(filled), 0, sender=caller)
