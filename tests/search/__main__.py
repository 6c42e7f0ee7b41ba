# SPDX-License-Identifier: AGPL-3.0-only
"""A search for attacks and stuck states over the public actions, without hints where to look.

    make search MINUTES=60 SEED=1 WORKERS=2
    make search SCORE=stuck JSON=build/search/stuck.json

Nothing of it reaches a chain, but what is found is carried out on one. The exit code is
1 when holders lose or get stuck; what the exchange's providers lose is shown as well.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from inverse_index.artifacts import project_root
from inverse_index.chain import Anvil, LocalBackend
from tests.search.climb import EXCHANGE, SCORES
from tests.search.runner import Job, Log, Row, run
from tests.support.constants import START

console = Console(width=120)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other scenarios.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--score", type=click.Choice(SCORES), default="both", show_default=True)
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the log there.")
def main(minutes: float, seed: int, workers: int, score: str, as_json: Path | None) -> None:
    job = Job(minutes, seed, workers, score)
    path = as_json or project_root() / "build" / "search" / f"{score}-{seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Anvil(timestamp=START) as node, LocalBackend(node.url) as chain:
        log = Log(job, chain)
        for found in run(job):
            row = log.add(found)
            if row is not None:
                show(row)
                write(path, log)
        write(path, log)
    worked = max(sum(log.worked), 1.0)
    console.print(
        f"{sum(log.runs):,} histories of {sum(log.done):,} scenarios in {log.elapsed:,.0f} s "
        f"({worked:,.0f} s of processors, {sum(log.runs) / worked:,.0f} a second); "
        f"{len(log.rows)} finds in {path}"
    )
    sys.exit(any(row.confirmed and row.cause != EXCHANGE for row in log.rows))


def show(row: Row) -> None:
    shown = "on the chain too" if row.confirmed else "NOT on the chain"
    console.print(
        f"[bold]{row.cause}[/] on {row.venue}, {shown}: {row.amount:,.2f} "
        f"(others lose {row.others:,.2f}) after {row.runs:,} histories, {row.elapsed:,.0f} s"
    )
    console.print(f"   {row.scenario} {row.name}; others: {row.script}", markup=False)
    console.print(f"   {row.history}", markup=False)


def write(path: Path, log: Log) -> None:
    figures = {
        **asdict(log.job),
        "histories": sum(log.runs),
        "scenarios": sum(log.done),
        "seconds": round(sum(log.worked), 1),
        "elapsed": round(log.elapsed, 1),
        "finds": [asdict(row) for row in log.rows],
    }
    path.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
