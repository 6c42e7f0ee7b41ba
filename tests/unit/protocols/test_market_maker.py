# SPDX-License-Identifier: AGPL-3.0-only
"""The helper that keeps local pools filled and at their price."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.protocols.uniswap import (
    MAX_SQRT_PRICE_X96,
    MIN_SQRT_PRICE_X96,
    UniswapMarket,
    create_pool,
    full_range,
)
from tests.support.assertions import no_event, only_event, reverts
from tests.unit.protocols.conftest import FEE, LIQUIDITY

LARGEST = 2**255 - 1


def _balances(holder: Contract, *tokens: Contract) -> list[int]:
    return [token.balanceOf(holder) for token in tokens]


def _sorted(usdc: Contract, weth: Contract, pool: Contract) -> tuple[Contract, Contract]:
    return (usdc, weth) if pool.token0() == usdc.address else (weth, usdc)


def test_provide(
    pool: Contract, maker: Contract, usdc: Contract, weth: Contract, trader: str
) -> None:
    tokens = _sorted(usdc, weth, pool)
    before = _balances(maker, *tokens)
    lower, upper = full_range(10)
    paid = maker.provide.call(pool, lower, upper, LIQUIDITY, sender=trader)
    receipt = maker.provide(pool, lower, upper, LIQUIDITY, sender=trader)
    only_event(
        receipt,
        pool,
        "Mint",
        sender=maker,
        owner=maker,
        tickLower=lower,
        tickUpper=upper,
        amount=LIQUIDITY,
        amount0=paid[0],
        amount1=paid[1],
    )
    assert pool.liquidity() == LIQUIDITY
    assert [old - new for old, new in zip(before, _balances(maker, *tokens), strict=True)] == [
        *paid
    ]
    assert _balances(pool, *tokens) == [*paid]
    assert abs(paid[0] * paid[1] - LIQUIDITY**2) * 10**6 < LIQUIDITY**2


def test_one_sided_liquidity(pool: Contract, maker: Contract, trader: str) -> None:
    tick = pool.slot0().tick // 10 * 10
    above = maker.provide.call(pool, tick + 10, tick + 500, LIQUIDITY, sender=trader)
    below = maker.provide.call(pool, tick - 500, tick, LIQUIDITY, sender=trader)
    assert above[0] > 0 == above[1]
    assert below[1] > 0 == below[0]
    maker.provide(pool, tick + 10, tick + 500, LIQUIDITY, sender=trader)
    maker.provide(pool, tick - 500, tick, LIQUIDITY, sender=trader)
    assert pool.liquidity() == 0


def test_the_pool_refuses_bad_ranges(pool: Contract, maker: Contract, trader: str) -> None:
    for lower, upper, reason in ((10, 10, "TLU"), (-887_280, 10, "TLM"), (0, 887_280, "TUM")):
        with reverts(reason):
            maker.provide(pool, lower, upper, LIQUIDITY, sender=trader)
    with reverts(""):
        maker.provide(pool, 0, 11, LIQUIDITY, sender=trader)


def test_withdraw_everything(
    filled: Contract, maker: Contract, usdc: Contract, weth: Contract, trader: str
) -> None:
    tokens = _sorted(usdc, weth, filled)
    before = _balances(maker, *tokens)
    held = _balances(filled, *tokens)
    lower, upper = full_range(10)
    received = maker.withdraw.call(filled, lower, upper, LIQUIDITY, sender=trader)
    receipt = maker.withdraw(filled, lower, upper, LIQUIDITY, sender=trader)
    only_event(
        receipt,
        filled,
        "Collect",
        owner=maker,
        recipient=maker,
        tickLower=lower,
        tickUpper=upper,
        amount0=received[0],
        amount1=received[1],
    )
    assert [new - old for old, new in zip(before, _balances(maker, *tokens), strict=True)] == [
        *received
    ]
    assert [old - new for old, new in zip(held, received, strict=True)] == [1, 1]  # rounding
    assert filled.liquidity() == 0


def test_withdraw_a_part_and_the_fees(
    filled: Contract, maker: Contract, start_price: int, trader: str
) -> None:
    lower, upper = full_range(10)
    maker.withdraw(filled, lower, upper, LIQUIDITY // 4, sender=trader)
    assert filled.liquidity() == LIQUIDITY - LIQUIDITY // 4
    maker.move([filled], [start_price * 2], sender=trader)
    maker.move([filled], [start_price], sender=trader)
    fees = maker.withdraw.call(filled, lower, upper, 0, sender=trader)
    assert fees[0] > 0 < fees[1]
    maker.withdraw(filled, lower, upper, 0, sender=trader)
    assert maker.withdraw.call(filled, lower, upper, 0, sender=trader) == (0, 0)
    assert filled.liquidity() == LIQUIDITY - LIQUIDITY // 4


def test_more_liquidity_than_there_is(filled: Contract, maker: Contract, trader: str) -> None:
    with reverts("LS"):
        maker.withdraw(filled, *full_range(10), LIQUIDITY + 1, sender=trader)


@pytest.mark.parametrize("per_mille", [1001, 999, 1300, 700, 3000, 300])
def test_move_to_exactly_the_price(
    filled: Contract, maker: Contract, start_price: int, trader: str, per_mille: int
) -> None:
    target = start_price * per_mille // 1000 + 1
    receipt = maker.move([filled], [target], sender=trader)
    (swapped,) = (event for event in filled.events(receipt) if event.name == "Swap")
    assert (swapped.sender, swapped.recipient) == (maker.address, maker.address)
    assert swapped.sqrtPriceX96 == filled.slot0().sqrtPriceX96 == target
    paid, received = swapped.amount0, swapped.amount1
    assert (paid < 0 < received) if per_mille > 1000 else (received < 0 < paid)


def test_move_across_ranges_and_gaps(
    pool: Contract, maker: Contract, start_price: int, trader: str
) -> None:
    tick = pool.slot0().tick // 10 * 10
    for lower, upper in ((-300, 300), (-100, 50), (900, 1000), (-2000, -1500)):
        maker.provide(pool, tick + lower, tick + upper, LIQUIDITY, sender=trader)
    for per_mille in (1100, 900, 1000, 1051, 20_000, 20):
        target = start_price * per_mille // 1000
        maker.move([pool], [target], sender=trader)
        assert pool.slot0().sqrtPriceX96 == target


def test_move_without_any_liquidity(
    pool: Contract, maker: Contract, start_price: int, trader: str
) -> None:
    for target in (start_price * 7, start_price // 9):
        maker.move([pool], [target], sender=trader)
        assert pool.slot0().sqrtPriceX96 == target


def test_move_at_the_price_does_nothing(
    filled: Contract, maker: Contract, start_price: int, trader: str
) -> None:
    receipt = maker.move([filled], [start_price], sender=trader)
    no_event(receipt, filled, "Swap")
    maker.move([], [], sender=trader)


def test_move_several_pools(
    uniswap: UniswapMarket,
    filled: Contract,
    maker: Contract,
    usdc: Contract,
    weth: Contract,
    start_price: int,
    owner: str,
    trader: str,
) -> None:
    others = [create_pool(uniswap, usdc, weth, fee, start_price, owner) for fee in (100, 3000)]
    for other, spacing in zip(others, (1, 60), strict=True):
        maker.provide(other, *full_range(spacing), LIQUIDITY, sender=trader)
    pools = [filled, *others]
    targets = [start_price + 10**9, start_price, start_price - 10**9]
    receipt = maker.move(pools, targets, sender=trader)
    assert [pool.slot0().sqrtPriceX96 for pool in pools] == targets
    no_event(receipt, others[0], "Swap")


def test_move_needs_a_price_per_pool(filled: Contract, maker: Contract, trader: str) -> None:
    for prices in ([], [1, 2]):
        with reverts("market maker: one price per pool"):
            maker.move([filled], prices, sender=trader)


@pytest.mark.parametrize("price", [MIN_SQRT_PRICE_X96, MAX_SQRT_PRICE_X96])
def test_move_out_of_range(filled: Contract, maker: Contract, trader: str, price: int) -> None:
    with reverts("SPL"):
        maker.move([filled], [price], sender=trader)


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("exact_in", [True, False])
def test_swap(
    filled: Contract,
    maker: Contract,
    usdc: Contract,
    weth: Contract,
    trader: str,
    down: bool,
    exact_in: bool,
) -> None:
    tokens = _sorted(usdc, weth, filled)
    before = _balances(maker, *tokens)
    amount = 10**6 if exact_in else -(10**6)
    limit = MIN_SQRT_PRICE_X96 + 1 if down else MAX_SQRT_PRICE_X96 - 1
    changes = maker.swap.call(filled, down, amount, limit, sender=trader)
    receipt = maker.swap(filled, down, amount, limit, sender=trader)
    after = _balances(maker, *tokens)
    assert [old - new for old, new in zip(before, after, strict=True)] == [*changes]
    assert changes[down != exact_in] == amount
    state = filled.slot0()
    only_event(
        receipt,
        filled,
        "Swap",
        sender=maker,
        recipient=maker,
        amount0=changes[0],
        amount1=changes[1],
        sqrtPriceX96=state.sqrtPriceX96,
        liquidity=LIQUIDITY,
        tick=state.tick,
    )


def test_swap_stops_at_its_limit(
    filled: Contract, maker: Contract, start_price: int, trader: str
) -> None:
    limit = start_price * 101 // 100
    maker.swap(filled, False, LARGEST, limit, sender=trader)
    assert filled.slot0().sqrtPriceX96 == limit
    with reverts("SPL"):
        maker.swap(filled, False, LARGEST, limit, sender=trader)
    with reverts("AS"):
        maker.swap(filled, False, 0, limit * 2, sender=trader)


def test_others_do_not_call_back(
    filled: Contract, maker: Contract, attacker: str, trader: str
) -> None:
    for callback in (maker.uniswapV3MintCallback, maker.uniswapV3SwapCallback):
        for caller in (attacker, filled.address):  # a pool that is not being called neither
            with reverts("market maker: caller is not the pool"):
                callback(1, 1, b"", sender=caller)
    maker.provide(filled, *full_range(10), 1, sender=trader)
    with reverts("market maker: caller is not the pool"):
        maker.uniswapV3MintCallback(1, 1, b"", sender=filled.address)


@pytest.fixture
def hostile(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("HostileToken", 18, sender=owner)


@pytest.fixture
def hostile_pool(
    uniswap: UniswapMarket, usdc: Contract, hostile: Contract, maker: Contract, owner: str
) -> Contract:
    hostile.mint(maker, 10**24, sender=owner)
    return create_pool(uniswap, usdc, hostile, FEE, 2**96, owner)


def test_a_third_party_cannot_call_back_while_a_pool_is_called(
    hostile_pool: Contract, hostile: Contract, maker: Contract, trader: str
) -> None:
    """The token calls the maker's callback in the middle of the payment."""
    for callback in ("uniswapV3MintCallback", "uniswapV3SwapCallback"):
        hostile.set_callback(maker, maker.encode(callback, 1, 1, b""), sender=trader)
        maker.provide(hostile_pool, *full_range(10), 10**9, sender=trader)
        assert not hostile.call_succeeded()
        assert b"market maker: caller is not the pool" in hostile.call_returned()


def test_no_second_entry_while_a_pool_is_called(
    hostile_pool: Contract, hostile: Contract, maker: Contract, trader: str
) -> None:
    hostile.set_callback(maker, maker.encode("move", [], []), sender=trader)
    maker.provide(hostile_pool, *full_range(10), 10**9, sender=trader)
    assert not hostile.call_succeeded()


def test_a_token_that_refuses(
    hostile_pool: Contract, hostile: Contract, maker: Contract, trader: str
) -> None:
    hostile.set_answer(1, sender=trader)
    with reverts("market maker: token not paid"):
        maker.provide(hostile_pool, *full_range(10), 10**9, sender=trader)


def test_a_token_that_answers_nothing(
    hostile_pool: Contract, hostile: Contract, maker: Contract, trader: str
) -> None:
    maker.provide(hostile_pool, *full_range(10), 10**9, sender=trader)
    hostile.set_answer(2, sender=trader)
    maker.provide(hostile_pool, *full_range(10), 10**9, sender=trader)
    assert hostile_pool.liquidity() == 2 * 10**9


def test_a_maker_without_money(
    chain: LocalBackend, filled: Contract, usdc: Contract, start_price: int, trader: str
) -> None:
    poor = chain.deploy("MarketMaker", sender=trader)
    usdc_first = filled.token0() == usdc.address
    with reverts("ERC20: transfer amount exceeds balance"):
        target = start_price // 2 if usdc_first else start_price * 2
        poor.move([filled], [target], sender=trader)
    with reverts("collateral: balance too small"):
        target = start_price * 2 if usdc_first else start_price // 2
        poor.move([filled], [target], sender=trader)
    poor.move([], [], sender=trader)
