# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-2612 signatures of a local chain's development accounts."""

from __future__ import annotations

from dataclasses import dataclass

from .contract import Contract
from .local import LocalBackend

FIELDS = (
    ("owner", "address"),
    ("spender", "address"),
    ("value", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint256"),
)


@dataclass(frozen=True, slots=True)
class Permit:
    """A signature, as contracts take it."""

    v: int
    r: bytes
    s: bytes


def sign_permit(
    chain: LocalBackend,
    asset: Contract,
    version: str,
    owner: str,
    spender: str,
    value: int,
    deadline: int,
    nonce: int | None = None,
) -> Permit:
    """The owner's permit of `value` native units until `deadline` (Unix time).

    version: of the asset's EIP-712 domain. nonce: the owner's next one if left out.
    """
    from eth_account import Account  # slow to import

    signed = Account.sign_typed_data(
        chain.private_key(owner),
        domain_data={
            "name": asset.name(),
            "version": version,
            "chainId": chain.chain_id,
            "verifyingContract": asset.address,
        },
        message_types={"Permit": [{"name": name, "type": kind} for name, kind in FIELDS]},
        message_data={
            "owner": owner,
            "spender": spender,
            "value": value,
            "nonce": asset.nonces(owner) if nonce is None else nonce,
            "deadline": deadline,
        },
    )
    return Permit(signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
