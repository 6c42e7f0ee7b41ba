# SPDX-License-Identifier: AGPL-3.0-only
"""swap_and_deposit: an exact amount of any ERC-20 for shares."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, contract_at
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import (
    DECIMALS,
    NEVER,
    PRICES,
    RouterWorld,
    drain,
    entry,
    flow,
    spare,
)
from tests.support.uniswap_harness import extreme

ZERO = "0x" + "00" * 20
DEEP = "router: a pool of the path is too shallow"


def worth(symbol: str, collateral: int) -> int:
    """Native units, odd ones."""
    return collateral * 10 ** DECIMALS[symbol] // PRICES[symbol] + 3


@pytest.mark.parametrize("collateral", [100, 10_000])  # one nets, one hedges
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(
    world: RouterWorld, trader: str, second_trader: str, symbol: str, collateral: int
) -> None:
    """Every pool and the token move as their models do."""
    amount = worth(symbol, collateral)
    assets = world.sold(symbol, amount)
    expected = world.token.previewDeposit(assets)
    world.approve(symbol, trader, amount)
    args = (world.token, world.path(symbol), amount, second_trader, expected, NEVER)
    assert world.router.swap_and_deposit.call(*args, sender=trader) == expected
    with world.changes(trader, **{symbol: -amount}):
        receipt = world.router.swap_and_deposit(*args, sender=trader)
    world.bench.names[second_trader] = second_trader
    assert flow(world, "deposit", assets, second_trader, receipt).shares == expected
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=second_trader,
        assets=assets,
        shares=expected,
    )
    assert world.tokens[symbol].allowance(trader, world.router) == 0
    world.check()


def test_minimum(world: RouterWorld, trader: str) -> None:
    """Bounds the whole: the pools' prices too. [R-7]"""
    world.approve("LINK", trader)
    amount = worth("LINK", 100)
    expected = world.token.previewDeposit(world.sold("LINK", amount))
    args = (world.token, world.path("LINK"), amount, trader)
    with reverts("token: shares below minimum"):
        world.router.swap_and_deposit(*args, expected + 1, NEVER, sender=trader)
    world.router.swap_and_deposit(*args, expected, NEVER, sender=trader)


def test_sandwiched(world: RouterWorld, trader: str, owner: str) -> None:
    """Somebody moves a pool of the path by 2% first: the bound holds. [R-7]"""
    world.approve("WETH", trader)
    amount = worth("WETH", 100)
    expected = world.token.previewDeposit(world.sold("WETH", amount))
    price = world.pools["WETH"].slot0().sqrtPriceX96
    lower = world.models["WETH"].token0 == world.tokens["WETH"].address
    world.bench.system.venue.maker.move(
        [world.pools["WETH"]], [price * (99 if lower else 101) // 100], sender=owner
    )
    with reverts("token: shares below minimum"):
        world.router.swap_and_deposit(
            world.token,
            world.path("WETH"),
            amount,
            trader,
            expected * 99 // 100,
            NEVER,
            sender=trader,
        )


def test_over_the_pool_that_hedges(world: RouterWorld, trader: str) -> None:
    """The component itself comes in: its pool is moved by the path, then by the vault."""
    venue, bench = world.bench.system.venue, world.bench
    component = contract_at(world.chain, "LocalCollateral", venue.tokens["C0"])
    amount = 5 * 10**18
    component.mint(trader, amount, sender=trader)
    component.approve(world.router, amount, sender=trader)
    pool = bench.model.venue.pools["C0"]
    down = pool.token0 == "C0"
    assets = -min(pool.swap(down, amount, extreme(down)))
    path = [(component.address, pool.fee_pips)]
    receipt = world.router.swap_and_deposit(
        world.token, path, amount, trader, 1, NEVER, sender=trader
    )
    done = flow(world, "deposit", assets, trader, receipt)
    assert not done.netted
    assert world.token.balanceOf(trader) == done.shares
    bench.check()


def test_allowance_and_signature(world: RouterWorld, trader: str) -> None:
    """Asked for where the first pool is paid. A token without signatures may
    answer the attempt as it likes: WETH takes it for a deposit of nothing."""
    amount = worth("WETH", 100)
    args = (world.token, world.path("WETH"), amount, trader, 0, NEVER)
    signature = (27, b"\1" * 32, b"\2" * 32)
    with reverts("router: allowance too small"):
        world.router.swap_and_deposit(*args, signature, sender=trader)
    world.approve("WETH", trader, amount - 1)
    with reverts("router: allowance too small"):
        world.router.swap_and_deposit(*args, sender=trader)
    world.approve("WETH", trader, amount)
    world.router.swap_and_deposit(*args, signature, sender=trader)


def test_with_a_signature(world: RouterWorld, depositor: str) -> None:
    """Out of a token that has them: USDC that comes back to itself over WETH. An
    exact output would have one pool in two trades at a time, which it refuses."""
    path = [(world.tokens["USDC"].address, 500), *world.path("WETH")]
    permit = world.permit("USDC", depositor, 10**8)
    with reverts("LOK"):
        world.router.swap_and_mint(
            world.token, path, 10**18, depositor, 10**8, NEVER, permit, sender=depositor
        )
    with world.kept():
        world.router.swap_and_deposit(
            world.token, path, 10**8, depositor, 1, NEVER, permit, sender=depositor
        )
    assert world.tokens["USDC"].nonces(depositor) == 1


def test_deadline_receiver_and_path(world: RouterWorld, trader: str) -> None:
    world.approve("WETH", trader)
    path, now = world.path("WETH"), world.bench.now
    swap = world.router.swap_and_deposit
    with reverts("router: deadline passed"):
        swap(world.token, path, 10**17, trader, 0, now - 1, sender=trader)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            swap(world.token, path, 10**17, receiver, 0, now, sender=trader)
    wrong = ([], [(world.tokens["WETH"].address, 100)], [(ZERO, 500)])
    for path in wrong:
        with reverts("router: no pool for a hop of the path"):
            swap(world.token, path, 10**17, trader, 0, now, sender=trader)


def test_drained_pools(world: RouterWorld, trader: str) -> None:
    """[R-11]"""
    world.approve("LINK", trader)
    drain(world, "WETH")
    with world.kept(), reverts(DEEP):
        world.router.swap_and_deposit(
            world.token, world.path("LINK"), 10**18, trader, 0, NEVER, sender=trader
        )


def test_more_than_a_pool_takes(world: RouterWorld, trader: str, owner: str) -> None:
    """Liquidity that ends on the way: all or nothing, no rest is left behind. [R-11]"""
    drain(world, "HOST")
    pool, model = world.pools["HOST"], world.models["HOST"]
    tick = model.tick // 60 * 60
    world.bench.system.venue.maker.provide(pool, tick - 60, tick + 120, 10**12, sender=owner)
    world.approve("HOST", trader)
    with world.kept(), reverts(DEEP):
        world.router.swap_and_deposit(
            world.token, world.path("HOST"), 10**22, trader, 0, NEVER, sender=trader
        )


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [
        (0, 100, "IIA"),  # charges on its way: the pool misses it
        (1, 0, "router: transfer from the caller failed"),
        (3, 0, "IIA"),
    ],
)
def test_bad_tokens(world: RouterWorld, trader: str, answer: int, fee: int, reason: str) -> None:
    """Refused, also where the router has been given what is missing. [R-14]"""
    host = world.tokens["HOST"]
    spare(world, "HOST", 10**20, trader)
    world.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    with world.kept(), reverts(reason):
        world.router.swap_and_deposit(
            world.token, world.path("HOST"), 10**20, trader, 0, NEVER, sender=trader
        )


def test_token_without_return_values(world: RouterWorld, trader: str) -> None:
    world.approve("HOST", trader)
    world.tokens["HOST"].set_answer(2, sender=trader)
    expected = world.token.previewDeposit(world.sold("HOST", 10**20))
    with world.changes(trader, HOST=-(10**20), shares=expected):
        world.router.swap_and_deposit(
            world.token, world.path("HOST"), 10**20, trader, 0, NEVER, sender=trader
        )


def test_token_that_calls_back(
    world: RouterWorld, trader: str, attacker: str, shares: Contract
) -> None:
    """On its way to the pool it gets neither into the router nor at its callback."""
    host = world.tokens["HOST"]
    spare(world, "USDC", 10**8, trader)
    world.approve("HOST", attacker)
    host.mint(attacker, 10**21, sender=attacker)
    callback = world.router.encode("uniswapV3SwapCallback", 10**8, -1, bytes(32))
    for payload in (callback, entry(world, shares)):
        host.set_callback(world.router, payload, sender=attacker)
        with world.kept():
            world.router.swap_and_deposit(
                world.token, world.path("HOST"), 10**20, attacker, 0, NEVER, sender=attacker
            )
        assert host.calls() > 0 and not host.call_succeeded()


def test_a_token_that_takes_less(world: RouterWorld, trader: str, shares: Contract) -> None:
    world.approve("WETH", trader)
    shares.set_asset(world.tokens["USDC"], 10**6, 1, sender=trader)
    with world.kept(), reverts("router: collateral was lost or left over"):
        world.router.swap_and_deposit(
            shares, world.path("WETH"), 10**17, trader, 0, NEVER, sender=trader
        )
