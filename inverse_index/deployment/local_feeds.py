# SPDX-License-Identifier: AGPL-3.0-only
"""Price feeds of local and test networks: a board, and the feeds that show it."""

from __future__ import annotations

from dataclasses import replace

from ..chain import Contract
from ..config import AssetUnits
from ..plan.deployment import FEED_USD_DECIMALS, Plan
from .venues import Site


def deploy_feeds(site: Site) -> tuple[Contract, dict[str, AssetUnits]]:
    """A board with its first prices, and by symbol the feeds that show them."""
    plan, second = site.plan, site.given.secondaries
    board = site.new("PriceBoard")
    row = [plan.prices[symbol] for symbol in plan.symbols]
    answers = row + row if second else row
    board.post([*answers, plan.prices[plan.collateral_symbol]], sender=site.sender)
    feeds = {}
    for i, symbol in enumerate(plan.symbols):
        feeds[symbol] = _asset(plan, symbol, _feed(site, board, i, symbol))
        if second:
            place = len(plan.symbols) + i
            feeds[symbol] = _with_secondary(feeds[symbol], _feed(site, board, place, symbol))
    last = len(answers)
    collateral = plan.collateral_symbol
    feeds[collateral] = _asset(plan, collateral, _feed(site, board, last, collateral))
    return board, feeds


def _asset(plan: Plan, symbol: str, feed: str) -> AssetUnits:
    return replace(plan.local_feed, primary=feed, min_spread=plan.min_spreads[symbol])


def _feed(site: Site, board: Contract, place: int, symbol: str) -> str:
    feed = site.new("BoardFeed", board, place, FEED_USD_DECIMALS, f"{symbol} / USD")
    return feed.address


def _with_secondary(asset: AssetUnits, feed: str) -> AssetUnits:
    return replace(
        asset,
        secondary=feed,
        secondary_heartbeat=asset.primary_heartbeat,
        secondary_decimals=asset.primary_decimals,
    )
