# SPDX-License-Identifier: AGPL-3.0-only
"""Compilation, its cache, and what makes it stale."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from inverse_index import artifacts
from inverse_index.artifacts import (
    altered_sources,
    artifact,
    compile_all,
    deployables,
    listening,
)
from inverse_index.errors import UserError
from tests.support.tiny_project import (
    CONTRACT,
    MODULE,
    UNUSED,
    chosen,
    forget,
    write_project,
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A small project of its own."""
    root = write_project(tmp_path / "project")
    with chosen(root, tmp_path / "cache"):
        yield root


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
    forget()
    assert artifact("Thing") == built
    assert _stamp(project) == stamp


def test_changed_dependency_is_compiled_again(project: Path) -> None:
    before = artifact("Thing").bytecode
    number = project / "contracts" / "modules" / "numbers.vy"
    number.write_text(MODULE.replace("7", "8"))
    forget()
    assert artifact("Thing").bytecode != before


def test_unrelated_change_is_not(project: Path) -> None:
    artifact("Thing")
    stamp = _stamp(project)
    (project / "contracts" / "modules" / "unused.vy").write_text(
        UNUSED + "A: constant(bool) = True\n"
    )
    forget()
    artifact("Thing")
    assert _stamp(project) == stamp


@pytest.mark.parametrize("content", ["", "{", '{"fingerprint": "another compiler"}'])
def test_useless_cache_is_replaced(project: Path, content: str) -> None:
    built = artifact("Thing")
    (project / "build" / "artifacts" / "Thing.json").write_text(content)
    forget()
    assert artifact("Thing") == built
    stored = json.loads((project / "build" / "artifacts" / "Thing.json").read_text())
    sources = sorted(source for source in stored["sources"] if source.startswith("1:"))
    assert sources == [
        "1:contracts/Thing.vy",
        "1:contracts/modules/numbers.vy",
        "1:interfaces/IThing.vyi",
    ]


def test_moved_project_stays_cached(project: Path) -> None:
    """Sources are remembered from the root, not by where the root was."""
    artifact("Thing")
    stored = json.loads((project / "build" / "artifacts" / "Thing.json").read_text())
    assert str(project) not in json.dumps(stored["sources"])


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


def test_no_project(tmp_path: Path) -> None:
    with (
        chosen(tmp_path, tmp_path / "cache"),
        pytest.raises(UserError, match="no contracts folder"),
    ):
        artifacts.project_root()


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


def test_compilations_are_told_and_cached_ones_are_not(project: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with listening(lambda *step: told.append(step)):
        artifact("Thing")
        forget()
        artifact("Thing")
    assert told == [("Thing", 0, 1)]
    (project / "contracts" / "Other.vy").write_text(UNUSED)
    with listening(lambda *step: told.append(step)):
        artifact("Other")
    assert told[1:] == [("Other", 1, 2)]


def test_variants_are_not_told(project: Path) -> None:
    told: list[tuple[str, int, int]] = []
    eight = {"contracts/modules/numbers.vy": MODULE.replace("7", "8")}
    with listening(lambda *step: told.append(step)), altered_sources(eight):
        artifact("Thing")
    assert told == []
