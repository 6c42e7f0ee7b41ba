# SPDX-License-Identifier: AGPL-3.0-only
"""The factory, pools at a price, and the arithmetic of prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import Contract, LocalBackend
from inverse_index.protocols.uniswap import (
    MAX_SQRT_PRICE_X96,
    MAX_TICK,
    MIN_SQRT_PRICE_X96,
    MIN_TICK,
    TICK_SPACING,
    UniswapMarket,
    create_pool,
    full_range,
    sorted_tokens,
    sqrt_price_x96,
)
from tests.support.assertions import reverts
from tests.support.profiles import machine_settings

LOW = "0x" + "00" * 19 + "0A"
HIGH = "0xFfffFfFFFfFFFFfFFfFFFfFFFfFFfFFFfFfFfFf1"


def test_factory_and_router(uniswap: UniswapMarket, weth: Contract, owner: str) -> None:
    assert uniswap.factory.owner() == owner
    assert uniswap.router.factory() == uniswap.factory.address
    assert uniswap.router.WETH9() == weth.address


@pytest.mark.parametrize(("fee", "spacing"), TICK_SPACING.items())
def test_a_pool_of_every_fee_tier(
    uniswap: UniswapMarket, usdc: Contract, weth: Contract, owner: str, fee: int, spacing: int
) -> None:
    pool = create_pool(uniswap, weth, usdc, fee, 2**96, owner)
    assert (pool.token0(), pool.token1()) == sorted_tokens(usdc, weth)
    assert (pool.fee(), pool.tickSpacing(), pool.liquidity()) == (fee, spacing, 0)
    assert pool.slot0() == (2**96, 0, 0, 1, 1, 0, True)
    assert uniswap.factory.getPool(usdc, weth, fee) == pool.address
    assert uniswap.factory.getPool(weth, usdc, fee) == pool.address
    with reverts(""):
        create_pool(uniswap, usdc, weth, fee, 2**96, owner)


@pytest.mark.parametrize("text", [False, True])
def test_order_and_kind_of_the_tokens_do_not_matter(
    uniswap: UniswapMarket, usdc: Contract, weth: Contract, owner: str, text: bool
) -> None:
    pair = (weth.address, usdc.address) if text else (usdc, weth)
    pool = create_pool(uniswap, *pair, 3000, 2**96, owner)
    assert (pool.token0(), pool.token1()) == sorted_tokens(usdc, weth)


@pytest.mark.parametrize("price", [MIN_SQRT_PRICE_X96, MAX_SQRT_PRICE_X96 - 1])
def test_lowest_and_highest_price(
    uniswap: UniswapMarket, usdc: Contract, weth: Contract, owner: str, price: int
) -> None:
    pool = create_pool(uniswap, usdc, weth, 3000, price, owner)
    tick = MIN_TICK if price == MIN_SQRT_PRICE_X96 else MAX_TICK - 1
    assert pool.slot0()[:2] == (price, tick)


@pytest.mark.parametrize("price", [MIN_SQRT_PRICE_X96 - 1, MAX_SQRT_PRICE_X96])
def test_price_out_of_range(
    uniswap: UniswapMarket, usdc: Contract, weth: Contract, owner: str, price: int
) -> None:
    with reverts("R"):
        create_pool(uniswap, usdc, weth, 3000, price, owner)


def test_the_router_swaps_in_the_pool(
    chain: LocalBackend,
    uniswap: UniswapMarket,
    filled: Contract,
    usdc: Contract,
    weth: Contract,
    owner: str,
    trader: str,
) -> None:
    usdc.mint(trader, 3_000 * 10**6, sender=owner)
    usdc.approve(uniswap.router, 3_000 * 10**6, sender=trader)
    order = {
        "tokenIn": usdc,
        "tokenOut": weth,
        "fee": 500,
        "recipient": trader,
        "deadline": chain.now(),
        "amountIn": 3_000 * 10**6,
        "amountOutMinimum": 0,
        "sqrtPriceLimitX96": 0,
    }
    expected = uniswap.router.exactInputSingle.call(order, sender=trader)
    uniswap.router.exactInputSingle(order, sender=trader)
    assert usdc.balanceOf(trader) == 0
    assert weth.balanceOf(trader) == expected
    assert 0.998 * 10**18 < expected < 0.9995 * 10**18


def test_sorted_by_number() -> None:
    assert sorted_tokens(HIGH.lower(), LOW) == sorted_tokens(LOW, HIGH) == (LOW, HIGH)
    # as text, capitals of the checksum would come first
    lower, upper = "0xa" + "0" * 39, "0xB" + "0" * 39
    assert sorted_tokens(upper, lower) == (lower, upper)


@machine_settings()
@given(st.integers(1, 2**128), st.integers(1, 2**128))
def test_square_root_is_the_largest_not_above(numerator: int, denominator: int) -> None:
    root = sqrt_price_x96(numerator, denominator)
    assert root**2 * denominator <= numerator << 192 < (root + 1) ** 2 * denominator


def test_square_root_of_exact_prices() -> None:
    assert sqrt_price_x96(1, 1) == 2**96
    assert sqrt_price_x96(9, 4) == 3 * 2**95
    assert sqrt_price_x96(4, 9) == 2**97 // 3


@pytest.mark.parametrize(
    ("spacing", "highest"), [(1, 887_272), (10, 887_270), (60, 887_220), (200, 887_200)]
)
def test_full_range(spacing: int, highest: int) -> None:
    assert full_range(spacing) == (-highest, highest)
