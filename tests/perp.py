# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange on chain and its model, moved together and compared with ==."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt, Reverted
from inverse_index.model.exchange.markets import MarketConfig
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.perp.vault import PerpVaultModel
from inverse_index.model.vault.collateral_vault import Traded

ONE = 10**36  # one whole unit of collateral in the ledger
DAY = 86_400
FUNDED = 10**12  # whole units of collateral that everybody starts with
STALE = "oracle: stale price"

# Skew of 10,000 units moves the price by 100%; 0.1% fee; 10% and 5% margin:
# at most 250 units on a side.
CONFIG = MarketConfig(
    skew_scale=10_000 * WAD,
    max_funding=10**12,
    taker_fee=10**15,
    initial_margin=10**17,
    maintenance_margin=5 * 10**16,
    max_long=250 * WAD,
)


def config_tuple(config: MarketConfig) -> tuple[int, ...]:
    """As the contract takes it."""
    return (
        config.skew_scale,
        config.max_funding,
        config.taker_fee,
        config.initial_margin,
        config.maintenance_margin,
        config.max_long,
    )


def ten(values: Sequence[int]) -> list[int]:
    """The values, with zeros after the last."""
    return [*values, *[0] * (10 - len(values))]


def buy(market: int, delta: int, limit: int = 2**256 - 1) -> Order:
    return Order(market, delta, limit)


def sell(market: int, delta: int, limit: int = 0) -> Order:
    return Order(market, -delta, limit)


class PerpWorld:
    """Collateral, oracle, exchange and model; every action is done on both.

    An action that the model refuses must revert on chain with that reason;
    after each action all state and all views are equal.
    """

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        people: Sequence[str],
        prices: Sequence[int],
        configs: Sequence[MarketConfig],
        decimals: int = 6,
    ) -> None:
        self.chain = chain
        self.owner = owner
        self.people = list(people)
        self.prices = list(prices)
        self.unit = 10**decimals
        self.failing = False
        self.token = chain.deploy("LocalCollateral", "Dollar", "USD", decimals, sender=owner)
        self.oracle = chain.deploy("FixedOracle", list(prices), sender=owner)
        self.exchange = chain.deploy(
            "PerpExchange", self.token.address, self.oracle.address, sender=owner
        )
        self.model = ExchangeModel(decimals, len(prices))
        for config in configs:
            self.exchange.list_market(config_tuple(config), sender=owner)
            self.model.list_market(config, self.now)
        for person in self.people:
            self.fund(person)

    def fund(self, person: str) -> None:
        """Collateral for a person, and the exchange's allowance to pull it."""
        self.token.mint(person, FUNDED * self.unit, sender=person)
        self.token.approve(self.exchange.address, 2**256 - 1, sender=person)

    @property
    def now(self) -> int:
        return self.chain.now()

    @property
    def priced(self) -> bool:
        """Does the exchange know prices?"""
        return self.model.settled or not self.failing

    @property
    def oracle_prices(self) -> list[int] | Revert:
        """What the model is to see of the oracle."""
        return Revert(STALE) if self.failing else self.prices

    def set_prices(self, *prices: int) -> None:
        self.prices = list(prices)
        self.oracle.set_prices(self.prices, sender=self.owner)

    def fail_oracle(self) -> None:
        self.failing = True
        self.oracle.set_failing(True, sender=self.owner)

    def kill_oracle(self) -> None:
        """It fails, and says that it is dead; its closing prices are the present ones."""
        self.fail_oracle()
        self.oracle.set_dead(True, sender=self.owner)

    def wait(self, seconds: int) -> None:
        self.chain.increase_time(seconds)

    # actions

    def deposit(self, person: str, amount: int) -> Receipt:
        return self.both(
            lambda: self.exchange.deposit(amount, sender=person),
            lambda: self.model.deposit(person, amount),
        )

    def withdraw(self, person: str, amount: int, receiver: str | None = None) -> Receipt:
        return self.both(
            lambda: self.exchange.withdraw(amount, receiver or person, sender=person),
            lambda: self.model.withdraw(person, amount, self.oracle_prices, self.now),
        )

    def fund_insurance(self, person: str, amount: int) -> Receipt:
        return self.both(
            lambda: self.exchange.fund_insurance(amount, sender=person),
            lambda: self.model.fund_insurance(amount),
        )

    def trade(self, person: str, *orders: Order) -> Receipt:
        """Also compares the fills with the events."""
        fills: list[Any] = []
        receipt = self.both(
            lambda: self.exchange.trade(list(orders), sender=person),
            lambda: fills.extend(self.model.trade(person, orders, self.oracle_prices, self.now)),
        )
        traded = [event for event in self.exchange.events(receipt) if event.name == "Traded"]
        assert [(event.price, event.fee) for event in traded] == [
            (fill.price, fill.fee) for fill in fills
        ]
        return receipt

    def liquidate(self, person: str, account: str) -> Receipt:
        done: list[Any] = []
        receipt = self.both(
            lambda: self.exchange.liquidate(account, person, sender=person),
            lambda: done.append(self.model.liquidate(account, self.oracle_prices, self.now)),
        )
        events = {event.name: event for event in self.exchange.events(receipt)}
        event = events["Liquidated"]
        assert (event.fraction, event.penalty, event.reward) == (
            done[0].fraction,
            done[0].penalty,
            done[0].reward,
        )
        debt = events.get("BadDebt")
        paid = (debt.insurance_paid, debt.pool_paid) if debt else (0, 0)
        assert paid == (done[0].insurance_paid, done[0].pool_paid)
        return receipt

    def deleverage(self, person: str, account: str, market: int) -> Receipt:
        return self.both(
            lambda: self.exchange.deleverage(account, market, sender=person),
            lambda: self.model.deleverage(account, market, self.oracle_prices, self.now),
        )

    def add_liquidity(self, person: str, amount: int, min_shares: int = 0) -> Receipt:
        return self.both(
            lambda: self.exchange.add_liquidity(amount, min_shares, sender=person),
            lambda: self.model.add_liquidity(
                person, amount, min_shares, self.oracle_prices, self.now
            ),
        )

    def remove_liquidity(self, person: str, shares: int, min_amount: int = 0) -> Receipt:
        return self.both(
            lambda: self.exchange.remove_liquidity(shares, min_amount, person, sender=person),
            lambda: self.model.remove_liquidity(
                person, shares, min_amount, self.oracle_prices, self.now
            ),
        )

    def settle(self, person: str) -> Receipt:
        return self.both(
            lambda: self.exchange.settle(sender=person),
            lambda: self.model.settle(self.prices, self.oracle.dead(), self.now),
        )

    def both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        """Do it on both; the same result, or the same reason and no change."""
        try:
            on_model()
        except Revert as refused:
            try:
                on_chain()
            except Reverted as reverted:
                assert reverted.reason == refused.reason
                self.check()
                raise
            raise AssertionError(f"only the model refuses: {refused.reason}") from refused
        receipt = on_chain()
        self.check()
        return receipt

    # comparison

    def check(self) -> None:
        """State, views and conservation, all exact."""
        for person in self.people:
            self.model.account(person)
        assert self.state() == self.model.state()
        assert self.model.conservation_error() == 0
        assert self.token.balanceOf(self.exchange.address) >= self.model.held
        if self.priced:
            self.check_views()

    def state(self) -> dict[str, Any]:
        """What the chain has stored, laid out as the model's state."""
        accounts = list(self.model.accounts)
        count, listed = self.model.component_count, len(self.model.markets)
        reads: list[tuple[Any, ...]] = [
            ("held",),
            ("pool_cash",),
            ("insurance",),
            ("total_liquidity",),
            ("settled",),
        ]
        reads += [("market_state", m) for m in range(listed)]
        for account in accounts:
            reads += [("cash", account), ("liquidity", account), ("unlocked_at", account)]
            reads += [("account_value", account, ten(self.prices))]
        held, pool_cash, insurance, total, settled, *rest = self.read(reads)
        of = [rest[listed + 4 * n : listed + 4 * n + 4] for n in range(len(accounts))]
        return {
            "held": held,
            "pool_cash": pool_cash,
            "insurance": insurance,
            "total_liquidity": total,
            "settled": settled,
            "markets": [_market_state(each) for each in rest[:listed]],
            "accounts": {
                name: (cash, tuple(valued[1][:count]), liquidity, unlocked_at)
                for name, (cash, liquidity, unlocked_at, valued) in zip(accounts, of, strict=True)
            },
        }

    def check_views(self) -> None:
        model, now, prices = self.model, self.now, self.prices
        names = list(model.accounts)
        reads: list[tuple[Any, ...]] = [("pool_equity",), ("spare_reserve", ten(prices))]
        reads += [("margin", name) for name in names]
        pool, spare, *margins = self.read(reads)
        assert pool == model.pool_equity(prices, now)
        assert spare == model.spare_reserve(prices, now)
        for name, (equity, initial, maintenance) in zip(names, margins, strict=True):
            assert equity == model.equity(name, prices, now)
            assert initial == model.initial_up(name, prices)
            assert maintenance == model.maintenance_up(name, prices)
        claims = pool + model.insurance + sum(equity for equity, _, _ in margins)
        assert claims == model.held * model.scale

    def read(self, reads: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Results of many views of the exchange in one request."""
        exchange = self.exchange
        raw = self.chain.call_many(
            (exchange.address, exchange.encode(name, *args)) for name, *args in reads
        )
        return [
            exchange.decode_output(name, data) for (name, *_), data in zip(reads, raw, strict=True)
        ]


def with_a_debt(
    chain: LocalBackend, owner: str, people: Sequence[str], insurance: int = 0
) -> PerpWorld:
    """After a fall by 90%: a long that owes 7,860, a short that has won 10,240, and a
    provider who has left with 94% of the pool. people: these three and others."""
    world = PerpWorld(chain, owner, people, [100 * WAD], [CONFIG])
    long, short, provider, *_ = people
    world.add_liquidity(provider, 44_000 * world.unit)
    if insurance:
        world.fund_insurance(provider, insurance * world.unit)
    for person in (long, short):
        world.deposit(person, 1_200 * world.unit)
    world.trade(long, buy(0, 100 * WAD))
    world.trade(short, sell(0, 100 * WAD))
    world.wait(3_600)
    world.set_prices(10 * WAD)
    world.remove_liquidity(provider, world.model.account(provider).liquidity * 94 // 100)
    return world


def _market_state(chain_state: Any) -> Any:
    from inverse_index.model.exchange.markets import MarketState

    return MarketState(*chain_state)


class VaultWorld:
    """A vault whose token is an ordinary account, beside its model."""

    def __init__(
        self, world: PerpWorld, token: str, idle_buffer: int, max_trade: Sequence[int]
    ) -> None:
        self.world = world
        self.token = token
        self.vault: Contract = world.chain.deploy(
            "PerpVault", token, world.exchange.address, idle_buffer, list(max_trade), sender=token
        )
        self.model = PerpVaultModel(world.model, self.vault.address, idle_buffer, max_trade)
        world.people.append(self.vault.address)

    def book(self, amount: int) -> Receipt:
        """Move collateral in and book it."""
        self.world.token.transfer(self.vault.address, amount, sender=self.token)
        return self.both(
            lambda: self.vault.book(amount, sender=self.token), lambda: self.model.book(amount)
        )

    def pay(self, receiver: str, amount: int) -> Receipt:
        world = self.world
        return self.both(
            lambda: self.vault.pay(receiver, amount, sender=self.token),
            lambda: self.model.pay(amount, world.oracle_prices, world.now),
        )

    def trade(
        self, targets: Sequence[int], bound: int = 2**256 - 1, chunked: bool = False
    ) -> Receipt:
        """Trade at the oracle's prices; compares the result and the events."""
        world, vault = self.world, self.vault
        prices, reached = ten(world.prices), []
        self.model.traded = []
        arguments = (self.held(), ten(targets), prices, bound, chunked)
        try:
            expected, after = vault.trade.call(*arguments, sender=self.token)
        except Reverted:
            expected = after = None  # compared below
        receipt = self.both(
            lambda: vault.trade(*arguments, sender=self.token),
            lambda: reached.append(self.model.trade(targets, prices, bound, chunked, world.now)),
        )
        assert [expected] == reached
        assert after == vault.value(prices)
        traded = [event for event in vault.events(receipt) if event.name == "Traded"]
        assert [
            Traded(each.component, each.delta, each.price, each.fee) for each in traded
        ] == self.model.traded
        return receipt

    def held(self) -> Any:
        """What the token has read before it trades; nothing while it cannot."""
        if not self.world.priced:
            return (0, 0, ten([]))
        return self.vault.value(ten(self.world.prices))

    def both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        receipt = self.world.both(on_chain, on_model)
        self.check()
        return receipt

    def check(self) -> None:
        vault, world = self.vault, self.world
        assert vault.idle() == self.model.idle
        assert world.token.balanceOf(vault.address) >= self.model.idle
        if world.priced:
            value = vault.value(ten(world.prices))
            expected = self.model.value(world.prices, world.now)
            assert (value.idle, value.equity, value.shorts) == (
                expected.idle,
                expected.equity,
                ten(expected.shorts),
            )
