# SPDX-License-Identifier: AGPL-3.0-only
"""What a fuzzing run reached, as tables and as JSON."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.stateful.goals import GOALS, family
from tests.stateful.machine import Tally
from tests.stateful.workers import Done, Job

MIB = 2**20


@dataclass
class Run:
    """Figures of a run so far."""

    job: Job
    started: float = field(default_factory=time.monotonic)
    tallies: dict[str, Tally] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)  # of work, by machine
    memory: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # by worker

    def add(self, done: Done) -> None:
        self.tallies.setdefault(done.machine, Tally()).add(done.tally)
        self.seconds[done.machine] += done.seconds  # type: ignore[assignment]
        self.memory.setdefault(done.worker, []).append(done.memory)

    @property
    def steps(self) -> int:
        return sum(tally.steps for tally in self.tallies.values())

    @property
    def rate(self) -> float:
        """Steps a second of wall time, all workers together."""
        return self.steps / max(time.monotonic() - self.started, 1e-9)

    @property
    def worker_rate(self) -> float:
        """Steps a second of one worker's work."""
        return self.steps / max(sum(self.seconds.values()), 1e-9)

    @property
    def whole(self) -> Tally:
        total = Tally()
        for tally in self.tallies.values():
            total.add(tally)
        return total


def families(run: Run) -> dict[str, Tally]:
    """The tallies of a family's machines together."""
    found: dict[str, Tally] = {}
    for name, tally in run.tallies.items():
        found.setdefault(family(name), Tally()).add(tally)
    return found


def gaps(run: Run) -> dict[str, set[str]]:
    """Regimes that a family should have reached and did not."""
    missing = {
        name: set(GOALS[name]) - set(tally.reached) - set(tally.modes)
        for name, tally in families(run).items()
    }
    return {name: regimes for name, regimes in missing.items() if regimes}


def print_run(console: Console, run: Run) -> None:
    console.print(_machines(run))
    whole = run.whole
    console.print(_counts("Steps carried out", whole.rules))
    console.print(_counts("Regimes and events reached", whole.reached))
    modes = sum(whole.modes.values())
    if modes:
        shares = ", ".join(
            f"{name} {count / modes:.1%}" for name, count in whole.modes.most_common()
        )
        console.print(f"Modes after a step: {shares}")
    console.print(
        f"{run.steps:,} steps in {time.monotonic() - run.started:,.0f} s: {run.rate:,.0f} steps/s, "
        f"{run.worker_rate:,.0f} a worker; seed {run.job.seed}, {run.job.workers} workers"
    )
    console.print(f"Memory, MiB of Python and Anvil: {_memory(run)}")


def _machines(run: Run) -> Table:
    table = Table(title="Machines: chain and model equal after every step")
    for heading in ("machine", "histories", "steps", "steps/s", "kinds of steps", "regimes"):
        table.add_column(heading, justify="left" if heading == "machine" else "right")
    for name, tally in sorted(run.tallies.items()):
        wanted = GOALS[family(name)]
        reached = len(wanted & (set(tally.reached) | set(tally.modes)))
        table.add_row(
            name,
            f"{tally.examples:,}",
            f"{tally.steps:,}",
            f"{tally.steps / max(run.seconds[name], 1e-9):,.0f}",
            str(len(tally.rules)),
            f"{reached} of {len(wanted)}",
        )
    return table


def _counts(title: str, counts: Counter[str]) -> str:
    body = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
    return f"{title}: {body}"


def _memory(run: Run) -> str:
    """First, highest and last of each worker."""
    rows = []
    for worker, seen in sorted(run.memory.items()):
        first, last = seen[0], seen[-1]
        most = max(sum(each) for each in seen)
        rows.append(
            f"worker {worker} {first[0] // MIB}+{first[1] // MIB} at first, "
            f"{last[0] // MIB}+{last[1] // MIB} at last, {most // MIB} at most"
        )
    return "; ".join(rows) or "not measured"


def write_json(path: Path, run: Run) -> None:
    whole = run.whole
    figures: dict[str, Any] = {
        "seed": run.job.seed,
        "workers": run.job.workers,
        "steps": run.steps,
        "steps_per_second": round(run.rate, 1),
        "steps_per_second_and_worker": round(run.worker_rate, 1),
        "machines": {name: tally.steps for name, tally in run.tallies.items()},
        "rules": dict(whole.rules.most_common()),
        "reached": dict(whole.reached.most_common()),
        "modes": dict(whole.modes.most_common()),
        "never_reached": {name: sorted(missing) for name, missing in gaps(run).items()},
        "memory_bytes": {
            worker: [sum(each) for each in seen] for worker, seen in run.memory.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
