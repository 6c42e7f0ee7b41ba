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
from tests.faults.world import DAY, World

Row = tuple[str, str, str]
Step = Callable[[], Any]  # carries out, says what was paid or minted
Action = Callable[[World], tuple[Step, Step]]  # on chain, in the model

NETTED, HEDGED, BOUNDED, IN_KIND = "netted redeem", "hedged redeem", "own bound", "in kind"
DEPOSIT_NETTED, DEPOSIT_HEDGED = "netted deposit", "hedged deposit"
MORE, LESS = "rebalance to more", "rebalance to less"
EXITS = (NETTED, HEDGED, BOUNDED, IN_KIND)


def deposit(amount: int) -> Action:
    """Whole collateral."""

    def made(w: World) -> tuple[Step, Step]:
        assets, who = amount * w.unit, w.depositor

        def on_chain() -> int:
            expected = w.token.previewDeposit(assets)
            before, n = w.token.balanceOf(who), w.share_price()
            w.token.deposit(assets, who, sender=who)
            minted = int(w.token.balanceOf(who)) - before
            assert minted == expected and w.share_price() >= n
            return minted

        return on_chain, lambda: w.bench.model.token.deposit(assets, who, w.bench.now).shares

    return made


def redeem(percent: float, min_assets: int | None = None) -> Action:
    """A part of the supply."""
    bound = () if min_assets is None else (min_assets,)

    def made(w: World) -> tuple[Step, Step]:
        shares, who = w.shares(percent), w.depositor

        def on_chain() -> int:
            expected = _previewed(w, shares)
            before, n = w.usdc.balanceOf(who), w.share_price()
            w.token.redeem(shares, who, who, *bound, sender=who)
            paid = int(w.usdc.balanceOf(who)) - before
            assert paid == expected and w.share_price() >= n
            return paid

        def in_model() -> int:
            return int(w.bench.model.token.redeem(shares, who, w.bench.now, min_assets).assets)

        return on_chain, in_model

    return made


def one_unit(w: World) -> int:
    """One collateral unit, to which N is rounded, in the price of a share."""
    return int(-(-(10**30) // w.token.totalSupply()))


def _previewed(w: World, shares: int) -> int | None:
    try:
        return int(w.token.previewRedeem(shares))
    except Reverted:
        return None


def redeem_in_kind(percent: float) -> Action:
    """A part of the supply, for the components that belong to it. Where Aave
    cannot pay, its claims come instead."""

    def made(w: World) -> tuple[Step, Step]:
        shares, who = w.shares(percent), w.depositor
        announced, brought = w.bench.system.lens.in_kind(w.token, shares)
        for symbol, amount in zip(w.bench.plan.symbols, brought, strict=False):
            w.give(symbol, who, amount)
            w.erc20(symbol).approve(w.vault, amount, sender=who)

        def on_chain() -> tuple[int, tuple[int, ...]]:
            n = w.share_price()
            before, claims = w.usdc.balanceOf(who), w.a_token().balanceOf(who)
            w.token.redeem_in_kind(shares, who, who, announced, MAX_UINT256, sender=who)
            got = w.usdc.balanceOf(who) - before + w.a_token().balanceOf(who) - claims
            assert abs(got - announced) <= 1  # of Aave's rounding
            assert w.share_price() >= n - one_unit(w)
            left = [w.erc20(symbol).balanceOf(who) for symbol in w.bench.plan.symbols]
            assert left == [0] * len(left)
            return announced, tuple(brought[: len(left)])

        return on_chain, lambda: w.bench.model.token.redeem_in_kind(shares, who, w.bench.now)

    return made


def rebalance(percent: int) -> Action:
    """A day after the last one, prices moved by that much."""

    def made(w: World) -> tuple[Step, Step]:
        w.bench.move(percent, DAY)
        keeper = w.bench.keeper

        def on_chain() -> int:
            before = w.usdc.balanceOf(keeper)
            w.token.rebalance(sender=keeper)
            return int(w.usdc.balanceOf(keeper)) - before

        return on_chain, lambda: w.bench.model.token.rebalance(w.bench.now).reward

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


def act(w: World, action: str | Action) -> str:
    """Carry it out; the reason of the refusal, or nothing."""
    on_chain, in_model = (ACTIONS[action] if isinstance(action, str) else action)(w)
    before = (w.figures(), w.n())
    try:
        paid = on_chain()
    except Reverted as error:
        assert error.reason is not None, error
        assert (w.figures(), w.n()) == before
        _refuses(in_model, error.reason)
        w.check()
        return error.reason
    assert in_model() == paid
    w.check()
    return ""


def _refuses(in_model: Step, reason: str) -> None:
    try:
        in_model()
    except Revert as error:
        assert error.reason == reason
        return
    raise AssertionError(f"the model does not refuse, the chain says {reason}")


def attempt(w: World, action: str | Action) -> str:
    """Carry it out and go back."""
    with w.undone():
        return act(w, action)


def outcomes(w: World) -> dict[str, str]:
    """What every action comes to now."""
    return {name: attempt(w, name) for name in ACTIONS}


def row(fault: str, refused: Mapping[str, str]) -> Row:
    """Of the table: the fault, its reasons, the exits that are left."""
    reasons = sorted({each.removeprefix("vault: ") for each in refused.values()})
    left = [each for each in EXITS if each not in refused]
    return fault, ", ".join(reasons) or "nothing", ", ".join(left)


def maxima(w: World) -> dict[str, int]:
    """The most that can be done, as token and model say. It succeeds."""
    holder, model, bench = w.depositor, w.bench.model.token, w.bench
    kinds: dict[str, tuple[Kind, Callable[[int, str], Receipt]]] = {
        "Deposit": (Kind.DEPOSIT, bench.deposit),
        "Mint": (Kind.MINT, bench.mint),
        "Withdraw": (Kind.WITHDRAW, bench.withdraw),
        "Redeem": (Kind.REDEEM, bench.redeem),
    }
    found = {}
    for name, (kind, action) in kinds.items():
        most = int(w.token.method(f"max{name}")(holder))
        assert most == model.maximum(kind, holder, bench.now), name
        if most:
            with w.undone():
                action(most, holder)
                w.check()
        found[name] = most
    return found


def recover(w: World) -> None:
    """After the fault: rebalances both ways, every action, and the model."""
    for percent in (-3, 4):
        w.bench.move(percent, DAY)
        w.bench.rebalance()
        w.check()
    assert outcomes(w) == ALL
    maxima(w)
