# SPDX-License-Identifier: AGPL-3.0-only
"""One system of each kind for the whole suite, a fresh model for each test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan
from inverse_index.model.system import build_model
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.vault_harness import VaultHarness

# Of different decimals, fees and directions.
DIRECT = {"components": {"C1": {"decimals": "8", "fee_bps": "30"}, "C2": {"fee_bps": "1"}}}
# C0 and C2 lead through C1: they have two pools, and all share one.
TWO_HOPS = {
    "max_trade": "60000",
    "components": {"C0": {"via": "C1"}, "C1": {"decimals": "8"}, "C2": {"via": "C1"}},
}
PAID_IN = 100_000


def plans() -> dict[str, Plan]:
    """The kinds of venue by name."""
    return {
        "perp-1": make_plan(1),
        "perp-3": make_plan(3),
        "aave-1": make_aave_plan(1),
        "aave-3": make_aave_plan(3, venue={**DIRECT, "max_trade": "30000"}),
        "aave-hops": make_aave_plan(3, venue=TWO_HOPS),
    }


@pytest.fixture(scope="package", params=list(plans()))
def deployed(
    request: Any, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> tuple[SystemHarness, int]:
    """A system with nothing in it, and its time of deployment."""
    harness = deploy_harness(chain, owner, keeper, plans()[request.param])
    harness.fund(depositor)
    return harness, chain.now()


@pytest.fixture
def kind(deployed: tuple[SystemHarness, int]) -> str:
    """Kind of the venue: perp or aave."""
    return deployed[0].system.venue.kind


@pytest.fixture
def harness(deployed: tuple[SystemHarness, int]) -> SystemHarness:
    """With a model of its own, and nothing in it; the depositor is rich."""
    made, at = deployed
    model = build_model(made.plan, at, True, made.system.venue.order)
    return replace(made, model=model, prices=dict(made.prices), names=dict(made.names))


@pytest.fixture
def held(harness: SystemHarness, depositor: str) -> SystemHarness:
    """The depositor has paid 100,000 in."""
    harness.deposit(PAID_IN * harness.system.unit, depositor)
    return harness


@pytest.fixture
def vault_harness(harness: SystemHarness) -> VaultHarness:
    """The vault with its token's address to act from at an empty vault."""
    return VaultHarness(harness)


@pytest.fixture
def filled(vault_harness: VaultHarness) -> VaultHarness:
    """With 1,000,000 of collateral, all of it idle."""
    vault_harness.book(1_000_000 * vault_harness.unit)
    return vault_harness
