# SPDX-License-Identifier: AGPL-3.0-only
"""The arguments of a set, to be changed by tests before they are sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from inverse_index.chain import Contract, Receipt
from inverse_index.deployment import Given
from inverse_index.deployment.deploy import Deployer
from inverse_index.deployment.factory import set_terms
from inverse_index.deployment.venues import KINDS, Site
from tests.support.constants import ZERO
from tests.support.system_harness import SystemHarness


@dataclass
class Order:
    """A set on the venue, collateral and feeds of another one."""

    factory: Contract
    kind: str
    governance: dict[str, Any]
    index: dict[str, Any]
    terms: list[Any]
    configuration: dict[str, Any]

    def oracle(self, salt: bytes, sender: str) -> Any:
        """Timelock and oracle, made."""
        arguments = (salt, self.governance, self.index)
        made = self.factory.deploy_oracle.call(*arguments, sender=sender)
        self.factory.deploy_oracle(*arguments, sender=sender)
        return made

    def finish(self, salt: bytes, oracle: object, sender: str) -> Receipt:
        deploy = self.factory.method(f"deploy_on_{self.kind}")
        receipt: Receipt = deploy(salt, oracle, *self.terms, self.configuration, sender=sender)
        return receipt

    def simulated(self, salt: bytes, oracle: object, sender: str) -> Any:
        deploy = self.factory.method(f"deploy_on_{self.kind}")
        return deploy.call(salt, oracle, *self.terms, self.configuration, sender=sender)

    @property
    def everything(self) -> tuple[Any, ...]:
        """Arguments of `deploy_all_on_aave` after the salt."""
        return (self.governance, self.index, *self.terms, self.configuration)

    def all_at_once(self, salt: bytes, sender: str) -> Receipt:
        receipt: Receipt = self.factory.deploy_all_on_aave(salt, *self.everything, sender=sender)
        return receipt


def order_of(harness: SystemHarness, factory: Contract, given: Given) -> Order:
    """As the harness's own set was ordered."""
    plan, system = harness.plan, harness.system
    site = Site(harness.chain, plan, harness.owner, given, lambda step: None)
    builder = KINDS[plan.venue.kind].builder(site)
    assert given.governance is not None
    oracle = system.oracle
    return Order(
        factory=factory,
        kind=plan.venue.kind,
        governance=asdict(replace(given.governance)),
        index={
            "assets": [oracle.asset(i) for i in range(len(plan.assets))],
            "weights": list(plan.weights),
            "base_level": plan.base_level,
            "collateral_decimals": plan.decimals,
            "parameters": asdict(plan.oracle),
        },
        terms=[*set_terms(builder, system.collateral, system.venue)],
        configuration=Deployer(site, builder).configuration(ZERO, ZERO, ZERO),
    )
