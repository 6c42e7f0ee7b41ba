# SPDX-License-Identifier: AGPL-3.0-only
"""uniswapV3SwapCallback and ETH that is sent: each has one caller, at one time."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import ETHER, RouterHarness, spare
from tests.support.uniswap_harness import extreme

CALLBACK = "router: caller is not the pool"
PART = "router: no contract at an address"
HOP = (0).to_bytes(32, "big")


def test_nobody_else_is_paid(
    harness: RouterHarness, attacker: str, owner: str, trader: str
) -> None:
    """Outside of a trade no pool is expected, also after one in which it was. [R-12]"""
    harness.approve("WETH", trader)
    harness.router.swap_and_deposit(
        harness.token, harness.path("WETH"), ETHER // 20, trader, 0, MAX_UINT256, sender=trader
    )
    spare(harness, "WETH", ETHER, trader)
    for caller in (attacker, owner, harness.token.address, harness.pools["WETH"].address):
        sender = harness.chain.impersonate(caller)
        for amounts in ((10**6, -1), (-1, 10**6), (0, 0)):
            with harness.kept(), reverts(CALLBACK):
                harness.router.uniswapV3SwapCallback(*amounts, HOP, sender=sender)


def test_a_swap_that_others_begin(harness: RouterHarness, attacker: str, trader: str) -> None:
    """A pool that is told to pay the router asks the one who told it, not the router. [R-12]"""
    spare(harness, "WETH", ETHER, trader)
    with harness.kept(), reverts(""):
        harness.pools["WETH"].swap(harness.router, True, 10**6, extreme(True), HOP, sender=attacker)


def test_eth_from_anybody(harness: RouterHarness, attacker: str, owner: str) -> None:
    """[R-13]"""
    for caller in (attacker, owner, harness.token.address):
        sender = harness.chain.impersonate(caller)
        for value in (0, 1):
            for data in (b"", b"\1\2\3\4"):
                with harness.kept(), reverts("router: only WETH sends ETH"):
                    harness.chain.send(harness.router.address, data, sender, value)


def test_eth_to_functions_that_take_none(harness: RouterHarness, trader: str) -> None:
    harness.approve("USDC", trader)
    with harness.kept(), reverts(""):
        harness.router.deposit(harness.token, 10**8, trader, 0, MAX_UINT256, sender=trader, value=1)


def test_parts(harness: RouterHarness) -> None:
    assert harness.router.weth() == harness.tokens["WETH"].address
    assert harness.router.factory() == harness.base.system.venue.factory.address


@pytest.mark.parametrize("missing", [0, 1])
def test_parts_that_are_none(
    harness: RouterHarness, chain: LocalBackend, owner: str, attacker: str, missing: int
) -> None:
    parts = [harness.tokens["WETH"].address, harness.base.system.venue.factory.address]
    for nothing in (ZERO, attacker):
        parts[missing] = nothing
        with reverts(PART):
            chain.deploy("Router", *parts, sender=owner)
