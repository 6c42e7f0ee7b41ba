# SPDX-License-Identifier: AGPL-3.0-only
"""What the model of Aave v3 promises by itself: rounding, refusal, going back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.model.fixed import Revert
from inverse_index.model.protocols.aave import arithmetic as am
from inverse_index.model.protocols.aave.arithmetic import RAY
from inverse_index.model.protocols.aave.market import AaveModel
from tests.support.aave_harness import PARAMETERS, PRICES, model_config
from tests.support.constants import YEAR

USD = 10**6


@pytest.fixture
def model() -> AaveModel:
    """One reserve with some debt, on prices from a function."""
    made = AaveModel(lambda symbol: PRICES[symbol])
    made.add_reserve("USD", 6, model_config(PARAMETERS["USD"]), 0)
    made.supply("USD", 1_000 * USD, "depositor", 1)
    made.borrow("USD", 500 * USD, "depositor", 1)
    return made


def test_a_saved_state_can_be_restored_twice(model: AaveModel) -> None:
    saved, state = model.saved(), model.state()
    for _ in range(2):
        model.repay("USD", 10 * USD, "depositor", 100)
        model.configure("USD", ltv_bps=0)
        assert model.state() != state
        model.restore(saved)
        assert model.state() == state


def test_time_never_runs_backwards(model: AaveModel) -> None:
    for call in (model.supplied, model.owed):
        with pytest.raises(ValueError, match="before its last update"):
            call("USD", "depositor", 0)


def test_values_that_do_not_fit(model: AaveModel) -> None:
    reserve = model.reserves["USD"]
    reserve.liquidity_index = am.MAX_UINT128
    with pytest.raises(Revert) as refusal:
        model.supply("USD", USD, "depositor", YEAR)
    assert refusal.value.reason == am.CAST
    dear = AaveModel(lambda symbol: 2**200)
    dear.add_reserve("USD", 6, model_config(PARAMETERS["USD"]), 0)
    dear.supply("USD", 2**100, "depositor", 1)
    with pytest.raises(Revert) as refusal:
        dear.account_data("depositor", 1)
    assert refusal.value.reason == am.PANIC


def test_a_reserve_is_listed_once(model: AaveModel) -> None:
    with pytest.raises(ValueError, match="listed already"):
        model.add_reserve("USD", 6, model_config(PARAMETERS["USD"]), 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: am.ray_mul(2**200, 2**200),
        lambda: am.ray_div(2**200, 1),
        lambda: am.ray_div(1, 0),
        lambda: am.wad_div(2**255, 1),
        lambda: am.percent_mul(2**255, 2),
        lambda: am.percent_div(1, 0),
        lambda: am.wad_to_ray(2**230),
    ],
)
def test_arithmetic_refuses_silently(call: Callable[[], int]) -> None:
    with pytest.raises(Revert) as refusal:
        call()
    assert refusal.value.reason == am.SILENT


def test_rounding_half_up() -> None:
    assert (am.ray_mul(1, RAY // 2), am.ray_mul(1, RAY // 2 - 1)) == (1, 0)
    assert (am.ray_div(1, 2 * RAY), am.ray_div(1, 2 * RAY + 2)) == (1, 0)
    assert (am.percent_mul(1, 5_000), am.percent_mul(1, 4_999)) == (1, 0)
    assert (am.percent_div(3, 20_000), am.percent_div(1, 20_001)) == (2, 0)
    assert am.wad_div(2, 3) == 666_666_666_666_666_667


def test_compounded_interest_terms() -> None:
    """A year at 100%: 1 + 1 + 1/2 + 1/6 less three millionths that the powers lose."""
    assert am.compounded_interest(RAY, 0) == RAY
    assert am.compounded_interest(RAY, 1) == RAY + RAY // YEAR
    year = am.compounded_interest(RAY, YEAR)
    assert 0 < 2 * RAY + RAY // 2 + RAY // 6 - year < 3 * RAY // 10**6
