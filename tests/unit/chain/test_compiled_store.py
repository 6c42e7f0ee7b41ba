# SPDX-License-Identifier: AGPL-3.0-only
"""Compiled contracts kept by content for all checkouts of an account."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from inverse_index import artifacts, compiled_store
from inverse_index.artifacts import Artifact, altered_sources, artifact
from tests.support.tiny_project import MODULE, chosen, forget, write_project

NUMBERS = "contracts/modules/numbers.vy"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def first(tmp_path: Path, cache: Path) -> Artifact:
    """Compiled in one checkout."""
    with chosen(write_project(tmp_path / "first"), cache):
        return artifact("Thing")


@pytest.fixture
def second(tmp_path: Path, cache: Path) -> Iterator[pytest.MonkeyPatch]:
    """Inside another checkout of the same sources, which has compiled nothing."""
    with chosen(write_project(tmp_path / "second"), cache) as patch:
        yield patch


def _no_compiler(*_: object) -> Artifact:
    raise AssertionError("compiled although it is stored")


def _keys(cache: Path) -> list[Path]:
    return sorted((cache / "Thing").glob("*.key.json"))


def _entry(cache: Path) -> Path:
    (key,) = _keys(cache)
    return key.with_name(key.name.replace(".key.json", ".json"))


def test_found_again_from_another_root(
    first: Artifact, second: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    second.setattr(artifacts, "_compile", _no_compiler)
    assert artifact("Thing") == first
    own = json.loads((tmp_path / "second" / "build" / "artifacts" / "Thing.json").read_text())
    assert own["artifact"] == vars(first)


@pytest.mark.usefixtures("second")
def test_other_sources_are_compiled(first: Artifact, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "second" / NUMBERS).write_text(MODULE.replace("7", "8"))
    assert artifact("Thing").runtime != first.runtime
    assert len(_keys(cache)) == 2


@pytest.mark.usefixtures("second")
def test_another_compiler_finds_nothing(
    first: Artifact, second: pytest.MonkeyPatch, cache: Path
) -> None:
    second.setattr(artifacts, "_fingerprint", lambda: "another compiler")
    assert artifact("Thing") == first
    assert len(_keys(cache)) == 2


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize("part", ["key", "entry"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"{}", b"[]"],
    ids=["empty", "cut off", "no text", "no parts", "no entry"],
)
def test_a_damaged_entry_is_compiled_again(
    first: Artifact, cache: Path, part: str, content: bytes
) -> None:
    entry = _entry(cache)
    whole = json.loads(entry.read_text())
    (_keys(cache)[0] if part == "key" else entry).write_bytes(content)
    assert artifact("Thing") == first
    assert json.loads(_entry(cache).read_text()) == whole


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize("part", ["key", "entry"])
def test_a_missing_half_is_compiled_again(first: Artifact, cache: Path, part: str) -> None:
    """Another process may be dropping the entry at this moment."""
    (_keys(cache)[0] if part == "key" else _entry(cache)).unlink()
    assert artifact("Thing") == first
    assert _entry(cache).exists()


def test_only_the_newest_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVERSE_INDEX_CACHE", str(cache))
    monkeypatch.setattr(compiled_store, "KEPT", 3)
    for number in range(5):
        entry = {"fingerprint": f"compiler {number}", "sources": {}, "artifact": number}
        compiled_store.keep("Thing", entry)
        for key in _keys(cache):
            if json.loads(key.read_text())["fingerprint"] == entry["fingerprint"]:
                os.utime(key, (number, number))
    kept = sorted(json.loads(key.read_text())["fingerprint"] for key in _keys(cache))
    assert kept == ["compiler 2", "compiler 3", "compiler 4"]
    assert len(list((cache / "Thing").iterdir())) == 2 * 3


def test_forty_are_kept() -> None:
    """Variants of tests and mutants are among them: a few would be too little."""
    assert compiled_store.KEPT == 40


def test_variants_are_kept_too(tmp_path: Path, cache: Path) -> None:
    with (
        chosen(write_project(tmp_path / "first"), cache),
        altered_sources({NUMBERS: MODULE.replace("7", "8")}),
    ):
        changed = artifact("Thing")
    with chosen(write_project(tmp_path / "second"), cache) as patch:
        (tmp_path / "second" / NUMBERS).write_text(MODULE.replace("7", "8"))
        patch.setattr(artifacts, "_compile", _no_compiler)
        assert artifact("Thing") == changed


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A file stands where the folder should be: then only this checkout's cache is used."""
    (tmp_path / "cache").write_text("not a folder")
    with chosen(write_project(tmp_path / "first"), tmp_path / "cache") as patch:
        built = artifact("Thing")
        forget()
        patch.setattr(artifacts, "_compile", _no_compiler)
        assert artifact("Thing") == built
    assert (tmp_path / "cache").read_text() == "not a folder"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"INVERSE_INDEX_CACHE": "/named"}, "/named"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/inverse-index/compiled"),
        ({}, "/home/account/.cache/inverse-index/compiled"),
    ],
)
def test_where_the_folder_is(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("INVERSE_INDEX_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/account")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert compiled_store.folder() == Path(expected)
