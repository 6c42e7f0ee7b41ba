# SPDX-License-Identifier: AGPL-3.0-only
"""Collateral that lies, charges, blocks or calls back, through every flow of a token
on each of the vaults: it changes no result, or the flow is refused.

`test_hostile_collateral` has more of it on the embedded exchange.
"""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.aave_venue_harness import renewed
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.hostile_collateral import FALSE, LIES, NOTHING, REFUSED_OUT
from tests.support.hostile_harness import (
    PLANS,
    UNIT,
    WAYS_IN,
    WAYS_OUT,
    HostileHarness,
    components,
    deploy_hostile,
    everything,
    rebalance,
)
from tests.support.system_harness import SystemHarness


@pytest.fixture(scope="module", params=list(PLANS))
def made(
    request: Any, chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> tuple[SystemHarness, int]:
    harness = deploy_hostile(chain, owner, keeper, request.param)
    at = chain.now()
    harness.fund(depositor)
    harness.fund(second_holder)
    return harness, at


@pytest.fixture
def hostile(made: tuple[SystemHarness, int], depositor: str, second_holder: str) -> HostileHarness:
    """150,000 paid in, a price that moved, nothing hostile yet."""
    harness = renewed(*made)
    harness.deposit(100_000 * UNIT, depositor)
    harness.deposit(50_000 * UNIT, second_holder)
    harness.deposit(300 * UNIT, depositor)
    harness.move([1, -2], 3_600)
    harness.check()
    return HostileHarness(harness, depositor, second_holder)


# --- accepted safely ---


def test_honest(hostile: HostileHarness) -> None:
    everything(hostile)


def test_without_return_values(hostile: HostileHarness) -> None:
    """As the oldest stablecoin: every flow is what it is otherwise. [T-ERC-5]"""
    hostile.turn(NOTHING)
    everything(hostile)


REENTRIES: dict[str, tuple[Any, ...]] = {
    "deposit": (10**8, "h"),
    "mint": (10**18, "h"),
    "withdraw": (10**6, "h", "h"),
    "redeem": (10**18, "h", "h"),
    "redeem_in_kind": (10**18, "h", "h", 0, MAX_UINT256),
    "rebalance": (),
    "accrue_fee": (),
    "wind_down": (),
    "totalAssets": (),
    "convertToAssets": (10**18,),
    "previewDeposit": (10**8,),
    "previewRedeem": (10**18,),
    "maxWithdraw": ("h",),
    "maxRedeem": ("h",),
    "nav_per_share": (),
    "state": (),
    "due": (),
}


@pytest.mark.parametrize("early", [False, True])
def test_calling_the_token_back(hostile: HostileHarness, early: bool) -> None:
    """Out of every transfer of every flow, before it and after it: locked, views too,
    and every number is the model's. [T-ERC-7]"""
    collateral, chain = hostile.collateral, hostile.base.chain
    snapshot = chain.snapshot()
    flows = [*WAYS_IN.values(), *WAYS_OUT.values()]
    for place, (name, args) in enumerate(REENTRIES.items()):
        given = [collateral.address if each == "h" else each for each in args]
        hostile.calls(hostile.base.token, name, *given, early=early)
        for flow in (flows[place % len(flows)], flows[(place + 3) % len(flows)]):
            made = collateral.calls()
            flow(hostile)
            hostile.base.check()
            assert collateral.calls() > made, name
            assert collateral.call_succeeded() is False, name
    rebalance(hostile)
    hostile.base.check()
    chain.revert(snapshot)


ONLY = b"vault: caller is not the token"


def inside(hostile: HostileHarness) -> list[tuple[Contract, str, tuple[Any, ...]]]:
    """What somebody else may try on the parts in the middle of a flow."""
    harness, me = hostile.base, hostile.collateral.address
    vault, mid = harness.system.vault, list(harness.report().prices.mid)
    return [
        (vault, "book", (UNIT,)),
        (vault, "pay", (me, UNIT)),
        (vault, "trade", (vault.value(mid), [0] * 10, mid, MAX_UINT256, False)),
        (vault, "redeem_in_kind", (1, 1, me, me)),
        (vault, "can_settle", (True,)),
        (harness.system.views, "nav", (harness.token.address,)),
        (harness.system.lens, "report", (harness.token.address,)),
    ]


@pytest.mark.parametrize("early", [False, True])
def test_calling_the_parts(hostile: HostileHarness, early: bool) -> None:
    """Nobody but the token moves the vault, which is locked while it acts itself; and
    whoever reads the token in the middle of a flow meets its lock. [T-ERC-7] [V-1]"""
    flows = [*WAYS_IN.values(), *WAYS_OUT.values(), rebalance]
    said = set()
    for place, (target, name, args) in enumerate(inside(hostile)):
        hostile.calls(target, name, *args, early=early)
        for flow in flows[place % 3 :: 3]:
            made = hostile.collateral.calls()
            flow(hostile)
            hostile.base.check()
            if hostile.collateral.calls() == made:
                continue  # a rebalance that moves no collateral
            assert hostile.collateral.call_succeeded() is False, name
            said.add(ONLY in hostile.collateral.call_returned())
    assert said == {True, False}


def test_a_second_redemption_from_inside_the_first(hostile: HostileHarness) -> None:
    """The collateral itself holds shares, and takes its turn in the middle of another
    holder's: refused; afterwards it gets what was previewed and no more."""
    harness, me = hostile.base, hostile.collateral.address
    harness.token.transfer(me, 10**21, sender=hostile.other)
    harness.model.token.transfer(hostile.other, me, 10**21)
    harness.names[me] = me
    hostile.calls(harness.token, "redeem", 10**21, me, me, early=True)
    for way in ("redeem", "hedged redeem", "deposit", "hedged deposit"):
        (WAYS_IN | WAYS_OUT)[way](hostile)
        harness.check()
        assert hostile.collateral.call_succeeded() is False
    caller = harness.chain.impersonate(me)
    told = harness.token.previewRedeem(10**21)
    had = hostile.money(me)
    harness.redeem(10**21, caller)
    harness.check()
    assert hostile.money(me) - had == told


# --- refused ---


@pytest.mark.parametrize("way", WAYS_IN)
def test_nothing_comes_in(hostile: HostileHarness, way: str) -> None:
    """False, a lie, a fee on the way: no shares for less than was said. [T-ERC-5]
    [T-ERC-6]"""
    for turned, reason in (
        ({"answer": FALSE}, "token: collateral transfer failed"),
        ({"answer": LIES}, "vault: collateral not received"),
        ({"fee_bps": 1}, "vault: collateral not received"),
        ({"fee_bps": 10_000}, "vault: collateral not received"),
    ):
        hostile.turn(**turned)  # type: ignore[arg-type]
        with hostile.refuses(reason):
            WAYS_IN[way](hostile)
    hostile.turn()
    WAYS_IN[way](hostile)
    hostile.base.check()


@pytest.mark.parametrize("way", [*WAYS_OUT, "rebalance"])
def test_false_on_the_way_out(hostile: HostileHarness, way: str) -> None:
    """Shares are not burned for a payment that says that it failed. [T-ERC-5]"""
    hostile.base.chain.increase_time(DAY)
    hostile.turn(FALSE)
    harness = hostile.base
    with hostile.refuses(*REFUSED_OUT):
        if way == "rebalance":
            harness.rebalance()
        else:
            WAYS_OUT[way](hostile)
    hostile.turn()
    (rebalance if way == "rebalance" else WAYS_OUT[way])(hostile)
    harness.check()


@pytest.mark.parametrize("way", [*WAYS_IN, *WAYS_OUT, "rebalance"])
def test_the_vault_is_blocked(hostile: HostileHarness, way: str) -> None:
    """Nothing moves and nothing is lost; later all goes on. [T-ERC-8]"""
    vault, harness = hostile.base.system.vault, hostile.base
    harness.chain.increase_time(DAY)
    hostile.collateral.set_blocked(vault, True, sender=hostile.holder)
    flow = (WAYS_IN | WAYS_OUT | {"rebalance": lambda hostile: hostile.base.rebalance()})[way]
    with hostile.refuses("mock: account blocked", "TF"):
        flow(hostile)
    hostile.collateral.set_blocked(vault, False, sender=hostile.holder)
    flow(hostile)
    harness.check()


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_blocked_holder_stops_only_himself(hostile: HostileHarness, way: str) -> None:
    """He is not paid, keeps his shares, and can name another receiver; the others
    come and go, and so does the keeper. [T-ERC-8]"""
    harness, blocked = hostile.base, hostile.holder
    hostile.collateral.set_blocked(blocked, True, sender=blocked)
    with hostile.refuses("mock: account blocked"):
        WAYS_OUT[way](hostile)
    harness.deposit(20_000 * UNIT, hostile.other)
    harness.redeem(10**22, hostile.other)
    rebalance(hostile)
    harness.check()
    told = harness.token.previewRedeem(10**20)
    had = hostile.money(hostile.other)
    harness.token.redeem(10**20, hostile.other, blocked, sender=blocked)
    assert hostile.money(hostile.other) - had == told


# --- turned hostile with money inside ---


def test_a_lie_on_the_way_out(hostile: HostileHarness) -> None:
    """It says that it has paid: no contract can tell whose balance is meant. Whoever
    redeems then has been paid by its own account; nobody else loses a unit."""
    harness = hostile.base
    worth = harness.token.convertToAssets(harness.token.balanceOf(hostile.other))
    hostile.turn(LIES)
    had = hostile.money(hostile.holder)
    harness.token.redeem(10**20, hostile.holder, hostile.holder, sender=hostile.holder)
    assert hostile.money(hostile.holder) == had
    hostile.turn()
    assert harness.token.convertToAssets(harness.token.balanceOf(hostile.other)) >= worth
    leave_all(hostile)


def leave_all(hostile: HostileHarness) -> None:
    """Everybody redeems everything, one after the other."""
    token = hostile.base.token
    for who in (hostile.other, hostile.holder, hostile.base.owner):
        shares = token.balanceOf(who)
        told = token.previewRedeem(shares)
        had = hostile.money(who)
        token.redeem(shares, who, who, 0, sender=who)
        assert hostile.money(who) - had >= told * 99 // 100
        vault = hostile.base.system.vault
        assert hostile.money(vault.address) >= vault.idle()
    assert token.totalSupply() == 0


@pytest.mark.parametrize("fee_bps", [1, 30])
def test_a_fee_that_comes_later(hostile: HostileHarness, fee_bps: int) -> None:
    """Nobody comes in any more, holders bear the fee of their payments. What waits
    is paid on both vaults; on the exchange everybody leaves, on Aave in kind, since
    Uniswap refuses what arrives short. What is booked is there. [T-ERC-6]"""
    harness, holder = hostile.base, hostile.holder
    hostile.turn(fee_bps=fee_bps)
    with hostile.refuses("vault: collateral not received"):
        harness.token.deposit(100 * UNIT, holder, sender=holder)
    told, had = harness.token.previewRedeem(10**20), hostile.money(holder)
    harness.token.redeem(10**20, holder, holder, sender=holder)
    assert hostile.money(holder) - had == told - told * fee_bps // 10_000
    if harness.system.venue.kind == "perp":
        return leave_all(hostile)
    with hostile.refuses("IIA"):
        harness.token.redeem(3 * 10**22, holder, holder, 0, sender=holder)
    leave_in_kind(hostile)


def leave_in_kind(hostile: HostileHarness) -> None:
    """Everybody brings the debts' part and takes the collateral's."""
    harness = hostile.base
    for who in (hostile.other, hostile.holder, harness.owner):
        shares = harness.token.balanceOf(who)
        _, brought = harness.system.lens.in_kind(harness.token, shares)
        for component, amount in zip(components(harness), brought, strict=False):
            component.mint(who, 2 * amount, sender=who)
            component.approve(harness.system.vault, MAX_UINT256, sender=who)
        had = hostile.money(who)
        harness.token.redeem_in_kind(shares, who, who, 0, MAX_UINT256, sender=who)
        assert hostile.money(who) > had
        assert hostile.money(harness.system.vault.address) == harness.system.vault.idle()
    assert harness.token.totalSupply() == 0


def test_at_deployment(chain: LocalBackend, owner: str, keeper: str) -> None:
    """A token whose collateral takes a fee from the start cannot be used at all: the
    first deposit is refused; one of odd decimals is not deployed."""
    for kind in PLANS:
        harness = deploy_hostile(chain, owner, keeper, kind)
        harness.fund(keeper)
        harness.system.collateral.set_fee(1, sender=owner)
        with reverts("vault: collateral not received"):
            harness.token.deposit(1_000 * UNIT, keeper, sender=keeper)
        assert harness.token.totalSupply() == 0
