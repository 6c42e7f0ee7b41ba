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
from tests.support.standards_harness import Size, World, in_states, search, sizes

Way = Callable[[World, int], tuple[int, int]]


def deposit(world: World, assets: int) -> tuple[int, int]:
    return assets, gone(world, world.token.deposit, assets, world.holder)


def mint(world: World, shares: int) -> tuple[int, int]:
    return gone(world, world.token.mint, shares, world.holder), shares


def withdraw(world: World, assets: int) -> tuple[int, int]:
    return assets, gone(world, world.token.withdraw, assets, world.holder, world.holder)


def redeem(world: World, shares: int) -> tuple[int, int]:
    return gone(world, world.token.redeem, shares, world.holder, world.holder), shares


def gone(world: World, call: Any, *args: Any) -> int:
    """Done, and what it returned."""
    told = call.call(*args, sender=world.holder)
    call(*args, sender=world.holder)
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
def test_there_and_back(world: World, name: str, size: Size) -> None:
    """At fixed prices: the same shares never bring more collateral than they cost,
    the same collateral never more shares. [T-FLOW-2]"""
    first, second, common = ROUNDS[name]
    unit, held = world.bench.system.unit, world.token.balanceOf(world.holder)
    amount = size.of(held // 3 if first in (mint, redeem) else 30_000 * unit)
    with world.undone():
        if rounds_to_nothing(world, first, amount):
            return
        went = first(world, amount)
        if rounds_to_nothing(world, second, went[common]):
            return
        back = second(world, went[common])
        assert back[common] == went[common]
        entered, left = (went, back) if first in (deposit, mint) else (back, went)
        if common:
            assert left[0] <= entered[0]  # the same shares
        else:
            assert left[1] >= entered[1]  # the same collateral


def rounds_to_nothing(world: World, way: Way, amount: int) -> bool:
    """Whether so little is refused."""
    if way is deposit:
        return bool(world.token.previewDeposit(amount) == 0)
    return way is redeem and world.token.previewRedeem(amount) == 0


@in_states("active")
@search(8)
@given(parts=st.lists(st.integers(1, 30), min_size=2, max_size=5), entering=st.booleans())
def test_no_split_is_better(world: World, parts: list[int], entering: bool) -> None:
    """Of what waits anyway: in parts no more shares, and no more collateral, than at
    once, but for what the parts' own fees bring to those who hold. [T-FLOW-2]"""
    world_unit = world.bench.system.unit
    pieces = [part * world_unit if entering else part * 10**18 for part in parts]
    call = world.token.deposit if entering else world.token.redeem
    to = (world.holder,) if entering else (world.holder, world.holder)
    with world.undone():
        at_once = call.call(sum(pieces), *to, sender=world.holder)
        split = 0
        for piece in pieces:
            split += call.call(piece, *to, sender=world.holder)
            call(piece, *to, sender=world.holder)
        assert split <= at_once
        no_event(call(pieces[0], *to, sender=world.holder), world.token, "FlowHedged")
