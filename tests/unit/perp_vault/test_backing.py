# SPDX-License-Identifier: AGPL-3.0-only
"""backing: what margin carries, equal to the model's and by hand."""

from __future__ import annotations

import pytest

from inverse_index.model.fixed import WAD
from tests.support.constants import MAX_UINT256
from tests.support.exchange_harness import ten
from tests.support.perp_vault_harness import PerpVaultHarness

ONE_PERCENT = WAD // 100


def backing(
    vault: PerpVaultHarness, direction: list[int], worth: int, bound: int, more: bool
) -> int:
    """As the model has it."""
    args = (ten(direction), worth, ten(vault.harness.prices), bound, more)
    found: int = vault.vault.backing(*args)
    assert found == vault.model.backing(*args, vault.harness.now)
    return found


def test_growing_by_hand(filled: PerpVaultHarness) -> None:
    """20 units of 100 need 200 of margin and cost 20 at 1%; of 100 that come with
    them 90 are margin, of the 10,000 that are there 9,000. [V-12]"""
    unit = filled.harness.unit
    assert backing(filled, [20 * WAD, 0], 100 * unit, ONE_PERCENT, True) == 9_000 * WAD // 130
    assert backing(filled, [20 * WAD, 0], 100 * unit, 0, True) == 9_000 * WAD // 110


def test_no_bound_counts_twice_the_notional(filled: PerpVaultHarness) -> None:
    unit = filled.harness.unit
    for bound in (2 * WAD, MAX_UINT256):
        found = backing(filled, [20 * WAD, 0], 100 * unit, bound, True)
        assert found == 9_000 * WAD // (200 + 4_000 - 90)


def test_what_brings_more_margin_than_it_needs(filled: PerpVaultHarness) -> None:
    """10% of 900 and nothing more is what 100 bring; 1 more is too much."""
    unit = filled.harness.unit
    assert backing(filled, [9 * WAD, 0], 100 * unit, 0, True) == MAX_UINT256
    assert backing(filled, [9 * WAD + 1, 0], 100 * unit, 0, True) < MAX_UINT256


@pytest.mark.parametrize("worth", [1, 50, 400])
@pytest.mark.parametrize("direction", [[WAD, 0], [0, 7 * WAD], [3 * WAD + 1, 20 * WAD + 7]])
@pytest.mark.parametrize("bound", [0, ONE_PERCENT, MAX_UINT256])
def test_as_the_model(
    filled: PerpVaultHarness, direction: list[int], worth: int, bound: int
) -> None:
    """With positions, both ways; shrinking, the idle collateral or the margin pays."""
    filled.trade([30 * WAD, 100 * WAD])
    for more in (True, False):
        assert backing(filled, direction, worth * filled.harness.unit, bound, more) > 0
    assert backing(filled, direction, 0, bound, False) > 0


def test_nothing_is_spare(filled: PerpVaultHarness) -> None:
    """80 units short and a price twice and three times as high."""
    filled.trade([80 * WAD, 0])
    filled.harness.set_prices(210 * WAD, 10 * WAD)
    unit = filled.harness.unit
    assert backing(filled, [20 * WAD, 0], 100 * unit, ONE_PERCENT, True) == 0
    assert backing(filled, [20 * WAD, 0], 10_000 * unit, ONE_PERCENT, False) < WAD
    filled.harness.set_prices(300 * WAD, 10 * WAD)
    assert backing(filled, [20 * WAD, 0], 100 * unit, ONE_PERCENT, False) == 0
