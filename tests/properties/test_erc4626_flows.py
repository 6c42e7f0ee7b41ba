# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: what its actions do, in every state, for both vaults and for collateral
of 6, 8 and 18 decimals: as previewed, with the events, and for others too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.standards_flows import (
    ALLOWANCE,
    DEPOSIT,
    EXITS,
    MINT,
    NO_ASSETS,
    NO_SHARES,
    OPEN,
    REDEEM,
    WITHDRAW,
    enter,
    leave,
    preview,
)
from tests.support.standards_harness import CAP, NEVER, ZERO, Size, World, in_states, search, sizes

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
            "ERC20: transfer amount exceeds allowance",
            "ERC20: transfer amount exceeds balance",
        ),
    }[world.collateral.contract_name]
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
            other = world.second_holder
            rest = world.token.balanceOf(other) // 2
            world.token.redeem(rest, world.stranger, other, sender=other)
