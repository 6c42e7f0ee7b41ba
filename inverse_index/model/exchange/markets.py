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


@dataclass(frozen=True, slots=True)
class MarketConfig:
    """As `IPerpExchange.Market`."""

    skew_scale: int  # WAD units of skew that move the price by 100%
    max_funding: int  # WAD per second
    taker_fee: int  # WAD of notional
    initial_margin: int  # WAD of notional
    maintenance_margin: int  # WAD of notional
    max_long: int  # WAD units

    def check(self) -> None:
        """Revert as listing does."""
        require(0 < self.skew_scale <= MAX_SKEW_SCALE, reasons.EXCHANGE_SKEW_SCALE)
        require(0 <= self.max_funding <= MAX_FUNDING, reasons.EXCHANGE_MAX_FUNDING)
        require(0 <= self.taker_fee <= MAX_TAKER_FEE, reasons.EXCHANGE_TAKER_FEE)
        require(
            MIN_MARGIN <= self.maintenance_margin < self.initial_margin <= WAD
            and self.initial_margin % MARGIN_UNIT == 0
            and self.maintenance_margin % MARGIN_UNIT == 0,
            reasons.EXCHANGE_MARGINS,
        )
        require(0 <= self.max_long <= self.interest_cap, reasons.EXCHANGE_MAX_LONG)

    @property
    def interest_cap(self) -> int:
        """Largest open interest of a side: closing costs half of the
        maintenance margin in impact at the most."""
        return self.skew_scale * self.maintenance_margin // (2 * WAD)


@dataclass(frozen=True, slots=True)
class MarketState:
    """As `IPerpExchange.MarketState`."""

    skew: int
    short_interest: int
    funding: int
    funding_at: int


def position_value(size: int, price: int, funding: int) -> int:
    """What `size` is worth at `price`."""
    return size * (price - funding)


def notional(size: int, price: int) -> int:
    """Absolute exposure."""
    return abs(size) * price


def share_up(amount: int, share_wad: int) -> int:
    """A WAD share of an amount, rounded up."""
    return ceil_div(amount * share_wad, WAD)


@dataclass(slots=True)
class MarketModel:
    """One listed market; `rate` is the funding rate of the present skew."""

    config: MarketConfig
    funding_at: int
    skew: int = 0
    short_interest: int = 0
    funding: int = 0
    rate: int = 0
    settled: bool = False  # no fee, funding or impact, and reductions only

    def copy(self) -> MarketModel:
        return replace(self)

    def state(self) -> MarketState:
        """Funding as of `funding_at`."""
        return MarketState(self.skew, self.short_interest, self.funding, self.funding_at)

    @property
    def long_interest(self) -> int:
        return self.skew + self.short_interest

    def funding_now(self, price: int, now: int) -> int:
        """Cumulative funding with the time since `funding_at` at `price`."""
        return self.funding + tdiv(price * (now - self.funding_at) * self.rate, WAD)

    def settle(self, price: int, now: int) -> None:
        """Accrue funding for the last time."""
        self.funding, self.funding_at, self.rate = self.funding_now(price, now), now, 0
        self.config = replace(self.config, max_funding=0, taker_fee=0)
        self.settled = True

    def value(self, size: int, price: int, now: int) -> int:
        """What `size` is worth, funding up to now included."""
        return position_value(size, price, self.funding_now(price, now))

    def initial_up(self, size: int, price: int) -> int:
        return share_up(notional(size, price), self.config.initial_margin)

    def maintenance_up(self, size: int, price: int) -> int:
        return share_up(notional(size, price), self.config.maintenance_margin)

    def quote(self, delta: int, price: int) -> tuple[int, int]:
        """Fill price of an order (rounded against it) and its fee (up)."""
        limit = 2 * self.config.skew_scale
        require(delta != 0 and abs(delta) <= limit, reasons.EXCHANGE_ORDER_SIZE)
        fill = self.fill_price(delta, price)
        require(fill != 0, reasons.EXCHANGE_IMPACT)
        return fill, share_up(notional(delta, price), self.config.taker_fee)

    def fill_price(self, delta: int, price: int) -> int:
        """Oracle price plus impact, rounded against the order."""
        if self.settled:
            return price
        scale = self.config.skew_scale
        factor = 2 * (scale + self.skew) + delta
        require(0 < factor <= 4 * scale, reasons.EXCHANGE_IMPACT)
        product = price * factor
        return ceil_div(product, 2 * scale) if delta > 0 else product // (2 * scale)

    def impact_owed_up(self, price: int) -> int:
        """Impact that is given back when the skew returns to zero."""
        return ceil_div(self.skew * self.skew * price, 2 * self.config.skew_scale)

    def move(self, old: int, new: int, funding: int, now: int) -> bool:
        """Take a changed position in, accrue; whether a side has grown."""
        config = self.config
        more_long = max(new, 0) > max(old, 0)
        more_short = max(-new, 0) > max(-old, 0)
        grown = more_long or more_short
        require(not (grown and self.settled), reasons.EXCHANGE_REDUCE_ONLY)
        self.skew += new - old
        self.short_interest += max(-new, 0) - max(-old, 0)
        self.funding, self.funding_at = funding, now
        self.rate = tdiv(self.skew * config.max_funding, config.skew_scale)

        if more_long:
            require(self.long_interest <= config.max_long, reasons.EXCHANGE_LONG_CAP)
        if more_short:
            require(self.short_interest <= config.interest_cap, reasons.EXCHANGE_SHORT_CAP)
        return grown

    def depth(self, bound: int, buy: bool) -> int:
        """Largest order within `bound` (WAD of notional), rounded down."""
        if self.settled:
            return 2 * self.config.skew_scale
        headroom = min(min(bound, 2 * WAD) - self.config.taker_fee, WAD - 1)
        side = self.skew if buy else -self.skew
        half = self.config.skew_scale * headroom - side * WAD
        if half <= 0:
            return 0
        return min(2 * half // WAD, 2 * self.config.skew_scale)
