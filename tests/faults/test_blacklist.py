# SPDX-License-Identifier: AGPL-3.0-only
"""USDC's blacklist, as Circle's contract enforces it: nobody's entry in it
stops anybody else, and the blacklisted still leave through another account."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, Reverted
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, MAX_UINT256
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
from tests.support.fault_harness import FaultHarness

BLACKLISTED = "Blacklistable: account is blacklisted"


def blacklist(harness: FaultHarness, *accounts: str | Contract) -> None:
    for account in accounts:
        harness.usdc.blacklist(account, sender=harness.base.owner)
        assert harness.usdc.isBlacklisted(account)


def test_holder(harness: FaultHarness, table: list[Row], second_holder: str, trader: str) -> None:
    """Own account: refused. To another receiver: paid, netted, hedged, in kind. [VA-16]"""
    who, token = harness.depositor, harness.token
    blacklist(harness, who)
    before = harness.figures(), harness.n()
    for percent in (0.1, 20):
        with reverts(BLACKLISTED):
            token.redeem(harness.shares(percent), who, who, sender=who)
    with reverts(BLACKLISTED):
        token.deposit(100 * harness.unit, who, sender=who)
    assert (harness.figures(), harness.n()) == before
    for percent in (0.1, 20):
        shares = harness.shares(percent)
        expected, had = token.previewRedeem(shares), harness.usdc.balanceOf(trader)
        token.redeem(shares, trader, who, sender=who)
        assert harness.usdc.balanceOf(trader) - had == expected
        assert harness.base.model.token.redeem(shares, who, harness.base.now).assets == expected
        harness.check()
    shares = harness.shares(10)
    paid, brought = harness.base.system.lens.in_kind(token, shares)
    harness.give("C0", who, brought[0])
    harness.erc20("C0").approve(harness.vault, brought[0], sender=who)
    had = harness.usdc.balanceOf(trader)
    token.redeem_in_kind(shares, trader, who, paid, MAX_UINT256, sender=who)
    assert harness.usdc.balanceOf(trader) - had == paid
    assert harness.base.model.token.redeem_in_kind(shares, who, harness.base.now) == (
        paid,
        (brought[0],),
    )
    harness.check()
    # Shares move on as ever, and the others notice nothing.
    harness.base.token.transfer(second_holder, 10**18, sender=who)
    harness.base.model.token.transfer(who, second_holder, 10**18)
    harness.base.move(-3, DAY)
    harness.base.rebalance()
    harness.base.redeem(10 * 10**18, second_holder)
    harness.check()
    table.append(("holder blacklisted", BLACKLISTED, "all, to another receiver"))


def test_keeper(harness: FaultHarness, table: list[Row], trader: str, provider: str) -> None:
    """His own account: refused while there is a reward. Another receiver's, or
    another keeper's: done."""
    base = harness.base
    base.move(-3, DAY + 1_800)
    blacklist(harness, base.keeper)
    reward = harness.token.due().reward
    assert reward > 0
    before = harness.figures(), harness.n()
    with reverts(BLACKLISTED):
        harness.token.rebalance(sender=base.keeper)
    assert (harness.figures(), harness.n()) == before
    with harness.undone():
        receipt = harness.token.rebalance(sender=provider)
        assert harness.usdc.balanceOf(provider) == reward
        base.model.token.rebalance(receipt.timestamp)
        harness.check()
    receipt = harness.token.method("rebalance")(trader, sender=base.keeper)
    only_event(receipt, harness.vault, "Paid", receiver=trader, amount=reward)
    assert harness.usdc.balanceOf(trader) == reward
    base.model.token.rebalance(receipt.timestamp)
    harness.check()
    table.append(("keeper blacklisted", BLACKLISTED, "all; reward to another receiver"))


def test_fee_recipient(harness: FaultHarness, table: list[Row], trader: str) -> None:
    """He gets shares, so nothing fails; he redeems to another account."""
    owner, base = harness.base.owner, harness.base
    base.chain.increase_time(DAY)
    base.move(0, 0)
    blacklist(harness, owner)
    assert outcomes(harness) == ALL
    shares = harness.token.balanceOf(owner)
    assert shares > 0
    with reverts(BLACKLISTED):
        harness.token.redeem(shares, owner, owner, sender=owner)
    harness.token.redeem(shares, trader, owner, sender=owner)
    paid = base.model.token.redeem(shares, "fee_recipient", base.now).assets
    assert harness.usdc.balanceOf(trader) == paid > 0
    harness.check()
    harness.usdc.unBlacklist(owner, sender=owner)
    recover(harness)
    table.append(("fee recipient blacklisted", "nothing", "all"))


@pytest.mark.parametrize("whole", [False, True], ids=["the vault", "everybody"])
def test_vault(harness: FaultHarness, table: list[Row], whole: bool) -> None:
    """The issuer of the collateral can stop the vault, or all of USDC. Every
    action that moves USDC is refused; nothing is lost, and all goes on after. [VA-16]"""
    owner = harness.base.owner
    if whole:
        harness.usdc.pause(sender=owner)
    else:
        blacklist(harness, harness.vault)
    reason = "Pausable: paused" if whole else BLACKLISTED
    refused = {name: _reason(harness, name) for name in (DEPOSIT_NETTED, *EXITS)}
    behind = "vault: Aave refused a withdrawal, code " + reason[:8]
    assert {refused[name] for name in (DEPOSIT_NETTED, NETTED, IN_KIND)} == {reason}
    assert {refused[name] for name in (HEDGED, BOUNDED)} == {behind if whole else reason}
    table.append(row("USDC paused by its issuer" if whole else "vault blacklisted", refused))
    if whole:
        harness.usdc.unpause(sender=owner)
    else:
        harness.usdc.unBlacklist(harness.vault, sender=owner)
    recover(harness)


def _reason(harness: FaultHarness, name: str) -> str:
    """Of the chain alone: the model knows nothing of USDC's rules."""
    with harness.undone():
        on_chain, _ = ACTIONS[name](harness)
        before = harness.figures(), harness.n()
        with pytest.raises(Reverted) as caught:
            on_chain()
        assert (harness.figures(), harness.n()) == before
        return str(caught.value.reason)


def test_everybody_at_once(harness: FaultHarness, trader: str) -> None:
    """Holder, keeper and fee recipient together stop neither the other holder
    nor another keeper."""
    blacklist(harness, harness.depositor, harness.base.keeper, harness.base.owner)
    harness.depositor, harness.second_holder = harness.second_holder, harness.depositor
    keeper, harness.base.keeper = harness.base.keeper, trader
    try:
        assert outcomes(harness) == ALL
        assert attempt(harness, IN_KIND) == act(harness, HEDGED) == ""
    finally:
        harness.base.keeper = keeper
        harness.depositor, harness.second_holder = harness.second_holder, harness.depositor
