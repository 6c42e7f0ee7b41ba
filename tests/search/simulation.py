# SPDX-License-Identifier: AGPL-3.0-only
"""A deployment's model and actors with money: every action that anybody can take.

Each returns whether it was done; what was done is written down as calls, which
`confirm` carries out on a chain. Money is the collateral that somebody has gained
since the start, native units; prices are USD with 8 decimals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inverse_index.model.aave.venue import pool_prices
from inverse_index.model.exchange.records import Order
from inverse_index.model.fixed import MAX_UINT256, WAD, Revert
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from inverse_index.model.system import build_model
from inverse_index.plan.deployment import Plan
from tests.support.constants import DAY, HOUR, START

FRESH = 3 * DAY  # feeds answer anew at least this often
PIPS = 10**6
ARBITRAGE = 60  # seconds until pools are back at the market's prices
Prices = Sequence[int] | Revert


@dataclass(frozen=True)
class Call:
    """Something done at a time. who: the sender's name."""

    at: int
    kind: str
    who: str
    args: tuple[Any, ...] = ()


class Simulation:
    """feed: prices as last posted; market: the true ones. rewards: paid for each
    rebalance, to whom. errors: what went wrong in another way than by a refusal.
    refusal, refused: the last reason and call. due_since: when a rebalance became due,
    as whoever looks has noted."""

    def __init__(self, plan: Plan, secondaries: bool = True, order: Sequence[str] = ()) -> None:
        self.plan, self.secondaries = plan, secondaries
        self.model = build_model(plan, START, secondaries, order)
        self.now = self.posted_at = START
        self.feed, self.market = dict(plan.prices), dict(plan.prices)
        self.money: defaultdict[str, int] = defaultdict(int)
        self.components: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.calls: list[Call] = []
        self.rewards: list[tuple[str, int]] = []
        self.errors: list[tuple[str, Call]] = []
        self.from_venue: defaultdict[str, int] = defaultdict(int)
        self.bounties: defaultdict[str, int] = defaultdict(int)
        self.refusal = ""
        self.refused: Call | None = None
        self.ended_by = ""
        self.due_since: int | None = None

    @property
    def unit(self) -> int:
        return int(10**self.plan.decimals)

    @property
    def token(self) -> Any:
        return self.model.token

    @property
    def exchange(self) -> Any:
        """The embedded exchange, if this is its venue."""
        return getattr(self.model.venue, "exchange", None)

    def shares(self, who: str) -> int:
        return int(self.token.balances.get(who, 0))

    def value(self) -> int:
        """N at mid."""
        return int(self.token.context(self.now, self.token.closing_prices(self.now)).v.mid)

    def attempt(self, kind: str, who: str, args: tuple[Any, ...], act: Callable[[], Any]) -> Any:
        """The action's result, None where it was refused."""
        call = Call(self.now, kind, who, args)
        try:
            done = act()
        except Revert as refused:
            self.refusal, self.refused = refused.reason, call
            return None
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
            self.refusal = type(error).__name__
            self.errors.append((f"{type(error).__name__} in {kind}", call))
            return None
        self.calls.append(call)
        return True if done is None else done

    # the token

    def flow(self, kind: Kind, amount: int, who: str, least: int | None = None) -> bool:
        if amount <= 0:
            return False
        name = str(kind.name).lower()
        act = getattr(self.token, name)
        more = () if least is None else (least,)
        done = self.attempt(name, who, (amount, *more), lambda: act(amount, who, self.now, *more))
        if done is None:
            return False
        self.money[who] += done.assets * (-1 if kind in (Kind.DEPOSIT, Kind.MINT) else 1)
        return True

    def in_kind(self, shares: int, who: str) -> bool:
        if shares <= 0:
            return False
        act = lambda: self.token.redeem_in_kind(shares, who, self.now)  # noqa: E731
        done = self.attempt("redeem_in_kind", who, (shares,), act)
        if done is None:
            return False
        self.money[who] += done[0]
        for symbol, amount in zip(self.plan.symbols, done[1], strict=True):
            self.components[who, symbol] -= amount
        return True

    def transfer(self, who: str, receiver: str, shares: int) -> bool:
        if shares <= 0:
            return False
        act = lambda: self.token.transfer(who, receiver, shares)  # noqa: E731
        return self.attempt("transfer", who, (receiver, shares), act) is not None

    def rebalance(self, who: str) -> bool:
        done = self.attempt("rebalance", who, (), lambda: (self.token.rebalance(self.now),))
        if done is None:
            return False
        reward = 0 if done[0] is None else done[0].reward
        self.money[who] += reward
        self.rewards.append((who, reward))
        return True

    def accrue(self, who: str) -> bool:
        return (
            self.attempt("accrue_fee", who, (), lambda: self.token.accrue_fee(self.now)) is not None
        )

    def wind_down(self, who: str) -> bool:
        owner = who == "owner"
        done = self.attempt("wind_down", who, (), lambda: self.token.wind_down(self.now, owner))
        if done is not None:
            self.ended_by = who
        return done is not None

    def report(self, who: str) -> bool:
        act = lambda: self.model.oracle.report_unusable(self.now)  # noqa: E731
        return self.attempt("report_unusable", who, (), act) is not None

    # time and prices

    def wait(self, seconds: int) -> None:
        """Feeds that are behind answer within an hour, pools follow within a minute."""
        self.now += seconds
        waited = self.now - self.posted_at
        if waited > FRESH or (max(seconds, waited) >= HOUR and self.feed != self.market):
            self.post(self.market)
        if seconds >= ARBITRAGE:
            self.follow()

    def post(self, prices: Mapping[str, int]) -> None:
        """Every source answers."""
        self.feed, self.posted_at = dict(prices), self.now
        self.model.post_prices(self.feed, self.now)
        self.calls.append(Call(self.now, "post", "owner", (dict(prices),)))

    def follow(self) -> None:
        """Arbitrage brings the venue's own market to the true prices."""
        if self.exchange is None:
            self.model.follow_prices(self.market)
            self.calls.append(Call(self.now, "follow", "owner", (dict(self.market),)))

    def moved(self, basis_points: Sequence[int], behind: bool = False) -> None:
        """The market moves; the feeds with it unless they stay behind."""
        for symbol, each in zip(self.plan.symbols, basis_points, strict=False):
            self.market[symbol] = max(self.market[symbol] * (10_000 + each) // 10_000, 1)
        if not behind:
            self.post(self.market)
        self.follow()

    # the exchange

    def mids(self) -> Prices:
        try:
            return self.model.oracle.read(self.now).mid  # type: ignore[no-any-return]
        except Revert as unusable:
            return unusable

    def trade(self, who: str, market: int, delta: int) -> bool:
        """With as much margin as half of the notional, brought along."""
        mids = self.mids()
        if self.exchange is None or isinstance(mids, Revert) or not delta:
            return False
        margin = abs(delta) * mids[market] // (2 * self.exchange.scale) + 1
        add = lambda: self.exchange.deposit(who, margin)  # noqa: E731
        if self.attempt("add_margin", who, (margin,), add) is None:
            return False
        self._venue_pays(who, -margin)
        return self.order(who, market, delta)

    def order(self, who: str, market: int, delta: int) -> bool:
        limit = MAX_UINT256 if delta > 0 else 0
        order = Order(market, delta, limit)
        act = lambda: self.exchange.trade(who, [order], self.mids(), self.now)  # noqa: E731
        return self.attempt("trade", who, (market, delta, limit), act) is not None

    def close(self, who: str) -> bool:
        """All positions, and the money out of the exchange."""
        if self.exchange is None or who not in self.exchange.accounts:
            return False
        for market, size in enumerate(self.exchange.account(who).sizes):
            if size:
                self.order(who, market, -size)
        whole = self.exchange.account(who).cash // self.exchange.scale
        if whole <= 0:
            return False
        act = lambda: self.exchange.withdraw(who, whole, self.mids(), self.now)  # noqa: E731
        if self.attempt("take_margin", who, (whole,), act) is None:
            return False
        self._venue_pays(who, whole)
        return True

    def _venue_pays(self, who: str, amount: int) -> None:
        """For trades and liquidity on the exchange."""
        self.money[who] += amount
        self.from_venue[who] += amount

    def provide(self, who: str, amount: int) -> bool:
        """Claim what can be claimed; else ask for more."""
        if self.exchange is None or amount <= 0:
            return False
        now, mids = self.now, self.mids()
        if self.claim_in(who):
            return True
        act = lambda: self.exchange.request_deposit(who, amount, mids, now)  # noqa: E731
        if self.attempt("ask_in", who, (amount,), act) is None:
            return False
        self._venue_pays(who, -amount)
        return True

    def claim_in(self, who: str) -> bool:
        """All that is pending and can be claimed."""
        now, mids = self.now, self.mids()
        most = self.exchange.max_deposit(who, mids, now)
        act = lambda: self.exchange.claim_deposit(who, most, 0, mids, now)  # noqa: E731
        return bool(most) and self.attempt("claim_in", who, (most,), act) is not None

    def remove(self, who: str) -> bool:
        """Claim what can be claimed; else ask for all the rest, or take back what is
        pending without prices."""
        if self.exchange is None:
            return False
        return self.claim_out(who) or self.ask_out(who) or self.cancel(who)

    def ask_out(self, who: str) -> bool:
        now, mids = self.now, self.mids()
        shares = self.exchange.account(who).liquidity
        act = lambda: self.exchange.request_redeem(who, shares, mids, now)  # noqa: E731
        return bool(shares) and self.attempt("ask_out", who, (shares,), act) is not None

    def claim_out(self, who: str) -> bool:
        """All that can be claimed."""
        now, mids = self.now, self.mids()
        most = self.exchange.max_redeem(who, mids, now)
        if not most:
            return False
        act = lambda: self.exchange.claim_redeem(who, most, 0, mids, now)  # noqa: E731
        paid = self.attempt("claim_out", who, (most,), act)
        if paid is None:
            return False
        self._venue_pays(who, int(paid))
        return True

    def cancel(self, who: str) -> bool:
        """What is pending and cannot be claimed."""
        now, mids = self.now, self.mids()
        if not self.exchange.account(who).joining.amount:
            return False
        act = lambda: self.exchange.cancel_deposit(who, mids, now)  # noqa: E731
        paid = self.attempt("cancel", who, (), act)
        if paid is None:
            return False
        self._venue_pays(who, int(paid))
        return True

    def liquidate(self, who: str, account: str) -> bool:
        """Of an account on the exchange; on Aave of the vault's largest debt, by one
        who brings it and keeps what he is paid."""
        if self.exchange is None:
            symbol = self.model.venue.liquidation(self.now)
            repay = lambda: self.model.venue.liquidate(symbol, self.now)  # noqa: E731
            args = ("aave", symbol)
            return bool(symbol) and self.attempt("liquidate", who, args, repay) is not None
        act = lambda: self.exchange.liquidate(account, self.mids(), self.now)  # noqa: E731
        done = self.attempt("liquidate", who, (account,), act)
        if done is None:
            return False
        self.money[who] += done.reward
        self.bounties[who] += done.reward
        return True

    # pools

    def swap(self, who: str, place: int, sells: bool, amount: int) -> bool:
        """An exact amount of a component, native, sold into its pool or bought from it."""
        shapes = getattr(self.model.venue, "shapes", ())
        if not shapes or amount <= 0:
            return False
        shape = shapes[place % len(shapes)]
        if shape.quote != self.plan.collateral_symbol:
            return False
        down = shape.first == sells
        exact = amount if sells else -amount
        limit = MIN_SQRT_PRICE + 1 if down else MAX_SQRT_PRICE - 1
        pool = self.model.venue.pools[shape.symbol]
        args = (shape.symbol, down, exact, limit)
        done = self.attempt("swap", who, args, lambda: pool.swap(down, exact, limit))
        if done is None:
            return False
        own, quoted = done if shape.first else done[::-1]
        self.components[who, shape.symbol] -= own
        self.money[who] -= quoted
        return True

    def arbitrage(self, who: str) -> None:
        """Somebody swaps in every pool as far as it pays: to the true price but for
        the pool's fee."""
        at = self.market.get(self.plan.collateral_symbol, 10**8)
        prices = pool_prices({self.plan.collateral_symbol: WAD}, self.plan.symbols, self.market, at)
        for shape in getattr(self.model.venue, "shapes", ()):
            if shape.quote != self.plan.collateral_symbol:
                continue
            pool, root = self.model.venue.pools[shape.symbol], shape.sqrt_price(prices)
            low, high = root * (2 * PIPS - shape.fee), root * (2 * PIPS + shape.fee)
            target = min(max(pool.sqrt_price_x96, low // (2 * PIPS)), high // (2 * PIPS))
            amounts = pool.move_to(target)
            own, quoted = amounts if shape.first else amounts[::-1]
            self.components[who, shape.symbol] -= own
            self.money[who] -= quoted

    def worth(self, who: str) -> int:
        """What is left in somebody's hands, at true prices, rounded down."""
        total = self.money[who]
        for shape in getattr(self.model.venue, "shapes", ()):
            held = self.components[who, shape.symbol]
            if held:
                price = self.market[shape.symbol] * WAD
                price //= self.market.get(self.plan.collateral_symbol, 10**8)
                total += held * price * self.unit // (WAD * 10 ** shape.decimals[0])
        return total

    def leave(self, who: str) -> None:
        """Turn all that somebody has into money; what is refused is worth nothing."""
        if self.shares(who):
            self.flow(Kind.REDEEM, self.shares(who), who, 0)
        self.close(who)
        if self.exchange is not None and who in self.exchange.accounts:
            self.ask_out(who)
            self.claim_out(who)

    def prepare_to_leave(self, who: str) -> bool:
        """Ask for all liquidity; whether there is something to wait for. What is pending
        counts whole, which is more than it can bring."""
        if self.exchange is None or who not in self.exchange.accounts:
            return False
        self.claim_in(who)
        self.ask_out(who)
        account = self.exchange.account(who)
        self._venue_pays(who, account.joining.amount)
        return bool(account.leaving.amount)
