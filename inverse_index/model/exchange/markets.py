# SPDX-License-Identifier: AGPL-3.0-only
"""Model of the exchange's markets: payoff, fill price, fee, funding, depth.

Sizes and prices are WAD; amounts are at scale 1e36 and exact unless a name
says how they are rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ... import reasons
from ..fixed import WAD, ceil_div, require, tdiv

MAX_SKEW_SCALE = 10**30
MAX_PRICE = 10**28
MAX_FUNDING = 10**13
MAX_TAKER_FEE = 10**16
MIN_MARGIN = 10**16
MARGIN_UNIT = 10**12  # margins are multiples of this
FEE_UNIT = 10**10
RECOVERY_UNIT = 10**3
MAX_RECOVERY = 6 * 10**13
PAIRED = 4
RATE_LIFE = 86_400
IMPACT_UNIT = 10**15  # a displacement by the whole price


@dataclass(frozen=True, slots=True)
class MarketConfig:
    """As `IPerpExchange.Market`."""

    skew_scale: int  # WAD units of an order that displaces the price by 100%
    max_funding: int  # WAD per second
    taker_fee: int  # WAD of notional
    recovery: int  # WAD of the price by which a displacement comes back per second
    initial_margin: int  # WAD of notional
    maintenance_margin: int  # WAD of notional
    max_long: int  # WAD units

    def check(self) -> None:
        """Revert as listing does."""
        require(0 < self.skew_scale <= MAX_SKEW_SCALE, reasons.EXCHANGE_SKEW_SCALE)
        require(0 <= self.max_funding <= MAX_FUNDING, reasons.EXCHANGE_MAX_FUNDING)
        require(
            0 <= self.taker_fee <= MAX_TAKER_FEE and self.taker_fee % FEE_UNIT == 0,
            reasons.EXCHANGE_TAKER_FEE,
        )
        require(
            0 <= self.recovery <= MAX_RECOVERY and self.recovery % RECOVERY_UNIT == 0,
            reasons.EXCHANGE_RECOVERY,
        )
        require(
            MIN_MARGIN <= self.maintenance_margin < self.initial_margin <= WAD
            and self.initial_margin % MARGIN_UNIT == 0
            and self.maintenance_margin % MARGIN_UNIT == 0,
            reasons.EXCHANGE_MARGINS,
        )
        require(0 <= self.max_long <= self.interest_cap, reasons.EXCHANGE_MAX_LONG)

    @property
    def interest_cap(self) -> int:
        """Largest open interest of a side: closing moves the price by half of the
        maintenance margin at the most."""
        return self.skew_scale * self.maintenance_margin // (2 * WAD)


@dataclass(frozen=True, slots=True)
class MarketState:
    """As `IPerpExchange.MarketState`."""

    skew: int
    short_interest: int
    displacement: int  # WAD of the price, as of `funding_at`
    long_funding: int
    short_funding: int
    borrowing: int  # WAD per second
    funding_at: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A changed position: the funding that came with the units, scale 1e36, and whether
    a side has grown."""

    funding: int
    grown: bool


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted order: fill price, fee at scale 1e36, displacement after it (1e-15)."""

    price: int
    fee: int
    displacement: int


def position_value(size: int, price: int, funding: int) -> int:
    """What `size` is worth at `price`."""
    return size * (price - funding)


def notional(size: int, price: int) -> int:
    """Absolute exposure."""
    return abs(size) * price


def share_up(amount: int, share_wad: int) -> int:
    """A WAD share of an amount, rounded up."""
    return ceil_div(amount * share_wad, WAD)


def funding_rate(skew: int, config: MarketConfig) -> int:
    """WAD per second that longs pay, toward zero."""
    return tdiv(skew * config.max_funding, config.skew_scale)


def recovered(displacement: int, recovery: int, elapsed: int) -> int:
    """What is left of a displacement after some seconds, toward zero."""
    left = max(abs(displacement) - recovery * elapsed, 0)
    return left if displacement > 0 else -left


def pushed_up(displacement: int, delta: int, skew_scale: int) -> int:
    """The displacement after an order, whose own part is rounded away from zero."""
    push = ceil_div(abs(delta) * IMPACT_UNIT, skew_scale)
    return displacement + push if delta > 0 else displacement - push


def impact_up(before: int, after: int) -> int:
    """What an order pays on average that moves the displacement from one to the other:
    the displacement in its own direction, nothing on the way back to zero."""
    first, last = (before, after) if after > before else (-before, -after)
    if last <= 0:
        return 0
    if first >= 0:
        return ceil_div(first + last, 2)
    return ceil_div(last * last, 2 * (last - first))


def filled_at(price: int, before: int, after: int) -> int:
    """Price and impact, rounded against the order."""
    impact = impact_up(before, after)
    require(impact < IMPACT_UNIT, reasons.EXCHANGE_IMPACT)
    if after > before:
        return ceil_div(price * (IMPACT_UNIT + impact), IMPACT_UNIT)
    return price * (IMPACT_UNIT - impact) // IMPACT_UNIT


@dataclass(slots=True)
class MarketModel:
    """One market; `displacement` is that of `funding_at`, 1e-15 of the price, `borrowing`
    WAD per second."""

    config: MarketConfig
    funding_at: int
    skew: int = 0
    short_interest: int = 0
    displacement: int = 0
    long_funding: int = 0
    short_funding: int = 0
    borrowing: int = 0
    settled: bool = False  # no fee, funding or impact, and reductions only

    @classmethod
    def of_state(cls, config: MarketConfig, state: MarketState, settled: bool) -> MarketModel:
        """The market that a contract's `market` and `market_state` tell of."""
        return cls(
            config,
            funding_at=state.funding_at,
            skew=state.skew,
            short_interest=state.short_interest,
            displacement=tdiv(state.displacement, WAD // IMPACT_UNIT),
            long_funding=state.long_funding,
            short_funding=state.short_funding,
            borrowing=state.borrowing,
            settled=settled,
        )

    def copy(self) -> MarketModel:
        return replace(self)

    def state(self) -> MarketState:
        """Funding as of `funding_at`."""
        return MarketState(
            self.skew,
            self.short_interest,
            self.displacement * (WAD // IMPACT_UNIT),
            self.long_funding,
            self.short_funding,
            self.borrowing,
            self.funding_at,
        )

    @property
    def long_interest(self) -> int:
        return self.skew + self.short_interest

    @property
    def kept(self) -> int:
        """WAD units whose notional the pool keeps: the larger side's interest, and a quarter
        of the smaller one's, rounded down."""
        sides = self.long_interest, self.short_interest
        return max(sides) + min(sides) // PAIRED

    def rate(self, is_long: bool) -> int:
        """WAD per second that a long pays or a short is paid, with the borrowing fee. 0 once
        settled, with the maximum."""
        rate, paid = funding_rate(self.skew, self.config), self.borrowed(is_long)
        return rate + paid if is_long else rate - paid

    def borrowed(self, is_long: bool) -> int:
        """Of that the borrowing fee, which counts for a day from `funding_at` on: of the
        smaller side a quarter, rounded down."""
        is_larger = self.skew > 0 if is_long else self.skew <= 0
        return self.borrowing if is_larger else self.borrowing // PAIRED

    def funding_now(self, is_long: bool, price: int, now: int) -> int:
        """Cumulative funding of a side with the time since `funding_at` at `price`. No time
        counts for longs while there are none."""
        stored = self.long_funding if is_long else self.short_funding
        if is_long and self.long_interest == 0:
            return stored
        elapsed = now - self.funding_at
        over = self.borrowed(is_long) * max(elapsed - RATE_LIFE, 0)
        charged = self.rate(is_long) * elapsed + (-over if is_long else over)
        return stored + tdiv(price * charged, WAD)

    def settle(self, price: int, now: int) -> None:
        """Accrue funding for the last time."""
        self._accrue(price, now)
        self.config = replace(self.config, max_funding=0, taker_fee=0, recovery=0)
        self.borrowing = 0
        self.settled = True

    def _accrue(self, price: int, now: int) -> None:
        short, long = (self.funding_now(is_long, price, now) for is_long in (False, True))
        self.short_funding, self.long_funding, self.funding_at = short, long, now

    def value(self, size: int, price: int, now: int) -> int:
        """What `size` is worth, funding up to now included."""
        return position_value(size, price, self.funding_now(size > 0, price, now))

    def initial_up(self, size: int, price: int) -> int:
        return share_up(notional(size, price), self.config.initial_margin)

    def maintenance_up(self, size: int, price: int) -> int:
        return share_up(notional(size, price), self.config.maintenance_margin)

    def displacement_now(self, now: int) -> int:
        """1e-15 of the price."""
        recovery = self.config.recovery // RECOVERY_UNIT
        return recovered(self.displacement, recovery, now - self.funding_at)

    def quote(self, delta: int, price: int, now: int) -> Quoted:
        """An order at the oracle's price, or at a worse one."""
        scale = self.config.skew_scale
        require(delta != 0 and abs(delta) <= 2 * scale, reasons.EXCHANGE_ORDER_SIZE)
        fee = share_up(notional(delta, price), self.config.taker_fee)
        if self.settled:
            return Quoted(price, fee, 0)
        before = self.displacement_now(now)
        after = pushed_up(before, delta, scale)
        return Quoted(filled_at(price, before, after), fee, after)

    def move(self, old: int, new: int, price: int, displacement: int, now: int) -> Moved:
        """Take a changed position in, accrue at `price`."""
        longer = max(new, 0) - max(old, 0)
        shorter = min(new, 0) - min(old, 0)
        grown = longer > 0 or shorter < 0
        require(not (grown and self.settled), reasons.EXCHANGE_REDUCE_ONLY)
        if not self.settled:
            self._accrue(price, now)
        funding = longer * self.long_funding + shorter * self.short_funding
        self.skew += new - old
        self.short_interest -= shorter
        self.displacement = displacement

        if longer > 0:
            within = self.long_interest <= self.config.max_long
            require(within, reasons.EXCHANGE_LONG_CAP)
        if shorter < 0:
            within = self.short_interest <= self.config.interest_cap
            require(within, reasons.EXCHANGE_SHORT_CAP)
        return Moved(funding, grown)

    def depth(self, bound: int, buy: bool, now: int) -> int:
        """Largest order within `bound` (WAD of notional), rounded down."""
        scale = self.config.skew_scale
        if self.settled:
            return 2 * scale
        headroom = min(min(bound, WAD) - self.config.taker_fee, WAD - 1)
        headroom = tdiv(headroom, WAD // IMPACT_UNIT)
        ahead = self.displacement_now(now) * (1 if buy else -1)
        most = 2 * headroom - max(ahead, 0) - ahead
        if headroom < 0 or most <= 0:
            return 0
        return min(most * scale // IMPACT_UNIT, 2 * scale)
