# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed system on Aave and Uniswap, and its pool admin's powers, for tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from inverse_index.chain import Contract, contract_at
from inverse_index.model.system import build_model
from inverse_index.model.uniswap.initial_pools import positions, start_prices
from inverse_index.protocols.npm import AAVE, npm_at
from tests.support.constants import MAX_UINT256
from tests.support.system_harness import SystemHarness

PLENTY = 10**30
SETTERS = {
    "supply_cap": "setSupplyCap",
    "borrow_cap": "setBorrowCap",
    "borrowing": "setReserveBorrowing",
    "frozen": "setReserveFreeze",
    "paused": "setReservePause",
    "siloed": "setSiloedBorrowing",
}


def renewed(made: SystemHarness, at: int) -> SystemHarness:
    """The harness of `at`, its time of deployment, with a model of its own."""
    model = build_model(made.plan, at, True, made.system.venue.order)
    return replace(made, model=model, prices=dict(made.prices), names=dict(made.names))


class AaveVenueHarness:
    """What the tests do with Aave and the components, beside the token."""

    def __init__(self, harness: SystemHarness) -> None:
        self.base = harness
        self.chain = harness.chain
        self.venue = harness.system.venue
        self.vault: Contract = harness.system.vault

    @cached_property
    def configurator(self) -> Contract:
        provider = npm_at(
            self.chain, AAVE, "PoolAddressesProvider", self.venue.pool.ADDRESSES_PROVIDER()
        )
        address = provider.getPoolConfigurator()
        return npm_at(self.chain, AAVE, "PoolConfigurator", address)

    def configure(self, symbol: str, **changes: Any) -> None:
        """Change a reserve's parameters, by the model's names, on both sides."""
        token, owner = self.venue.tokens[symbol], self.base.owner
        for name, value in changes.items():
            if name in SETTERS:
                self.configurator.method(SETTERS[name])(token, value, sender=owner)
        known = {name: value for name, value in changes.items() if name != "siloed"}
        aave = self.base.model.venue.aave
        aave.configure(symbol, **known)
        if set(known) - set(SETTERS):
            c = aave.reserves[symbol].config
            figures = (c.ltv_bps, c.liquidation_threshold_bps, c.liquidation_bonus_bps)
            self.configurator.configureReserveAsCollateral(token, *figures, sender=owner)

    def token(self, symbol: str) -> Contract:
        """A component, or another token of a path."""
        return contract_at(self.chain, "LocalCollateral", self.venue.tokens[symbol])

    def equip(self, payer: str, spender: Contract | None = None) -> None:
        """Give an account plenty of every component, approved to the vault."""
        for symbol in self.venue.symbols:
            self.token(symbol).mint(payer, PLENTY, sender=payer)
            self.token(symbol).approve(spender or self.vault, MAX_UINT256, sender=payer)

    def drain(self, symbol: str) -> None:
        """Take all liquidity out of a token's pool."""
        pool = self.venue.pools[symbol]
        plan = next(each for each in self.base.plan.venue.pools if each.symbol == symbol)
        shape = next(each for each in self.venue.shapes if each.symbol == symbol)
        prices = start_prices(self.base.plan.venue, self.venue.collateral)
        model = self.base.model.venue.pools[symbol]
        for lower, upper, liquidity in positions(plan, shape, prices, self.base.system.decimals):
            self.venue.maker.withdraw(pool, lower, upper, liquidity, sender=self.base.owner)
            model.withdraw(lower, upper, liquidity)

    def provide(self, symbol: str, lower: int, upper: int, liquidity: int) -> None:
        """Liquidity for a token's pool, between two ticks."""
        pool = self.venue.pools[symbol]
        self.venue.maker.provide(pool, lower, upper, liquidity, sender=self.base.owner)
        self.base.model.venue.pools[symbol].provide(lower, upper, liquidity)

    def market(self) -> dict[str, Any]:
        """The market that the vault was deployed with."""
        plan, venue = self.base.plan.venue, self.venue
        return {
            "asset": self.base.system.collateral.address,
            "pool": venue.pool.address,
            "factory": venue.factory.address,
            "quoter": venue.quoter.address,
            "idle_buffer": plan.idle_buffer,
            "min_health": plan.min_health,
        }

    def components(self) -> list[dict[str, Any]]:
        """The components that the vault was deployed with."""
        plan, tokens = self.base.plan.venue, self.venue.tokens
        fees = {pool.symbol: pool.fee for pool in plan.pools}
        return [
            {
                "asset": tokens[each.symbol],
                "via": [tokens[symbol] for symbol in each.pool.path[1:]],
                "fees": [fees[symbol] for symbol in each.pool.path],
                "max_trade": each.max_trade,
            }
            for each in plan.components
        ]

    def deploy_vault(self, **changes: Any) -> Contract:
        """A vault like the deployed one, for another token, but for `changes` of
        its market or of its first component, `components` for all of them."""
        market, components = self.market(), changes.pop("components", self.components())
        token = changes.pop("token", self.base.keeper)
        for name, value in changes.items():
            if name in market:
                market[name] = value
            else:
                components = [{**components[0], name: value}, *components[1:]]
        return self.chain.deploy("AaveVault", token, market, components, sender=self.base.owner)
