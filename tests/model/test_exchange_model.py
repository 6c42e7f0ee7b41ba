# SPDX-License-Identifier: AGPL-3.0-only
"""The model's arithmetic against the chain's, and its own promises."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.model.exchange.markets import IMPACT_UNIT, MarketModel
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import (
    MAX_INT256,
    MAX_UINT256,
    MIN_INT256,
    WAD,
    Revert,
    ceil_div,
    mul_div_down,
    mul_div_up,
    sint,
    tdiv,
    uint,
    wad_exp,
)
from inverse_index.model.perp.vault import PerpVaultModel
from tests.support.exchange_harness import CONFIG, buy, sell

EXP_EDGES = (
    -(2**255),
    -41_446_531_673_892_822_314,
    -41_446_531_673_892_822_313,
    -41_446_531_673_892_822_312,
    -WAD,
    -1,
    0,
    1,
    WAD,
    135_305_999_368_893_231_588,
    135_305_999_368_893_231_589,
    2**255 - 1,
)


@pytest.fixture(scope="module")
def harness(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("MathHarness", sender=owner)


def outcome(function: object, *args: int) -> object:
    """A value, or the reason why there is none."""
    try:
        return function(*args)  # type: ignore[operator]
    except (Revert, Reverted) as refused:
        return refused.reason


@pytest.mark.parametrize("x", EXP_EDGES)
def test_exp_at_its_edges(harness: Contract, x: int) -> None:
    assert outcome(wad_exp, x) == outcome(harness.wad_exp, x)


def test_exp_everywhere(chain: LocalBackend, harness: Contract) -> None:
    """2,000 values over the whole range, dense around zero."""
    wide = [-42 * WAD + n * 177 * WAD // 1_000 + n**3 for n in range(1_000)]
    near = [(n - 500) * 10**15 + n * n for n in range(1_000)]
    values = wide + near
    raw = chain.call_many((harness.address, harness.encode("wad_exp", x)) for x in values)
    assert [wad_exp(x) for x in values] == [harness.decode_output("wad_exp", each) for each in raw]


@pytest.mark.parametrize(
    ("x", "y", "d"),
    [
        (7, 3, 2),
        (MAX_UINT256, MAX_UINT256, MAX_UINT256),
        (2**200, 2**200, 2**150),
        (2**200, 2**200, 2**144 - 1),
        (0, 5, 9),
        (1, 1, 0),
        (2**200 + 1, 2**180 + 1, 2**170 + 1),
        (MAX_UINT256, 2, 3),
    ],
)
def test_mul_div(harness: Contract, x: int, y: int, d: int) -> None:
    assert outcome(mul_div_down, x, y, d) == outcome(harness.mul_div_down, x, y, d)
    assert outcome(mul_div_up, x, y, d) == outcome(harness.mul_div_up, x, y, d)


@pytest.mark.parametrize(("x", "y"), [(7, 2), (-7, 2), (7, -2), (-7, -2), (-6, 2), (0, -3)])
def test_division_of_signed_numbers(harness: Contract, x: int, y: int) -> None:
    assert tdiv(x, y) == harness.divide(x, y)


def test_ranges() -> None:
    assert (uint(0), uint(MAX_UINT256), sint(MIN_INT256), sint(MAX_INT256)) == (
        0,
        MAX_UINT256,
        MIN_INT256,
        MAX_INT256,
    )
    for function, value in (
        (uint, -1),
        (uint, MAX_UINT256 + 1),
        (sint, MIN_INT256 - 1),
        (sint, MAX_INT256 + 1),
    ):
        assert outcome(function, value) == ""
    assert (ceil_div(7, 2), ceil_div(8, 2), ceil_div(0, 5)) == (4, 4, 0)


# properties of the formulas themselves

sizes = st.integers(1, 125 * WAD)
displacements = st.integers(-IMPACT_UNIT // 10, IMPACT_UNIT // 10)
prices = st.integers(1, 10**24)
sides = st.sampled_from([1, -1])


def fill(market: MarketModel, delta: int, price: int) -> int:
    """The fill price of an order, which is carried out."""
    quoted = market.quote(delta, price, market.funding_at)
    market.displacement = quoted.displacement
    return quoted.price


@settings(deadline=None)
@given(start=displacements, first=sizes, second=sizes, price=prices, side=sides)
def test_splitting_an_order_does_not_make_it_cheaper(
    start: int, first: int, second: int, price: int, side: int
) -> None:
    """Beyond what the rounding of one fill price and of one impact may give."""
    whole = fill(MarketModel(CONFIG, 0, displacement=start), side * (first + second), price)
    market = MarketModel(CONFIG, 0, displacement=start)
    one = fill(market, side * first, price)
    two = fill(market, side * second, price)
    cost = side * (first * one + second * two)
    rounding = 1 + ceil_div(price, IMPACT_UNIT)
    assert cost >= side * (first + second) * whole - (first + second) * rounding


@settings(deadline=None)
@given(start=displacements, size=sizes, price=prices, side=sides)
def test_there_and_back_never_wins(start: int, size: int, price: int, side: int) -> None:
    market = MarketModel(CONFIG, 0, displacement=start)
    there = fill(market, side * size, price)
    back = fill(market, -side * size, price)
    assert side * (there - price) >= 0 and side * (price - back) >= 0
    assert side * (there - back) >= 0


@settings(deadline=None)
@given(start=displacements, size=sizes, price=prices, side=sides)
def test_impact_is_the_displacement_on_the_way(
    start: int, size: int, price: int, side: int
) -> None:
    """The area under its own part of the way, rounded up by less than a unit of price and
    one and a half of impact."""
    market = MarketModel(CONFIG, 0, displacement=start)
    paid = side * (fill(market, side * size, price) - price)
    first = Fraction(side * start, IMPACT_UNIT)
    last = first + Fraction(size, CONFIG.skew_scale)
    area = (max(last, 0) ** 2 - max(first, 0) ** 2) / 2
    exact = price * area / (last - first)
    assert exact <= paid < exact + 1 + Fraction(3 * price, 2 * IMPACT_UNIT)


@settings(deadline=None)
@given(start=displacements, first=st.integers(0, 10**6), second=st.integers(0, 10**6))
def test_what_comes_back_does_not_depend_on_who_asks(start: int, first: int, second: int) -> None:
    once = MarketModel(CONFIG, 0, displacement=start).displacement_now(first + second)
    asked = MarketModel(CONFIG, 0, displacement=start).displacement_now(first)
    assert MarketModel(CONFIG, first, displacement=asked).displacement_now(first + second) == once
    assert 0 <= once * (1 if start > 0 else -1) <= abs(start)


def test_a_refused_call_leaves_no_trace() -> None:
    model = ExchangeModel(6, 1)
    model.list_markets([CONFIG], 0)
    model.deposit("trader", 10**6)
    before = model.state()
    for order in (buy(0, 250 * WAD + 1), sell(0, 100 * WAD), Order(0, WAD, 0)):
        with pytest.raises(Revert):
            model.trade("trader", [order], [100 * WAD], 10)
    with pytest.raises(Revert):
        model.withdraw("trader", 10**6 + 1, [100 * WAD], 10)
    with pytest.raises(Revert):
        model.liquidate("trader", [100 * WAD], 10)
    assert model.state() == before


def test_a_refused_vault_trade_leaves_no_trace() -> None:
    model = ExchangeModel(6, 1)
    model.list_markets([CONFIG], 0)
    model.request_deposit("provider", 10**12, [100 * WAD], 0)
    model.claim_deposit("provider", 10**12, 0, [100 * WAD], 0)
    vault = PerpVaultModel(model, "vault", 10**16, [WAD])
    vault.book(10**9)
    before, idle = model.state(), vault.state()
    with pytest.raises(Revert) as refused:
        vault.trade([5 * WAD], [100 * WAD], 0, False, 0)
    assert refused.value.reason == "vault: slippage above bound"
    after = model.state()
    assert after["accounts"].pop("vault") == (0, (0,), 0, (0, 0, 0), (0, 0, 0))
    before["accounts"].pop("vault", None)
    assert (after, vault.state(), vault.traded) == (before, idle, [])
