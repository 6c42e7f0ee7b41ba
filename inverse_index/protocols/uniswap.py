# SPDX-License-Identifier: AGPL-3.0-only
"""Uniswap v3 on a local chain.

Prices are amounts of token1 per amount of token0, both in the tokens' own
decimals, token0 being the one with the lower address; a pool stores the square
root of that as a multiple of 2**-96. Fees are in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from ..chain.abi import checksum
from ..chain.backend import Backend
from ..chain.contract import Contract
from .npm import UNISWAP_CORE, UNISWAP_PERIPHERY, npm_at, npm_deploy

LOWEST_FEE = 100
LOWEST_FEE_SPACING = 1
TICK_SPACING = {LOWEST_FEE: LOWEST_FEE_SPACING, 500: 10, 3000: 60, 10000: 200}
MIN_TICK = -887_272
MAX_TICK = 887_272
MIN_SQRT_PRICE_X96 = 4_295_128_739
MAX_SQRT_PRICE_X96 = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342


@dataclass(frozen=True, slots=True)
class UniswapMarket:
    """Uniswap's contracts."""

    factory: Contract
    router: Contract


def deploy_uniswap(backend: Backend, sender: str, weth_address: str) -> UniswapMarket:
    """Factory with the four fee tiers of TICK_SPACING, owned by the sender, and router."""
    factory = npm_deploy(backend, UNISWAP_CORE, "UniswapV3Factory", sender=sender)
    factory.enableFeeAmount(LOWEST_FEE, LOWEST_FEE_SPACING, sender=sender)
    router = npm_deploy(
        backend, UNISWAP_PERIPHERY, "SwapRouter", factory, weth_address, sender=sender
    )
    return UniswapMarket(factory, router)


def create_pool(
    market: UniswapMarket,
    token_a: Contract | str,
    token_b: Contract | str,
    fee: int,
    sqrt_price_x96: int,
    sender: str,
) -> Contract:
    """A pool of the two tokens, in any order, at the price and without liquidity."""
    factory = market.factory
    receipt = factory.createPool(token_a, token_b, fee, sender=sender)
    (created,) = factory.events(receipt)
    pool = npm_at(factory.backend, UNISWAP_CORE, "UniswapV3Pool", created.pool)
    pool.initialize(sqrt_price_x96, sender=sender)
    return pool


def sorted_tokens(token_a: Contract | str, token_b: Contract | str) -> tuple[str, str]:
    """Addresses of a pool's token0 and token1."""
    a, b = _address(token_a), _address(token_b)
    return (a, b) if int(a, 16) < int(b, 16) else (b, a)


def sqrt_price_x96(price_numerator: int, price_denominator: int) -> int:
    """Square root of token1 / token0 as a multiple of 2**-96, rounded down."""
    return isqrt((price_numerator << 192) // price_denominator)


def full_range(tick_spacing: int) -> tuple[int, int]:
    """Lowest and highest tick that liquidity can have."""
    highest = MAX_TICK // tick_spacing * tick_spacing
    return -highest, highest


def _address(token: Contract | str) -> str:
    return checksum(token if isinstance(token, str) else token.address)
