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
from tests.support.attack_grid import attempt
from tests.support.attack_router import UNIT, opened, without
from tests.support.constants import MAX_UINT256
from tests.support.router_harness import RouterHarness
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
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str, attacker: str
) -> RouterHarness:
    return opened(chain, owner, keeper, depositor, (trader, attacker))


class Victim:
    """Signs for one entry and uses it."""

    def __init__(self, harness: RouterHarness, entry: str, size: int, who: str) -> None:
        self.harness, self.entry, self.who = harness, entry, who
        self.asset = "USDC" if entry in ("deposit", "mint") else "shares"
        self.amount = size * (UNIT if entry == "deposit" else SHARE)
        self.signed = self.amount
        if entry == "mint":
            self.signed = harness.token.previewMint(self.amount)
        self.permit = harness.permit(self.asset, who, self.signed)

    def use(
        self, sender: str | None = None, permit: Permit | None = None, by: int = MAX_UINT256
    ) -> Any:
        harness, sender = self.harness, sender or self.who
        permit = permit or self.permit
        path = [harness.path("WETH")] if self.entry in ("redeem_and_swap", "redeem_eth") else []
        bound = self.signed if self.entry == "mint" else 0
        args = (harness.token, *path, self.amount, sender, bound, by, permit)
        return harness.router.method(self.entry)(*args, sender=sender)

    def contract(self) -> Any:
        return self.harness.token if self.asset == "shares" else self.harness.tokens["USDC"]

    def submit(self, sender: str) -> None:
        p = self.permit
        args = (self.who, self.harness.router, self.signed, MAX_UINT256, p.v, p.r, p.s)
        self.contract().permit(*args, sender=sender)

    def worth(self) -> int:
        """Collateral at stake."""
        if self.entry == "deposit":
            return self.amount
        return int(self.harness.token.convertToAssets(self.amount))


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
    harness: RouterHarness, depositor: str, trader: str, attacker: str
) -> None:
    """What the attacker keeps the victim from, in collateral: nothing. A router that
    insists on the signature is stopped by whoever uses it first."""

    def kept_from(harness: RouterHarness, entry: str, size: int, move: Any) -> int:
        who = trader if entry in ("deposit", "mint") else depositor
        victim = Victim(harness, entry, size, who)
        at_stake, before = victim.worth(), harness.held(attacker)
        move(victim, attacker)
        stopped = 0
        try:
            victim.use()
        except Reverted:
            stopped = at_stake
        assert harness.held(attacker) == before
        return stopped

    found = [
        [
            attempt(harness.chain, lambda r=routed, e=entry, s=size, m=move: kept_from(r, e, s, m))
            for entry, size, move in product(ENTRIES, SIZES, MOVES)
        ]
        for routed in (harness, without(harness, STRICT))
    ]
    assert set(found[0]) == {0}
    settle("a permit used first (kept from its owner)", "router", "a permit may fail", UNIT, *found)


@pytest.mark.parametrize("entry", ENTRIES)
def test_of_another_time_place_or_purpose(
    harness: RouterHarness, depositor: str, trader: str, attacker: str, entry: str
) -> None:
    """Used up, expired, of another chain, number, spender or amount: for nobody, not
    even for its owner. [R-4, R-5]"""
    chain, who = harness.chain, trader if entry in ("deposit", "mint") else depositor
    victim = Victim(harness, entry, 100, who)
    elsewhere = without(harness)
    elsewhere.approve(victim.asset, attacker)
    invalid = {
        "of another deadline": harness.permit(victim.asset, who, victim.signed, MAX_UINT256 - 1),
        "of another number": harness.permit(victim.asset, who, victim.signed, nonce=9),
        "of another amount": harness.permit(victim.asset, who, victim.signed - 1),
        "for another router": elsewhere.permit(victim.asset, who, victim.signed),
        "of another chain": _on_chain(harness, victim, 1),
        "of somebody else": harness.permit(victim.asset, attacker, victim.signed),
    }
    before = (harness.held(who), harness.held(attacker))
    for permit in invalid.values():
        for caller in (who, attacker):
            if permit is invalid["of somebody else"] and caller == attacker:
                continue  # his own
            with reverts(ALLOWANCE):
                victim.use(caller, permit)
    now = chain.now()
    expired = harness.permit(victim.asset, who, victim.signed, now)
    chain.increase_time(1)
    with reverts("router: deadline passed"):
        victim.use(permit=expired, by=now)
    assert (harness.held(who), harness.held(attacker)) == before
    victim.use()
    with reverts(ALLOWANCE):
        victim.use()


def _on_chain(harness: RouterHarness, victim: Victim, number: int) -> Permit:
    """Signed for another chain."""
    chain = harness.chain
    real = chain.__dict__.get("chain_id")
    chain.__dict__["chain_id"] = number
    try:
        return harness.permit(victim.asset, victim.who, victim.signed)
    finally:
        chain.__dict__["chain_id"] = real
