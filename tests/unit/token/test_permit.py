# SPDX-License-Identifier: AGPL-3.0-only
"""permit: allowances by signature (ERC-2612)."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account

from tests.support.assertions import only_event
from tests.support.constants import ZERO
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import refused

TYPES = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


def sign(
    harness: SystemHarness,
    signer: str,
    owner: str,
    spender: str,
    value: int,
    deadline: int,
    nonce: int,
) -> tuple[int, bytes, bytes]:
    """v, r, s of a permit under the domain that the token declares."""
    domain = harness.token.eip712Domain()
    signed = Account.sign_typed_data(
        harness.chain.private_key(signer),
        domain_data={
            "name": domain[1],
            "version": domain[2],
            "chainId": domain[3],
            "verifyingContract": domain[4],
        },
        message_types=TYPES,
        message_data={
            "owner": owner,
            "spender": spender,
            "value": value,
            "nonce": nonce,
            "deadline": deadline,
        },
    )
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


@pytest.fixture
def permit(held: SystemHarness, depositor: str, trader: str) -> tuple[Any, ...]:
    """A good permit of 100 shares, as arguments."""
    deadline = held.now + 60
    signature = sign(held, depositor, depositor, trader, 100, deadline, 0)
    return (depositor, trader, 100, deadline, *signature)


def test_domain(held: SystemHarness) -> None:
    domain = held.token.eip712Domain()
    assert tuple(domain)[1:5] == ("Inverse Test", "1", held.chain.chain_id, held.token.address)


def test_good(
    held: SystemHarness, permit: tuple[Any, ...], depositor: str, trader: str, attacker: str
) -> None:
    """Anybody may bring it; the spender then spends it. [T-ERC-4]"""
    receipt = held.token.permit(*permit, sender=attacker)
    only_event(receipt, held.token, "Approval", owner=depositor, spender=trader, value=100)
    assert held.token.allowance(depositor, trader) == 100
    assert held.token.nonces(depositor) == 1
    held.token.transferFrom(depositor, trader, 100, sender=trader)
    assert held.token.balanceOf(trader) == 100


def test_replayed(held: SystemHarness, permit: tuple[Any, ...], trader: str) -> None:
    """[T-ERC-4]"""
    held.token.permit(*permit, sender=trader)
    with refused(held, "erc20: invalid signature"):
        held.token.permit(*permit, sender=trader)


def test_expired(held: SystemHarness, permit: tuple[Any, ...], trader: str) -> None:
    """[T-ERC-4]"""
    held.chain.increase_time(61)
    with refused(held, "erc20: expired deadline"):
        held.token.permit(*permit, sender=trader)


def test_in_the_last_second(held: SystemHarness, permit: tuple[Any, ...], trader: str) -> None:
    held.chain.increase_time(60)
    held.token.permit(*permit, sender=trader)


def test_signed_by_another(held: SystemHarness, depositor: str, attacker: str) -> None:
    deadline = held.now + 60
    signature = sign(held, attacker, depositor, attacker, 100, deadline, 0)
    with refused(held, "erc20: invalid signature"):
        held.token.permit(depositor, attacker, 100, deadline, *signature, sender=attacker)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_altered(held: SystemHarness, permit: tuple[Any, ...], attacker: str, place: int) -> None:
    """Spender, value and deadline are what was signed. [T-ERC-4]"""
    altered = list(permit)
    altered[place] = attacker if place == 1 else permit[place] + 1
    with refused(held, "erc20: invalid signature"):
        held.token.permit(*altered, sender=attacker)


def test_nobody_s_shares(held: SystemHarness, permit: tuple[Any, ...], attacker: str) -> None:
    """A broken signature recovers nothing, which must not be the zero address."""
    with refused(held, "erc20: invalid signature"):
        held.token.permit(
            ZERO,
            attacker,
            100,
            permit[3],
            27,
            b"\x00" * 31 + b"\x01",
            b"\x00" * 31 + b"\x01",
            sender=attacker,
        )


def test_on_another_token(held: SystemHarness, permit: tuple[Any, ...], trader: str) -> None:
    """The domain names this contract. [T-ERC-4]"""
    other = deploy_harness(held.chain, held.owner, held.keeper)
    with refused(other, "erc20: invalid signature"):
        other.token.permit(*permit, sender=trader)
