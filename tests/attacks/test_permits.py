# SPDX-License-Identifier: AGPL-3.0-only
"""Signatures seen before they are mined: whoever uses them first, or again, or
elsewhere, gets nothing and stops nobody. With the real USDC."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.chain.permit import Permit
from tests.attacks.table import settle
from tests.support.assertions import reverts
from tests.support.attack_grid import NEVER, attempt
from tests.support.attack_router import UNIT, opened, without
from tests.support.router_harness import RouterWorld
from tests.support.variants import Change

SHARE = 10**18
SIZES = (1, 100, 400, 20_000)  # some net, one hedges
STRICT = Change(
    "contracts/modules/router/funds.vy",
    "        revert_on_failure=False,\n    )\n",
    "        revert_on_failure=False,\n    )\n    assert ignored\n",
)
ENTRIES = ("deposit", "mint", "redeem", "redeem_and_swap", "redeem_eth")
ALLOWANCE = "router: allowance too small"


@pytest.fixture(scope="module")
def world(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str, attacker: str
) -> RouterWorld:
    return opened(chain, owner, keeper, depositor, (trader, attacker))


class Victim:
    """Signs for one entry and uses it."""

    def __init__(self, world: RouterWorld, entry: str, size: int, who: str) -> None:
        self.world, self.entry, self.who = world, entry, who
        self.asset = "USDC" if entry in ("deposit", "mint") else "shares"
        self.amount = size * (UNIT if entry == "deposit" else SHARE)
        self.signed = self.amount
        if entry == "mint":
            self.signed = world.token.previewMint(self.amount)
        self.permit = world.permit(self.asset, who, self.signed)

    def use(self, sender: str | None = None, permit: Permit | None = None, by: int = NEVER) -> Any:
        world, sender = self.world, sender or self.who
        permit = permit or self.permit
        path = [world.path("WETH")] if self.entry in ("redeem_and_swap", "redeem_eth") else []
        bound = self.signed if self.entry == "mint" else 0
        args = (world.token, *path, self.amount, sender, bound, by, permit)
        return world.router.method(self.entry)(*args, sender=sender)

    def contract(self) -> Any:
        return self.world.token if self.asset == "shares" else self.world.tokens["USDC"]

    def submit(self, sender: str) -> None:
        p = self.permit
        args = (self.who, self.world.router, self.signed, NEVER, p.v, p.r, p.s)
        self.contract().permit(*args, sender=sender)

    def worth(self) -> int:
        """Collateral at stake."""
        if self.entry == "deposit":
            return self.amount
        return int(self.world.token.convertToAssets(self.amount))


def nothing(victim: Victim, attacker: str) -> None:
    """The attacker only watches."""


def first(victim: Victim, attacker: str) -> None:
    victim.submit(attacker)


def twice(victim: Victim, attacker: str) -> None:
    victim.submit(attacker)
    refused(lambda: victim.submit(attacker))


def as_his_own(victim: Victim, attacker: str) -> None:
    refused(lambda: victim.use(attacker))


def first_and_spend(victim: Victim, attacker: str) -> None:
    """Use it, then try to spend the router's allowance."""
    victim.submit(attacker)
    refused(lambda: victim.use(attacker))
    args = (victim.who, attacker, victim.signed)
    refused(lambda: victim.contract().transferFrom(*args, sender=attacker))


MOVES: tuple[Callable[[Victim, str], None], ...] = (
    nothing,
    first,
    twice,
    as_his_own,
    first_and_spend,
)


def refused(act: Callable[[], Any]) -> None:
    with pytest.raises(Reverted):
        act()


def test_used_by_somebody_else_first(
    world: RouterWorld, depositor: str, trader: str, attacker: str
) -> None:
    """What the attacker keeps the victim from, in collateral: nothing. A router that
    insists on the signature is stopped by whoever uses it first."""

    def kept_from(world: RouterWorld, entry: str, size: int, move: Any) -> int:
        who = trader if entry in ("deposit", "mint") else depositor
        victim = Victim(world, entry, size, who)
        at_stake, before = victim.worth(), world.held(attacker)
        move(victim, attacker)
        stopped = 0
        try:
            victim.use()
        except Reverted:
            stopped = at_stake
        assert world.held(attacker) == before
        return stopped

    found = [
        [
            attempt(world.chain, lambda r=routed, e=entry, s=size, m=move: kept_from(r, e, s, m))
            for entry, size, move in product(ENTRIES, SIZES, MOVES)
        ]
        for routed in (world, without(world, STRICT))
    ]
    assert set(found[0]) == {0}
    settle("a permit used first (kept from its owner)", "router", "a permit may fail", UNIT, *found)


@pytest.mark.parametrize("entry", ENTRIES)
def test_of_another_time_place_or_purpose(
    world: RouterWorld, depositor: str, trader: str, attacker: str, entry: str
) -> None:
    """Used up, expired, of another chain, number, spender or amount: for nobody, not
    even for its owner. [R-4, R-5]"""
    chain, who = world.chain, trader if entry in ("deposit", "mint") else depositor
    victim = Victim(world, entry, 100, who)
    elsewhere = without(world)
    elsewhere.approve(victim.asset, attacker)
    invalid = {
        "of another deadline": world.permit(victim.asset, who, victim.signed, NEVER - 1),
        "of another number": world.permit(victim.asset, who, victim.signed, nonce=9),
        "of another amount": world.permit(victim.asset, who, victim.signed - 1),
        "for another router": elsewhere.permit(victim.asset, who, victim.signed),
        "of another chain": _on_chain(world, victim, 1),
        "of somebody else": world.permit(victim.asset, attacker, victim.signed),
    }
    before = (world.held(who), world.held(attacker))
    for permit in invalid.values():
        for caller in (who, attacker):
            if permit is invalid["of somebody else"] and caller == attacker:
                continue  # his own
            with reverts(ALLOWANCE):
                victim.use(caller, permit)
    now = chain.now()
    expired = world.permit(victim.asset, who, victim.signed, now)
    chain.increase_time(1)
    with reverts("router: deadline passed"):
        victim.use(permit=expired, by=now)
    assert (world.held(who), world.held(attacker)) == before
    victim.use()
    with reverts(ALLOWANCE):
        victim.use()


def _on_chain(world: RouterWorld, victim: Victim, number: int) -> Permit:
    """Signed for another chain."""
    chain = world.chain
    real = chain.__dict__.get("chain_id")
    chain.__dict__["chain_id"] = number
    try:
        return world.permit(victim.asset, victim.who, victim.signed)
    finally:
        chain.__dict__["chain_id"] = real
