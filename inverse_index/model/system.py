# SPDX-License-Identifier: AGPL-3.0-only
"""The model of a whole deployment: feeds, oracle, venue, vault, token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..plan.deployment import Plan
from .aave.initial_state import build_aave
from .oracle.feed_answers import Asset, Feed
from .oracle.index_oracle import OracleModel, OracleParameters
from .perp.venue import build_perp
from .policy.triggers import Clock
from .token.core import TokenModel
from .token.views import Fee

FEE_RECIPIENT = "fee_recipient"
# Here alone the model lists the kinds of venues.
BUILDERS: Mapping[str, Any] = {"perp": build_perp, "aave": build_aave}


@dataclass
class SystemModel:
    """Models of one deployment's parts, wired as the contracts are."""

    symbols: tuple[str, ...]
    collateral_symbol: str
    oracle: OracleModel
    venue: Any
    vault: Any
    token: TokenModel

    def post_prices(self, prices: Mapping[str, int], now: int) -> None:
        """A complete round on every feed: USD, 8 decimals, by symbol."""
        for symbol, asset in zip(self.symbols, self.oracle.components, strict=True):
            _post(asset, prices[symbol], now)
        _post(self.oracle.collateral, prices.get(self.collateral_symbol, 10**8), now)

    def follow_prices(self, prices: Mapping[str, int]) -> None:
        """The venue's own market moves to USD prices (8 decimals), if it has one."""
        self.venue.follow(prices, prices.get(self.collateral_symbol, 10**8))


def build_model(
    plan: Plan, now: int, secondaries: bool = True, order: Sequence[str] = ()
) -> SystemModel:
    """The model of what `deploy_system` builds locally from the same plan.

    order: the venue's tokens by address, as `System.venue.order` has them.
    """
    feed = plan.local_feed

    def asset(symbol: str, second: bool) -> Asset:
        source = Feed(feed.primary_decimals, feed.primary_heartbeat).at(plan.prices[symbol], now)
        second_source = source if second else None
        spread = plan.min_spreads[symbol]
        return Asset(source, second_source, feed.min_price, feed.max_price, spread)

    o = plan.oracle
    oracle = OracleModel(
        [asset(symbol, secondaries) for symbol in plan.symbols],
        asset(plan.collateral_symbol, False),
        plan.weights,
        plan.base_level,
        OracleParameters(
            o.fallback_spread,
            o.max_spread,
            o.step_limit,
            o.step_delay,
            o.sequencer_grace,
            o.reweight_interval,
            o.reweight_offset,
        ),
        now,
    )
    build = BUILDERS[plan.venue.kind]
    venue, vault = build(
        plan.venue, plan.symbols, plan.collateral_symbol, plan.decimals, oracle, now, order
    )
    token = TokenModel(
        oracle,
        vault,
        plan.parameters,
        plan.multiple,
        Clock(plan.epoch_interval, plan.epoch_offset),
        Fee(plan.fee_rate, FEE_RECIPIENT, now),
        plan.nav_cap,
        now,
    )
    return SystemModel(plan.symbols, plan.collateral_symbol, oracle, venue, vault, token)


def _post(asset: Asset, answer: int, now: int) -> None:
    asset.primary = asset.primary.at(answer, now)
    if asset.secondary is not None:
        asset.secondary = asset.secondary.at(answer, now)
