# SPDX-License-Identifier: AGPL-3.0-only
"""A timelock that owns token, oracle and exchange of ten components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.deployment import Given, System, deploy_system
from inverse_index.deployment.governance import Governance, execute, operation, schedule
from tests.support.constants import DAY
from tests.support.plans import make_plan

DELAY = 3 * DAY


@dataclass
class Governed:
    """The system, who proposes, and who carries out."""

    chain: LocalBackend
    system: System
    timelock: Contract
    proposer: str
    executor: str

    def carry_out(self, contract: Contract, function: str, *args: Any) -> Receipt:
        """Announce, wait to the second, execute."""
        wanted = operation(contract, function, *args)
        schedule(self.timelock, wanted, self.proposer)
        self.chain.increase_time(self.timelock.get_minimum_delay())
        return execute(self.timelock, wanted, self.executor)

    def roles(self, *names: str) -> list[bytes]:
        return [self.timelock.method(f"{name}_ROLE")() for name in names]


@pytest.fixture(scope="module")
def governed(chain: LocalBackend, owner: str, trader: str, keeper: str) -> Governed:
    """The trader proposes, only the keeper carries out."""
    governance = Governance(DELAY, (trader,), (keeper,))
    system = deploy_system(chain, make_plan(10), owner, Given(governance=governance))
    assert system.timelock is not None
    return Governed(chain, system, system.timelock, trader, keeper)


@pytest.fixture
def deploy(chain: LocalBackend, owner: str) -> Callable[..., Contract]:
    def make(delay: int, proposers: list[str], executors: list[str]) -> Contract:
        return chain.deploy("Timelock", delay, proposers, executors, sender=owner)

    return make
