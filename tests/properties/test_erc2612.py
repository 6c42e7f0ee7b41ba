# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-2612 and ERC-5267: permits against an EIP-712 encoding written out here, in
every state of the token, with whatever can be wrong with a signature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_keys import keys
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import Receipt
from tests.support.assertions import only_event
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.standards_harness import StandardsHarness, in_states, search

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
EXPIRED = "erc20: expired deadline"
WRONG = "erc20: invalid signature"
NOBODY = "ecdsa: invalid signature"
HIGH_S = "ecdsa: invalid signature `s` value"
DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


def domain_separator(
    harness: StandardsHarness, chain_id: int | None = None, version: str = "1"
) -> bytes:
    """Of the EIP, for this token, at the chain's id unless another is given."""
    chain_id = int(harness.chain.rpc("eth_chainId"), 16) if chain_id is None else chain_id
    return keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
                keccak(text=DOMAIN),
                keccak(text=harness.base.plan.token_name),
                keccak(text=version),
                chain_id,
                harness.token.address,
            ],
        )
    )


@dataclass(frozen=True)
class Permit:
    """What is signed, and by whom."""

    owner: str
    spender: str
    value: int
    nonce: int
    deadline: int

    def digest(self, separator: bytes) -> bytes:
        kinds = ["bytes32", "address", "address", "uint256", "uint256", "uint256"]
        body = encode(
            kinds,
            [keccak(text=PERMIT), self.owner, self.spender, self.value, self.nonce, self.deadline],
        )
        return keccak(b"\x19\x01" + separator + keccak(body))

    def signed(
        self, harness: StandardsHarness, signer: str | None = None, separator: bytes = b""
    ) -> Signature:
        key = keys.PrivateKey(harness.chain.private_key(signer or self.owner))
        made = key.sign_msg_hash(self.digest(separator or domain_separator(harness)))
        return Signature(made.v + 27, made.r, made.s)


@dataclass(frozen=True)
class Signature:
    v: int
    r: int
    s: int

    @property
    def words(self) -> tuple[int, bytes, bytes]:
        return self.v, self.r.to_bytes(32, "big"), self.s.to_bytes(32, "big")


def bring(
    harness: StandardsHarness, p: Permit, signature: Signature, by: str | None = None
) -> Receipt:
    """Anybody may bring a permit."""
    args = (p.owner, p.spender, p.value, p.deadline, *signature.words)
    return harness.token.permit(*args, sender=by or harness.base.keeper)


def good(harness: StandardsHarness, value: int = 100, seconds: int = 60) -> Permit:
    owner, spender = harness.holder, harness.stranger
    deadline = harness.base.now + seconds
    return Permit(owner, spender, value, harness.token.nonces(owner), deadline)


@contextmanager
def at_chain(harness: StandardsHarness, chain_id: int) -> Iterator[None]:
    """The chain under another id, as after a fork of it."""
    usual = harness.chain.rpc("eth_chainId")
    harness.chain.rpc("anvil_setChainId", chain_id)
    try:
        yield
    finally:
        harness.chain.rpc("anvil_setChainId", int(usual, 16))


# --- the domain ---


def test_domain(harness: StandardsHarness) -> None:
    """DOMAIN_SEPARATOR is the EIP's, and `eip712Domain` says what it is made of."""
    token, chain_id = harness.token, int(harness.chain.rpc("eth_chainId"), 16)
    assert token.DOMAIN_SEPARATOR() == domain_separator(harness)
    fields, name, version, chain, contract, salt, extensions = token.eip712Domain()
    assert (fields, version, chain, contract) == (b"\x0f", "1", chain_id, token.address)
    assert name == harness.base.plan.token_name == token.method("name")()
    assert (salt, list(extensions)) == (bytes(32), [])


@in_states("active")
def test_after_a_fork(harness: StandardsHarness) -> None:
    """Under another chain id the separator follows; a permit of the one chain is
    nothing on the other, and good again at home."""
    token, p = harness.token, good(harness)
    at_home = p.signed(harness)
    separator = token.DOMAIN_SEPARATOR()
    with at_chain(harness, 777), harness.undone():
        assert token.DOMAIN_SEPARATOR() == domain_separator(harness, 777) != separator
        assert token.eip712Domain()[3] == 777
        with harness.refuses(WRONG):
            bring(harness, p, at_home)
        bring(harness, p, p.signed(harness))
        assert token.allowance(p.owner, p.spender) == 100
    assert token.DOMAIN_SEPARATOR() == separator
    with harness.undone():
        bring(harness, p, at_home)
        assert token.allowance(p.owner, p.spender) == 100


# --- what is good ---


@search(1)
@given(
    value=st.one_of(st.sampled_from([0, 1, MAX_UINT256]), st.integers(0, MAX_UINT256)),
    seconds=st.one_of(st.just(0), st.integers(0, 10**9)),
)
def test_good(harness: StandardsHarness, value: int, seconds: int) -> None:
    """Sets the allowance, whatever it was, raises the nonce by one, emits; anybody
    brings it, in any state, up to its last second. [T-ERC-4]"""
    token, p = harness.token, good(harness, value, seconds)
    with harness.undone():
        token.approve(p.spender, 12_345, sender=p.owner)
        before = harness.shares(), token.totalSupply()
        receipt = bring(harness, p, p.signed(harness))
        only_event(receipt, token, "Approval", owner=p.owner, spender=p.spender, value=value)
        assert len(receipt.logs) == 1
        assert token.allowance(p.owner, p.spender) == value
        assert token.allowance(p.spender, p.owner) == 0
        assert (token.nonces(p.owner), token.nonces(p.spender)) == (p.nonce + 1, 0)
        assert (harness.shares(), token.totalSupply()) == before
        with harness.refuses(WRONG):
            bring(harness, p, p.signed(harness))  # once


@in_states("active")
def test_one_after_the_other(harness: StandardsHarness) -> None:
    """Nonces count up by one and cannot be skipped; the last permit stands."""
    with harness.undone():
        for n in range(4):
            p = good(harness, value=10 + n)
            assert p.nonce == n
            ahead = replace(p, nonce=n + 1)
            with harness.refuses(WRONG):
                bring(harness, ahead, ahead.signed(harness))
            bring(harness, p, p.signed(harness))
            assert harness.token.allowance(p.owner, p.spender) == 10 + n


@in_states("active", "settled")
def test_for_a_redemption(harness: StandardsHarness) -> None:
    """The allowance is one like any other: the spender redeems with it."""
    token = harness.token
    p = good(harness, value=10**19)
    with harness.undone():
        bring(harness, p, p.signed(harness))
        token.redeem(10**19, p.spender, p.owner, sender=p.spender)
        assert token.allowance(p.owner, p.spender) == 0


# --- what is not ---


def test_expired(harness: StandardsHarness) -> None:
    """MUST revert unless the block's time is at most the deadline. [T-ERC-4]"""
    with harness.undone():
        p = good(harness, seconds=0)
        signature = p.signed(harness)
        harness.chain.increase_time(1)
        with harness.refuses(EXPIRED):
            bring(harness, p, signature)
        never = replace(p, deadline=MAX_UINT256)
        bring(harness, never, never.signed(harness))


@in_states("active")
@search(8)
@given(
    change=st.one_of(
        st.tuples(st.sampled_from(["value", "deadline", "nonce"]), st.integers(1, 2**200)),
        st.tuples(st.sampled_from(["owner", "spender"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["r", "s"]), st.integers(0, 255)),
        st.tuples(st.just("v"), st.integers(0, 255)),
        st.tuples(st.just("signer"), st.integers(1, 3)),
        st.tuples(st.just("chain"), st.integers(0, 2**64).filter(lambda n: n != 31_337)),
        st.tuples(st.just("version"), st.sampled_from(["", "2", "1 "])),
    )
)
def test_anything_else_is_refused(harness: StandardsHarness, change: tuple[str, Any]) -> None:
    """Whatever is not as signed, and whatever is signed otherwise. [T-ERC-4]"""
    what, how = change
    p = good(harness)
    signature, brought = p.signed(harness), p
    if what in ("value", "deadline", "nonce"):
        brought = replace(p, **{what: (getattr(p, what) + how) % 2**256})
        if what == "nonce":
            signature = brought.signed(harness)
    elif what in ("owner", "spender"):
        brought = replace(p, **{what: (*harness.accounts, ZERO)[how + (what == "spender")]})
    elif what == "v":
        signature = replace(signature, v=how)
    elif what == "signer":
        signature = p.signed(harness, harness.accounts[how])
    elif what == "chain":
        signature = p.signed(harness, separator=domain_separator(harness, how))
    elif what == "version":
        signature = p.signed(harness, separator=domain_separator(harness, version=how))
    else:  # one bit of the signature
        signature = replace(signature, **{what: getattr(signature, what) ^ 1 << how})
    if (brought, signature) == (p, p.signed(harness)):
        return
    with harness.refuses(WRONG, NOBODY, HIGH_S):
        bring(harness, brought, signature)


@in_states("active")
def test_the_other_signature_of_the_same_key(harness: StandardsHarness) -> None:
    """(r, n - s) with the other v would recover the same signer: refused, so that a
    permit has one form only."""
    p = good(harness)
    made = p.signed(harness)
    assert made.s <= ORDER // 2
    twin = Signature(55 - made.v, made.r, ORDER - made.s)
    recovered = keys.Signature(vrs=(twin.v - 27, twin.r, twin.s))
    found = recovered.recover_public_key_from_msg_hash(p.digest(domain_separator(harness)))
    assert found.to_checksum_address() == p.owner
    with harness.refuses(HIGH_S):
        bring(harness, p, twin)


@in_states("active")
@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (Signature(27, 0, 0), NOBODY),
        (Signature(0, 1, 1), NOBODY),
        (Signature(29, 1, 1), NOBODY),
        (Signature(27, ORDER, 1), NOBODY),
        (Signature(27, MAX_UINT256, ORDER // 2), NOBODY),
        (Signature(28, 1, ORDER // 2 + 1), HIGH_S),
        (Signature(28, 1, MAX_UINT256), HIGH_S),
    ],
)
def test_no_signature_at_all(harness: StandardsHarness, signature: Signature, reason: str) -> None:
    """What recovers nobody allows nobody, not even the zero address. [T-ERC-4]"""
    for owner in (harness.holder, ZERO):
        with harness.refuses(reason):
            bring(harness, replace(good(harness), owner=owner), signature)


@in_states("active")
def test_for_the_zero_address(harness: StandardsHarness) -> None:
    """As spender it is refused like any approval to it; a shorter way to revoke is 0."""
    p = replace(good(harness), spender=ZERO)
    with harness.refuses("erc20: approve to the zero address"):
        bring(harness, p, p.signed(harness))


@in_states("active")
def test_brought_before_the_one_who_needs_it(harness: StandardsHarness) -> None:
    """A permit that somebody else has brought already is spent, but the allowance is
    there: who needs it goes on with that."""
    token, p = harness.token, good(harness, value=10**18)
    with harness.undone():
        signature = p.signed(harness)
        bring(harness, p, signature, by=harness.second_holder)
        with harness.refuses(WRONG):
            bring(harness, p, signature, by=p.spender)
        token.transferFrom(p.owner, p.spender, 10**18, sender=p.spender)
        assert token.allowance(p.owner, p.spender) == 0
