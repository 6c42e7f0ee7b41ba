# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange on chain and its model, moved together and compared with ==."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inverse_index.chain import (
    Contract,
    LocalBackend,
    Receipt,
    Reverted,
    contract_at,
    create_address,
)
from inverse_index.model.exchange.markets import MarketConfig
from inverse_index.model.exchange.marks import Prices, Restricted, marks_of
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.pool import REQUEST_DELAY
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.oracle.prices import Prices as OraclePrices
from inverse_index.model.oracle.prices import Restriction
from tests.support.constants import MAX_UINT256

ONE = 10**36  # one whole unit of collateral in the ledger
FUNDED = 10**12  # whole units of collateral that everybody starts with
STALE = "oracle: stale price"

# An order of 10,000 units moves the price by 100%, of which 0.36% an hour come back;
# 0.1% fee; 10% and 5% margin: at most 250 units on a side.
CONFIG = MarketConfig(
    skew_scale=10_000 * WAD,
    max_funding=10**12,
    taker_fee=10**15,
    recovery=10**12,
    initial_margin=10**17,
    maintenance_margin=5 * 10**16,
    max_long=250 * WAD,
)


NOBODY = "0x" + "00" * 20
MAX_BORROWING = 10**11  # WAD per second, of a pool that is wholly kept: 0.86% a day
TERMS = (MAX_BORROWING, WAD)


def config_tuple(config: MarketConfig) -> tuple[int, ...]:
    """As the contract takes it."""
    return (
        config.skew_scale,
        config.max_funding,
        config.taker_fee,
        config.recovery,
        config.initial_margin,
        config.maintenance_margin,
        config.max_long,
    )


def ten(values: Sequence[int]) -> list[int]:
    """The values, with zeros after the last."""
    return [*values, *[0] * (10 - len(values))]


def buy(market: int, delta: int, limit: int = MAX_UINT256) -> Order:
    return Order(market, delta, limit)


def sell(market: int, delta: int, limit: int = 0) -> Order:
    return Order(market, -delta, limit)


def deploy_exchange(
    chain: LocalBackend,
    asset: str | Contract,
    oracle: str | Contract,
    owner: str,
    configs: Sequence[MarketConfig],
    terms: tuple[int, int] = TERMS,
) -> tuple[Contract, Contract]:
    """An exchange and its pool, each of which knows the other. terms: the pool's maximum
    of the borrowing fee, and its limit for an account."""
    expected = create_address(owner, chain.nonce(owner) + 1)
    pool = chain.deploy("LiquidityPool", asset, expected, *terms, sender=owner)
    markets = [config_tuple(config) for config in configs]
    return chain.deploy("PerpExchange", pool, oracle, markets, sender=owner), pool


def pool_of(exchange: Contract) -> Contract:
    return contract_at(exchange.backend, "LiquidityPool", exchange.pool())


class ExchangeHarness:
    """Collateral, oracle, exchange, pool and model; every action is done on both.

    An action that the model refuses must revert on chain with that reason;
    after each action all state and all views are equal.
    """

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        actors: Sequence[str],
        prices: Sequence[int],
        configs: Sequence[MarketConfig],
        decimals: int = 6,
        terms: tuple[int, int] = TERMS,
    ) -> None:
        self.chain = chain
        self.terms = terms
        self.owner = owner
        self.actors = list(actors)
        self.prices = list(prices)
        self.unit = 10**decimals
        self.failing = False
        self.restricted: Restricted | None = None
        self.token = chain.deploy("LocalCollateral", "Dollar", "USD", decimals, sender=owner)
        self.oracle = chain.deploy("FixedOracle", list(prices), sender=owner)
        self.configs = list(configs)
        self.deploy_on(self.token)
        self.model = ExchangeModel(decimals, len(prices))
        self.model.max_borrowing, self.model.account_limit = terms
        self.model.list_markets(configs, self.now)
        for actor in self.actors:
            self.fund(actor)

    def deploy_on(self, token: Contract) -> None:
        """A new pair of contracts, on this collateral."""
        self.token = token
        self.exchange, self.pool = deploy_exchange(
            self.chain, token, self.oracle, self.owner, self.configs, self.terms
        )

    def fund(self, actor: str) -> None:
        """Collateral for an actor, and allowances to pull it."""
        self.token.mint(actor, FUNDED * self.unit, sender=actor)
        for spender in (self.exchange, self.pool):
            self.token.approve(spender, MAX_UINT256, sender=actor)

    @property
    def now(self) -> int:
        return self.chain.now()

    @property
    def priced(self) -> bool:
        """Does the exchange know prices?"""
        return self.model.settled or not self.failing

    @property
    def undisputed(self) -> bool:
        """And are they not restricted?"""
        return self.model.settled or not (self.failing or self.restricted)

    @property
    def oracle_prices(self) -> Prices:
        """What the model is to see of the oracle."""
        return Revert(STALE) if self.failing else self.restricted or self.prices

    def restrict(self, restriction: Restriction, spread: int, accepted: Sequence[int] = ()) -> None:
        """The oracle doubts its prices; spread: WAD half-spread of each."""
        self.oracle.restrict(int(restriction), spread, list(accepted), sender=self.owner)
        spreads = (spread,) * len(self.prices)
        read = OraclePrices(tuple(self.prices), spreads, 0, restriction)
        oracle = self.oracle
        marks = marks_of(read, lambda i: tuple(oracle.extremes(i)), oracle.accepted_mid)
        self.restricted = marks if isinstance(marks, Restricted) else None

    def set_prices(self, *prices: int) -> None:
        """The oracle believes them."""
        if self.restricted:
            self.restrict(Restriction(0), 0)
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

    def deposit(self, actor: str, amount: int) -> Receipt:
        return self.both(
            lambda: self.exchange.deposit(amount, sender=actor),
            lambda: self.model.deposit(actor, amount),
        )

    def withdraw(self, actor: str, amount: int, receiver: str | None = None) -> Receipt:
        return self.both(
            lambda: self.exchange.withdraw(amount, receiver or actor, sender=actor),
            lambda: self.model.withdraw(actor, amount, self.oracle_prices, self.now),
        )

    def fund_insurance(self, actor: str, amount: int) -> Receipt:
        return self.both(
            lambda: self.pool.fund_insurance(amount, sender=actor),
            lambda: self.model.fund_insurance(amount),
        )

    def trade(self, actor: str, *orders: Order) -> Receipt:
        """Also compares the fills with the events."""
        fills: list[Any] = []
        receipt = self.both(
            lambda: self.exchange.trade(list(orders), sender=actor),
            lambda: fills.extend(self.model.trade(actor, orders, self.oracle_prices, self.now)),
        )
        traded = [event for event in self.exchange.events(receipt) if event.name == "Traded"]
        assert [(event.price, event.fee) for event in traded] == [
            (fill.price, fill.fee) for fill in fills
        ]
        return receipt

    def accrue(self, actor: str) -> Receipt:
        return self.both(
            lambda: self.exchange.accrue(sender=actor),
            lambda: self.model.accrue(self.oracle_prices, self.now),
        )

    def liquidate(self, actor: str, account: str) -> Receipt:
        done: list[Any] = []
        receipt = self.both(
            lambda: self.exchange.liquidate(account, actor, sender=actor),
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

    def deleverage(self, actor: str, account: str, market: int) -> Receipt:
        return self.both(
            lambda: self.exchange.deleverage(account, market, sender=actor),
            lambda: self.model.deleverage(account, market, self.oracle_prices, self.now),
        )

    def request_deposit(self, actor: str, amount: int) -> Receipt:
        return self.both(
            lambda: self.pool.requestDeposit(amount, actor, actor, sender=actor),
            lambda: self.model.request_deposit(actor, amount, self.oracle_prices, self.now),
        )

    def claim_deposit(self, actor: str, amount: int, min_shares: int = 0) -> Receipt:
        return self.both(
            lambda: self.pool.deposit(amount, actor, actor, min_shares, sender=actor),
            lambda: self.model.claim_deposit(
                actor, amount, min_shares, self.oracle_prices, self.now
            ),
        )

    def cancel_deposit(self, actor: str) -> Receipt:
        return self.both(
            lambda: self.pool.cancel_deposit(actor, sender=actor),
            lambda: self.model.cancel_deposit(actor, self.oracle_prices, self.now),
        )

    def request_redeem(self, actor: str, shares: int) -> Receipt:
        return self.both(
            lambda: self.pool.requestRedeem(shares, actor, actor, sender=actor),
            lambda: self.model.request_redeem(actor, shares, self.oracle_prices, self.now),
        )

    def claim_redeem(self, actor: str, shares: int, min_amount: int = 0) -> Receipt:
        return self.both(
            lambda: self.pool.redeem(shares, actor, actor, min_amount, sender=actor),
            lambda: self.model.claim_redeem(
                actor, shares, min_amount, self.oracle_prices, self.now
            ),
        )

    def fix_price(self, actor: str, account: str) -> Receipt:
        return self.both(
            lambda: self.pool.fix_price(account, sender=actor),
            lambda: self.model.fix_price(account, self.oracle_prices, self.now),
        )

    def add_liquidity(self, actor: str, amount: int) -> Receipt:
        """Request and claim, after the delay where there is one."""
        self.request_deposit(actor, amount)
        self.pass_delay()
        return self.claim_deposit(actor, amount)

    def remove_liquidity(self, actor: str, shares: int) -> Receipt:
        """Request and claim, after the delay where there is one."""
        self.request_redeem(actor, shares)
        self.pass_delay()
        return self.claim_redeem(actor, shares)

    def pass_delay(self) -> None:
        """Of a request that has just been made."""
        if any(market.skew or market.short_interest for market in self.model.markets):
            self.wait(REQUEST_DELAY)

    def transfer_shares(self, actor: str, receiver: str, shares: int) -> Receipt:
        return self.both(
            lambda: self.pool.transfer(receiver, shares, sender=actor),
            lambda: self.model.transfer_shares(actor, receiver, shares),
        )

    def settle(self, actor: str) -> Receipt:
        return self.both(
            lambda: self.exchange.settle(sender=actor),
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
        for actor in self.actors:
            self.model.account(actor)
        assert self.state() == self.model.state()
        assert self.model.conservation_error() == 0
        assert self.token.balanceOf(self.exchange) >= self.model.held
        assert self.token.balanceOf(self.pool) >= self.model.pool_held + self.model.pending
        self.check_maximums()
        if self.undisputed:
            self.check_views()

    def state(self) -> dict[str, Any]:
        """What the chain has stored, laid out as the model's state."""
        accounts = list(self.model.accounts)
        count, listed = self.model.component_count, len(self.model.markets)
        reads: list[tuple[Any, ...]] = [("held",), ("settled",)]
        reads += [("market_state", m) for m in range(listed)]
        for account in accounts:
            reads += [("cash", account), ("account_value", account, ten(self.prices))]
        held, settled, *rest = self.read(self.exchange, reads)
        markets, rest = rest[:listed], rest[listed:]
        of = [rest[2 * n : 2 * n + 2] for n in range(len(accounts))]
        reads = [("held",), ("pending_assets",), ("cash",), ("insurance",), ("totalSupply",)]
        for account in accounts:
            reads += [("balanceOf", account)]
            reads += [("deposit_request", account), ("redeem_request", account)]
        pool_held, pending, pool_cash, insurance, total, *rest = self.read(self.pool, reads)
        shares = [rest[3 * n : 3 * n + 3] for n in range(len(accounts))]
        return {
            "held": held,
            "pool_held": pool_held,
            "pending": pending,
            "pool_cash": pool_cash,
            "insurance": insurance,
            "total_liquidity": total,
            "settled": settled,
            "markets": [_market_state(each) for each in markets],
            "accounts": {
                name: (cash, tuple(valued[1][:count]), liquidity, tuple(joining), tuple(leaving))
                for name, (cash, valued), (liquidity, joining, leaving) in zip(
                    accounts, of, shares, strict=True
                )
            },
        }

    def check_views(self) -> None:
        model, now, prices = self.model, self.now, self.prices
        names = list(model.accounts)
        reads: list[tuple[Any, ...]] = [("spare_reserve", NOBODY, ten(prices))]
        reads += [("margin", name) for name in names]
        spare, *margins = self.read(self.exchange, reads)
        equity, assets = self.read(self.pool, [("equity",), ("totalAssets",)])
        assert equity == model.pool_equity(prices, now)
        assert assets == model.total_assets(prices, now)
        assert spare == model.spare_reserve(NOBODY, prices, now)
        claims = equity + model.insurance
        for name, margin in zip(names, margins, strict=True):
            assert tuple(margin) == model.margin(name, self.oracle_prices, now)
            claims += model.equity(name, prices, now)
        assert claims == model.collateral * model.scale

    def check_maximums(self) -> None:
        """They answer without prices too."""
        model, prices, now = self.model, self.oracle_prices, self.now
        names = list(model.accounts)
        reads: list[tuple[Any, ...]] = []
        for name in names:
            reads += [("maxDeposit", name), ("claimableDepositRequest", 0, name)]
            reads += [("pendingDepositRequest", 0, name), ("maxRedeem", name)]
            reads += [("claimableRedeemRequest", 0, name), ("pendingRedeemRequest", 0, name)]
        expected = []
        for name in names:
            account = model.account(name)
            deposit = model.max_deposit(name, prices, now)
            redeem = model.max_redeem(name, prices, now)
            expected += [deposit, deposit, account.joining.amount - deposit]
            expected += [redeem, redeem, account.leaving.amount - redeem]
        assert self.read(self.pool, reads) == expected

    def read(self, contract: Contract, reads: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Results of many views of a contract in one request."""
        raw = self.chain.call_many(
            (contract.address, contract.encode(name, *args)) for name, *args in reads
        )
        return [
            contract.decode_output(name, data) for (name, *_), data in zip(reads, raw, strict=True)
        ]


def with_a_debt(
    chain: LocalBackend, owner: str, actors: Sequence[str], insurance: int = 0
) -> ExchangeHarness:
    """After a fall by 90%: a long that owes 7,860, a short that has won 10,184, and a
    provider who has left with 94% of the pool: he had asked for it an hour before, and
    nobody liquidates. actors: these three and others."""
    harness = ExchangeHarness(chain, owner, actors, [100 * WAD], [CONFIG])
    long, short, provider, *_ = actors
    harness.add_liquidity(provider, 44_000 * harness.unit)
    if insurance:
        harness.fund_insurance(provider, insurance * harness.unit)
    for actor in (long, short):
        harness.deposit(actor, 1_200 * harness.unit)
    harness.trade(long, buy(0, 100 * WAD))
    harness.trade(short, sell(0, 100 * WAD))
    leaving = harness.model.account(provider).liquidity * 94 // 100
    harness.request_redeem(provider, leaving)
    harness.wait(REQUEST_DELAY)
    harness.set_prices(10 * WAD)
    harness.claim_redeem(provider, leaving)
    return harness


def _market_state(chain_state: Any) -> Any:
    from inverse_index.model.exchange.markets import MarketState

    return MarketState(*chain_state)
