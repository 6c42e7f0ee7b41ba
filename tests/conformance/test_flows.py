# SPDX-License-Identifier: AGPL-3.0-only
"""book, pay, spendable and what others give to a vault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import Reverted, contract_at
from inverse_index.model.fixed import WAD
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.vault_harness import VaultHarness, ten

BEYOND = {
    "perp": ("exchange: margin too low",),
    "aave": (
        "vault: health factor too low",
        "vault: Aave refused a withdrawal, code 35",
        "vault: Aave refused a withdrawal, code 32",  # more than there is
    ),
}


def test_only_what_came_in_is_booked(vault_harness: VaultHarness) -> None:
    """[V-2]"""
    with reverts("vault: collateral not received"):
        vault_harness.vault.book(1, sender=vault_harness.token)
    vault_harness.base.system.give(vault_harness.vault.address, 1_000)
    with reverts("vault: collateral not received"):
        vault_harness.vault.book(1_001, sender=vault_harness.token)
    vault_harness.vault.book(999, sender=vault_harness.token)
    assert vault_harness.vault.value(vault_harness.prices).idle == 999
    with reverts("vault: collateral not received"):
        vault_harness.vault.book(2, sender=vault_harness.token)
    vault_harness.check_sound(given=1)


def test_payment_comes_from_idle_first(filled: VaultHarness, second_holder: str) -> None:
    """[V-3]"""
    idle = filled.vault.value(filled.prices).idle
    receipt = filled.pay(second_holder, 400_001)
    only_event(receipt, filled.vault, "Paid", receiver=second_holder, amount=400_001)
    assert len(receipt.logs) == 2  # and the collateral's own
    assert filled.collateral.balanceOf(second_holder) == 400_001
    assert filled.vault.value(filled.prices).idle == idle - 400_001
    filled.check_sound()


def test_payment_goes_on_from_the_venue(filled: VaultHarness, second_holder: str) -> None:
    """To the unit, and the equity pays what idle lacks. [V-3]"""
    filled.trade(filled.units_of(100_000 * filled.unit))
    before = filled.vault.value(filled.prices)
    amount = before.idle + 50_000 * filled.unit + 7
    receipt = filled.pay(second_holder, amount)
    only_event(receipt, filled.vault, "Paid", receiver=second_holder, amount=amount)
    after = filled.vault.value(filled.prices)
    assert filled.collateral.balanceOf(second_holder) == amount
    assert (after.idle, after.shorts) == (0, before.shorts)
    assert before.equity - after.equity == 50_000 * filled.unit + 7
    filled.check_sound()


@pytest.mark.parametrize("leverage", [0, 50, 100, 150])
def test_what_is_spendable_can_be_paid(
    filled: VaultHarness, second_holder: str, kind: str, leverage: int
) -> None:
    """And nothing beyond it: by a thousandth, since Aave counts in dollars. [V-4]"""
    each = filled.total() * leverage // filled.count // 100
    if leverage:
        filled.trade(filled.units_of(each))
    spendable, held = filled.vault.spendable(filled.prices), filled.total()
    assert (spendable == held) if not leverage else 0 < spendable < held
    beyond = spendable + (1 if kind == "perp" else held // 1_000)
    assert refusal(filled, second_holder, beyond) in BEYOND[kind]
    filled.pay(second_holder, spendable)
    assert filled.collateral.balanceOf(second_holder) == spendable
    assert filled.vault.spendable(filled.prices) <= filled.unit // 100
    if kind == "aave":
        assert filled.vault.health() >= filled.base.plan.venue.min_health
    filled.check_sound()


def refusal(vault_harness: VaultHarness, receiver: str, amount: int) -> str | None:
    """Why `pay` would revert, None when it would not."""
    try:
        vault_harness.vault.pay.call(receiver, amount, sender=vault_harness.token)
    except Reverted as error:
        return error.reason
    return None


# what others give


def gifts(vault_harness: VaultHarness, giver: str) -> dict[str, Callable[[], object]]:
    """Everything that can be pressed upon a vault."""
    harness, vault, amount = (
        vault_harness.base,
        vault_harness.vault.address,
        12_345 * vault_harness.unit,
    )
    harness.fund(giver)
    given: dict[str, Callable[[], object]] = {
        "collateral": lambda: vault_harness.collateral.transfer(vault, amount, sender=giver)
    }
    if harness.system.venue.kind == "perp":
        return given
    venue = harness.system.venue
    vault_harness.collateral.approve(venue.pool, MAX_UINT256, sender=giver)
    given["supply"] = lambda: venue.pool.supply(
        vault_harness.collateral, amount, vault, 0, sender=giver
    )
    tokens = {
        s: contract_at(vault_harness.chain, "LocalCollateral", venue.tokens[s])
        for s in venue.symbols
    }
    for symbol, token in tokens.items():
        token.mint(giver, 10 * WAD, sender=giver)
        token.approve(venue.pool, MAX_UINT256, sender=giver)
        given[symbol] = lambda token=token: token.transfer(vault, 10**7, sender=giver)
        given[f"supplied {symbol}"] = lambda token=token: venue.pool.supply(
            token, 10**7, vault, 0, sender=giver
        )
        given[f"repaid {symbol}"] = lambda token=token: venue.pool.repay(
            token, 10**6, 2, vault, sender=giver
        )
    return given


def test_gifts_lower_no_claim(filled: VaultHarness, attacker: str, second_holder: str) -> None:
    """Nor do they stand in the way of the next trade, payment or closing. [T-VAL-8]"""
    filled.trade(filled.units_of(100_000 * filled.unit))
    for give in gifts(filled, attacker).values():
        before = filled.vault.value(filled.prices)
        give()
        after = filled.vault.value(filled.prices)
        assert after.idle == before.idle
        assert after.equity >= before.equity
        assert all(new <= old for new, old in zip(after.shorts, before.shorts, strict=True))
    targets = filled.units_of(120_000 * filled.unit)
    filled.trade(targets)
    filled.check_at(targets)
    filled.pay(second_holder, filled.vault.value(filled.prices).idle + 1_000 * filled.unit)
    filled.trade(ten([]))
    assert filled.shorts == ten([])
    filled.pay(second_holder, filled.vault.spendable(filled.prices))
    assert filled.vault.value(filled.prices).idle == 0
    filled.check_sound(given=12_345 * filled.unit)
