# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed system beside its model, for tests: `bench = deploy_bench(chain, owner)`.

Every action on the bench is carried out on both, and `check()` compares all of
their state. Prices are USD with 8 decimals by symbol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.config import AaveVenueConfig, LocalFeeds, MarketUnits, OracleUnits
from inverse_index.config.yaml_io import validate
from inverse_index.deployment import Given, Plan, System, deploy_system
from inverse_index.model.compare import mismatches
from inverse_index.model.system import FEE_RECIPIENT, SystemModel, build_model
from inverse_index.plan.aave import plan_aave
from inverse_index.plan.parameters import Parameters
from inverse_index.plan.perp import PerpPlan

WAD = 10**18
USD = 10**8
PRICES = (2_000, 40_000, 15, 90, 3, 7, 1_500, 60, 1, 20)  # whole USD
ZERO = "0x" + "00" * 20

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
    min_spread=WAD // 1_000,
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
    **changes: Any,
) -> Plan:
    """A plan of k components with equal weights on the embedded exchange;
    `changes` are fields of Plan or of its venue."""
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
                MarketUnits(scale, 10**12, fee, WAD // 10, maintenance, scale // 50)
                for scale in scales
            ),
            max_trade=tuple(2 * fee * scale // WAD for scale in scales),
            idle_buffer=WAD // 50,
            pool_liquidity=20_000_000 * 10**decimals,
            insurance=100_000 * 10**decimals,
        ),
        multiple=multiple,
        parameters=parameters,
        epoch_interval=86_400,
        epoch_offset=0,
        fee_rate=300_000_000,
        supply_cap=10**9 * WAD,
        local_feed=LocalFeeds(heartbeat=7 * 86_400).units(""),
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


@dataclass
class Bench:
    """One system on the chain and its model."""

    chain: LocalBackend
    plan: Plan
    system: System
    model: SystemModel
    owner: str
    keeper: str
    prices: dict[str, int]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> Any:
        return self.system.token

    @property
    def now(self) -> int:
        return self.chain.now()

    def fund(self, holder: str, amount: int | None = None) -> str:
        """Give a holder collateral (1e9 whole units) and approve the token."""
        amount = 10**9 * self.system.unit if amount is None else amount
        self.system.give(holder, amount)
        self.system.collateral.approve(self.token, 2**256 - 1, sender=holder)
        self.names[holder] = holder
        return holder

    # the same action on both

    def deposit(self, assets: int, holder: str, **more: Any) -> Receipt:
        receipt = self.token.deposit(assets, holder, sender=holder, **more)
        self.model.token.deposit(assets, holder, receipt.timestamp)
        return receipt

    def mint(self, shares: int, holder: str) -> Receipt:
        receipt = self.token.mint(shares, holder, sender=holder)
        self.model.token.mint(shares, holder, receipt.timestamp)
        return receipt

    def withdraw(self, assets: int, holder: str) -> Receipt:
        receipt = self.token.withdraw(assets, holder, holder, sender=holder)
        self.model.token.withdraw(assets, holder, receipt.timestamp)
        return receipt

    def redeem(self, shares: int, holder: str, min_assets: int | None = None) -> Receipt:
        bound = () if min_assets is None else (min_assets,)
        receipt = self.token.redeem(shares, holder, holder, *bound, sender=holder)
        self.model.token.redeem(shares, holder, receipt.timestamp, min_assets)
        return receipt

    def rebalance(self) -> Receipt:
        receipt = self.token.rebalance(sender=self.keeper)
        self.model.token.rebalance(receipt.timestamp)
        return receipt

    def wind_down(self, sender: str | None = None) -> Receipt:
        """By the owner unless somebody else is named."""
        receipt = self.token.wind_down(sender=sender or self.owner)
        self.model.token.wind_down(receipt.timestamp, sender in (None, self.owner))
        return receipt

    def close(self) -> int:
        """Rebalance until the token is settled; how many it took."""
        for count in range(1, 200):
            self.chain.increase_time(self.plan.parameters.chunk_delay)
            self.rebalance()
            self.check()
            if self.model.token.settled:
                return count
        raise AssertionError("not settled after 200 chunks")

    def post(self, prices: Mapping[str, int]) -> None:
        """Post new prices; symbols left out keep theirs."""
        self.prices |= prices
        receipt = self.system.post_prices(self.prices, self.owner)
        self.model.post_prices(self.prices, receipt.timestamp)
        self.system.follow_prices(self.prices, self.owner)
        self.model.follow_prices(self.prices)

    def move(self, percent: int | Sequence[int], seconds: int = 0) -> None:
        """Let time pass, then move all components (or each) by percents."""
        if seconds:
            self.chain.increase_time(seconds)
        k = len(self.plan.symbols)
        each = [percent] * k if isinstance(percent, int) else percent
        symbols = self.plan.symbols
        self.post(
            {s: self.prices[s] * (100 + p) // 100 for s, p in zip(symbols, each, strict=True)}
        )

    # looking

    def report(self) -> Any:
        return self.system.report()

    def check(self) -> None:
        """Chain and model agree in every integer; nothing is lost."""
        balances = {name: self.token.balanceOf(holder) for holder, name in self.names.items()}
        balances[FEE_RECIPIENT] = self.token.balanceOf(self.owner)
        figures = self.system.venue.figures(self.system.vault)
        found = mismatches(self.model, self.report(), figures, self.now, balances)
        assert found == []
        assert self.model.venue.conservation_error() == 0

    def sound(self) -> None:
        """As `check`, and nothing in the venue or the vault that nobody owns."""
        self.check()
        system = self.system
        figures = system.venue.figures(system.vault)
        assert system.venue.leak(figures, system.collateral, system.vault) == 0
        assert system.collateral.balanceOf(system.vault) == system.vault.idle()


class OnBench:
    """Short names, for worlds around a `bench`."""

    bench: Bench

    @property
    def chain(self) -> LocalBackend:
        return self.bench.chain

    @property
    def token(self) -> Contract:
        return self.bench.system.token

    @property
    def vault(self) -> Contract:
        return self.bench.system.vault

    @property
    def collateral(self) -> Contract:
        return self.bench.system.collateral

    @property
    def unit(self) -> int:
        return self.bench.system.unit


def deploy_bench(
    chain: LocalBackend, owner: str, keeper: str, plan: Plan | None = None, secondaries: bool = True
) -> Bench:
    """Deploy a plan with local parts and build its model. The owner has every
    role and receives the fees."""
    plan = plan or make_plan()
    given = Given(secondaries=secondaries)
    system = deploy_system(chain, plan, owner, given)
    model = build_model(plan, chain.now(), secondaries, system.venue.order)
    return Bench(chain, plan, system, model, owner, keeper, dict(plan.prices))
