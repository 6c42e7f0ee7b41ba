# SPDX-License-Identifier: AGPL-3.0-only
"""A router beside a token on the real parts, and one without a defence there too."""

from __future__ import annotations

from dataclasses import replace

from inverse_index.chain import LocalBackend
from tests.support.plans import make_aave_plan
from tests.support.router_harness import RouterWorld, equip, make_world
from tests.support.system_harness import deploy_bench
from tests.support.variants import Change, variant

UNIT = 10**6
PAID_IN = 100_000 * UNIT


def opened(
    chain: LocalBackend, owner: str, keeper: str, holder: str, rich: tuple[str, ...]
) -> RouterWorld:
    """100,000 of the holder's; the rich have of everything but shares."""
    bench = deploy_bench(chain, owner, keeper, make_aave_plan(1))
    bench.fund(holder)
    world = make_world(bench)
    for each in rich:
        equip(world, each)
    bench.deposit(PAID_IN, holder)
    return world


def without(world: RouterWorld, *off: Change) -> RouterWorld:
    """The same world through a router that lacks something."""
    weth, factory = world.tokens["WETH"], world.bench.system.venue.factory
    with variant(*off):
        router = world.chain.deploy("Router", weth, factory, sender=world.bench.owner)
    return replace(world, router=router)
