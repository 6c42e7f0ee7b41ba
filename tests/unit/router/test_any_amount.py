# SPDX-License-Identifier: AGPL-3.0-only
"""Random flows through the router, one after the other: to the unit what pools'
models and the token's previews say, and the router is left as it was."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.constants import MAX_UINT256
from tests.support.router_harness import DECIMALS, PRICES, RouterHarness, with_models

SYMBOLS = st.sampled_from(("WETH", "LINK", "FAR"))
KINDS = st.sampled_from(("deposit", "mint", "redeem"))
SIZES = st.integers(14, 36).flatmap(lambda bits: st.integers(2**bits, 2 ** (bits + 1)))
HISTORIES = st.lists(st.tuples(KINDS, SYMBOLS, SIZES), min_size=1, max_size=6)


def deposit(harness: RouterHarness, trader: str, symbol: str, size: int) -> None:
    """size: about so many native units of collateral, from 0.016 to 137,000 whole."""
    amount = size * 10 ** (DECIMALS[symbol] - 6) // PRICES[symbol]
    shares = harness.token.previewDeposit(harness.sold(symbol, amount))
    args = (harness.token, harness.path(symbol), amount, trader, shares, MAX_UINT256)
    with harness.changes(trader, **{symbol: -amount, "shares": shares}):
        harness.router.swap_and_deposit(*args, sender=trader)


def mint(harness: RouterHarness, trader: str, symbol: str, size: int) -> None:
    shares = size * 10**12
    price = harness.bought(symbol, harness.token.previewMint(shares))
    args = (harness.token, harness.path(symbol), shares, trader, price, MAX_UINT256)
    with harness.changes(trader, **{symbol: -price, "shares": shares}):
        harness.router.swap_and_mint(*args, sender=trader)


def redeem(harness: RouterHarness, trader: str, symbol: str, size: int) -> None:
    """A part of what there is, a tenth at least."""
    held = harness.token.balanceOf(trader)
    if held == 0:
        return
    shares = held * (size % 10 + 1) // 10
    amount = harness.sold_back(symbol, harness.token.previewRedeem(shares))
    args = (harness.token, harness.path(symbol), shares, trader, amount, MAX_UINT256)
    with harness.changes(trader, **{symbol: amount, "shares": -shares}):
        harness.router.redeem_and_swap(*args, sender=trader)


ACTIONS = {"deposit": deposit, "mint": mint, "redeem": redeem}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES)
def test_any_amount(
    harness: RouterHarness, trader: str, history: list[tuple[str, str, int]]
) -> None:
    snapshot = harness.chain.snapshot()
    try:
        fresh = with_models(harness, harness.base)
        for symbol in ("WETH", "LINK", "FAR", "shares"):
            fresh.approve(symbol, trader)
        for kind, symbol, size in history:
            ACTIONS[kind](fresh, trader, symbol, size)
        for symbol, model in fresh.models.items():
            assert fresh.pools[symbol].slot0().sqrtPriceX96 == model.sqrt_price_x96
    finally:
        harness.chain.revert(snapshot)
