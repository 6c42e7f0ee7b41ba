# SPDX-License-Identifier: AGPL-3.0-only
"""is_safe: no pool of a path moves by more than twice its fee."""

from __future__ import annotations

import pytest

from inverse_index.model.protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from tests.support.aave_venue_harness import AaveVenueHarness

PIPS = 10**6


def word(venue_harness: AaveVenueHarness, symbol: str, last: bool = True) -> int:
    """The hop through a token's pool."""
    shape = next(each for each in venue_harness.venue.shapes if each.symbol == symbol)
    pool = int(venue_harness.venue.pools[symbol].address, 16)
    return pool | shape.fee << 160 | shape.spacing << 184 | last << 254 | shape.first << 255


def hops(*words: int) -> list[int]:
    return [*words, *[0] * (30 - len(words))]


def is_safe(venue_harness: AaveVenueHarness, path: list[int], amount: int, place: int = 0) -> bool:
    amounts = [0] * 10
    amounts[place] = amount
    found: bool = venue_harness.venue.quoter.is_safe(path, amounts)
    return found


def moved_too_far(venue_harness: AaveVenueHarness, symbol: str, amount: int) -> bool:
    """Either way, in the model: the square of the roots against twice the fee."""
    pool = venue_harness.base.model.venue.pools[symbol]
    shape = next(each for each in venue_harness.venue.shapes if each.symbol == symbol)
    for sells in (True, False):
        copy, falls = pool.copy(), shape.first == sells
        limit = MIN_SQRT_PRICE + 1 if falls else MAX_SQRT_PRICE - 1
        copy.swap(falls, amount if sells else -amount, limit)
        near, far = sorted((copy.sqrt_price_x96, pool.sqrt_price_x96))
        if far**2 * PIPS > near**2 * (PIPS + 2 * shape.fee):
            return True
    return False


@pytest.mark.parametrize(("symbol", "unit", "worth"), [("C0", 10**18, 105), ("C1", 10**8, 31)])
def test_the_largest_safe_amount(
    venue_harness: AaveVenueHarness, symbol: str, unit: int, worth: int
) -> None:
    """To a millionth where the model says; near 2 * fee * depth of 210,000,000. [VA-17]"""
    path = hops(word(venue_harness, symbol))
    low, high = 0, 1_000 * unit
    while high - low > unit // 10**6:
        middle = (low + high) // 2
        low, high = (middle, high) if is_safe(venue_harness, path, middle) else (low, middle)
    assert worth - 1 <= low // unit <= worth
    assert not moved_too_far(venue_harness, symbol, low)
    assert moved_too_far(venue_harness, symbol, high)


def test_nothing_is_safe(venue_harness: AaveVenueHarness) -> None:
    """No amount moves no pool; what no pool carries is not safe."""
    path = hops(word(venue_harness, "C0"))
    assert is_safe(venue_harness, path, 0)
    assert is_safe(venue_harness, hops(), 0)
    assert not is_safe(venue_harness, path, 2**127)


def test_every_component_is_looked_at(venue_harness: AaveVenueHarness) -> None:
    path = hops(word(venue_harness, "C0"), 0, 0, word(venue_harness, "C1"))
    assert is_safe(venue_harness, path, 30 * 10**8, place=1)
    assert not is_safe(venue_harness, path, 33 * 10**8, place=1)
    assert not venue_harness.venue.quoter.is_safe(path, [10**18, 33 * 10**8, *[0] * 8])
    assert venue_harness.venue.quoter.is_safe(path, [10**18, 30 * 10**8, *[0] * 8])


def test_every_pool_of_a_path_is_looked_at(venue_harness: AaveVenueHarness) -> None:
    """C1 for collateral for C0: the second pool carries 210,000, or 5.25 C1. [VA-17]"""
    alone = hops(word(venue_harness, "C1"))
    path = hops(word(venue_harness, "C1", last=False), word(venue_harness, "C0") ^ 1 << 255)
    assert is_safe(venue_harness, path, 5 * 10**8)
    assert is_safe(venue_harness, alone, 6 * 10**8)
    assert not is_safe(venue_harness, path, 6 * 10**8)


def test_words_have_room_for_odd_fees(venue_harness: AaveVenueHarness) -> None:
    """An odd fee stands right above the pool's address."""
    assert is_safe(venue_harness, hops(word(venue_harness, "C0") ^ 1 << 160), 10**12)


def test_a_path_ends_with_its_third_pool(venue_harness: AaveVenueHarness) -> None:
    """Whether that is marked as the last or not."""
    back = word(venue_harness, "C0")
    there = back ^ 1 << 255
    for end in (back, word(venue_harness, "C0", last=False)):
        path = hops(word(venue_harness, "C1", last=False), there & ~(1 << 254), end)
        assert is_safe(venue_harness, path, 10**8)
        assert not is_safe(venue_harness, path, 6 * 10**8)


def test_an_empty_pool_is_not_safe(venue_harness: AaveVenueHarness) -> None:
    """[VA-17]"""
    venue_harness.drain("C0")
    assert not is_safe(venue_harness, hops(word(venue_harness, "C0")), 10**12)
    assert is_safe(venue_harness, hops(word(venue_harness, "C1")), 10**6)


def test_components_share_what_moves_a_pool(venue_harness: AaveVenueHarness) -> None:
    """Two with the same pool may move it by half as much each. [VA-17]"""
    own = word(venue_harness, "C0")
    alone, shared = hops(own), hops(own, 0, 0, own)
    for path, largest in ((alone, 104), (shared, 51)):
        assert is_safe(venue_harness, path, largest * 10**18)
        assert not is_safe(venue_harness, path, (largest + 3) * 10**18)
