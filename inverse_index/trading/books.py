# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's books, read from the chain into the reference model."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ..chain import Contract, Reverted
from ..deployment import System
from ..deployment.reading import View as Call
from ..deployment.reading import read_many
from ..deployment.venues.perp import PerpVenue
from ..errors import UserError
from ..model.exchange.markets import MarketConfig, MarketModel, MarketState
from ..model.exchange.marks import Prices, Restricted, marks_of
from ..model.exchange.perp_exchange import ExchangeModel
from ..model.exchange.records import Account, Request
from ..model.fixed import WAD, Revert
from ..model.oracle.prices import Prices as OraclePrices
from ..model.oracle.prices import Restriction

MOST = 10  # markets of an exchange


@dataclass(frozen=True)
class View:
    """The exchange and its pool at one moment.

    prices: what the model's functions take: mids, restricted ones, or the reason why
    there are none. restriction: the oracle's. names: symbols of the markets.
    """

    books: ExchangeModel
    prices: Prices
    restriction: Restriction
    now: int
    names: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why there are no prices; "" where there are."""
        priced = self.books.settled or not isinstance(self.prices, Revert)
        return "" if priced else str(self.prices)

    @property
    def is_restricted(self) -> bool:
        return isinstance(self.prices, Restricted) and not self.books.settled

    @property
    def mids(self) -> Sequence[int]:
        """Oracle prices, frozen ones once settled; WAD. Raises Revert."""
        if self.books.settled:
            return self.books.frozen
        if isinstance(self.prices, Revert):
            raise self.prices
        return self.prices.mid if isinstance(self.prices, Restricted) else self.prices

    def copy(self, account: str) -> ExchangeModel:
        """Books with this account alone, to try things on."""
        books = self.books
        own = ExchangeModel(books.decimals, books.component_count, frozen=books.frozen)
        own.max_borrowing, own.account_limit = books.max_borrowing, books.account_limit
        own.markets = [market.copy() for market in books.markets]
        own.put_back(books.totals())
        own.accounts[account] = deepcopy(books.account(account))
        return own


class Exchange:
    """A deployment's exchange and pool, to read and to send to."""

    def __init__(self, system: System) -> None:
        if not isinstance(system.venue, PerpVenue):
            raise UserError(
                f"{system.name} holds its shorts on Aave: it has no exchange and pool of its own",
                "choose a deployment on the embedded exchange with --deployment",
            )
        self.system = system
        self.contract: Contract = system.venue.exchange
        self.pool: Contract = system.venue.pool

    @property
    def is_settled(self) -> bool:
        return bool(self.contract.settled())

    def market(self, name: str) -> int:
        """Number of a market by its symbol."""
        symbols = self.system.symbols
        if name.upper() not in symbols:
            raise UserError(f"there is no market '{name}'", f"use one of: {', '.join(symbols)}")
        return symbols.index(name.upper())

    def look(
        self,
        accounts: Sequence[str] = (),
        frozen: Sequence[int] = (),
        providers: Sequence[str] = (),
    ) -> View:
        """Books with these accounts; frozen: prices of the settlement, if there was one."""
        system = self.system
        count = len(system.symbols)
        terms = [(self.pool, name, ()) for name in ("max_borrowing", "account_limit")]
        head = [(self.contract, name, ()) for name in ("settled", "held")]
        head += [
            (self.pool, name, ())
            for name in ("held", "cash", "insurance", "pending_assets", "totalSupply")
        ]
        settled, held, pool_held, cash, insurance, pending, supply = self._read(head)
        books = ExchangeModel(system.decimals, count)
        books.max_borrowing, books.account_limit = self._read(terms)
        books.put_back((cash, insurance, held, pool_held, pending, supply))
        if settled:
            books.frozen = tuple(frozen[:count])
            if not books.frozen:
                raise UserError(
                    "the exchange is settled, and its log does not tell the frozen prices",
                    "say with --from-block where its log begins",
                )
        books.markets = self._markets(count, settled)
        for account, found in self._accounts(accounts, count).items():
            books.accounts[account] = found
        for provider in providers:
            self._add_provider(books, provider)
        prices, restriction = self._prices(count)
        return View(books, prices, restriction, system.backend.block_timestamp(), system.symbols)

    def _read(self, calls: Sequence[Call]) -> list[Any]:
        return read_many(self.system.backend, calls)

    def _markets(self, count: int, settled: bool) -> list[MarketModel]:
        configs = self._read([(self.contract, "market", (m,)) for m in range(count)])
        states = self._read([(self.contract, "market_state", (m,)) for m in range(count)])
        return [
            MarketModel.of_state(MarketConfig(*config), MarketState(*state), settled)
            for config, state in zip(configs, states, strict=True)
        ]

    def _accounts(self, accounts: Sequence[str], count: int) -> dict[str, Account]:
        """Sizes do not depend on the prices that `account_value` is asked for."""
        any_prices = [WAD] * MOST
        cash = self._read([(self.contract, "cash", (each,)) for each in accounts])
        values = self._read(
            [(self.contract, "account_value", (each, any_prices)) for each in accounts]
        )
        return {
            account: Account(list(value[1][:count]), cash=own)
            for account, own, value in zip(accounts, cash, values, strict=True)
        }

    def _add_provider(self, books: ExchangeModel, provider: str) -> None:
        pool = self.pool
        free, joining, leaving = self._read(
            [
                (pool, "balanceOf", (provider,)),
                (pool, "deposit_request", (provider,)),
                (pool, "redeem_request", (provider,)),
            ]
        )
        account = books.account(provider)
        account.liquidity = free
        account.joining, account.leaving = Request(*joining), Request(*leaving)

    def _prices(self, count: int) -> tuple[Prices, Restriction]:
        oracle = self.system.oracle
        try:
            read = oracle.read()
        except Reverted as error:
            return Revert(str(error)), Restriction(0)
        restriction = Restriction(read.restriction)
        mid, spread = tuple(read.mid[:count]), tuple(read.spread[:count])
        found = OraclePrices(mid, spread, read.updated_at, restriction)
        extremes = lambda i: tuple(oracle.extremes(i))  # noqa: E731
        return marks_of(found, extremes, oracle.accepted_mid), restriction
