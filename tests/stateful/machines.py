# SPDX-License-Identifier: AGPL-3.0-only
"""All state machines by name: `machine(name, chain)` deploys one's world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Given, Plan, deploy_system
from inverse_index.deployment.governance import ANYONE, Governance
from inverse_index.model.system import build_model
from tests.stateful import exchange_rules, oracle_rules
from tests.stateful.aave_people import AaveMachine
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


def bench_on(chain: LocalBackend, plan: Plan, governed: bool) -> Bench:
    """Deployed by the owner, who stays it or hands over to a timelock of 2 days."""
    owner, keeper = chain.accounts[OWNER], chain.accounts[KEEPER]
    governance = Governance(2 * DAY, (owner,), (ANYONE,)) if governed else None
    given = Given(governance=governance, guardian=chain.accounts[GUARDIAN])
    system = deploy_system(chain, plan, owner, given)
    model = build_model(plan, chain.now(), True, system.venue.order)
    return Bench(chain, plan, system, model, owner, keeper, dict(plan.prices))


def made(kind: type[Machine], world: object) -> type[Machine]:
    """A machine class on its own world, with its own tally."""
    return type(kind.__name__, (kind,), {"fresh": world, "tally": Tally()})


def perp(kind: type[PerpMachine], plan: Callable[[], Plan], governed: bool = False) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        bench = bench_on(chain, plan(), governed)
        for i in OTHERS:
            bench.system.collateral.approve(
                bench.system.venue.exchange, 2**256 - 1, sender=chain.accounts[i]
            )
        world = PerpWorld.on(
            bench,
            tuple(chain.accounts[i] for i in HOLDERS),
            tuple(chain.accounts[i] for i in OTHERS),
            chain.accounts[GUARDIAN],
            bench.system.timelock,
        )
        return made(kind, world)

    return make


def aave(plan: Callable[[], Plan], governed: bool = False) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        bench = bench_on(chain, plan(), governed)
        world = TokenWorld.on(
            bench,
            tuple(chain.accounts[i] for i in HOLDERS),
            tuple(chain.accounts[i] for i in OTHERS),
            chain.accounts[GUARDIAN],
            bench.system.timelock,
        )
        return made(AaveMachine, world)

    return make


def exchange(configuration: str) -> Maker:
    return lambda chain: exchange_rules.machine_for(chain, configuration)


def oracle(configuration: str) -> Maker:
    return lambda chain: oracle_rules.machine_for(chain, configuration)


MACHINES: Mapping[str, Maker] = {
    "perp": perp(PerpMachine, lambda: make_plan(1)),
    "perp-3x": perp(PerpMachine, lambda: make_plan(2, 8, 3)),
    "perp-governed": perp(PerpMachine, lambda: make_plan(3, 18), governed=True),
    "perp-crowded": perp(CrowdedPerpMachine, lambda: make_plan(2)),
    "aave": aave(lambda: make_aave_plan(1)),
    "aave-3": aave(lambda: make_aave_plan(3, venue=DIRECT)),
    "aave-2x": aave(lambda: make_aave_plan(2, multiple=2, parameters=TWICE)),
    "aave-governed": aave(lambda: make_aave_plan(2), governed=True),
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
