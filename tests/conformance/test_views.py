# SPDX-License-Identifier: AGPL-3.0-only
"""What the views say, and that only the token acts."""

from __future__ import annotations

import pytest

from inverse_index.artifacts import artifact
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256
from tests.support.vault_harness import NOT_THE_TOKEN, SLIPPAGE, VaultHarness, smallest_bound, ten

BEYOND_AAVE = ["vault: health factor too low", "vault: Aave refused a loan, code 36"]


def test_parts(vault_harness: VaultHarness) -> None:
    assert vault_harness.vault.token() == vault_harness.base.token.address
    assert vault_harness.vault.asset() == vault_harness.collateral.address
    assert vault_harness.vault.component_count() == vault_harness.count
    assert vault_harness.vault.pending() is False


def test_trade_sizes(vault_harness: VaultHarness) -> None:
    largest, smallest = vault_harness.vault.max_trade(), vault_harness.vault.min_trade()
    assert len(largest) == len(smallest) == 10
    assert tuple(largest[: vault_harness.count]) == vault_harness.base.plan.venue.max_trade
    for i in range(10):
        assert (
            (0 < smallest[i] < largest[i])
            if i < vault_harness.count
            else largest[i] == smallest[i] == 0
        )


def test_the_token_is_the_same_with_every_vault(vault_harness: VaultHarness) -> None:
    """Its code up to the immutables is what the compiler made. [V-14]"""
    built = bytes.fromhex(artifact("InverseIndexToken").runtime[2:])
    code = vault_harness.chain.code(vault_harness.base.token.address)
    assert code[: len(built)] == built and len(code) > len(built)


@pytest.mark.parametrize("action", ["book", "pay", "trade", "redeem_in_kind"])
def test_only_the_token_acts(filled: VaultHarness, owner: str, attacker: str, action: str) -> None:
    """[V-1]"""
    before = filled.vault.value(filled.prices)
    for caller in (owner, attacker, filled.base.system.policy.address):
        args = {
            "book": (0,),
            "pay": (caller, 1),
            "trade": filled.arguments(ten([])),
            "redeem_in_kind": (1, 2, caller, caller),
        }[action]
        sender = filled.chain.impersonate(caller)
        with reverts(NOT_THE_TOKEN):
            filled.vault.method(action)(*args, sender=sender)
    assert filled.vault.value(filled.prices) == before


def test_an_empty_vault(vault_harness: VaultHarness) -> None:
    value = vault_harness.vault.value(vault_harness.prices)
    assert (value.idle, value.equity, list(value.shorts)) == (0, 0, ten([]))
    assert vault_harness.vault.spendable(vault_harness.prices) == 0
    assert vault_harness.vault.quote(ten([]), vault_harness.prices, 0) == (0, True)
    assert vault_harness.vault.depth(ten([]), vault_harness.prices, 0, True) == MAX_UINT256


def test_value_is_linear_in_prices(filled: VaultHarness) -> None:
    """With a slope of minus the shorts, the equity rounded down. [V-10]"""
    filled.trade(filled.units_of(100_000 * filled.unit))
    at = filled.prices
    base = filled.vault.value(at)
    for i in range(filled.count):
        for moved in (at[i] * 13 // 10, at[i] * 7 // 10, at[i] + 1, at[i] - 1):
            prices = [*at[:i], moved, *at[i + 1 :]]
            value = filled.vault.value(prices)
            assert (value.idle, value.shorts) == (base.idle, base.shorts)
            exact = -base.shorts[i] * (moved - at[i])
            assert abs((value.equity - base.equity) * filled.scale - exact) < filled.scale
            assert value.equity <= base.equity if moved > at[i] else value.equity >= base.equity


def test_value_is_rounded_down(filled: VaultHarness, kind: str) -> None:
    """On Aave to the unit; a price that rises by a wei never raises it. [V-10]"""
    filled.trade(filled.units_of(100_000 * filled.unit))
    prices, shorts = filled.prices, filled.shorts
    if kind == "aave":
        supplied = filled.vault.value(ten([])).equity
        assert filled.vault.value(prices).equity == supplied - filled.worth_up(shorts)
    fall = filled.total() - filled.total([prices[0] + 1, *prices[1:]])
    assert 0 <= fall <= -(-shorts[0] // filled.scale)


# leverage


def test_leverage_limits_are_in_order(filled: VaultHarness) -> None:
    opened, held = filled.vault.leverage_limits()
    assert WAD < opened <= held < 100 * WAD


def test_the_highest_leverage_can_be_opened(vault_harness: VaultHarness, kind: str) -> None:
    """Its shorts at what is left after their cost; a tenth more, and another
    tenth for what had to be idle, is refused. [V-13]"""
    vault_harness.book(100_000 * vault_harness.unit)
    each = (
        vault_harness.vault.leverage_limits()[0]
        * vault_harness.total()
        // vault_harness.count
        // WAD
    )
    cost, _ = vault_harness.vault.quote(vault_harness.units_of(each), vault_harness.prices, 0)
    targets = vault_harness.units_of(each * (vault_harness.total() - cost) // vault_harness.total())
    assert vault_harness.refusal(targets, MAX_UINT256) is None
    beyond = {"perp": ["exchange: margin too low"], "aave": BEYOND_AAVE}
    assert (
        vault_harness.refusal(vault_harness.units_of(each * 12 // 10), MAX_UINT256) in beyond[kind]
    )


def test_the_bound_holds_at_the_highest_leverage(filled: VaultHarness) -> None:
    targets = filled.units_of(filled.total() // filled.count)
    bound = smallest_bound(filled, targets)
    assert filled.refusal(targets, bound) is None
    assert filled.refusal(targets, bound - 1) == SLIPPAGE
