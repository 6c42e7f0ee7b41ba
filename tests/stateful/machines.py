# SPDX-License-Identifier: AGPL-3.0-only
"""All state machines by name: `machine(name, chain)` deploys one's world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Given, Plan, deploy_system
from inverse_index.deployment.governance import ANYONE, Governance
from inverse_index.model.system import build_model
from tests.hostile_collateral import hostile_builder
from tests.stateful import exchange_rules, oracle_rules
from tests.stateful.aave_people import AaveMachine
from tests.stateful.hostility import HostileAaveMachine, HostilePerpMachine
from tests.stateful.machine import Machine, Tally
from tests.stateful.perp_people import CrowdedPerpMachine, PerpMachine, PerpWorld
from tests.stateful.world import TokenWorld
from tests.systems import PARAMETERS, Bench, make_aave_plan, make_plan

DAY = 86_400
# Components of different decimals and pool fees.
DIRECT = {
    "components": {"C1": {"decimals": "8", "fee_bps": "30"}, "C2": {"fee_bps": "1"}},
    "max_trade": "30000",
}
TWICE = replace(PARAMETERS, emergency_bps=26_000)
OWNER, KEEPER, GUARDIAN = 0, 4, 1
HOLDERS, OTHERS = (2, 3, 5), (6, 7)
Maker = Callable[[LocalBackend], type[Machine]]


@dataclass(frozen=True)
class Deployed:
    """How a token's world is deployed. governed: its owner hands over to a timelock of
    2 days; hostile: its collateral can turn hostile, and is a holder itself."""

    governed: bool = False
    hostile: bool = False


def bench_on(chain: LocalBackend, plan: Plan, how: Deployed) -> Bench:
    """Deployed by the owner."""
    owner, keeper = chain.accounts[OWNER], chain.accounts[KEEPER]
    governance = Governance(2 * DAY, (owner,), (ANYONE,)) if how.governed else None
    builder = hostile_builder(plan) if how.hostile else None
    given = Given(governance=governance, guardian=chain.accounts[GUARDIAN])
    system = deploy_system(chain, plan, owner, given, builder=builder)
    model = build_model(plan, chain.now(), True, system.venue.order)
    return Bench(chain, plan, system, model, owner, keeper, dict(plan.prices))


def made(kind: type[Machine], world: object) -> type[Machine]:
    """A machine class on its own world, with its own tally."""
    return type(kind.__name__, (kind,), {"fresh": world, "tally": Tally()})


def world_on(bench: Bench, kind: type[TokenWorld], hostile: bool) -> TokenWorld:
    """Everybody in it funded; hostile collateral is the last holder."""
    chain, accounts = bench.chain, bench.chain.accounts
    holders = tuple(accounts[i] for i in HOLDERS)
    if hostile:
        holders += (chain.impersonate(bench.system.collateral.address),)
    others = tuple(accounts[i] for i in OTHERS)
    return kind.on(bench, holders, others, accounts[GUARDIAN], bench.system.timelock)


def perp(kind: type[PerpMachine], plan: Callable[[], Plan], how: Deployed = Deployed()) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        bench = bench_on(chain, plan(), how)
        for i in OTHERS:
            for spender in (bench.system.venue.exchange, bench.system.venue.pool):
                bench.system.collateral.approve(spender, 2**256 - 1, sender=chain.accounts[i])
        return made(kind, world_on(bench, PerpWorld, how.hostile))

    return make


def aave(kind: type[AaveMachine], plan: Callable[[], Plan], how: Deployed = Deployed()) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        return made(kind, world_on(bench_on(chain, plan(), how), TokenWorld, how.hostile))

    return make


def exchange(configuration: str) -> Maker:
    return lambda chain: exchange_rules.machine_for(chain, configuration)


def oracle(configuration: str) -> Maker:
    return lambda chain: oracle_rules.machine_for(chain, configuration)


MACHINES: Mapping[str, Maker] = {
    "perp": perp(PerpMachine, lambda: make_plan(1)),
    "perp-3x": perp(PerpMachine, lambda: make_plan(2, 8, 3)),
    "perp-governed": perp(PerpMachine, lambda: make_plan(3, 18), Deployed(governed=True)),
    "perp-crowded": perp(CrowdedPerpMachine, lambda: make_plan(2)),
    "perp-hostile": perp(HostilePerpMachine, lambda: make_plan(2), Deployed(hostile=True)),
    "aave": aave(AaveMachine, lambda: make_aave_plan(1)),
    "aave-3": aave(AaveMachine, lambda: make_aave_plan(3, venue=DIRECT)),
    "aave-2x": aave(AaveMachine, lambda: make_aave_plan(2, multiple=2, parameters=TWICE)),
    "aave-governed": aave(AaveMachine, lambda: make_aave_plan(2), Deployed(governed=True)),
    "aave-hostile": aave(HostileAaveMachine, lambda: make_aave_plan(2), Deployed(hostile=True)),
    "exchange-6": exchange("6 decimals"),
    "exchange-8": exchange("8 decimals"),
    "exchange-18": exchange("18 decimals"),
    "oracle": oracle("a sequencer"),
    "oracle-odd": oracle("odd parameters"),
    "oracle-primaries": oracle("nothing but primaries"),
}


def machine(name: str, chain: LocalBackend) -> type[Machine]:
    """The machine, its world deployed on the chain."""
    return MACHINES[name](chain)
