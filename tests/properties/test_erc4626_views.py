# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-4626: what its views must answer, in every state, for both vaults and for
collateral of 6, 8 and 18 decimals.

Where a MUST of the EIP is bent, the test's name says so ("bent"), its docstring why.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given

from tests.support.assertions import reverts
from tests.support.constants import BPS, ZERO
from tests.support.standards_flows import DEPOSIT, MINT, REDEEM, WITHDRAW
from tests.support.standards_harness import (
    STALE,
    STATES,
    Size,
    StandardsHarness,
    in_states,
    search,
    sizes,
)

CONVERSIONS = ("convertToShares", "convertToAssets")
PREVIEWS = ("previewDeposit", "previewMint", "previewWithdraw", "previewRedeem")
MAXIMA = ("maxDeposit", "maxMint", "maxWithdraw", "maxRedeem")
PRICED = [name for name, state in STATES.items() if state.priced]
priced = in_states(*PRICED)
unsettled = in_states(*(name for name in PRICED if name != "settled"))


def ask(harness: StandardsHarness, names: Sequence[str], *args: Any) -> list[int]:
    """The views' answers to the same arguments, in one request."""
    token = harness.token
    calls = [(token.address, token.method(name).encode(*args)) for name in names]
    data = harness.chain.call_many(calls)
    return [int.from_bytes(each, "big") for each in data]


def asked_by(harness: StandardsHarness, name: str, *args: Any) -> set[int]:
    """The view's answers to callers of all kinds."""
    callers = [harness.holder, harness.stranger, harness.token.address, ZERO]
    return {harness.ask(name, args, sender=who)[0] for who in callers}


# --- asset, totalAssets ---


def test_asset_is_the_collateral(harness: StandardsHarness) -> None:
    """MUST be an ERC-20, MUST NOT revert."""
    assert harness.token.asset() == harness.collateral.address
    assert harness.collateral.decimals() == harness.base.plan.decimals


@priced
def test_total_assets(harness: StandardsHarness) -> None:
    """MUST include fees charged against assets, MUST NOT revert where there are
    prices: idle collateral and venue equity, less what is not the holders'. [T-VAL-1]"""
    total, report = harness.token.totalAssets(), harness.base.report()
    assert asked_by(harness, "totalAssets") == {total}
    assert total == harness.terms().mid
    if harness.settled:
        assert total == harness.base.system.vault.remainder()
    else:
        assert total == report.held.idle + report.held.equity - report.state.flows.reserve


# --- conversions ---


@priced
@search(6)
@given(size=sizes)
def test_conversions_round_down(harness: StandardsHarness, size: Size) -> None:
    """MUST NOT be inclusive of fees, MUST NOT depend on the caller, MUST round
    toward zero; the average over all holders at mid. [T-VAL-3]"""
    t = harness.terms()
    assets, shares = size.of(10**7 * harness.base.system.unit), size.of(10**25)
    to_shares, to_assets = (
        harness.token.convertToShares(assets),
        harness.token.convertToAssets(shares),
    )
    assert to_shares == floor(t.shares(assets, t.mid))
    assert to_assets == floor(t.value(shares, t.mid))
    assert ask(harness, ["convertToAssets"], to_shares)[0] <= assets
    assert ask(harness, ["convertToShares"], to_assets)[0] <= shares
    assert ask(harness, CONVERSIONS, 0) == [0, 0]


@priced
def test_conversions_ask_not_who_calls(harness: StandardsHarness) -> None:
    """MUST NOT show any variations depending on the caller."""
    previews = PREVIEWS[2:] if harness.settled else PREVIEWS
    for name in (*CONVERSIONS, *previews):
        amount = 10**20 if name in ("convertToAssets", "previewMint", "previewRedeem") else None
        assert len(asked_by(harness, name, amount or 100 * harness.base.system.unit)) == 1


# --- previews ---


@priced
@search(6)
@given(size=sizes)
def test_previews_round_against_the_caller(harness: StandardsHarness, size: Size) -> None:
    """A flow that waits is previewed to the unit, each division against its caller;
    any other is never previewed better than that, or, of an exit, than the plain
    conversion and what closing gains. Pause, cap, dispute and wind-down
    are no reason for a preview to revert. [T-DEP-1] [T-RED-1] [T-WDR-1]"""
    t, token = harness.terms(), harness.token
    unit, held = harness.base.system.unit, token.balanceOf(harness.holder)
    paid, wanted = size.of(200_000 * unit), size.of(2 * 10**23)
    taken, left = size.of(floor(t.value(held, t.ask)) * 9 // 10), size.of(held)
    rows: list[tuple[int, int, int, int, int]] = [
        (WITHDRAW, taken, token.previewWithdraw(taken), t.withdraw(taken), -1),
        (REDEEM, left, token.previewRedeem(left), t.redeem(left), 1),
    ]
    if not harness.settled:
        rows += [
            (DEPOSIT, paid, token.previewDeposit(paid), t.deposit(paid), 1),
            (MINT, wanted, token.previewMint(wanted), t.mint(wanted), -1),
        ]
    for kind, amount, found, best, sign in rows:
        if harness.netted(kind, amount):
            assert found == best, (kind, amount)
        elif kind in (DEPOSIT, MINT):
            assert sign * found <= sign * best, (kind, amount)
        else:  # a large exit does not leave its fee and spread behind
            plain = token.convertToAssets if kind == REDEEM else token.convertToShares
            assert sign * found <= sign * plain(amount) * (BPS + sign) // BPS, (kind, amount)


@unsettled
@search(6)
@given(size=sizes)
def test_previews_against_conversions(harness: StandardsHarness, size: Size) -> None:
    """With all fees and spreads in, a preview is never better for its caller than
    the plain conversion. [T-MINT-4] [T-WDR-4]"""
    unit, held = harness.base.system.unit, harness.token.balanceOf(harness.holder)
    assets, shares = size.of(50_000 * unit), size.of(min(held, 5 * 10**22))
    to_shares, deposit, withdraw = ask(
        harness, ["convertToShares", "previewDeposit", "previewWithdraw"], assets
    )
    to_assets, mint, redeem = ask(
        harness, ["convertToAssets", "previewMint", "previewRedeem"], shares
    )
    assert deposit <= to_shares <= withdraw
    assert redeem <= to_assets <= mint


@unsettled
def test_a_preview_knows_no_limit(harness: StandardsHarness) -> None:
    """MUST NOT account for limits like those of max*: far above the cap, above what
    the caller has or while mints are stopped there is an answer."""
    t, unit = harness.terms(), harness.base.system.unit
    held = harness.token.balanceOf(harness.second_holder)
    assert harness.token.previewDeposit(100_000 * unit) > 0
    assert harness.token.previewMint(10**23) > 0
    assert harness.token.previewRedeem(t.supply - 1) > harness.token.previewRedeem(held + 1) > 0
    assert harness.token.previewWithdraw(100_000 * unit) > held


# --- max* ---


def test_maxima_never_revert(harness: StandardsHarness) -> None:
    """MUST NOT revert: in no state, for nobody, whoever asks. [T-MAX-3]"""
    others = [ZERO, harness.token.address, harness.base.system.vault.address, "0x" + "ff" * 20]
    owners = [(who,) for who in (*harness.accounts, *others)]
    for name in MAXIMA:
        answers = [harness.ask(name, *owners, sender=who) for who in (None, harness.holder, ZERO)]
        assert answers[0] == answers[1] == answers[2]


def test_maxima_are_zero_where_nothing_is_possible(harness: StandardsHarness) -> None:
    """MUST return 0 if mints or redemptions are disabled, even temporarily.
    [M-PAUSE-3] [T-MAX-3] [T-MAX-4]"""
    deposit, mint, withdraw, redeem = ask(harness, MAXIMA, harness.holder)
    if harness.state.name == "one below the cap":
        assert deposit <= 2 and mint <= harness.token.convertToShares(1) + 1
    else:
        assert (mint > 0) == (deposit > 0) == (harness.state.no_mint is None)
    assert (withdraw > 0) == (redeem > 0) == harness.state.exits
    assert ask(harness, MAXIMA[2:], harness.stranger) == [0, 0]


def test_maxima_of_mints_ask_not_for_whom(harness: StandardsHarness) -> None:
    """There is no limit of any single account; a balance counts only on the way out."""
    for name in ("maxDeposit", "maxMint"):
        assert len({harness.token.method(name)(who) for who in (*harness.accounts, ZERO)}) == 1
    for who in harness.accounts:
        assert harness.token.maxRedeem(who) <= harness.token.balanceOf(who)


# --- where the EIP is bent ---


@in_states("stale")
@pytest.mark.parametrize("name", ["totalAssets", *CONVERSIONS, *PREVIEWS])
def test_bent_no_price_no_answer(harness: StandardsHarness, name: str) -> None:
    """`totalAssets` and `convertTo*` MUST NOT revert; here they do while prices are
    unusable, with the oracle's reason: any number would be a wrong one, and whoever
    lends against it would be robbed by it. Previews may: the actions revert too.
    [T-VAL-5] [Q-5]"""
    args = () if name == "totalAssets" else (10**9,)
    with reverts(STALE):
        harness.token.method(name)(*args)


@in_states("active")
def test_bent_more_than_all_shares(harness: StandardsHarness) -> None:
    """`previewRedeem` MUST NOT account for the limits of max*; of more shares than
    there are it reverts, as `redeem` does, whoever calls. Of all it answers."""
    supply = harness.terms().supply
    assert harness.token.previewRedeem(supply) > 0
    with reverts("token: shares above balance"):
        harness.token.previewRedeem(supply + 1)


@in_states("settled")
def test_bent_the_last_withdrawal(harness: StandardsHarness) -> None:
    """`previewWithdraw` of a settled token reverts where it would take the last
    share, as `withdraw` does: the last one out redeems, and gets all. [T-WDR-7]"""
    t = harness.terms()
    most = floor(t.value(t.supply - 1, t.mid))
    assert 0 < t.supply - harness.token.previewWithdraw(most) <= ceil_shares(t.shares(1, t.mid))
    with reverts("token: redeem the last shares"):
        harness.token.previewWithdraw(t.mid + t.base)


def ceil_shares(x: Fraction) -> int:
    return -floor(-x)


@in_states("settled")
def test_no_preview_of_what_is_over(harness: StandardsHarness) -> None:
    """Of a settled token nothing can be minted any more, at no price: the previews
    revert as the actions do, and say why. [T-VAL-12]"""
    for name in PREVIEWS[:2]:
        for amount in (0, 1, 10**6, 10**24):
            with reverts("token: winding down"):
                harness.token.method(name)(amount)


@in_states("active")
def test_beyond_the_depth_of_the_venue(harness: StandardsHarness) -> None:
    """Ten times what `maxDeposit` admits still has a preview. Bent for a trade that the
    venue has no price for, at hundreds of times its depth: there previews say why, as
    the flows do."""
    most, shares = harness.token.maxDeposit(harness.holder), harness.token.maxMint(harness.holder)
    assert harness.token.previewDeposit(10 * most) > 0
    assert harness.token.previewMint(10 * shares) > harness.token.previewMint(9 * shares)
    if not harness.exact:
        assert harness.token.previewMint(10**6 * shares) > 0
        assert harness.token.previewDeposit(10**6 * most) > 0
        return
    with reverts("exchange: order size out of range"):
        harness.token.previewDeposit(10**6 * most)
    with reverts("exchange: order size out of range"):
        harness.token.previewMint(10**6 * shares)


@priced
def test_fees_are_those_of_the_parameters(harness: StandardsHarness) -> None:
    """The terms that the properties compare with are the token's own."""
    t, p = harness.terms(), harness.base.plan.parameters
    assert t.mint_fee == (0 if harness.settled else Fraction(p.mint_fee_bps, BPS))
    assert t.bid >= t.mid >= t.ask
