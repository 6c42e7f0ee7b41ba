# SPDX-License-Identifier: AGPL-3.0-only
"""Aave v3 and Uniswap v3: how the venue is deployed, or found where it is.

Locally everything is real but the tokens' worth: Circle's USDC as collateral
(another token where it has other decimals than six), Aave with reserves that a
provider has supplied and partly borrowed, and pools at the start prices that a
market maker keeps at the oracle's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...chain import Contract
from ...config import AssetUnits
from ...config.aave_reserve import ReserveParameters
from ...errors import UserError
from ...model.aave.initial_state import (
    BACKING,
    BACKING_DECIMALS,
    BACKING_PARAMETERS,
    BACKING_SUPPLY,
    reserves_of,
)
from ...model.fixed import WAD
from ...model.uniswap.initial_pools import positions, shapes_of, start_prices
from ...plan.aave import AavePlan
from ...protocols.aave import VARIABLE_RATE, AaveMarket, ReservePlan, deploy_aave, supply_liquidity
from ...protocols.npm import AAVE, UNISWAP_CORE, npm_at
from ...protocols.uniswap import UniswapMarket, create_pool, deploy_uniswap
from ...protocols.usdc import DECIMALS as USDC_DECIMALS
from ...protocols.usdc import deploy_usdc
from .aave import AaveVenue
from .base import Site, Venue

CONTRACTS = ("AaveVault", "AaveQuoter", "MarketMaker", "LocalCollateral")
MAKER_SHARE: Final = 10**15  # whole units of each token for the market maker


class AaveBuilder:
    """Deploys what the plan needs and is not given, and funds it."""

    def __init__(self, site: Site) -> None:
        assert isinstance(site.plan.venue, AavePlan)
        self._site = site
        self._plan = site.plan.venue
        self._local = "pool" not in site.given.venue
        if self._local and site.given.collateral:
            raise UserError(
                "a local Aave needs a local collateral: nobody else's can be minted for it",
                "leave collateral.address out, or name venue.pool and venue.factory",
            )

    def collateral(self) -> tuple[Contract, str | None]:
        site = self._site
        if site.given.collateral:
            return AaveVenue.collateral_at(site.backend, site.given.collateral), None
        if site.plan.decimals != USDC_DECIMALS:
            return site.local_collateral(), None
        site.progress("deploy USDC")
        return deploy_usdc(site.backend, site.sender), site.sender

    def venue(
        self, collateral: Contract, oracle: Contract, feeds: Mapping[str, AssetUnits]
    ) -> Venue:
        if not self._local:
            return self._given(collateral)
        return self.local(collateral, feeds)

    def local(self, collateral: Contract, feeds: Mapping[str, AssetUnits]) -> AaveVenue:
        """Aave with funded reserves and Uniswap with its pools, on a local network."""
        return _LocalVenue(self._site, self._plan, collateral, feeds).build()

    def vault(self, token: str, collateral: Contract, venue: Venue) -> Contract:
        arguments = self.vault_arguments(collateral, venue)
        return self._site.new(venue.vault_contract, token, *arguments)

    def vault_arguments(self, collateral: Contract, venue: Venue) -> tuple[Any, ...]:
        assert isinstance(venue, AaveVenue)
        return vault_arguments(self._plan, venue, collateral.address)

    def _given(self, collateral: Contract) -> AaveVenue:
        """Deployed protocols; addresses of the tokens come from the file."""
        site, given = self._site, self._site.given.venue
        tokens: dict[str, str] = {site.plan.collateral_symbol: collateral.address}
        for group, members in (
            ("components", [each.symbol for each in self._plan.components]),
            ("tokens", [each.symbol for each in self._plan.tokens]),
        ):
            for symbol in members:
                field = f"{group}.{symbol}.address"
                if field not in given:
                    raise UserError(
                        f"venue.{field}: missing", "name the token, as venue.pool is named"
                    )
                tokens[symbol] = given[field]
        backend = site.backend
        pool = npm_at(backend, AAVE, "Pool", given["pool"])
        factory = npm_at(backend, UNISWAP_CORE, "UniswapV3Factory", given["factory"])
        return _venue(site, self._plan, pool, factory, tokens)


def vault_arguments(plan: AavePlan, venue: AaveVenue, collateral: str) -> tuple[Any, Any]:
    """What an AaveVault is constructed with, after its token."""
    market = {
        "asset": collateral,
        "pool": venue.pool,
        "factory": venue.factory,
        "quoter": venue.quoter,
        "idle_buffer": plan.idle_buffer,
        "min_health": plan.min_health,
    }
    fees = {pool.symbol: pool.fee for pool in plan.pools}
    components = [
        {
            "asset": venue.tokens[each.symbol],
            "via": [venue.tokens[symbol] for symbol in each.pool.path[1:]],
            "fees": [fees[symbol] for symbol in each.pool.path],
            "max_trade": each.max_trade,
        }
        for each in plan.components
    ]
    return market, components


class _LocalVenue:
    """Steps of one local deployment; the sender provides everything."""

    def __init__(
        self,
        site: Site,
        plan: AavePlan,
        collateral: Contract,
        feeds: Mapping[str, AssetUnits],
    ) -> None:
        self._site = site
        self._plan = plan
        self._feeds = feeds
        self._symbol = site.plan.collateral_symbol
        self._tokens = {self._symbol: collateral}
        self._decimals = {self._symbol: site.plan.decimals}

    def build(self) -> AaveVenue:
        site, sender = self._site, self._site.sender
        for pool in self._plan.pools:
            self._token(pool.symbol, f"Local {pool.symbol}", pool.symbol, pool.decimals)
        self._token(BACKING, "Local backing", "BACK", BACKING_DECIMALS)
        site.progress("deploy Aave")
        market = deploy_aave(site.backend, sender, self._reserves())
        self._fund(market)
        site.progress("deploy Uniswap")
        uniswap = deploy_uniswap(site.backend, sender, self._tokens[BACKING].address)
        maker = site.new("MarketMaker")
        tokens = {s: token.address for s, token in self._tokens.items() if s != BACKING}
        venue = _venue(site, self._plan, market.pool, uniswap.factory, tokens, maker, sender)
        for symbol in tokens:
            amount = MAKER_SHARE * 10 ** self._decimals[symbol]
            self._tokens[symbol].mint(maker, amount, sender=sender)
        self._provide(venue, uniswap, maker)
        return venue

    def _provide(self, venue: AaveVenue, uniswap: UniswapMarket, maker: Contract) -> None:
        """Every pool at its start price, with its liquidity."""
        site, sender = self._site, self._site.sender
        prices = start_prices(self._plan, self._symbol)
        for pool, shape in zip(self._plan.pools, venue.shapes, strict=True):
            site.progress(f"create the pool {shape.symbol} / {shape.quote}")
            made = create_pool(
                uniswap,
                venue.tokens[shape.symbol],
                venue.tokens[shape.quote],
                shape.fee,
                shape.sqrt_price(prices),
                sender,
            )
            for position in positions(pool, shape, prices, site.plan.decimals):
                maker.provide(made, *position, sender=sender)

    def _token(self, symbol: str, name: str, ticker: str, decimals: int) -> None:
        self._tokens[symbol] = self._site.new("LocalCollateral", name, ticker, decimals)
        self._decimals[symbol] = decimals

    def _reserves(self) -> list[ReservePlan]:
        listed = reserves_of(self._plan, self._symbol, self._decimals[self._symbol])
        plans = [self._reserve(symbol, reserve.units) for symbol, _, reserve in listed]
        return [*plans, self._reserve(BACKING, BACKING_PARAMETERS)]

    def _reserve(self, symbol: str, parameters: ReserveParameters) -> ReservePlan:
        """The backing is worth what the collateral is."""
        feed = self._feeds[self._symbol if symbol == BACKING else symbol].primary
        return ReservePlan(symbol, self._tokens[symbol], self._decimals[symbol], feed, parameters)

    def _fund(self, market: AaveMarket) -> None:
        """Supply every reserve, and borrow its part, against the backing."""
        self._site.progress("fund Aave")
        self._supply(market, BACKING, BACKING_SUPPLY)
        for symbol, _, reserve in reserves_of(self._plan, self._symbol, 0):
            if reserve.supplied:
                self._supply(market, symbol, reserve.supplied)
            if reserve.borrowed:
                self._borrow(market, symbol, reserve.borrowed)

    def _supply(self, market: AaveMarket, symbol: str, amount: int) -> None:
        sender = self._site.sender
        self._tokens[symbol].mint(sender, amount, sender=sender)
        supply_liquidity(market, symbol, amount, sender)

    def _borrow(self, market: AaveMarket, symbol: str, amount: int) -> None:
        sender = self._site.sender
        market.pool.borrow(self._tokens[symbol], amount, VARIABLE_RATE, 0, sender, sender=sender)


def _venue(
    site: Site,
    plan: AavePlan,
    pool: Contract,
    factory: Contract,
    tokens: Mapping[str, str],
    maker: Contract | None = None,
    provider: str | None = None,
) -> AaveVenue:
    collateral = site.plan.collateral_symbol
    order = sorted(tokens, key=lambda symbol: int(tokens[symbol], 16))
    return AaveVenue(
        backend=site.backend,
        pool=pool,
        factory=factory,
        quoter=site.new("AaveQuoter"),
        symbols=site.plan.symbols,
        collateral=collateral,
        tokens=tokens,
        shapes=shapes_of(plan, collateral, site.plan.decimals, order),
        fixed={collateral: WAD, **{token.symbol: token.price for token in plan.tokens}},
        maker=maker,
        provider=provider,
    )
