# SPDX-License-Identifier: AGPL-3.0-only
"""A deployment in the contracts' own integers, before anything is sent.

Contracts and model are built from the same plan, so that neither repeats a
conversion of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..config import AaveVenueConfig, AssetUnits, DeploymentFile, OracleUnits, PerpVenueConfig
from ..errors import UserError
from .aave import AavePlan, plan_aave
from .parameters import Parameters
from .perp import PerpPlan, plan_perp

WAD = 10**18
FEED_USD_DECIMALS = 8
FEED_TO_WAD = 10**10
VenuePlan = PerpPlan | AavePlan


@dataclass(frozen=True)
class Plan:
    """Everything that a token and its parts are built from.

    prices: start prices in USD with 8 decimals by symbol, the collateral's too.
    min_spreads: least half-spreads, WAD, the same way.
    """

    name: str
    token_name: str
    token_symbol: str
    index_name: str
    symbols: tuple[str, ...]
    collateral_symbol: str
    decimals: int
    prices: Mapping[str, int]
    weights: tuple[int, ...]
    base_level: int
    oracle: OracleUnits
    venue: VenuePlan
    multiple: int
    parameters: Parameters
    epoch_interval: int
    epoch_offset: int
    fee_rate: int
    nav_cap: int
    local_feed: AssetUnits
    min_spreads: Mapping[str, int]

    @property
    def assets(self) -> tuple[str, ...]:
        """The components, then the collateral."""
        return (*self.symbols, self.collateral_symbol)

    def mid(self, symbol: str) -> int:
        """Start price in collateral, WAD, as the oracle computes it."""
        return mid_wad(self.prices[symbol], self.prices[self.collateral_symbol])


def mid_wad(price: int, collateral_price: int) -> int:
    """Price in collateral, WAD, of two prices in USD with 8 decimals."""
    return price * FEED_TO_WAD * WAD // (collateral_price * FEED_TO_WAD)


def plan_deployment(file: DeploymentFile, prices: Mapping[str, int]) -> Plan:
    """Convert a deployment file at the given start prices (USD, 8 decimals)."""
    deployment, index = file.deployment, file.index
    token, venue = deployment.token, deployment.venue
    collateral = deployment.collateral.symbol
    known = {collateral: 10**FEED_USD_DECIMALS, **prices}
    missing = [symbol for symbol in index.symbols if symbol not in known]
    if missing:
        raise UserError(
            f"no start price for {', '.join(missing)}",
            "give prices for every component of the index",
        )
    start = {symbol: known[symbol] for symbol in (*index.symbols, collateral)}
    mids = [mid_wad(start[symbol], start[collateral]) for symbol in index.symbols]
    return Plan(
        name=file.name,
        token_name=token.name,
        token_symbol=token.symbol,
        index_name=index.name,
        symbols=tuple(index.symbols),
        collateral_symbol=collateral,
        decimals=deployment.collateral.decimals,
        prices=start,
        weights=tuple(index.weights_wad),
        base_level=index.base_level_wad,
        oracle=deployment.oracle.units(index),
        venue=_plan_venue(venue, index.symbols, mids, deployment.collateral.decimals),
        multiple=token.leverage,
        parameters=Parameters(
            mint_fee_bps=token.mint_fee_bps,
            redeem_fee_bps=token.redeem_fee_bps,
            tolerance_bps=token.tolerance_bps,
            band_bps=token.band_bps,
            slippage_bps=token.slippage_bps,
            reward_bps=token.reward_bps,
            reward_cap=token.reward_cap,
            reward_ramp=token.reward_ramp,
            chunk_delay=token.chunk_delay,
            emergency_bps=token.emergency_bps,
        ),
        epoch_interval=token.epoch.interval,
        epoch_offset=token.epoch.offset,
        fee_rate=token.streaming_rate_wad_down,
        nav_cap=token.nav_cap_units_down(deployment.collateral.decimals),
        local_feed=deployment.oracle.local.units(""),
        min_spreads={
            symbol: deployment.oracle.min_spread(symbol, symbol == collateral) for symbol in start
        },
    )


def _plan_venue(
    venue: PerpVenueConfig | AaveVenueConfig,
    symbols: Sequence[str],
    mids: Sequence[int],
    decimals: int,
) -> VenuePlan:
    """Sizes are stated in collateral and need the start prices."""
    if isinstance(venue, AaveVenueConfig):
        return plan_aave(venue, symbols, mids, decimals)
    return plan_perp(venue, symbols, mids, decimals)
