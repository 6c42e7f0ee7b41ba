# SPDX-License-Identifier: AGPL-3.0-only
"""The embedded perpetual exchange: how it is deployed, read and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...chain import Contract, contract_at, create_address
from ...chain.backend import Backend
from ...config import AssetUnits
from ...model.perp.venue import PerpFigures
from ...plan.perp import PerpPlan
from ..reading import View, balances_of, read_many
from .base import Site, Venue

CONTRACTS = ("PerpVault", "PerpExchange", "LiquidityPool", "LocalCollateral")


@dataclass(frozen=True)
class PerpVenue:
    """An exchange of perpetual futures that trades with the vault, and its pool."""

    exchange: Contract
    pool: Contract
    decimals: int
    components: int
    kind: ClassVar[str] = "perp"
    vault_contract: ClassVar[str] = "PerpVault"

    @property
    def order(self) -> tuple[str, ...]:
        return ()

    def addresses(self) -> dict[str, str]:
        return {"exchange": self.exchange.address, "pool": self.pool.address}

    def record(self) -> dict[str, Any]:
        return {"decimals": self.decimals, "components": self.components}

    @classmethod
    def from_record(
        cls, backend: Backend, addresses: Mapping[str, str], record: Mapping[str, Any]
    ) -> PerpVenue:
        """The venue that the record was taken from."""
        exchange = contract_at(backend, "PerpExchange", addresses["exchange"])
        pool = contract_at(backend, "LiquidityPool", addresses["pool"])
        return cls(exchange, pool, record["decimals"], record["components"])

    @staticmethod
    def collateral_at(backend: Backend, address: str) -> Contract:
        """The collateral with the functions that it has locally."""
        return contract_at(backend, "LocalCollateral", address)

    def figure_views(self, vault: Contract) -> list[View]:
        """Views of what exchange and pool have stored."""
        exchange = self.exchange
        views: list[View] = [(exchange, "held", ())]
        views += [(self.pool, name, ()) for name in ("held", "cash", "insurance")]
        views.append((exchange, "cash", (vault.address,)))
        return views + [(exchange, "market_state", (i,)) for i in range(self.components)]

    def figures_of(self, values: Sequence[Any]) -> PerpFigures:
        """From the values of those views."""
        held, pool_held, pool_cash, insurance, vault_cash, *markets = values
        return PerpFigures(
            held=held,
            pool_held=pool_held,
            pool_cash=pool_cash,
            insurance=insurance,
            vault_cash=vault_cash,
            markets=[tuple(market) for market in markets],
        )

    def figures(self, vault: Contract) -> PerpFigures:
        """What exchange and pool have stored."""
        return self.figures_of(read_many(self.exchange.backend, self.figure_views(vault)))

    def health(self, vault: Contract) -> int | None:
        """Equity over the maintenance requirement, WAD, rounded down."""
        equity, _, maintenance = self.exchange.margin(vault)
        return int(max(equity, 0) * 10**18 // maintenance) if maintenance else None

    def fees(self, vault: Contract, mid: Sequence[int], unit: int) -> list[int]:
        """Of the exchange's markets."""
        return [int(self.exchange.market(i).taker_fee) for i in range(self.components)]

    def leak(self, figures: PerpFigures, collateral: Contract, vault: Contract) -> int:
        """Collateral held against cash owed, and tracked against real balances."""
        scale: int = 10 ** (36 - self.decimals)
        owed = figures.vault_cash + figures.pool_cash + figures.insurance
        holders = [self.exchange, self.pool, vault]
        at_exchange, at_pool, at_vault = balances_of(collateral.backend, collateral, holders)
        idle: int = vault.idle()
        pending: int = self.pool.pending_assets()
        return max(
            abs((figures.held + figures.pool_held) * scale - owed),
            abs(at_exchange - figures.held),
            abs(at_pool - figures.pool_held - pending),
            abs(at_vault - idle),
        )

    def liquidate(self, symbol: str, vault: Contract, sender: str) -> None:
        raise NotImplementedError("the exchange liquidates whole accounts")

    def follow(self, prices: Mapping[str, int], collateral_price: int, sender: str) -> None:
        """The exchange fills at oracle prices: it has no market to move."""


class PerpBuilder:
    """Deploys an exchange with its markets and funds it."""

    def __init__(self, site: Site) -> None:
        assert isinstance(site.plan.venue, PerpPlan)
        self._site = site
        self._plan = site.plan.venue

    def collateral(self) -> tuple[Contract, str | None]:
        site = self._site
        if site.given.collateral:
            return PerpVenue.collateral_at(site.backend, site.given.collateral), None
        return site.local_collateral(), None

    def venue(
        self, collateral: Contract, oracle: Contract, feeds: Mapping[str, AssetUnits]
    ) -> Venue:
        exchange, pool = self._exchange(collateral, oracle)
        return PerpVenue(exchange, pool, self._site.plan.decimals, len(self._site.plan.symbols))

    def vault(self, token: str, collateral: Contract, venue: Venue) -> Contract:
        arguments = self.vault_arguments(collateral, venue)
        return self._site.new(venue.vault_contract, token, *arguments)

    def vault_arguments(self, collateral: Contract, venue: Venue) -> tuple[Any, ...]:
        assert isinstance(venue, PerpVenue)
        plan = self._plan
        return venue.exchange, plan.idle_buffer, list(plan.max_trade)

    def _exchange(self, collateral: Contract, oracle: Contract) -> tuple[Contract, Contract]:
        """The exchange and its pool. Each knows the other: the pool comes first, for
        the address that the exchange is going to have."""
        site = self._site
        given = site.given.venue.get("exchange")
        if given:
            exchange = contract_at(site.backend, "PerpExchange", given)
            return exchange, contract_at(site.backend, "LiquidityPool", exchange.pool())
        expected = create_address(site.sender, site.backend.nonce(site.sender) + 1)
        terms = (self._plan.max_borrowing, self._plan.account_limit)
        pool = site.new("LiquidityPool", collateral, expected, *terms)
        exchange = site.new("PerpExchange", pool, oracle, list(self._plan.markets))
        self._fund(collateral, pool)
        return exchange, pool

    def _fund(self, collateral: Contract, pool: Contract) -> None:
        """Liquidity and insurance of a local pool, from minted collateral."""
        site, plan = self._site, self._plan
        total = plan.pool_liquidity + plan.insurance
        if site.given.collateral or total == 0:
            return
        site.progress("fund the pool")
        collateral.mint(site.sender, total, sender=site.sender)
        collateral.approve(pool, total, sender=site.sender)
        if plan.pool_liquidity:
            # Nothing is open yet, so the claim needs no delay.
            sender = site.sender
            pool.requestDeposit(plan.pool_liquidity, sender, sender, sender=sender)
            pool.deposit(plan.pool_liquidity, sender, sender=sender)
        if plan.insurance:
            pool.fund_insurance(plan.insurance, sender=site.sender)
