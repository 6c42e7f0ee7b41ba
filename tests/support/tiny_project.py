# SPDX-License-Identifier: AGPL-3.0-only
"""A project of one tiny contract, for tests of compilation; it is compiled in a tenth of a second
and neither writes into this checkout's cache nor into the account's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inverse_index import artifacts

MODULE = "# pragma version ==0.4.3\nNUMBER: constant(uint256) = 7\n"
UNUSED = "# pragma version ==0.4.3\n"
CONTRACT = """# pragma version ==0.4.3
from snekmate.auth import ownable
from ..interfaces import IThing
from .modules import numbers
initializes: ownable
implements: IThing
@deploy
def __init__():
    ownable.__init__()
@view
@external
def number() -> uint256:
    return numbers.NUMBER
"""
INTERFACE = "@view\n@external\ndef number() -> uint256:\n    ...\n"


def write_project(root: Path) -> Path:
    """The sources of `Thing`, its module, its interface and a module that nobody imports."""
    (root / "contracts" / "modules").mkdir(parents=True)
    (root / "interfaces").mkdir()
    (root / "contracts" / "Thing.vy").write_text(CONTRACT)
    (root / "contracts" / "modules" / "numbers.vy").write_text(MODULE)
    (root / "contracts" / "modules" / "unused.vy").write_text(UNUSED)
    (root / "interfaces" / "IThing.vyi").write_text(INTERFACE)
    return root


@contextmanager
def chosen(root: Path, cache: Path) -> Iterator[pytest.MonkeyPatch]:
    """While open, contracts are those of `root`, and `cache` is the account's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVERSE_INDEX_ROOT", str(root))
        patch.setenv("INVERSE_INDEX_CACHE", str(cache))
        patch.setattr(artifacts, "_listeners", [])  # nothing is told of it
        forget()
        yield patch
    forget()


def forget() -> None:
    """As a new process would start."""
    for cached in (artifacts.artifact, artifacts.project_root, artifacts._search_paths):
        cached.cache_clear()
