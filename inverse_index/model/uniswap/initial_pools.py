# SPDX-License-Identifier: AGPL-3.0-only
"""Where local Uniswap pools start, and where they go with the oracle's prices.

Shared by those who deploy pools and those who model them. Prices of tokens are
WAD collateral, a pool's price is the square root of token1 per token0 in native
units, as a multiple of 2**-96, rounded down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from math import isqrt

from ...plan.aave import AavePlan, PoolPlan
from ..fixed import WAD, ceil_div
from ..protocols.uniswap.arithmetic import MAX_TICK, tick_at_sqrt_price

Q96 = 2**96
TICK_SPACING = {100: 1, 500: 10, 3_000: 60, 10_000: 200}
TAIL_PARTS = 20  # a twentieth of the liquidity covers all prices
Position = tuple[int, int, int]  # lower tick, upper tick, liquidity


@dataclass(frozen=True)
class PoolShape:
    """A pool of a token and of what it is quoted in.

    decimals: of the token and of the quote. first: the token is token0.
    """

    symbol: str
    quote: str
    decimals: tuple[int, int]
    fee: int
    first: bool

    @property
    def spacing(self) -> int:
        """Ticks between two that can be initialised."""
        return TICK_SPACING[self.fee]

    @property
    def tokens(self) -> tuple[str, str]:
        """Symbols of token0 and token1."""
        return (self.symbol, self.quote) if self.first else (self.quote, self.symbol)

    def sqrt_price(self, prices: Mapping[str, int]) -> int:
        """The pool's price at these prices of the tokens."""
        own, quoted = self.decimals
        worth, per = prices[self.symbol] * 10**quoted, prices[self.quote] * 10**own
        numerator, denominator = (worth, per) if self.first else (per, worth)
        return isqrt((numerator << 192) // denominator)

    def liquidity_up(self, depth: int, sqrt_price: int) -> int:
        """Liquidity L of a depth K in native quote, K = L * sqrt(P) / 2."""
        if self.first:
            return ceil_div(2 * depth * Q96, sqrt_price)
        return ceil_div(2 * depth * sqrt_price, Q96)


def shapes_of(
    plan: AavePlan, collateral: str, decimals: int, order: Sequence[str] = ()
) -> tuple[PoolShape, ...]:
    """Shape of every pool of the plan, in its order. `order`: the symbols of
    all tokens by rising address; left out: the collateral, then the pools'."""
    digits = {collateral: decimals, **{pool.symbol: pool.decimals for pool in plan.pools}}
    ranks = {symbol: rank for rank, symbol in enumerate(order or digits)}
    return tuple(
        PoolShape(
            symbol=pool.symbol,
            quote=(quote := pool.path[1] if len(pool.path) > 1 else collateral),
            decimals=(pool.decimals, digits[quote]),
            fee=pool.fee,
            first=ranks[pool.symbol] < ranks[quote],
        )
        for pool in plan.pools
    )


def start_prices(plan: AavePlan, collateral: str) -> dict[str, int]:
    """Of every token that has a pool, and of the collateral."""
    return {collateral: WAD, **{pool.symbol: pool.price for pool in plan.pools}}


def positions(
    pool: PoolPlan, shape: PoolShape, prices: Mapping[str, int], decimals: int
) -> tuple[Position, Position]:
    """A local pool's liquidity: around the start price, and over all prices.
    decimals: the collateral's."""
    quoted = shape.decimals[1]
    depth = pool.depth * 10**quoted * WAD // (prices[shape.quote] * 10**decimals)
    sqrt_price = shape.sqrt_price(prices)
    liquidity = shape.liquidity_up(depth, sqrt_price)
    tick, reach, spacing = tick_at_sqrt_price(sqrt_price), _ticks(pool.reach), shape.spacing
    highest = MAX_TICK // spacing * spacing
    lower = max((tick - reach) // spacing * spacing, -highest)
    upper = min(-(-(tick + reach) // spacing) * spacing, highest)
    tail = ceil_div(liquidity, TAIL_PARTS)
    return (lower, upper, liquidity), (-highest, highest, tail)


def _ticks(reach: int) -> int:
    """Ticks of a factor 1 + reach (WAD) of the price, rounded down."""
    with localcontext(Context(prec=50, rounding=ROUND_DOWN)):
        factor = 1 + Decimal(reach) / WAD
        return int(factor.ln() / Decimal("1.0001").ln())
