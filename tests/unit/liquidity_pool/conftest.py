# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's worlds, and a pool on collateral that misbehaves."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from tests.perp import CONFIG, PerpWorld, config_tuple
from tests.unit.perp_exchange.conftest import deployed, funded, world

__all__ = ["deployed", "funded", "world"]


@pytest.fixture
def hostile(chain: LocalBackend, owner: str, trader: str, provider: str) -> PerpWorld:
    """One market at a price of one; everything is done on the chain alone."""
    world = PerpWorld(chain, owner, [], [WAD], [])
    world.deploy_on(chain.deploy("HostileToken", 6, sender=owner))
    world.exchange.list_market(config_tuple(CONFIG), sender=owner)
    for person in (trader, provider):
        world.fund(person)
    return world
