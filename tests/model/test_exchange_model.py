# SPDX-License-Identifier: AGPL-3.0-only
"""The model's arithmetic against the chain's, and its own promises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.model.exchange.markets import MarketModel
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
skews = st.integers(-125 * WAD, 125 * WAD)
prices = st.integers(1, 10**24)


@settings(deadline=None)
@given(skew=skews, first=sizes, second=sizes, price=prices, side=st.sampled_from([1, -1]))
def test_splitting_an_order_does_not_make_it_cheaper(
    skew: int, first: int, second: int, price: int, side: int
) -> None:
    """Beyond what the rounding of one fill price may give."""
    market = MarketModel(CONFIG, 0, skew=skew)
    whole = market.fill_price(side * (first + second), price)
    one = market.fill_price(side * first, price)
    market.skew += side * first
    two = market.fill_price(side * second, price)
    cost = side * (first * one + second * two)
    assert cost >= side * (first + second) * whole - (first + second)


@settings(deadline=None)
@given(skew=skews, size=sizes, price=prices, side=st.sampled_from([1, -1]))
def test_there_and_back_never_wins(skew: int, size: int, price: int, side: int) -> None:
    market = MarketModel(CONFIG, 0, skew=skew)
    there = market.fill_price(side * size, price)
    market.skew += side * size
    back = market.fill_price(-side * size, price)
    assert side * (there - back) >= 0


@settings(deadline=None)
@given(skew=skews, size=sizes, price=prices, side=st.sampled_from([1, -1]))
def test_impact_is_a_function_of_the_skew(skew: int, size: int, price: int, side: int) -> None:
    """What a fill takes in as impact is what the market owes more after it, or a
    little more; the pool never has to add."""
    market = MarketModel(CONFIG, 0, skew=skew)
    before = market.impact_owed_up(price)
    taken = side * size * (market.fill_price(side * size, price) - price)
    market.skew += side * size
    assert -1 <= taken - (market.impact_owed_up(price) - before) <= size


def test_a_refused_call_leaves_no_trace() -> None:
    model = ExchangeModel(6, 1)
    model.list_market(CONFIG, 0)
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
    model.list_market(CONFIG, 0)
    model.add_liquidity("provider", 10**12, 0, [100 * WAD], 0)
    vault = PerpVaultModel(model, "vault", 10**16, [WAD])
    vault.book(10**9)
    before, idle = model.state(), vault.state()
    with pytest.raises(Revert) as refused:
        vault.trade([5 * WAD], [100 * WAD], 0, False, 0)
    assert refused.value.reason == "vault: slippage above bound"
    after = model.state()
    assert after["accounts"].pop("vault") == (0, (0,), 0, 0)
    before["accounts"].pop("vault", None)
    assert (after, vault.state(), vault.traded) == (before, idle, [])
