# SPDX-License-Identifier: AGPL-3.0-only
"""Liquidations in the model of Aave v3 and in the real one."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import MAX_UINT256, WAD
from inverse_index.model.protocols.aave import arithmetic as am
from inverse_index.model.protocols.aave.liquidation import Seizure
from tests.support.aave_harness import AaveHarness
from tests.support.constants import YEAR

USD, BTC, ETH = 10**6, 10**8, 10**18


def taken_by(w: AaveHarness, **options: bool) -> Seizure:
    """What a liquidation of everything takes, on a copy of the model's state."""
    before = w.model.saved()
    now = w.now
    taken = w.model.liquidate("USD", "ETH", "trader", MAX_UINT256, "liquidator", now, **options)
    w.model.restore(before)
    return taken


@pytest.mark.parametrize("tokens", [False, True])
@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (4_100, Seizure(43_050 * USD, 10 * ETH, 0)),  # health factor over 0.95: half
        (4_300, Seizure(90_300 * USD, 20 * ETH, 0)),  # under: all
        (5_000, Seizure(100_000 * USD, 19_047_619_047_619_047_619, 0)),  # no more collateral
    ],
)
def test_liquidation(indebted: AaveHarness, price: int, expected: Seizure, tokens: bool) -> None:
    w = indebted.at_eth(price)
    assert taken_by(w, receive_a_token=tokens) == expected
    assert w.liquidate("USD", "ETH", "trader", MAX_UINT256, "liquidator", tokens) == "ok"
    w.check()
    left = w.model.user_configuration("trader")
    assert left == 0b10010 - 0b10 * (price == 5_000) - 0b10000 * (price == 4_300)
    assert w.model.user_configuration("liquidator") == 0b10 * tokens


@pytest.mark.parametrize("tokens", [False, True])
def test_liquidation_pays_the_treasury(indebted: AaveHarness, tokens: bool) -> None:
    """A tenth of the bonus of 2,050 dollars."""
    indebted.configure("USD", liquidation_protocol_fee_bps=1_000)
    w = indebted.at_eth(4_100)
    assert taken_by(w) == Seizure(42_845 * USD, 10 * ETH, 205 * USD)
    assert w.liquidate("USD", "ETH", "trader", MAX_UINT256, "liquidator", tokens) == "ok"
    assert w.model.supplied("USD", "treasury", w.now) == 205 * USD
    w.wait(YEAR)
    w.at_eth(6_000)
    assert w.liquidate("USD", "ETH", "trader", 3 * ETH, "liquidator", not tokens) == "ok"


@pytest.mark.parametrize("tokens", [False, True])
def test_liquidation_of_everything_with_a_fee(indebted: AaveHarness, tokens: bool) -> None:
    """At these indices the fee, scaled, is one more than what is left."""
    indebted.configure("USD", liquidation_protocol_fee_bps=1_000)
    assert indebted.borrow("USD", 700_000 * USD, "depositor") == "ok"
    indebted.wait(4 * 3_600)
    w = indebted.at_eth(6_000)
    assert w.liquidate("USD", "ETH", "trader", MAX_UINT256, "liquidator", tokens) == "ok"
    assert w.model.scaled_supplied("USD", "trader") == 0
    assert w.model.user_configuration("trader") == 0b10000


def test_liquidation_at_exactly_95_hundredths(indebted: AaveHarness) -> None:
    """All of the debt, not half."""
    assert indebted.withdraw("USD", 5_000 * USD, "trader") == "ok"
    w = indebted.at_eth(4_000)
    assert w.model.account_data("trader", w.now).health_factor == 95 * WAD // 100
    assert taken_by(w) == Seizure(84_000 * USD, 20 * ETH, 0)
    assert w.liquidate("USD", "ETH", "trader", MAX_UINT256, "liquidator") == "ok"


def test_liquidation_that_takes_exactly_all(indebted: AaveHarness) -> None:
    """The debt repaid is then what was offered, to the wei."""
    w = indebted.at_eth(5_000)
    offered = 19_047_619_047_600_000_000 + 1
    before = w.wallets["ETH", "liquidator"]
    assert w.liquidate("USD", "ETH", "trader", offered, "liquidator") == "ok"
    assert before - w.wallets["ETH", "liquidator"] == offered
    assert w.model.supplied("USD", "trader", w.now) == 0


def test_liquidator_whose_supply_is_no_collateral(indebted: AaveHarness) -> None:
    """aTokens on top of it do not make it any."""
    indebted.configure("USD", ltv_bps=0)
    assert indebted.supply("USD", USD, "liquidator") == "ok"
    indebted.configure("USD", ltv_bps=7_700)
    w = indebted.at_eth(4_100)
    assert w.liquidate("USD", "ETH", "trader", ETH, "liquidator", True) == "ok"
    assert w.model.user_configuration("liquidator") == 0


def test_liquidation_of_what_is_collateral_no_more(indebted: AaveHarness) -> None:
    """A threshold of 0, which the configurator refuses while there are suppliers."""
    w = indebted
    assert w.supply("BTC", BTC // 100, "trader") == "ok"
    pool, token = w.market.pool, w.tokens["USD"]
    without_threshold = pool.getConfiguration(token).data & ~(0xFFFF << 16)
    pool.setConfiguration(token, (without_threshold,), sender=w.market.configurator.address)
    w.model.configure("USD", liquidation_threshold_bps=0)
    w.check()
    refused = w.liquidate("USD", "ETH", "trader", ETH, "liquidator")
    assert refused == am.NOT_LIQUIDATABLE_COLLATERAL


def test_liquidation_in_one_and_the_same_asset(market: AaveHarness) -> None:
    """Collateral leaves before the debt's repayment arrives."""
    w = market
    assert w.borrow("USD", 77_000 * USD, "trader") == "ok"
    w.wait(5 * YEAR)
    w.check()
    w.configure("USD", ltv_bps=1_000, liquidation_threshold_bps=5_000)
    assert w.liquidate("USD", "USD", "trader", 10_000 * USD, "liquidator") == "ok"
    w.check()
    assert w.liquidate("USD", "USD", "trader", 10_000 * USD, "trader", True) == "ok"


def test_liquidation_of_what_is_healthy(indebted: AaveHarness) -> None:
    assert indebted.liquidate("USD", "ETH", "trader", ETH, "liquidator") == (
        am.HEALTH_FACTOR_NOT_BELOW
    )
    w = indebted.at_eth(4_000)  # exactly one
    assert w.model.account_data("trader", w.now).health_factor == WAD
    assert w.liquidate("USD", "ETH", "trader", ETH, "liquidator") == am.HEALTH_FACTOR_NOT_BELOW


def test_liquidation_of_what_is_not_there(indebted: AaveHarness) -> None:
    w = indebted.at_eth(4_100)
    refused = w.liquidate("BTC", "ETH", "trader", ETH, "liquidator")
    assert refused == am.NOT_LIQUIDATABLE_COLLATERAL
    assert w.liquidate("USD", "BTC", "trader", BTC, "liquidator") == am.NOT_BORROWED
    assert w.liquidate("USD", "ETH", "trader", 0, "liquidator") == am.INVALID_BURN_AMOUNT
    assert w.liquidate("USD", "ETH", "trader", 1, "liquidator") == am.INVALID_BURN_AMOUNT
