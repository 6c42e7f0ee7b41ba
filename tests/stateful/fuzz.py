# SPDX-License-Identifier: AGPL-3.0-only
"""Long random histories on several processes: what `make fuzz` runs.

    make fuzz STEPS=200000 SEED=1 WORKERS=2
    make fuzz MACHINES="perp aave-3"
    make fuzz REPLAY=build/fuzz/perp-1.json

The same steps, seed and number of workers make the same histories.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from inverse_index.artifacts import project_root
from inverse_index.chain import Anvil, LocalBackend
from inverse_index.errors import UserError
from tests.stateful.histories import Failure, load, replay
from tests.stateful.machines import MACHINES, machine
from tests.stateful.report import Run, gaps, print_run, write_json
from tests.stateful.workers import START, Broken, Done, Job, run_jobs

FOLDER = Path("build/fuzz")
ENOUGH = 80_000  # steps of all machines from which on every regime has to be reached
console = Console(width=120)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--steps", default=20_000, show_default=True, help="Steps of all machines together.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other histories.")
@click.option("--workers", default=2, show_default=True, help="Processes, each with an Anvil.")
@click.option("--machine", "machines", multiple=True, help=f"One or more of {', '.join(MACHINES)}.")
@click.option("--replay", "replayed", type=click.Path(path_type=Path), help="A written history.")
@click.option("--shorten", default=60.0, show_default=True, help="Seconds to shorten a failure.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
def main(
    steps: int,
    seed: int,
    workers: int,
    machines: tuple[str, ...],
    replayed: Path | None,
    shorten: float,
    as_json: Path | None,
) -> None:
    try:
        if replayed is not None:
            sys.exit(replay_file(replayed))
        names = chosen(machines)
        for name, value in (("--steps", steps), ("--workers", workers)):
            if value < 1:
                raise UserError(f"{name}: got {value}, expected at least 1", "choose a number")
        sys.exit(fuzz(Job(steps, seed, workers, names, shorten), as_json))
    except UserError as error:
        console.print(f"[red]{error.message}[/]: {error.remedy}")
        sys.exit(2)


def chosen(machines: tuple[str, ...]) -> tuple[str, ...]:
    """All of them unless some are named."""
    for name in machines:
        if name not in MACHINES:
            raise UserError(f"no machine {name}", f"choose from {', '.join(MACHINES)}")
    return machines or tuple(MACHINES)


def fuzz(job: Job, as_json: Path | None) -> int:
    """Exit code: 1 after a failure, or when a long run missed a regime."""
    run, broken = Run(job), None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"seed {job.seed}", total=job.steps, rate="")
        for done in run_jobs(job):
            if isinstance(done, Broken):
                broken = done
                break
            assert isinstance(done, Done)
            run.add(done)
            progress.update(task, completed=run.steps, rate=f"{run.rate:,.0f} steps/s")
    print_run(console, run)
    if as_json is not None:
        write_json(as_json, run)
    if broken is not None:
        return explain(broken)
    missed = gaps(run)
    for name, missing in missed.items():
        console.print(f"[yellow]{name} never reached:[/] {', '.join(sorted(missing))}")
    if missed and run.steps >= ENOUGH and set(job.machines) == set(MACHINES):
        console.print("[red]a run of this length has to reach everything[/]")
        return 1
    return 0


def explain(broken: Broken) -> int:
    """What failed, where, and how to see it again."""
    path = project_root() / FOLDER / f"{broken.machine}-{broken.seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(broken.history)
    console.print(f"[red]{broken.machine} failed[/] after {broken.steps:,} steps of its worker")
    console.print(f"  {broken.message}", markup=False)
    console.print(f"  at {broken.place}", markup=False)
    console.print(f"  {broken.length} steps are left after shortening:")
    for line in broken.history.splitlines()[1:-1]:
        console.print(f"   {line}", markup=False, highlight=False)
    console.print(f"  again: make fuzz REPLAY={path.relative_to(project_root())}", markup=False)
    return 1


def replay_file(path: Path) -> int:
    """Carry a written history out, with everything that is known of its failure."""
    name, history = load(path)
    if name not in MACHINES:
        raise UserError(f"{path} is of a machine {name}", f"known are {', '.join(MACHINES)}")
    with Anvil(timestamp=START) as node, LocalBackend(node.url) as chain:
        started = time.monotonic()
        failure: Failure | None = replay(machine(name, chain), history)
    if failure is None:
        console.print(
            f"{name}: {len(history)} steps, nothing failed ({time.monotonic() - started:.1f} s)"
        )
        return 0
    for taken, arguments in failure.taken:
        console.print(f"  {taken} {arguments}", markup=False, highlight=False)
    console.print(f"[red]{name}[/] fails at {failure.place}")
    console.print(failure.message, markup=False)
    raise failure.error


if __name__ == "__main__":
    main()
