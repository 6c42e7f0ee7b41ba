# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of the exchange: trading, solvency, the end; chain and model
equal in every number after every step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from tests.stateful.exchange_base import (
    SETTLED,
    VAULT,
    ExchangeBase,
    deploy_lens_harness,
    everybody,
    liquidators,
    markets,
)
from tests.stateful.exchange_machine import TradingMachine
from tests.stateful.exchange_moves import any_moves
from tests.stateful.machine import Tally, step
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import config_tuple

HEALTHY = "exchange: account is healthy"
RESTRICTED = "exchange: oracle restricts its prices"
LIVES = "exchange: oracle is not dead"
REDUCE = "exchange: settled, orders only reduce"
# Millionths of the maintenance margin at which accounts are looked at.
PRESSURE = (
    -100_000,
    0,
    499_999,
    500_001,
    600_000,
    700_000,
    800_000,
    900_000,
    999_999,
    1_000_000,
    1_000_001,
    1_300_000,
)
DUST = 2 * 10**33
REGIMES = (
    "bought",
    "sold",
    "position turned",
    "several markets open",
    "several orders at once",
    "long cap reached",
    "short cap reached",
    "long paid",
    "short paid",
    "prices restricted: step",
    "prices restricted: spread",
    "liquidated though restricted",
    "spared while restricted",
    "shorts paid though prices vanish",
    "provider leaves before debts are cleared",
    "request made",
    "asked again",
    "claim too early",
    "claimed at the price of the request",
    "claimed at the price of the claim",
    "claimed in part",
    "claimed without a delay",
    "price fixed",
    "pending deposit comes back",
    "refused one unit more: exchange: margin too low",
    "refused one unit more: exchange: pool reserve too low",
    "refused one unit more: pool: account above its limit",
    "refused one unit more: exchange: long interest capped",
    "refused one unit more: exchange: short interest capped",
    "provider waits: exchange: pool reserve too low",
    "pool exhausted",
    "longs pay funding",
    "shorts pay funding",
    "as many longs as shorts",
    "rates set anew",
    "prices: calm",
    "prices: jump",
    "prices: gap",
    "prices: crash",
    "prices: squeeze",
    "prices: extreme",
    "hedged",
    "hedged in chunks",
    "hedge refused: vault: slippage above bound",
    "liquidation partial",
    "liquidation full",
    "bad debt to insurance",
    "bad debt to pool",
    "bankrupt account keeps its position",
    "auto-deleverage",
    "pool covers the shorts",
    "prices fail",
    "prices are back",
    "settled",
    "settled at a loss",
    "closed out",
    "left whole",
)


class ExchangeMachine(TradingMachine):
    """Nobody below maintenance survives a liquidator, and everybody gets out."""

    @step(when=ExchangeBase.open_for_trade, by=liquidators)
    def liquidate_all(self, by: int) -> None:
        """Everybody who can be; the others cannot. Afterwards nobody is below
        the maintenance margin, and who has kept a part is back at the initial."""
        harness, model = self.harness, self.model
        below = self.below_maintenance()
        healthy = [who for who in range(len(self.accounts)) if who not in below]
        if healthy:
            name = self.name(healthy[by % len(healthy)])
            with reverts(HEALTHY):
                harness.calls("liquidate", name, self.name(by), sender=self.name(by))
        for who in below:
            self.liquidate_one(by, who)
        assert self.below_maintenance() == []
        for who in below:
            name = self.name(who)
            assert self.equity(who) + 10**24 >= model.initial_up(name, self.prices)

    @step(
        when=ExchangeBase.open_for_trade,
        by=liquidators,
        who=st.integers(0, VAULT),
        m=markets,
        part=st.sampled_from(PRESSURE),
        at_once=st.booleans(),
    )
    def pinch(self, by: int, who: int, m: int, part: int, at_once: bool) -> None:
        """An account is brought to just this part of its maintenance margin."""
        self.press(who, self.listed(m), part)
        if at_once:
            self.liquidate_all(by)

    def liquidate_one(self, by: int, who: int) -> None:
        receipt = self.harness.liquidate(self.name(by), self.name(who))
        events = {event.name: event for event in self.exchange.events(receipt)}
        partial = events["Liquidated"].fraction < WAD
        assert self.has_position(who) == partial
        self.note("liquidation partial" if partial else "liquidation full")
        debt = events.get("BadDebt")
        if debt is None:
            return
        assert self.equity(who) == 0
        if debt.insurance_paid:
            self.note("bad debt to insurance")
        if debt.pool_paid:
            assert self.model.insurance == 0
            self.note("bad debt to pool")

    @step(when=ExchangeBase.open_for_trade, by=everybody, m=markets)
    def deleverage(self, by: int, m: int) -> None:
        """Longs are closed only while the pool does not cover the shorts."""
        m, model, harness = self.listed(m), self.model, self.harness
        longest = max(range(len(self.accounts)), key=lambda who: self.sizes(who)[m])
        name = self.name(longest)
        shorts = sum(
            market.short_interest * price
            for market, price in zip(model.markets, self.prices, strict=False)
        )
        if self.sizes(longest)[m] <= 0:
            reason = "exchange: no long position"
        elif model.pool_equity(self.prices, self.now) >= shorts:
            reason = "exchange: pool covers the shorts"
            self.note("pool covers the shorts")
        else:
            harness.deleverage(self.name(by), name, m)
            assert self.sizes(longest)[m] == 0
            self.note("auto-deleverage")
            return
        with reverts(reason):
            harness.calls("deleverage", name, m, sender=self.name(by))

    # the oracle

    @step(
        when=ExchangeBase.open_for_trade,
        by=liquidators,
        steps=st.booleans(),
        spread=st.sampled_from([0, 10**15, 10**17, 2 * WAD]),
        moves=any_moves(3),
    )
    def doubt(self, by: int, steps: bool, spread: int, moves: list[int]) -> None:
        """The oracle restricts its prices until they move on: nothing is used against
        an account."""
        harness = self.harness
        accepted = self.bounded(
            [p * (10_000 + each) // 10_000 for p, each in zip(self.prices, moves, strict=True)]
        )
        restriction = Restriction.STEP if steps else Restriction.SPREAD
        harness.restrict(restriction, spread, accepted if steps else ())
        self.note("prices restricted: step" if steps else "prices restricted: spread")
        self.refuses_growth(by)
        below = self.below_maintenance()
        for who in range(len(self.accounts)):
            self.liquidate_in_doubt(by, who, who in below)

    def refuses_growth(self, by: int) -> None:
        """Of positions and of the pool."""
        name, harness = self.name(by), self.harness
        sign = 1 if self.sizes(by)[0] >= 0 else -1
        reason = self.refusal(by, [Order(0, sign, MAX_UINT256 if sign > 0 else 0)])
        assert reason
        assert harness.order_refused(name, Order(0, sign, MAX_UINT256 if sign > 0 else 0)) == reason
        if not self.model.is_idle():  # else shares need no price
            with reverts(RESTRICTED):
                harness.pool_calls("totalAssets", sender=name)

    def liquidate_in_doubt(self, by: int, who: int, below: bool) -> None:
        """Only whom the best of the possible prices leaves below maintenance."""
        model, harness, name = self.model, self.harness, self.name(who)
        best = model.prices_of(name, harness.oracle_prices, against=False)
        if model.equity(name, best, self.now) < model.maintenance_up(name, best):
            harness.liquidate(self.name(by), name)
            self.note("liquidated though restricted")
            return
        with reverts(HEALTHY):
            harness.calls("liquidate", name, self.name(by), sender=self.name(by))
        if below:
            self.note("spared while restricted")

    @step(when=ExchangeBase.open_for_trade, by=everybody)
    def accrue(self, by: int) -> None:
        """No claim moves by it, and every market has the rate of what is kept now."""
        before = self.worths()
        self.harness.accrue(self.name(by))
        assert self.worths() == before
        self.note("rates set anew")

    @step(when=ExchangeBase.may_fail, who=everybody)
    def fail_or_mend(self, who: int) -> None:
        """While there are no prices nothing that needs one goes through."""
        harness = self.harness
        if harness.failing:
            harness.failing = False
            harness.oracle.set_failing(False, sender=harness.owner)
            self.note("prices are back")
            return
        harness.fail_oracle()
        self.stale_everywhere(who)
        with reverts(LIVES):
            harness.calls("settle", sender=self.name(who))
        self.note("prices fail")

    @step(when=ExchangeBase.may_die, by=everybody)
    def die_and_settle(self, by: int) -> None:
        """No claim moves by it, and it happens once."""
        harness = self.harness
        before = self.worths()
        harness.kill_oracle()
        harness.settle(self.name(by))
        assert self.worths() == before
        with reverts(SETTLED):
            harness.calls("settle", sender=self.name(by))
        for m, market in enumerate(self.model.markets):
            assert tuple(self.exchange.market(m)) == config_tuple(market.config)
        self.note("settled")
        if any(worth < 0 for worth in before[:-1]):
            self.note("settled at a loss")

    def worths(self) -> list[int]:
        """Every account's and the pool's, at the present prices."""
        model, now = self.model, self.now
        found = [model.equity(name, self.prices, now) for name in self.accounts]
        return [*found, model.pool_equity(self.prices, now)]

    @step(when=ExchangeBase.settled, who=everybody, m=markets, buy=st.booleans())
    def nothing_grows(self, who: int, m: int, buy: bool) -> None:
        """No position, no liquidity, no deleveraging."""
        m, name, calls = self.listed(m), self.name(who), self.harness.calls
        size = self.sizes(who)[m]
        sign = 1 if size >= 0 else -1
        with reverts(REDUCE):
            order = Order(m, sign, MAX_UINT256 if sign > 0 else 0)
            calls("trade", [order], sender=name)
        with reverts(SETTLED):
            self.harness.pool_calls("requestDeposit", 1, name, name, sender=name)
        with reverts(SETTLED):
            self.harness.pool_calls("fix_price", name, sender=name)
        with reverts(SETTLED):
            calls("deleverage", name, m, sender=name)

    @step(when=ExchangeBase.settled, by=everybody, who=st.integers(0, VAULT))
    def close_out(self, by: int, who: int) -> None:
        """Anybody closes any account, at no cost and for no reward."""
        if not self.has_position(who):
            with reverts(HEALTHY):
                self.harness.calls("liquidate", self.name(who), self.name(by), sender=self.name(by))
            return
        worth = self.equity(who)
        self.harness.liquidate(self.name(by), self.name(who))
        assert self.equity(who) == max(worth, 0)
        assert not self.has_position(who)
        self.note("closed out")

    @step(when=lambda self: self.model.settled and self.steps % 5 == 0, by=everybody)
    def everybody_leaves(self, by: int) -> None:
        """The accounts with their equity, the providers with what the debts of the
        bankrupt leave; what stays is dust."""
        harness, model = self.harness, self.model
        for who in range(len(self.accounts)):
            if self.has_position(who):
                self.close_out(by, who)
        if model.pool_cash < 0:
            self.note("insolvent")
            return
        for who in range(VAULT):
            self.leave(who)
        amount = harness.vault_model.spendable([], self.now)
        if amount:
            harness.pay(self.name(by), amount)
        dust = model.collateral * model.scale - model.insurance
        assert 0 <= dust <= DUST + len(self.accounts) * model.scale
        self.note("left whole")

    def leave(self, who: int) -> None:
        name, model = self.name(who), self.model
        account = model.accounts[name]
        whole = account.cash // model.scale
        if whole:
            self.harness.withdraw(name, whole)
        if account.joining.amount:
            self.harness.cancel_deposit(name)
        if model.pool_cash > 0:
            if account.liquidity:
                self.harness.request_redeem(name, account.liquidity)
            if account.leaving.amount:
                self.harness.claim_redeem(name, account.leaving.amount)


def machine_for(chain: LocalBackend, configuration: str) -> type[ExchangeMachine]:
    """The machine on a freshly deployed harness."""
    harness: Any = deploy_lens_harness(chain, configuration)
    members = {"fresh": harness, "accounts": harness.accounts, "tally": Tally()}
    return type("Machine", (ExchangeMachine,), members)
