# SPDX-License-Identifier: AGPL-3.0-only
"""The harness of the tour: a token with a timelock for its owner, and its actors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..artifacts import project_root
from ..chain import Contract, LocalBackend, Receipt, contract_at
from ..config import choose_deployment, load_index, with_index
from ..deployment import Given, Plan, System, deploy_system
from ..deployment.governance import Governance, Operation, execute, operation, schedule
from ..model.fixed import BPS, WAD
from ..model.token.modes import Mode
from ..plan.deployment import plan_deployment
from ..prices.start_prices import start_prices

DAY = 86_400
DELAY = 2 * DAY
MAX = 2**256 - 1
INDEX = "configs/indices/five.yaml"
ROLES = (
    "deployer",
    "proposer",
    "guardian",
    "fee recipient",
    "holder",
    "second holder",
    "keeper",
    "stranger",
    "trader",
    "liquidator",
)
FUNDING = 10**9  # whole collateral
MOST_PREMIUM_BPS = 145
PAID_IN = {"holder": 3_000_000, "second holder": 1_000_000}


@dataclass
class Harness:
    """One token on one chain, two holders in it; time moves when told to."""

    chain: LocalBackend
    plan: Plan
    system: System
    timelock: Contract
    who: dict[str, str]
    prices: dict[str, int]

    @property
    def token(self) -> Contract:
        return self.system.token

    @property
    def oracle(self) -> Contract:
        return self.system.oracle

    @property
    def is_perp(self) -> bool:
        return self.system.venue.kind == "perp"

    @property
    def exchange(self) -> Any:
        """The embedded venue's contract."""
        return self.system.venue.exchange  # type: ignore[attr-defined]

    @property
    def unit(self) -> int:
        return self.system.unit

    @property
    def mode(self) -> Mode:
        return Mode(self.token.state().mode)

    # time and prices

    def wait(self, seconds: int, follow: bool = True) -> None:
        """Let time pass; the feeds go on with the same prices, and the venue's own
        market with them unless it must not follow."""
        self.chain.increase_time(seconds)
        self.post(follow)

    def silence(self, seconds: int) -> None:
        """Let time pass in which no feed says anything."""
        self.chain.increase_time(seconds)

    def post(self, follow: bool = True) -> None:
        """Prices as they are; the venue's own market goes to them, or stays."""
        self.system.post_prices(self.prices, self.who["deployer"])
        if follow:
            self.system.follow_prices(self.prices, self.who["deployer"])

    def move(self, percent: float, follow: bool = True) -> None:
        """All components by so many percent."""
        factor = round((100 + percent) * 10**6)
        for symbol in self.plan.symbols:
            self.prices[symbol] = self.prices[symbol] * factor // 10**8
        self.post(follow)

    def dislocate(self, bps: int = 145) -> None:
        """Closing costs about so much from now on: the pools stay above the feeds,
        or longs crowd the exchange, as far as it lets them."""
        if not self.is_perp:
            self.move(-bps / 100, follow=False)
            return
        trader, report = self.who["trader"], self.system.report()
        orders = []
        for i, short in enumerate(report.held.shorts[: len(self.plan.symbols)]):
            # Closing all of the short then begins and ends around this premium.
            premium = self.exchange.market(i).skew_scale * min(bps, MOST_PREMIUM_BPS) // BPS
            orders.append((i, premium + short // 2, MAX))
        pool = self.system.venue.pool  # type: ignore[attr-defined]
        for spender in (self.exchange, pool):
            self.system.collateral.approve(spender, MAX, sender=trader)
        pool.requestDeposit(20_000_000 * self.unit, trader, trader, sender=trader)
        self.wait(pool.REQUEST_DELAY(), follow=False)
        pool.deposit(20_000_000 * self.unit, trader, sender=trader)
        self.exchange.deposit(20_000_000 * self.unit, sender=trader)
        self.exchange.trade(orders, sender=trader)

    def closing_cost_bps(self) -> float:
        """What closing a twentieth of the shorts would cost now, of its worth."""
        held, mid = self.system.report().held.shorts, self.system.report().prices.mid
        left = [short - short // 20 for short in held]
        cost, exact = self.system.vault.quote(left, mid, 0)
        assert exact
        closed = sum((h - x) * m for h, x, m in zip(held, left, mid, strict=True))
        return part_bps(cost * 10 ** (36 - self.system.decimals), closed)

    # the actors

    def shares(self, role: str) -> int:
        return int(self.token.balanceOf(self.who[role]))

    def balance(self, role: str) -> int:
        """Collateral."""
        return int(self.system.collateral.balanceOf(self.who[role]))

    def deposit(self, role: str, whole: int) -> Receipt:
        who = self.who[role]
        return self.sent(role, self.token, "deposit", whole * self.unit, who)

    def redeem(self, role: str, shares: int, *bound: int) -> Receipt:
        who = self.who[role]
        return self.sent(role, self.token, "redeem", shares, who, who, *bound)

    def withdraw(self, role: str, whole: int) -> Receipt:
        who = self.who[role]
        return self.sent(role, self.token, "withdraw", whole * self.unit, who, who)

    def redeem_in_kind(self, role: str, shares: int) -> Receipt:
        """The holder brings the components, where there are any to bring."""
        who = self.who[role]
        if not self.is_perp:
            for symbol in self.plan.symbols:
                address = self.system.venue.tokens[symbol]  # type: ignore[attr-defined]
                component = contract_at(self.chain, "LocalCollateral", address)
                component.mint(who, 10**30, sender=who)
                component.approve(self.system.vault, MAX, sender=who)
        return self.sent(role, self.token, "redeem_in_kind", shares, who, who, 0, self.chain.now())

    def rebalance(self, role: str = "keeper") -> Receipt:
        return self.sent(role, self.token, "rebalance", self.who[role])

    def sent(self, role: str, contract: Contract, function: str, *args: Any) -> Receipt:
        receipt: Receipt = contract.method(function)(*args, sender=self.who[role])
        return receipt

    # the timelock

    def announce(self, contract: Contract, function: str, *args: Any) -> Operation:
        wanted = operation(contract, function, *args, salt=self._salt())
        schedule(self.timelock, wanted, self.who["proposer"])
        return wanted

    def execute(self, wanted: Operation, role: str = "stranger") -> Receipt:
        return execute(self.timelock, wanted, self.who[role])

    def decree(self, contract: Contract, function: str, *args: Any) -> Receipt:
        """Announced, waited for, done."""
        wanted = self.announce(contract, function, *args)
        self.wait(DELAY)
        return self.execute(wanted)

    def _salt(self) -> bytes:
        return self.chain.block_number().to_bytes(32, "big")

    # texts

    def money(self, amount: int) -> str:
        return f"{amount / self.unit:,.2f} {self.system.collateral_symbol}"


def build_harness(chain: LocalBackend, venue: str) -> Harness:
    """Deploy the venue's local deployment with five components and governance;
    two holders pay in."""
    who = dict(zip(ROLES, chain.accounts, strict=False))
    file = choose_deployment(None, venue)
    path = project_root() / INDEX
    file = with_index(file, load_index(path), str(path))
    plan = replace(plan_deployment(file, start_prices(file, None)), name=f"tour-{venue}")
    given = Given(
        guardian=who["guardian"],
        fee_recipient=who["fee recipient"],
        governance=Governance(DELAY, (who["proposer"],)),
    )
    chain.set_next_timestamp(chain.now() // DAY * DAY + DAY + 3_600)
    system = deploy_system(chain, plan, who["deployer"], given)
    assert system.timelock is not None
    harness = Harness(chain, plan, system, system.timelock, who, dict(plan.prices))
    for role in ("holder", "second holder", "stranger", "trader"):
        system.give(who[role], FUNDING * harness.unit)
        system.collateral.approve(system.token, MAX, sender=who[role])
    for role, whole in PAID_IN.items():
        harness.deposit(role, whole)
    return harness


def part_bps(part: int, whole: int) -> float:
    """Basis points."""
    return part * BPS / whole


def per_share(harness: Harness) -> int:
    """WAD collateral a share at mid prices, the reserve not counted."""
    report = harness.system.report()
    return int(report.mid * WAD * WAD // (report.state.supply * harness.unit))
