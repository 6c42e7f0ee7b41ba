# SPDX-License-Identifier: AGPL-3.0-only
"""A deployment on Aave and Uniswap in the contracts' integers."""

from __future__ import annotations

import pytest

from inverse_index.config import AaveVenueConfig
from inverse_index.config.yaml_io import validate
from inverse_index.errors import UserError
from inverse_index.plan.aave import AavePlan, plan_aave

WAD = 10**18
MIDS = [2_000 * WAD, 3 * WAD + 1]


def planned(decimals: int = 6, **written: object) -> AavePlan:
    config = validate({"kind": "aave", **written}, AaveVenueConfig, "test")
    return plan_aave(config, ["ETH", "UNI"], MIDS, decimals)


def test_sizes_follow_from_the_start_prices() -> None:
    plan = planned(
        components={"UNI": {"decimals": "8", "fee_bps": "30", "local": {"liquidity": "1000000"}}}
    )
    first, second = plan.components
    assert (first.symbol, first.max_trade) == ("ETH", 75 * WAD)
    assert (first.reserve.supplied, first.reserve.borrowed) == (10_000 * WAD, 2_000 * WAD)
    assert second.max_trade == 150_000 * WAD * WAD // MIDS[1]
    supplied = 10**6 * WAD * WAD // MIDS[1] * 10**8 // WAD
    assert (second.reserve.supplied, second.reserve.borrowed) == (supplied, supplied // 5)
    assert (plan.collateral.supplied, plan.collateral.borrowed) == (50 * 10**12, 35 * 10**12)
    assert (plan.idle_buffer, plan.min_health) == (5 * 10**16, 105 * 10**16)
    assert plan.max_trade == (first.max_trade, second.max_trade)
    pool = second.pool
    assert (pool.fee, pool.decimals, pool.price, pool.path) == (3_000, 8, MIDS[1], ("UNI",))
    assert (pool.depth, pool.reach) == (200 * 10**12, 9 * WAD)


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_collateral_of_any_decimals(decimals: int) -> None:
    plan = planned(decimals)
    assert plan.collateral.supplied == 50 * 10 ** (6 + decimals)
    assert plan.components[0].pool.depth == 200 * 10 ** (6 + decimals)
    assert plan.components[0].reserve.supplied == 10_000 * WAD


def test_paths_lead_through_other_pools() -> None:
    plan = planned(
        components={"UNI": {"via": "WBTC"}},
        tokens={"WBTC": {"decimals": "8", "local": {"price": "40000.5"}}},
    )
    assert [pool.symbol for pool in plan.pools] == ["ETH", "UNI", "WBTC"]
    assert plan.components[1].pool.path == ("UNI", "WBTC")
    (token,) = plan.tokens
    assert (token.decimals, token.price, token.path) == (8, 400_005 * WAD // 10, ("WBTC",))


def test_a_token_of_paths_that_is_a_component() -> None:
    with pytest.raises(UserError) as caught:
        planned(tokens={"UNI": {}})
    assert caught.value.message == "venue.tokens.UNI: is a component of the index"


def test_components_that_share_a_pool_share_its_limit() -> None:
    """2 * 5 bp * 200,000,000 is 200,000 for both together."""
    shared: dict[str, object] = {"components": {"UNI": {"via": "ETH"}}}
    planned(**shared, max_trade="100000")
    with pytest.raises(UserError) as refused:
        planned(**shared, max_trade="100001")
    assert str(refused.value) == (
        "venue.max_trade: got 100001, but 2 components trade with the pool of ETH, which 200000 "
        "may move at once (2 * fee * depth); use at most 100000, or other paths"
    )
