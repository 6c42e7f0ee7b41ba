# SPDX-License-Identifier: AGPL-3.0-only
"""A router beside a token on the real parts, and one without a defence there too."""

from __future__ import annotations

from dataclasses import replace

from inverse_index.chain import LocalBackend
from tests.support.plans import make_aave_plan
from tests.support.router_harness import RouterHarness, equip, make_router_harness
from tests.support.system_harness import deploy_harness
from tests.support.variants import Change, variant

UNIT = 10**6
PAID_IN = 100_000 * UNIT


def opened(
    chain: LocalBackend, owner: str, keeper: str, holder: str, rich: tuple[str, ...]
) -> RouterHarness:
    """100,000 of the holder's; the rich have of everything but shares."""
    base = deploy_harness(chain, owner, keeper, make_aave_plan(1))
    base.fund(holder)
    harness = make_router_harness(base)
    for each in rich:
        equip(harness, each)
    base.deposit(PAID_IN, holder)
    return harness


def without(harness: RouterHarness, *off: Change) -> RouterHarness:
    """The same harness through a router that lacks something."""
    weth, factory = harness.tokens["WETH"], harness.base.system.venue.factory
    with variant(*off):
        router = harness.chain.deploy("Router", weth, factory, sender=harness.base.owner)
    return replace(harness, router=router)
