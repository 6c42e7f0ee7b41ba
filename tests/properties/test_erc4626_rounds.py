# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: there and back in every combination of its four actions, and in parts:
at fixed prices no way brings a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.assertions import no_event
from tests.support.standards_harness import Size, StandardsHarness, in_states, search, sizes

Way = Callable[[StandardsHarness, int], tuple[int, int]]


def deposit(harness: StandardsHarness, assets: int) -> tuple[int, int]:
    return assets, gone(harness, harness.token.deposit, assets, harness.holder)


def mint(harness: StandardsHarness, shares: int) -> tuple[int, int]:
    return gone(harness, harness.token.mint, shares, harness.holder), shares


def withdraw(harness: StandardsHarness, assets: int) -> tuple[int, int]:
    return assets, gone(harness, harness.token.withdraw, assets, harness.holder, harness.holder)


def redeem(harness: StandardsHarness, shares: int) -> tuple[int, int]:
    return gone(harness, harness.token.redeem, shares, harness.holder, harness.holder), shares


def gone(harness: StandardsHarness, call: Any, *args: Any) -> int:
    """Done, and what it returned."""
    told = call.call(*args, sender=harness.holder)
    call(*args, sender=harness.holder)
    return int(told)


# First and second way, which of (assets, shares) goes over, the sign of the loss.
ROUNDS: dict[str, tuple[Way, Way, int]] = {
    "redeem what was deposited": (deposit, redeem, 1),
    "withdraw what was deposited": (deposit, withdraw, 0),
    "redeem what was minted": (mint, redeem, 1),
    "withdraw what was minted": (mint, withdraw, 0),
    "deposit what was redeemed": (redeem, deposit, 0),
    "mint what was redeemed": (redeem, mint, 1),
    "deposit what was withdrawn": (withdraw, deposit, 0),
    "mint what was withdrawn": (withdraw, mint, 1),
}


@in_states("active")
@pytest.mark.parametrize("name", ROUNDS)
@search(8)
@given(size=sizes)
def test_there_and_back(harness: StandardsHarness, name: str, size: Size) -> None:
    """At fixed prices: the same shares never bring more collateral than they cost,
    the same collateral never more shares. [T-FLOW-2]"""
    first, second, common = ROUNDS[name]
    unit, held = harness.base.system.unit, harness.token.balanceOf(harness.holder)
    amount = size.of(held // 3 if first in (mint, redeem) else 30_000 * unit)
    with harness.undone():
        if rounds_to_nothing(harness, first, amount):
            return
        went = first(harness, amount)
        if rounds_to_nothing(harness, second, went[common]):
            return
        back = second(harness, went[common])
        assert back[common] == went[common]
        entered, left = (went, back) if first in (deposit, mint) else (back, went)
        if common:
            assert left[0] <= entered[0]  # the same shares
        else:
            assert left[1] >= entered[1]  # the same collateral


def rounds_to_nothing(harness: StandardsHarness, way: Way, amount: int) -> bool:
    """Whether so little is refused."""
    if way is deposit:
        return bool(harness.token.previewDeposit(amount) == 0)
    return way is redeem and harness.token.previewRedeem(amount) == 0


@in_states("active")
@search(8)
@given(parts=st.lists(st.integers(1, 30), min_size=2, max_size=5), entering=st.booleans())
def test_no_split_is_better(harness: StandardsHarness, parts: list[int], entering: bool) -> None:
    """Of what waits anyway: in parts no more shares, and no more collateral, than at
    once, but for what the parts' own fees bring to those who hold. [T-FLOW-2]"""
    world_unit = harness.base.system.unit
    pieces = [part * world_unit if entering else part * 10**18 for part in parts]
    call = harness.token.deposit if entering else harness.token.redeem
    to = (harness.holder,) if entering else (harness.holder, harness.holder)
    with harness.undone():
        at_once = call.call(sum(pieces), *to, sender=harness.holder)
        # Parts that cancel what waits release its fees to all holders, one by one.
        released = 0 if entering else harness.token.state().flows.reserve
        split = 0
        for piece in pieces:
            split += call.call(piece, *to, sender=harness.holder)
            call(piece, *to, sender=harness.holder)
        assert split <= at_once + released
        no_event(call(pieces[0], *to, sender=harness.holder), harness.token, "FlowHedged")
