# SPDX-License-Identifier: AGPL-3.0-only
"""The faults and missing defences that tests compile in: their texts still stand.

A renamed variable otherwise shows only in `make planted`, `make proofs` and
`make attacks`, which take minutes to hours.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import tests.attacks
import tests.support
from inverse_index.artifacts import project_root
from tests.proofs.faults import GROUPS
from tests.stateful.planted import FAULTS
from tests.support.variants import Change, texts_with

Changes = tuple[Change, ...]


def _named(module: ModuleType) -> Iterator[tuple[str, Changes]]:
    """The changes that stand at the top of a module, alone or in a collection."""
    short = module.__name__.removeprefix("tests.")
    for name, value in vars(module).items():
        entries = value if isinstance(value, dict) else {"": value}
        for key, entry in entries.items():
            changes = entry if isinstance(entry, tuple) else (entry,)
            if changes and all(isinstance(change, Change) for change in changes):
                yield f"{short}.{name}{'.' if key else ''}{key}", changes


def _modules() -> Iterator[ModuleType]:
    for package, prefix in ((tests.attacks, "test_"), (tests.support, "attack_")):
        for found in pkgutil.iter_modules(package.__path__):
            if found.name.startswith(prefix):
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def _all() -> dict[str, Changes]:
    found = dict(pair for module in _modules() for pair in _named(module))
    for fault in FAULTS:
        found[f"planted.{fault.name}"] = (fault.change,)
    for name, group in GROUPS.items():
        found[f"proofs.{name}"] = tuple(fault.change for fault in group)
    return found


ALL = _all()


@pytest.mark.parametrize("name", ALL)
def test_every_change_finds_its_text(name: str) -> None:
    for path, changed in texts_with(ALL[name]).items():
        assert changed != (project_root() / path).read_text(), path


def test_texts_of_every_kind_are_looked_at() -> None:
    kinds = {name.partition(".")[0] for name in ALL}
    assert kinds == {"attacks", "support", "planted", "proofs"}
    assert len(ALL) > 80
