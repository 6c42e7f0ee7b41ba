# SPDX-License-Identifier: AGPL-3.0-only
"""First-depositor inflation: own all shares, make each of them dear, and let the
next depositor's shares be rounded down to less than he has paid.

Two things stand against it. Collateral that is only sent to a contract is not
counted, so on the exchange no share can be made dear at all. On Aave anybody can
supply, or repay, in the vault's name, and that is counted: there the virtual
shares own nearly all of the gift.

The token takes no fees and no spread here: what a victim pays of those goes to
whoever holds shares, and an attack on its rounding must fail without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan
from tests.attacks.table import settle
from tests.support.attack_gifts import AAVE_WAYS, COUNTED_ON_THE_EXCHANGE, WAYS, Give, repay, supply
from tests.support.attack_search import Attempt, Hunt, Point, grid, hunt
from tests.support.plans import PARAMETERS, make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant

NAV = "contracts/modules/token/nav.vy"
NO_VIRTUAL_SHARES = (
    Change(
        NAV,
        "return assets * (supply + virtual * base) // (n + base)",
        "return assets * virtual if supply == 0 else assets * supply // n",
    ),
    Change(
        NAV,
        "return self._div_up(assets * (supply + virtual * base), n + base)",
        "return assets * virtual if supply == 0 else self._div_up(assets * supply, n)",
    ),
    Change(
        NAV,
        "return shares * (n + base) // (supply + virtual * base)",
        "return shares * n // max(supply, 1)",
    ),
    Change(
        NAV,
        "return self._div_up(shares * (n + base), supply + virtual * base)",
        "return shares // virtual if supply == 0 else self._div_up(shares * n, supply)",
    ),
)
# One set of sources for both venues; the exchange's vault is of no matter on Aave.
BARE = (*NO_VIRTUAL_SHARES, *COUNTED_ON_THE_EXCHANGE)
REFUSALS = {"token: zero shares", "token: zero assets"}
FREE: dict[str, Any] = {
    "parameters": replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0),
    "min_spread": 0,
}
ALL = 2**200  # shares
VICTIM = 10_000  # whole units


def inflation(harness: SystemHarness, attacker: str, victim: str, ways: dict[str, Give]) -> Attempt:
    """The attempt: pay a little in, keep few shares of it, give, let the victim in,
    and leave; or leave only after the victim has left."""
    token, collateral = harness.token, harness.system.collateral

    def leave(holder: str) -> None:
        token.redeem(token.balanceOf(holder), holder, holder, 0, sender=holder)

    def attempt(way: str, first: int, keep: int, gift: float, last: bool) -> int:
        start, paid = collateral.balanceOf(attacker), VICTIM * harness.system.unit
        token.deposit(first, attacker, sender=attacker)
        shares = token.balanceOf(attacker)
        if keep < shares:
            token.redeem(shares - keep, attacker, attacker, 0, sender=attacker)
        cost = ways[way](harness, attacker, int(paid * gift))
        token.deposit(paid, victim, sender=victim)
        if last:
            leave(victim)
        leave(attacker)
        return int(collateral.balanceOf(attacker)) - start - cost

    return attempt


def points(ways: dict[str, Give], smallest: int) -> list[Point]:
    """Shares kept: one, a millionth of a whole one, all."""
    return grid(
        way=tuple(ways),
        first=(smallest, 10**6),
        keep=(1, 10**12, ALL),
        gift=(0.0001, 0.3, 0.55, 1.5),
        last=(False, True),
    )


@dataclass
class Arena:
    """Two accounts with money, and tokens that nobody has used yet."""

    chain: LocalBackend
    owner: str
    keeper: str
    attacker: str
    victim: str

    def hunt(self, plan: Plan, ways: dict[str, Give], smallest: int) -> Hunt:
        harness = deploy_harness(self.chain, self.owner, self.keeper, plan)
        for actor in (self.attacker, self.victim):
            harness.fund(actor)
        attempt = inflation(harness, self.attacker, self.victim, ways)
        found = hunt(self.chain, attempt, points(ways, smallest), ("gift",))
        assert set(found.refusals) <= REFUSALS
        return found


@pytest.fixture
def arena(chain: LocalBackend, owner: str, keeper: str, attacker: str, depositor: str) -> Arena:
    return Arena(chain, owner, keeper, attacker, depositor)


@pytest.mark.parametrize("decimals", [6, 18])
def test_on_the_exchange(arena: Arena, decimals: int) -> None:
    plan, smallest = make_plan(decimals=decimals, **FREE), 2 if decimals == 6 else 10**3
    found = arena.hunt(plan, WAYS, smallest)
    with variant(*BARE):
        without = arena.hunt(plan, {"vault": WAYS["vault"]}, smallest)
        uncounted = arena.hunt(plan, {"token": WAYS["token"]}, smallest)
    print(f"\n{decimals} decimals: {found}\nwithout: {without}\nuncounted: {uncounted}")
    settle(
        f"first-depositor inflation, {decimals} decimals",
        "PerpVault",
        "virtual shares and tracked balances",
        10**decimals,
        found.profits,
        without.profits,
    )
    assert uncounted.best is not None and uncounted.best <= 0


def test_virtual_shares_are_enough(arena: Arena) -> None:
    """Also where every balance is counted."""
    with variant(*COUNTED_ON_THE_EXCHANGE):
        found = arena.hunt(make_plan(**FREE), {"vault": WAYS["vault"]}, 2)
    print(f"\nevery balance counted: {found}")
    assert found.best is not None and found.best <= 0


def test_on_aave(arena: Arena) -> None:
    plan = make_aave_plan(**FREE)
    found = arena.hunt(plan, AAVE_WAYS, 100)
    with variant(*BARE):
        without = arena.hunt(plan, {"supplied": supply, "repaid": repay}, 100)
    print(f"\non Aave: {found}\nwithout: {without}")
    settle(
        "first-depositor inflation",
        "AaveVault",
        "virtual shares",
        10**6,
        found.profits,
        without.profits,
    )
