# SPDX-License-Identifier: AGPL-3.0-only
"""The embedded exchange in the contracts' integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..config import MarketUnits, PerpVenueConfig


@dataclass(frozen=True)
class PerpPlan:
    """An exchange with its markets, and the vault's limits.

    markets, max_trade: by component, in the index's order; WAD units.
    idle_buffer: WAD. pool_liquidity, insurance: native collateral.
    max_borrowing: WAD per second. account_limit: WAD of the pool's equity.
    """

    markets: tuple[MarketUnits, ...]
    max_trade: tuple[int, ...]
    idle_buffer: int
    pool_liquidity: int
    insurance: int
    max_borrowing: int
    account_limit: int
    kind: ClassVar[str] = "perp"


def plan_perp(
    venue: PerpVenueConfig, symbols: Sequence[str], mids: Sequence[int], decimals: int
) -> PerpPlan:
    """Convert at the start prices `mids`, WAD collateral per component."""
    return PerpPlan(
        markets=tuple(
            venue.market_of(symbol).units(mid) for symbol, mid in zip(symbols, mids, strict=True)
        ),
        max_trade=tuple(venue.max_trade_units(mid) for mid in mids),
        idle_buffer=venue.idle_buffer_wad,
        pool_liquidity=venue.pool_liquidity_native(decimals),
        insurance=venue.insurance_native(decimals),
        max_borrowing=venue.max_borrowing,
        account_limit=venue.account_limit_wad,
    )
