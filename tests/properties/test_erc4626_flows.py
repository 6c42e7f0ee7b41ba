# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: what its actions do, in every state, for both vaults and for collateral
of 6, 8 and 18 decimals: as previewed, with the events, for others too, up to the
maxima and not beyond; and no way there and back that brings a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import Receipt
from tests.properties.tokens import (
    CAP,
    NEVER,
    STATES,
    ZERO,
    Size,
    World,
    in_states,
    search,
    sizes,
)
from tests.support import no_event, only_event

DEPOSIT, MINT, WITHDRAW, REDEEM = 1, 2, 4, 8
NO_SHARES = "token: zero shares"
NO_ASSETS = "token: zero assets"
ALLOWANCE = "erc20: insufficient allowance"
OPEN = [name for name, state in STATES.items() if state.no_mint is None]
SHUT = [name for name, state in STATES.items() if state.no_mint and state.priced]
EXITS = [name for name, state in STATES.items() if state.exits]


def enter(world: World, kind: int, amount: int, payer: str, receiver: str) -> tuple[int, int]:
    """Deposit or mint: everything that it has to move is moved, and said. Returns
    assets and shares."""
    token, call = world.token, world.token.deposit if kind == DEPOSIT else world.token.mint
    told = call.call(amount, receiver, sender=payer)
    assets, shares = (amount, told) if kind == DEPOSIT else (told, amount)
    paid, held = world.money(payer), token.balanceOf(receiver)
    supply, idle = token.state().supply, world.money(world.bench.system.vault.address)
    receipt = call(amount, receiver, sender=payer)
    only_event(receipt, token, "Deposit", sender=payer, owner=receiver, assets=assets, shares=shares)
    assert moved(world, receipt, ZERO, receiver) == [shares]
    assert paid - world.money(payer) == assets
    fees = accrued(world, receipt) if receiver == world.bench.owner else 0
    assert token.balanceOf(receiver) - held == shares + fees
    assert token.totalSupply() - supply == shares
    assert sum(world.shares()) == token.totalSupply()
    assert world.collateral.allowance(token, world.bench.system.vault) == 0
    if world.netted_in(receipt):
        assert world.money(world.bench.system.vault.address) - idle == assets
    return assets, shares


def leave(
    world: World, kind: int, amount: int, caller: str, receiver: str, owner: str
) -> tuple[int, int]:
    """Withdraw or redeem, as `enter`."""
    token, call = world.token, world.token.withdraw if kind == WITHDRAW else world.token.redeem
    told = call.call(amount, receiver, owner, sender=caller)
    assets, shares = (amount, told) if kind == WITHDRAW else (told, amount)
    paid, held = world.money(receiver), token.balanceOf(owner)
    supply = token.state().supply
    receipt = call(amount, receiver, owner, sender=caller)
    only_event(
        receipt, token, "Withdraw",
        sender=caller, receiver=receiver, owner=owner, assets=assets, shares=shares,
    )  # fmt: skip
    assert moved(world, receipt, owner, ZERO) == [shares]
    assert world.money(receiver) - paid == assets
    fees = accrued(world, receipt) if owner == world.bench.owner else 0
    assert held - token.balanceOf(owner) == shares - fees
    assert supply - token.totalSupply() == shares
    assert sum(world.shares()) == token.totalSupply()
    return assets, shares


def moved(world: World, receipt: Receipt, sender: str, receiver: str) -> list[int]:
    """Sizes of the transfers of shares between the two, the streaming fee apart."""
    fee = accrued(world, receipt)
    found = [
        each.args["value"]
        for each in world.token.events(receipt)
        if each.name == "Transfer" and (each.args["sender"], each.args["receiver"]) == (sender, receiver)
    ]
    return found[1:] if fee and (sender, receiver) == (ZERO, world.bench.owner) else found


def accrued(world: World, receipt: Receipt) -> int:
    """Shares of the streaming fee that the action accrued."""
    found = [each for each in world.token.events(receipt) if each.name == "FeeAccrued"]
    return int(found[0].args["shares"]) if found else 0


def preview(world: World, kind: int, amount: int) -> int:
    names = {DEPOSIT: "Deposit", MINT: "Mint", WITHDRAW: "Withdraw", REDEEM: "Redeem"}
    return int(world.token.method(f"preview{names[kind]}")(amount))


# --- previews and what follows ---


@in_states(*OPEN)
@search(8)
@given(size=sizes, exact=st.booleans())
def test_in_as_previewed(world: World, size: Size, exact: bool) -> None:
    """A deposit mints no fewer shares than previewed, exactly so many where it waits
    or the venue quotes exactly; a mint takes what was previewed. [T-MINT-5]"""
    kind, payer, receiver = MINT if exact else DEPOSIT, world.stranger, world.second_holder
    most = world.token.maxMint(payer) if exact else world.token.maxDeposit(payer)
    amount = size.of(most)
    told, netted = preview(world, kind, amount), world.netted(kind, amount)
    with world.undone():
        if told == 0:
            with world.refuses(NO_SHARES):
                world.token.deposit(amount, receiver, sender=payer)
            return
        assets, shares = enter(world, kind, amount, payer, receiver)
        if kind == MINT:
            assert assets == told
        else:
            assert shares == told if netted or world.exact else shares >= told


@in_states(*EXITS)
@search(8)
@given(size=sizes, exact=st.booleans())
def test_out_as_previewed(world: World, size: Size, exact: bool) -> None:
    """A redemption pays no less than previewed, exactly that where it waits or the
    venue quotes exactly; a withdrawal burns what was previewed. [T-RED-8] [T-WDR-3]"""
    kind, owner, receiver = WITHDRAW if exact else REDEEM, world.holder, world.stranger
    most = world.token.maxWithdraw(owner) if exact else world.token.maxRedeem(owner)
    amount = size.of(most)
    told, netted = preview(world, kind, amount), world.netted(kind, amount)
    with world.undone():
        if told == 0:
            with world.refuses(NO_ASSETS):
                world.token.redeem(amount, receiver, owner, sender=owner)
            return
        assets, shares = leave(world, kind, amount, owner, receiver, owner)
        if kind == WITHDRAW:
            assert shares == told
        else:
            assert assets == told if netted or world.exact else assets >= told


@in_states(*OPEN)
@search(6)
@given(size=sizes, kind=st.sampled_from([DEPOSIT, MINT, WITHDRAW, REDEEM]))
def test_a_bound_one_unit_tighter_reverts(world: World, size: Size, kind: int) -> None:
    """The caller's own bound, at what the action would do: it passes, a unit more
    does not. [T-RED-6] [T-MINT-6] [T-WDR-5]"""
    token, who = world.token, world.holder
    name, reason, sign = {
        DEPOSIT: ("deposit", "token: shares below minimum", 1),
        MINT: ("mint", "token: assets above maximum", -1),
        WITHDRAW: ("withdraw", "token: shares above maximum", -1),
        REDEEM: ("redeem", "token: assets below minimum", 1),
    }[kind]
    most = token.method(f"max{name.capitalize()}")(who)
    amount, call = size.of(most), token.method(name)
    to = (who,) if kind in (DEPOSIT, MINT) else (who, who)
    if preview(world, kind, amount) == 0:
        return
    told = call.call(amount, *to, sender=who)
    with world.refuses(reason):
        call(amount, *to, told + sign, sender=who)
    with world.undone():
        call(amount, *to, told, sender=who)


# --- for others ---


@in_states(*EXITS)
@search(2)
@given(size=sizes, exact=st.booleans())
def test_out_for_another_owner(world: World, size: Size, exact: bool) -> None:
    """MUST support another caller with an allowance, of which exactly the shares are
    spent; one share short, or none, and nothing happens. [T-RED-10] [T-WDR-9]"""
    token, owner, spender = world.token, world.holder, world.stranger
    kind, call = (WITHDRAW, token.withdraw) if exact else (REDEEM, token.redeem)
    most = token.maxWithdraw(owner) if exact else token.maxRedeem(owner)
    amount = size.of(most)
    if preview(world, kind, amount) == 0:
        return
    with world.undone():
        shares = call.call(amount, owner, owner, sender=owner) if exact else amount
        with world.refuses(ALLOWANCE):
            call(amount, spender, owner, sender=spender)
        token.approve(spender, shares - 1, sender=owner)
        with world.refuses(ALLOWANCE):
            call(amount, spender, owner, sender=spender)
        for allowance, left in ((shares, 0), (shares + 5, 5), (NEVER, NEVER)):
            token.approve(spender, allowance, sender=owner)
            with world.undone():
                assert leave(world, kind, amount, spender, spender, owner)[1] == shares
                assert token.allowance(owner, spender) == left


@in_states(*EXITS)
def test_an_allowance_is_not_a_balance(world: World) -> None:
    """More than the owner has reverts, whatever was allowed. [T-RED-9]"""
    token, owner, spender = world.token, world.second_holder, world.stranger
    held = token.balanceOf(owner)
    with world.undone():
        token.approve(spender, NEVER, sender=owner)
        for caller in (owner, spender):
            with world.refuses("token: shares above balance"):
                token.redeem(held + 1, spender, owner, sender=caller)
        with world.refuses("token: shares above balance"):
            token.withdraw(token.convertToAssets(held) * 11 // 10, spender, owner, sender=caller)


@in_states(*OPEN)
def test_collateral_is_the_caller_s(world: World) -> None:
    """MUST revert if not all can be taken: the receiver's collateral is not touched."""
    token, poor, rich = world.token, world.bench.keeper, world.holder
    amount = world.bench.system.unit
    assert world.money(poor) < amount and world.collateral.allowance(rich, token) > amount
    reason = {
        "LocalCollateral": ("collateral: allowance too small",),
        "FiatTokenV2_2": (
            "ERC20: transfer amount exceeds allowance", "ERC20: transfer amount exceeds balance",
        ),
    }[world.collateral.contract_name]  # fmt: skip
    with world.refuses(*reason):
        token.deposit(amount, rich, sender=poor)
    with world.refuses(*reason):
        token.mint(10**18, rich, sender=poor)


# --- odd amounts and receivers ---


def test_nothing(world: World) -> None:
    """Zero in any form moves nothing: it reverts with a reason, the state's own
    where that comes first. [T-RED-12] [T-MINT-8]"""
    token, who, state = world.token, world.holder, world.state
    shut = str(state.no_mint) if state.no_mint not in (None, CAP) else None
    for call in (token.deposit, token.mint):
        with world.refuses(shut or NO_ASSETS):
            call(0, who, sender=who)
    for call in (token.withdraw, token.redeem):
        with world.refuses(NO_SHARES if state.priced else str(state.no_mint)):
            call(0, who, who, sender=who)


def test_to_nobody(world: World) -> None:
    """To the zero address: refused before anything else."""
    token, who = world.token, world.holder
    with world.refuses("token: receiver is zero"):
        token.deposit(10**18, ZERO, sender=who)
    with world.refuses("token: receiver is zero"):
        token.mint(10**18, ZERO, sender=who)
    with world.refuses("token: receiver is zero"):
        token.withdraw(10**18, ZERO, who, sender=who)
    with world.refuses("token: receiver is zero"):
        token.redeem(10**18, ZERO, who, sender=who)


@in_states(*OPEN)
def test_shares_for_the_contracts(world: World) -> None:
    """The token, its vault and its quoter may be minted to: nobody can use such
    shares, and they count like any others."""
    amount = 1_000 * world.bench.system.unit
    for receiver in (world.token.address, world.bench.system.vault.address):
        with world.undone():
            assets, shares = enter(world, DEPOSIT, amount, world.holder, receiver)
            assert assets == amount
            assert world.token.maxRedeem(receiver) == shares


@in_states(*EXITS)
def test_collateral_for_the_contracts(world: World) -> None:
    """Paid to the token or to its own vault it is a gift that nobody books: claims of
    the others do not fall, and nothing that was theirs is handed on. [T-VAL-8]"""
    shares = world.token.balanceOf(world.holder) * 3 // 5
    vault = world.bench.system.vault
    with world.undone():
        world.token.redeem(shares, world.stranger, world.holder, sender=world.holder)
        honest = world.token.totalAssets()
    for receiver in (world.token.address, vault.address):
        with world.undone():
            surplus = world.money(vault.address) - vault.idle()
            paid = world.token.redeem.call(shares, receiver, world.holder, sender=world.holder)
            world.token.redeem(shares, receiver, world.holder, sender=world.holder)
            assert world.token.totalAssets() == honest
            gift = paid if receiver == vault.address else 0
            assert world.money(vault.address) - vault.idle() == surplus + gift
            rest = world.token.balanceOf(world.second_holder) // 2
            world.token.redeem(rest, world.stranger, world.second_holder, sender=world.second_holder)


# --- maxima ---


@in_states(*EXITS)
def test_all_that_max_says_goes_through(world: World) -> None:
    """MUST NOT be higher than what would be accepted. [T-MAX-1] [T-MAX-2]"""
    for who in (world.holder, world.second_holder, world.bench.owner):
        if world.token.balanceOf(who) == 0:
            continue  # no streaming fee
        with world.undone():
            leave(world, REDEEM, world.token.maxRedeem(who), who, who, who)
        with world.undone():
            leave(world, WITHDRAW, world.token.maxWithdraw(who), who, who, who)
    if world.state.no_mint is None:
        who = world.stranger
        with world.undone():
            enter(world, DEPOSIT, world.token.maxDeposit(who), who, who)
        with world.undone():
            enter(world, MINT, world.token.maxMint(who), who, who)


@in_states(*EXITS)
def test_one_more_than_max_does_not(world: World) -> None:
    """Where a balance bounds it, the maximum is exact: of shares in any state, of
    collateral for a holder whose withdrawal waits."""
    token, who = world.token, world.stranger
    with world.undone():
        token.transfer(who, 100 * 10**18 + 3, sender=world.second_holder)
        shares, assets = token.maxRedeem(who), token.maxWithdraw(who)
        assert shares == 100 * 10**18 + 3
        with world.refuses("token: shares above balance"):
            token.redeem(shares + 1, who, who, sender=who)
        with world.refuses("token: shares above balance"):
            token.withdraw(assets + 1, who, who, sender=who)
        with world.undone():
            leave(world, WITHDRAW, assets, who, who, who)
            assert token.balanceOf(who) <= token.convertToShares(2) + 1


@in_states("one below the cap")
def test_the_last_share_under_the_cap(world: World) -> None:
    """One share wei is left: it can be minted, two cannot, and no deposit is so small."""
    token, who = world.token, world.stranger
    with world.refuses(CAP):
        token.mint(2, who, sender=who)
    with world.refuses(CAP):
        token.deposit(world.bench.system.unit, who, sender=who)
    with world.undone():
        enter(world, MINT, 1, who, who)
        assert token.maxMint(who) == token.maxDeposit(who) == 0
        with world.refuses(CAP):
            token.mint(1, who, sender=who)


@in_states("active")
@search(6)
@given(room=st.integers(1, 10**23))
def test_under_a_cap(world: World, room: int) -> None:
    """Any cap is a maximum to the wei of shares. [T-OWN-5]"""
    token, who = world.token, world.stranger
    with world.undone():
        token.set_supply_cap(token.state().supply + room, sender=world.bench.owner)
        assert token.maxMint(who) == room
        with world.refuses(CAP):
            token.mint(room + 1, who, sender=who)
        assets = token.maxDeposit(who)
        if preview(world, DEPOSIT, assets):
            with world.undone():
                enter(world, DEPOSIT, assets, who, who)
        enter(world, MINT, room, who, who)
        assert token.totalSupply() == token.state().supply_cap


# --- what is shut ---


@in_states(*SHUT, "stale")
def test_no_way_in(world: World) -> None:
    """Whatever the size, with the state's reason. [M-PAUSE-1]"""
    token, who = world.token, world.stranger
    for whole in (10, 10_000):
        with world.refuses(str(world.state.no_mint)):
            token.deposit(whole * world.bench.system.unit, who, sender=who)
        with world.refuses(str(world.state.no_mint)):
            token.mint(whole * 10**18, who, sender=who)


@in_states("stale")
def test_no_way_out_without_a_price(world: World) -> None:
    """An own bound does not help: there is no price to pay at. [T-RED-14]"""
    token, who = world.token, world.holder
    with world.refuses("oracle: stale price"):
        token.withdraw(1, who, who, sender=who)
    for bound in ((), (0,)):
        with world.refuses("oracle: stale price"):
            token.redeem(10**18, who, who, *bound, sender=who)


# --- there and back ---

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
        if amount <= 10**13 and first in (deposit, redeem) and small(world, first, amount):
            return
        went = first(world, amount)
        if second is redeem and world.token.previewRedeem(went[1]) == 0:
            return
        if second is deposit and world.token.previewDeposit(went[0]) == 0:
            return
        back = second(world, went[common])
        assert back[common] == went[common]
        entered, left = (went, back) if first in (deposit, mint) else (back, went)
        if common:
            assert left[0] <= entered[0]  # the same shares
        else:
            assert left[1] >= entered[1]  # the same collateral


def small(world: World, way: Way, amount: int) -> bool:
    """Whether so little rounds to nothing."""
    return preview(world, DEPOSIT if way is deposit else REDEEM, amount) == 0


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
