# SPDX-License-Identifier: AGPL-3.0-only
"""An order tried on the model before it is sent: what it costs and leaves behind, or why
it is refused and what would go through. Pure.

Prices and ratios are WAD, amounts at scale 1e36 unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import reasons
from ..model.exchange.markets import RECOVERY_UNIT, MarketModel, notional, share_up
from ..model.exchange.perp_exchange import ExchangeModel
from ..model.exchange.records import Order
from ..model.fixed import MAX_UINT256, WAD, Revert, ceil_div
from .books import View
from .liquidation_price import liquidation_price

DAY = 86_400
PLENTY = 10**70  # more margin or pool cash than any order needs
TO_COME = 600  # seconds of funding that a withdrawal of all leaves slack for


@dataclass(frozen=True, slots=True)
class Margins:
    """Of an account. notional: of all positions, whichever their direction."""

    equity: int
    initial: int
    maintenance: int
    notional: int

    @property
    def free(self) -> int:
        """What can be withdrawn; below zero, what is missing."""
        return self.equity - self.initial

    @property
    def leverage(self) -> int | None:
        """Notional over equity, WAD, rounded up; None without equity."""
        return ceil_div(self.notional * WAD, self.equity) if self.equity > 0 else None

    @property
    def health(self) -> int | None:
        """Equity over the maintenance requirement, WAD, rounded down; None without one."""
        return max(self.equity, 0) * WAD // self.maintenance if self.maintenance else None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order does now.

    oracle, base, fill: the oracle's price, the one that it leaves for this order while
    it restricts its prices, and the latter with impact. impact: beyond the oracle's
    price. displacement: WAD of the price, before and after; recovered_in: seconds
    until it is gone, None if it stays. liquidation: see `liquidation_price`.
    """

    order: Order
    oracle: int
    base: int
    fill: int
    impact: int
    fee: int
    size_before: int
    size_after: int
    before: Margins
    after: Margins
    liquidation: int | None
    funding_per_day: int
    borrowing_per_day: int
    displacement_before: int
    displacement_after: int
    recovered_in: int | None


class Refused(Exception):
    """The exchange would refuse the order.

    missing: margin that it needs besides, 1e36. fits: the largest order (WAD units) of
    its direction that goes through, as far as market, pool and prices are concerned.
    """

    def __init__(self, reason: str, missing: int | None = None, fits: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing
        self.fits = fits


def margins(view: View, books: ExchangeModel, account: str) -> Margins:
    """At the prices that the exchange holds against the account. Raises Revert."""
    equity, initial, maintenance = books.margin(account, view.prices, view.now)
    sizes = books.account(account).sizes
    total = sum(map(notional, sizes, view.mids))
    return Margins(equity, initial, maintenance, total)


def worst_price(fill: int, slippage: int, buys: bool) -> int:
    """Limit of an order that accepts a fill worse by this part of it, WAD."""
    slack = fill * slippage // WAD
    return fill + slack if buys else max(fill - slack, 1)


def preview(view: View, account: str, market: int, delta: int, slippage: int) -> Preview:
    """What the order does; slippage: WAD. Raises Refused, and Revert without prices."""
    oracle, state = view.mids[market], view.books.markets[market]
    books = view.copy(account)
    before = margins(view, books, account)
    size_before = books.account(account).sizes[market]
    order = Order(market, delta, no_limit(delta))
    try:
        (fill,) = books.trade(account, [order], view.prices, view.now)
    except Revert as refusal:
        raise _refused(view, account, order, refusal.reason) from refusal
    after, moved = books.account(account), books.markets[market]
    return Preview(
        order=Order(market, delta, worst_price(fill.price, slippage, delta > 0)),
        oracle=oracle,
        base=base_price(view, market, delta),
        fill=fill.price,
        impact=delta * (fill.price - oracle),
        fee=fill.fee,
        size_before=size_before,
        size_after=after.sizes[market],
        before=before,
        after=margins(view, books, account),
        liquidation=liquidation_price(books, account, market, view.mids, view.now),
        funding_per_day=funding_per_day(moved, after.sizes[market], oracle, view.now),
        borrowing_per_day=borrowing_per_day(moved, after.sizes[market], oracle),
        displacement_before=state.displacement_now(view.now) * RECOVERY_UNIT,
        displacement_after=moved.displacement_now(view.now) * RECOVERY_UNIT,
        recovered_in=recovered_in(moved, view.now),
    )


def no_limit(delta: int) -> int:
    return MAX_UINT256 if delta > 0 else 0


def base_price(view: View, market: int, delta: int) -> int:
    """What an order fills at, impact apart."""
    prices = view.prices
    if view.is_restricted:
        return int((prices.high if delta > 0 else prices.low)[market])  # type: ignore[union-attr]
    return view.mids[market]


def funding_per_day(market: MarketModel, size: int, price: int, now: int) -> int:
    """What a position pays in a day at present rates and price, the borrowing fee included;
    below zero it is paid. Scale 1e36."""
    later, present = (market.funding_now(size > 0, price, at) for at in (now + DAY, now))
    return size * (later - present)


def borrowing_per_day(market: MarketModel, size: int, price: int) -> int:
    """What of that is the fee for what the pool keeps; scale 1e36, rounded down."""
    return notional(size, price) * market.borrowed(size > 0) * DAY // WAD


def recovered_in(market: MarketModel, now: int) -> int | None:
    """Seconds until a displacement has come back; None if it does not."""
    left = abs(market.displacement_now(now))
    speed = market.config.recovery // RECOVERY_UNIT
    if not left:
        return 0
    return ceil_div(left, speed) if speed else None


def free_margin(view: View, account: str) -> int:
    """What can be withdrawn now and after the funding of the next minutes, at prices as
    they are; native, rounded down. Raises Revert where that needs a price and there is
    none."""
    books = view.books
    own = books.account(account)
    spare = own.cash
    if own.has_position:
        moments = (view.now, view.now + TO_COME)
        seen = [books.margin(account, view.prices, moment) for moment in moments]
        spare = min(equity - initial for equity, initial, _ in seen)
    return min(max(spare, 0) // books.scale, books.collateral)


def missing_for_withdrawal(view: View, account: str, amount: int) -> str:
    """Why the amount (native) cannot be withdrawn; "" if it can."""
    books = view.copy(account)
    try:
        books.withdraw(account, amount, view.prices, view.now)
    except Revert as refusal:
        return refusal.reason
    return ""


def most_that_fits(view: View, account: str, market: int, buys: bool, *, rich: bool) -> int:
    """The largest order (WAD units) that goes through now, by bisection. rich: as if the
    account had any margin."""
    low, high = 0, 2 * view.books.markets[market].config.skew_scale + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _goes_through(view, account, market, middle if buys else -middle, rich):
            low = middle
        else:
            high = middle
    return low


def _goes_through(view: View, account: str, market: int, delta: int, rich: bool) -> bool:
    books = view.copy(account)
    if rich:
        books.account(account).cash += PLENTY
    try:
        books.trade(account, [Order(market, delta, no_limit(delta))], view.prices, view.now)
    except Revert:
        return False
    return True


def _refused(view: View, account: str, order: Order, reason: str) -> Refused:
    buys = order.delta > 0
    if reason in (reasons.EXCHANGE_MARGIN, reasons.EXCHANGE_BANKRUPT):
        return _short_of_margin(view, account, order, reason)
    if reason in (reasons.EXCHANGE_RESTRICTED, reasons.EXCHANGE_REDUCE_ONLY):
        return Refused(reason)
    return Refused(reason, fits=most_that_fits(view, account, order.market, buys, rich=True))


def _short_of_margin(view: View, account: str, order: Order, reason: str) -> Refused:
    """By how much: tried again with plenty, which may meet the next refusal."""
    books = view.copy(account)
    books.account(account).cash += PLENTY
    try:
        books.trade(account, [order], view.prices, view.now)
    except Revert as refusal:
        return _refused(view, account, order, refusal.reason)
    after = margins(view, books, account)
    needed = after.initial if reason == reasons.EXCHANGE_MARGIN else 0
    buys = order.delta > 0
    return Refused(
        reason,
        missing=needed - (after.equity - PLENTY),
        fits=most_that_fits(view, account, order.market, buys, rich=False),
    )


def part_of(size: int, part: int) -> int:
    """What closes this WAD part of a position, rounded up; signed against it."""
    closed = share_up(abs(size), part)
    return -closed if size > 0 else closed
