# SPDX-License-Identifier: AGPL-3.0-only
"""Worker processes of a fuzzing run: each has an Anvil and all machines on it."""

from __future__ import annotations

import os
import queue
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from inverse_index.chain import Anvil, LocalBackend, Reverted, end_with_parent
from inverse_index.errors import UserError
from tests.stateful.histories import Failure, place_of, replay, save, shortened
from tests.stateful.machine import Machine, Tally
from tests.stateful.machines import machine
from tests.stateful.profiles import LENGTH, fuzz
from tests.support.processes import worker_processes
from tests.support.variants import Change, variant

START = 1_704_067_200  # 1 January 2024, 00:00 UTC
BATCH = 50  # examples of one machine, then the next machine's turn
PATIENCE = 600.0  # seconds for one batch


@dataclass(frozen=True)
class Job:
    """A run. shorten: seconds for making a failing history short; changes: to the
    contracts, to see whether they are found."""

    steps: int
    seed: int
    workers: int
    machines: tuple[str, ...]
    shorten: float = 60.0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Done:
    """One batch of one machine. seconds: of work, the deployment apart; memory:
    bytes of the process and of its Anvil."""

    worker: int
    machine: str
    tally: Tally
    seconds: float
    memory: tuple[int, int]


@dataclass(frozen=True)
class Broken:
    """A failure, its history already shortened and written as JSON. steps: of its
    worker; batch: those of the batch that did not end."""

    machine: str
    seed: int
    steps: int
    batch: int
    message: str
    place: str
    length: int
    history: str


@dataclass(frozen=True)
class Crashed:
    """The worker itself failed."""

    message: str


def run_jobs(job: Job) -> Iterator[Done | Broken]:
    """Results as they come, up to the first failure."""
    with worker_processes(_work, job, job.workers) as (results, processes):
        steps = 0
        while steps < job.steps:
            found = _next(results, processes)
            if isinstance(found, Crashed):
                raise UserError(f"a worker ended: {found.message}", "look at the machine's code")
            if isinstance(found, Done):
                steps += found.tally.steps
            yield found
            if isinstance(found, Broken):
                return


def _next(results: Any, processes: list[Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return results.get(timeout=1.0)
        except queue.Empty:
            if not any(each.is_alive() for each in processes) and results.empty():
                break
    raise UserError("a worker gave no sign of life", "run again with one worker")


def _work(job: Job, place: int, results: Any) -> None:
    """Batches without end: whoever started the process ends it."""
    end_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # while its Anvil starts
    try:
        with (
            variant(*job.changes),
            Anvil(timestamp=START) as node,
            LocalBackend(node.url) as chain,
        ):
            signal.signal(signal.SIGTERM, lambda *_: _end(node))
            assert node.pid is not None
            worker = _Worker(job, place, chain, node.pid)
            for batch in range(10**9):
                found = worker.batch(batch)
                results.put(found)
                if isinstance(found, Broken):
                    time.sleep(PATIENCE)
    except SystemExit:
        raise
    except BaseException as error:
        results.put(Crashed(f"{type(error).__name__}: {error}"))
        raise


def _end(node: Anvil) -> None:
    """Ended from outside, in the middle of anything."""
    try:
        node.stop()
    finally:
        os._exit(0)


class _Worker:
    """One process: its machines are deployed when their turn comes."""

    def __init__(self, job: Job, place: int, chain: LocalBackend, anvil: int) -> None:
        self.job, self.place, self.chain, self.anvil = job, place, chain, anvil
        self.empty = chain.snapshot()
        self.steps = 0

    def batch(self, number: int) -> Done | Broken:
        names = self.job.machines
        name = names[(number * self.job.workers + self.place) % len(names)]
        try:
            kind = self._deployed(name)
        except (AssertionError, Reverted) as error:
            return self._stillborn(name, error)
        kind.tally = Tally()
        examples = max(min(BATCH, self.job.steps // LENGTH), 1)
        number_of = (self.job.seed * 1_000 + self.place) * 1_000_000 + number
        started = time.perf_counter()
        try:
            run_state_machine_as_test(seed(number_of)(kind), settings=fuzz(examples))
        except Exception as error:
            if kind.failure is None:
                raise
            return self._broken(name, kind, error)
        self.steps += kind.tally.steps
        seconds = time.perf_counter() - started
        memory = (_memory(os.getpid()), _memory(self.anvil))
        return Done(self.place, name, kind.tally, seconds, memory)

    def _deployed(self, name: str) -> type[Machine]:
        """The machine's harness, alone on the chain: each has a time of its own."""
        self.chain.revert(self.empty)
        self.empty = self.chain.snapshot()
        return machine(name, self.chain)

    def _stillborn(self, name: str, error: Exception) -> Broken:
        """It failed while its harness was deployed or first compared."""
        failure = Failure(error, place_of(error), ())
        return Broken(name, self.job.seed, self.steps, 0, failure.message, failure.place, 0, "{}")

    def _broken(self, name: str, kind: type[Machine], error: Exception) -> Broken:
        """Replayed, to know that it fails again, and shortened."""
        history, taken = list(kind.failure or []), kind.tally.steps
        failure = replay(kind, history) or Failure(error, "not again when replayed", tuple(history))
        failure = shortened(kind, failure, self.job.shorten)
        path = Path(os.environ.get("TMPDIR", "/tmp")) / f"history-{os.getpid()}.json"
        save(path, name, failure.taken)
        text = path.read_text()
        path.unlink()
        return Broken(
            name,
            self.job.seed,
            self.steps + taken,
            taken,
            failure.message,
            failure.place,
            len(failure.taken),
            text,
        )


def _memory(pid: int) -> int:
    """Resident bytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
