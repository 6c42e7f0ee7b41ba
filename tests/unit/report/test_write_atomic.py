# SPDX-License-Identifier: AGPL-3.0-only
"""Output files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from inverse_index.errors import UserError
from inverse_index.files import write_atomic, write_atomic_with


def test_text_and_bytes(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "a" / "text.txt", "−1x").read_bytes() == "−1x".encode()
    assert write_atomic(tmp_path / "b.bin", b"\x00\x01").read_bytes() == b"\x00\x01"


def test_replaces_the_old_file(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f.txt", "old")
    write_atomic(tmp_path / "f.txt", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("f.txt", "new")]


def test_who_reads_the_old_file_goes_on_reading_it_whole(tmp_path: Path) -> None:
    path = write_atomic(tmp_path / "f.txt", "old")
    with path.open() as reader:
        write_atomic(path, "new")
        assert reader.read() == "old"


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = write_atomic(tmp_path / "f.txt", "old")

    def fail(part: Path) -> None:
        part.write_text("half")
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write_atomic_with(path, fail)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("f.txt", "old")]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f", "a file")
    with pytest.raises(UserError) as caught:
        write_atomic(tmp_path / "f" / "g.txt", "x")
    assert caught.value.message.startswith(f"{tmp_path / 'f' / 'g.txt'} cannot be written: ")
    assert caught.value.remedy == "choose another output folder or free some space"


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "f.txt").mkdir()
    with pytest.raises(UserError, match="cannot be written: Is a directory"):
        write_atomic(tmp_path / "f.txt", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["f.txt"]
