# SPDX-License-Identifier: AGPL-3.0-only
"""Aave and Uniswap as a local deployment leaves them: the model's first state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ...config.aave_reserve import ReserveParameters
from ...plan.aave import AavePlan, PoolPlan, SupplyPlan
from ..fixed import WAD
from ..oracle.feed_answers import Asset
from ..oracle.index_oracle import OracleModel
from ..protocols.aave.market import AaveModel
from ..protocols.aave.reserve import ReserveConfig
from ..protocols.uniswap.pool import PoolModel
from ..uniswap.initial_pools import PoolShape, positions, shapes_of, start_prices
from .vault import AaveVaultModel
from .venue import AaveVenueModel

PROVIDER = "provider"  # supplies all liquidity and has borrowed part of it
# A reserve of a local token at the collateral's price, for the provider's loans.
# In parentheses, so that no component can have its name.
BACKING = "(backing)"
BACKING_DECIMALS = 18
BACKING_SUPPLY = 10**30
BACKING_PARAMETERS = ReserveParameters(
    ltv_bps=9_000,
    liquidation_threshold_bps=9_000,
    liquidation_bonus_bps=10_500,
    reserve_factor_bps=0,
    optimal_usage_ray=8 * 10**26,
    base_rate_ray=0,
    slope1_ray=0,
    slope2_ray=0,
    supply_cap=0,
    borrow_cap=0,
    borrowing=False,
)


def build_aave(
    plan: AavePlan,
    symbols: tuple[str, ...],
    collateral: str,
    decimals: int,
    oracle: OracleModel,
    now: int,
    order: Sequence[str],
) -> tuple[AaveVenueModel, AaveVaultModel]:
    """What is deployed locally from the same plan."""
    prices = start_prices(plan, collateral)
    shapes = shapes_of(plan, collateral, decimals, order)
    venue = AaveVenueModel(
        aave=_market(plan, symbols, collateral, decimals, oracle, now),
        pools={
            shape.symbol: _pool(pool, shape, prices, decimals)
            for pool, shape in zip(plan.pools, shapes, strict=True)
        },
        shapes=shapes,
        symbols=symbols,
        collateral=collateral,
        decimals=decimals,
        fixed={collateral: WAD, **{token.symbol: token.price for token in plan.tokens}},
    )
    return venue, AaveVaultModel(venue, plan)


@dataclass(frozen=True)
class FeedPrices:
    """Aave's oracle on the first feeds of the token's own."""

    components: Mapping[str, Asset]
    collateral: Asset

    def __call__(self, symbol: str) -> int:
        """USD with 8 decimals; 0 before the first round."""
        found = self.components.get(symbol, self.collateral).primary.round
        return 0 if found is None else found.answer


def _market(
    plan: AavePlan,
    symbols: Sequence[str],
    collateral: str,
    decimals: int,
    oracle: OracleModel,
    now: int,
) -> AaveModel:
    """Reserves with their liquidity, and the provider's loans."""
    assets = dict(zip(symbols, oracle.components, strict=True))
    aave = AaveModel(FeedPrices(assets, oracle.collateral))
    reserves = reserves_of(plan, collateral, decimals)
    for symbol, digits, reserve in reserves:
        aave.add_reserve(symbol, digits, ReserveConfig(**asdict(reserve.units)), now)
    aave.add_reserve(BACKING, BACKING_DECIMALS, ReserveConfig(**asdict(BACKING_PARAMETERS)), now)
    aave.supply(BACKING, BACKING_SUPPLY, PROVIDER, now)
    for symbol, _, reserve in reserves:
        if reserve.supplied:
            aave.supply(symbol, reserve.supplied, PROVIDER, now)
        if reserve.borrowed:
            aave.borrow(symbol, reserve.borrowed, PROVIDER, now)
    return aave


def reserves_of(
    plan: AavePlan, collateral: str, decimals: int
) -> list[tuple[str, int, SupplyPlan]]:
    """Symbol, decimals and plan of each reserve, in the order of listing."""
    listed = [(collateral, decimals, plan.collateral)]
    listed += [(each.symbol, each.pool.decimals, each.reserve) for each in plan.components]
    return listed


def _pool(pool: PoolPlan, shape: PoolShape, prices: Mapping[str, int], decimals: int) -> PoolModel:
    model = PoolModel(*shape.tokens, shape.fee, shape.spacing, shape.sqrt_price(prices))
    for lower, upper, liquidity in positions(pool, shape, prices, decimals):
        model.provide(lower, upper, liquidity)
    return model
