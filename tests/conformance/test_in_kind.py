# SPDX-License-Identifier: AGPL-3.0-only
"""in_kind and redeem_in_kind: pro rata where positions are debts, refused where
they are not."""

from __future__ import annotations

import pytest

from inverse_index.chain import contract_at
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.vault_harness import VaultHarness, ten

NO_KIND = "vault: nothing is held in kind"


def bring(vault_harness: VaultHarness, payer: str) -> list[int]:
    """Give a payer plenty of every component, approved to the vault; balances."""
    tokens = components(vault_harness)
    for token in tokens:
        token.mint(payer, 10**30, sender=payer)
        token.approve(vault_harness.vault, MAX_UINT256, sender=payer)
    return [token.balanceOf(payer) for token in tokens]


def components(vault_harness: VaultHarness) -> list[object]:
    venue = vault_harness.base.system.venue
    if venue.kind == "perp":
        return []
    return [
        contract_at(vault_harness.chain, "LocalCollateral", venue.tokens[s]) for s in venue.symbols
    ]


def opened(vault_harness: VaultHarness) -> None:
    """With shorts, idle collateral, and some days of interest."""
    vault_harness.trade(vault_harness.units_of(200_000 * vault_harness.unit))
    vault_harness.book(33_333 * vault_harness.unit + 1)
    vault_harness.chain.increase_time(6 * 86_400 + 1)


def check_refused(
    vault_harness: VaultHarness, payer: str, shares: int = 1, supply: int = 2
) -> None:
    """Positions that nobody else can repay: neither said nor done, nothing moved."""
    before = vault_harness.vault.value(vault_harness.prices)
    with reverts(NO_KIND):
        vault_harness.vault.in_kind(shares, supply)
    with reverts(NO_KIND):
        vault_harness.vault.redeem_in_kind(shares, supply, payer, payer, sender=vault_harness.token)
    assert vault_harness.vault.value(vault_harness.prices) == before


@pytest.mark.parametrize(
    ("shares", "supply"),
    [(1, 3), (WAD - 1, WAD), (7, 7), (1, 10**9), (1, 2)],
)
def test_pro_rata(
    filled: VaultHarness,
    kind: str,
    depositor: str,
    second_holder: str,
    shares: int,
    supply: int,
) -> None:
    """Collateral rounded down, components up, and a unit of each more on the venue for
    its own rounding, one for N's; the rest keeps its part. [T-KIND-1]"""
    opened(filled)
    args = (shares, supply)
    if kind == "perp":
        check_refused(filled, depositor, *args)
        return
    had = bring(filled, depositor)
    before = filled.vault.value(filled.prices)
    supplied = filled.vault.value(ten([])).equity
    smallest = filled.vault.min_trade()
    paid, brought = filled.vault.in_kind(*args)
    from_idle = before.idle * shares // supply
    kept = 0 if shares == supply else 2
    assert paid == from_idle + supplied * shares // supply - kept
    owed = [short // least for short, least in zip(before.shorts, smallest, strict=False) if least]
    assert brought == ten([min(-(-each * shares // supply) + 1, each) for each in owed])

    receipt = filled.vault.redeem_in_kind(*args, depositor, second_holder, sender=filled.token)
    only_event(
        receipt,
        filled.vault,
        "PaidInKind",
        payer=depositor,
        receiver=second_holder,
        amount=paid,
        brought=brought,
    )
    assert filled.collateral.balanceOf(second_holder) == paid
    left = [token.balanceOf(depositor) for token in components(filled)]
    assert [a - b for a, b in zip(had, left, strict=True)] == brought[: filled.count]
    after = filled.vault.value(filled.prices)
    assert after.idle == before.idle - from_idle
    assert abs(filled.vault.value(ten([])).equity - (supplied - (paid - from_idle))) <= 1
    for i, each in enumerate(owed):
        assert 0 <= each - brought[i] + 1 - after.shorts[i] // smallest[i] <= 2
        assert shares != supply or after.shorts[i] == 0
    filled.check_sound()


def test_whoever_stays_is_not_worse_off(
    filled: VaultHarness, kind: str, depositor: str, second_holder: str
) -> None:
    """Health and worth per share, at any price, before and after. [T-KIND-5]"""
    opened(filled)
    if kind == "perp":
        check_refused(filled, depositor)
        return
    bring(filled, depositor)
    health = filled.vault.health()
    factors = (50, 100, 200)
    at = [[price * factor // 100 for price in filled.prices] for factor in factors]
    worths = [filled.total(prices) for prices in at]
    filled.vault.redeem_in_kind(2, 5, depositor, second_holder, sender=filled.token)
    for prices, worth in zip(at, worths, strict=True):
        rest = filled.total(prices) * 5 - worth * 3
        assert 0 <= rest <= filled.count * 5 * filled.unit // 100
    assert filled.vault.health() >= health * (10**8 - 1) // 10**8


def test_components_that_are_not_brought(
    filled: VaultHarness, kind: str, depositor: str, second_holder: str
) -> None:
    """Nothing is paid for less than all of them. [T-KIND-8]"""
    opened(filled)
    if kind == "perp":
        check_refused(filled, depositor)
        return
    bring(filled, depositor)
    last = components(filled)[-1]
    last.approve(filled.vault, 1, sender=depositor)
    before = filled.vault.value(filled.prices)
    with reverts("collateral: allowance too small"):
        filled.vault.redeem_in_kind(1, 2, depositor, second_holder, sender=filled.token)
    assert filled.vault.value(filled.prices) == before
