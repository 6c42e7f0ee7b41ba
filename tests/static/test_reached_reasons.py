# SPDX-License-Identifier: AGPL-3.0-only
"""The record of what a run has seen on the chain."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from tests.support import reached
from tests.support.assertions import only_event, reverts
from tests.support.system_harness import deploy_harness


def test_reverts_and_events_are_noted(
    chain: LocalBackend, owner: str, keeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reached, "_reasons", set())
    monkeypatch.setattr(reached, "_events", set())
    reason, event = "reason 'token: mint is paused'", "event NavCapSet"
    assert {reason, event} <= set(reached.missing())
    token = deploy_harness(chain, owner, keeper).token
    with reverts("feed: no shares exist"):
        chain.deploy("NavFeed", token, 8, "", sender=owner).latestAnswer()
    only_event(token.set_nav_cap(10**20, sender=owner), token, "NavCapSet", cap=10**20)
    left = reached.missing()
    assert "reason 'feed: no shares exist'" not in left and event not in left
    assert reason in left and "event Rebalanced" in left
