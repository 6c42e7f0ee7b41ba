# SPDX-License-Identifier: AGPL-3.0-only
"""Model of AaveQuoter: what Aave and the pools admit."""

from __future__ import annotations

from collections.abc import Sequence

from ..fixed import MAX_UINT256, WAD, ceil_div, mul_div_down, mul_div_up
from ..protocols.aave.arithmetic import ray_mul
from ..protocols.aave.reserve import Reserve
from ..uniswap.path import Path
from .venue import AaveVenueModel

VAULT = "vault"
BPS = 10_000
BPS_WAD = 10**14
HUGE = 2**127
BISECTIONS = 24
SAFE_PART = 10**15  # of a depth, with one unit more: what rounding may bring over the limit


class AaveHeadroom:
    """The vault's balances, and views that limit what can be done with them."""

    venue: AaveVenueModel
    symbols: tuple[str, ...]
    units: tuple[int, ...]
    paths: tuple[Path, ...]
    scale: int
    idle: int
    idle_buffer: int
    min_health: int

    # balances

    def supplied(self, now: int) -> int:
        """Collateral on Aave, native."""
        return self.venue.aave.supplied(self.venue.collateral, VAULT, now)

    def shorts(self, now: int) -> tuple[int, ...]:
        """Debts in WAD units."""
        aave = self.venue.aave
        return tuple(
            aave.owed(symbol, VAULT, now) * unit
            for symbol, unit in zip(self.symbols, self.units, strict=True)
        )

    # views

    def leverage_limits(self) -> tuple[int, int]:
        """Highest leverage to open and to hold, WAD, rounded down."""
        loan, threshold = self._loan_terms()
        part = WAD - 2 * self.idle_buffer
        held = threshold * part // (self.min_health - threshold)
        return min(loan * part // (WAD - loan), held), held

    def depth(
        self, direction: Sequence[int], prices: Sequence[int], bound: int, more: bool, now: int
    ) -> int:
        """Largest WAD multiple of `direction`, rounded down."""
        multiple = MAX_UINT256
        for i, units in enumerate(direction[: len(self.symbols)]):
            if units == 0:
                continue
            reserve = self.venue.aave.reserves[self.symbols[i]]
            headroom = self._shared_headroom(i, direction, prices, bound, more)
            if more:
                headroom = min(headroom, _borrow_headroom(reserve, now))
            elif not reserve.config.active or reserve.config.paused:
                headroom = 0
            multiple = min(multiple, _multiple_down(headroom * self.units[i], units))
        return multiple

    def backing(
        self,
        direction: Sequence[int],
        worth: int,
        prices: Sequence[int],
        bound: int,
        more: bool,
        now: int,
    ) -> int:
        """Largest WAD multiple of `direction` that collateral and Aave carry."""
        notional = self._worth_up(direction, prices)
        reserve = self.venue.aave.reserves[self.venue.collateral]
        if more:
            left = max(_supply_headroom(reserve, now) - self.idle, 0)
            headroom = _multiple_down(left, worth + notional)
            return min(self._growth_down(direction, worth, prices, bound, now), headroom)
        if self.venue.aave.account_data(VAULT, now).health_factor <= WAD:
            return 0
        dearest = notional + mul_div_up(notional, min(bound, WAD), WAD)
        available = _available(reserve)
        return min(
            _multiple_down(available, dearest),
            _multiple_down(available + self.idle, worth + dearest),
        )

    def spendable(self, prices: Sequence[int], now: int) -> int:
        """Collateral that can be paid now."""
        data = self.venue.aave.account_data(VAULT, now)
        free = self.supplied(now)
        if data.total_debt:
            threshold = data.liquidation_threshold_bps * BPS_WAD
            needed = ceil_div(data.total_debt * self.min_health, max(threshold, 1))
            spare = data.total_collateral - min(data.total_collateral, needed)
            free = mul_div_down(free, spare, max(data.total_collateral, 1))
        return self.idle + min(free, _available(self.venue.aave.reserves[self.venue.collateral]))

    # parts

    def _worth_up(self, shorts: Sequence[int], prices: Sequence[int]) -> int:
        return ceil_div(
            sum(short * price for short, price in zip(shorts, prices, strict=False)), self.scale
        )

    def _buffer_down(self, idle: int, prices: Sequence[int], now: int) -> int:
        holdings = idle + self.supplied(now) - self._worth_up(self.shorts(now), prices)
        return max(holdings, 0) * self.idle_buffer // WAD

    @staticmethod
    def _surplus(idle: int, buffer: int) -> int:
        return idle - buffer if idle > 2 * buffer else 0

    def _loan_terms(self) -> tuple[int, int]:
        config = self.venue.aave.reserves[self.venue.collateral].config
        return config.ltv_bps * BPS_WAD, config.liquidation_threshold_bps * BPS_WAD

    def _shared_headroom(
        self, i: int, direction: Sequence[int], prices: Sequence[int], bound: int, sells: bool
    ) -> int:
        """Native units within the bound when the components before have traded."""
        crowd = self._crowd_up(i, direction, prices, bound)
        if crowd == 0:
            return self._pool_headroom(i, sells, prices[i], bound)
        if not self.paths[i].is_direct:
            crowd *= 2
        within = min(bound, WAD)
        headroom = self._pool_headroom(i, sells, prices[i], within - within * within // WAD)
        return mul_div_down(headroom, WAD, WAD + crowd)

    def _crowd_up(self, i: int, direction: Sequence[int], prices: Sequence[int], bound: int) -> int:
        """Flow of the components before through the busiest pool of this one's
        path, over its own, WAD."""
        worths = [units * price for units, price in zip(direction, prices, strict=False)]
        before = list(zip(self.paths[:i], worths, strict=False))
        busiest = max(
            sum(worth for path, worth in before if hop.symbol in path.symbols)
            for hop in self.paths[i].hops
        )
        return mul_div_up(busiest, WAD + min(bound, WAD), max(worths[i], 1))

    def _pool_headroom(self, i: int, sells: bool, price: int, bound: int) -> int:
        path = self.paths[i]
        if path.is_direct:
            limit = path.limit(sells, price, bound, self.scale // self.units[i])
            headroom = path.quote(sells, HUGE, limit)[0]
            return headroom - min(headroom // SAFE_PART + 1, headroom)
        fits = path.far_down(sells, HUGE)
        for _ in range(128):
            if fits == 0 or self._fits(i, sells, fits, price, bound):
                break
            fits //= 2
        step = fits // 2
        for _ in range(BISECTIONS):
            if step and self._fits(i, sells, fits + step, price, bound):
                fits += step
            step //= 2
        return fits

    def _fits(self, i: int, sells: bool, amount: int, price: int, bound: int) -> bool:
        path = self.paths[i]
        traded, collateral = path.quote(sells, amount, path.no_limit(sells))
        if traded != amount:
            return False
        units = amount * self.units[i]
        accepted = min(bound, WAD)
        if sells:
            fair = mul_div_down(units, price, self.scale)
            return collateral + fair * accepted // WAD >= fair + 1
        fair = mul_div_up(units, price, self.scale)
        return collateral <= fair + fair * accepted // WAD

    def _growth_down(
        self, direction: Sequence[int], worth: int, prices: Sequence[int], bound: int, now: int
    ) -> int:
        """By the minimum health at the token's prices, and the loan at Aave's."""
        aave, asset = self.venue.aave, self.venue.collateral
        loan, threshold = self._loan_terms()
        healthy = threshold * WAD // self.min_health
        part = WAD - min(bound, WAD)
        own = worth * (WAD - 2 * self.idle_buffer) // WAD

        supplied, owed = self.supplied(now), self._worth_up(self.shorts(now), prices)
        kept = self._kept_up(supplied, owed)
        added = self._worth_up(direction, prices)
        gained = own + added * part // WAD
        here = _carried_down(healthy, max(supplied - kept, 0), owed, gained, added)

        added = sum(
            mul_div_up(units, aave.price(symbol), WAD)
            for symbol, units in zip(self.symbols, direction, strict=False)
        )
        data, price = aave.account_data(VAULT, now), aave.price(asset)
        unit = 10**self.venue.decimals
        collateral = max(data.total_collateral - mul_div_up(kept, price, unit), 0)
        gained = own * price // unit + added * part // WAD
        f = min(loan, healthy)
        return min(here, _carried_down(f, collateral, data.total_debt, gained, added))

    def _kept_up(self, supplied: int, owed: int) -> int:
        """What of a payment may stay idle up to twice the buffer, native."""
        holdings = max(self.idle + supplied - owed, 0)
        twice = mul_div_up(2 * holdings, self.idle_buffer, WAD)
        return max(twice - self.idle, 0) + 2 * len(self.symbols)


def _carried_down(f: int, collateral: int, debt: int, gained: int, added: int) -> int:
    """The largest multiple m, WAD: debt + m * added <= f * (collateral + m * gained)."""
    if debt * WAD > f * collateral:
        return 0
    if added * WAD <= f * gained:
        return MAX_UINT256
    return mul_div_down(f * collateral - debt * WAD, WAD, added * WAD - f * gained)


def _available(reserve: Reserve) -> int:
    usable = reserve.config.active and not reserve.config.paused
    return reserve.available if usable else 0


def _supply_headroom(reserve: Reserve, now: int) -> int:
    config = reserve.config
    if not config.active or config.frozen or config.paused:
        return 0
    if config.supply_cap == 0:
        return MAX_UINT256
    scaled = reserve.scaled_supply + reserve.accrued_to_treasury
    grown = reserve.normalized_debt(now) - reserve.variable_borrow_index
    treasury = ray_mul(reserve.scaled_debt, grown) * config.reserve_factor_bps // BPS + 2
    used = ray_mul(scaled, reserve.normalized_income(now)) + treasury
    return max(config.supply_cap * reserve.unit - used, 0)


def _borrow_headroom(reserve: Reserve, now: int) -> int:
    config = reserve.config
    if not config.active or config.frozen or config.paused or not config.borrowing:
        return 0
    if config.borrow_cap == 0:
        return reserve.available
    used = ray_mul(reserve.scaled_debt, reserve.normalized_debt(now))
    return min(reserve.available, max(config.borrow_cap * reserve.unit - used, 0))


def _multiple_down(whole: int, part: int) -> int:
    return MAX_UINT256 if whole >= 2**190 else whole * WAD // max(part, 1)
