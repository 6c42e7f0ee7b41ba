# SPDX-License-Identifier: AGPL-3.0-only
"""What a vault refuses to be deployed with, and what it then answers."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.perp.vault import PerpVaultModel
from tests.support.assertions import reverts
from tests.support.constants import ZERO
from tests.support.exchange_harness import ten
from tests.support.perp_vault_harness import PerpVaultHarness

from .conftest import BUFFER, MAX_TRADE


def test_views(vault: PerpVaultHarness, depositor: str) -> None:
    """[VP-1]"""
    contract = vault.vault
    assert contract.token() == depositor
    assert contract.asset() == vault.harness.token.address
    assert contract.exchange() == vault.harness.exchange.address
    assert contract.component_count() == 2
    assert contract.idle_buffer() == BUFFER
    assert contract.max_trade() == ten(MAX_TRADE)
    assert contract.pending() is False
    assert contract.idle() == 0


def test_needs_a_token(vault: PerpVaultHarness, chain: LocalBackend, owner: str) -> None:
    exchange = vault.harness.exchange.address
    with reverts("vault: no token address"):
        chain.deploy("PerpVault", ZERO, exchange, BUFFER, list(MAX_TRADE), sender=owner)


@pytest.mark.parametrize(
    ("buffer", "max_trade", "reason"),
    [
        (2 * 10**17 + 1, MAX_TRADE, "vault: idle buffer out of range"),
        (BUFFER, MAX_TRADE[:1], "vault: one max trade per market"),
        (BUFFER, (*MAX_TRADE, WAD), "vault: one max trade per market"),
        (BUFFER, (20 * WAD, 0), "vault: max trade is zero"),
        (BUFFER, (20 * WAD + 1, 400 * WAD), "vault: max trade can be sandwiched"),
        (BUFFER, (20 * WAD, 400 * WAD + 1), "vault: max trade can be sandwiched"),
    ],
)
def test_bounds(
    vault: PerpVaultHarness,
    chain: LocalBackend,
    depositor: str,
    buffer: int,
    max_trade: tuple[int, ...],
    reason: str,
) -> None:
    """[V-15]"""
    exchange = vault.harness.exchange.address
    with reverts(reason):
        chain.deploy("PerpVault", depositor, exchange, buffer, list(max_trade), sender=depositor)
    with pytest.raises(Revert) as refused:
        PerpVaultModel(vault.harness.model, "vault", buffer, max_trade)
    assert refused.value.reason == reason


def test_needs_a_largest_trade_of_each_market(
    vault: PerpVaultHarness, chain: LocalBackend, owner: str, depositor: str
) -> None:
    """[VP-1]"""
    exchange = vault.harness.exchange.address
    for most in ([], [WAD], [WAD] * 3):
        with reverts("vault: one max trade per market"):
            chain.deploy("PerpVault", depositor, exchange, BUFFER, most, sender=owner)


def test_needs_a_collateral_that_lets_it_approve(
    vault: PerpVaultHarness, chain: LocalBackend, depositor: str
) -> None:
    """The collateral now answers everything with a zero."""
    chain.set_code(vault.harness.token.address, bytes.fromhex("60205ff3"))
    exchange = vault.harness.exchange.address
    with reverts("vault: approval refused"):
        chain.deploy("PerpVault", depositor, exchange, BUFFER, list(MAX_TRADE), sender=depositor)


def test_only_the_token_acts(vault: PerpVaultHarness, attacker: str, owner: str) -> None:
    """[V-1]"""
    for caller in (attacker, owner, vault.harness.exchange.address):
        with reverts("vault: caller is not the token"):
            vault.vault.book(0, sender=caller)
        with reverts("vault: caller is not the token"):
            vault.vault.pay(caller, 0, sender=caller)
        with reverts("vault: caller is not the token"):
            vault.vault.trade((0, 0, ten([])), ten([]), ten([WAD, WAD]), 0, False, sender=caller)
