# SPDX-License-Identifier: AGPL-3.0-only
"""USDC's blacklist, as Circle's contract enforces it: nobody's entry in it
stops anybody else, and the blacklisted still leave through another account."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, Reverted
from tests.support.assertions import only_event, reverts
from tests.support.fault_actions import (
    ACTIONS,
    ALL,
    BOUNDED,
    DEPOSIT_NETTED,
    EXITS,
    HEDGED,
    IN_KIND,
    NETTED,
    Row,
    act,
    attempt,
    outcomes,
    recover,
    row,
)
from tests.support.fault_harness import DAY, World

BLACKLISTED = "Blacklistable: account is blacklisted"


def blacklist(world: World, *accounts: str | Contract) -> None:
    for account in accounts:
        world.usdc.blacklist(account, sender=world.bench.owner)
        assert world.usdc.isBlacklisted(account)


def test_holder(world: World, table: list[Row], second_holder: str, trader: str) -> None:
    """Own account: refused. To another receiver: paid, netted, hedged, in kind. [VA-16]"""
    who, token = world.depositor, world.token
    blacklist(world, who)
    before = world.figures(), world.n()
    for percent in (0.1, 20):
        with reverts(BLACKLISTED):
            token.redeem(world.shares(percent), who, who, sender=who)
    with reverts(BLACKLISTED):
        token.deposit(100 * world.unit, who, sender=who)
    assert (world.figures(), world.n()) == before
    for percent in (0.1, 20):
        shares = world.shares(percent)
        expected, had = token.previewRedeem(shares), world.usdc.balanceOf(trader)
        token.redeem(shares, trader, who, sender=who)
        assert world.usdc.balanceOf(trader) - had == expected
        assert world.bench.model.token.redeem(shares, who, world.bench.now).assets == expected
        world.check()
    shares = world.shares(10)
    paid, brought = world.bench.system.lens.in_kind(token, shares)
    world.give("C0", who, brought[0])
    world.erc20("C0").approve(world.vault, brought[0], sender=who)
    had = world.usdc.balanceOf(trader)
    token.redeem_in_kind(shares, trader, who, paid, 2**256 - 1, sender=who)
    assert world.usdc.balanceOf(trader) - had == paid
    assert world.bench.model.token.redeem_in_kind(shares, who, world.bench.now) == (
        paid,
        (brought[0],),
    )
    world.check()
    # Shares move on as ever, and the others notice nothing.
    world.bench.token.transfer(second_holder, 10**18, sender=who)
    world.bench.model.token.transfer(who, second_holder, 10**18)
    world.bench.move(-3, DAY)
    world.bench.rebalance()
    world.bench.redeem(10 * 10**18, second_holder)
    world.check()
    table.append(("holder blacklisted", BLACKLISTED, "all, to another receiver"))


def test_keeper(world: World, table: list[Row], trader: str, provider: str) -> None:
    """His own account: refused while there is a reward. Another receiver's, or
    another keeper's: done."""
    bench = world.bench
    bench.move(-3, DAY + 1_800)
    blacklist(world, bench.keeper)
    reward = world.token.due().reward
    assert reward > 0
    before = world.figures(), world.n()
    with reverts(BLACKLISTED):
        world.token.rebalance(sender=bench.keeper)
    assert (world.figures(), world.n()) == before
    with world.undone():
        receipt = world.token.rebalance(sender=provider)
        assert world.usdc.balanceOf(provider) == reward
        bench.model.token.rebalance(receipt.timestamp)
        world.check()
    receipt = world.token.method("rebalance")(trader, sender=bench.keeper)
    only_event(receipt, world.vault, "Paid", receiver=trader, amount=reward)
    assert world.usdc.balanceOf(trader) == reward
    bench.model.token.rebalance(receipt.timestamp)
    world.check()
    table.append(("keeper blacklisted", BLACKLISTED, "all; reward to another receiver"))


def test_fee_recipient(world: World, table: list[Row], trader: str) -> None:
    """He gets shares, so nothing fails; he redeems to another account."""
    owner, bench = world.bench.owner, world.bench
    bench.chain.increase_time(DAY)
    bench.move(0, 0)
    blacklist(world, owner)
    assert outcomes(world) == ALL
    shares = world.token.balanceOf(owner)
    assert shares > 0
    with reverts(BLACKLISTED):
        world.token.redeem(shares, owner, owner, sender=owner)
    world.token.redeem(shares, trader, owner, sender=owner)
    paid = bench.model.token.redeem(shares, "fee_recipient", bench.now).assets
    assert world.usdc.balanceOf(trader) == paid > 0
    world.check()
    world.usdc.unBlacklist(owner, sender=owner)
    recover(world)
    table.append(("fee recipient blacklisted", "nothing", "all"))


@pytest.mark.parametrize("whole", [False, True], ids=["the vault", "everybody"])
def test_vault(world: World, table: list[Row], whole: bool) -> None:
    """The issuer of the collateral can stop the vault, or all of USDC. Every
    action that moves USDC is refused; nothing is lost, and all goes on after. [VA-16]"""
    owner = world.bench.owner
    if whole:
        world.usdc.pause(sender=owner)
    else:
        blacklist(world, world.vault)
    reason = "Pausable: paused" if whole else BLACKLISTED
    refused = {name: _reason(world, name) for name in (DEPOSIT_NETTED, *EXITS)}
    behind = "vault: Aave refused a withdrawal, code " + reason[:8]
    assert {refused[name] for name in (DEPOSIT_NETTED, NETTED, IN_KIND)} == {reason}
    assert {refused[name] for name in (HEDGED, BOUNDED)} == {behind if whole else reason}
    table.append(row("USDC paused by its issuer" if whole else "vault blacklisted", refused))
    if whole:
        world.usdc.unpause(sender=owner)
    else:
        world.usdc.unBlacklist(world.vault, sender=owner)
    recover(world)


def _reason(world: World, name: str) -> str:
    """Of the chain alone: the model knows nothing of USDC's rules."""
    with world.undone():
        on_chain, _ = ACTIONS[name](world)
        before = world.figures(), world.n()
        with pytest.raises(Reverted) as caught:
            on_chain()
        assert (world.figures(), world.n()) == before
        return str(caught.value.reason)


def test_everybody_at_once(world: World, trader: str) -> None:
    """Holder, keeper and fee recipient together stop neither the other holder
    nor another keeper."""
    blacklist(world, world.depositor, world.bench.keeper, world.bench.owner)
    world.depositor, world.second_holder = world.second_holder, world.depositor
    keeper, world.bench.keeper = world.bench.keeper, trader
    try:
        assert outcomes(world) == ALL
        assert attempt(world, IN_KIND) == act(world, HEDGED) == ""
    finally:
        world.bench.keeper = keeper
        world.depositor, world.second_holder = world.second_holder, world.depositor
