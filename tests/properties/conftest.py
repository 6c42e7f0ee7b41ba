# SPDX-License-Identifier: AGPL-3.0-only
"""The tokens of `tokens`, deployed once each, and in each of their states."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from tests.support.standards_harness import STATES, StandardsHarness, deploy_used, plans
from tests.support.system_harness import SystemHarness


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Token by token, and state by state: neither is made twice."""
    places = [i for i, item in enumerate(items) if _place(item) is not None]
    ordered = sorted((items[i] for i in places), key=lambda item: _place(item) or ())
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def _place(item: pytest.Item) -> tuple[int, int] | None:
    """Of the item's token and state, in their order; None without them."""
    chosen = getattr(getattr(item, "callspec", None), "params", {})
    if "used" not in chosen or "harness" not in chosen:
        return None
    return list(plans()).index(chosen["used"]), list(STATES).index(chosen["harness"])


@pytest.fixture(scope="package", params=list(plans()))
def used(
    request: Any,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    trader: str,
) -> SystemHarness:
    """A token with holders, exposure and flows that wait."""
    holders = (depositor, second_holder)
    return deploy_used(chain, owner, keeper, holders, trader, plans()[request.param])


@pytest.fixture(scope="package", params=list(STATES))
def harness(
    request: Any,
    chain: LocalBackend,
    used: SystemHarness,
    depositor: str,
    second_holder: str,
    trader: str,
) -> StandardsHarness:
    """The token in one of its states."""
    state = STATES[request.param]
    state.enter(used)
    return StandardsHarness(used, state, depositor, second_holder, trader)
