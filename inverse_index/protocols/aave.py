# SPDX-License-Identifier: AGPL-3.0-only
"""Aave v3 on a local chain.

Scales: bps are 1/10,000, ray is 1e27 (rates per year), caps are whole tokens
with 0 for none. The oracle's base currency is the US dollar with 8 decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..chain.backend import Backend
from ..chain.contract import Contract
from ..chain.receipts import Receipt
from ..config.aave_reserve import ReserveParameters
from .npm import AAVE, npm_at, npm_deploy

RAY = 10**27
BASE_UNIT = 10**8  # one US dollar in the oracle
ZERO_ADDRESS = "0x" + "00" * 20
MARKET_ID = "local"
VARIABLE_RATE = 2  # Aave's number of the interest rate mode
STABLE_OPTIMAL_RAY = 20 * RAY // 100  # of stable loans, which are off
MARKET_LIBRARIES = (
    "BorrowLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "EModeLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)


@dataclass(frozen=True, slots=True)
class ReservePlan:
    """A token to list. The feed answers `latestAnswer()` in USD with 8 decimals."""

    symbol: str
    token: Contract
    decimals: int
    feed_address: str
    parameters: ReserveParameters


@dataclass(frozen=True, slots=True)
class AaveReserve:
    """A listed token with its receipts and its interest rate strategy."""

    symbol: str
    token: Contract
    a_token: Contract
    variable_debt: Contract
    strategy: Contract


@dataclass(frozen=True, slots=True)
class AaveMarket:
    """Aave's contracts, and the reserves by symbol in the order of their ids."""

    provider: Contract
    pool: Contract
    configurator: Contract
    oracle: Contract
    acl: Contract
    data_provider: Contract
    reserves: Mapping[str, AaveReserve]


def deploy_aave(backend: Backend, sender: str, reserves: Sequence[ReservePlan]) -> AaveMarket:
    """A market with these reserves and nothing supplied.

    The sender is owner, pool admin, risk admin, emergency admin and treasury.
    Stable loans and eMode are off, flash loans are on and cost nothing.
    """
    builder = _Builder(backend, sender)
    provider, acl = builder.provider_and_acl()
    oracle = builder.oracle(provider, reserves)
    pool, configurator = builder.pool_and_configurator(provider)
    data_provider = builder.deploy("AaveProtocolDataProvider", provider)
    provider.setPoolDataProvider(data_provider, sender=sender)
    strategies = [builder.strategy(provider, plan.parameters) for plan in reserves]
    builder.list_reserves(pool, configurator, reserves, strategies)
    for plan in reserves:
        builder.configure(configurator, plan)
    listed = {
        plan.symbol: builder.reserve(pool, plan, strategy)
        for plan, strategy in zip(reserves, strategies, strict=True)
    }
    return AaveMarket(provider, pool, configurator, oracle, acl, data_provider, listed)


def supply_liquidity(market: AaveMarket, symbol: str, amount: int, provider: str) -> Receipt:
    """Supply what the provider holds; amount in the token's decimals."""
    token = market.reserves[symbol].token
    token.approve(market.pool, amount, sender=provider)
    receipt: Receipt = market.pool.supply(token, amount, provider, 0, sender=provider)
    return receipt


class _Builder:
    """Steps of one deployment."""

    def __init__(self, backend: Backend, sender: str) -> None:
        self._backend = backend
        self._sender = sender

    def deploy(
        self, name: str, *args: Any, libraries: Mapping[str, Contract] | None = None
    ) -> Contract:
        return npm_deploy(
            self._backend, AAVE, name, *args, sender=self._sender, libraries=libraries
        )

    def provider_and_acl(self) -> tuple[Contract, Contract]:
        sender = self._sender
        provider = self.deploy("PoolAddressesProvider", MARKET_ID, sender)
        provider.setACLAdmin(sender, sender=sender)
        acl = self.deploy("ACLManager", provider)
        provider.setACLManager(acl, sender=sender)
        acl.addPoolAdmin(sender, sender=sender)
        acl.addRiskAdmin(sender, sender=sender)
        acl.addEmergencyAdmin(sender, sender=sender)
        return provider, acl

    def oracle(self, provider: Contract, reserves: Sequence[ReservePlan]) -> Contract:
        tokens = [plan.token for plan in reserves]
        feeds = [plan.feed_address for plan in reserves]
        oracle = self.deploy(
            "AaveOracle", provider, tokens, feeds, ZERO_ADDRESS, ZERO_ADDRESS, BASE_UNIT
        )
        provider.setPriceOracle(oracle, sender=self._sender)
        return oracle

    def pool_and_configurator(self, provider: Contract) -> tuple[Contract, Contract]:
        """The proxies, which the provider creates for our implementations."""
        libraries = {name: self.deploy(name) for name in MARKET_LIBRARIES}
        libraries["FlashLoanLogic"] = self.deploy("FlashLoanLogic", libraries=libraries)
        pool = self.deploy("Pool", provider, libraries=libraries)
        provider.setPoolImpl(pool, sender=self._sender)
        configurator = self.deploy("PoolConfigurator", libraries=libraries)
        provider.setPoolConfiguratorImpl(configurator, sender=self._sender)
        return (
            npm_at(self._backend, AAVE, "Pool", provider.getPool()),
            npm_at(self._backend, AAVE, "PoolConfigurator", provider.getPoolConfigurator()),
        )

    def strategy(self, provider: Contract, parameters: ReserveParameters) -> Contract:
        return self.deploy(
            "DefaultReserveInterestRateStrategy",
            provider,
            parameters.optimal_usage_ray,
            parameters.base_rate_ray,
            parameters.slope1_ray,
            parameters.slope2_ray,
            *(0, 0, 0, 0),  # stable rates
            STABLE_OPTIMAL_RAY,
        )

    def list_reserves(
        self,
        pool: Contract,
        configurator: Contract,
        reserves: Sequence[ReservePlan],
        strategies: Sequence[Contract],
    ) -> None:
        names = ("AToken", "StableDebtToken", "VariableDebtToken")
        implementations = [self.deploy(name, pool) for name in names]
        configurator.initReserves(
            [
                self._init(plan, strategy, implementations)
                for plan, strategy in zip(reserves, strategies, strict=True)
            ],
            sender=self._sender,
        )

    def _init(
        self, plan: ReservePlan, strategy: Contract, implementations: Sequence[Contract]
    ) -> dict[str, Any]:
        a_token, stable_debt, variable_debt = implementations
        return {
            "aTokenImpl": a_token,
            "stableDebtTokenImpl": stable_debt,
            "variableDebtTokenImpl": variable_debt,
            "underlyingAssetDecimals": plan.decimals,
            "interestRateStrategyAddress": strategy,
            "underlyingAsset": plan.token,
            "treasury": self._sender,
            "incentivesController": ZERO_ADDRESS,
            "aTokenName": f"Aave {plan.symbol}",
            "aTokenSymbol": f"a{plan.symbol}",
            "variableDebtTokenName": f"Aave Variable Debt {plan.symbol}",
            "variableDebtTokenSymbol": f"variableDebt{plan.symbol}",
            "stableDebtTokenName": f"Aave Stable Debt {plan.symbol}",
            "stableDebtTokenSymbol": f"stableDebt{plan.symbol}",
            "params": b"",
        }

    def configure(self, configurator: Contract, plan: ReservePlan) -> None:
        parameters, token, sender = plan.parameters, plan.token, self._sender
        if parameters.ltv_bps:
            configurator.configureReserveAsCollateral(
                token,
                parameters.ltv_bps,
                parameters.liquidation_threshold_bps,
                parameters.liquidation_bonus_bps,
                sender=sender,
            )
        if parameters.borrowing:
            configurator.setReserveBorrowing(token, True, sender=sender)
        configurator.setReserveFactor(token, parameters.reserve_factor_bps, sender=sender)
        configurator.setReserveFlashLoaning(token, True, sender=sender)
        if parameters.supply_cap:
            configurator.setSupplyCap(token, parameters.supply_cap, sender=sender)
        if parameters.borrow_cap:
            configurator.setBorrowCap(token, parameters.borrow_cap, sender=sender)

    def reserve(self, pool: Contract, plan: ReservePlan, strategy: Contract) -> AaveReserve:
        data = pool.getReserveData(plan.token)
        return AaveReserve(
            plan.symbol,
            plan.token,
            npm_at(self._backend, AAVE, "AToken", data.aTokenAddress),
            npm_at(self._backend, AAVE, "VariableDebtToken", data.variableDebtTokenAddress),
            strategy,
        )
