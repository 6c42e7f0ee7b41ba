# SPDX-License-Identifier: AGPL-3.0-only
"""deposit_eth: all of the ETH sent for shares."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import ETHER, RouterHarness, drain, flow


@pytest.mark.parametrize("value", [ETHER // 20 + 3, 5 * ETHER + 3])  # one nets, one hedges
def test_all_of_it(harness: RouterHarness, trader: str, second_trader: str, value: int) -> None:
    assets = harness.sold("WETH", value)
    expected = harness.token.previewDeposit(assets)
    with harness.changes(trader, ETH=-value):
        receipt = harness.router.deposit_eth(
            harness.token,
            harness.path("WETH"),
            second_trader,
            expected,
            MAX_UINT256,
            sender=trader,
            value=value,
        )
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
    harness.check()


def test_minimum(harness: RouterHarness, trader: str) -> None:
    value = ETHER // 20
    expected = harness.token.previewDeposit(harness.sold("WETH", value))
    args = (harness.token, harness.path("WETH"), trader)
    with reverts("token: shares below minimum"):
        harness.router.deposit_eth(*args, expected + 1, MAX_UINT256, sender=trader, value=value)
    with harness.changes(trader, ETH=-value, shares=expected):
        harness.router.deposit_eth(*args, expected, MAX_UINT256, sender=trader, value=value)


def test_deadline_receiver_and_path(harness: RouterHarness, trader: str) -> None:
    """[R-6] [R-17]"""
    path, now = harness.path("WETH"), harness.base.now
    deposit = harness.router.deposit_eth
    with reverts("router: deadline passed"):
        deposit(harness.token, path, trader, 0, now - 1, sender=trader, value=1)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            deposit(harness.token, path, receiver, 0, now, sender=trader, value=1)
    for path in ([], harness.path("LINK"), harness.path("HOST")):
        with reverts("router: the path does not start at WETH"):
            deposit(harness.token, path, trader, 0, now, sender=trader, value=1)
    with reverts("router: no pool for a hop of the path"):
        path = [(harness.tokens["WETH"].address, 3_000)]
        deposit(harness.token, path, trader, 0, now, sender=trader, value=1)
    with harness.kept(), reverts("AS"):
        deposit(harness.token, harness.path("WETH"), trader, 0, now, sender=trader)


def test_drained_pool(harness: RouterHarness, trader: str) -> None:
    """The ETH stays with the caller."""
    drain(harness, "WETH")
    with harness.changes(trader), reverts("router: a pool of the path is too shallow"):
        harness.router.deposit_eth(
            harness.token, harness.path("WETH"), trader, 0, MAX_UINT256, sender=trader, value=ETHER
        )


def test_gifts_stay(harness: RouterHarness, trader: str) -> None:
    """ETH can be forced on anybody; WETH and collateral given to the router stay too. [R-2]"""
    harness.chain.set_balance(harness.router.address, 12_345)
    for symbol in ("WETH", "USDC"):
        harness.tokens[symbol].transfer(harness.router, 678, sender=trader)
    value = ETHER // 20
    expected = harness.token.previewDeposit(harness.sold("WETH", value))
    with harness.changes(trader, ETH=-value, shares=expected):
        harness.router.deposit_eth(
            harness.token, harness.path("WETH"), trader, 0, MAX_UINT256, sender=trader, value=value
        )
    held = harness.held(harness.router.address)
    assert (held["ETH"], held["WETH"], held["USDC"]) == (12_345, 678, 678)


def test_collateral_is_weth(harness: RouterHarness, trader: str, on_weth: Contract) -> None:
    """Without a path: wrapped, paid in. [R-17]"""
    value = 10 * ETHER
    expected = on_weth.previewDeposit(value)
    with reverts("token: shares below minimum"):
        harness.router.deposit_eth(
            on_weth, [], trader, expected + 1, MAX_UINT256, sender=trader, value=value
        )
    with harness.changes(trader, ETH=-value):
        harness.router.deposit_eth(
            on_weth, [], trader, expected, MAX_UINT256, sender=trader, value=value
        )
    assert on_weth.balanceOf(trader) == expected
