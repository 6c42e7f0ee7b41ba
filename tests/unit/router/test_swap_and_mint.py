# SPDX-License-Identifier: AGPL-3.0-only
"""swap_and_mint: exact shares for any ERC-20, of which only the price is taken."""

from __future__ import annotations

import pytest

from tests.support.assertions import only_event, reverts
from tests.support.router_harness import NEVER, RouterWorld, drain, flow, spare

SMALL, BIG = 100 * 10**18 + 7, 10_000 * 10**18 + 7  # one nets, one hedges
ZERO = "0x" + "00" * 20


@pytest.mark.parametrize("shares", [SMALL, BIG])
@pytest.mark.parametrize("symbol", ["WETH", "LINK", "FAR"])
def test_over_one_to_three_pools(world: RouterWorld, trader: str, symbol: str, shares: int) -> None:
    """The price is the models', to the unit; the bound is exact. [R-9]"""
    assets = world.token.previewMint(shares)
    price = world.bought(symbol, assets)
    world.approve(symbol, trader, price)
    args = (world.token, world.path(symbol), shares, trader, price, NEVER)
    assert world.router.swap_and_mint.call(*args, sender=trader) == price
    with world.changes(trader, **{symbol: -price, "shares": shares}):
        receipt = world.router.swap_and_mint(*args, sender=trader)
    assert flow(world, "mint", shares, trader, receipt).assets == assets
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=trader,
        assets=assets,
        shares=shares,
    )
    world.check()


@pytest.mark.parametrize("symbol", ["WETH", "FAR"])
def test_maximum(world: RouterWorld, trader: str, symbol: str) -> None:
    world.approve(symbol, trader)
    price = world.bought(symbol, world.token.previewMint(SMALL))
    args = (world.token, world.path(symbol), SMALL, trader)
    with reverts("router: input above maximum"):
        world.router.swap_and_mint(*args, price - 1, NEVER, sender=trader)
    with world.changes(trader, **{symbol: -price, "shares": SMALL}):
        world.router.swap_and_mint(*args, NEVER, NEVER, sender=trader)


def test_allowance(world: RouterWorld, trader: str) -> None:
    """What counts is the price, not the bound; a gift to the router is no help."""
    price = world.bought("LINK", world.token.previewMint(SMALL))
    spare(world, "LINK", price, trader)
    world.approve("LINK", trader, price - 1)
    args = (world.token, world.path("LINK"), SMALL, trader, NEVER, NEVER)
    with world.kept(), reverts("router: allowance too small"):
        world.router.swap_and_mint(*args, sender=trader)
    world.approve("LINK", trader, price)
    with world.changes(trader, LINK=-price, shares=SMALL):
        world.router.swap_and_mint(*args, sender=trader)


def test_deadline_receiver_and_path(world: RouterWorld, trader: str) -> None:
    world.approve("WETH", trader)
    path, now = world.path("WETH"), world.bench.now
    mint = world.router.swap_and_mint
    with reverts("router: deadline passed"):
        mint(world.token, path, SMALL, trader, NEVER, now - 1, sender=trader)
    for receiver in (ZERO, world.router.address):
        with reverts("router: receiver is zero or the router"):
            mint(world.token, path, SMALL, receiver, NEVER, now, sender=trader)
    for path in ([], [(world.tokens["WETH"].address, 3_000)]):
        with reverts("router: no pool for a hop of the path"):
            mint(world.token, path, SMALL, trader, NEVER, now, sender=trader)


@pytest.mark.parametrize("symbol", ["FAR", "LINK", "WETH"])
def test_drained_pools(world: RouterWorld, trader: str, symbol: str) -> None:
    """First, middle or last of the path: its own trade is not enough."""
    drain(world, symbol)
    world.approve("FAR", trader)
    with world.kept(), reverts("router: a pool of the path is too shallow"):
        world.router.swap_and_mint(
            world.token, world.path("FAR"), SMALL, trader, NEVER, NEVER, sender=trader
        )


@pytest.mark.parametrize(
    ("answer", "fee", "reason"),
    [(0, 100, "IIA"), (1, 0, "router: transfer from the caller failed"), (3, 0, "IIA")],
)
def test_bad_tokens(world: RouterWorld, trader: str, answer: int, fee: int, reason: str) -> None:
    host = world.tokens["HOST"]
    spare(world, "HOST", 10**20, trader)
    world.approve("HOST", trader)
    host.set_answer(answer, sender=trader)
    host.set_fee(fee, sender=trader)
    with world.kept(), reverts(reason):
        world.router.swap_and_mint(
            world.token, world.path("HOST"), SMALL, trader, NEVER, NEVER, sender=trader
        )
