# SPDX-License-Identifier: AGPL-3.0-only
"""The model of Uniswap v3 pools against real ones."""

from __future__ import annotations

import pytest
from hypothesis import given

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import MAX_INT256, Revert
from inverse_index.model.protocols.uniswap.arithmetic import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    MIN_TICK,
    Q96,
    sqrt_price_at_tick,
    tick_at_sqrt_price,
)
from inverse_index.model.protocols.uniswap.pool import PoolModel
from tests.support.profiles import machine_settings
from tests.support.uniswap_harness import Provide, Swap, UniswapHarness, Withdraw, edges, extreme
from tests.support.uniswap_histories import FEES, History, histories

HUGE = 2**127 - 1  # the most liquidity that one call moves


@pytest.fixture(scope="module")
def uniswap(chain: LocalBackend, owner: str, trader: str) -> UniswapHarness:
    return UniswapHarness(chain, owner, trader)


def pool(price: int = Q96, fee: int = 3000, spacing: int = 60) -> PoolModel:
    return PoolModel("token0", "token1", fee, spacing, price)


@pytest.mark.stateful
@machine_settings()
@given(history=histories())
def test_random_histories(uniswap: UniswapHarness, history: History) -> None:
    """Every amount, refusal and stored number is the pool's."""
    with uniswap.opened(history.fee, history.price) as harness:
        for action in history.ranges + history.actions:
            harness.run(action)


# --- refusals, on both ---


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Provide(0, 0, 1), "TLU"),
        (Provide(60, 0, 1), "TLU"),
        (Provide(-887_280, 0, 1), "TLM"),
        (Provide(0, 887_280, 1), "TUM"),
        (Provide(0, 61, 1), ""),  # off the spacing
        (Provide(-1, 60, 1), ""),
        (Provide(0, 60, 0), ""),
        (Provide(0, 60, 2**127), ""),
        (Provide(0, 60, HUGE), "LO"),
        (Withdraw(0, 0), "NP"),
        (Withdraw(0, 8), "NP"),  # all of nothing is nothing
        (Swap(True, 0), "AS"),
        (Swap(False, 0), "AS"),
        (Swap(True, 1, 0), "SPL"),
        (Swap(False, -1, 0), "SPL"),
        (Swap(True, 1, -1), "SPL"),
        (Swap(False, -1, -1), "SPL"),
    ],
)
def test_refused(uniswap: UniswapHarness, action: Provide | Withdraw | Swap, reason: str) -> None:
    with uniswap.opened(3000, Q96) as harness:
        before = harness.model.saved()
        assert harness.run(action) == reason
        assert harness.model.saved() == before


def test_more_withdrawn_than_there_is(uniswap: UniswapHarness) -> None:
    with uniswap.opened(3000, Q96) as harness:
        harness.run(Provide(-60, 60, 800))
        harness.run(Provide(-60, 120, 800))  # so that the tick at -60 has enough
        assert harness.run(Withdraw(0, 9)) == "LS"
        assert harness.run(Withdraw(0, 8)) == (2, 2)
        assert harness.run(Withdraw(0, 0)) == "NP"
        assert -60 in harness.model.ticks
        assert 60 not in harness.model.ticks


def test_limits_at_the_ends(uniswap: UniswapHarness) -> None:
    """The lowest and the highest price themselves are no limits."""
    with uniswap.opened(10_000, Q96) as harness:
        harness.run(Provide(-200, 200, 10**9))
        for zero_for_one, end in ((True, MIN_SQRT_PRICE), (False, MAX_SQRT_PRICE)):
            args = (zero_for_one, 1, end)
            assert harness.both(lambda args=args: harness.model.swap(*args), "swap", *args) == (
                "SPL",
                None,
            )


@pytest.mark.parametrize("price", [MIN_SQRT_PRICE - 1, MAX_SQRT_PRICE, 0])
def test_no_such_price(price: int) -> None:
    with pytest.raises(Revert) as refused:
        pool(price)
    assert refused.value.reason == "R"


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1])
def test_no_such_tick(tick: int) -> None:
    with pytest.raises(Revert) as refused:
        sqrt_price_at_tick(tick)
    assert refused.value.reason == "T"


# --- particular swaps, on both ---


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_drained(uniswap: UniswapHarness, zero_for_one: bool) -> None:
    """Beyond all liquidity the price runs to the limit for nothing, and back again."""
    with uniswap.opened(10_000, Q96) as harness:
        paid = harness.run(Provide(-20_000, 20_000, 10**18))
        first = harness.run(Swap(zero_for_one, MAX_INT256))
        assert first[zero_for_one] == -paid[zero_for_one] + 1
        assert (harness.model.sqrt_price_x96, harness.model.liquidity) == (extreme(zero_for_one), 0)
        assert harness.run(Swap(zero_for_one, MAX_INT256, 0)) == "SPL"
        back = harness.run(Swap(not zero_for_one, 10**15))
        assert back[zero_for_one] == 10**15
        assert harness.model.liquidity == 10**18


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_to_a_tick_and_on(uniswap: UniswapHarness, zero_for_one: bool) -> None:
    """A limit on an initialised tick crosses it; the way back crosses it again."""
    with uniswap.opened(500, sqrt_price_at_tick(5)) as harness:
        for ends in ((0, 10), (-50, 60), (-10, 0), (10, 20)):
            harness.run(Provide(*ends, 10**12))
        model = harness.model
        tick = 0 if zero_for_one else 10
        harness.run(Swap(zero_for_one, MAX_INT256, 5))
        assert model.sqrt_price_x96 == sqrt_price_at_tick(tick)
        assert model.tick == (-1 if zero_for_one else 10)
        assert model.liquidity == 2 * 10**12
        harness.run(Swap(zero_for_one, -(10**3)))
        harness.run(Swap(not zero_for_one, 10**4))
        assert 0 <= model.tick < 10
        assert model.liquidity == 2 * 10**12


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("liquidity", [10**3, 10**5, 10**12, 10**27])
def test_exactly_to_a_tick(
    uniswap: UniswapHarness, zero_for_one: bool, sign: int, liquidity: int
) -> None:
    """The amount that just reaches an initialised tick, and its neighbours."""
    with uniswap.opened(500, sqrt_price_at_tick(1_002)) as harness:
        harness.run(Provide(0, 2_000, liquidity))
        harness.run(Provide(990, 1_010, liquidity))
        ticks = 12 if zero_for_one else 8
        for swap in edges(harness, zero_for_one, sign, ticks):
            harness.run(swap)


@pytest.mark.parametrize("fee", FEES)
@pytest.mark.parametrize("liquidity", [1, 10**4, 10**20])
def test_dust(uniswap: UniswapHarness, fee: int, liquidity: int) -> None:
    """Swaps of a few units: all fee, or nothing out, but always as the pool has it."""
    with uniswap.opened(fee, Q96 * 7 // 5) as harness:
        harness.run(Provide(-200_000, 200_000, liquidity))
        for amount in (1, 2, 3, 101, -1, -2):
            for zero_for_one in (True, False):
                harness.run(Swap(zero_for_one, amount))


def test_products_over_256_bits(uniswap: UniswapHarness) -> None:
    """Where ticks are so far apart that the pool changes to a coarser formula."""
    uniswap.market.factory.enableFeeAmount(50, 16_383, sender=uniswap.owner)
    with uniswap.opened(50, sqrt_price_at_tick(800_000), 16_383) as harness:
        for _ in range(3):
            harness.run(Provide(-54 * 16_383, 54 * 16_383, harness.model.max_tick_liquidity // 4))
        model = harness.model
        depth, price = model.liquidity << 96, model.sqrt_price_x96
        amount = 2**103
        assert depth + amount * price > 2**256
        harness.run(Swap(True, amount))
        assert model.sqrt_price_x96 == -(-depth // (depth // price + amount * 999_950 // 10**6))


# --- the model alone ---


def test_ticks_both_ways() -> None:
    """The greatest tick whose price is not above; every 101st, and the ends."""
    assert sqrt_price_at_tick(0) == Q96
    assert sqrt_price_at_tick(MIN_TICK) == MIN_SQRT_PRICE
    assert sqrt_price_at_tick(MAX_TICK) == MAX_SQRT_PRICE
    assert tick_at_sqrt_price(MAX_SQRT_PRICE - 1) == MAX_TICK - 1
    for tick in range(MIN_TICK, MAX_TICK, 101):
        price = sqrt_price_at_tick(tick)
        assert tick_at_sqrt_price(price) == tick
        assert tick_at_sqrt_price(sqrt_price_at_tick(tick + 1) - 1) == tick


def test_move_to() -> None:
    model = pool()
    model.provide(-887_220, 887_220, 10**18)
    model.provide(-600, 600, 10**19)
    assert model.move_to(Q96) == (0, 0)
    up, down = Q96 * 11 // 10, Q96 * 9 // 10
    copy = model.copy()
    assert model.move_to(up) == copy.swap(False, MAX_INT256, up)
    assert model.sqrt_price_x96 == up
    amount0, amount1 = model.move_to(down)
    assert amount0 > 0 > amount1
    assert (model.sqrt_price_x96, model.tick) == (down, tick_at_sqrt_price(down))


def test_saved_and_copied() -> None:
    """Neither a later change nor a copy's change reaches what was saved."""
    model = pool()
    model.provide(-600, 600, 10**18)
    saved, copy = model.saved(), model.copy()
    model.provide(-60, 60, 10**18)
    model.swap(True, 10**16, extreme(True))
    model.withdraw(-600, 600, 10**18)
    assert (copy.saved(), copy.liquidity) == (saved, 10**18)
    assert sorted(copy.ticks) == [-600, 600]
    model.restore(saved)
    assert model.saved() == saved
    assert model.quote(False, 10**9, extreme(False)) == copy.quote(False, 10**9, extreme(False))


def test_round_trips_lose() -> None:
    """Back and forth, or in pieces, costs at least the fees."""
    model = pool(fee=500, spacing=10)
    model.provide(-10_000, 10_000, 10**21)
    start = model.saved()
    paid, received = model.swap(True, 10**18, extreme(True))
    again, _ = model.swap(False, -received, extreme(False))
    assert paid + again >= paid * 999 // 10**6  # two fees, less a little of what they move
    model.restore(start)
    pieces = sum(model.swap(True, 10**17, extreme(True))[1] for _ in range(10))
    assert received <= pieces < received + 10**15
