# SPDX-License-Identifier: AGPL-3.0-only
"""The log of a search as a table of docs/evidence/attacks.md.

python -m tests.search.table build/search/both-1.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

HEADING = """| found | on | scenario, what others do | history | brings | others lose | after |
|---|---|---|---|---:|---:|---|
"""


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def main(path: Path) -> None:
    print(text(json.loads(path.read_text())))


def text(log: Mapping[str, Any]) -> str:
    """What the chain confirmed, each cause on each venue where it was first found and
    where it brought most."""
    rate = log["histories"] / max(log["seconds"], 1)
    head = (
        f"Seed {log['seed']}, {log['workers']} workers: {log['histories']:,} histories of "
        f"{log['scenarios']:,} scenarios in {log['seconds'] / 60:,.0f} minutes of one processor, "
        f"{rate:,.0f} a second.\n\n"
    )
    return head + HEADING + "".join(row(each) for each in chosen(log["finds"]))


def chosen(finds: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first and the largest of each cause and venue."""
    kept: list[Mapping[str, Any]] = []
    shown = [each for each in finds if each["confirmed"]]
    for key in dict.fromkeys((each["cause"], each["venue"]) for each in shown):
        same = [each for each in shown if (each["cause"], each["venue"]) == key]
        largest = max(same, key=lambda each: each["amount"])
        kept += [same[0]] if largest is same[0] else [same[0], largest]
    return sorted(kept, key=lambda each: each["seconds"])


def row(find: Mapping[str, Any]) -> str:
    brings = f"{find['amount']:,.2f}" if find["amount"] else ""
    if find["cause"].startswith("more collateral"):
        brings = f"{find['amount']:,.1f} times the cap"
    loses = f"{find['others']:,.2f}" if find["amount"] and "times" not in brings else ""
    return (
        f"| {find['cause']} | {find['venue']} | {find['scenario']}: {find['name']}; "
        f"{find['script']} | {find['history']} | {brings} | {loses} | {find['runs']:,} "
        f"histories, {find['seconds']:,.0f} s |\n"
    )


if __name__ == "__main__":
    main()
