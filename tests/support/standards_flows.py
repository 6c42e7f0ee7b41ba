# SPDX-License-Identifier: AGPL-3.0-only
"""The four actions of ERC-4626, each with everything looked at that it must do."""

from __future__ import annotations

from inverse_index.chain import Receipt
from tests.support.assertions import only_event
from tests.support.standards_harness import STATES, ZERO, World

DEPOSIT, MINT, WITHDRAW, REDEEM = 1, 2, 4, 8  # as in IQuoter
NO_SHARES = "token: zero shares"
NO_ASSETS = "token: zero assets"
ALLOWANCE = "erc20: insufficient allowance"
OPEN = [name for name, state in STATES.items() if state.no_mint is None]
SHUT = [name for name, state in STATES.items() if state.no_mint and state.priced]
EXITS = [name for name, state in STATES.items() if state.exits]


def enter(world: World, kind: int, amount: int, payer: str, receiver: str) -> tuple[int, int]:
    """Deposit or mint: everything that it has to move is moved, and said. Returns
    assets and shares."""
    token, call = world.token, world.token.deposit if kind == DEPOSIT else world.token.mint
    told = call.call(amount, receiver, sender=payer)
    assets, shares = (amount, told) if kind == DEPOSIT else (told, amount)
    paid, held = world.money(payer), token.balanceOf(receiver)
    supply, idle = token.state().supply, world.money(world.bench.system.vault.address)
    receipt = call(amount, receiver, sender=payer)
    said = {"sender": payer, "owner": receiver, "assets": assets, "shares": shares}
    only_event(receipt, token, "Deposit", **said)
    assert moved(world, receipt, ZERO, receiver) == [shares]
    assert paid - world.money(payer) == assets
    fees = accrued(world, receipt) if receiver == world.bench.owner else 0
    assert token.balanceOf(receiver) - held == shares + fees
    assert token.totalSupply() - supply == shares
    assert sum(world.shares()) == token.totalSupply()
    assert world.collateral.allowance(token, world.bench.system.vault) == 0
    if world.netted_in(receipt):
        assert world.money(world.bench.system.vault.address) - idle == assets
    return assets, shares


def leave(
    world: World, kind: int, amount: int, caller: str, receiver: str, owner: str
) -> tuple[int, int]:
    """Withdraw or redeem, as `enter`."""
    token, call = world.token, world.token.withdraw if kind == WITHDRAW else world.token.redeem
    told = call.call(amount, receiver, owner, sender=caller)
    assets, shares = (amount, told) if kind == WITHDRAW else (told, amount)
    paid, held = world.money(receiver), token.balanceOf(owner)
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
    assert moved(world, receipt, owner, ZERO) == [shares]
    assert world.money(receiver) - paid == assets
    fees = accrued(world, receipt) if owner == world.bench.owner else 0
    assert held - token.balanceOf(owner) == shares - fees
    assert supply - token.totalSupply() == shares
    assert sum(world.shares()) == token.totalSupply()
    return assets, shares


def moved(world: World, receipt: Receipt, sender: str, receiver: str) -> list[int]:
    """Sizes of the transfers of shares between the two, the streaming fee apart."""
    fee = accrued(world, receipt)
    transfers = [each.args for each in world.token.events(receipt) if each.name == "Transfer"]
    ends = (sender, receiver)
    found = [args["value"] for args in transfers if (args["sender"], args["receiver"]) == ends]
    return found[1:] if fee and (sender, receiver) == (ZERO, world.bench.owner) else found


def accrued(world: World, receipt: Receipt) -> int:
    """Shares of the streaming fee that the action accrued."""
    found = [each for each in world.token.events(receipt) if each.name == "FeeAccrued"]
    return int(found[0].args["shares"]) if found else 0


def preview(world: World, kind: int, amount: int) -> int:
    names = {DEPOSIT: "Deposit", MINT: "Mint", WITHDRAW: "Withdraw", REDEEM: "Redeem"}
    return int(world.token.method(f"preview{names[kind]}")(amount))
