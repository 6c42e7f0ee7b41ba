# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: what its actions do, in every state, for both vaults and for collateral
of 6, 8 and 18 decimals: as previewed, with the events, and for others too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.constants import MAX_UINT256, ZERO
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
from tests.support.standards_harness import CAP, Size, StandardsHarness, in_states, search, sizes

# --- previews and what follows ---


@in_states(*OPEN)
@search(8)
@given(size=sizes, exact=st.booleans())
def test_in_as_previewed(harness: StandardsHarness, size: Size, exact: bool) -> None:
    """A deposit mints no fewer shares than previewed, exactly so many where it waits
    or the venue quotes exactly; a mint takes what was previewed. [T-MINT-5]"""
    kind, payer, receiver = MINT if exact else DEPOSIT, harness.stranger, harness.second_holder
    most = harness.token.maxMint(payer) if exact else harness.token.maxDeposit(payer)
    amount = size.of(most)
    told, netted = preview(harness, kind, amount), harness.netted(kind, amount)
    with harness.undone():
        if told == 0:
            with harness.refuses(NO_SHARES):
                harness.token.deposit(amount, receiver, sender=payer)
            return
        assets, shares = enter(harness, kind, amount, payer, receiver)
        if kind == MINT:
            assert assets == told
        else:
            assert shares == told if netted or harness.exact else shares >= told


@in_states(*EXITS)
@search(8)
@given(size=sizes, exact=st.booleans())
def test_out_as_previewed(harness: StandardsHarness, size: Size, exact: bool) -> None:
    """A redemption pays no less than previewed, exactly that where it waits or the
    venue quotes exactly; a withdrawal burns what was previewed. [T-RED-8] [T-WDR-3]"""
    kind, owner, receiver = WITHDRAW if exact else REDEEM, harness.holder, harness.stranger
    most = harness.token.maxWithdraw(owner) if exact else harness.token.maxRedeem(owner)
    amount = size.of(most)
    told, netted = preview(harness, kind, amount), harness.netted(kind, amount)
    with harness.undone():
        if told == 0:
            with harness.refuses(NO_ASSETS):
                harness.token.redeem(amount, receiver, owner, sender=owner)
            return
        assets, shares = leave(harness, kind, amount, owner, receiver, owner)
        if kind == WITHDRAW:
            assert shares == told
        else:
            assert assets == told if netted or harness.exact else assets >= told


@in_states(*OPEN)
@search(6)
@given(size=sizes, kind=st.sampled_from([DEPOSIT, MINT, WITHDRAW, REDEEM]))
def test_a_bound_one_unit_tighter_reverts(harness: StandardsHarness, size: Size, kind: int) -> None:
    """The caller's bound, at what the action would do: it passes, a unit more
    does not. [T-RED-6] [T-MINT-6] [T-WDR-5]"""
    token, who = harness.token, harness.holder
    name, reason, sign = {
        DEPOSIT: ("deposit", "token: shares below minimum", 1),
        MINT: ("mint", "token: assets above maximum", -1),
        WITHDRAW: ("withdraw", "token: shares above maximum", -1),
        REDEEM: ("redeem", "token: assets below minimum", 1),
    }[kind]
    most = token.method(f"max{name.capitalize()}")(who)
    amount, call = size.of(most), token.method(name)
    to = (who,) if kind in (DEPOSIT, MINT) else (who, who)
    if preview(harness, kind, amount) == 0:
        return
    told = call.call(amount, *to, sender=who)
    with harness.refuses(reason):
        call(amount, *to, told + sign, sender=who)
    with harness.undone():
        call(amount, *to, told, sender=who)


# --- for others ---


@in_states(*EXITS)
@search(2)
@given(size=sizes, exact=st.booleans())
def test_out_for_another_owner(harness: StandardsHarness, size: Size, exact: bool) -> None:
    """MUST support another caller with an allowance, of which exactly the shares are
    spent; one share short, or none, and nothing happens. [T-RED-10] [T-WDR-9]"""
    token, owner, spender = harness.token, harness.holder, harness.stranger
    kind, call = (WITHDRAW, token.withdraw) if exact else (REDEEM, token.redeem)
    most = token.maxWithdraw(owner) if exact else token.maxRedeem(owner)
    amount = size.of(most)
    if preview(harness, kind, amount) == 0:
        return
    with harness.undone():
        shares = call.call(amount, owner, owner, sender=owner) if exact else amount
        with harness.refuses(ALLOWANCE):
            call(amount, spender, owner, sender=spender)
        token.approve(spender, shares - 1, sender=owner)
        with harness.refuses(ALLOWANCE):
            call(amount, spender, owner, sender=spender)
        for allowance, left in ((shares, 0), (shares + 5, 5), (MAX_UINT256, MAX_UINT256)):
            token.approve(spender, allowance, sender=owner)
            with harness.undone():
                assert leave(harness, kind, amount, spender, spender, owner)[1] == shares
                assert token.allowance(owner, spender) == left


@in_states(*EXITS)
def test_an_allowance_is_not_a_balance(harness: StandardsHarness) -> None:
    """More than the owner has reverts, whatever was allowed. [T-RED-9]"""
    token, owner, spender = harness.token, harness.second_holder, harness.stranger
    held = token.balanceOf(owner)
    with harness.undone():
        token.approve(spender, MAX_UINT256, sender=owner)
        for caller in (owner, spender):
            with harness.refuses("token: shares above balance"):
                token.redeem(held + 1, spender, owner, sender=caller)
        with harness.refuses("token: shares above balance"):
            token.withdraw(token.convertToAssets(held) * 11 // 10, spender, owner, sender=caller)


@in_states(*OPEN)
def test_collateral_is_the_caller_s(harness: StandardsHarness) -> None:
    """MUST revert if not all can be taken: the receiver's collateral is not touched."""
    token, poor, rich = harness.token, harness.base.keeper, harness.holder
    amount = harness.base.system.unit
    assert harness.money(poor) < amount and harness.collateral.allowance(rich, token) > amount
    reason = {
        "LocalCollateral": ("collateral: allowance too small",),
        "FiatTokenV2_2": (
            "ERC20: transfer amount exceeds allowance",
            "ERC20: transfer amount exceeds balance",
        ),
    }[harness.collateral.contract_name]
    with harness.refuses(*reason):
        token.deposit(amount, rich, sender=poor)
    with harness.refuses(*reason):
        token.mint(10**18, rich, sender=poor)


# --- odd amounts and receivers ---


def test_nothing(harness: StandardsHarness) -> None:
    """Zero in any form moves nothing: it reverts with a reason, the state's own
    where that comes first. [T-RED-12] [T-MINT-8]"""
    token, who, state = harness.token, harness.holder, harness.state
    shut = str(state.no_mint) if state.no_mint not in (None, CAP) else None
    for call in (token.deposit, token.mint):
        with harness.refuses(shut or NO_ASSETS):
            call(0, who, sender=who)
    for call in (token.withdraw, token.redeem):
        with harness.refuses(NO_SHARES if state.priced else str(state.no_mint)):
            call(0, who, who, sender=who)


def test_to_nobody(harness: StandardsHarness) -> None:
    """To the zero address: refused before anything else."""
    token, who = harness.token, harness.holder
    with harness.refuses("token: receiver is zero"):
        token.deposit(10**18, ZERO, sender=who)
    with harness.refuses("token: receiver is zero"):
        token.mint(10**18, ZERO, sender=who)
    with harness.refuses("token: receiver is zero"):
        token.withdraw(10**18, ZERO, who, sender=who)
    with harness.refuses("token: receiver is zero"):
        token.redeem(10**18, ZERO, who, sender=who)


@in_states(*OPEN)
def test_shares_for_the_contracts(harness: StandardsHarness) -> None:
    """The token, its vault and its quoter may be minted to: nobody can use such
    shares, and they count like any others."""
    amount = 1_000 * harness.base.system.unit
    for receiver in (harness.token.address, harness.base.system.vault.address):
        with harness.undone():
            assets, shares = enter(harness, DEPOSIT, amount, harness.holder, receiver)
            assert assets == amount
            assert harness.token.maxRedeem(receiver) == shares


@in_states(*EXITS)
def test_collateral_for_the_contracts(harness: StandardsHarness) -> None:
    """Paid to the token or to its own vault it is a gift that nobody books: claims of
    the others do not fall, and nothing that was theirs is handed on. [T-VAL-8]"""
    shares = harness.token.balanceOf(harness.holder) * 3 // 5
    vault = harness.base.system.vault
    with harness.undone():
        harness.token.redeem(shares, harness.stranger, harness.holder, sender=harness.holder)
        honest = harness.token.totalAssets()
    for receiver in (harness.token.address, vault.address):
        with harness.undone():
            surplus = harness.money(vault.address) - vault.idle()
            paid = harness.token.redeem.call(
                shares, receiver, harness.holder, sender=harness.holder
            )
            harness.token.redeem(shares, receiver, harness.holder, sender=harness.holder)
            assert harness.token.totalAssets() == honest
            gift = paid if receiver == vault.address else 0
            assert harness.money(vault.address) - vault.idle() == surplus + gift
            other = harness.second_holder
            rest = harness.token.balanceOf(other) // 2
            harness.token.redeem(rest, harness.stranger, other, sender=other)
