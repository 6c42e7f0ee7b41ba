# SPDX-License-Identifier: AGPL-3.0-only
"""A token on either vault whose collateral can turn hostile, and every flow of it, on
the chain and in the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Reverted, contract_at
from inverse_index.deployment import deploy_system
from inverse_index.model.system import build_model
from tests.support.constants import DAY, MAX_UINT256
from tests.support.hostile_collateral import hostile_builder
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, SystemShortcuts

UNIT = 10**6
PLANS = {"perp": make_plan, "aave": make_aave_plan}


def deploy_hostile(chain: LocalBackend, owner: str, keeper: str, kind: str) -> SystemHarness:
    """A token on a local venue whose collateral can turn hostile."""
    plan = PLANS[kind](2)
    system = deploy_system(chain, plan, owner, builder=hostile_builder(plan))
    model = build_model(plan, chain.now(), True, system.venue.order)
    return SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))


@dataclass
class HostileHarness(SystemShortcuts):
    """The token, two holders, and the collateral."""

    base: SystemHarness
    holder: str
    other: str

    def turn(self, answer: int = 0, fee_bps: int = 0) -> None:
        self.collateral.set_answer(answer, sender=self.holder)
        self.collateral.set_fee(fee_bps, sender=self.holder)

    def calls(self, target: Contract, name: str, *args: Any, early: bool = False) -> None:
        """From every transfer, after it or before."""
        self.collateral.set_early(early, sender=self.holder)
        data = target.method(name).encode(*args)
        self.collateral.set_callback(target, data, sender=self.holder)

    def money(self, who: str) -> int:
        return int(self.collateral.balanceOf(who))

    def figures(self) -> tuple[Any, ...]:
        """What no refused call may change."""
        harness, holders = self.base, (self.holder, self.other, self.base.owner)
        vault = harness.system.vault
        return (
            harness.token.state(),
            [harness.token.balanceOf(who) for who in holders],
            vault.idle(),
            harness.system.venue.figures(vault),
            [self.money(who) for who in (*holders, vault.address)],
        )

    @contextmanager
    def refuses(self, *reasons: str) -> Iterator[None]:
        before = self.figures()
        try:
            yield
        except Reverted as error:
            assert error.reason in reasons, error
            assert self.figures() == before
            return
        raise AssertionError(f"did not revert, expected {reasons}")


# Every way in and out, waiting and hedged: on the chain and in the model.
Flow = Callable[[HostileHarness], Any]
WAYS_IN: dict[str, Flow] = {
    "deposit": lambda hostile: hostile.base.deposit(100 * UNIT, hostile.holder),
    "hedged deposit": lambda hostile: hostile.base.deposit(20_000 * UNIT, hostile.holder),
    "mint": lambda hostile: hostile.base.mint(10**20, hostile.holder),
    "hedged mint": lambda hostile: hostile.base.mint(2 * 10**22, hostile.holder),
}
WAYS_OUT: dict[str, Flow] = {
    "redeem": lambda hostile: hostile.base.redeem(10**20, hostile.holder),
    "hedged redeem": lambda hostile: hostile.base.redeem(3 * 10**22, hostile.holder),
    "redeem with a bound": lambda hostile: hostile.base.redeem(
        10**22, hostile.holder, min_assets=0
    ),
    "withdraw": lambda hostile: hostile.base.withdraw(100 * UNIT, hostile.holder),
    "hedged withdraw": lambda hostile: hostile.base.withdraw(10_000 * UNIT, hostile.holder),
}


def rebalance(hostile: HostileHarness) -> None:
    hostile.base.chain.increase_time(DAY)
    hostile.base.rebalance()


def everything(hostile: HostileHarness) -> None:
    """Each flow, compared with the model, until nobody is left."""
    for flow in (*WAYS_IN.values(), *WAYS_OUT.values(), rebalance):
        flow(hostile)
        hostile.base.check()
    in_kind(hostile)
    hostile.base.wind_down()
    hostile.base.close()
    hostile.base.withdraw(1_000 * UNIT, hostile.holder)
    for who in (hostile.holder, hostile.other, hostile.base.owner):
        shares = hostile.base.token.balanceOf(who)
        if who == hostile.base.owner:
            hostile.base.token.redeem(shares, who, who, sender=who)
            hostile.base.model.token.redeem(shares, "fee_recipient", hostile.base.now)
        else:
            hostile.base.redeem(shares, who)
        hostile.base.check()
    assert hostile.base.token.totalSupply() == 0


def components(harness: SystemHarness) -> list[Contract]:
    """What the vault borrows."""
    tokens: dict[str, str] = harness.system.venue.tokens  # type: ignore[attr-defined]
    return [contract_at(harness.chain, "LocalCollateral", tokens[s]) for s in harness.plan.symbols]


def in_kind(hostile: HostileHarness) -> None:
    """Where the venue knows it."""
    harness, token = hostile.base, hostile.base.token
    if harness.system.venue.kind == "perp":
        with hostile.refuses("vault: nothing is held in kind"):
            token.redeem_in_kind(
                10**22, hostile.holder, hostile.holder, 0, MAX_UINT256, sender=hostile.holder
            )
        return
    promised, brought = harness.system.lens.in_kind(token, 10**22)
    for component, amount in zip(components(harness), brought, strict=False):
        component.mint(hostile.holder, amount, sender=hostile.holder)
        component.approve(harness.system.vault, amount, sender=hostile.holder)
    had = hostile.money(hostile.holder)
    receipt = token.redeem_in_kind(
        10**22, hostile.holder, hostile.holder, promised, MAX_UINT256, sender=hostile.holder
    )
    paid, _ = harness.model.token.redeem_in_kind(10**22, hostile.holder, receipt.timestamp)
    assert hostile.money(hostile.holder) - had == paid == promised
    harness.check()
