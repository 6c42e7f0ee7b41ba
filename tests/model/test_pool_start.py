# SPDX-License-Identifier: AGPL-3.0-only
"""Local pools: start price, depth, reach, and trades not worth a sandwich."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from inverse_index.model.fixed import WAD
from inverse_index.model.protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from inverse_index.model.protocols.uniswap.pool import PoolModel
from inverse_index.model.uniswap.initial_pools import PoolShape, positions, shapes_of, start_prices
from inverse_index.plan.aave import AavePlan
from tests.support.plans import make_aave_plan

ORDERS = [("USDC", "C0", "C1"), ("C1", "C0", "USDC"), ("C0", "USDC", "C1")]


def pool_of(
    plan: AavePlan, place: int, order: tuple[str, ...], decimals: int = 6
) -> tuple[PoolModel, PoolShape, Mapping[str, int]]:
    prices = start_prices(plan, "USDC")
    shape = shapes_of(plan, "USDC", decimals, order)[place]
    model = PoolModel(*shape.tokens, shape.fee, shape.spacing, shape.sqrt_price(prices))
    for position in positions(plan.pools[place], shape, prices, decimals):
        model.provide(*position)
    return model, shape, prices


def plan_of(decimals: int = 6, **venue: object) -> AavePlan:
    plan = make_aave_plan(2, decimals, venue={"max_trade": "1000", **venue}).venue
    assert isinstance(plan, AavePlan)
    return plan


def price_of(model: PoolModel, shape: PoolShape) -> float:
    """Quote per token, whole units."""
    raw = (model.sqrt_price_x96 / 2**96) ** 2
    native = raw if shape.first else 1 / raw
    return float(native * 10 ** (shape.decimals[0] - shape.decimals[1]))


def sell(model: PoolModel, shape: PoolShape, amount: int) -> int:
    """Sell the token (positive: exact in); what comes out, native quote."""
    return _swap(model, shape.first, amount, shape.first)


def buy(model: PoolModel, shape: PoolShape, paid: int) -> int:
    """Buy the token for exactly so much quote; what comes out, native token."""
    return _swap(model, not shape.first, paid, not shape.first)


def _swap(model: PoolModel, down: bool, amount: int, first_in: bool) -> int:
    limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
    amount0, amount1 = model.swap(down, amount, limit)
    return -(amount1 if first_in else amount0)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("decimals", [6, 18])
def test_the_start_price_in_both_orders(order: tuple[str, ...], decimals: int) -> None:
    plan = plan_of(decimals, component={"decimals": "8"}, components={"C1": {"via": "C0"}})
    assert price_of(*pool_of(plan, 0, order, decimals)[:2]) == pytest.approx(2_000, rel=1e-12)
    assert price_of(*pool_of(plan, 1, order, decimals)[:2]) == pytest.approx(20, rel=1e-12)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("place", [0, 1])
def test_depth_is_the_trade_that_would_double_the_price(order: tuple[str, ...], place: int) -> None:
    """In collateral, for a direct pool and for one that is quoted in C0; the
    tail adds a twentieth. To second order: sqrt(P) moves by q / 2K."""
    plan = plan_of(components={"C1": {"via": "C0"}})
    model, shape, prices = pool_of(plan, place, order)
    before = price_of(model, shape)
    worth = 200_000  # a thousandth of the depth
    unit = 10 ** shape.decimals[1]
    paid = worth * unit * WAD // prices[shape.quote]
    buy(model, shape, paid * 10_000 // 9_995)  # the fee is not in the price
    expected = (1 + worth / (1.05 * 200_000_000) / 2) ** 2 - 1
    assert price_of(model, shape) / before - 1 == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_the_reach_of_the_liquidity(order: tuple[str, ...]) -> None:
    """All of it from a tenth to ten times the price, a tail everywhere."""
    plan = plan_of()
    model, shape, prices = pool_of(plan, 0, order)
    inside = model.liquidity
    for factor, full in ((11, False), (9, True), (1, True)):
        for change in (prices["C0"] * factor, prices["C0"] // factor):
            model.move_to(shape.sqrt_price({**prices, "C0": change}))
            assert (model.liquidity == inside) == full
            assert full or model.liquidity == pytest.approx(inside / 21, rel=1e-9)


def test_the_widest_reach_stops_where_ticks_end() -> None:
    plan = plan_of(
        component={"local": {"range": "1000000%"}}, components={"C0": {"fee_bps": "100"}}
    )
    for place in (0, 1):
        prices = start_prices(plan, "USDC")
        shape = shapes_of(plan, "USDC", 6)[place]
        main, tail = positions(plan.pools[place], shape, prices, 6)
        assert tail[0] <= main[0] < main[1] <= tail[1]
        assert all(tick % shape.spacing == 0 for tick in (*main[:2], *tail[:2]))


@pytest.mark.parametrize("order", ORDERS[:2])
@pytest.mark.parametrize("fee_bps", [1, 5, 30, 100])
@pytest.mark.parametrize("share", [1, 10, 50])
def test_the_largest_trade_cannot_be_sandwiched(
    order: tuple[str, ...], fee_bps: int, share: int
) -> None:
    """An attacker who moves the price by a tenth of a percent to five percent,
    around a sale and a purchase of 2 * fee * depth, loses; around three times as
    much he gains."""
    depth = 200_000_000
    limit = str(2 * fee_bps * depth // 10_000)
    plan = plan_of(component={"fee_bps": str(fee_bps)}, max_trade=limit)
    victim = plan.components[0].max_trade
    for times, gains in ((1, False), (3, True)):
        model, shape, prices = pool_of(plan, 0, order)
        stake = depth * 10**6 * share // 1_000
        holding = buy(model, shape, stake)
        _swap(model, not shape.first, -victim * times, not shape.first)
        assert (sell(model, shape, holding) > stake) == gains
        model, shape, prices = pool_of(plan, 0, order)
        stake = depth * WAD * WAD // prices["C0"] * share // 1_000
        holding = sell(model, shape, stake)
        sell(model, shape, victim * times)
        assert (buy(model, shape, holding) > stake) == gains
