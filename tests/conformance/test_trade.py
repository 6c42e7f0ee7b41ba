# SPDX-License-Identifier: AGPL-3.0-only
"""trade: to the targets, within the bound, in chunks; and quote."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event
from tests.support.constants import MAX_UINT256
from tests.support.vault_harness import SLIPPAGE, VaultHarness, has_hops, smallest_bound, ten

# Worth of each component's short, in whole collateral, one after the other.
WAY = ((60_000, 30_000, 10_000), (70_001, 20_003, 40_007), (11, 90_000, 0), (50_000, 0, 9))


def units(vault_harness: VaultHarness, worths: tuple[int, ...]) -> list[int]:
    return vault_harness.units_of(
        vault_harness.unit, [100 * worth for worth in worths[: vault_harness.count]]
    )


def test_targets_are_reached_and_never_passed(filled: VaultHarness) -> None:
    """From either side, to less than the smallest trade. [V-5]"""
    smallest = filled.vault.min_trade()
    for worths in WAY:
        before, targets = filled.shorts, units(filled, worths)
        assert filled.reached(targets) is True
        events = filled.traded(filled.trade(targets))
        after = filled.shorts
        moves = zip(before, targets, after, smallest, strict=True)
        for i, (start, target, end, least) in enumerate(moves):
            short_of_it = target - end if target > start else end - target
            assert 0 <= short_of_it < max(least, 1)
            deltas = [event.delta for event in events if event.component == i]
            assert deltas == ([start - end] if start != end else [])
        filled.check_sound()


def test_targets_are_reached_after_interest(filled: VaultHarness) -> None:
    """To two of the smallest trades: Aave rounds what is owed and what is repaid."""
    filled.trade(units(filled, WAY[0]))
    filled.chain.increase_time(86_400 * 3 + 7)
    for worths in WAY:
        targets = units(filled, worths)
        filled.trade(targets)
        filled.check_at(targets, tolerance=2)
    filled.trade(ten([]))
    assert filled.shorts == ten([])
    filled.check_sound()


def test_at_the_target_nothing_happens(filled: VaultHarness) -> None:
    """[V-5]"""
    targets = units(filled, WAY[0])
    filled.trade(targets)
    before = filled.vault.value(filled.prices)
    for chunked in (False, True):
        assert filled.reached(targets, 0, chunked) is True
        receipt = filled.trade(targets, 0, chunked)
        no_event(receipt, filled.vault, "Traded")
        assert filled.vault.value(filled.prices) == before


def test_shrinking_to_zero_leaves_no_short(filled: VaultHarness) -> None:
    """[V-8]"""
    filled.trade(units(filled, WAY[0]))
    assert filled.reached(ten([])) is True
    filled.trade(ten([]))
    value = filled.vault.value(filled.prices)
    assert list(value.shorts) == ten([])
    assert filled.vault.value([2 * price for price in filled.prices]) == value
    assert filled.vault.spendable(filled.prices) == value.idle + value.equity


def test_opposite_directions_in_one_call(filled: VaultHarness) -> None:
    """Each component once; with one component there is but one direction."""
    filled.trade(units(filled, (50_000, 50_000, 50_000)))
    start = filled.shorts
    targets = units(filled, (80_000, 20_000, 60_000))
    events = filled.traded(filled.trade(targets))
    assert sorted(event.component for event in events) == list(range(filled.count))
    for event in events:
        i = event.component
        assert event.delta == start[i] - filled.shorts[i]
        assert (event.delta < 0) == (targets[i] > start[i])
    filled.check_at(targets)


# the bound


@pytest.mark.parametrize("grows", [True, False])
def test_one_wei_of_bound_less_reverts(filled: VaultHarness, grows: bool) -> None:
    """The bound covers each component's loss, and at most twice of it: a pool
    may be asked for no unit that loses more by itself. [V-6]"""
    targets = units(filled, WAY[0])
    if not grows:
        filled.trade(units(filled, (200_000, 200_000, 200_000)))
        filled.follow()
    bound = smallest_bound(filled, targets)
    prices, start = filled.prices, filled.shorts
    receipt = filled.trade(targets, bound)
    worst = 0
    for event in filled.traded(receipt):
        price, size = prices[event.component], abs(event.delta)
        lost = event.delta * (event.price - price) + event.fee * filled.scale
        worst = max(worst, lost * WAD // (size * price))
    moves = zip(start, filled.shorts, prices, strict=True)
    smallest = min(abs(old - new) * price for old, new, price in moves if old != new)
    slack = 4 * filled.scale * WAD // smallest  # units of collateral, of rounding
    assert worst - slack <= bound <= 2 * worst + slack
    assert filled.refusal(targets, 0) is None  # it is there now


def test_losses_count_against_the_given_prices(filled: VaultHarness) -> None:
    """Prices that have moved away from the venue's, in either direction. [V-6]"""
    targets = units(filled, (50_000, 50_000, 50_000))
    dear = [price * 102 // 100 for price in filled.prices]
    cheap = [price * 98 // 100 for price in filled.prices]
    assert filled.refusal(targets, WAD // 100, dear) == SLIPPAGE
    assert filled.refusal(targets, WAD // 100, cheap) is None
    assert filled.refusal(targets, MAX_UINT256, dear) is None
    filled.trade(targets)
    assert filled.refusal(ten([]), WAD // 100, cheap) == SLIPPAGE
    assert filled.refusal(ten([]), WAD // 100, dear) is None
    assert filled.refusal(ten([]), MAX_UINT256, cheap) is None


# chunks


@pytest.mark.parametrize("parts", [(250, 90, 110), (99, 320, 1), (40, 20, 99)])
def test_chunks_take_the_straight_way(filled: VaultHarness, parts: tuple[int, ...]) -> None:
    """Up and down again, in percents of the largest chunk: as many calls as the
    largest needs, each moving the same part of every component. [V-7]"""
    filled.book(9_000_000 * filled.unit)
    largest, smallest = filled.vault.max_trade(), filled.vault.min_trade()
    share = [part / 100 for part in parts[: filled.count]]
    goal = ten([int(most * s) for most, s in zip(largest, share, strict=False)])
    for targets in (goal, ten([])):
        calls = -(-max(parts[: filled.count]) // 100)
        distance = [abs(t - s) for t, s in zip(targets, filled.shorts, strict=True)]
        for call in range(1, calls + 1):
            filled.follow()
            before = filled.shorts
            assert filled.reached(targets, MAX_UINT256, True) is (call == calls)
            filled.trade(targets, MAX_UINT256, True)
            rests = [abs(t - s) for t, s in zip(targets, filled.shorts, strict=True)]
            left = max(0, 1 - call / max(share))
            for i in range(filled.count):
                moved = abs(filled.shorts[i] - before[i])
                assert moved <= largest[i] + smallest[i]
                assert abs(rests[i] - left * distance[i]) <= call * smallest[i] + distance[i] / 1e7
        filled.check_at(targets)
    filled.check_sound()


# quote


@pytest.mark.parametrize("incoming", [0, 77_777])
def test_quote_is_the_change_of_holdings(filled: VaultHarness, incoming: int) -> None:
    """To the unit when it says so: up, down, both at once and to zero, later and
    at other prices. [V-9]"""
    harness = filled.base
    for percent, worths in zip((1, -3, 2, 7, -1), (*WAY, (0, 0, 0)), strict=True):
        harness.move(percent, 3_600)
        targets, prices = units(filled, worths), filled.prices
        quoted, exact = filled.vault.quote(targets, prices, incoming * filled.unit)
        before = filled.total() + incoming * filled.unit
        turnover = sum(
            abs(a - b) * price for a, b, price in zip(targets, filled.shorts, prices, strict=True)
        )
        if incoming:
            filled.book(incoming * filled.unit)
        filled.trade(targets)
        cost = before - filled.total()
        if exact:
            assert cost == quoted
        else:  # the pools' state between two trades is not simulated
            assert has_hops(filled)
            assert abs(cost - quoted) * filled.scale <= turnover // 1_000


def test_only_paths_of_several_pools_are_inexact(filled: VaultHarness) -> None:
    """[V-9]"""
    targets = units(filled, WAY[0])
    _, exact = filled.vault.quote(targets, filled.prices, 0)
    assert exact is not has_hops(filled)
    assert filled.vault.quote(ten([]), filled.prices, 0) == (0, True)
