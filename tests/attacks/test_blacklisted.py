# SPDX-License-Identifier: AGPL-3.0-only
"""Someone whom the token would have to pay gets onto USDC's blacklist, on purpose or
not: he stops himself. With Circle's contract."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from inverse_index.chain import LocalBackend, Reverted
from tests.attacks.table import settle
from tests.support.attack_grid import at_prices, attempt
from tests.support.attack_router import UNIT, opened
from tests.support.constants import HOUR
from tests.support.router_harness import RouterHarness
from tests.support.variants import Change, variant

SHARE = 10**18
# Fees sent on as they accrue, and every reward to one account that is known before.
PUSHED = (
    Change(
        "contracts/modules/token/flows.vy",
        "    return streaming_fee._accrue()\n",
        "    supply: uint256 = streaming_fee._accrue()\n"
        "    sent: bool = extcall IERC20(core.ASSET).transfer(streaming_fee._fee().recipient, 0)\n"
        "    return supply\n",
    ),
    Change(
        "contracts/modules/token/rebalance.vy",
        "extcall core.VAULT.pay(receiver, result.reward)",
        "extcall core.VAULT.pay(streaming_fee._fee().recipient, result.reward)",
    ),
    Change(  # room for the first one: nobody here asks for this event
        "contracts/modules/token/admin.vy",
        "    log IInverseIndexToken.ParametersSet(parameters=parameters)\n",
        "",
    ),
)


class Place:
    """A token on Aave whose recipient of fees, guardian and keepers are different
    actors; a rebalance has been due for six hours."""

    def __init__(self, harness: RouterHarness, victim: str, actors: dict[str, str]) -> None:
        self.harness, self.victim = harness, victim
        self.usdc, self.token = harness.tokens["USDC"], harness.token
        self.actors = {**actors, "router": harness.router.address}
        owner = harness.base.owner
        self.token.set_streaming_fee(300_000_000, actors["fee recipient"], sender=owner)
        self.token.set_guardian(actors["guardian"], sender=owner)
        for who in (victim, actors["other holder"]):
            harness.base.fund(who)
            self.token.deposit(50_000 * UNIT, who, sender=who)
        harness.chain.increase_time(30 * HOUR)
        at_prices(harness.base, 980)
        harness.base.system.follow_prices({"C0": 1_960 * 10**8}, owner)

    def kept_from(self, listed: tuple[str, ...], action: str, amount: int) -> int:
        """Collateral of which the victim cannot do as it likes."""
        for name in listed:
            self.usdc.blacklist(self.actors[name], sender=self.harness.base.owner)
        try:
            getattr(self, action)(amount)
        except Reverted:
            return amount * UNIT
        return 0

    def deposit(self, amount: int) -> None:
        self.token.deposit(amount * UNIT, self.victim, sender=self.victim)

    def redeem(self, amount: int) -> None:
        self.token.redeem(amount * SHARE, self.victim, self.victim, sender=self.victim)

    def withdraw(self, amount: int) -> None:
        self.token.withdraw(amount * UNIT, self.victim, self.victim, sender=self.victim)

    def transfer(self, amount: int) -> None:
        self.token.transfer(self.actors["keeper"], amount * SHARE, sender=self.victim)

    def rebalance(self, amount: int) -> None:
        """By another keeper, whose reward is paid."""
        had = self.usdc.balanceOf(self.victim)
        self.token.rebalance(sender=self.victim)
        assert self.usdc.balanceOf(self.victim) >= had

    def wind_down(self, amount: int) -> None:
        """Mints stopped by the owner, the end announced by him, an exit after it."""
        owner = self.harness.base.owner
        self.token.pause_mint(sender=owner)
        self.token.wind_down(sender=owner)
        self.redeem(amount)


ACTIONS = ("deposit", "redeem", "withdraw", "transfer", "rebalance", "wind_down")
ROLES = ("fee recipient", "keeper", "guardian", "router", "other holder")


@pytest.fixture
def actors(fee_recipient: str, keeper: str, guardian: str, second_holder: str) -> dict[str, str]:
    return {
        "fee recipient": fee_recipient,
        "keeper": keeper,
        "guardian": guardian,
        "other holder": second_holder,
    }


def test_nobody_else_is_stopped(
    chain: LocalBackend, owner: str, depositor: str, trader: str, actors: dict[str, str]
) -> None:
    """Each alone, each pair, all at once; small flows and such that trade. [T-ERC-8]"""
    sets = [*combinations(ROLES, 1), *combinations(ROLES, 2), ROLES]
    found: list[list[int | None]] = []
    for off in ((), PUSHED):
        with variant(*off):
            harness = opened(chain, owner, actors["keeper"], depositor, (trader,))
        place: Any = Place(harness, trader, actors)
        found.append(
            [
                attempt(chain, lambda p=place, x=point: p.kept_from(*x))
                for point in product(sets, ACTIONS, (100, 20_000))
            ]
        )
    assert set(found[0]) == {0}
    settle("a place on the blacklist (kept from others)", "Aave", "fees in shares", UNIT, *found)
