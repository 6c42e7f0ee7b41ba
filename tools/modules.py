# SPDX-License-Identifier: AGPL-3.0-only
"""Which module serves which contracts: the table in ARCHITECTURE.md.

    python -m tools.modules          writes the table anew

The imports of the sources are followed, from every deployable outside
`contracts/testnet` and `contracts/testing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click

from inverse_index.artifacts import project_root

START, END = "<!-- begin: written by python -m tools.modules -->", "<!-- end -->"
APART = ("modules", "testnet", "testing")
IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\w+)", re.M)


def document_path() -> Path:
    return project_root() / "ARCHITECTURE.md"


def imported(path: Path) -> set[Path]:
    """The modules that a source imports itself."""
    found = set()
    for dots, package, name in IMPORT.findall(path.read_text()):
        folder = path.parents[len(dots) - 1].joinpath(*filter(None, package.split(".")))
        if (folder / f"{name}.vy").exists():
            found.add(folder / f"{name}.vy")
    return found


def reachable(path: Path) -> set[Path]:
    """The modules that a source imports, itself or through others."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        new = imported(waiting.pop()) - found
        found |= new
        waiting.extend(new)
    return found


def users() -> dict[Path, list[str]]:
    """Every module, and the names of the contracts that import it."""
    folder = project_root() / "contracts"
    found: dict[Path, list[str]] = {path: [] for path in sorted(folder.glob("modules/*/*.vy"))}
    for contract in sorted(folder.glob("*/*.vy")):
        if contract.parent.name not in APART:
            for module in reachable(contract):
                found[module].append(contract.stem)
    return found


def notice(path: Path) -> str:
    """The first part of a module's @notice, up to the first stop."""
    header = path.read_text().split('"""')[1]
    text = " ".join(header.partition("@notice")[2].split("\n@")[0].split())
    return re.split(r"[.:;](?: |$)", text)[0]


def lines() -> list[str]:
    """Shared modules first, then those of one contract."""
    found = users()
    shared = {path: names for path, names in found.items() if len(names) > 1}
    single = {path: names for path, names in found.items() if len(names) == 1}
    return [
        *_table("### Shared by several contracts", shared.items()),
        *_table("### Part of one contract", single.items()),
    ]


def document(text: str) -> str:
    """A document with its table written anew."""
    head, rest = text.split(START)
    return f"{head}{START}\n" + "\n".join(lines()) + f"\n{END}{rest.split(END)[1]}"


def _table(heading: str, rows: Iterable[tuple[Path, list[str]]]) -> list[str]:
    found = [heading, "", "| module | what it holds | contracts |", "|---|---|---|"]
    for path, names in rows:
        link = path.relative_to(project_root()).as_posix()
        name = f"{path.parent.name}/{path.stem}"
        found.append(f"| [{name}]({link}) | {notice(path)} | {_shown(names)} |")
    return [*found, ""]


def _shown(names: list[str]) -> str:
    return ", ".join(sorted(names)) if len(names) < 8 else "nearly all"


@click.command(help=__doc__)
def main() -> None:
    path = document_path()
    path.write_text(document(path.read_text()))
    click.echo(f"written: {path}")


if __name__ == "__main__":
    main()
