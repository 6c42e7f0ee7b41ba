# SPDX-License-Identifier: AGPL-3.0-only
"""A history on a chain: every call of the model's, by the same actors at the same times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Reverted, contract_at
from inverse_index.deployment import Given, deploy_system
from inverse_index.deployment.system import System
from inverse_index.model.system import FEE_RECIPIENT
from inverse_index.model.token.modes import Mode
from tests.search.climb import Find
from tests.search.genes import ATTACKERS
from tests.search.scenarios import Scenario
from tests.search.scoring import Judge
from tests.search.simulation import Call, Simulation
from tests.search.stuck import CAP_TIMES, ENDED, OVER_CAP
from tests.support.constants import MAX_UINT256, START

PLENTY = 10**15  # whole units for everybody
NAMES = (*ATTACKERS, "victim", "holder", "newcomer", "keeper", "trader")


@dataclass(frozen=True)
class Confirmed:
    """differs: accounts whose collateral is not what the model says, and by how much,
    native. profit: of the attacker's collateral alone, whole units. broken: why the
    last call is refused. mode, value: of the token at the end, value in native units."""

    profit: float
    differs: dict[str, int]
    broken: str
    mode: int
    value: int


class Chain:
    """A deployed scenario with everybody funded."""

    def __init__(self, chain: LocalBackend, scenario: Scenario) -> None:
        self.chain, self.plan = chain, scenario.plan
        self.owner = chain.accounts[0]
        self.now = chain.now()
        if self.now != START:
            raise ValueError(f"the chain is at {self.now}, expected {START}")
        given = Given(secondaries=scenario.secondaries)
        self.system: System = deploy_system(chain, scenario.plan, self.owner, given)
        self.accounts = dict(zip(NAMES, chain.accounts[1:], strict=False))
        self.accounts |= {"owner": self.owner, FEE_RECIPIENT: self.owner}
        self.makers: dict[str, Contract] = {}
        for name in NAMES:
            self.fund(self.accounts[name])

    @property
    def exchange(self) -> Any:
        return getattr(self.system.venue, "exchange", None)

    def fund(self, account: str) -> None:
        system = self.system
        system.give(account, PLENTY * system.unit)
        spenders = [system.token]
        if self.exchange is not None:
            spenders += [self.exchange, self.system.venue.pool]
        for spender in spenders:
            system.collateral.approve(spender, MAX_UINT256, sender=account)

    def component(self, symbol: str) -> Contract:
        return contract_at(self.chain, "LocalCollateral", self.system.venue.tokens[symbol])

    def maker(self, name: str) -> Contract:
        """The contract through which somebody swaps."""
        if name not in self.makers:
            account = self.accounts[name]
            made = self.chain.deploy("MarketMaker", sender=account)
            self.system.give(made.address, PLENTY * self.system.unit)
            for symbol in self.system.venue.symbols:
                self.component(symbol).mint(made.address, 10**33, sender=account)
            self.makers[name] = made
        return self.makers[name]

    def money(self, name: str) -> int:
        """Gained since the start, native."""
        balance = self.system.collateral.balanceOf
        plenty = PLENTY * self.system.unit
        total = balance(self.accounts[name]) - plenty
        if name in self.makers:
            total += balance(self.makers[name]) - plenty
        return int(total)

    def at(self, time: int) -> None:
        if time > self.now:
            self.now = time
            self.chain.set_next_timestamp(time)
            self.chain.mine()

    def do(self, call: Call) -> None:
        self.at(call.at)
        sender = self.accounts[call.who]
        token, args = self.system.token, call.args
        kind = call.kind
        if kind in ("deposit", "mint"):
            token.method(kind)(args[0], sender, sender=sender)
        elif kind in ("withdraw", "redeem"):
            token.method(kind)(args[0], sender, sender, *args[1:], sender=sender)
        elif kind == "redeem_in_kind":
            self.in_kind(args[0], sender)
        elif kind == "transfer":
            token.transfer(self.accounts[args[0]], args[1], sender=sender)
        elif kind in ("rebalance", "accrue_fee", "wind_down"):
            token.method(kind)(sender=sender)
        elif kind == "report_unusable":
            self.system.oracle.report_unusable(sender=sender)
        elif kind == "post":
            self.system.post_prices(args[0], self.owner)
        elif kind == "follow":
            self.system.follow_prices(args[0], self.owner)
        else:
            self.at_venue(kind, args, call.who)

    def at_venue(self, kind: str, args: tuple[Any, ...], name: str) -> None:
        sender, venue = self.accounts[name], self.system.venue
        if kind == "swap":
            symbol, down, amount, limit = args
            self.maker(name).swap(venue.pools[symbol], down, amount, limit, sender=sender)
            return
        if kind == "liquidate" and args[0] == "aave":
            venue.liquidate(args[1], self.system.vault, self.owner)
            return
        exchange, pool = self.exchange, venue.pool
        if kind == "add_margin":
            exchange.deposit(args[0], sender=sender)
        elif kind == "take_margin":
            exchange.withdraw(args[0], sender, sender=sender)
        elif kind == "trade":
            exchange.trade([args], sender=sender)
        elif kind == "ask_in":
            pool.requestDeposit(args[0], sender, sender, sender=sender)
        elif kind == "claim_in":
            pool.deposit(args[0], sender, sender=sender)
        elif kind == "cancel":
            pool.cancel_deposit(sender, sender=sender)
        elif kind == "ask_out":
            pool.requestRedeem(args[0], sender, sender, sender=sender)
        elif kind == "claim_out":
            pool.redeem(args[0], sender, sender, sender=sender)
        elif kind == "liquidate":
            account = self.system.vault if args[0] == "vault" else self.accounts[args[0]]
            exchange.liquidate(account, sender, sender=sender)
        else:
            raise ValueError(f"no call {kind}")

    def in_kind(self, shares: int, sender: str) -> None:
        paid, brought = self.system.lens.in_kind(self.system.token, shares)
        for symbol, amount in zip(self.plan.symbols, brought, strict=False):
            token = self.component(symbol)
            token.mint(sender, amount, sender=sender)
            token.approve(self.system.vault, MAX_UINT256, sender=sender)
        self.system.token.redeem_in_kind(shares, sender, sender, paid, MAX_UINT256, sender=sender)


def confirm(chain: LocalBackend, scenario: Scenario, find: Find) -> Confirmed:
    """Carry the find out on a fresh deployment, and undo it."""
    snapshot = chain.snapshot()
    try:
        made = Chain(chain, scenario)
        found = Judge(scenario, made.system.venue.order).run(find.genes, closely=True)
        simulation = found.stuck.get(find.cause, found.simulation)
        assert simulation is not None
        return carried_out(made, simulation, find.cause in found.stuck)
    finally:
        chain.revert(snapshot)


def carried_out(made: Chain, simulation: Simulation, stuck: bool) -> Confirmed:
    """stuck: the last refusal or error is what was found."""
    for call in simulation.calls:
        made.do(call)
    names = {call.who for call in simulation.calls} & set(NAMES)
    differs = {name: made.money(name) - simulation.money[name] for name in names}
    differs = {name: each for name, each in differs.items() if each}
    last = [call for _, call in simulation.errors] or [simulation.refused]
    broken = refusal(made, last[0]) if stuck and last[0] is not None else ""
    profit = sum(made.money(name) for name in ATTACKERS) / made.system.unit
    report = made.system.report()
    return Confirmed(profit, differs, broken, int(report.state.mode), int(report.mid))


def refusal(made: Chain, call: Call) -> str:
    """Why the chain refuses what the model does not get done either; nothing if it
    does not."""
    try:
        made.do(call)
    except Reverted as refused:
        return refused.reason or "without a reason"
    return ""


def holds(found: Confirmed, find: Find, scenario: Scenario) -> bool:
    """Whether the chain shows what was found."""
    if find.cause == ENDED:
        return found.mode == Mode.WINDING_DOWN
    if find.cause == OVER_CAP:
        return found.value > CAP_TIMES * scenario.cap
    if find.is_profit:
        return not found.differs and found.profit > 0
    return bool(found.broken)
