# SPDX-License-Identifier: AGPL-3.0-only
"""Sizes of the deployable contracts, against the limits of EIP-170 and EIP-3860.

`python -m tools.sizes --update` writes gas/sizes.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from inverse_index.artifacts import artifact, deployables, project_root
from inverse_index.errors import UserError

RUNTIME_LIMIT = 24_576  # bytes of a deployed contract, EIP-170
INITCODE_LIMIT = 49_152  # bytes that create one, arguments included, EIP-3860
ARGUMENTS = 4_096  # bytes left free for them: the longest here are an oracle's
Sizes = dict[str, dict[str, int]]


def sizes_path() -> Path:
    return project_root() / "gas" / "sizes.json"


def measured() -> Sizes:
    """Bytes by contract, mocks apart: `runtime` as deployed, immutables included;
    `initcode` without arguments."""
    found: Sizes = {}
    for name, path in sorted(deployables().items()):
        if path.parent.name == "testing":
            continue
        built = artifact(name)
        immutables = sum(_lengths(built.layout.get("code_layout", {})))
        found[name] = {
            "runtime": built.runtime_size + immutables,
            "immutables": immutables,
            "initcode": built.initcode_size,
        }
    return found


def committed() -> Sizes:
    path = sizes_path()
    found: Sizes = json.loads(path.read_text()) if path.exists() else {}
    return found


def too_large(sizes: Sizes) -> list[str]:
    """What no chain would accept."""
    found = []
    for name, size in sizes.items():
        if size["runtime"] > RUNTIME_LIMIT:
            found.append(f"{name}: {size['runtime']:,} bytes, the limit is {RUNTIME_LIMIT:,}")
        if size["initcode"] + ARGUMENTS > INITCODE_LIMIT:
            found.append(
                f"{name}: {size['initcode']:,} bytes of initcode leave less than"
                f" {ARGUMENTS:,} for arguments below {INITCODE_LIMIT:,}"
            )
    return found


def table(sizes: Sizes, before: Sizes) -> Table:
    """Sizes, what is left below the limit, and the change against the committed."""
    view = Table(title=f"Contract sizes (limit {RUNTIME_LIMIT:,} bytes)")
    view.add_column("contract")
    for name in ("runtime", "left", "immutables", "initcode", "change"):
        view.add_column(name, justify="right")
    for name, size in sizes.items():
        runtime = size["runtime"]
        change = runtime - before[name]["runtime"] if name in before else None
        view.add_row(
            name,
            f"{runtime:,}",
            f"{RUNTIME_LIMIT - runtime:,}",
            f"{size['immutables']:,}",
            f"{size['initcode']:,}",
            "new" if change is None else f"{change:+,}" if change else "=",
        )
    return view


def _lengths(layout: dict[str, Any]) -> Iterator[int]:
    """Of all immutables, those of modules too."""
    for entry in layout.values():
        if isinstance(entry.get("length"), int):
            yield entry["length"]
        else:
            yield from _lengths(entry)


@click.command(help=__doc__)
@click.option("--update", is_flag=True, help="Write the sizes to gas/sizes.json.")
def main(update: bool) -> None:
    sizes = measured()
    Console(width=110).print(table(sizes, committed()))
    if update:
        sizes_path().write_text(json.dumps(sizes, indent=2) + "\n")
        click.echo(f"written: {sizes_path()}", err=True)
    for line in too_large(sizes):
        click.echo(f"too large: {line}", err=True)
    if too_large(sizes):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
