# SPDX-License-Identifier: AGPL-3.0-only
"""swap_and_mint: exact shares for any ERC-20, of which only the price is taken."""

from __future__ import annotations

import pytest

from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.router_harness import RouterHarness, drain, flow, spare

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges


@pytest.mark.parametrize("shares", [SMALL, BIG])
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(
    harness: RouterHarness, trader: str, symbol: str, shares: int
) -> None:
    """The price is the models', to the unit; the bound is exact. [R-9]"""
    assets = harness.token.previewMint(shares)
    price = harness.bought(symbol, assets)
    harness.approve(symbol, trader, price)
    args = (harness.token, harness.path(symbol), shares, trader, price, MAX_UINT256)
    assert harness.router.swap_and_mint.call(*args, sender=trader) == price
    with harness.changes(trader, **{symbol: -price, "shares": shares}):
        receipt = harness.router.swap_and_mint(*args, sender=trader)
    assert flow(harness, "mint", shares, trader, receipt).assets == assets
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=trader,
        assets=assets,
        shares=shares,
    )
    harness.check()


@pytest.mark.parametrize("symbol", ["WETH", "FAR"])
def test_maximum(harness: RouterHarness, trader: str, symbol: str) -> None:
    harness.approve(symbol, trader)
    price = harness.bought(symbol, harness.token.previewMint(SMALL))
    args = (harness.token, harness.path(symbol), SMALL, trader)
    with reverts("router: input above maximum"):
        harness.router.swap_and_mint(*args, price - 1, MAX_UINT256, sender=trader)
    with harness.changes(trader, **{symbol: -price, "shares": SMALL}):
        harness.router.swap_and_mint(*args, MAX_UINT256, MAX_UINT256, sender=trader)


def test_allowance(harness: RouterHarness, trader: str) -> None:
    """What counts is the price, not the bound; a gift to the router is no help."""
    price = harness.bought("LINK", harness.token.previewMint(SMALL))
    spare(harness, "LINK", price, trader)
    harness.approve("LINK", trader, price - 1)
    args = (harness.token, harness.path("LINK"), SMALL, trader, MAX_UINT256, MAX_UINT256)
    with harness.kept(), reverts("router: allowance too small"):
        harness.router.swap_and_mint(*args, sender=trader)
    harness.approve("LINK", trader, price)
    with harness.changes(trader, LINK=-price, shares=SMALL):
        harness.router.swap_and_mint(*args, sender=trader)


def test_deadline_receiver_and_path(harness: RouterHarness, trader: str) -> None:
    harness.approve("WETH", trader)
    path, now = harness.path("WETH"), harness.base.now
    mint = harness.router.swap_and_mint
    with reverts("router: deadline passed"):
        mint(harness.token, path, SMALL, trader, MAX_UINT256, now - 1, sender=trader)
    for receiver in (ZERO, harness.router.address):
        with reverts("router: receiver is zero or the router"):
            mint(harness.token, path, SMALL, receiver, MAX_UINT256, now, sender=trader)
    for path in ([], [(harness.tokens["WETH"].address, 3_000)]):
        with reverts("router: no pool for a hop of the path"):
            mint(harness.token, path, SMALL, trader, MAX_UINT256, now, sender=trader)


@pytest.mark.parametrize("symbol", ["FAR", "LINK", "WETH"])
def test_drained_pools(harness: RouterHarness, trader: str, symbol: str) -> None:
    """First, middle or last of the path: its own trade is not enough."""
    drain(harness, symbol)
    harness.approve("FAR", trader)
    with harness.kept(), reverts("router: a pool of the path is too shallow"):
        harness.router.swap_and_mint(
            harness.token,
            harness.path("FAR"),
            SMALL,
            trader,
            MAX_UINT256,
            MAX_UINT256,
            sender=trader,
        )


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [(0, 100, "IIA"), (1, 0, "router: transfer from the caller failed"), (3, 0, "IIA")],
)
def test_bad_tokens(
    harness: RouterHarness, trader: str, answer: int, fee: int, reason: str
) -> None:
    host = harness.tokens["HOST"]
    spare(harness, "HOST", 10**20, trader)
    harness.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    with harness.kept(), reverts(reason):
        harness.router.swap_and_mint(
            harness.token,
            harness.path("HOST"),
            SMALL,
            trader,
            MAX_UINT256,
            MAX_UINT256,
            sender=trader,
        )
