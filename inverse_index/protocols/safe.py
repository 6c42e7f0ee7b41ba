# SPDX-License-Identifier: AGPL-3.0-only
"""Safe 1.4.1, the multi-signature wallet, on a local chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_keys.datatypes import PrivateKey

from ..chain.backend import Backend
from ..chain.contract import Contract
from ..chain.receipts import Receipt
from .npm import SAFE, npm_at, npm_deploy

ZERO_ADDRESS = "0x" + "00" * 20
CALL = 0  # Safe's number of an ordinary call


def deploy_safe(
    backend: Backend, sender: str, owners: Sequence[str], threshold: int, salt: int = 0
) -> Contract:
    """A wallet whose transactions need `threshold` of the owners.

    Singleton, proxy factory and a proxy, as in production; without modules,
    guard, fallback handler and refunds.
    """
    singleton = npm_deploy(backend, SAFE, "Safe", sender=sender)
    factory = npm_deploy(backend, SAFE, "SafeProxyFactory", sender=sender)
    no_fees = (ZERO_ADDRESS, 0, ZERO_ADDRESS)
    setup = singleton.setup.encode(
        list(owners), threshold, ZERO_ADDRESS, b"", ZERO_ADDRESS, *no_fees
    )
    address = factory.createProxyWithNonce.call(singleton, setup, salt, sender=sender)
    factory.createProxyWithNonce(singleton, setup, salt, sender=sender)
    return npm_at(backend, SAFE, "Safe", address)


def owner_of(key: bytes) -> str:
    """Address of a private key."""
    return str(PrivateKey(key).public_key.to_checksum_address())


def execute_as_safe(
    safe: Contract, signers: Sequence[bytes], target: Contract, data: bytes, sender: str
) -> Receipt:
    """A call without value, signed with the owners' private keys; anyone sends it."""
    terms = (target, 0, data, CALL, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)
    digest: bytes = safe.getTransactionHash(*terms, safe.nonce())
    receipt: Receipt = safe.execTransaction(*terms, signatures(digest, signers), sender=sender)
    return receipt


def signatures(digest: bytes, signers: Sequence[bytes]) -> bytes:
    """One after the other, by rising address of the owner, as Safe wants them."""
    ordered = sorted(signers, key=lambda key: int(owner_of(key), 16))
    return b"".join(_signature(digest, key) for key in ordered)


def _signature(digest: bytes, key: bytes) -> bytes:
    signed: Any = PrivateKey(key).sign_msg_hash(digest)
    return bytes(signed.r.to_bytes(32, "big") + signed.s.to_bytes(32, "big")) + bytes(
        [27 + signed.v]
    )
