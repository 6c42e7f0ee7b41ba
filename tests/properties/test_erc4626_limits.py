# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: up to the maxima and not beyond, in every state; and what is shut stays
shut, with the reason."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.standards_flows import (
    DEPOSIT,
    EXITS,
    MINT,
    NO_ASSETS,
    REDEEM,
    SHUT,
    WITHDRAW,
    enter,
    leave,
    preview,
)
from tests.support.standards_harness import CAP, StandardsHarness, in_states, search

# --- maxima ---


@in_states(*EXITS)
def test_all_that_max_says_goes_through(harness: StandardsHarness) -> None:
    """MUST NOT be higher than what would be accepted. [T-MAX-1] [T-MAX-2]"""
    for who in (harness.holder, harness.second_holder, harness.base.owner):
        if harness.token.balanceOf(who) == 0:
            continue  # no streaming fee
        with harness.undone():
            leave(harness, REDEEM, harness.token.maxRedeem(who), who, who, who)
        with harness.undone():
            leave(harness, WITHDRAW, harness.token.maxWithdraw(who), who, who, who)
    if harness.state.no_mint is None:
        who = harness.stranger
        with harness.undone():
            enter(harness, DEPOSIT, harness.token.maxDeposit(who), who, who)
        with harness.undone():
            enter(harness, MINT, harness.token.maxMint(who), who, who)


@in_states(*EXITS)
def test_of_dust_the_maximum_is_nothing(harness: StandardsHarness) -> None:
    """Shares that are worth less than a unit: `maxRedeem` is 0, since they would be
    redeemed for nothing, which is refused; with a minimum they can be burned.
    [T-MAX-8]"""
    token, who = harness.token, harness.stranger
    told = []
    for shares in (1, 3, 10**6, 2 * 10**10, 3 * 10**12):
        with harness.undone():
            token.transfer(who, shares, sender=harness.second_holder)
            told.append(token.maxRedeem(who))
            if told[-1]:
                leave(harness, REDEEM, shares, who, who, who)
                continue
            assert token.previewRedeem(shares) == 0
            with harness.refuses(NO_ASSETS):
                token.redeem(shares, who, who, sender=who)
            token.redeem(shares, who, who, 0, sender=who)
            assert token.balanceOf(who) == 0
    assert told[0] == 0 < told[-1]


@in_states("active")
def test_of_worthless_shares_the_maximum_is_nothing(harness: StandardsHarness) -> None:
    """No value is left: all maxima are 0, and shares can be burned for nothing.
    [T-RED-13] [T-MAX-8]"""
    token, who, base = harness.token, harness.holder, harness.base
    with harness.undone():
        risen = {name: base.prices[name] * 11 // 5 for name in base.plan.symbols}
        base.system.post_prices(base.prices | risen, base.owner)
        assert token.totalAssets() == 0 and token.maxDeposit(who) == token.maxMint(who) == 0
        assert token.maxRedeem(who) == token.maxWithdraw(who) == 0
        if harness.terms().base == 1:
            with harness.refuses(NO_ASSETS):
                token.redeem(10**18, who, who, sender=who)
            token.redeem(10**18, who, who, 0, sender=who)
        else:  # the virtual collateral alone has a value, under a millionth of a millionth
            assert (
                0 < token.convertToAssets(harness.terms().supply) <= harness.terms().base == 10**6
            )


@in_states(*EXITS)
def test_one_more_than_max_does_not(harness: StandardsHarness) -> None:
    """Where a balance bounds it, the maximum is exact: of shares in any state, of
    collateral for a holder whose withdrawal waits."""
    token, who = harness.token, harness.stranger
    with harness.undone():
        token.transfer(who, 100 * 10**18 + 3, sender=harness.second_holder)
        shares, assets = token.maxRedeem(who), token.maxWithdraw(who)
        assert shares == 100 * 10**18 + 3
        with harness.refuses("token: shares above balance"):
            token.redeem(shares + 1, who, who, sender=who)
        with harness.refuses("token: shares above balance"):
            token.withdraw(assets + 1, who, who, sender=who)
        with harness.undone():
            leave(harness, WITHDRAW, assets, who, who, who)
            assert token.balanceOf(who) <= token.convertToShares(2) + 1


@in_states("one below the cap")
def test_the_last_unit_under_the_cap(harness: StandardsHarness) -> None:
    """One unit is left: it can be minted, if it is worth a share wei, and no more."""
    token, who = harness.token, harness.stranger
    shares = token.maxMint(who)
    with harness.refuses(CAP):
        token.mint(shares + 1, who, sender=who)
    with harness.refuses(CAP):
        token.deposit(harness.base.system.unit, who, sender=who)
    with harness.undone():
        if shares:
            enter(harness, MINT, shares, who, who)
            assert token.maxMint(who) == token.maxDeposit(who) == 0
        with harness.refuses(CAP):
            token.mint(10**18, who, sender=who)


@in_states("active")
@search(6)
@example(headroom=1)  # one unit, all of it fee
@given(headroom=st.one_of(st.integers(1, 3), st.integers(1, 10**7), st.integers(1, 10**11)))
def test_under_a_cap(harness: StandardsHarness, headroom: int) -> None:
    """Any cap is a maximum to the unit of N; no deposit that mints nothing is one.
    [T-OWN-5] [T-MAX-8]"""
    token, who = harness.token, harness.stranger
    with harness.undone():
        token.set_nav_cap(harness.base.report().bid + headroom, sender=harness.base.owner)
        shares = token.maxMint(who)
        with harness.refuses(CAP):
            token.mint(shares + 1, who, sender=who)
        assets = token.maxDeposit(who)
        with harness.undone():
            if assets:
                enter(harness, DEPOSIT, assets, who, who)
        with harness.refuses(CAP):
            token.deposit(preview(harness, MINT, shares + 1) + 2, who, sender=who)
        if shares:
            enter(harness, MINT, shares, who, who)


# --- what is shut ---


@in_states(*SHUT, "stale")
def test_no_way_in(harness: StandardsHarness) -> None:
    """Whatever the size, with the state's reason. [M-PAUSE-1]"""
    token, who = harness.token, harness.stranger
    for whole in (10, 10_000):
        with harness.refuses(str(harness.state.no_mint)):
            token.deposit(whole * harness.base.system.unit, who, sender=who)
        with harness.refuses(str(harness.state.no_mint)):
            token.mint(whole * 10**18, who, sender=who)


@in_states("stale")
def test_no_way_out_without_a_price(harness: StandardsHarness) -> None:
    """A minimum does not help: there is no price to pay at. [T-RED-14]"""
    token, who = harness.token, harness.holder
    with harness.refuses("oracle: stale price"):
        token.withdraw(1, who, who, sender=who)
    for bound in ((), (0,)):
        with harness.refuses("oracle: stale price"):
            token.redeem(10**18, who, who, *bound, sender=who)
