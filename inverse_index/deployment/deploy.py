# SPDX-License-Identifier: AGPL-3.0-only
"""Deploy a plan: every contract of one token, wired and handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..chain import Contract, create_address
from ..chain.backend import Backend
from ..config import AssetUnits
from .plan import FEED_USD_DECIMALS, Plan
from .system import System
from .venues import KINDS, Builder, Given, Progress, Site

__all__ = ["Given", "Progress", "deploy_system"]


def deploy_system(
    backend: Backend,
    plan: Plan,
    sender: str,
    given: Given | None = None,
    progress: Progress = lambda step: None,
    builder: Callable[[Site], Builder] | None = None,
) -> System:
    """Deploy all that `given` does not name; the sender pays and owns at first.

    builder: makes another venue and vault than the plan's kind does.
    """
    site = Site(backend, plan, sender, given or Given(), progress)
    return _Deployer(site, (builder or KINDS[plan.venue.kind].builder)(site)).run()


class _Deployer:
    def __init__(self, site: Site, builder: Builder) -> None:
        self.site = site
        self.plan = site.plan
        self.builder = builder
        self.board: Contract | None = None

    def run(self) -> System:
        site, plan = self.site, self.plan
        collateral, minter = self.builder.collateral()
        feeds = dict(site.given.feeds or self._local_feeds())
        oracle = self._oracle(feeds)
        venue = self.builder.venue(collateral, oracle, feeds)
        quoter = site.new("Quoter")
        lens = site.new("Lens")
        # The vault is built for the token's address, which comes right after.
        expected = create_address(site.sender, site.backend.nonce(site.sender) + 1)
        vault = self.builder.vault(expected, collateral, venue)
        token = self._token(oracle, vault, quoter)
        self._hand_over(oracle, token)
        return System(
            backend=site.backend,
            name=plan.name,
            symbols=plan.symbols,
            collateral_symbol=plan.collateral_symbol,
            decimals=plan.decimals,
            collateral=collateral,
            oracle=oracle,
            venue=venue,
            quoter=quoter,
            lens=lens,
            vault=vault,
            token=token,
            board=self.board,
            secondaries=site.given.secondaries,
            minter=minter,
        )

    # parts

    def _oracle(self, feeds: dict[str, AssetUnits]) -> Contract:
        plan = self.plan
        return self.site.new(
            "IndexOracle",
            [feeds[symbol] for symbol in plan.assets],
            list(plan.weights),
            plan.base_level,
            plan.decimals,
            plan.oracle,
        )

    def _local_feeds(self) -> dict[str, AssetUnits]:
        """A board, its first prices, and the feeds that show them."""
        plan, second = self.plan, self.site.given.secondaries
        board = self.board = self.site.new("PriceBoard")
        row = [plan.prices[symbol] for symbol in plan.symbols]
        answers = row + row if second else row
        board.post([*answers, plan.prices[plan.collateral_symbol]], sender=self.site.sender)
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
        feed = self.site.new("BoardFeed", board, place, FEED_USD_DECIMALS, f"{symbol} / USD")
        return feed.address

    def _token(self, oracle: Contract, vault: Contract, quoter: Contract) -> Contract:
        site, plan = self.site, self.plan
        return site.new(
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
                "fee_recipient": site.given.fee_recipient or site.sender,
                "guardian": site.given.guardian or site.sender,
                "supply_cap": plan.supply_cap,
            },
        )

    def _hand_over(self, oracle: Contract, token: Contract) -> None:
        site = self.site
        owner = site.given.owner
        if owner is None or owner == site.sender:
            return
        site.progress(f"hand over to {owner}")
        oracle.transfer_ownership(owner, sender=site.sender)
        token.transfer_ownership(owner, sender=site.sender)


def _with_secondary(asset: AssetUnits, feed: str) -> AssetUnits:
    return replace(
        asset,
        secondary=feed,
        secondary_heartbeat=asset.primary_heartbeat,
        secondary_decimals=asset.primary_decimals,
    )
