# SPDX-License-Identifier: AGPL-3.0-only
"""Worker processes, each searching one scenario after the other, and what they found."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inverse_index.chain import LocalBackend, end_with_parent
from tests.search.climb import Climb, Find, history_text
from tests.search.confirm import confirm, holds
from tests.search.scenarios import scenarios, script_text
from tests.search.scoring import Judge
from tests.support.processes import worker_processes

PER_SCENARIO = 3_500  # histories at the most, of one scenario in six
SHORT_PART = 7  # of the others, the part of it
FURTHER = 2.0  # times as much as before is news


@dataclass(frozen=True)
class Job:
    """A run. budget: histories of each scenario; first: the number of the first one."""

    minutes: float
    seed: int
    workers: int
    score: str = "both"
    budget: int = PER_SCENARIO

    def number(self, worker: int, place: int) -> int:
        return self.seed * 1_000_000 + place * self.workers + worker


@dataclass(frozen=True)
class Progress:
    """Of one worker: histories so far, scenarios done, seconds of its processor."""

    worker: int
    runs: int
    scenarios: int
    seconds: float


@dataclass(frozen=True)
class Row:
    """A find as the report has it. runs, seconds: of all workers until then, seconds
    of processors; elapsed: by the clock."""

    cause: str
    venue: str
    scenario: int
    name: str
    script: str
    history: str
    amount: float
    others: float
    on_chain: float
    confirmed: bool
    runs: int
    seconds: float
    elapsed: float


class Log:
    """What was found, each cause on each venue once, again when it brings much more."""

    def __init__(self, job: Job, chain: LocalBackend) -> None:
        self.job, self.chain = job, chain
        self.rows: list[Row] = []
        self.runs = [0] * job.workers
        self.done = [0] * job.workers
        self.worked = [0.0] * job.workers
        self.began = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def add(self, found: Progress | Find) -> Row | None:
        if isinstance(found, Progress):
            self.runs[found.worker], self.done[found.worker] = found.runs, found.scenarios
            self.worked[found.worker] = found.seconds
            return None
        judge = Judge(scenarios(found.scenario))
        venue = judge.scenario.plan.venue.kind
        known = [row for row in self.rows if (row.cause, row.venue) == (found.cause, venue)]
        confirmed = [row.amount for row in known if row.confirmed]
        if confirmed and found.amount <= FURTHER * max(confirmed):
            return None
        row = self.confirmed(judge, found, venue)
        self.rows.append(row)
        return row

    def confirmed(self, judge: Judge, found: Find, venue: str) -> Row:
        runs, seconds, elapsed = sum(self.runs), sum(self.worked), self.elapsed
        shown = confirm(self.chain, judge.scenario, found)
        return Row(
            found.cause,
            venue,
            found.scenario,
            judge.scenario.name,
            script_text(judge.scenario.script),
            history_text(found.genes),
            found.amount,
            found.others,
            shown.profit,
            holds(shown, found, judge.scenario),
            runs,
            seconds,
            elapsed,
        )


def run(job: Job) -> Iterator[Progress | Find]:
    """Results as they come, until the time is over."""
    deadline = time.monotonic() + 60 * job.minutes
    with worker_processes(_work, job, job.workers) as (results, processes):
        while time.monotonic() < deadline:
            try:
                found = results.get(timeout=1.0)
            except queue.Empty:
                if not any(each.is_alive() for each in processes):
                    raise RuntimeError("the workers have ended") from None
                continue
            if isinstance(found, str):
                raise RuntimeError(found)
            yield found


def _work(job: Job, worker: int, results: Any) -> None:
    """Scenarios without end: whoever started the process ends it."""
    end_with_parent()
    runs, place = 0, 0
    try:
        while True:
            number = job.number(worker, place)
            climb = Climb(number, scenarios(number), job.score)
            budget = job.budget if number % 6 == 0 else job.budget // SHORT_PART
            for found in climb.run(budget):
                made = runs + climb.judge.runs
                results.put(Progress(worker, made, place, time.process_time()))
                results.put(found)
            runs, place = runs + climb.judge.runs, place + 1
            results.put(Progress(worker, runs, place, time.process_time()))
    except Exception as error:
        results.put(f"scenario {job.number(worker, place)}: {type(error).__name__}: {error}")
        raise
    finally:
        sys.stdout.flush()
