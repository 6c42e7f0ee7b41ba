# SPDX-License-Identifier: AGPL-3.0-only
"""uniswapV3SwapCallback and ETH that is sent: each has one caller, at one time."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.router_harness import ETHER, NEVER, RouterWorld, spare
from tests.support.uniswap_harness import extreme

CALLBACK = "router: caller is not the pool"
PART = "router: no contract at an address"
HOP = (0).to_bytes(32, "big")
ZERO = "0x" + "00" * 20


def test_nobody_else_is_paid(world: RouterWorld, attacker: str, owner: str, trader: str) -> None:
    """Outside of a trade no pool is expected, also after one in which it was. [R-12]"""
    world.approve("WETH", trader)
    world.router.swap_and_deposit(
        world.token, world.path("WETH"), ETHER // 20, trader, 0, NEVER, sender=trader
    )
    spare(world, "WETH", ETHER, trader)
    for caller in (attacker, owner, world.token.address, world.pools["WETH"].address):
        sender = world.chain.impersonate(caller)
        for amounts in ((10**6, -1), (-1, 10**6), (0, 0)):
            with world.kept(), reverts(CALLBACK):
                world.router.uniswapV3SwapCallback(*amounts, HOP, sender=sender)


def test_a_swap_that_others_begin(world: RouterWorld, attacker: str, trader: str) -> None:
    """A pool that is told to pay the router asks the one who told it, not the router. [R-12]"""
    spare(world, "WETH", ETHER, trader)
    with world.kept(), reverts(""):
        world.pools["WETH"].swap(world.router, True, 10**6, extreme(True), HOP, sender=attacker)


def test_eth_from_anybody(world: RouterWorld, attacker: str, owner: str) -> None:
    """[R-13]"""
    for caller in (attacker, owner, world.token.address):
        sender = world.chain.impersonate(caller)
        for value in (0, 1):
            for data in (b"", b"\1\2\3\4"):
                with world.kept(), reverts("router: only WETH sends ETH"):
                    world.chain.send(world.router.address, data, sender, value)


def test_eth_to_functions_that_take_none(world: RouterWorld, trader: str) -> None:
    world.approve("USDC", trader)
    with world.kept(), reverts(""):
        world.router.deposit(world.token, 10**8, trader, 0, NEVER, sender=trader, value=1)


def test_parts(world: RouterWorld) -> None:
    assert world.router.weth() == world.tokens["WETH"].address
    assert world.router.factory() == world.bench.system.venue.factory.address


@pytest.mark.parametrize("missing", [0, 1])
def test_parts_that_are_none(
    world: RouterWorld, chain: LocalBackend, owner: str, attacker: str, missing: int
) -> None:
    parts = [world.tokens["WETH"].address, world.bench.system.venue.factory.address]
    for nothing in (ZERO, attacker):
        parts[missing] = nothing
        with reverts(PART):
            chain.deploy("Router", *parts, sender=owner)
