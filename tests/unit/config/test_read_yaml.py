# SPDX-License-Identifier: AGPL-3.0-only
"""YAML is read as written: texts stay texts, mistakes name their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from inverse_index.config.yaml_io import read_yaml
from inverse_index.errors import UserError


def write(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        read_yaml(path)
    return caught.value


def test_scalars_stay_text(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a: 0.1\nb: 0x10\nc: 12:30\nd: yes\ne: 2021-01-01\nf:\ng: null\nh: '~'\n"
    )
    assert read_yaml(path) == {
        "a": "0.1",
        "b": "0x10",
        "c": "12:30",
        "d": "yes",
        "e": "2021-01-01",
        "f": None,
        "g": None,
        "h": "~",
    }


def test_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "none.yaml")
    assert error.message == f"{tmp_path / 'none.yaml'} does not exist"
    assert error.remedy == "give the path of a YAML file, such as one in configs/"


def test_folder(tmp_path: Path) -> None:
    assert refused(tmp_path).message == f"{tmp_path} is not a file"


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xff\xfe\x00a")
    assert refused(path).message == f"{path} is not UTF-8 text"


def test_too_large(tmp_path: Path) -> None:
    path = write(tmp_path, "#" * 1_000_001)
    assert refused(path).message == f"{path} is larger than 1000000 bytes"


def test_empty_file(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert refused(path).message == f"{path}: holds nothing, expected 'key: value' lines"


def test_list_at_the_top(tmp_path: Path) -> None:
    path = write(tmp_path, "- a\n- b\n")
    assert refused(path).message == f"{path}: holds list, expected 'key: value' lines"


def test_syntax_error_has_line_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb: [1, 2\n")
    assert refused(path).message.startswith(f"{path}, line 3, column 1: not valid YAML: ")


def test_key_twice(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\n")
    assert (
        refused(path).message
        == f"{path}, line 4, column 3: not valid YAML: the key 'c' appears twice"
    )


def test_python_objects_are_not_made(tmp_path: Path) -> None:
    path = write(tmp_path, "a: !!python/object/apply:os.getcwd []\n")
    assert "could not determine a constructor" in refused(path).message


def test_deep_nesting(tmp_path: Path) -> None:
    path = write(tmp_path, "a: " + "[" * 5_000)
    assert refused(path).message.startswith(str(path))
