# SPDX-License-Identifier: AGPL-3.0-only
"""Deploy a plan: every contract of one token, wired and handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..chain import Contract, contract_at, create_address
from ..chain.backend import Backend
from ..config import AssetUnits, DeploymentFile
from .plan import FEED_USD_DECIMALS, Plan
from .system import System

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Given:
    """What exists already; the rest is deployed for local use.

    feeds: by symbol, the collateral's too.
    """

    collateral: str | None = None
    exchange: str | None = None
    feeds: Mapping[str, AssetUnits] | None = None
    owner: str | None = None
    guardian: str | None = None
    fee_recipient: str | None = None
    secondaries: bool = True

    @classmethod
    def from_file(cls, file: DeploymentFile) -> Given:
        """The addresses of a deployment file."""
        d = file.deployment
        feeds = {symbol: feed.units() for symbol, feed in d.oracle.feeds.items()}
        return cls(
            collateral=d.collateral.address,
            exchange=d.venue.exchange,
            feeds=feeds or None,
            owner=d.roles.owner,
            guardian=d.roles.guardian,
            fee_recipient=d.roles.fee_recipient,
        )


def deploy_system(
    backend: Backend,
    plan: Plan,
    sender: str,
    given: Given | None = None,
    progress: Progress = lambda step: None,
) -> System:
    """Deploy all that `given` does not name; the sender pays and owns at first."""
    return _Deployer(backend, plan, sender, given or Given(), progress).run()


class _Deployer:
    def __init__(
        self, backend: Backend, plan: Plan, sender: str, given: Given, progress: Progress
    ) -> None:
        self.backend = backend
        self.plan = plan
        self.sender = sender
        self.given = given
        self.progress = progress
        self.board: Contract | None = None

    def run(self) -> System:
        collateral = self._collateral()
        oracle = self._oracle()
        exchange = self._exchange(collateral, oracle)
        quoter = self._new("Quoter")
        lens = self._new("Lens")
        vault, token = self._token(oracle, exchange, quoter)
        self._hand_over(oracle, token)
        return System(
            backend=self.backend,
            name=self.plan.name,
            symbols=self.plan.symbols,
            collateral_symbol=self.plan.collateral_symbol,
            decimals=self.plan.decimals,
            collateral=collateral,
            oracle=oracle,
            exchange=exchange,
            quoter=quoter,
            lens=lens,
            vault=vault,
            token=token,
            board=self.board,
            secondaries=self.given.secondaries,
        )

    def _new(self, name: str, *args: object) -> Contract:
        self.progress(f"deploy {name}")
        return self.backend.deploy(name, *args, sender=self.sender)

    # parts

    def _collateral(self) -> Contract:
        plan = self.plan
        if self.given.collateral:
            return contract_at(self.backend, "LocalCollateral", self.given.collateral)
        symbol = plan.collateral_symbol
        return self._new("LocalCollateral", f"Local {symbol}", symbol, plan.decimals)

    def _oracle(self) -> Contract:
        plan = self.plan
        feeds = self.given.feeds or self._local_feeds()
        return self._new(
            "IndexOracle",
            [feeds[symbol] for symbol in plan.assets],
            list(plan.weights),
            plan.base_level,
            plan.decimals,
            plan.oracle,
        )

    def _local_feeds(self) -> dict[str, AssetUnits]:
        """A board, its first prices, and the feeds that show them."""
        plan, second = self.plan, self.given.secondaries
        board = self.board = self._new("PriceBoard")
        row = [plan.prices[symbol] for symbol in plan.symbols]
        answers = row + row if second else row
        board.post([*answers, plan.prices[plan.collateral_symbol]], sender=self.sender)
        feeds = {}
        for i, symbol in enumerate(plan.symbols):
            feeds[symbol] = replace(plan.local_feed, primary=self._feed(board, i, symbol))
            if second:
                place = len(plan.symbols) + i
                feeds[symbol] = _with_secondary(feeds[symbol], self._feed(board, place, symbol))
        last = len(answers)
        collateral = plan.collateral_symbol
        feeds[collateral] = replace(plan.local_feed, primary=self._feed(board, last, collateral))
        return feeds

    def _feed(self, board: Contract, place: int, symbol: str) -> str:
        feed = self._new("BoardFeed", board, place, FEED_USD_DECIMALS, f"{symbol} / USD")
        return feed.address

    def _exchange(self, collateral: Contract, oracle: Contract) -> Contract:
        plan = self.plan
        if self.given.exchange:
            return contract_at(self.backend, "PerpExchange", self.given.exchange)
        exchange = self._new("PerpExchange", collateral, oracle)
        for symbol, market in zip(plan.symbols, plan.markets, strict=True):
            self.progress(f"list {symbol}")
            exchange.list_market(market, sender=self.sender)
        self._fund(collateral, exchange)
        return exchange

    def _fund(self, collateral: Contract, exchange: Contract) -> None:
        """Liquidity and insurance of a local exchange, from minted collateral."""
        plan = self.plan
        total = plan.pool_liquidity + plan.insurance
        if self.given.collateral or total == 0:
            return
        self.progress("fund the exchange")
        collateral.mint(self.sender, total, sender=self.sender)
        collateral.approve(exchange, total, sender=self.sender)
        if plan.pool_liquidity:
            exchange.add_liquidity(plan.pool_liquidity, 0, sender=self.sender)
        if plan.insurance:
            exchange.fund_insurance(plan.insurance, sender=self.sender)

    def _token(
        self, oracle: Contract, exchange: Contract, quoter: Contract
    ) -> tuple[Contract, Contract]:
        """The vault is built for the token's address, which comes right after."""
        plan = self.plan
        expected = create_address(self.sender, self.backend.nonce(self.sender) + 1)
        vault = self._new("PerpVault", expected, exchange, plan.idle_buffer, list(plan.max_trade))
        token = self._new(
            "InverseIndexToken",
            {
                "name": plan.token_name,
                "symbol": plan.token_symbol,
                "oracle": oracle,
                "vault": vault,
                "quoter": quoter,
                "multiple": plan.multiple,
                "epoch_interval": plan.epoch_interval,
                "epoch_offset": plan.epoch_offset,
                "parameters": plan.parameters,
                "fee_rate": plan.fee_rate,
                "fee_recipient": self.given.fee_recipient or self.sender,
                "guardian": self.given.guardian or self.sender,
                "supply_cap": plan.supply_cap,
            },
        )
        return vault, token

    def _hand_over(self, oracle: Contract, token: Contract) -> None:
        owner = self.given.owner
        if owner is None or owner == self.sender:
            return
        self.progress(f"hand over to {owner}")
        oracle.transfer_ownership(owner, sender=self.sender)
        token.transfer_ownership(owner, sender=self.sender)


def _with_secondary(asset: AssetUnits, feed: str) -> AssetUnits:
    return replace(
        asset,
        secondary=feed,
        secondary_heartbeat=asset.primary_heartbeat,
        secondary_decimals=asset.primary_decimals,
    )
