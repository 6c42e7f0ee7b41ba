# SPDX-License-Identifier: AGPL-3.0-only
"""Whether a change leaves the compiled contracts as they are.

Compiles every deployable of the working tree and of a base commit, and compares
runtime code, creation code without the digest of its sources, ABI, and storage
layout. Moves and renames of internal names leave all of it identical.

`make gate BASE=<commit>` runs it. Exit code 1 when anything differs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from inverse_index import artifacts
from inverse_index.errors import UserError

Abi = list[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """What differs in one contract; all empty when it is identical."""

    name: str
    size: int | None = None  # bytes more than before; None when only one side has it
    code: bool = False
    layout: bool = False
    added: tuple[str, ...] = ()  # of the ABI
    removed: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_identical(self) -> bool:
        parts = (self.code, self.layout, self.added, self.removed, self.note)
        return not any(parts)


def without_digest(initcode: str) -> str:
    """Creation code without the metadata at its end, which holds a digest of the sources.

    Its last two bytes are the length of the metadata, themselves included.
    """
    length = int(initcode[-4:], 16)
    return initcode[: len(initcode) - 2 * length]


def signatures(abi: Abi) -> frozenset[str]:
    """Every entry of an ABI as one line: kind, name, types, mutability."""
    return frozenset(_signature(entry) for entry in abi)


def compare(name: str, before: artifacts.Artifact, after: artifacts.Artifact) -> Change:
    """What has changed from one compilation of a contract to another."""
    old, new = signatures(before.abi), signatures(after.abi)
    return Change(
        name,
        size=after.runtime_size - before.runtime_size,
        code=before.runtime != after.runtime
        or without_digest(before.bytecode) != without_digest(after.bytecode),
        layout=_slots(before.layout) != _slots(after.layout),
        added=tuple(sorted(new - old)),
        removed=tuple(sorted(old - new)),
    )


def _slots(layout: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Where things are stored and their types; names of modules do not count."""
    found: list[tuple[Any, ...]] = []
    for value in layout.values():
        if not isinstance(value, dict):
            continue
        if "type" in value:
            where = value.get("slot", value.get("offset"))
            found.append((where, value.get("length", value.get("n_slots"))))
        else:
            found += _slots(value)
    return sorted(found, key=str)


def _signature(entry: dict[str, Any]) -> str:
    inputs = ", ".join(map(_type, entry.get("inputs", [])))
    line = f"{entry['type']} {entry.get('name', '')}({inputs})"
    if entry.get("outputs"):
        line += f" -> ({', '.join(map(_type, entry['outputs']))})"
    return line + (f" {entry['stateMutability']}" if "stateMutability" in entry else "")


def _type(part: dict[str, Any]) -> str:
    if "components" not in part:
        return str(part["type"])
    fields = ",".join(map(_type, part["components"]))
    return str(part["type"]).replace("tuple", f"({fields})", 1)


def _compiled(root: Path, title: str) -> dict[str, artifacts.Artifact]:
    """Everything that a checkout deploys; compiled from its sources by this tree's code."""
    os.environ["INVERSE_INDEX_ROOT"] = str(root)
    for cached in (artifacts.project_root, artifacts.artifact, artifacts._search_paths):
        cached.cache_clear()
    with Progress(transient=True) as progress:
        task = progress.add_task(title, total=None)
        return artifacts.compile_all(
            lambda name, done, total: progress.update(
                task, completed=done, total=total, description=f"{title}: {name}"
            )
        )


def _checked_out(commit: str, folder: Path) -> str:
    """The full hash of the commit, whose contracts are in the folder then."""
    root = artifacts.project_root()
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if found.returncode:
        raise UserError(f"no commit {commit!r}", "name a commit, tag or branch of this repository")
    commit = found.stdout.strip()
    archive = subprocess.run(
        ["git", "archive", commit, "contracts", "interfaces"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return commit


def changes(
    before: dict[str, artifacts.Artifact],
    after: dict[str, artifacts.Artifact],
    renamed: dict[str, str],
) -> list[Change]:
    """One a contract, by today's name; `renamed` from an old name to the new one."""
    old = {renamed.get(name, name): built for name, built in before.items()}
    found = []
    for name in sorted(old.keys() | after.keys()):
        if name not in old:
            found.append(Change(name, note="new"))
        elif name not in after:
            found.append(Change(name, note="gone"))
        else:
            found.append(compare(name, old[name], after[name]))
    return found


def table(found: list[Change]) -> Table:
    view = Table(title="Compiled contracts against the base")
    for column in ("contract", "code", "bytes", "storage", "ABI"):
        view.add_column(column, justify="right" if column == "bytes" else "left")
    for each in found:
        abi = [f"+ {line}" for line in each.added] + [f"- {line}" for line in each.removed]
        view.add_row(
            each.name,
            each.note or ("changed" if each.code else "identical"),
            f"{each.size:+,}" if each.size else "",
            "changed" if each.layout else "",
            "\n".join(abi),
        )
    return view


def _renamings(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        old, mark, new = pair.partition("=")
        if not (old and mark and new):
            raise UserError(f"{pair!r} is no renaming", "write it as Old=New")
        found[old] = new
    return found


@click.command(help=__doc__)
@click.option("--base", required=True, help="The commit to compare with.")
@click.option("--renamed", multiple=True, metavar="OLD=NEW", help="A contract with a new name.")
def main(base: str, renamed: tuple[str, ...]) -> None:
    names = _renamings(renamed)
    root = artifacts.project_root()
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        commit = _checked_out(base, Path(folder))
        before = _compiled(Path(folder), "base")
    after = _compiled(root, "working tree")
    found = changes(before, after, names)
    different = [each for each in found if not each.is_identical]
    Console().print(table(different if different else found))
    print(
        f"{len(found) - len(different)} of {len(found)} contracts identical to {commit[:12]}"
        " (digest of the sources apart)"
    )
    if different:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
