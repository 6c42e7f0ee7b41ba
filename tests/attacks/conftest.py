# SPDX-License-Identifier: AGPL-3.0-only
"""Searches with and without the defence compile contracts anew: `make attacks`
runs them, with SEARCHES=1; `make test` leaves them out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of every file that settles an attack; keep them if wanted."""
    searches = [each for each in items if each.path.parent == FOLDER and _settles(each.path)]
    for each in searches:
        each.add_marker(pytest.mark.search)
    if os.environ.get("SEARCHES") != "1":
        config.hook.pytest_deselected(items=searches)
        items[:] = [each for each in items if each not in searches]


def _settles(path: Path) -> bool:
    return "settle(" in path.read_text()
