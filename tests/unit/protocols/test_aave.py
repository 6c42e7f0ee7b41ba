# SPDX-License-Identifier: AGPL-3.0-only
"""The lending market: what was configured, a round trip, and every brake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.config.aave_reserve import ReserveParameters
from inverse_index.protocols.aave import (
    RAY,
    VARIABLE_RATE,
    AaveMarket,
    ReservePlan,
    deploy_aave,
    supply_liquidity,
)
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, USD, YEAR
from tests.unit.protocols.conftest import ETH_USD, USDC_PARAMETERS, WETH_PARAMETERS

DOLLAR = 10**6
ETHER = 10**18
RESERVES = [("USDC", 6, USDC_PARAMETERS), ("WETH", 18, WETH_PARAMETERS)]

# Aave's error codes
NOT_POOL_ADMIN = "1"
NOT_EMERGENCY_ADMIN = "2"
NOT_EMERGENCY_OR_POOL_ADMIN = "3"
NOT_RISK_OR_POOL_ADMIN = "4"
FROZEN = "28"
PAUSED = "29"
BORROWING_NOT_ENABLED = "30"
NO_COLLATERAL = "34"
HEALTH_FACTOR = "35"
COLLATERAL_TOO_SMALL = "36"
BORROW_CAP = "50"
SUPPLY_CAP = "51"


@pytest.fixture
def supplied(
    market: AaveMarket,
    usdc: Contract,
    weth: Contract,
    owner: str,
    provider: str,
    depositor: str,
) -> AaveMarket:
    """100 WETH of the provider, 100,000 USDC of the depositor."""
    weth.mint(provider, 100 * ETHER, sender=provider)
    supply_liquidity(market, "WETH", 100 * ETHER, provider)
    usdc.mint(depositor, 100_000 * DOLLAR, sender=owner)
    supply_liquidity(market, "USDC", 100_000 * DOLLAR, depositor)
    return market


@pytest.fixture
def indebted(supplied: AaveMarket, weth: Contract, depositor: str) -> AaveMarket:
    """The depositor owes 20 WETH."""
    supplied.pool.borrow(weth, 20 * ETHER, VARIABLE_RATE, 0, depositor, sender=depositor)
    weth.approve(supplied.pool, MAX_UINT256, sender=depositor)
    return supplied


def test_contracts_know_each_other(market: AaveMarket, owner: str) -> None:
    provider = market.provider
    assert provider.getPool() == market.pool.address
    assert provider.getPoolConfigurator() == market.configurator.address
    assert provider.getPriceOracle() == market.oracle.address
    assert provider.getACLManager() == market.acl.address
    assert provider.getPoolDataProvider() == market.data_provider.address
    assert market.pool.ADDRESSES_PROVIDER() == provider.address
    assert (provider.owner(), provider.getACLAdmin(), provider.getMarketId()) == (
        owner,
        owner,
        "local",
    )
    assert all(
        holds(owner)
        for holds in (market.acl.isPoolAdmin, market.acl.isRiskAdmin, market.acl.isEmergencyAdmin)
    )


@pytest.mark.parametrize(("symbol", "decimals", "parameters"), RESERVES)
def test_reserve_is_as_planned(
    market: AaveMarket, owner: str, symbol: str, decimals: int, parameters: ReserveParameters
) -> None:
    token = market.reserves[symbol].token
    found = market.data_provider.getReserveConfigurationData(token)
    assert found._asdict() == {
        "decimals": decimals,
        "ltv": parameters.ltv_bps,
        "liquidationThreshold": parameters.liquidation_threshold_bps,
        "liquidationBonus": parameters.liquidation_bonus_bps,
        "reserveFactor": parameters.reserve_factor_bps,
        "usageAsCollateralEnabled": True,
        "borrowingEnabled": True,
        "stableBorrowRateEnabled": False,
        "isActive": True,
        "isFrozen": False,
    }
    caps = market.data_provider.getReserveCaps(token)
    assert caps == (parameters.borrow_cap, parameters.supply_cap)
    assert market.data_provider.getFlashLoanEnabled(token)
    assert not market.data_provider.getPaused(token)


@pytest.mark.parametrize(("symbol", "decimals", "parameters"), RESERVES)
def test_tokens_and_strategy_of_a_reserve(
    market: AaveMarket, owner: str, symbol: str, decimals: int, parameters: ReserveParameters
) -> None:
    reserve = market.reserves[symbol]
    for receipt, prefix in ((reserve.a_token, "a"), (reserve.variable_debt, "variableDebt")):
        assert receipt.symbol() == prefix + symbol
        assert receipt.decimals() == decimals
        assert receipt.UNDERLYING_ASSET_ADDRESS() == reserve.token.address
        assert receipt.POOL() == market.pool.address
    assert reserve.a_token.RESERVE_TREASURY_ADDRESS() == owner
    data = market.pool.getReserveData(reserve.token)
    assert data.interestRateStrategyAddress == reserve.strategy.address
    assert (data.liquidityIndex, data.variableBorrowIndex) == (RAY, RAY)
    strategy = reserve.strategy
    assert strategy.OPTIMAL_USAGE_RATIO() == parameters.optimal_usage_ray
    assert strategy.getBaseVariableBorrowRate() == parameters.base_rate_ray
    assert strategy.getVariableRateSlope1() == parameters.slope1_ray
    assert strategy.getVariableRateSlope2() == parameters.slope2_ray


def test_reserves_keep_their_order(market: AaveMarket) -> None:
    assert market.pool.getReservesList() == [
        reserve.token.address for reserve in market.reserves.values()
    ]
    assert [*market.reserves] == ["USDC", "WETH"]


def test_prices_are_the_boards(
    market: AaveMarket, board: Contract, usdc: Contract, weth: Contract, owner: str
) -> None:
    assert market.oracle.BASE_CURRENCY_UNIT() == USD
    assert market.oracle.getAssetsPrices([usdc, weth]) == [USD, ETH_USD * USD]
    board.post([99_000_000, 2_500 * USD], sender=owner)
    assert market.oracle.getAssetsPrices([usdc, weth]) == [99_000_000, 2_500 * USD]


def test_supply(market: AaveMarket, usdc: Contract, owner: str, depositor: str) -> None:
    usdc.mint(depositor, 500 * DOLLAR, sender=owner)
    receipt = supply_liquidity(market, "USDC", 500 * DOLLAR, depositor)
    only_event(
        receipt,
        market.pool,
        "Supply",
        reserve=usdc,
        user=depositor,
        onBehalfOf=depositor,
        amount=500 * DOLLAR,
        referralCode=0,
    )
    a_token = market.reserves["USDC"].a_token
    assert a_token.balanceOf(depositor) == a_token.scaledTotalSupply() == 500 * DOLLAR
    assert usdc.balanceOf(a_token) == 500 * DOLLAR
    assert usdc.balanceOf(depositor) == usdc.allowance(depositor, market.pool) == 0
    assert market.pool.getUserAccountData(depositor) == (
        500 * USD,
        0,
        375 * USD,
        7_800,
        7_500,
        MAX_UINT256,
    )


def test_borrow(indebted: AaveMarket, weth: Contract, depositor: str) -> None:
    assert weth.balanceOf(depositor) == 20 * ETHER
    assert indebted.reserves["WETH"].variable_debt.balanceOf(depositor) == 20 * ETHER
    account = indebted.pool.getUserAccountData(depositor)
    assert account._asdict() == {
        "totalCollateralBase": 100_000 * USD,
        "totalDebtBase": 60_000 * USD,
        "availableBorrowsBase": 15_000 * USD,
        "currentLiquidationThreshold": 7_800,
        "ltv": 7_500,
        "healthFactor": 13 * 10**17,
    }
    data = indebted.pool.getReserveData(weth)
    assert data.currentVariableBorrowRate == 2 * RAY // 100  # 1% + 4% * 20% / 80%
    assert data.currentLiquidityRate == 34 * RAY // 10_000  # 2% * 20% * (1 - 15%)


def test_interest_of_a_year(
    chain: LocalBackend, indebted: AaveMarket, depositor: str, provider: str
) -> None:
    chain.increase_time(YEAR)
    debt = indebted.reserves["WETH"].variable_debt.balanceOf(depositor)
    supply = indebted.reserves["WETH"].a_token.balanceOf(provider)
    rate = 2 * RAY // 100
    square = rate * rate // RAY // YEAR**2  # per second; the cube is cut off to nothing
    growth = RAY + rate + YEAR * (YEAR - 1) * square // 2
    assert debt == (20 * ETHER * growth + RAY // 2) // RAY
    assert 0 < 20_404 * ETHER // 1_000 - debt < 10**10
    assert supply == 100_340 * ETHER // 1_000


def test_round_trip(
    indebted: AaveMarket, usdc: Contract, weth: Contract, depositor: str, provider: str
) -> None:
    pool = indebted.pool
    assert pool.repay.call(weth, 5 * ETHER, VARIABLE_RATE, depositor, sender=depositor) == (
        5 * ETHER
    )
    pool.repay(weth, 5 * ETHER, VARIABLE_RATE, depositor, sender=depositor)
    assert indebted.reserves["WETH"].variable_debt.balanceOf(depositor) == 15 * ETHER
    pool.repay(weth, MAX_UINT256, VARIABLE_RATE, depositor, sender=depositor)
    pool.withdraw(usdc, MAX_UINT256, depositor, sender=depositor)
    pool.withdraw(weth, MAX_UINT256, provider, sender=provider)
    assert usdc.balanceOf(depositor) == 100_000 * DOLLAR
    assert (weth.balanceOf(depositor), weth.balanceOf(provider)) == (0, 100 * ETHER)
    for reserve in indebted.reserves.values():
        assert reserve.a_token.totalSupply() == reserve.variable_debt.totalSupply() == 0
        assert reserve.token.balanceOf(reserve.a_token) == 0


def test_collateral_bounds_the_debt(
    indebted: AaveMarket, usdc: Contract, weth: Contract, depositor: str
) -> None:
    with reverts(COLLATERAL_TOO_SMALL):
        indebted.pool.borrow(
            weth, 5 * ETHER + 10**10, VARIABLE_RATE, 0, depositor, sender=depositor
        )
    indebted.pool.borrow(weth, 5 * ETHER, VARIABLE_RATE, 0, depositor, sender=depositor)
    with reverts(HEALTH_FACTOR):
        indebted.pool.withdraw(usdc, 4_000 * DOLLAR, depositor, sender=depositor)


def test_liquidation(
    indebted: AaveMarket,
    board: Contract,
    usdc: Contract,
    weth: Contract,
    owner: str,
    depositor: str,
    liquidator: str,
) -> None:
    board.post([USD, 4_000 * USD], sender=owner)
    weth.mint(liquidator, 10 * ETHER, sender=liquidator)
    weth.approve(indebted.pool, 10 * ETHER, sender=liquidator)
    indebted.pool.liquidationCall(usdc, weth, depositor, 10 * ETHER, False, sender=liquidator)
    assert usdc.balanceOf(liquidator) == 42_000 * DOLLAR  # 10 WETH and 5%
    assert indebted.reserves["WETH"].variable_debt.balanceOf(depositor) == 10 * ETHER
    assert indebted.reserves["USDC"].a_token.balanceOf(depositor) == 58_000 * DOLLAR


def test_frozen_reserve_lets_out_only(
    indebted: AaveMarket, usdc: Contract, weth: Contract, owner: str, depositor: str
) -> None:
    pool = indebted.pool
    for token in (usdc, weth):
        indebted.configurator.setReserveFreeze(token, True, sender=owner)
    usdc.mint(depositor, 1, sender=owner)
    with reverts(FROZEN):
        supply_liquidity(indebted, "USDC", 1, depositor)
    with reverts(FROZEN):
        pool.borrow(weth, 1, VARIABLE_RATE, 0, depositor, sender=depositor)
    pool.repay(weth, MAX_UINT256, VARIABLE_RATE, depositor, sender=depositor)
    pool.withdraw(usdc, MAX_UINT256, depositor, sender=depositor)
    assert usdc.balanceOf(depositor) == 100_000 * DOLLAR + 1


@pytest.mark.parametrize("whole", [False, True])
def test_paused_reserve_lets_nothing_through(
    indebted: AaveMarket, usdc: Contract, weth: Contract, owner: str, depositor: str, whole: bool
) -> None:
    pool, configurator = indebted.pool, indebted.configurator
    if whole:
        configurator.setPoolPause(True, sender=owner)
    else:
        for token in (usdc, weth):
            configurator.setReservePause(token, True, sender=owner)
    usdc.mint(depositor, 1, sender=owner)
    for refused in (
        lambda: supply_liquidity(indebted, "USDC", 1, depositor),
        lambda: pool.borrow(weth, 1, VARIABLE_RATE, 0, depositor, sender=depositor),
        lambda: pool.repay(weth, 1, VARIABLE_RATE, depositor, sender=depositor),
        lambda: pool.withdraw(usdc, 1, depositor, sender=depositor),
    ):
        with reverts(PAUSED):
            refused()


def test_supply_cap(supplied: AaveMarket, weth: Contract, owner: str, provider: str) -> None:
    weth.mint(provider, 20_000 * ETHER, sender=provider)
    with reverts(SUPPLY_CAP):
        supply_liquidity(supplied, "WETH", 9_900 * ETHER + 1, provider)
    supply_liquidity(supplied, "WETH", 9_900 * ETHER, provider)
    supplied.configurator.setSupplyCap(weth, 0, sender=owner)  # none
    supply_liquidity(supplied, "WETH", 1, provider)


def test_borrow_cap(supplied: AaveMarket, weth: Contract, owner: str, depositor: str) -> None:
    supplied.configurator.setBorrowCap(weth, 7, sender=owner)
    with reverts(BORROW_CAP):
        supplied.pool.borrow(weth, 7 * ETHER + 1, VARIABLE_RATE, 0, depositor, sender=depositor)
    supplied.pool.borrow(weth, 7 * ETHER, VARIABLE_RATE, 0, depositor, sender=depositor)


def test_lower_collateral_factor(
    indebted: AaveMarket, usdc: Contract, owner: str, depositor: str
) -> None:
    indebted.configurator.configureReserveAsCollateral(usdc, 5_000, 6_000, 10_500, sender=owner)
    account = indebted.pool.getUserAccountData(depositor)
    assert account == (100_000 * USD, 60_000 * USD, 0, 6_000, 5_000, 10**18)


def test_only_admins_change_the_market(market: AaveMarket, usdc: Contract, attacker: str) -> None:
    configurator = market.configurator
    for call, code in (
        (
            lambda: configurator.setReserveFreeze(usdc, True, sender=attacker),
            NOT_RISK_OR_POOL_ADMIN,
        ),
        (lambda: configurator.setSupplyCap(usdc, 1, sender=attacker), NOT_RISK_OR_POOL_ADMIN),
        (
            lambda: configurator.setReservePause(usdc, True, sender=attacker),
            NOT_EMERGENCY_OR_POOL_ADMIN,
        ),
        (lambda: configurator.setPoolPause(True, sender=attacker), NOT_EMERGENCY_ADMIN),
        (lambda: configurator.dropReserve(usdc, sender=attacker), NOT_POOL_ADMIN),
        (
            lambda: market.provider.setPoolImpl(attacker, sender=attacker),
            "Ownable: caller is not the owner",
        ),
    ):
        with reverts(code):
            call()


@pytest.fixture
def plain(
    chain: LocalBackend, market: AaveMarket, weth: Contract, owner: str, provider: str
) -> AaveMarket:
    """A market whose only token is neither collateral nor lent; 5 supplied."""
    parameters = replace(WETH_PARAMETERS, ltv_bps=0, borrowing=False, supply_cap=0)
    feed = market.oracle.getSourceOfAsset(weth)
    made = deploy_aave(chain, owner, [ReservePlan("WETH", weth, 18, feed, parameters)])
    weth.mint(provider, 5 * ETHER, sender=provider)
    supply_liquidity(made, "WETH", 5 * ETHER, provider)
    return made


def test_token_that_is_no_collateral(plain: AaveMarket, weth: Contract, provider: str) -> None:
    assert plain.pool.getUserAccountData(provider) == (0, 0, 0, 0, 0, MAX_UINT256)
    found = plain.data_provider.getReserveConfigurationData(weth)
    assert (found.ltv, found.liquidationThreshold, found.liquidationBonus) == (0, 0, 0)
    assert not found.usageAsCollateralEnabled
    assert plain.data_provider.getReserveCaps(weth) == (0, 0)


def test_token_that_is_not_lent(
    plain: AaveMarket, weth: Contract, owner: str, provider: str
) -> None:
    assert not plain.data_provider.getReserveConfigurationData(weth).borrowingEnabled
    with reverts(BORROWING_NOT_ENABLED):
        plain.pool.borrow(weth, 1, VARIABLE_RATE, 0, provider, sender=provider)
    plain.configurator.setReserveBorrowing(weth, True, sender=owner)
    with reverts(NO_COLLATERAL):
        plain.pool.borrow(weth, 1, VARIABLE_RATE, 0, provider, sender=provider)


def test_token_that_is_not_listed(plain: AaveMarket, usdc: Contract, provider: str) -> None:
    with reverts(""):
        plain.pool.supply(usdc, 1, provider, 0, sender=provider)


def test_markets_are_apart(plain: AaveMarket, market: AaveMarket) -> None:
    assert plain.pool != market.pool
    assert plain.reserves["WETH"].a_token != market.reserves["WETH"].a_token
