# SPDX-License-Identifier: AGPL-3.0-only
"""A token on the real Aave, Uniswap and USDC beside its model, with all that
can go wrong around it done to both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.aave.initial_state import PROVIDER
from inverse_index.model.uniswap.initial_pools import PoolShape, positions, start_prices
from inverse_index.protocols.aave import VARIABLE_RATE
from inverse_index.protocols.npm import AAVE, npm_at, npm_deploy
from tests.support.constants import DAY, RAY
from tests.support.system_harness import SystemHarness, SystemShortcuts, deploy_harness

USDC = "USDC"
SETTERS = {
    "supply_cap": "setSupplyCap",
    "borrow_cap": "setBorrowCap",
    "frozen": "setReserveFreeze",
    "paused": "setReservePause",
}
TERMS = ("ltv_bps", "liquidation_threshold_bps", "liquidation_bonus_bps")
RATES = ("optimal_usage_ray", "base_rate_ray", "slope1_ray", "slope2_ray")


@dataclass
class FaultHarness(SystemShortcuts):
    """A harness with two holders, and everybody who can harm them."""

    base: SystemHarness
    depositor: str
    second_holder: str
    others: list[str] = field(default_factory=list)  # may hold aTokens or USDC too

    @classmethod
    def deployed(
        cls, chain: LocalBackend, owner: str, keeper: str, holders: tuple[str, str], plan: Any
    ) -> FaultHarness:
        """100,000 and 50,000 paid in, a netted flow, and a first rebalance."""
        harness = deploy_harness(chain, owner, keeper, plan)
        for holder in holders:
            harness.fund(holder)
        unit = harness.system.unit
        harness.deposit(100_000 * unit, holders[0])
        harness.deposit(50_000 * unit, holders[1])
        harness.deposit(300 * unit, holders[1])
        harness.move(1, DAY)
        harness.rebalance()
        harness.deposit(200 * unit, holders[0])
        harness.check()
        return cls(harness, *holders)

    # parts

    @property
    def usdc(self) -> Contract:
        return self.base.system.collateral

    @property
    def venue(self) -> Any:
        return self.base.system.venue

    @property
    def aave(self) -> Any:
        """Aave's model."""
        return self.base.model.venue.aave

    @property
    def configurator(self) -> Contract:
        provider = npm_at(
            self.chain, AAVE, "PoolAddressesProvider", self.venue.pool.ADDRESSES_PROVIDER()
        )
        return npm_at(self.chain, AAVE, "PoolConfigurator", provider.getPoolConfigurator())

    def erc20(self, symbol: str) -> Contract:
        """A local token; all of them have USDC's functions of an ERC-20, and `mint`."""
        return self.venue.collateral_at(self.chain, self.venue.tokens[symbol])

    def a_token(self, symbol: str = USDC) -> Contract:
        return self.venue.receipts[symbol][0]

    def debt_token(self, symbol: str) -> Contract:
        return self.venue.receipts[symbol][1]

    def decimals(self, symbol: str) -> int:
        return int(self.aave.reserves[symbol].decimals)

    def give(self, symbol: str, account: str, amount: int) -> None:
        """Local tokens to anybody."""
        self.erc20(symbol).mint(account, amount, sender=self.base.owner)

    # looking

    def n(self) -> int:
        """Net asset value at mid, native."""
        return int(self.base.report().mid)

    def share_price(self) -> int:
        """WAD."""
        return int(self.token.nav_per_share())

    def shares(self, percent_of_supply: float) -> int:
        """That part of the supply, in shares."""
        return int(self.token.totalSupply() * percent_of_supply / 100)

    def figures(self) -> tuple[Any, ...]:
        """What no refused action may change."""
        state = self.token.state()
        holders = [self.depositor, self.second_holder, self.base.owner, *self.others]
        return (
            self.token.totalSupply(),
            state.flows,
            state.reset,
            state.fee,
            state.mode,
            self.vault.idle(),
            self.venue.figures(self.vault),
            [self.token.balanceOf(each) for each in holders],
            [self.usdc.balanceOf(each) for each in [*holders, self.vault.address]],
        )

    def check(self) -> None:
        """Chain and model agree; shares and tokens sum up; nothing is left over."""
        self.base.check()
        holders = {*self.base.names, self.base.owner}
        assert sum(self.token.balanceOf(each) for each in holders) == self.token.totalSupply()
        assert self.usdc.balanceOf(self.vault) == self.vault.idle()
        for symbol in self.base.plan.symbols:
            assert self.erc20(symbol).balanceOf(self.vault) == 0

    # going back

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Both go back to where they were."""
        snapshot, saved, prices = self.chain.snapshot(), self.saved(), dict(self.base.prices)
        try:
            yield
        finally:
            self.chain.revert(snapshot)
            self.restore(saved)
            self.base.prices = prices

    def saved(self) -> tuple[Any, ...]:
        model = self.base.model
        feeds = [(each, each.primary, each.secondary) for each in self._assets()]
        token = dict(model.token.__dict__, balances=dict(model.token.balances))
        configs = {symbol: each.config for symbol, each in self.aave.reserves.items()}
        oracle = dict(model.oracle.__dict__)
        prices = dict(self.base.prices)
        return token, oracle, model.vault.saved(), feeds, configs, prices, dict(self.base.names)

    def restore(self, saved: tuple[Any, ...]) -> None:
        model = self.base.model
        token, oracle, vault, feeds, configs, prices, names = saved
        model.token.__dict__.update(token, balances=dict(token["balances"]))
        model.oracle.__dict__.update(oracle)
        model.vault.restore(vault)
        for asset, primary, secondary in feeds:
            asset.primary, asset.secondary = primary, secondary
        for symbol, config in configs.items():
            self.aave.reserves[symbol].config = config
        self.base.prices, self.base.names = dict(prices), dict(names)

    def _assets(self) -> list[Any]:
        oracle = self.base.model.oracle
        return [*oracle.components, oracle.collateral]

    # Aave's administration and its other users

    def configure(self, symbol: str, **changes: Any) -> None:
        """Change a reserve through Aave's configurator, and in the model."""
        configurator, token, owner = self.configurator, self.venue.tokens[symbol], self.base.owner
        self.aave.configure(symbol, **changes)
        config = self.aave.reserves[symbol].config
        for name, value in changes.items():
            if name in SETTERS:
                configurator.method(SETTERS[name])(token, value, sender=owner)
        if changes.keys() & set(TERMS):
            terms = [getattr(config, name) for name in TERMS]
            configurator.configureReserveAsCollateral(token, *terms, sender=owner)
        if changes.keys() & set(RATES):
            strategy = npm_deploy(
                self.chain,
                AAVE,
                "DefaultReserveInterestRateStrategy",
                self.venue.pool.ADDRESSES_PROVIDER(),
                *(getattr(config, name) for name in RATES),
                *(0, 0, 0, 0),
                RAY // 5,
                sender=owner,
            )
            configurator.setReserveInterestRateStrategyAddress(token, strategy, sender=owner)

    def borrow_all(self, symbol: str, but: int = 0) -> int:
        """The provider borrows what the reserve has, but for that much; native."""
        amount, owner = self.aave.available(symbol) - but, self.base.owner
        if amount > 0:
            self.venue.pool.borrow(
                self.venue.tokens[symbol], amount, VARIABLE_RATE, 0, owner, sender=owner
            )
            self.aave.borrow(symbol, amount, PROVIDER, self.base.now)
        return amount

    def repay(self, symbol: str, amount: int) -> None:
        """The provider repays."""
        owner, token = self.base.owner, self.erc20(symbol)
        self.give(symbol, owner, amount)
        token.approve(self.venue.pool, amount, sender=owner)
        self.venue.pool.repay(token, amount, VARIABLE_RATE, owner, sender=owner)
        self.aave.repay(symbol, amount, PROVIDER, self.base.now)

    # pools

    def shape(self, symbol: str) -> PoolShape:
        return next(each for each in self.venue.shapes if each.symbol == symbol)

    def push(self, symbol: str, bps: int) -> None:
        """Somebody moves the component's price in its pool by that much."""
        mids = {each: price * 10**10 for each, price in self.base.prices.items() if each != USDC}
        mids = {USDC: 10**18} | mids
        mids[symbol] = mids[symbol] * (10_000 + bps) // 10_000
        target = self.shape(symbol).sqrt_price(mids)
        pool = self.venue.pools[symbol]
        self.venue.maker.move([pool], [target], sender=self.base.owner)
        self.base.model.venue.pools[symbol].move_to(target)

    def drain(self, symbol: str, percent: int = 100) -> None:
        """The market maker takes its liquidity, or part of it, out of the pool."""
        self._liquidity(symbol, percent, "withdraw")

    def refill(self, symbol: str) -> None:
        """It comes back."""
        self._liquidity(symbol, 100, "provide")

    def _liquidity(self, symbol: str, percent: int, action: str) -> None:
        plan = self.base.plan.venue
        pool = next(each for each in plan.pools if each.symbol == symbol)
        prices = start_prices(plan, USDC)
        model, maker = self.base.model.venue.pools[symbol], self.venue.maker
        for lower, upper, all_of_it in positions(pool, self.shape(symbol), prices, 6):
            amount = all_of_it * percent // 100
            call = maker.method(action)
            call(self.venue.pools[symbol], lower, upper, amount, sender=self.base.owner)
            getattr(model, action)(lower, upper, amount)
