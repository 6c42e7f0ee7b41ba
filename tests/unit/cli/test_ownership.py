# SPDX-License-Identifier: AGPL-3.0-only
"""What the deployment says about the owner."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.cli.deploy.summary import GAS_TIMELOCK, owner_gas, owner_line, owner_text
from inverse_index.deployment import Given, deploy_system
from inverse_index.deployment.governance import ANYONE, Governance, days_text
from tests.support.constants import DAY
from tests.support.plans import make_plan


def test_with_a_timelock(chain: LocalBackend, owner: str, trader: str) -> None:
    given = Given(governance=Governance(5 * DAY, (trader,), (ANYONE,)))
    assert owner_text(given) == f"a timelock of 5 days, {trader} propose, anyone executes"
    system = deploy_system(chain, make_plan(), owner, given)
    assert system.timelock is not None
    said = f"owned by the timelock {system.timelock.address}: every change waits 5 days"
    assert owner_line(system, owner) == said
    assert days_text(5 * DAY + 1) == "432,001 seconds"
    assert owner_gas(given) == GAS_TIMELOCK


def test_without(chain: LocalBackend, owner: str, trader: str) -> None:
    assert owner_text(Given()) == "the sender, without a timelock"
    assert owner_gas(Given()) == 0
    system = deploy_system(chain, make_plan(), owner)
    assert owner_line(system, owner) == (
        "you own it, without a timelock: changes take effect at once (docs/governance.md)"
    )
    assert owner_text(Given(owner=trader)) == trader
    other = deploy_system(chain, make_plan(), owner, Given(owner=trader))
    assert (other.token.owner(), other.oracle.owner()) == (trader, trader)
    assert owner_line(other, owner) == (
        f"owned by {trader}: whether changes wait is up to that account"
    )
