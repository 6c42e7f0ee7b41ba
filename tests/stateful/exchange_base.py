# SPDX-License-Identifier: AGPL-3.0-only
"""What the rules of the exchange's machine stand on: its harnesses, its parts, and
inputs that are valid by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.markets import MarketConfig
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD, Revert, ceil_div
from tests.stateful.machine import Machine
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import CONFIG, MAX_BORROWING, STALE
from tests.support.exchange_lens_harness import ExchangeLensHarness

MILLION = 1_000_000
DEATH = 12  # steps before the oracle may die
# Prices stay within these multiples of the first: far below, positions are dust.
LOWEST, HIGHEST = 8, 40
MARGIN = "exchange: margin too low"
RESERVE = "exchange: pool reserve too low"
ACCOUNT = "pool: account above its limit"
LONG_CAP = "exchange: long interest capped"
SHORT_CAP = "exchange: short interest capped"
BANKRUPT = "exchange: equity below zero"
EXHAUSTED = "pool: exhausted"
SLIPPAGE = "vault: slippage above bound"
SETTLED = "exchange: settled"

# Percent of the longs' caps that some accounts hold to begin with.
STARTS = ((80, 6), (-48, 20), (0, -10))
TRADERS = (0, 1, 2)
LIQUIDATORS = (3, 4)
PROVIDERS = (5, 6)
VAULT = 7
everybody = st.integers(0, VAULT - 1)
traders = st.integers(0, TRADERS[-1])
liquidators = st.integers(*LIQUIDATORS)
providers = st.integers(*PROVIDERS)
parts = st.one_of(st.integers(1, MILLION), st.integers(1, 20_000), st.just(MILLION))
markets = st.integers(0, 2)


@dataclass(frozen=True)
class Configuration:
    """Decimals of the collateral; first prices; the markets; whole units of collateral
    to begin with, for each trader, of liquidity and of insurance; the pool's limit of an
    account."""

    decimals: int
    prices: tuple[int, ...]
    markets: tuple[MarketConfig, ...]
    margin: int = 5_000
    liquidity: int = 44_000
    insurance: int = 500
    account_limit: int = WAD


ODD = replace(
    CONFIG,
    skew_scale=77_777 * WAD + 1,
    taker_fee=3 * 10**10,
    recovery=7 * 10**12 + 1_000,
    max_funding=10**13,
    initial_margin=3 * 10**17,
    maintenance_margin=2 * 10**17,
    max_long=5_000 * WAD,
)
TIGHT = MarketConfig(
    skew_scale=3 * 10**24 + 12_345,
    max_funding=7 * 10**12 + 1,
    taker_fee=10**16,
    recovery=0,
    initial_margin=2 * 10**16,
    maintenance_margin=10**16,
    max_long=12 * 10**21,
)
WIDE = replace(ODD, max_funding=0, initial_margin=WAD, maintenance_margin=WAD - 10**12)
CONFIGURATIONS = {
    "6 decimals": Configuration(6, (100 * WAD, 10 * WAD, 10**15), (CONFIG, ODD, WIDE)),
    "8 decimals": Configuration(
        8,
        (10 * WAD + 1, 3 * WAD + 7, 63_211 * WAD + 3),
        (ODD, replace(TIGHT, max_funding=10**13), replace(CONFIG, skew_scale=WAD, max_long=0)),
        margin=15_000,
        account_limit=WAD * 2 // 3,
    ),
    "18 decimals": Configuration(
        18,
        (1_999 * WAD + 123, 333 * 10**16 + 1, 12 * WAD),
        (replace(CONFIG, skew_scale=700 * WAD + 3, max_long=17 * WAD), TIGHT, ODD),
        insurance=20,
    ),
}


def deploy_lens_harness(chain: LocalBackend, name: str) -> ExchangeLensHarness:
    """The harness of a configuration: funded and traded."""
    owner, *rest = chain.accounts
    chosen = CONFIGURATIONS[name]
    actors, token = rest[:VAULT], rest[VAULT]
    listed = chosen.markets
    sizes = [max(2 * each.taker_fee * each.skew_scale // WAD, 1) for each in listed]
    harness = ExchangeLensHarness(
        chain,
        owner,
        actors,
        chosen.prices,
        listed,
        chosen.decimals,
        token,
        (5 * 10**16, sizes),
        (MAX_BORROWING, chosen.account_limit),
    )
    provider, second = actors[PROVIDERS[0]], actors[PROVIDERS[1]]
    harness.add_liquidity(provider, chosen.liquidity * harness.unit)
    harness.add_liquidity(second, chosen.liquidity * harness.unit // 10)
    harness.fund_insurance(provider, chosen.insurance * harness.unit)
    for who in (*TRADERS, *LIQUIDATORS):
        harness.deposit(actors[who], chosen.margin * harness.unit)
    for who, percents in enumerate(STARTS):
        open_positions(harness, actors[who], percents)
    harness.wait(3_600)
    harness.book(10_000 * harness.unit)
    harness.check()
    return harness


def open_positions(harness: ExchangeLensHarness, name: str, percents: Sequence[int]) -> None:
    """Parts of the longs' caps, or as much of that as margin and pool allow."""
    model = harness.model
    sizes = [
        percent * market.config.max_long // 100
        for market, percent in zip(model.markets, percents, strict=False)
    ]
    while True:
        orders = [Order(m, d, MAX_UINT256 if d > 0 else 0) for m, d in enumerate(sizes) if d]
        try:
            deepcopy(model).trade(name, orders, harness.prices, harness.now)
        except Revert:
            sizes = [int(size / 2) for size in sizes]
            continue
        harness.trade(name, *orders)
        return


class ExchangeBase(Machine):
    """The exchange and everybody on it."""

    harness: ExchangeLensHarness
    accounts: tuple[str, ...]

    # parts

    @property
    def model(self) -> Any:
        return self.harness.model

    @property
    def exchange(self) -> Any:
        return self.harness.exchange

    @property
    def prices(self) -> list[int]:
        return self.harness.prices

    @property
    def now(self) -> int:
        return self.harness.now

    def name(self, who: int) -> str:
        return self.accounts[who]

    def native(self, millionths: int) -> int:
        """An odd amount in the collateral's own units."""
        unit = self.harness.unit
        return millionths * unit // MILLION + unit // MILLION // 7

    def sizes(self, who: int) -> list[int]:
        return list(self.model.accounts[self.name(who)].sizes)

    def has_position(self, who: int) -> bool:
        return bool(self.model.accounts[self.name(who)].has_position)

    def equity(self, who: int) -> int:
        return int(self.model.equity(self.name(who), self.prices, self.now))

    # states

    def open_for_trade(self) -> bool:
        return self.harness.undisputed and not self.model.settled

    def failing(self) -> bool:
        """The oracle says nothing, and nothing is settled."""
        return not self.harness.priced

    def settled(self) -> bool:
        return bool(self.model.settled)

    def priced(self) -> bool:
        return self.harness.priced

    def undisputed(self) -> bool:
        return self.harness.undisputed

    def has_pending(self) -> bool:
        return bool(self.model.pending)

    def may_die(self) -> bool:
        """Not before something has happened, and not at every step after it."""
        return self.steps >= DEATH and self.steps % 2 == 0 and not self.model.settled

    def may_fail(self) -> bool:
        if self.model.settled:
            return False
        return self.failing() or (self.steps >= DEATH // 2 and self.steps % 3 == 0)

    def listed(self, m: int) -> int:
        return m % len(self.model.markets)

    def pool_assets(self) -> int:
        """0 when the pool is exhausted."""
        try:
            return int(self.model.pool_assets(self.prices, self.now))
        except Revert as refused:
            assert refused.reason == EXHAUSTED
            return 0

    def share_value(self) -> tuple[int, int]:
        """Assets and shares of the pool, the virtual ones included."""
        return self.pool_assets(), self.model.total_liquidity + 10**15

    @contextmanager
    def share_holds(self) -> Iterator[None]:
        """At fixed prices no flow of anybody lowers the value of a share. (Once
        settled, shares are worth something when all positions are closed.)"""
        assets, shares = self.share_value()
        yield
        after, shares_after = self.share_value()
        if assets and after and not self.model.settled:
            assert after * shares >= assets * shares_after

    # inputs

    def headroom(self, who: int, m: int, buy: bool) -> int:
        """WAD units that the caps let an account buy or sell."""
        market = self.model.markets[m]
        config = market.config
        size = self.sizes(who)[m]
        if buy:
            return max(config.max_long - market.long_interest, 0) + max(-size, 0)
        return max(config.interest_cap - market.short_interest, 0) + max(size, 0)

    def refusal(self, who: int, orders: Sequence[Order]) -> str:
        """The model's reason for refusing orders, "" for none."""
        harness = self.harness
        return harness.trial(
            lambda: harness.model.trade(self.name(who), orders, harness.oracle_prices, harness.now)
        )

    def orders(self, deltas: dict[int, int]) -> list[Order]:
        """Orders whose limits are exactly what they will be filled at."""
        markets = self.model.markets
        prices = self.model.frozen or self.prices
        found = []
        for m, delta in deltas.items():
            base = prices[m]
            if self.harness.restricted and not self.model.settled:
                marks = self.harness.restricted
                base = (marks.high if delta > 0 else marks.low)[m]
            found.append(Order(m, delta, markets[m].quote(delta, base, self.now).price))
        return found

    def largest(self, fits: Callable[[int], str], most: int) -> tuple[int, str]:
        """The largest amount up to `most` that fits, and why one more does not."""
        low, high, reason = 0, most + 1, ""
        while high - low > 1:
            middle = (low + high) // 2
            refused = fits(middle)
            if refused:
                high, reason = middle, refused
            else:
                low = middle
        return low, reason

    def withdrawable(self, who: int) -> int:
        """Native."""
        model, name = self.model, self.name(who)
        account = model.accounts[name]
        free = account.cash
        if account.has_position:
            equity, initial, _ = model.margin(name, self.harness.oracle_prices, self.now)
            free = equity - initial
        return int(max(free, 0) // model.scale)

    def debts(self) -> int:
        """What accounts under water owe, scale 1e36."""
        return sum(max(-self.equity(who), 0) for who in range(len(self.accounts)))

    def pool_equity(self) -> int:
        return int(self.model.pool_equity(self.prices, self.now))

    def cover(self) -> int:
        """What debts are paid from: insurance and pool."""
        return int(self.model.insurance) + self.pool_equity()

    def below_maintenance(self) -> list[int]:
        model, prices = self.model, self.prices
        return [
            who
            for who, name in enumerate(self.accounts)
            if model.equity(name, prices, self.now) < model.maintenance_up(name, prices)
        ]

    def stale_everywhere(self, who: int) -> None:
        """Without prices nothing that needs one goes through."""
        name, calls = self.name(who), self.harness.calls
        attempts: list[tuple[str, tuple[Any, ...]]] = [
            ("trade", ([Order(0, WAD, MAX_UINT256)],)),
            ("liquidate", (name, name)),
            ("deleverage", (name, 0)),
        ]
        long = max(range(len(self.accounts)), key=lambda each: self.sizes(each)[0])
        if self.sizes(long)[0] > 0:
            attempts[-1] = ("deleverage", (self.name(long), 0))
        else:
            attempts.pop()
        for function, arguments in attempts:
            with reverts(STALE):
                calls(function, *arguments, sender=name)
        if not self.model.is_idle():
            with reverts(STALE):
                self.harness.pool_calls("requestDeposit", 1, name, name, sender=name)
        joining = self.model.accounts[name].joining.amount
        if joining and not self.model.is_idle():
            with reverts(STALE):
                self.harness.pool_calls("deposit", joining, name, sender=name)
        if self.has_position(who):
            with reverts(STALE):
                calls("withdraw", 1, name, sender=name)

    def note_books(self) -> None:
        """Regimes that show in the state."""
        model = self.model
        for m, market in enumerate(model.markets):
            if market.config.max_long and market.long_interest == market.config.max_long:
                self.note("long cap reached")
            if market.short_interest == market.config.interest_cap:
                self.note("short cap reached")
            if m and market.skew and model.markets[0].skew:
                self.note("several markets open")

    # after every step

    def check(self) -> None:
        self.harness.check()


def share_up(amount: int, part: int) -> int:
    """`part` millionths of an amount, rounded up."""
    return ceil_div(amount * part, MILLION)
