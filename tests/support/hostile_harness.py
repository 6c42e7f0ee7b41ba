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
from tests.support.hostile_collateral import hostile_builder
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import Bench, OnBench

UNIT = 10**6
NEVER = 2**256 - 1
DAY = 86_400
PLANS = {"perp": make_plan, "aave": make_aave_plan}


def deploy_hostile(chain: LocalBackend, owner: str, keeper: str, kind: str) -> Bench:
    """A token on a local venue whose collateral can turn hostile."""
    plan = PLANS[kind](2)
    system = deploy_system(chain, plan, owner, builder=hostile_builder(plan))
    model = build_model(plan, chain.now(), True, system.venue.order)
    return Bench(chain, plan, system, model, owner, keeper, dict(plan.prices))


@dataclass
class Hostile(OnBench):
    """The token, two holders, and the collateral."""

    bench: Bench
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
        bench, holders = self.bench, (self.holder, self.other, self.bench.owner)
        vault = bench.system.vault
        return (
            bench.token.state(),
            [bench.token.balanceOf(who) for who in holders],
            vault.idle(),
            bench.system.venue.figures(vault),
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
Flow = Callable[[Hostile], Any]
WAYS_IN: dict[str, Flow] = {
    "deposit": lambda h: h.bench.deposit(100 * UNIT, h.holder),
    "hedged deposit": lambda h: h.bench.deposit(20_000 * UNIT, h.holder),
    "mint": lambda h: h.bench.mint(10**20, h.holder),
    "hedged mint": lambda h: h.bench.mint(2 * 10**22, h.holder),
}
WAYS_OUT: dict[str, Flow] = {
    "redeem": lambda h: h.bench.redeem(10**20, h.holder),
    "hedged redeem": lambda h: h.bench.redeem(3 * 10**22, h.holder),
    "redeem with a bound": lambda h: h.bench.redeem(10**22, h.holder, min_assets=0),
    "withdraw": lambda h: h.bench.withdraw(100 * UNIT, h.holder),
    "hedged withdraw": lambda h: h.bench.withdraw(10_000 * UNIT, h.holder),
}


def rebalance(h: Hostile) -> None:
    h.bench.chain.increase_time(DAY)
    h.bench.rebalance()


def everything(h: Hostile) -> None:
    """Each flow, compared with the model, until nobody is left."""
    for flow in (*WAYS_IN.values(), *WAYS_OUT.values(), rebalance):
        flow(h)
        h.bench.check()
    in_kind(h)
    h.bench.wind_down()
    h.bench.close()
    h.bench.withdraw(1_000 * UNIT, h.holder)
    for who in (h.holder, h.other, h.bench.owner):
        shares = h.bench.token.balanceOf(who)
        if who == h.bench.owner:
            h.bench.token.redeem(shares, who, who, sender=who)
            h.bench.model.token.redeem(shares, "fee_recipient", h.bench.now)
        else:
            h.bench.redeem(shares, who)
        h.bench.check()
    assert h.bench.token.totalSupply() == 0


def components(bench: Bench) -> list[Contract]:
    """What the vault borrows."""
    tokens: dict[str, str] = bench.system.venue.tokens  # type: ignore[attr-defined]
    return [contract_at(bench.chain, "LocalCollateral", tokens[s]) for s in bench.plan.symbols]


def in_kind(h: Hostile) -> None:
    """Where the venue knows it."""
    bench, token = h.bench, h.bench.token
    if bench.system.venue.kind == "perp":
        with h.refuses("vault: nothing is held in kind"):
            token.redeem_in_kind(10**22, h.holder, h.holder, 0, NEVER, sender=h.holder)
        return
    promised, brought = bench.system.lens.in_kind(token, 10**22)
    for component, amount in zip(components(bench), brought, strict=False):
        component.mint(h.holder, amount, sender=h.holder)
        component.approve(bench.system.vault, amount, sender=h.holder)
    had = h.money(h.holder)
    receipt = token.redeem_in_kind(10**22, h.holder, h.holder, promised, NEVER, sender=h.holder)
    paid, _ = bench.model.token.redeem_in_kind(10**22, h.holder, receipt.timestamp)
    assert h.money(h.holder) - had == paid == promised
    bench.check()
