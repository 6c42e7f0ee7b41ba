# SPDX-License-Identifier: AGPL-3.0-only
"""Quotes read from real pools against what those pools then do."""

from __future__ import annotations

import pytest
from hypothesis import given

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.fixed import MAX_INT256
from inverse_index.model.protocols.uniswap.arithmetic import MAX_TICK, Q96, sqrt_price_at_tick
from inverse_index.model.protocols.uniswap.pool import PoolModel
from tests.support.profiles import machine_settings
from tests.support.uniswap_harness import (
    HIGHEST_LIMIT,
    LOWEST_LIMIT,
    Provide,
    Swap,
    UniswapHarness,
    edges,
    extreme,
)
from tests.support.uniswap_histories import FEES, History, histories

MAX_STEPS = 64
WRAPS = 2**256 // 990_000 + 1  # times 99%, in millionths, is little in 256 bits
WARM_GAS = 11_000  # of a quote in one range; the pool's part, about 2,000, included


@pytest.fixture(scope="module")
def uniswap(chain: LocalBackend, owner: str, trader: str) -> UniswapHarness:
    return UniswapHarness(chain, owner, trader)


@pytest.fixture(scope="module")
def walker(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("TickWalkHarness", sender=owner)


def walk(
    walker: Contract, harness: UniswapHarness, zero_for_one: bool, amount: int, limit: int
) -> tuple[int, int, int]:
    """Amount in, amount out, price after."""
    fee, spacing = harness.model.fee_pips, harness.model.tick_spacing
    return walker.walk(harness.pool.address, fee, spacing, zero_for_one, amount, limit)


def in_and_out(zero_for_one: bool, amounts: tuple[int, int]) -> tuple[int, int]:
    """Of a pool's signed changes of token0 and token1."""
    amount_in, change_out = amounts if zero_for_one else amounts[::-1]
    return amount_in, -change_out


def same(walker: Contract, harness: UniswapHarness, swap: Swap) -> None:
    """A quote, then the swap, equal in amounts and price."""
    quoted = walk(walker, harness, *swap.args(harness.model))
    result = harness.run(swap)
    assert quoted == (*in_and_out(swap.zero_for_one, result), harness.model.sqrt_price_x96)


@machine_settings()
@given(history=histories())
def test_random_histories(uniswap: UniswapHarness, walker: Contract, history: History) -> None:
    """A quote is what the swap then does, or a part of it after so many steps. [VA-19]"""
    with uniswap.opened(history.fee, history.price) as harness:
        for action in history.ranges + history.actions:
            if not isinstance(action, Swap):
                harness.run(action)
                continue
            zero_for_one, amount, limit = action.args(harness.model)
            before = harness.model.copy()
            amount_in, amount_out, price = walk(walker, harness, zero_for_one, amount, limit)
            result = harness.run(action)
            if isinstance(result, str):
                assert result in ("AS", "SPL")
                assert (amount_in, amount_out, price) == (0, 0, before.sqrt_price_x96)
            elif price == harness.model.sqrt_price_x96:
                assert (amount_in, amount_out) == in_and_out(zero_for_one, result)
            else:
                assert steps(before, zero_for_one, price) == MAX_STEPS
                part = before.swap(zero_for_one, amount, price)
                assert (amount_in, amount_out) == in_and_out(zero_for_one, part)


def steps(model: PoolModel, zero_for_one: bool, price: int) -> int:
    """Of a swap to a price at which a step ends."""
    tick = model.tick
    for count in range(1, 2 * MAX_STEPS):
        following, _ = model.next_tick(tick, zero_for_one)
        if sqrt_price_at_tick(following) == price:
            return count
        tick = following - 1 if zero_for_one else following
    raise AssertionError("never reached")


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_step_bound(
    uniswap: UniswapHarness, walker: Contract, zero_for_one: bool, sign: int
) -> None:
    """64 initialised ticks are crossed; the 65th ends the quote, not the swap. [VA-19]"""
    with uniswap.opened(3000, Q96 + 1) as harness:
        for place in range(1, MAX_STEPS + 3):
            ends = (-60 * place, 0) if zero_for_one else (0, 60 * place)
            harness.run(Provide(*ends, 10**15))
        harness.run(Provide(-887_220, 887_220, 10**20))
        # The price is inside the spacing at 0: going down, tick 0 is the first to be crossed.
        last = -60 * (MAX_STEPS - 1) if zero_for_one else 60 * MAX_STEPS
        limit = sqrt_price_at_tick(last)
        within = harness.model.quote(zero_for_one, sign * MAX_INT256, limit)
        further = extreme(zero_for_one)
        assert walk(walker, harness, zero_for_one, sign * MAX_INT256, further) == (
            *in_and_out(zero_for_one, within),
            limit,
        )
        # An amount that ends in the last step is quoted in full, one beyond it in part.
        specified = within[0 if zero_for_one == (sign > 0) else 1]
        for amount, complete in ((specified - sign, True), (specified + sign, False)):
            whole = in_and_out(zero_for_one, harness.model.quote(zero_for_one, amount, further))
            quoted = walk(walker, harness, zero_for_one, amount, further)
            assert (quoted[:2] == whole) is complete
        # The pool itself goes on.
        harness.run(Swap(zero_for_one, sign * 5 * 10**19))
        beyond = harness.model.sqrt_price_x96
        assert beyond < limit if zero_for_one else beyond > limit


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_nothing_to_do(uniswap: UniswapHarness, walker: Contract, zero_for_one: bool) -> None:
    """No amount, or a limit that the price has reached or is beyond: nothing, no revert."""
    with uniswap.opened(500, Q96) as harness:
        harness.run(Provide(-1_000, 1_000, 10**18))
        ahead, behind = extreme(zero_for_one), extreme(not zero_for_one)
        assert walk(walker, harness, zero_for_one, 0, ahead) == (0, 0, Q96)
        for amount in (10**9, -(10**9)):
            assert walk(walker, harness, zero_for_one, amount, Q96) == (0, 0, Q96)
            assert walk(walker, harness, zero_for_one, amount, behind) == (0, 0, Q96)


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("liquidity", [10**3, 10**5, 10**12, 10**27])
def test_exactly_to_a_tick(
    uniswap: UniswapHarness, walker: Contract, zero_for_one: bool, sign: int, liquidity: int
) -> None:
    """The amount that just reaches an initialised tick, and its neighbours."""
    with uniswap.opened(500, sqrt_price_at_tick(1_002)) as harness:
        harness.run(Provide(0, 2_000, liquidity))
        harness.run(Provide(990, 1_010, liquidity))
        for swap in edges(harness, zero_for_one, sign, 12 if zero_for_one else 8):
            same(walker, harness, swap)


@pytest.mark.parametrize("fee", FEES)
@pytest.mark.parametrize("liquidity", [1, 10**4, 10**20])
def test_dust(uniswap: UniswapHarness, walker: Contract, fee: int, liquidity: int) -> None:
    """Swaps of a few units: all fee, or nothing out."""
    with uniswap.opened(fee, Q96 * 7 // 5) as harness:
        harness.run(Provide(-200_000, 200_000, liquidity))
        for amount in (1, 2, 3, 101, -1, -2):
            for zero_for_one in (True, False):
                same(walker, harness, Swap(zero_for_one, amount, 600))


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("amount", [MAX_INT256, -MAX_INT256, 2**230, -(2**230), WRAPS])
def test_more_than_there_is(
    uniswap: UniswapHarness, walker: Contract, zero_for_one: bool, amount: int
) -> None:
    """An amount beyond all liquidity ends at the limit."""
    with uniswap.opened(10_000, Q96) as harness:
        harness.run(Provide(-200_000, 200_000, 10**30))
        limit = sqrt_price_at_tick(-500_000 if zero_for_one else 500_000)
        expected = in_and_out(zero_for_one, harness.model.quote(zero_for_one, amount, limit))
        assert walk(walker, harness, zero_for_one, amount, limit) == (*expected, limit)
        result = harness.swap(Swap(zero_for_one, amount, 500_000))
        assert in_and_out(zero_for_one, result) == expected


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_two_roundings(
    uniswap: UniswapHarness, walker: Contract, zero_for_one: bool, sign: int
) -> None:
    """Token0 is divided by both prices in turn; here either rounding decides alone."""
    price = sqrt_price_at_tick(-880_000) | 1
    after = price + (-(2**20) if zero_for_one else 2**20)
    # depth * 2**20 is one more (less) than a multiple of both prices' product.
    unit = pow(2**116, -1, price * after)
    liquidity = unit if zero_for_one else price * after - unit
    depth = liquidity << 96
    down, up = depth * 2**20 // (price * after), -(-depth * 2**20 // (price * after))
    if zero_for_one:
        assert up == down + 1 == -(-(depth * 2**20 // price) // after) + 1
    else:
        assert down == up - 1 == -(-depth * 2**20 // after) // price - 1
    with uniswap.opened(10_000, price) as harness:
        harness.run(Provide(-887_200, 887_200, liquidity))
        amount = sign * MAX_INT256
        quoted = walk(walker, harness, zero_for_one, amount, after)
        result, _ = harness.both(
            lambda: harness.model.swap(zero_for_one, amount, after),
            "swap",
            zero_for_one,
            amount,
            after,
        )
        harness.check()
        assert quoted == (*in_and_out(zero_for_one, result), after)
        expected = up + -(-up * 10_000 // 990_000) if zero_for_one else -down
        assert result[0] == expected


@pytest.mark.parametrize("tick", [-700_000, 700_000])
def test_widest_numbers(uniswap: UniswapHarness, walker: Contract, tick: int) -> None:
    """The most liquidity that a tick takes, at prices near both ends."""
    with uniswap.opened(10_000, sqrt_price_at_tick(tick)) as harness:
        harness.run(Provide(tick - 2_000, tick + 2_000, harness.model.max_tick_liquidity))
        for zero_for_one in (True, False):
            for sign in (1, -1):
                same(walker, harness, Swap(zero_for_one, sign * 10**17, 1_500))


@pytest.mark.parametrize("zero_for_one", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_gas_in_one_range(
    uniswap: UniswapHarness, walker: Contract, zero_for_one: bool, sign: int
) -> None:
    """What a quote adds to a swap that follows it."""
    with uniswap.opened(500, 18_257 * Q96) as harness:
        harness.run(Provide(-887_270, 887_270, 10**19))
        for amount in (10**12, MAX_INT256):  # up to the amount, up to the limit
            args = Swap(zero_for_one, sign * amount, 100).args(harness.model)
            assert walker.warm_gas(harness.pool.address, 500, 10, *args) <= WARM_GAS


# Of all ticks these, found by trying each, tell most factors of the square root's
# from the next whole number; for the others no tick does.
TELLING = (
    131_174,
    132_822,
    194_399,
    196_827,
    199_530,
    215_443,
    230_536,
    238_798,
    247_177,
    294_762,
)


def test_sqrt_price_at_every_bit(chain: LocalBackend, walker: Contract) -> None:
    """As the model has it: powers of two, the ends, a sample, and the telling ones."""
    powers = [sign << place for place in range(20) for sign in (1, -1)]
    ticks = [0, MAX_TICK, -MAX_TICK, *powers, *TELLING, *range(-MAX_TICK, MAX_TICK, 9_973)]
    ticks = [tick for tick in ticks if abs(tick) <= MAX_TICK]
    raw = chain.call_many(
        (walker.address, walker.encode("sqrt_price_at_tick", tick)) for tick in ticks
    )
    found = [walker.decode_output("sqrt_price_at_tick", each) for each in raw]
    assert found == [sqrt_price_at_tick(tick) for tick in ticks]


def test_sqrt_price_beyond_the_ends(walker: Contract) -> None:
    """That of the last tick."""
    for tick in (MAX_TICK + 1, 2**23 - 1, MAX_INT256):
        assert walker.sqrt_price_at_tick(tick) == HIGHEST_LIMIT + 1
        assert walker.sqrt_price_at_tick(-tick) == LOWEST_LIMIT - 1
