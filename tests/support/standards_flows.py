# SPDX-License-Identifier: AGPL-3.0-only
"""The four actions of ERC-4626, each with everything looked at that it must do."""

from __future__ import annotations

from inverse_index.chain import Receipt
from tests.support.assertions import only_event
from tests.support.constants import ZERO
from tests.support.standards_harness import STATES, StandardsHarness

DEPOSIT, MINT, WITHDRAW, REDEEM = 1, 2, 4, 8  # as in ITokenPolicy
NO_SHARES = "token: zero shares"
NO_ASSETS = "token: zero assets"
ALLOWANCE = "erc20: insufficient allowance"
OPEN = [name for name, state in STATES.items() if state.no_mint is None]
SHUT = [name for name, state in STATES.items() if state.no_mint and state.priced]
EXITS = [name for name, state in STATES.items() if state.exits]


def enter(
    harness: StandardsHarness, kind: int, amount: int, payer: str, receiver: str
) -> tuple[int, int]:
    """Deposit or mint: everything that it has to move is moved, and said. Returns
    assets and shares."""
    token, call = harness.token, harness.token.deposit if kind == DEPOSIT else harness.token.mint
    told = call.call(amount, receiver, sender=payer)
    assets, shares = (amount, told) if kind == DEPOSIT else (told, amount)
    paid, held = harness.money(payer), token.balanceOf(receiver)
    supply, idle = token.state().supply, harness.money(harness.base.system.vault.address)
    receipt = call(amount, receiver, sender=payer)
    said = {"sender": payer, "owner": receiver, "assets": assets, "shares": shares}
    only_event(receipt, token, "Deposit", **said)
    assert moved(harness, receipt, ZERO, receiver) == [shares]
    assert paid - harness.money(payer) == assets
    fees = accrued(harness, receipt) if receiver == harness.base.owner else 0
    assert token.balanceOf(receiver) - held == shares + fees
    assert token.totalSupply() - supply == shares
    assert sum(harness.shares()) == token.totalSupply()
    assert harness.collateral.allowance(token, harness.base.system.vault) == 0
    if harness.netted_in(receipt):
        assert harness.money(harness.base.system.vault.address) - idle == assets
    return assets, shares


def leave(
    harness: StandardsHarness, kind: int, amount: int, caller: str, receiver: str, owner: str
) -> tuple[int, int]:
    """Withdraw or redeem, as `enter`."""
    token, call = (
        harness.token,
        harness.token.withdraw if kind == WITHDRAW else harness.token.redeem,
    )
    told = call.call(amount, receiver, owner, sender=caller)
    assets, shares = (amount, told) if kind == WITHDRAW else (told, amount)
    paid, held = harness.money(receiver), token.balanceOf(owner)
    supply = token.state().supply
    receipt = call(amount, receiver, owner, sender=caller)
    only_event(
        receipt,
        token,
        "Withdraw",
        sender=caller,
        receiver=receiver,
        owner=owner,
        assets=assets,
        shares=shares,
    )
    assert moved(harness, receipt, owner, ZERO) == [shares]
    assert harness.money(receiver) - paid == assets
    fees = accrued(harness, receipt) if owner == harness.base.owner else 0
    assert held - token.balanceOf(owner) == shares - fees
    assert supply - token.totalSupply() == shares
    assert sum(harness.shares()) == token.totalSupply()
    return assets, shares


def moved(harness: StandardsHarness, receipt: Receipt, sender: str, receiver: str) -> list[int]:
    """Sizes of the transfers of shares between the two, the streaming fee apart."""
    fee = accrued(harness, receipt)
    transfers = [each.args for each in harness.token.events(receipt) if each.name == "Transfer"]
    ends = (sender, receiver)
    found = [args["value"] for args in transfers if (args["sender"], args["receiver"]) == ends]
    return found[1:] if fee and (sender, receiver) == (ZERO, harness.base.owner) else found


def accrued(harness: StandardsHarness, receipt: Receipt) -> int:
    """Shares of the streaming fee that the action accrued."""
    found = [each for each in harness.token.events(receipt) if each.name == "FeeAccrued"]
    return int(found[0].args["shares"]) if found else 0


def preview(harness: StandardsHarness, kind: int, amount: int) -> int:
    names = {DEPOSIT: "Deposit", MINT: "Mint", WITHDRAW: "Withdraw", REDEEM: "Redeem"}
    return int(harness.token.method(f"preview{names[kind]}")(amount))
