# SPDX-License-Identifier: AGPL-3.0-only
"""Model of a Uniswap v3 pool: what swaps and liquidity move, in every unit.

Modelled is what decides amounts: price, tick, liquidity, ticks. Not modelled:
balances, fees owed to providers, price observations; the protocol's share of
the fee is paid by providers and changes no swap. All liquidity is one
provider's. Reasons are the pool's own.
"""

from __future__ import annotations

from typing import NamedTuple

from ...fixed import MAX_INT256, MIN_INT256, OVERFLOW, require
from .arithmetic import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MAX_UINT128,
    MIN_SQRT_PRICE,
    MIN_TICK,
    amount0_down,
    amount0_up,
    amount1_down,
    amount1_up,
    liquidity_after,
    sqrt_price_at_tick,
    swap_step,
    tick_at_sqrt_price,
)

_WORD = (1 << 256) - 1


class TickModel(NamedTuple):
    """An initialised tick. `net` is added when the price crosses it upwards."""

    gross: int
    net: int


class PoolState(NamedTuple):
    """All that can change. The mappings are never changed, only replaced."""

    sqrt_price_x96: int
    tick: int
    liquidity: int
    ticks: dict[int, TickModel]
    bitmap: dict[int, int]  # initialised ticks over the spacing, 256 to the word
    positions: dict[tuple[int, int], int]


class PoolModel:
    """One pool of two tokens; `fee_pips` in millionths, prices at scale 2**96."""

    __slots__ = ("fee_pips", "max_tick_liquidity", "state", "tick_spacing", "token0", "token1")

    def __init__(
        self, token0: str, token1: str, fee_pips: int, tick_spacing: int, sqrt_price_x96: int
    ) -> None:
        self.token0 = token0
        self.token1 = token1
        self.fee_pips = fee_pips
        self.tick_spacing = tick_spacing
        self.max_tick_liquidity = MAX_UINT128 // (2 * (MAX_TICK // tick_spacing) + 1)
        tick = tick_at_sqrt_price(sqrt_price_x96)
        self.state = PoolState(sqrt_price_x96, tick, 0, {}, {}, {})

    @property
    def sqrt_price_x96(self) -> int:
        return self.state.sqrt_price_x96

    @property
    def tick(self) -> int:
        return self.state.tick

    @property
    def liquidity(self) -> int:
        """In range now."""
        return self.state.liquidity

    @property
    def ticks(self) -> dict[int, TickModel]:
        """The initialised ones. To be read only."""
        return self.state.ticks

    def copy(self) -> PoolModel:
        """Another pool in the same state; costs nothing."""
        other = object.__new__(PoolModel)
        for name in PoolModel.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def saved(self) -> PoolState:
        return self.state

    def restore(self, saved: PoolState) -> None:
        self.state = saved

    # liquidity

    def provide(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        """Add liquidity between two ticks; the amounts of both tokens, rounded up."""
        require(liquidity > 0, OVERFLOW)
        below, above = self._change(lower, upper, liquidity)
        return (
            amount0_up(*below, liquidity) if below else 0,
            amount1_up(*above, liquidity) if above else 0,
        )

    def withdraw(self, lower: int, upper: int, liquidity: int) -> tuple[int, int]:
        """Remove liquidity; the amounts of both tokens without fees, rounded down."""
        require(liquidity >= 0, OVERFLOW)
        below, above = self._change(lower, upper, -liquidity)
        return (
            amount0_down(*below, liquidity) if below else 0,
            amount1_down(*above, liquidity) if above else 0,
        )

    def _change(
        self, lower: int, upper: int, delta: int
    ) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Change a position; the prices between which it holds token0 and token1."""
        require(-(2**127) <= delta < 2**127, OVERFLOW)
        require(lower < upper, "TLU")
        require(lower >= MIN_TICK, "TLM")
        require(upper <= MAX_TICK, "TUM")
        state = self.state
        held = state.positions.get((lower, upper), 0)
        if delta == 0:
            require(held > 0, "NP")
        else:
            state = self._with_tick(state, lower, delta, delta)
            state = self._with_tick(state, upper, delta, -delta)
        position = liquidity_after(held, delta)
        state = state._replace(positions={**state.positions, (lower, upper): position})
        bottom, top = sqrt_price_at_tick(lower), sqrt_price_at_tick(upper)
        if state.tick < lower:
            self.state = state
            return (bottom, top), None
        if state.tick >= upper:
            self.state = state
            return None, (bottom, top)
        self.state = state._replace(liquidity=liquidity_after(state.liquidity, delta))
        price = state.sqrt_price_x96
        return (price, top), (bottom, price)

    def _with_tick(self, state: PoolState, tick: int, gross: int, net: int) -> PoolState:
        """The state with a tick changed, and marked or cleared."""
        before = state.ticks.get(tick, TickModel(0, 0))
        after = TickModel(liquidity_after(before.gross, gross), before.net + net)
        require(after.gross <= self.max_tick_liquidity, "LO")
        ticks, bitmap = dict(state.ticks), state.bitmap
        if (before.gross == 0) != (after.gross == 0):
            require(tick % self.tick_spacing == 0, OVERFLOW)
            word, bit = divmod(tick // self.tick_spacing, 256)
            bitmap = {**bitmap, word: bitmap.get(word, 0) ^ 1 << bit}
        if after.gross:
            ticks[tick] = after
        else:
            del ticks[tick]
        return state._replace(ticks=ticks, bitmap=bitmap)

    # swaps

    def swap(self, zero_for_one: bool, amount_specified: int, sqrt_limit: int) -> tuple[int, int]:
        """Trade up to the amount or the limit; how both balances of the pool change.

        A positive amount is what comes in, fee included, a negative one what
        goes out. Returned are token0 and token1, positive into the pool.
        """
        amounts, self.state = self._swapped(zero_for_one, amount_specified, sqrt_limit)
        return amounts

    def quote(self, zero_for_one: bool, amount_specified: int, sqrt_limit: int) -> tuple[int, int]:
        """What `swap` would return, without the change."""
        return self._swapped(zero_for_one, amount_specified, sqrt_limit)[0]

    def move_to(self, sqrt_price: int) -> tuple[int, int]:
        """Swap exactly up to a price, whatever it takes; nothing when it is there."""
        if sqrt_price == self.state.sqrt_price_x96:
            return 0, 0
        return self.swap(sqrt_price < self.state.sqrt_price_x96, MAX_INT256, sqrt_price)

    def _swapped(self, down: bool, amount: int, limit: int) -> tuple[tuple[int, int], PoolState]:
        state = self.state
        price, tick, liquidity = state[:3]
        require(MIN_INT256 <= amount <= MAX_INT256, OVERFLOW)
        require(amount != 0, "AS")
        inside = MIN_SQRT_PRICE < limit < price if down else price < limit < MAX_SQRT_PRICE
        require(inside, "SPL")

        remaining, other = amount, 0
        while remaining and price != limit:
            following, initialised = self.next_tick(tick, down)
            boundary = sqrt_price_at_tick(following)
            target = max(boundary, limit) if down else min(boundary, limit)
            start = price
            price, paid, out = swap_step(price, target, liquidity, remaining, self.fee_pips)
            if amount > 0:
                remaining -= paid
                other -= out
            else:
                remaining += out
                other += paid
            if price == boundary:
                tick = following - 1 if down else following
                if initialised:
                    net = state.ticks[following].net
                    liquidity = liquidity_after(liquidity, -net if down else net)
            elif price != start:
                tick = tick_at_sqrt_price(price)

        used = amount - remaining
        amounts = (used, other) if down == (amount > 0) else (other, used)
        return amounts, PoolState(price, tick, liquidity, *state[3:])

    def next_tick(self, tick: int, down: bool) -> tuple[int, bool]:
        """Where a step from the tick ends at the latest, and whether that is initialised.

        The nearest initialised tick of the word, else the word's last one:
        steps end there too, and each step rounds.
        """
        place = tick // self.tick_spacing + (not down)
        word, bit = place >> 8, place & 255
        marks = self.state.bitmap.get(word, 0)
        if down:
            marks &= _WORD >> 255 - bit
            found = marks.bit_length() - 1 if marks else 0
        else:
            marks &= _WORD << bit
            found = (marks & -marks).bit_length() - 1 if marks else 255
        following = ((word << 8) + found) * self.tick_spacing
        return max(MIN_TICK, min(MAX_TICK, following)), marks != 0
