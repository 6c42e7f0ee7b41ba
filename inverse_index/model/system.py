# SPDX-License-Identifier: AGPL-3.0-only
"""The model of a whole deployment: feeds, oracle, exchange, vault, token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exchange import ExchangeModel
from .markets import MarketConfig
from .oracle import Asset, Feed, OracleModel, OracleParameters
from .token import TokenModel
from .token_views import Fee
from .triggers import Clock
from .vault import VaultModel

if TYPE_CHECKING:
    from ..deployment.plan import Plan

VAULT = "vault"
PROVIDER = "provider"
FEE_RECIPIENT = "fee_recipient"


@dataclass
class SystemModel:
    """Models of one deployment's parts, wired as the contracts are."""

    symbols: tuple[str, ...]
    collateral_symbol: str
    oracle: OracleModel
    exchange: ExchangeModel
    vault: VaultModel
    token: TokenModel

    def post_prices(self, prices: Mapping[str, int], now: int) -> None:
        """A complete round on every feed: USD, 8 decimals, by symbol."""
        for symbol, asset in zip(self.symbols, self.oracle.components, strict=True):
            _post(asset, prices[symbol], now)
        _post(self.oracle.collateral, prices.get(self.collateral_symbol, 10**8), now)


def build_model(plan: Plan, now: int, secondaries: bool = True) -> SystemModel:
    """The model of what `deploy_system` builds locally from the same plan."""
    feed = plan.local_feed

    def asset(symbol: str, second: bool) -> Asset:
        source = Feed(feed.primary_decimals, feed.primary_heartbeat).at(plan.prices[symbol], now)
        return Asset(source, source if second else None, feed.min_price, feed.max_price)

    o = plan.oracle
    oracle = OracleModel(
        [asset(symbol, secondaries) for symbol in plan.symbols],
        asset(plan.collateral_symbol, False),
        plan.weights,
        plan.base_level,
        OracleParameters(
            o.min_spread,
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
    exchange = _exchange(plan, oracle, now)
    vault = VaultModel(exchange, VAULT, plan.idle_buffer, plan.max_trade)
    token = TokenModel(
        oracle,
        vault,
        plan.parameters,
        plan.multiple,
        Clock(plan.epoch_interval, plan.epoch_offset),
        Fee(plan.fee_rate, FEE_RECIPIENT, now),
        plan.supply_cap,
        now,
    )
    return SystemModel(plan.symbols, plan.collateral_symbol, oracle, exchange, vault, token)


def _exchange(plan: Plan, oracle: OracleModel, now: int) -> ExchangeModel:
    exchange = ExchangeModel(plan.decimals, len(plan.symbols))
    for m in plan.markets:
        exchange.list_market(
            MarketConfig(
                m.skew_scale,
                m.max_funding,
                m.taker_fee,
                m.initial_margin,
                m.maintenance_margin,
                m.max_long,
            ),
            now,
        )
    if plan.pool_liquidity:
        exchange.add_liquidity(PROVIDER, plan.pool_liquidity, 0, oracle.read(now).mid, now)
    if plan.insurance:
        exchange.fund_insurance(plan.insurance)
    return exchange


def _post(asset: Asset, answer: int, now: int) -> None:
    asset.primary = asset.primary.at(answer, now)
    if asset.secondary is not None:
        asset.secondary = asset.secondary.at(answer, now)
