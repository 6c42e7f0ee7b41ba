# SPDX-License-Identifier: AGPL-3.0-only
"""The router beside a token on real Aave, Uniswap, USDC and WETH, with pools of
its own and their models, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

from inverse_index.chain import Contract
from inverse_index.chain.permit import Permit, sign_permit
from inverse_index.model.protocols.uniswap.pool import PoolModel
from inverse_index.protocols.uniswap import (
    TICK_SPACING,
    UniswapMarket,
    create_pool,
    full_range,
    sorted_tokens,
    sqrt_price_x96,
)
from inverse_index.protocols.weth import deploy_weth
from tests.support.constants import MAX_UINT256
from tests.support.system_harness import SystemHarness, SystemShortcuts
from tests.support.uniswap_harness import extreme

ETHER = 10**18
DEPTH = 20_000_000  # collateral, on each side of a pool
VERSIONS = {"USDC": "2", "shares": "1"}  # of the EIP-712 domains
DECIMALS = {"WETH": 18, "LINK": 18, "FAR": 8, "HOST": 18, "USDC": 6}
PRICES = {"WETH": 2_000, "LINK": 15, "FAR": 30, "HOST": 3, "USDC": 1}
# token: what its pool is quoted in, and the pool's fee
POOLS = {
    "WETH": ("USDC", 500),
    "LINK": ("WETH", 3_000),
    "FAR": ("LINK", 10_000),
    "HOST": ("USDC", 3_000),
}
PATHS = {
    "WETH": ("WETH",),
    "LINK": ("LINK", "WETH"),
    "FAR": ("FAR", "LINK", "WETH"),
    "HOST": ("HOST",),
}


@dataclass
class RouterHarness(SystemShortcuts):
    """token: the inverse one. tokens: by symbol. pools: of each symbol with what it is
    quoted in."""

    base: SystemHarness
    router: Contract
    market: UniswapMarket
    tokens: dict[str, Contract]
    pools: dict[str, Contract] = field(default_factory=dict)
    models: dict[str, PoolModel] = field(default_factory=dict)

    # paths and what the pools make of amounts

    def path(self, symbol: str) -> list[tuple[str, int]]:
        return [(self.tokens[each].address, POOLS[each][1]) for each in PATHS[symbol]]

    def sold(self, symbol: str, amount: int) -> int:
        """Collateral for an exact amount; the models move."""
        for each in PATHS[symbol]:
            amount = self._swap(each, self._sells_0(each), amount)[1]
        return amount

    def bought(self, symbol: str, assets: int) -> int:
        """What exact collateral costs; the models move."""
        for each in reversed(PATHS[symbol]):
            assets = self._swap(each, self._sells_0(each), -assets)[0]
        return assets

    def sold_back(self, symbol: str, assets: int) -> int:
        """What exact collateral brings; the models move."""
        for each in reversed(PATHS[symbol]):
            assets = self._swap(each, not self._sells_0(each), assets)[1]
        return assets

    def _sells_0(self, symbol: str) -> bool:
        return self.models[symbol].token0 == self.tokens[symbol].address

    def _swap(self, symbol: str, zero_for_one: bool, amount: int) -> tuple[int, int]:
        moved = self.models[symbol].swap(zero_for_one, amount, extreme(zero_for_one))
        return max(moved), -min(moved)

    # what actors do

    def permit(
        self,
        symbol: str,
        owner: str,
        amount: int,
        deadline: int = MAX_UINT256,
        nonce: int | None = None,
    ) -> Permit:
        """The owner's signature for the router."""
        asset = self.token if symbol == "shares" else self.tokens[symbol]
        spender = self.router.address
        return sign_permit(
            self.chain, asset, VERSIONS[symbol], owner, spender, amount, deadline, nonce
        )

    def approve(self, symbol: str, owner: str, amount: int = MAX_UINT256) -> None:
        asset = self.token if symbol == "shares" else self.tokens[symbol]
        asset.approve(self.router, amount, sender=owner)

    def held(self, who: str) -> dict[str, int]:
        """ETH, every token and the shares of an account."""
        found = {symbol: token.balanceOf(who) for symbol, token in self.tokens.items()}
        return {**found, "shares": self.token.balanceOf(who), "ETH": self.chain.balance(who)}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """The router holds afterwards what it held before, and approves nothing."""
        before = self.held(self.router.address)
        yield
        assert self.held(self.router.address) == before
        for token in self.tokens.values():
            assert token.allowance(self.router, self.token) == 0

    @contextmanager
    def changes(self, who: str, **by: int) -> Iterator[None]:
        """An account's holdings change by exactly that, the router's not at all."""
        before = self.held(who)
        with self.kept():
            yield
        after = self.held(who)
        assert {s: after[s] - before[s] for s in after if after[s] != before[s]} == by

    # checks

    def check(self) -> None:
        """The token and the pools are where their models are."""
        self.base.check()
        for symbol, model in self.models.items():
            assert self.pools[symbol].slot0().sqrtPriceX96 == model.sqrt_price_x96


def make_router_harness(base: SystemHarness) -> RouterHarness:
    """Tokens, pools with liquidity, and the router."""
    chain, owner = base.chain, base.owner
    venue = base.system.venue
    weth = deploy_weth(chain, owner)
    tokens = {"USDC": base.system.collateral, "WETH": weth}
    for symbol in ("LINK", "FAR"):
        decimals = DECIMALS[symbol]
        tokens[symbol] = chain.deploy("LocalCollateral", symbol, symbol, decimals, sender=owner)
    tokens["HOST"] = chain.deploy("HostileToken", DECIMALS["HOST"], sender=owner)
    router = chain.deploy("Router", weth, venue.factory, sender=owner)
    market = UniswapMarket(venue.factory, router)
    harness = RouterHarness(base, router, market, tokens)
    for symbol in POOLS:
        _stock(harness, symbol, venue.maker.address)
    _stock(harness, "WETH", venue.maker.address)
    for symbol, (quote, fee) in POOLS.items():
        _open(harness, symbol, quote, fee)
    return harness


def with_models(made: RouterHarness, base: SystemHarness) -> RouterHarness:
    """The harness for one test, its models as they were at first."""
    models = {symbol: model.copy() for symbol, model in made.models.items()}
    return RouterHarness(base, made.router, made.market, made.tokens, made.pools, models)


def equip(harness: RouterHarness, who: str) -> None:
    """Plenty of everything but shares, nothing of it approved."""
    harness.chain.set_balance(who, 1_000_000 * ETHER)
    for symbol in ("LINK", "FAR", "HOST"):
        harness.tokens[symbol].mint(who, 10**6 * 10 ** DECIMALS[symbol], sender=who)
    harness.tokens["WETH"].deposit(sender=who, value=1_000 * ETHER)
    harness.base.system.give(who, 10**6 * harness.base.system.unit)


def drain(harness: RouterHarness, symbol: str) -> None:
    """Take all liquidity out of a pool."""
    model = harness.models[symbol]
    lower, upper = full_range(model.tick_spacing)
    maker, owner = harness.base.system.venue.maker, harness.base.owner
    maker.withdraw(harness.pools[symbol], lower, upper, model.liquidity, sender=owner)
    model.withdraw(lower, upper, model.liquidity)


def _stock(harness: RouterHarness, symbol: str, who: str) -> None:
    owner, amount = harness.base.owner, _native(symbol, 4 * DEPTH)
    if symbol == "WETH":
        harness.chain.set_balance(owner, amount + 10**6 * ETHER)
        harness.tokens[symbol].deposit(sender=owner, value=amount)
        harness.tokens[symbol].transfer(who, amount, sender=owner)
    else:
        harness.tokens[symbol].mint(who, amount, sender=owner)


def _native(symbol: str, worth: int) -> int:
    """Native units for whole collateral."""
    return worth * 10 ** DECIMALS[symbol] // PRICES[symbol]


def _open(harness: RouterHarness, symbol: str, quote: str, fee: int) -> None:
    own, other = harness.tokens[symbol], harness.tokens[quote]
    names = {own.address: symbol, other.address: quote}
    first, second = sorted_tokens(own, other)
    x, y = (_native(names[address], DEPTH) for address in (first, second))
    price, liquidity = sqrt_price_x96(y, x), isqrt(x * y)
    owner = harness.base.owner
    pool = create_pool(harness.market, own, other, fee, price, sender=owner)
    spacing = TICK_SPACING[fee]
    model = PoolModel(first, second, fee, spacing, price)
    lower, upper = full_range(spacing)
    harness.base.system.venue.maker.provide(pool, lower, upper, liquidity, sender=owner)
    model.provide(lower, upper, liquidity)
    harness.pools[symbol], harness.models[symbol] = pool, model


def entry(harness: RouterHarness, shares: Contract) -> bytes:
    """Calldata with which anybody who got in would succeed: a redemption of
    somebody's own contract, which demands nothing."""
    return harness.router.encode(
        "redeem", shares, 1, shares, 0, MAX_UINT256, (0, bytes(32), bytes(32))
    )


def spare(harness: RouterHarness, symbol: str, amount: int, who: str) -> None:
    """Somebody gives to the router."""
    harness.tokens[symbol].transfer(harness.router, amount, sender=who)


def flow(
    harness: RouterHarness, kind: str, amount: int, holder: str, receipt: Any, **more: Any
) -> Any:
    """The model's flow of the same kind at the same time."""
    return getattr(harness.base.model.token, kind)(amount, holder, receipt.timestamp, **more)
