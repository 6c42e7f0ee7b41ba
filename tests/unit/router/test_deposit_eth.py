# SPDX-License-Identifier: AGPL-3.0-only
"""deposit_eth: all of the ETH sent for shares."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.router_harness import ETHER, NEVER, RouterWorld, drain, flow

ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("value", [ETHER // 20 + 3, 5 * ETHER + 3])  # one nets, one hedges
def test_all_of_it(world: RouterWorld, trader: str, second_trader: str, value: int) -> None:
    assets = world.sold("WETH", value)
    expected = world.token.previewDeposit(assets)
    with world.changes(trader, ETH=-value):
        receipt = world.router.deposit_eth(
            world.token,
            world.path("WETH"),
            second_trader,
            expected,
            NEVER,
            sender=trader,
            value=value,
        )
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
    world.check()


def test_minimum(world: RouterWorld, trader: str) -> None:
    value = ETHER // 20
    expected = world.token.previewDeposit(world.sold("WETH", value))
    args = (world.token, world.path("WETH"), trader)
    with reverts("token: shares below minimum"):
        world.router.deposit_eth(*args, expected + 1, NEVER, sender=trader, value=value)
    with world.changes(trader, ETH=-value, shares=expected):
        world.router.deposit_eth(*args, expected, NEVER, sender=trader, value=value)


def test_deadline_receiver_and_path(world: RouterWorld, trader: str) -> None:
    """[R-6] [R-17]"""
    path, now = world.path("WETH"), world.bench.now
    deposit = world.router.deposit_eth
    with reverts("router: deadline passed"):
        deposit(world.token, path, trader, 0, now - 1, sender=trader, value=1)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            deposit(world.token, path, receiver, 0, now, sender=trader, value=1)
    for path in ([], world.path("LINK"), world.path("HOST")):
        with reverts("router: the path does not start at WETH"):
            deposit(world.token, path, trader, 0, now, sender=trader, value=1)
    with reverts("router: no pool for a hop of the path"):
        path = [(world.tokens["WETH"].address, 3_000)]
        deposit(world.token, path, trader, 0, now, sender=trader, value=1)
    with world.kept(), reverts("AS"):
        deposit(world.token, world.path("WETH"), trader, 0, now, sender=trader)


def test_drained_pool(world: RouterWorld, trader: str) -> None:
    """The ETH stays with the caller."""
    drain(world, "WETH")
    with world.changes(trader), reverts("router: a pool of the path is too shallow"):
        world.router.deposit_eth(
            world.token, world.path("WETH"), trader, 0, NEVER, sender=trader, value=ETHER
        )


def test_gifts_stay(world: RouterWorld, trader: str) -> None:
    """ETH can be forced on anybody; WETH and collateral given to the router stay too. [R-2]"""
    world.chain.set_balance(world.router.address, 12_345)
    for symbol in ("WETH", "USDC"):
        world.tokens[symbol].transfer(world.router, 678, sender=trader)
    value = ETHER // 20
    expected = world.token.previewDeposit(world.sold("WETH", value))
    with world.changes(trader, ETH=-value, shares=expected):
        world.router.deposit_eth(
            world.token, world.path("WETH"), trader, 0, NEVER, sender=trader, value=value
        )
    held = world.held(world.router.address)
    assert (held["ETH"], held["WETH"], held["USDC"]) == (12_345, 678, 678)


def test_collateral_is_weth(world: RouterWorld, trader: str, on_weth: Contract) -> None:
    """Without a path: wrapped, paid in. [R-17]"""
    value = 10 * ETHER
    expected = on_weth.previewDeposit(value)
    with reverts("token: shares below minimum"):
        world.router.deposit_eth(
            on_weth, [], trader, expected + 1, NEVER, sender=trader, value=value
        )
    with world.changes(trader, ETH=-value):
        world.router.deposit_eth(on_weth, [], trader, expected, NEVER, sender=trader, value=value)
    assert on_weth.balanceOf(trader) == expected
