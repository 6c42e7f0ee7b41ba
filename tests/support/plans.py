# SPDX-License-Identifier: AGPL-3.0-only
"""Plans of small systems: `make_plan()` on the embedded exchange, `make_aave_plan()`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from inverse_index.config import AaveVenueConfig, LocalFeeds, MarketUnits, OracleUnits
from inverse_index.config.yaml_io import validate
from inverse_index.deployment import Plan
from inverse_index.plan.aave import plan_aave
from inverse_index.plan.parameters import Parameters
from inverse_index.plan.perp import PerpPlan
from tests.support.constants import USD, WAD, ZERO

PRICES = (2_000, 40_000, 15, 90, 3, 7, 1_500, 60, 1, 20)  # whole USD

PARAMETERS = Parameters(
    mint_fee_bps=10,
    redeem_fee_bps=10,
    tolerance_bps=50,
    band_bps=1_000,
    slippage_bps=100,
    reward_bps=10,
    reward_cap=100,
    reward_ramp=3_600,
    chunk_delay=60,
    emergency_bps=20_000,
)
ORACLE = OracleUnits(
    fallback_spread=WAD // 200,
    max_spread=WAD // 50,
    step_limit=WAD // 5,
    step_delay=3_600,
    sequencer=ZERO,
    sequencer_grace=3_600,
    reweight_interval=0,
    reweight_offset=0,
)


def make_plan(
    k: int = 1,
    decimals: int = 6,
    multiple: int = 1,
    parameters: Parameters = PARAMETERS,
    oracle: OracleUnits = ORACLE,
    min_spread: int = WAD // 1_000,
    **changes: Any,
) -> Plan:
    """A plan of k components with equal weights on the embedded exchange;
    `min_spread` is every asset's, `changes` are fields of Plan or of its venue."""
    if multiple > 1 and parameters is PARAMETERS:
        parameters = replace(parameters, emergency_bps=20_000 * multiple)
    symbols = tuple(f"C{i}" for i in range(k))
    prices = {s: PRICES[i] * USD for i, s in enumerate(symbols)} | {"USDC": USD}
    depth = 200_000_000 * WAD
    fee, maintenance = WAD // 2_000, WAD // 20
    scales = [depth * WAD // (prices[s] * 10**10) for s in symbols]
    plan = Plan(
        name="test",
        token_name="Inverse Test",
        token_symbol="ITEST",
        index_name="Test",
        symbols=symbols,
        collateral_symbol="USDC",
        decimals=decimals,
        prices=prices,
        weights=tuple([WAD - WAD // k * (k - 1)] + [WAD // k] * (k - 1)),
        base_level=1_000 * WAD,
        oracle=oracle,
        venue=PerpPlan(
            markets=tuple(
                MarketUnits(scale, 10**12, fee, 10**12, WAD // 10, maintenance, scale // 50)
                for scale in scales
            ),
            max_trade=tuple(2 * fee * scale // WAD for scale in scales),
            idle_buffer=WAD // 50,
            pool_liquidity=20_000_000 * 10**decimals,
            insurance=100_000 * 10**decimals,
            max_borrowing=10**11,
            account_limit=WAD,
        ),
        multiple=multiple,
        parameters=parameters,
        epoch_interval=86_400,
        epoch_offset=0,
        fee_rate=300_000_000,
        nav_cap=10**9 * WAD,
        local_feed=LocalFeeds(heartbeat=7 * 86_400).units(""),
        min_spreads=dict.fromkeys(prices, min_spread),
    )
    return with_changes(plan, **changes)


def make_aave_plan(
    k: int = 1,
    decimals: int = 6,
    multiple: int = 1,
    venue: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Plan:
    """As `make_plan`, on Aave and Uniswap; `venue` is as in a deployment file."""
    plan = make_plan(k, decimals, multiple, **changes)
    written = {"kind": "aave", "idle_buffer": "2%", "max_trade": "200000", **(venue or {})}
    config = validate(written, AaveVenueConfig, "test")
    mids = [plan.mid(symbol) for symbol in plan.symbols]
    return replace(plan, venue=plan_aave(config, plan.symbols, mids, decimals))


def with_changes(plan: Plan, **changes: Any) -> Plan:
    """The plan with changed fields of its own or of its venue."""
    inner = {field.name for field in fields(plan.venue)}
    venue = {name: value for name, value in changes.items() if name in inner}
    outer = {name: value for name, value in changes.items() if name not in inner}
    return replace(plan, **{"venue": replace(plan.venue, **venue), **outer})
