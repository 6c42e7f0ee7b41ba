# SPDX-License-Identifier: AGPL-3.0-only
"""USDC, one component, a lending market for both and a pool between them."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.config.aave_reserve import ReserveParameters
from inverse_index.protocols.aave import RAY, AaveMarket, ReservePlan, deploy_aave
from inverse_index.protocols.uniswap import (
    UniswapMarket,
    create_pool,
    deploy_uniswap,
    full_range,
    sorted_tokens,
    sqrt_price_x96,
)
from inverse_index.protocols.usdc import deploy_usdc

ETH_USD = 3_000
PERCENT = RAY // 100
LIQUIDITY = 10**17
FEE = 500
USDC_PARAMETERS = ReserveParameters(
    ltv_bps=7_500,
    liquidation_threshold_bps=7_800,
    liquidation_bonus_bps=10_500,
    reserve_factor_bps=1_000,
    optimal_usage_ray=90 * PERCENT,
    base_rate_ray=0,
    slope1_ray=5 * PERCENT,
    slope2_ray=40 * PERCENT,
    supply_cap=0,
    borrow_cap=5_000_000,
    borrowing=True,
)
WETH_PARAMETERS = ReserveParameters(
    ltv_bps=8_000,
    liquidation_threshold_bps=8_250,
    liquidation_bonus_bps=10_600,
    reserve_factor_bps=1_500,
    optimal_usage_ray=80 * PERCENT,
    base_rate_ray=PERCENT,
    slope1_ray=4 * PERCENT,
    slope2_ray=80 * PERCENT,
    supply_cap=10_000,
    borrow_cap=0,
    borrowing=True,
)


@pytest.fixture(scope="module")
def usdc(chain: LocalBackend, owner: str) -> Contract:
    return deploy_usdc(chain, owner)


@pytest.fixture(scope="module")
def weth(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("LocalCollateral", "Wrapped Ether", "WETH", 18, sender=owner)


@pytest.fixture(scope="module")
def board(chain: LocalBackend, owner: str) -> Contract:
    made = chain.deploy("PriceBoard", sender=owner)
    made.post([10**8, ETH_USD * 10**8], sender=owner)
    return made


@pytest.fixture(scope="module")
def market(
    chain: LocalBackend, owner: str, usdc: Contract, weth: Contract, board: Contract
) -> AaveMarket:
    feeds = [
        chain.deploy("BoardFeed", board, place, 8, f"{symbol} / USD", sender=owner).address
        for place, symbol in enumerate(("USDC", "ETH"))
    ]
    plans = [
        ReservePlan("USDC", usdc, 6, feeds[0], USDC_PARAMETERS),
        ReservePlan("WETH", weth, 18, feeds[1], WETH_PARAMETERS),
    ]
    return deploy_aave(chain, owner, plans)


@pytest.fixture(scope="module")
def uniswap(chain: LocalBackend, owner: str, weth: Contract) -> UniswapMarket:
    return deploy_uniswap(chain, owner, weth.address)


@pytest.fixture(scope="module")
def start_price(usdc: Contract, weth: Contract) -> int:
    """Square root price of the pool: 3,000 USDC for one WETH."""
    if sorted_tokens(usdc, weth)[0] == weth.address:
        return sqrt_price_x96(ETH_USD * 10**6, 10**18)
    return sqrt_price_x96(10**18, ETH_USD * 10**6)


@pytest.fixture(scope="module")
def pool(
    uniswap: UniswapMarket, usdc: Contract, weth: Contract, start_price: int, owner: str
) -> Contract:
    """A pool without liquidity."""
    return create_pool(uniswap, usdc, weth, FEE, start_price, owner)


@pytest.fixture(scope="module")
def maker(chain: LocalBackend, owner: str, usdc: Contract, weth: Contract) -> Contract:
    """With 100 million USDC and 100,000 WETH."""
    made = chain.deploy("MarketMaker", sender=owner)
    usdc.mint(made, 10**14, sender=owner)
    weth.mint(made, 10**23, sender=owner)
    return made


@pytest.fixture
def filled(pool: Contract, maker: Contract, trader: str) -> Contract:
    """The pool with liquidity at every price."""
    maker.provide(pool, *full_range(10), LIQUIDITY, sender=trader)
    return pool
