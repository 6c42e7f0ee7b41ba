# SPDX-License-Identifier: AGPL-3.0-only
"""What can be tried while something is wrong: flows, exits, rebalances.

Each is carried out on chain and model: they agree on the reason of a refusal,
or on what was paid and on everything after it. What is refused changes nothing;
what is paid was announced, and takes nothing from those who stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inverse_index.chain import Receipt, Reverted
from inverse_index.model.fixed import MAX_UINT256, Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.support.constants import DAY
from tests.support.fault_harness import FaultHarness

Row = tuple[str, str, str]
Step = Callable[[], Any]  # carries out, says what was paid or minted
Action = Callable[[FaultHarness], tuple[Step, Step]]  # on chain, in the model

NETTED, HEDGED, BOUNDED, IN_KIND = "netted redeem", "hedged redeem", "minimum", "in kind"
DEPOSIT_NETTED, DEPOSIT_HEDGED = "netted deposit", "hedged deposit"
MORE, LESS = "rebalance to more", "rebalance to less"
EXITS = (NETTED, HEDGED, BOUNDED, IN_KIND)


def deposit(amount: int) -> Action:
    """Whole collateral."""

    def made(harness: FaultHarness) -> tuple[Step, Step]:
        assets, who = amount * harness.unit, harness.depositor

        def on_chain() -> int:
            expected = harness.token.previewDeposit(assets)
            before, n = harness.token.balanceOf(who), harness.share_price()
            harness.token.deposit(assets, who, sender=who)
            minted = int(harness.token.balanceOf(who)) - before
            assert minted == expected and harness.share_price() >= n
            return minted

        return (
            on_chain,
            lambda: harness.base.model.token.deposit(assets, who, harness.base.now).shares,
        )

    return made


def redeem(percent: float, min_assets: int | None = None) -> Action:
    """A part of the supply."""
    bound = () if min_assets is None else (min_assets,)

    def made(harness: FaultHarness) -> tuple[Step, Step]:
        shares, who = harness.shares(percent), harness.depositor

        def on_chain() -> int:
            expected = _previewed(harness, shares)
            before, n = harness.usdc.balanceOf(who), harness.share_price()
            harness.token.redeem(shares, who, who, *bound, sender=who)
            paid = int(harness.usdc.balanceOf(who)) - before
            assert paid == expected and harness.share_price() >= n
            return paid

        def in_model() -> int:
            return int(
                harness.base.model.token.redeem(shares, who, harness.base.now, min_assets).assets
            )

        return on_chain, in_model

    return made


def one_unit(harness: FaultHarness) -> int:
    """One collateral unit, to which N is rounded, in the price of a share."""
    return int(-(-(10**30) // harness.token.totalSupply()))


def _previewed(harness: FaultHarness, shares: int) -> int | None:
    try:
        return int(harness.token.previewRedeem(shares))
    except Reverted:
        return None


def redeem_in_kind(percent: float) -> Action:
    """A part of the supply, for the components that belong to it. Where Aave
    cannot pay, its claims come instead."""

    def made(harness: FaultHarness) -> tuple[Step, Step]:
        shares, who = harness.shares(percent), harness.depositor
        announced, brought = harness.base.system.lens.in_kind(harness.token, shares)
        for symbol, amount in zip(harness.base.plan.symbols, brought, strict=False):
            harness.give(symbol, who, amount)
            harness.erc20(symbol).approve(harness.vault, amount, sender=who)

        def on_chain() -> tuple[int, tuple[int, ...]]:
            n = harness.share_price()
            before, claims = harness.usdc.balanceOf(who), harness.a_token().balanceOf(who)
            harness.token.redeem_in_kind(shares, who, who, announced, MAX_UINT256, sender=who)
            got = harness.usdc.balanceOf(who) - before + harness.a_token().balanceOf(who) - claims
            assert abs(got - announced) <= 1  # of Aave's rounding
            assert harness.share_price() >= n - one_unit(harness)
            left = [harness.erc20(symbol).balanceOf(who) for symbol in harness.base.plan.symbols]
            assert left == [0] * len(left)
            return announced, tuple(brought[: len(left)])

        return on_chain, lambda: harness.base.model.token.redeem_in_kind(
            shares, who, harness.base.now
        )

    return made


def rebalance(percent: int) -> Action:
    """A day after the last one, prices moved by that much."""

    def made(harness: FaultHarness) -> tuple[Step, Step]:
        harness.base.move(percent, DAY)
        keeper = harness.base.keeper

        def on_chain() -> int:
            before = harness.usdc.balanceOf(keeper)
            harness.token.rebalance(sender=keeper)
            return int(harness.usdc.balanceOf(keeper)) - before

        return on_chain, lambda: harness.base.model.token.rebalance(harness.base.now).reward

    return made


ACTIONS: dict[str, Action] = {
    DEPOSIT_NETTED: deposit(100),
    DEPOSIT_HEDGED: deposit(20_000),
    NETTED: redeem(0.1),
    HEDGED: redeem(20),
    BOUNDED: redeem(20, 0),
    IN_KIND: redeem_in_kind(20),
    MORE: rebalance(-3),
    LESS: rebalance(3),
}
ALL = dict.fromkeys(ACTIONS, "")


def act(harness: FaultHarness, action: str | Action) -> str:
    """Carry it out; the reason of the refusal, or nothing."""
    on_chain, in_model = (ACTIONS[action] if isinstance(action, str) else action)(harness)
    before = (harness.figures(), harness.n())
    try:
        paid = on_chain()
    except Reverted as error:
        assert error.reason is not None, error
        assert (harness.figures(), harness.n()) == before
        _refuses(in_model, error.reason)
        harness.check()
        return error.reason
    assert in_model() == paid
    harness.check()
    return ""


def _refuses(in_model: Step, reason: str) -> None:
    try:
        in_model()
    except Revert as error:
        assert error.reason == reason
        return
    raise AssertionError(f"the model does not refuse, the chain says {reason}")


def attempt(harness: FaultHarness, action: str | Action) -> str:
    """Carry it out and go back."""
    with harness.undone():
        return act(harness, action)


def outcomes(harness: FaultHarness) -> dict[str, str]:
    """What every action comes to now."""
    return {name: attempt(harness, name) for name in ACTIONS}


def row(fault: str, refused: Mapping[str, str]) -> Row:
    """Of the table: the fault, its reasons, the exits that are left."""
    reasons = sorted({each.removeprefix("vault: ") for each in refused.values()})
    left = [each for each in EXITS if each not in refused]
    return fault, ", ".join(reasons) or "nothing", ", ".join(left)


def maxima(harness: FaultHarness) -> dict[str, int]:
    """The most that can be done, as token and model say. It succeeds."""
    holder, model, base = harness.depositor, harness.base.model.token, harness.base
    kinds: dict[str, tuple[Kind, Callable[[int, str], Receipt]]] = {
        "Deposit": (Kind.DEPOSIT, base.deposit),
        "Mint": (Kind.MINT, base.mint),
        "Withdraw": (Kind.WITHDRAW, base.withdraw),
        "Redeem": (Kind.REDEEM, base.redeem),
    }
    found = {}
    for name, (kind, action) in kinds.items():
        most = int(harness.token.method(f"max{name}")(holder))
        assert most == model.maximum(kind, holder, base.now), name
        if most:
            with harness.undone():
                action(most, holder)
                harness.check()
        found[name] = most
    return found


def recover(harness: FaultHarness) -> None:
    """After the fault: rebalances both ways, every action, and the model."""
    for percent in (-3, 4):
        harness.base.move(percent, DAY)
        harness.base.rebalance()
        harness.check()
    assert outcomes(harness) == ALL
    maxima(harness)
