# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of a Uniswap pool, as Hypothesis strategies."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from inverse_index.model.fixed import MAX_INT256
from inverse_index.model.protocols.uniswap.arithmetic import MAX_TICK, sqrt_price_at_tick
from inverse_index.protocols.uniswap import TICK_SPACING
from tests.support.uniswap_harness import Provide, Swap, Withdraw

FEES = tuple(TICK_SPACING)


@dataclass(frozen=True)
class History:
    fee: int
    price: int
    ranges: tuple[Provide, ...]
    actions: tuple[Provide | Withdraw | Swap, ...]


@st.composite
def magnitudes(draw: st.DrawFn, highest: int) -> int:
    """Positive numbers of up to `highest` bits, all lengths alike."""
    bits = draw(st.integers(1, highest))
    return draw(st.integers(2 ** (bits - 1), 2**bits - 1))


@st.composite
def ranges(draw: st.DrawFn, spacing: int, near: int, bits: int) -> Provide:
    """Liquidity around, beside or far around a tick; a few are no valid range."""
    highest = MAX_TICK // spacing
    middle = near // spacing
    width = draw(st.sampled_from((2, 20, 300, 2_000, 2 * highest)))
    places = st.integers(max(-highest, middle - width), min(highest, middle + width))
    lower, upper = draw(places), draw(places)
    if draw(st.integers(0, 19)):
        lower, upper = min(lower, upper), max(lower, upper, min(lower, upper) + 1)
    upper = min(upper, highest)
    return Provide(lower * spacing, upper * spacing, draw(magnitudes(bits)))


@st.composite
def swaps(draw: st.DrawFn, spacing: int, bits: int) -> Swap:
    """Any direction, size and limit; a few limits are on the wrong side."""
    zero_for_one = draw(st.booleans())
    sign = draw(st.sampled_from((1, -1)))
    size = draw(st.one_of(magnitudes(bits), magnitudes(bits), st.sampled_from((0, MAX_INT256))))
    reach = draw(st.sampled_from((0, spacing, 20 * spacing, 600 * spacing, None)))
    if reach is None and spacing > 1:  # crossing all words of spacing 1 costs too much gas
        return Swap(zero_for_one, sign * size)
    distance = draw(st.integers(-2, reach or 20_000))
    return Swap(zero_for_one, sign * size, distance, draw(st.sampled_from((0, 0, 1, -1, 12_345))))


@st.composite
def histories(draw: st.DrawFn, steps: int = 8) -> History:
    """A pool with liquidity and what happens to it."""
    fee = draw(st.sampled_from(FEES))
    spacing = TICK_SPACING[fee]
    tick = draw(st.integers(-200_000, 200_000) | st.integers(-800_000, 800_000))
    start = sqrt_price_at_tick(tick)
    bits = draw(st.sampled_from((40, 70, 100)))
    actions = st.one_of(
        swaps(spacing, bits),
        swaps(spacing, bits),
        swaps(spacing, bits),
        ranges(spacing, tick, bits),
        st.builds(Withdraw, st.integers(0, 9), st.integers(0, 9)),
    )
    within = draw(st.integers(0, sqrt_price_at_tick(tick + 1) - start - 1))
    return History(
        fee,
        start + within,
        tuple(draw(st.lists(ranges(spacing, tick, bits), min_size=1, max_size=5))),
        tuple(draw(st.lists(actions, min_size=steps // 2, max_size=steps))),
    )
