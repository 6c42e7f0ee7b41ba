# SPDX-License-Identifier: AGPL-3.0-only
"""swap_and_deposit: an exact amount of any ERC-20 for shares."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, contract_at
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import DECIMALS, PRICES, RouterHarness, drain, entry, flow, spare
from tests.support.uniswap_harness import extreme

DEEP = "router: a pool of the path is too shallow"


def worth(symbol: str, collateral: int) -> int:
    """Native units, odd ones."""
    return collateral * 10 ** DECIMALS[symbol] // PRICES[symbol] + 3


@pytest.mark.parametrize("collateral", [100, 10_000])  # one nets, one hedges
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(
    harness: RouterHarness, trader: str, second_trader: str, symbol: str, collateral: int
) -> None:
    """Every pool and the token move as their models do."""
    amount = worth(symbol, collateral)
    assets = harness.sold(symbol, amount)
    expected = harness.token.previewDeposit(assets)
    harness.approve(symbol, trader, amount)
    args = (harness.token, harness.path(symbol), amount, second_trader, expected, MAX_UINT256)
    assert harness.router.swap_and_deposit.call(*args, sender=trader) == expected
    with harness.changes(trader, **{symbol: -amount}):
        receipt = harness.router.swap_and_deposit(*args, sender=trader)
    harness.base.names[second_trader] = second_trader
    assert flow(harness, "deposit", assets, second_trader, receipt).shares == expected
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=second_trader,
        assets=assets,
        shares=expected,
    )
    assert harness.tokens[symbol].allowance(trader, harness.router) == 0
    harness.check()


def test_minimum(harness: RouterHarness, trader: str) -> None:
    """Bounds the whole: the pools' prices too. [R-7]"""
    harness.approve("LINK", trader)
    amount = worth("LINK", 100)
    expected = harness.token.previewDeposit(harness.sold("LINK", amount))
    args = (harness.token, harness.path("LINK"), amount, trader)
    with reverts("token: shares below minimum"):
        harness.router.swap_and_deposit(*args, expected + 1, MAX_UINT256, sender=trader)
    harness.router.swap_and_deposit(*args, expected, MAX_UINT256, sender=trader)


def test_sandwiched(harness: RouterHarness, trader: str, owner: str) -> None:
    """Somebody moves a pool of the path by 2% first: the bound holds. [R-7]"""
    harness.approve("WETH", trader)
    amount = worth("WETH", 100)
    expected = harness.token.previewDeposit(harness.sold("WETH", amount))
    price = harness.pools["WETH"].slot0().sqrtPriceX96
    lower = harness.models["WETH"].token0 == harness.tokens["WETH"].address
    harness.base.system.venue.maker.move(
        [harness.pools["WETH"]], [price * (99 if lower else 101) // 100], sender=owner
    )
    with reverts("token: shares below minimum"):
        harness.router.swap_and_deposit(
            harness.token,
            harness.path("WETH"),
            amount,
            trader,
            expected * 99 // 100,
            MAX_UINT256,
            sender=trader,
        )


def test_over_the_pool_that_hedges(harness: RouterHarness, trader: str) -> None:
    """The component itself comes in: its pool is moved by the path, then by the vault."""
    venue, base = harness.base.system.venue, harness.base
    component = contract_at(harness.chain, "LocalCollateral", venue.tokens["C0"])
    amount = 5 * 10**18
    component.mint(trader, amount, sender=trader)
    component.approve(harness.router, amount, sender=trader)
    pool = base.model.venue.pools["C0"]
    down = pool.token0 == "C0"
    assets = -min(pool.swap(down, amount, extreme(down)))
    path = [(component.address, pool.fee_pips)]
    receipt = harness.router.swap_and_deposit(
        harness.token, path, amount, trader, 1, MAX_UINT256, sender=trader
    )
    done = flow(harness, "deposit", assets, trader, receipt)
    assert not done.netted
    assert harness.token.balanceOf(trader) == done.shares
    base.check()


def test_allowance_and_signature(harness: RouterHarness, trader: str) -> None:
    """Asked for where the first pool is paid. A token without signatures may
    answer the attempt as it likes: WETH takes it for a deposit of nothing."""
    amount = worth("WETH", 100)
    args = (harness.token, harness.path("WETH"), amount, trader, 0, MAX_UINT256)
    signature = (27, b"\1" * 32, b"\2" * 32)
    with reverts("router: allowance too small"):
        harness.router.swap_and_deposit(*args, signature, sender=trader)
    harness.approve("WETH", trader, amount - 1)
    with reverts("router: allowance too small"):
        harness.router.swap_and_deposit(*args, sender=trader)
    harness.approve("WETH", trader, amount)
    harness.router.swap_and_deposit(*args, signature, sender=trader)


def test_with_a_signature(harness: RouterHarness, depositor: str) -> None:
    """Out of a token that has them: USDC that comes back to itself over WETH. An
    exact output would have one pool in two trades at a time, which it refuses."""
    path = [(harness.tokens["USDC"].address, 500), *harness.path("WETH")]
    permit = harness.permit("USDC", depositor, 10**8)
    with reverts("LOK"):
        harness.router.swap_and_mint(
            harness.token, path, 10**18, depositor, 10**8, MAX_UINT256, permit, sender=depositor
        )
    with harness.kept():
        harness.router.swap_and_deposit(
            harness.token, path, 10**8, depositor, 1, MAX_UINT256, permit, sender=depositor
        )
    assert harness.tokens["USDC"].nonces(depositor) == 1


def test_deadline_receiver_and_path(harness: RouterHarness, trader: str) -> None:
    harness.approve("WETH", trader)
    path, now = harness.path("WETH"), harness.base.now
    swap = harness.router.swap_and_deposit
    with reverts("router: deadline passed"):
        swap(harness.token, path, 10**17, trader, 0, now - 1, sender=trader)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            swap(harness.token, path, 10**17, receiver, 0, now, sender=trader)
    wrong = ([], [(harness.tokens["WETH"].address, 100)], [(ZERO, 500)])
    for path in wrong:
        with reverts("router: no pool for a hop of the path"):
            swap(harness.token, path, 10**17, trader, 0, now, sender=trader)


def test_drained_pools(harness: RouterHarness, trader: str) -> None:
    """[R-11]"""
    harness.approve("LINK", trader)
    drain(harness, "WETH")
    with harness.kept(), reverts(DEEP):
        harness.router.swap_and_deposit(
            harness.token, harness.path("LINK"), 10**18, trader, 0, MAX_UINT256, sender=trader
        )


def test_more_than_a_pool_takes(harness: RouterHarness, trader: str, owner: str) -> None:
    """Liquidity that ends on the way: all or nothing, no rest is left behind. [R-11]"""
    drain(harness, "HOST")
    pool, model = harness.pools["HOST"], harness.models["HOST"]
    tick = model.tick // 60 * 60
    harness.base.system.venue.maker.provide(pool, tick - 60, tick + 120, 10**12, sender=owner)
    harness.approve("HOST", trader)
    with harness.kept(), reverts(DEEP):
        harness.router.swap_and_deposit(
            harness.token, harness.path("HOST"), 10**22, trader, 0, MAX_UINT256, sender=trader
        )


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [
        (0, 100, "IIA"),  # charges on its way: the pool misses it
        (1, 0, "router: transfer from the caller failed"),
        (3, 0, "IIA"),
    ],
)
def test_bad_tokens(
    harness: RouterHarness, trader: str, answer: int, fee: int, reason: str
) -> None:
    """Refused, also where the router has been given what is missing. [R-14]"""
    host = harness.tokens["HOST"]
    spare(harness, "HOST", 10**20, trader)
    harness.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    with harness.kept(), reverts(reason):
        harness.router.swap_and_deposit(
            harness.token, harness.path("HOST"), 10**20, trader, 0, MAX_UINT256, sender=trader
        )


def test_token_without_return_values(harness: RouterHarness, trader: str) -> None:
    harness.approve("HOST", trader)
    harness.tokens["HOST"].set_answer(2, sender=trader)
    expected = harness.token.previewDeposit(harness.sold("HOST", 10**20))
    with harness.changes(trader, HOST=-(10**20), shares=expected):
        harness.router.swap_and_deposit(
            harness.token, harness.path("HOST"), 10**20, trader, 0, MAX_UINT256, sender=trader
        )


def test_token_that_calls_back(
    harness: RouterHarness, trader: str, attacker: str, shares: Contract
) -> None:
    """On its way to the pool it gets neither into the router nor at its callback."""
    host = harness.tokens["HOST"]
    spare(harness, "USDC", 10**8, trader)
    harness.approve("HOST", attacker)
    host.mint(attacker, 10**21, sender=attacker)
    callback = harness.router.encode("uniswapV3SwapCallback", 10**8, -1, bytes(32))
    for payload in (callback, entry(harness, shares)):
        host.set_callback(harness.router, payload, sender=attacker)
        with harness.kept():
            harness.router.swap_and_deposit(
                harness.token,
                harness.path("HOST"),
                10**20,
                attacker,
                0,
                MAX_UINT256,
                sender=attacker,
            )
        assert host.calls() > 0 and not host.call_succeeded()


def test_a_token_that_takes_less(harness: RouterHarness, trader: str, shares: Contract) -> None:
    harness.approve("WETH", trader)
    shares.set_asset(harness.tokens["USDC"], 10**6, 1, sender=trader)
    with harness.kept(), reverts("router: collateral was lost or left over"):
        harness.router.swap_and_deposit(
            shares, harness.path("WETH"), 10**17, trader, 0, MAX_UINT256, sender=trader
        )
