# SPDX-License-Identifier: AGPL-3.0-only
"""Tells on the terminal which contract is being compiled, so that a first run of the tests
does not seem to stand still: `compiling 3 of 41: PerpExchange`."""

from __future__ import annotations

import sys

import pytest

from inverse_index.artifacts import listening


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen until the session ends. Works in xdist's workers too: they write to the
    terminal's stderr, as the run itself does."""
    listener = listening(lambda *step: _show(session.config, *step))
    listener.__enter__()
    session.config.add_cleanup(lambda: listener.__exit__(None, None, None))


def _show(config: pytest.Config, name: str, done: int, total: int) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\ncompiling {done + 1} of {total}: {name}", file=sys.stderr, flush=True)
