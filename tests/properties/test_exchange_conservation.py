# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories on the chain and on the model: equal after every step, the
collateral always equal to all claims, and what must revert reverts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.model.fixed import WAD
from inverse_index.model.ledger import Order
from tests.perp import CONFIG, PerpWorld, VaultWorld, buy, sell
from tests.support import reverts

EXAMPLES = int(os.environ.get("PERP_EXAMPLES", "100"))
STEPS = 20
PEOPLE = 3
START = (100 * WAD, 10 * WAD)
CONFIGS = (
    CONFIG,
    replace(
        CONFIG, skew_scale=77_777 * WAD + 1, taker_fee=10**9 + 7, max_funding=10**13,
        initial_margin=3 * 10**17, maintenance_margin=2 * 10**17, max_long=5_000 * WAD,
    ),
)  # fmt: skip
# What a random action may be refused for; anything else fails the test.
EXPECTED = {
    "exchange: zero amount", "exchange: margin too low", "exchange: equity below zero",
    "exchange: long interest capped", "exchange: short interest capped",
    "exchange: pool reserve too low", "exchange: account is healthy",
    "exchange: no long position", "exchange: pool covers the shorts",
    "exchange: pool is exhausted", "exchange: fewer shares than asked",
    "exchange: not enough shares", "exchange: liquidity is locked",
    "exchange: market repeated", "vault: slippage above bound",
    "exchange: oracle is not dead", "exchange: settled",
    "exchange: settled, orders only reduce", "exchange: settled, positions are open",
    "oracle: stale price",
}  # fmt: skip

person = st.integers(0, PEOPLE - 1)
money = st.one_of(st.integers(1, 50_000 * 10**6), st.integers(1, 1_000))
delta = st.one_of(
    st.integers(-250 * WAD, 250 * WAD), st.integers(-1_000, 1_000), st.just(WAD)
).filter(bool)
order = st.tuples(st.integers(0, 1), delta)
percent = st.integers(0, 100)
steps = st.one_of(
    st.tuples(st.just("deposit"), person, money),
    st.tuples(st.just("withdraw"), person, percent),
    st.tuples(st.just("trade"), person, st.lists(order, min_size=1, max_size=2)),
    st.tuples(st.just("trade"), person, st.lists(order, min_size=1, max_size=2)),
    st.tuples(st.just("close"), person, st.integers(0, 1)),
    st.tuples(st.just("prices"), st.integers(-40, 90), st.integers(-40, 90)),
    st.tuples(st.just("wait"), st.integers(1, 30 * 86_400)),
    st.tuples(st.just("prices"), st.integers(-40, 90), st.integers(-40, 90)),
    st.tuples(st.just("liquidate"), person),
    st.tuples(st.just("liquidate"), person),
    st.tuples(st.just("deleverage"), st.integers(0, 1)),
    st.tuples(st.just("deleverage"), st.integers(0, 1)),
    st.tuples(st.just("add_liquidity"), person, money),
    st.tuples(st.just("remove_liquidity"), person, percent),
    st.tuples(st.just("fund_insurance"), person, st.integers(1, 10**9)),
    st.tuples(st.just("hedge"), st.integers(0, 200), st.integers(0, 900), st.booleans()),
    st.tuples(st.just("book"), st.integers(1, 10**9)),
    st.tuples(st.just("pay"), percent),
)
# The oracle dies, the exchange is settled perhaps, and history goes on.
deaths = st.one_of(st.none(), st.tuples(st.integers(0, STEPS), st.sampled_from([0, 0, 2])))
histories_of = st.tuples(st.lists(steps, min_size=STEPS, max_size=STEPS), deaths)


class History:
    """Carries random steps out; amounts are made valid where that is cheap."""

    def __init__(self, world: PerpWorld, vault: VaultWorld, people: list[str]) -> None:
        self.world = world
        self.vault = vault
        self.people = people
        self.events: Counter[str] = Counter()

    def run(self, step: tuple) -> None:
        name, *args = step
        try:
            getattr(self, name)(*args)
            self.note("done " + name)
        except Reverted as refused:
            assert refused.reason in EXPECTED, refused.reason
            self.note("refused " + name)

    def die(self) -> None:
        self.world.kill_oracle()
        self.world.check()

    def settle(self) -> None:
        """No claim moves by it."""
        world = self.world
        before = self.worths()
        world.settle(self.people[0])
        assert self.worths() == before
        self.note("settled")

    def worths(self) -> list[int]:
        """Every account's and the pool's, at the prices of the closing."""
        model, now = self.world.model, self.world.now
        found = [model.equity(name, self.world.prices, now) for name in model.accounts]
        return [*found, model.pool_equity(self.world.prices, now)]

    def leave(self) -> None:
        """After a settlement everybody gets out whole: the accounts their equity,
        the providers what the debts of the bankrupt leave."""
        world, model = self.world, self.world.model
        worth = {name: model.equity(name, [], world.now) for name in model.accounts}
        for name in list(model.accounts):
            if model.account(name).has_position:
                world.liquidate(self.people[0], name)
            assert model.account(name).cash == max(worth[name], 0)
        if model.pool_cash < 0:
            self.note("insolvent")
            return
        world.wait(3_600)
        for name in list(model.accounts):
            whole = model.account(name).cash // model.scale
            if whole and name != self.vault.vault.address:
                world.withdraw(name, whole)
            shares = model.account(name).liquidity
            if shares and model.pool_cash > 0:
                world.remove_liquidity(name, shares)
        vault = self.vault
        vault.pay(self.people[0], vault.vault.spendable([0] * 10))
        dust = model.held * model.scale - model.insurance
        self.note("left")
        assert 0 <= dust <= 2 * 10**33 + len(model.accounts) * model.scale

    def native(self, millionths: int) -> int:
        """An odd amount in the collateral's own units."""
        return millionths * self.world.unit // 10**6 + self.world.unit // 10**6 // 7

    def deposit(self, who: int, amount: int) -> None:
        self.world.deposit(self.people[who], self.native(amount))

    def withdraw(self, who: int, part: int) -> None:
        name = self.people[who]
        cash = max(self.world.model.account(name).cash, 0)
        self.world.withdraw(name, cash * part // 100 // self.world.model.scale)

    def trade(self, who: int, orders: list[tuple[int, int]]) -> None:
        made = [Order(m, size, 2**256 - 1 if size > 0 else 0) for m, size in orders]
        self.world.trade(self.people[who], *made)

    def close(self, who: int, m: int) -> None:
        size = self.world.model.account(self.people[who]).sizes[m]
        if size:
            self.trade(who, [(m, -size)])

    def prices(self, first: int, second: int) -> None:
        moved = [
            max(price * (100 + change) // 100 + change, 10**12)
            for price, change in zip(self.world.prices, (first, second), strict=True)
        ]
        self.world.set_prices(*moved)
        self.world.check()

    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)
        self.world.check()

    def liquidate(self, who: int) -> None:
        """Try everybody, the vault included; no one below maintenance survives,
        and whoever does has the initial margin back."""
        world = self.world
        if world.model.settled:
            self.close_out(who)
            return
        for name in [*self.people, self.vault.vault.address]:
            equity, _, maintenance = world.exchange.margin(name)
            if equity >= maintenance:
                with reverts("exchange: account is healthy"):
                    world.liquidate(self.people[who], name)
                continue
            receipt = world.liquidate(self.people[who], name)
            self.note(*[event.name for event in world.exchange.events(receipt)])
            equity, initial, _ = world.exchange.margin(name)
            self.note("survived" if initial else "closed")
            assert equity + 10**24 >= initial

    def close_out(self, who: int) -> None:
        """Once settled, the first account with a position, healthy or not."""
        for name in [*self.people, self.vault.vault.address]:
            if self.world.model.account(name).has_position:
                self.world.liquidate(self.people[who], name)
                return
            with reverts("exchange: account is healthy"):
                self.world.liquidate(self.people[who], name)

    def deleverage(self, m: int) -> None:
        """Whoever is long, if anybody."""
        sizes = {name: self.world.model.account(name).sizes[m] for name in self.people}
        longest = max(sizes, key=lambda name: sizes[name])
        self.world.deleverage(self.people[0], longest, m)
        self.note("Deleveraged")

    def note(self, *events: str) -> None:
        self.events.update(events)

    def add_liquidity(self, who: int, amount: int) -> None:
        self.world.add_liquidity(self.people[who], self.native(amount))

    def remove_liquidity(self, who: int, part: int) -> None:
        name = self.people[who]
        shares = self.world.model.account(name).liquidity * part // 100
        self.world.remove_liquidity(name, shares)

    def fund_insurance(self, who: int, amount: int) -> None:
        self.world.fund_insurance(self.people[who], self.native(amount))

    def hedge(self, first: int, second: int, chunked: bool) -> None:
        if self.world.priced:
            self.vault.trade([first * WAD, second * WAD], 2 * 10**16, chunked)

    def book(self, amount: int) -> None:
        self.vault.book(self.native(amount))

    def pay(self, part: int) -> None:
        self.vault.pay(self.people[0], self.vault.model.idle * part // 50)


@pytest.fixture(scope="module", params=[6, 8, 18])
def deployed(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, trader: str,
    second_trader: str, liquidator: str, provider: str, depositor: str,
) -> Iterator[tuple[PerpWorld, VaultWorld, list[str]]]:  # fmt: skip
    people = [trader, second_trader, liquidator]
    world = PerpWorld(chain, owner, [*people, provider, depositor], START, CONFIGS, request.param)
    world.fund_insurance(provider, 500 * world.unit)
    world.add_liquidity(provider, 44_000 * world.unit)
    for name in people:
        world.deposit(name, 5_000 * world.unit)
        world.add_liquidity(name, 1_000 * world.unit)
    world.trade(trader, buy(0, 200 * WAD), sell(1, 300 * WAD))
    world.trade(second_trader, sell(0, 120 * WAD))
    world.trade(liquidator, buy(1, 1_000 * WAD))
    world.wait(3_600)
    vault = VaultWorld(world, depositor, 5 * 10**16, [20 * WAD, 155 * 10**12])
    vault.book(10_000 * world.unit)
    yield world, vault, people


@pytest.mark.stateful
def test_model_and_chain_stay_equal(
    chain: LocalBackend, deployed: tuple[PerpWorld, VaultWorld, list[str]]
) -> None:
    """[X-POOL-5]"""
    world, vault, people = deployed
    examples = EXAMPLES if world.unit == 10**6 else -(-EXAMPLES // 4)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(histories_of)
    def histories(drawn: tuple[list[tuple], tuple[int, int] | None]) -> None:
        history, death = list(drawn[0]), drawn[1]
        if death is not None:
            history.insert(death[0], ("die",))
            history.insert(death[0] + 1 + death[1], ("settle",))
        snapshot = chain.snapshot()
        model, idle = deepcopy(world.model), vault.model.idle
        start = list(world.prices)
        run = History(world, vault, people)
        try:
            for step in history:
                run.run(step)
            if death is not None:
                run.leave()
        finally:
            chain.revert(snapshot)
            world.failing = False
            world.model = vault.model.exchange = model
            vault.model.idle, world.prices = idle, start
        seen.update(run.events)

    histories()
    # The histories are worth something: much takes place in them.
    if examples >= 100:
        done = sum(count for name, count in seen.items() if name.startswith("done "))
        assert done > examples * STEPS // 4, seen
        assert seen["settled"] > examples // 4 and seen["left"] > examples // 4, seen
        assert seen["done trade"] and seen["closed"] and seen["BadDebt"], seen
