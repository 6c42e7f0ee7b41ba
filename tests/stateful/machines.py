# SPDX-License-Identifier: AGPL-3.0-only
"""All state machines by name: `machine(name, chain)` deploys one's harness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Given, Plan, deploy_system
from inverse_index.deployment.governance import ANYONE, Governance
from inverse_index.model.fixed import WAD
from inverse_index.model.system import build_model
from tests.stateful import exchange_rules, oracle_rules
from tests.stateful.aave_machine import AaveMachine
from tests.stateful.extremes import ExtremeAaveMachine, ExtremePerpMachine
from tests.stateful.hostility import HostileAaveMachine, HostilePerpMachine
from tests.stateful.machine import Machine, Tally
from tests.stateful.perp_machine import CrowdedPerpMachine, PerpMachine, PerpTokenHarness
from tests.support.constants import DAY, MAX_UINT256
from tests.support.hostile_collateral import hostile_builder
from tests.support.plans import PARAMETERS, make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness
from tests.support.token_harness import TokenHarness

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
    """How a token's harness is deployed. governed: its owner hands over to a timelock of
    2 days; hostile: its collateral can turn hostile, and is a holder itself."""

    governed: bool = False
    hostile: bool = False


def deployed_on(chain: LocalBackend, plan: Plan, how: Deployed) -> SystemHarness:
    """Deployed by the owner."""
    owner, keeper = chain.accounts[OWNER], chain.accounts[KEEPER]
    governance = Governance(2 * DAY, (owner,), (ANYONE,)) if how.governed else None
    builder = hostile_builder(plan) if how.hostile else None
    given = Given(governance=governance, guardian=chain.accounts[GUARDIAN])
    system = deploy_system(chain, plan, owner, given, builder=builder)
    model = build_model(plan, chain.now(), True, system.venue.order)
    return SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))


def made(kind: type[Machine], harness: object) -> type[Machine]:
    """A machine class on its own harness, with its own tally."""
    return type(kind.__name__, (kind,), {"fresh": harness, "tally": Tally()})


def harness_on(base: SystemHarness, kind: type[TokenHarness], hostile: bool) -> TokenHarness:
    """Everybody in it funded; hostile collateral is the last holder."""
    chain, accounts = base.chain, base.chain.accounts
    holders = tuple(accounts[i] for i in HOLDERS)
    if hostile:
        holders += (chain.impersonate(base.system.collateral.address),)
    others = tuple(accounts[i] for i in OTHERS)
    return kind.on(base, holders, others, accounts[GUARDIAN], base.system.timelock)


def perp(kind: type[PerpMachine], plan: Callable[[], Plan], how: Deployed = Deployed()) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        base = deployed_on(chain, plan(), how)
        for i in OTHERS:
            for spender in (base.system.venue.exchange, base.system.venue.pool):
                base.system.collateral.approve(spender, MAX_UINT256, sender=chain.accounts[i])
        return made(kind, harness_on(base, PerpTokenHarness, how.hostile))

    return make


def aave(kind: type[AaveMachine], plan: Callable[[], Plan], how: Deployed = Deployed()) -> Maker:
    def make(chain: LocalBackend) -> type[Machine]:
        return made(kind, harness_on(deployed_on(chain, plan(), how), TokenHarness, how.hostile))

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
    "perp-chunks": perp(PerpMachine, lambda: make_plan(1, max_trade=(3 * WAD,))),
    "aave": aave(AaveMachine, lambda: make_aave_plan(1)),
    "aave-chunks": aave(AaveMachine, lambda: make_aave_plan(2, venue={"max_trade": "1000"})),
    "aave-3": aave(AaveMachine, lambda: make_aave_plan(3, venue=DIRECT)),
    "aave-2x": aave(AaveMachine, lambda: make_aave_plan(2, multiple=2, parameters=TWICE)),
    "aave-governed": aave(AaveMachine, lambda: make_aave_plan(2), Deployed(governed=True)),
    "aave-hostile": aave(HostileAaveMachine, lambda: make_aave_plan(2), Deployed(hostile=True)),
    "perp-extreme": perp(ExtremePerpMachine, lambda: make_plan(1)),
    "perp-extreme-0": perp(ExtremePerpMachine, lambda: make_plan(1, 0)),
    "perp-extreme-13": perp(ExtremePerpMachine, lambda: make_plan(2, 13, 2)),
    "aave-extreme-18": aave(ExtremeAaveMachine, lambda: make_aave_plan(1, 18)),
    "exchange-6": exchange("6 decimals"),
    "exchange-8": exchange("8 decimals"),
    "exchange-18": exchange("18 decimals"),
    "oracle": oracle("a sequencer"),
    "oracle-odd": oracle("odd parameters"),
    "oracle-primaries": oracle("nothing but primaries"),
}


def machine(name: str, chain: LocalBackend) -> type[Machine]:
    """The machine, its harness deployed on the chain."""
    return MACHINES[name](chain)
