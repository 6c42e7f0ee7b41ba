# SPDX-License-Identifier: AGPL-3.0-only
"""Circle's token, as it will treat holders."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.protocols.usdc import NOBODY, UNLIMITED
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO

ADMIN_SLOT = 0x10D6A54A4754C8869D6886B5F5D7FBFA5B4522237EA5C60D11BC4E7A1FF9390B


def test_description(usdc: Contract) -> None:
    assert (usdc.name(), usdc.symbol(), usdc.currency()) == ("USD Coin", "USDC", "USD")
    assert (usdc.decimals(), usdc.version(), usdc.totalSupply()) == (6, "2", 0)


def test_sender_has_every_role(usdc: Contract, owner: str) -> None:
    roles = (usdc.owner(), usdc.masterMinter(), usdc.pauser(), usdc.blacklister())
    assert roles == (owner,) * 4
    assert usdc.isMinter(owner)
    assert usdc.minterAllowance(owner) == UNLIMITED
    assert not usdc.paused()


def test_nobody_administers_the_proxy(chain: LocalBackend, usdc: Contract) -> None:
    assert chain.storage(usdc.address, ADMIN_SLOT) == int(NOBODY, 16)


def test_initialised_for_good(usdc: Contract, attacker: str) -> None:
    with reverts("FiatToken: contract is already initialized"):
        usdc.initialize("A", "B", "C", 6, *(attacker,) * 4, sender=attacker)
    with reverts(""):
        usdc.initializeV2("A", sender=attacker)
    with reverts(""):
        usdc.initializeV2_1(attacker, sender=attacker)
    with reverts(""):
        usdc.initializeV2_2([], "B", sender=attacker)


def test_mint(usdc: Contract, owner: str, depositor: str) -> None:
    receipt = usdc.mint(depositor, 5 * 10**6, sender=owner)
    only_event(receipt, usdc, "Mint", minter=owner, to=depositor, amount=5 * 10**6)
    only_event(receipt, usdc, "Transfer", **{"from": ZERO, "to": depositor, "value": 5 * 10**6})
    assert usdc.balanceOf(depositor) == usdc.totalSupply() == 5 * 10**6
    assert usdc.minterAllowance(owner) == UNLIMITED - 5 * 10**6


def test_others_do_not_mint(usdc: Contract, attacker: str) -> None:
    with reverts("FiatToken: caller is not a minter"):
        usdc.mint(attacker, 1, sender=attacker)


def test_transfers(usdc: Contract, owner: str, depositor: str, trader: str) -> None:
    usdc.mint(depositor, 100, sender=owner)
    assert usdc.transfer.call(trader, 40, sender=depositor) is True
    usdc.transfer(trader, 40, sender=depositor)
    usdc.approve(trader, 60, sender=depositor)
    usdc.transferFrom(depositor, owner, 60, sender=trader)
    assert [usdc.balanceOf(one) for one in (depositor, trader, owner)] == [0, 40, 60]
    with reverts("ERC20: transfer amount exceeds balance"):
        usdc.transfer(owner, 41, sender=trader)
    with reverts("ERC20: transfer amount exceeds allowance"):
        usdc.transferFrom(depositor, owner, 1, sender=trader)


def test_blacklisted_account_neither_sends_nor_receives(
    usdc: Contract, owner: str, depositor: str, trader: str
) -> None:
    usdc.mint(depositor, 100, sender=owner)
    usdc.mint(trader, 100, sender=owner)
    usdc.approve(owner, 100, sender=trader)
    receipt = usdc.blacklist(trader, sender=owner)
    only_event(receipt, usdc, "Blacklisted", _account=trader)
    blocked = "Blacklistable: account is blacklisted"
    for refused in (
        lambda: usdc.transfer(trader, 1, sender=depositor),
        lambda: usdc.transfer(depositor, 1, sender=trader),
        lambda: usdc.transferFrom(trader, depositor, 1, sender=owner),
        lambda: usdc.mint(trader, 1, sender=owner),
    ):
        with reverts(blocked):
            refused()
    usdc.approve(depositor, 1, sender=trader)  # version 2.2 lets it promise
    assert usdc.balanceOf(trader) == 100
    usdc.unBlacklist(trader, sender=owner)
    usdc.transfer(trader, 1, sender=depositor)
    assert usdc.balanceOf(trader) == 101


def test_only_the_blacklister_blacklists(usdc: Contract, attacker: str, depositor: str) -> None:
    with reverts("Blacklistable: caller is not the blacklister"):
        usdc.blacklist(depositor, sender=attacker)


def test_pause(usdc: Contract, owner: str, depositor: str) -> None:
    usdc.mint(depositor, 100, sender=owner)
    usdc.pause(sender=owner)
    with reverts("Pausable: paused"):
        usdc.transfer(owner, 1, sender=depositor)


def test_signed_approval(chain: LocalBackend, usdc: Contract, depositor: str, trader: str) -> None:
    """The library that checks signatures is linked: both forms of `permit` work."""
    from eth_account import Account

    key = chain.private_key(depositor)
    for amount, packed in ((7, False), (8, True)):
        message = Account.sign_typed_data(
            key,
            {
                "name": "USD Coin",
                "version": "2",
                "chainId": chain.chain_id,
                "verifyingContract": usdc.address,
            },
            {
                "Permit": [
                    {"name": name, "type": kind}
                    for name, kind in (
                        ("owner", "address"),
                        ("spender", "address"),
                        ("value", "uint256"),
                        ("nonce", "uint256"),
                        ("deadline", "uint256"),
                    )
                ]
            },
            {
                "owner": depositor,
                "spender": trader,
                "value": amount,
                "nonce": usdc.nonces(depositor),
                "deadline": MAX_UINT256,
            },
        )
        r, s = (value.to_bytes(32, "big") for value in (message.r, message.s))
        proof = (r + s + bytes([message.v]),) if packed else (message.v, r, s)
        usdc.permit(depositor, trader, amount, MAX_UINT256, *proof, sender=trader)
        assert usdc.allowance(depositor, trader) == amount


@pytest.mark.parametrize("missing", ["nothing", "mintt"])
def test_function_that_it_does_not_have(usdc: Contract, missing: str) -> None:
    with pytest.raises(AttributeError, match=f"FiatTokenV2_2 has no function {missing}"):
        getattr(usdc, missing)
