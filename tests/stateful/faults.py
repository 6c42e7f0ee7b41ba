# SPDX-License-Identifier: AGPL-3.0-only
"""Plants faults one by one and looks how soon the machines find each.

make planted        one after the other, with the steps that each took
"""

from __future__ import annotations

import sys
import time

import click
from rich.console import Console
from rich.table import Table

from tests.stateful.planted import FAULTS, Fault
from tests.stateful.workers import Broken, Done, Job, run_jobs

console = Console(width=120)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.argument("words", nargs=-1)
@click.option("--steps", default=50_000, show_default=True, help="Steps within which to find each.")
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(words: tuple[str, ...], steps: int, seed: int, workers: int) -> None:
    table = Table(title=f"Planted faults: found within {steps:,} steps, or not")
    for heading in ("part", "fault", "steps", "seconds", "how it showed"):
        table.add_column(heading)
    missed = 0
    for fault in chosen(" ".join(words)):
        started = time.monotonic()
        taken, shown = hunt(Job(steps, seed, workers, fault.machines, 0.0, (fault.change,)))
        missed += not shown
        seconds = f"{time.monotonic() - started:.0f}"
        table.add_row(fault.label, fault.name, f"{taken:,}", seconds, shown or "[red]not found[/]")
        console.print(f"{fault.name}: {taken:,} steps, {shown or 'NOT FOUND'}", markup=False)
    console.print(table)
    sys.exit(1 if missed else 0)


def chosen(words: str) -> list[Fault]:
    """Those whose part or name has the words."""
    return [fault for fault in FAULTS if words in f"{fault.label} {fault.name}"]


def hunt(job: Job) -> tuple[int, str]:
    """Steps taken until the fault showed, and how; "" if it did not."""
    taken = 0
    for found in run_jobs(job):
        if isinstance(found, Broken):
            return taken + found.batch, f"{found.message} ({found.place})"
        assert isinstance(found, Done)
        taken += found.tally.steps
    return taken, ""


if __name__ == "__main__":
    main()
