# SPDX-License-Identifier: AGPL-3.0-only
"""Compilation, its cache, and what makes it stale."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from inverse_index import artifacts
from inverse_index.artifacts import artifact, compile_all, deployables
from inverse_index.errors import UserError

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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small project of its own."""
    (tmp_path / "contracts" / "modules").mkdir(parents=True)
    (tmp_path / "interfaces").mkdir()
    (tmp_path / "contracts" / "Thing.vy").write_text(CONTRACT)
    (tmp_path / "contracts" / "modules" / "numbers.vy").write_text(MODULE)
    (tmp_path / "contracts" / "modules" / "unused.vy").write_text(UNUSED)
    (tmp_path / "interfaces" / "IThing.vyi").write_text(INTERFACE)
    monkeypatch.setenv("INVERSE_INDEX_ROOT", str(tmp_path))
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    """As a new process would start."""
    for cached in (artifacts.artifact, artifacts.project_root, artifacts._search_paths):
        cached.cache_clear()


def _stamp(project: Path) -> int:
    return (project / "build" / "artifacts" / "Thing.json").stat().st_mtime_ns


def test_modules_are_not_deployable(project: Path) -> None:
    assert deployables() == {"Thing": project / "contracts" / "Thing.vy"}
    with pytest.raises(UserError, match="no contract numbers; use one of Thing"):
        artifact("numbers")


def test_imports_resolve_and_the_cache_is_equal(project: Path) -> None:
    built = artifact("Thing")
    assert {entry["name"] for entry in built.abi if entry["type"] == "function"} == {"number"}
    assert built.layout["storage_layout"]["ownable"]["owner"]["slot"] == 0
    assert 0 < built.runtime_size < built.initcode_size
    stamp = _stamp(project)
    _forget()
    assert artifact("Thing") == built
    assert _stamp(project) == stamp


def test_changed_dependency_is_compiled_again(project: Path) -> None:
    before = artifact("Thing").bytecode
    number = project / "contracts" / "modules" / "numbers.vy"
    number.write_text(MODULE.replace("7", "8"))
    _forget()
    assert artifact("Thing").bytecode != before


def test_unrelated_change_is_not(project: Path) -> None:
    artifact("Thing")
    stamp = _stamp(project)
    (project / "contracts" / "modules" / "unused.vy").write_text(
        UNUSED + "A: constant(bool) = True\n"
    )
    _forget()
    artifact("Thing")
    assert _stamp(project) == stamp


@pytest.mark.parametrize("content", ["", "{", '{"fingerprint": "another compiler"}'])
def test_useless_cache_is_replaced(project: Path, content: str) -> None:
    built = artifact("Thing")
    (project / "build" / "artifacts" / "Thing.json").write_text(content)
    _forget()
    assert artifact("Thing") == built
    stored = json.loads((project / "build" / "artifacts" / "Thing.json").read_text())
    sources = sorted(source for source in stored["sources"] if source.startswith("1:"))
    assert sources == [
        "1:contracts/Thing.vy",
        "1:contracts/modules/numbers.vy",
        "1:interfaces/IThing.vyi",
    ]


def test_moved_project_stays_cached(project: Path, tmp_path: Path) -> None:
    """Sources are remembered from the root, not by where the root was."""
    artifact("Thing")
    stored = json.loads((project / "build" / "artifacts" / "Thing.json").read_text())
    assert str(tmp_path) not in json.dumps(stored["sources"])


def test_two_contracts_of_one_name(project: Path) -> None:
    (project / "contracts" / "local").mkdir()
    (project / "contracts" / "local" / "Thing.vy").write_text(CONTRACT)
    with pytest.raises(UserError, match="two contracts are called Thing"):
        deployables()


def test_source_that_does_not_compile(project: Path) -> None:
    (project / "contracts" / "Thing.vy").write_text("# pragma version ==0.4.3\nx: nothing\n")
    with pytest.raises(UserError, match=r"Thing\.vy does not compile"):
        artifact("Thing")
    assert not (project / "build" / "artifacts" / "Thing.json").exists()


def test_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVERSE_INDEX_ROOT", str(tmp_path))
    _forget()
    try:
        with pytest.raises(UserError, match="no contracts folder"):
            artifacts.project_root()
    finally:
        monkeypatch.undo()
        _forget()


def _bytecode(name: str) -> str:
    return artifact(name).bytecode


def test_processes_at_once_agree_and_leave_no_rests(project: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(_bytecode, ["Thing"] * 3))) == 1
    left = sorted(path.name for path in (project / "build" / "artifacts").iterdir())
    assert left == ["Thing.json", "Thing.lock"]


def test_compile_all_tells_its_progress(project: Path) -> None:
    told: list[tuple[str, int, int]] = []
    built = compile_all(lambda *step: told.append(step))
    assert told == [("Thing", 0, 1)]
    assert list(built) == ["Thing"]
