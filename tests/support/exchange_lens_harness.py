# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange, a vault on it and their exact model, at the speed of state machines.

One transaction an action; `look()` reads all there is with one call, and the time
is known without asking. `check()` compares every number with the model's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import astuple, fields
from typing import Any

from inverse_index.chain import LocalBackend, Receipt, Reverted
from inverse_index.model.exchange.markets import MarketConfig, MarketState
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import Revert
from inverse_index.model.perp.vault import PerpVaultModel
from tests.support.exchange_harness import NOBODY, TERMS, ExchangeHarness, ten

WORD = 32
STATE = len(fields(MarketState))
OWN = 12  # numbers of an account that do not depend on how many markets there are


class ExchangeLensHarness(ExchangeHarness):
    """`ExchangeHarness` with a vault; what is compared is compared by `check` alone."""

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        actors: Sequence[str],
        prices: Sequence[int],
        configs: Sequence[MarketConfig],
        decimals: int,
        token: str,
        vault_terms: tuple[int, Sequence[int]],
        terms: tuple[int, int] = TERMS,
    ) -> None:
        """The vault's token is an ordinary account. vault_terms: idle buffer (WAD)
        and largest trades (WAD units)."""
        self._now = chain.now()
        super().__init__(chain, owner, actors, prices, configs, decimals, terms)
        self.lens = chain.deploy("ExchangeLens", sender=owner)
        self.vault_token = token
        self.fund(token)
        self.donated = 0
        vault = chain.deploy("PerpVault", token, self.exchange.address, *vault_terms, sender=token)
        self.vault = vault
        self.vault_model = PerpVaultModel(self.model, vault.address, *vault_terms)
        self.accounts = (*actors, vault.address)
        for name in self.accounts:
            self.model.account(name)
        asset = self.token
        self.wealth = {name: int(asset.balanceOf(name)) for name in self.accounts}
        self.look_data = self.look_parts()
        self.now_is(chain.now())

    def look_parts(self) -> tuple[bytes, bytes]:
        """What is sent to the lens, before and after the prices: only these change."""
        count = self.model.component_count
        arguments = (self.exchange.address, self.vault.address, list(self.accounts), [0] * 10)
        data = self.lens.encode("look", *arguments, count)
        at = 4 + 3 * WORD
        return data[:at], data[at + 10 * WORD :]

    def fork(self) -> ExchangeLensHarness:
        """The same contracts with a model of its own."""
        other = copy(self)
        other.model, other.vault_model, other.wealth = deepcopy(
            (self.model, self.vault_model, self.wealth)
        )
        other.prices = list(self.prices)
        return other

    # time

    @property
    def now(self) -> int:
        return self._now

    def now_is(self, timestamp: int) -> None:
        self._now = timestamp

    def wait(self, seconds: int) -> None:
        self._now += seconds
        self.chain.set_next_timestamp(self._now)
        self.chain.mine()

    def move_prices(self, prices: Sequence[int], seconds: int) -> None:
        """New prices, that many seconds later, in one transaction."""
        if seconds:
            self._now += seconds
            self.chain.set_next_timestamp(self._now)
        self.set_prices(*prices)

    # what an action would do

    def trial(self, act: Callable[[], Any]) -> str:
        """The reason why the model refuses, "" when it does not; no change."""
        saved, accounts = self.vault_model.saved(), self.model.accounts
        self.model.accounts = {name: each.copy() for name, each in accounts.items()}
        try:
            act()
        except Revert as refused:
            return refused.reason or "arithmetic"
        finally:
            self.vault_model.restore(saved)
            self.model.accounts = accounts
        return ""

    def trial_value(self, act: Callable[[], int]) -> int:
        """What the model would return, 0 when it refuses; no change."""
        found: list[int] = []
        self.trial(lambda: found.append(act()))
        return found[0] if found else 0

    # actions: on the model, then on the chain

    def both(self, on_chain: Callable[[], Receipt], on_model: Callable[[], Any]) -> Receipt:
        """Neither may refuse: what must revert is tried with `refuses`."""
        on_model()
        return on_chain()

    def deposit(self, actor: str, amount: int) -> Receipt:
        self.wealth[actor] -= amount
        return super().deposit(actor, amount)

    def withdraw(self, actor: str, amount: int, receiver: str | None = None) -> Receipt:
        self.wealth[receiver or actor] += amount
        return super().withdraw(actor, amount, receiver)

    def fund_insurance(self, actor: str, amount: int) -> Receipt:
        self.wealth[actor] -= amount
        return super().fund_insurance(actor, amount)

    def request_deposit(self, actor: str, amount: int) -> Receipt:
        self.wealth[actor] -= amount
        return super().request_deposit(actor, amount)

    def cancel_deposit(self, actor: str) -> Receipt:
        self.wealth[actor] += self.model.accounts[actor].joining.amount
        return super().cancel_deposit(actor)

    def claim_redeem(self, actor: str, shares: int, min_amount: int = 0) -> Receipt:
        before = self.model.collateral
        receipt = super().claim_redeem(actor, shares, min_amount)
        self.wealth[actor] += before - self.model.collateral
        return receipt

    def liquidate(self, actor: str, account: str) -> Receipt:
        before = self.model.collateral
        receipt = super().liquidate(actor, account)
        self.wealth[actor] += before - self.model.collateral
        return receipt

    def donate(self, actor: str, amount: int) -> None:
        """Collateral that nobody asked for changes nothing."""
        for contract in (self.exchange, self.pool):
            self.token.transfer(contract, amount, sender=actor)
        self.wealth[actor] -= 2 * amount
        self.donated += amount

    # the vault's

    def book(self, amount: int) -> None:
        self.token.transfer(self.vault.address, amount, sender=self.vault_token)
        self.vault.book(amount, sender=self.vault_token)
        self.vault_model.book(amount)

    def pay(self, receiver: str, amount: int) -> None:
        self.vault_model.pay(amount, self.oracle_prices, self.now)
        self.vault.pay(receiver, amount, sender=self.vault_token)
        self.wealth[receiver] += amount

    def hedge_arguments(self, targets: Sequence[int], bound: int, chunked: bool) -> tuple:
        """Of the vault's trade; the first is what the token has read before."""
        prices, model = self.prices, self.vault_model
        value = model.value(prices, self.now)
        held = (value.idle, value.equity, ten(value.shorts))
        return held, ten(targets), ten(prices), bound, chunked

    def hedge(self, targets: Sequence[int], bound: int, chunked: bool) -> bool:
        """Returned, stored and logged as the model has it; whether it got there."""
        arguments = self.hedge_arguments(targets, bound, chunked)
        vault, model, by = self.vault, self.vault_model, self.vault_token
        returned, after = vault.trade.call(*arguments, sender=by)
        at = self.oracle_prices
        reached = model.trade(targets, ten(self.prices), bound, chunked, self.now, at)
        receipt = vault.trade(*arguments, sender=by)
        value = model.value(self.prices, self.now)
        assert (returned, *after) == (reached, value.idle, value.equity, ten(value.shorts))
        traded = [tuple(each.args.values()) for each in vault.events(receipt)]
        assert traded == [(t.component, t.delta, t.price, t.fee) for t in model.traded]
        return reached

    def calls(self, name: str, *args: Any, sender: str) -> Any:
        """What a function of the exchange would return now."""
        return self.exchange.method(name).call(*args, sender=sender)

    def pool_calls(self, name: str, *args: Any, sender: str) -> Any:
        """What a function of the pool would return now."""
        return self.pool.method(name).call(*args, sender=sender)

    def order_refused(self, actor: str, *orders: Order) -> str:
        """The reason that the chain has for refusing orders."""
        try:
            self.calls("trade", list(orders), sender=actor)
        except Reverted as refused:
            return refused.reason
        return ""

    # comparison

    def look(self) -> list[int]:
        """Every number of the chain, as `expected` lists them."""
        head, tail = self.look_data
        prices = b"".join([price.to_bytes(WORD, "big") for price in ten(self.prices)])
        data = self.chain.call(self.lens.address, head + prices + tail)
        return [
            int.from_bytes(data[at : at + WORD], "big", signed=True)
            for at in range(2 * WORD, len(data), WORD)
        ]

    def expected(self) -> list[int]:
        """The same numbers of the model."""
        model, prices, now = self.model, self.prices, self.now
        vault = self.vault_model
        value = vault.value(prices, now)
        numbers = [
            model.held,
            model.pool_held,
            model.pending,
            model.pool_cash,
            model.insurance,
            model.total_liquidity,
            int(model.settled),
            model.spare_reserve(NOBODY, prices, now),
            model.held + self.donated,
            model.pool_held + model.pending + self.donated,
            vault.idle,
            value.idle,
            value.equity,
            *value.shorts,
        ]
        for market in model.markets:
            numbers += astuple(market.state())
        priced = self.undisputed
        numbers.append(int(priced))
        if priced:
            numbers.append(model.pool_equity(prices, now))
            numbers.append(model.total_assets(prices, now))
        for name in self.accounts:
            account = model.accounts[name]
            wealth = vault.idle if name == vault.name else self.wealth[name]
            equity = model.equity(name, prices, now)
            numbers += [account.cash, account.liquidity]
            numbers += [*astuple(account.joining), *astuple(account.leaving)]
            numbers.append(model.max_deposit(name, self.oracle_prices, now))
            numbers += [model.max_redeem(name, self.oracle_prices, now), wealth, equity]
            numbers += account.sizes
            if priced:
                numbers.append(equity)
                numbers += [model.initial_up(name, prices), model.maintenance_up(name, prices)]
        return numbers

    def check(self) -> None:
        """All is equal; all claims together are what is held."""
        found, expected = self.look(), self.expected()
        if found != expected:
            raise AssertionError(self.differences(found, expected))
        self.check_sums(found)

    def check_sums(self, found: Sequence[int]) -> None:
        """Collateral held by exchange and pool is the sum of all claims, to the unit of
        the ledger, and beside it lies what is pending; shares are those of everybody and
        in custody; open interest that of the positions: from the chain's own numbers."""
        count, listed = self.model.component_count, len(self.model.markets)
        at_exchange, at_pool, pending, pool_cash, insurance, total = found[:6]
        held = at_exchange + at_pool
        at = 13 + count
        states = found[at : at + STATE * listed]
        priced = found[at + STATE * listed]
        at += STATE * listed + 1 + 2 * priced
        size = OWN + count + 3 * priced
        rows = [found[at + size * n : at + size * (n + 1)] for n in range(len(self.accounts))]
        assert at + size * len(rows) == len(found)
        assert sum(row[0] for row in rows) + pool_cash + insurance == held * self.model.scale
        assert sum(row[1] + row[5] for row in rows) == total
        assert sum(row[2] for row in rows) == pending
        assert found[9] == at_pool + pending + self.donated
        for m in range(listed):
            skew, short = states[STATE * m : STATE * m + 2]
            sizes = [row[OWN + m] for row in rows]
            assert sum(sizes) == skew
            assert sum(-size for size in sizes if size < 0) == short
        if priced:
            equities = sum(row[OWN - 1] for row in rows)
            pool = found[at - 2]
            assert equities + pool + insurance == held * self.model.scale

    def differences(self, found: Sequence[int], expected: Sequence[int]) -> str:
        names = self.names()
        if len(found) != len(expected):
            return f"{len(found)} numbers on the chain, {len(expected)} in the model"
        return "; ".join(
            f"{name}: chain {a}, model {b}"
            for name, a, b in zip(names, found, expected, strict=True)
            if a != b
        )

    def names(self) -> list[str]:
        """Of the numbers, in order."""
        model = self.model
        names = [
            "held",
            "pool held",
            "pending",
            "pool cash",
            "insurance",
            "total liquidity",
            "settled",
            "spare reserve",
            "the exchange's collateral",
            "the pool's collateral",
            "the vault's collateral",
            "vault idle (value)",
            "vault equity",
        ]
        names += [f"vault short {m}" for m in range(model.component_count)]
        for m in range(len(model.markets)):
            names += [f"market {m} {field.name}" for field in fields(MarketState)]
        names += ["has prices", *["pool equity", "total assets"] * self.undisputed]
        for name in self.accounts:
            label = "vault" if name == self.vault.address else name[:8]
            parts = ["cash", "liquidity"]
            for request in ("joining", "leaving"):
                parts += [f"{request} {part}" for part in ("amount", "bound", "since")]
            parts += ["max deposit", "max redeem", "wallet", "value"]
            parts += [f"size {m}" for m in range(model.component_count)]
            parts += ["equity", "initial", "maintenance"] * self.undisputed
            names += [f"{label} {part}" for part in parts]
        return names
