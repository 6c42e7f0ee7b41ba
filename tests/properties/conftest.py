# SPDX-License-Identifier: AGPL-3.0-only
"""The tokens of `tokens`, deployed once each, and in each of their states."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.properties.tokens import STATES, World, deploy_used, plans
from tests.systems import Bench


@pytest.fixture(scope="package", params=list(plans()))
def used(
    request: Any,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    trader: str,
) -> Bench:
    """A token with holders, exposure and flows that wait."""
    holders = (depositor, second_holder)
    return deploy_used(chain, owner, keeper, holders, trader, plans()[request.param])


@pytest.fixture(scope="package", params=list(STATES))
def world(
    request: Any, chain: LocalBackend, used: Bench, depositor: str, second_holder: str, trader: str
) -> World:
    """The token in one of its states."""
    state = STATES[request.param]
    state.enter(used)
    return World(used, state, depositor, second_holder, trader)
