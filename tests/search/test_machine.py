# SPDX-License-Identifier: AGPL-3.0-only
"""The search as a state machine finds nothing, and a planted fault."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from inverse_index.model.token import nav
from inverse_index.model.token.views import TokenViews
from tests.search.machine import SETTINGS, SearchMachine

pytestmark = pytest.mark.stateful


def search() -> None:
    run_state_machine_as_test(SearchMachine, settings=SETTINGS)


def test_nothing_is_found() -> None:
    search()


def test_shares_that_redeem_for_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    generous = property(lambda self: max(self.net, 0) * 101 // 100)
    monkeypatch.setattr(nav.Valuation, "ask", generous)
    with pytest.raises(AssertionError):
        search()


def test_a_wind_down_by_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TokenViews, "has_failed", lambda self, now: True)
    with pytest.raises(AssertionError):
        search()
