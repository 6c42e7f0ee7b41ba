# SPDX-License-Identifier: AGPL-3.0-only
"""depth and backing: what they admit succeeds, and what is over them fails."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.constants import MAX_UINT256
from tests.support.vault_harness import SLIPPAGE, VaultHarness, has_hops, ten

BOUND = WAD // 100


def grown(vault_harness: VaultHarness, direction: list[int], multiple: int) -> list[int]:
    """The shorts with the multiple of a direction on top, rounded down."""
    return [s + d * multiple // WAD for s, d in zip(vault_harness.shorts, direction, strict=True)]


def shrunk(vault_harness: VaultHarness, direction: list[int], multiple: int) -> list[int]:
    return [
        max(s - d * multiple // WAD, 0)
        for s, d in zip(vault_harness.shorts, direction, strict=True)
    ]


DIRECTIONS = ([100, 100, 100], [100, 0, 0], [30, 200, 70])


@pytest.fixture
def rich(filled: VaultHarness) -> VaultHarness:
    """With 40,000,000 of collateral, more than any pool takes."""
    filled.book(39_000_000 * filled.unit)
    return filled


@pytest.mark.parametrize("parts", DIRECTIONS)
def test_depth_to_grow(rich: VaultHarness, parts: list[int]) -> None:
    """A hundredth more reverts for the bound; twice as much where components
    share a pool, since what they do to each other is estimated. [V-11]"""
    direction = rich.units_of(1_000 * rich.unit, parts)
    multiple = rich.vault.depth(direction, rich.prices, BOUND, True)
    assert WAD < multiple < MAX_UINT256
    assert rich.refusal(grown(rich, direction, multiple), BOUND) is None
    more = 200 if parts != DIRECTIONS[1] and has_hops(rich) else 101
    beyond = rich.refusal(grown(rich, direction, multiple * more // 100), BOUND)
    assert beyond in (SLIPPAGE, "exchange: short interest capped")


@pytest.mark.parametrize("parts", DIRECTIONS)
def test_depth_to_shrink(rich: VaultHarness, parts: list[int]) -> None:
    """From shorts of 1,000,000 each, within the fee and a little of the way. [V-11]"""
    rich.trade(rich.units_of(1_000_000 * rich.unit))
    rich.follow()
    direction = rich.units_of(1_000 * rich.unit, parts)
    prices = [price * 999 // 1_000 for price in rich.prices]  # the venue is dearer
    multiple = rich.vault.depth(direction, prices, BOUND // 2, False)
    assert multiple > WAD
    pairs = zip(rich.shorts, direction, strict=True)
    most = min(short * WAD // part for short, part in pairs if part)  # all of it
    targets = shrunk(rich, direction, min(multiple, most))
    assert rich.refusal(targets, BOUND // 2, prices) is None
    more = 200 if parts != DIRECTIONS[1] and has_hops(rich) else 101
    if multiple * more // 100 <= most:
        beyond = shrunk(rich, direction, multiple * more // 100)
        assert rich.refusal(beyond, BOUND // 2, prices) == SLIPPAGE


def test_no_depth_within_the_fee(rich: VaultHarness) -> None:
    rich.trade(rich.units_of(10_000 * rich.unit))
    rich.follow()
    direction = rich.units_of(1_000 * rich.unit)
    for more in (True, False):
        for bound in (0, 1, 5 * 10**12):
            assert rich.vault.depth(direction, rich.prices, bound, more) == 0 or (
                not more and rich.base.system.venue.kind == "perp"  # its skew pays purchases
            )


def test_depth_is_in_multiples_of_the_direction(rich: VaultHarness) -> None:
    one, two = (rich.units_of(each * rich.unit) for each in (1_000, 2_000))
    depth = rich.vault.depth(one, rich.prices, BOUND, True)
    half = rich.vault.depth(two, rich.prices, BOUND, True)
    assert abs(depth - 2 * half) <= depth // 10**6
    assert rich.vault.depth(ten([]), rich.prices, 0, True) == MAX_UINT256


# backing


@pytest.mark.parametrize("leverage", [4, 9, 12])
def test_backing_to_grow(vault_harness: VaultHarness, leverage: int) -> None:
    """Shorts of several times what comes in with them: what it admits can be
    carried within the bound, and not much more. [V-12]"""
    vault_harness.book(100_000 * vault_harness.unit)
    vault_harness.trade(vault_harness.units_of(vault_harness.total() // vault_harness.count // 2))
    vault_harness.follow()
    worth, prices = 1_000 * vault_harness.unit, vault_harness.prices
    direction = vault_harness.units_of(worth * leverage // vault_harness.count)
    depth = vault_harness.vault.depth(direction, prices, BOUND, True)
    backing = vault_harness.vault.backing(direction, worth, prices, BOUND, True)
    multiple = min(depth, backing)
    assert WAD < multiple < MAX_UINT256
    snapshot = vault_harness.chain.snapshot()
    vault_harness.book(worth * multiple // WAD)
    assert vault_harness.refusal(grown(vault_harness, direction, multiple), BOUND) is None
    vault_harness.chain.revert(snapshot)
    if backing < depth:
        more = backing * 3 // 2
        vault_harness.book(worth * more // WAD)
        reason = vault_harness.refusal(grown(vault_harness, direction, more), MAX_UINT256)
        assert reason in BEYOND
    else:
        assert leverage < 12


BEYOND = (
    "exchange: margin too low",
    "vault: health factor too low",
    "vault: Aave refused a loan, code 36",
)


@pytest.mark.parametrize("leverage", [100, 200])
def test_backing_to_shrink(filled: VaultHarness, second_holder: str, leverage: int) -> None:
    """Half of the shorts are closed, and half of all is paid out less the cost. [V-12]"""
    filled.trade(filled.units_of(filled.total() * leverage // 100 // filled.count))
    filled.follow()
    direction, worth = filled.shorts, filled.total()
    assert filled.vault.backing(direction, worth, filled.prices, BOUND, False) >= WAD // 2
    filled.trade(shrunk(filled, direction, WAD // 2), BOUND)
    paid = worth // 2 - (worth - filled.total())
    filled.pay(second_holder, paid)
    assert filled.collateral.balanceOf(second_holder) == paid
    assert filled.total() == worth // 2 + worth % 2
    filled.check_sound()
