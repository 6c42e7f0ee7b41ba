# SPDX-License-Identifier: AGPL-3.0-only
"""The model of Aave v3 against the real one: every stored figure, every view,
every reason to refuse."""

from __future__ import annotations

from math import isqrt

from inverse_index.model.fixed import MAX_UINT256, WAD
from inverse_index.model.protocols.aave import arithmetic as am
from inverse_index.model.protocols.aave.accounts import AccountData
from inverse_index.protocols.aave import RAY
from tests.support.aave_harness import PRICES, SHORTFALL, AaveHarness
from tests.support.constants import DAY, YEAR

USD, BTC, ETH = 10**6, 10**8, 10**18
DOLLAR = 10**8


# what is paid and owed


def test_a_day_of_interest(indebted: AaveHarness) -> None:
    """Usage 4%: 1% base and a twentieth of 4%; the suppliers get 4% of 85% of it."""
    w = indebted
    assert w.model.reserves["ETH"].current_variable_borrow_rate == 12 * RAY // 1_000
    assert w.model.reserves["ETH"].current_liquidity_rate == 408 * RAY // 1_000_000
    w.wait(DAY)
    assert w.model.owed("ETH", "trader", w.now) == 20_000_657_545_055_232_324
    assert w.model.supplied("ETH", "depositor", w.now) == 500_000_558_904_109_589_041
    w.check()


def test_account_data(indebted: AaveHarness) -> None:
    assert indebted.model.account_data("trader", indebted.now) == AccountData(
        100_000 * DOLLAR, 60_000 * DOLLAR, 17_000 * DOLLAR, 8_000, 7_700, 4 * WAD // 3
    )
    nobody = AccountData(0, 0, 0, 0, 0, MAX_UINT256)
    assert indebted.model.account_data("nobody", indebted.now) == nobody


def test_the_largest_debt_is_the_collateral_times_its_ltv(market: AaveHarness) -> None:
    most = 77_000 * ETH // 3_000
    worth_a_cent_more = most + ETH // 300_000
    assert market.borrow("ETH", worth_a_cent_more, "trader") == am.COLLATERAL_TOO_LOW
    assert market.borrow("ETH", most, "trader") == "ok"
    assert market.model.account_data("trader", market.now).available_borrows == 1


def test_all_is_repaid_after_a_year(indebted: AaveHarness) -> None:
    w = indebted
    w.wait(YEAR)
    w.check()
    assert w.repay("ETH", MAX_UINT256, "trader") == "ok"
    w.check()
    assert w.model.reserves["ETH"].scaled_debt == 0
    assert w.model.reserves["ETH"].accrued_to_treasury > 0
    w.wait(YEAR)  # the stored debt index rests while nobody owes, the shown one does not
    w.check()
    assert w.supply("ETH", ETH, "trader") == "ok"
    w.check()
    assert w.withdraw("USD", MAX_UINT256, "trader") == "ok"
    assert w.model.supplied("USD", "trader", w.now) == 0
    assert w.model.user_configuration("trader") == 0b100000


def test_rates_above_optimal_usage(market: AaveHarness) -> None:
    """Nine tenths of the BTC: 7% and 45/55 of 300%."""
    market.supply("USD", 2_000_000 * USD, "trader")
    assert market.borrow("BTC", 9 * BTC, "trader") == "ok"
    reserve = market.model.reserves["BTC"]
    assert reserve.current_variable_borrow_rate == 2_524_545_454_545_454_545_454_545_454
    market.check()


def test_a_rate_whose_square_is_rounded_up(harness: AaveHarness) -> None:
    """Over a whole number of squared years: one less would show within a year."""
    rate = isqrt(1_000_000_001 * YEAR**2 * RAY)
    squared = rate**2 // RAY
    assert (squared + 1) % YEAR**2 == 0 and rate**2 % RAY >= RAY // 2
    harness.set_base_rate("BTC", rate)
    assert harness.supply("BTC", BTC, "trader") == "ok"
    harness.wait(YEAR)
    harness.check()


def test_somebody_else_repays(indebted: AaveHarness) -> None:
    assert indebted.repay("ETH", 5 * ETH, "depositor", "trader") == "ok"
    assert indebted.model.owed("ETH", "trader", indebted.now) == 15 * ETH
    assert indebted.repay("ETH", 100 * ETH, "liquidator", "trader") == "ok"
    assert indebted.model.owed("ETH", "trader", indebted.now) == 0
    assert indebted.model.user_configuration("trader") == 0b10


def test_somebody_else_supplies(market: AaveHarness) -> None:
    assert market.supply("BTC", BTC, "depositor", "liquidator") == "ok"
    assert market.model.supplied("BTC", "liquidator", market.now) == BTC
    assert market.model.user_configuration("liquidator") == 0b1000


def test_a_donation_lowers_the_usage(indebted: AaveHarness) -> None:
    """It counts when rates are next updated."""
    indebted.donate("ETH", 500 * ETH, "depositor")
    indebted.check()
    assert indebted.supply("ETH", 1, "trader") == "ok"
    indebted.check()
    rate = indebted.model.reserves["ETH"].current_variable_borrow_rate
    assert rate == 11 * RAY // 1_000 - 1_000  # for the one wei supplied


def test_no_collateral_without_ltv(harness: AaveHarness) -> None:
    harness.configure("USD", ltv_bps=0)
    assert harness.supply("USD", USD, "trader") == "ok"
    assert harness.model.user_configuration("trader") == 0
    harness.configure("USD", ltv_bps=7_700)
    assert harness.supply("USD", USD, "trader") == "ok"  # not the first: still none
    assert harness.model.user_configuration("trader") == 0
    assert harness.borrow("USD", 1, "trader") == am.COLLATERAL_IS_ZERO


def test_debt_rounded_away_leaves_its_mark(grown: AaveHarness) -> None:
    """At an index over 12, a debt of one scaled unit is gone when 7 of 13 are repaid."""
    w = grown
    assert w.borrow("BTC", 13, "depositor") == "ok"
    assert w.model.scaled_owed("BTC", "depositor") == 1
    assert w.repay("BTC", 7, "depositor") == "ok"
    assert w.model.owed("BTC", "depositor", w.now) == 0
    assert w.model.user_configuration("depositor") == 0b101110
    w.check()
    assert w.repay("BTC", 1, "depositor") == am.NO_DEBT


# transfers


def test_transfer_moves_the_collateral(market: AaveHarness) -> None:
    assert market.transfer("USD", 40_000 * USD, "trader", "liquidator") == "ok"
    assert market.model.user_configuration("liquidator") == 0b10
    assert market.transfer("USD", 60_000 * USD, "trader", "liquidator") == "ok"
    assert market.model.user_configuration("trader") == 0
    assert market.transfer("USD", 0, "trader", "liquidator") == "ok"
    assert market.transfer("USD", 50_000 * USD, "liquidator", "liquidator") == "ok"
    assert market.model.supplied("USD", "liquidator", market.now) == 100_000 * USD


def test_transfer_of_more_than_is_held(market: AaveHarness) -> None:
    assert market.transfer("USD", 100_000 * USD + 1, "trader", "depositor") == am.PANIC
    assert market.transfer("USD", 2**128, "trader", "depositor") == am.CAST


def test_transfer_of_too_much_at_a_high_index(grown: AaveHarness) -> None:
    """The amount itself must fit, though its scaled third would."""
    assert grown.transfer("BTC", 2**128, "depositor", "trader") == am.CAST


def test_balance_rounded_away_stays_collateral(grown: AaveHarness) -> None:
    """Two of three units: no scaled unit is left, and yet it was not all."""
    assert grown.transfer("BTC", 3, "depositor", "liquidator") == "ok"
    assert grown.model.scaled_supplied("BTC", "liquidator") == 1
    assert grown.transfer("BTC", 2, "liquidator", "trader") == "ok"
    assert grown.model.scaled_supplied("BTC", "liquidator") == 0
    assert grown.model.user_configuration("liquidator") == 0b1000


def test_transfer_of_needed_collateral(indebted: AaveHarness) -> None:
    assert indebted.transfer("USD", 26_000 * USD, "trader", "depositor") == (
        am.HEALTH_FACTOR_TOO_LOW
    )
    assert indebted.transfer("USD", 25_000 * USD, "trader", "depositor") == "ok"


# refusals


def test_nothing(indebted: AaveHarness) -> None:
    for refused in (
        indebted.supply("USD", 0, "trader"),
        indebted.withdraw("USD", 0, "trader"),
        indebted.withdraw("BTC", MAX_UINT256, "trader"),
        indebted.borrow("ETH", 0, "trader"),
        indebted.repay("ETH", 0, "trader"),
    ):
        assert refused == am.INVALID_AMOUNT


def test_inactive(harness: AaveHarness) -> None:
    harness.configure("BTC", active=False, paused=True, frozen=True)
    for refused in (
        harness.supply("BTC", 1, "trader"),
        harness.borrow("BTC", 1, "trader"),
        harness.repay("BTC", 1, "trader"),
        harness.liquidate("BTC", "USD", "trader", 1, "liquidator"),
        harness.liquidate("USD", "BTC", "trader", 1, "liquidator"),
    ):
        assert refused == am.RESERVE_INACTIVE
    assert harness.withdraw("BTC", 1, "trader") == am.NOT_ENOUGH_BALANCE


def test_paused(indebted: AaveHarness) -> None:
    indebted.configure("ETH", paused=True, frozen=True)
    indebted.configure("USD", paused=True)
    for refused in (
        indebted.supply("ETH", 1, "trader"),
        indebted.withdraw("ETH", 1, "depositor"),
        indebted.borrow("ETH", 1, "trader"),
        indebted.repay("ETH", 1, "trader"),
        indebted.transfer("ETH", 1, "depositor", "trader"),
        indebted.liquidate("USD", "ETH", "trader", ETH, "liquidator"),
        indebted.liquidate("USD", "BTC", "trader", 1, "liquidator"),
        indebted.liquidate("BTC", "ETH", "trader", 1, "liquidator"),
    ):
        assert refused == am.RESERVE_PAUSED


def test_frozen(indebted: AaveHarness) -> None:
    """Nothing in and no new debt; out and repayment go on."""
    indebted.configure("ETH", frozen=True, borrowing=False)
    assert indebted.supply("ETH", 1, "depositor") == am.RESERVE_FROZEN
    assert indebted.borrow("ETH", 1, "trader") == am.RESERVE_FROZEN
    assert indebted.withdraw("ETH", ETH, "depositor") == "ok"
    assert indebted.repay("ETH", ETH, "trader") == "ok"


def test_borrowing_switched_off(market: AaveHarness) -> None:
    market.configure("ETH", borrowing=False, borrow_cap=1)
    assert market.borrow("ETH", 2 * ETH, "trader") == am.BORROWING_NOT_ENABLED


def test_caps(indebted: AaveHarness) -> None:
    indebted.configure("ETH", supply_cap=501, borrow_cap=21)
    assert indebted.supply("ETH", ETH + 1, "trader") == am.SUPPLY_CAP_EXCEEDED
    assert indebted.supply("ETH", ETH, "trader") == "ok"
    assert indebted.borrow("ETH", ETH + 1, "trader") == am.BORROW_CAP_EXCEEDED
    assert indebted.borrow("ETH", ETH, "trader") == "ok"


def test_the_supply_cap_counts_the_treasury(indebted: AaveHarness) -> None:
    indebted.wait(YEAR)
    assert indebted.supply("ETH", ETH, "trader") == "ok"
    reserve = indebted.model.reserves["ETH"]
    whole = (reserve.scaled_supply + reserve.accrued_to_treasury) * reserve.liquidity_index // RAY
    indebted.configure("ETH", supply_cap=502)
    headroom = 502 * ETH - whole
    assert indebted.supply("ETH", headroom + 1, "trader") == am.SUPPLY_CAP_EXCEEDED
    assert indebted.supply("ETH", headroom - 1, "trader") == "ok"


def test_more_than_the_balance(market: AaveHarness) -> None:
    assert market.withdraw("USD", 100_000 * USD + 1, "trader") == am.NOT_ENOUGH_BALANCE


def test_no_collateral(market: AaveHarness) -> None:
    assert market.borrow("ETH", ETH, "liquidator") == am.COLLATERAL_IS_ZERO


def test_collateral_that_carries_nothing(indebted: AaveHarness) -> None:
    """It cannot carry new debt, and has to leave first."""
    assert indebted.supply("BTC", BTC, "trader") == "ok"
    indebted.configure("USD", ltv_bps=0)
    assert indebted.withdraw("BTC", 1, "trader") == am.LTV_VALIDATION_FAILED
    assert indebted.transfer("BTC", 1, "trader", "depositor") == am.LTV_VALIDATION_FAILED
    assert indebted.withdraw("USD", USD, "trader") == "ok"
    indebted.configure("BTC", ltv_bps=0)
    assert indebted.borrow("ETH", 1, "trader") == am.LTV_VALIDATION_FAILED


def test_unhealthy(indebted: AaveHarness) -> None:
    assert indebted.withdraw("USD", 26_000 * USD, "trader") == am.HEALTH_FACTOR_TOO_LOW
    w = indebted.at_eth(4_000)
    assert w.borrow("USD", USD, "trader") == am.HEALTH_FACTOR_TOO_LOW
    assert w.withdraw("USD", USD, "trader") == am.HEALTH_FACTOR_TOO_LOW


def test_the_unhealthy_withdraw_what_is_no_collateral(indebted: AaveHarness) -> None:
    indebted.configure("BTC", ltv_bps=0)
    assert indebted.supply("BTC", BTC, "trader") == "ok"
    w = indebted.at_eth(5_000)
    assert w.withdraw("BTC", BTC, "trader") == "ok"


def test_repaying_what_is_not_owed(indebted: AaveHarness) -> None:
    assert indebted.repay("BTC", 1, "trader") == am.NO_DEBT
    refused = indebted.repay("ETH", MAX_UINT256, "depositor", "trader")
    assert refused == am.NO_EXPLICIT_AMOUNT


def test_amounts_that_round_to_nothing(grown: AaveHarness) -> None:
    assert grown.supply("BTC", 1, "depositor") == am.INVALID_MINT_AMOUNT
    assert grown.borrow("BTC", 1, "depositor") == am.INVALID_MINT_AMOUNT
    assert grown.withdraw("BTC", 1, "depositor") == am.INVALID_BURN_AMOUNT
    assert grown.repay("BTC", 1, "liquidator", "trader") == am.INVALID_BURN_AMOUNT
    assert grown.transfer("BTC", 1, "depositor", "liquidator") == "ok"  # of nothing
    assert grown.model.scaled_supplied("BTC", "liquidator") == 0
    assert grown.model.user_configuration("liquidator") == 0b1000


def test_more_than_is_there(market: AaveHarness) -> None:
    """With debt the rates' arithmetic fails first, without any the asset."""
    assert market.borrow("BTC", 10 * BTC + 1, "depositor") == am.PANIC
    assert market.borrow("ETH", 20 * ETH, "trader") == "ok"
    assert market.withdraw("ETH", 500 * ETH, "depositor") == am.PANIC
    a_token = market.market.reserves["BTC"].a_token.address
    market.tokens["BTC"].transfer(market.owner, 1, sender=a_token)
    market.model.reserves["BTC"].pay_out(1)
    assert market.withdraw("BTC", 10 * BTC, "depositor") == SHORTFALL


def test_more_than_fits(market: AaveHarness) -> None:
    assert market.supply("ETH", 2**128, "depositor") == am.CAST
    assert market.supply("ETH", 2**127, "depositor") == "ok"
    assert market.supply("ETH", 2**127, "depositor") == am.PANIC
    assert market.borrow("USD", 2**232, "trader") == am.PANIC
    assert market.borrow("USD", 2**228, "trader") == am.COLLATERAL_TOO_LOW


def test_an_index_that_no_longer_fits(grown: AaveHarness) -> None:
    grown.wait(5_000 * YEAR)
    grown.check()
    assert grown.supply("BTC", BTC, "trader") == am.CAST
    assert grown.repay("BTC", BTC, "trader") == am.CAST


def test_no_price(indebted: AaveHarness) -> None:
    """Nothing that needs it goes on, everything else does."""
    indebted.reprice("ETH", 0)
    assert indebted.borrow("USD", USD, "trader") == am.SILENT
    assert indebted.withdraw("USD", USD, "trader") == am.SILENT
    assert indebted.supply("USD", USD, "trader") == "ok"
    assert indebted.repay("ETH", ETH, "trader") == "ok"
    indebted.reprice("ETH", PRICES["ETH"])
