# SPDX-License-Identifier: AGPL-3.0-only
"""The gate: what it calls identical, changed, renamed, and how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inverse_index.artifacts import Artifact, artifact, project_root
from tests.support.tiny_project import MODULE, chosen, write_project
from tools import gate

THING, NUMBERS = "contracts/Thing.vy", "contracts/modules/numbers.vy"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Path]:
    """A repository with one tiny contract, committed; contracts are those of its tree."""
    root = write_project(tmp_path / "repository")
    for command in (
        ["git", "init", "--quiet"],
        ["git", "add", "contracts", "interfaces"],
        ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "first"],
    ):
        subprocess.run(command, cwd=root, check=True)
    with chosen(root, tmp_path / "cache"):
        yield root


@pytest.fixture
def built(repository: Path) -> Artifact:
    return artifact("Thing")


def run(*options: str) -> Result:
    arguments = ["--base", "HEAD", *options]
    return CliRunner().invoke(gate.main, arguments, env={"COLUMNS": "160"}, catch_exceptions=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_identical(repository: Path) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    assert "1 of 1 contracts identical" in done.output


def test_a_moved_module_and_internal_names_are_identical(repository: Path) -> None:
    (repository / "contracts" / "modules" / "lib").mkdir()
    moved = repository / "contracts" / "modules" / "lib" / "digits.vy"
    (repository / NUMBERS).rename(moved)
    edit(moved, "NUMBER", "DIGIT")
    edit(repository / THING, "from .modules import numbers", "from .modules.lib import digits")
    edit(repository / THING, "numbers.NUMBER", "digits.DIGIT")
    done = run()
    assert done.exit_code == 0, done.output
    assert "1 of 1 contracts identical" in done.output


def test_changed_code(repository: Path) -> None:
    edit(repository / NUMBERS, "= 7", "= 8")
    done = run()
    assert done.exit_code == 1
    assert "0 of 1 contracts identical" in done.output
    row = next(line for line in done.output.splitlines() if "Thing" in line)
    assert "changed" in row and "identical" not in row


def test_a_new_line_of_the_abi(repository: Path) -> None:
    more = "@pure\n@external\ndef digits(of: uint8) -> uint8:\n    return of\n"
    (repository / THING).write_text((repository / THING).read_text() + more)
    done = run()
    assert done.exit_code == 1
    assert "+ function digits(uint8) -> (uint8) pure" in done.output


def test_a_changed_line_of_the_abi(repository: Path) -> None:
    edit(repository / THING, "@view", "@pure")
    edit(repository / "interfaces" / "IThing.vyi", "@view", "@pure")
    done = run()
    assert done.exit_code == 1
    assert "+ function number() -> (uint256) pure" in done.output
    assert "- function number() -> (uint256) view" in done.output


def test_a_renamed_contract(repository: Path) -> None:
    (repository / THING).rename(repository / "contracts" / "Digit.vy")
    done = run()
    assert done.exit_code == 1
    rows = [line for line in done.output.splitlines() if "Digit" in line or "Thing" in line]
    assert ["new" in row for row in rows] == [True, False]
    assert ["gone" in row for row in rows] == [False, True]
    done = run("--renamed", "Thing=Digit")
    assert done.exit_code == 0, done.output
    assert "1 of 1 contracts identical" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--base", "no-such-commit"), "error: no commit 'no-such-commit'"),
        (("--base", "HEAD", "--renamed", "Thing"), "error: 'Thing' is no renaming"),
    ],
)
def test_what_is_refused(repository: Path, options: tuple[str, ...], message: str) -> None:
    """One line, what to do about it, and exit code 1."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.gate", *options],
        cwd=Path(gate.__file__).parent.parent,
        env={**os.environ, "INVERSE_INDEX_ROOT": str(project_root())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


def test_the_digest_of_the_sources_does_not_count(built: Artifact) -> None:
    """It is at the end of the creation code."""
    other = replace(built, bytecode=built.bytecode[:-12] + "0" * 8 + built.bytecode[-4:])
    assert other.bytecode != built.bytecode
    assert gate.compare("Thing", built, other).is_identical
    flipped = "1" if built.bytecode[40] == "0" else "0"
    broken = replace(built, bytecode=built.bytecode[:40] + flipped + built.bytecode[41:])
    assert gate.compare("Thing", built, broken).code


def test_another_place_in_storage(built: Artifact) -> None:
    """Names of modules do not count, slots do."""
    storage = built.layout["storage_layout"]
    renamed = {**built.layout, "storage_layout": {"owners": storage["ownable"]}}
    assert gate.compare("Thing", built, replace(built, layout=renamed)).is_identical
    owner = {**storage["ownable"]["owner"], "slot": 5}
    moved = {**built.layout, "storage_layout": {"ownable": {"owner": owner}}}
    change = gate.compare("Thing", built, replace(built, layout=moved))
    assert change.layout and not change.is_identical


def test_the_number_of_bytes(repository: Path, built: Artifact) -> None:
    longer = replace(built, runtime=built.runtime + "00" * 7)
    assert gate.compare("Thing", built, longer).size == 7
    assert gate.compare("Thing", longer, built).size == -7


def test_the_module_is_what_the_gate_compiles(repository: Path) -> None:
    """The base is compiled from its own sources, not from those of the tree."""
    edit(repository / NUMBERS, MODULE, MODULE.replace("7", "9"))
    assert run().exit_code == 1
    (repository / NUMBERS).write_text(MODULE)
    assert run().exit_code == 0
