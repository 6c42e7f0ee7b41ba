# SPDX-License-Identifier: AGPL-3.0-only
"""The same deployments through Ape, as the scripts make them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.protocols.aave import ReservePlan, deploy_aave, supply_liquidity
from inverse_index.protocols.uniswap import create_pool, deploy_uniswap, full_range
from inverse_index.protocols.usdc import deploy_usdc
from tests.unit.protocols.conftest import USDC_PARAMETERS

ape = pytest.importorskip("ape")
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

from inverse_index.chain.ape_backend import ApeBackend  # noqa: E402


@pytest.fixture(scope="module")
def backend(chain: LocalBackend) -> Iterator[ApeBackend]:
    os.environ["APE_FOUNDRY_HOST"] = chain.url
    try:
        with ape.networks.parse_network_choice("ethereum:local:foundry") as provider:
            yield ApeBackend(provider, ape.accounts.test_accounts[0])
    finally:
        del os.environ["APE_FOUNDRY_HOST"]


def test_everything_deploys(backend: ApeBackend) -> None:
    (owner,) = backend.accounts
    usdc = deploy_usdc(backend, owner)
    weth = backend.deploy("LocalCollateral", "Wrapped Ether", "WETH", 18, sender=owner)
    board = backend.deploy("PriceBoard", sender=owner)
    board.post([10**8], sender=owner)
    feed = backend.deploy("BoardFeed", board, 0, 8, "USDC / USD", sender=owner)
    plan = ReservePlan("USDC", usdc, 6, feed.address, USDC_PARAMETERS)
    market = deploy_aave(backend, owner, [plan])
    usdc.mint(owner, 10**12, sender=owner)
    supply_liquidity(market, "USDC", 10**12, owner)
    assert market.pool.getUserAccountData(owner).totalCollateralBase == 10**14

    uniswap = deploy_uniswap(backend, owner, weth.address)
    pool = create_pool(uniswap, usdc, weth, 500, 2**96, owner)
    maker = backend.deploy("MarketMaker", sender=owner)
    usdc.mint(maker, 10**13, sender=owner)
    weth.mint(maker, 10**13, sender=owner)
    maker.provide(pool, *full_range(10), 10**12, sender=owner)
    maker.move([pool], [2**95 * 3], sender=owner)
    assert pool.slot0().sqrtPriceX96 == 2**95 * 3
