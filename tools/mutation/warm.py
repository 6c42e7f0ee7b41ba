# SPDX-License-Identifier: AGPL-3.0-only
"""Forked jobs: a process that has imported everything starts each in no time."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from inverse_index.errors import UserError

GRACE = 60.0  # seconds after its own alarm that a job may take to end


class Timeout(KeyboardInterrupt):
    """The alarm went off: pytest tidies up and ends."""


@dataclass(frozen=True)
class Job:
    """Something to do in a process of its own; `work` returns what JSON can hold."""

    name: str
    work: Callable[[], dict[str, Any]]
    seconds: float


def folder(name: str = "") -> Path:
    path = project_root() / "build" / "mutation" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def warm_up(files: list[str]) -> None:
    """Import the compiler and all test files, so that forks have them."""
    from hypothesis import Phase, settings

    settings.register_profile(  # not to shrink, nor to remember
        "mutation",
        database=None,
        derandomize=True,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("mutation")
    if run_pytest(["--collect-only", *files], quiet=True) != 0:
        raise UserError("the tests cannot be collected", "run pytest --collect-only")
    _remember_optimised()
    gc.collect()
    gc.freeze()
    gc.disable()  # jobs are short


def _remember_optimised() -> None:
    """Optimise no part of the compiler's intermediate code twice (a third of its time).

    The code is the same: `suite` compares each contract's with the cached artifact's.
    """
    from vyper.ir import optimizer

    original = optimizer._optimize

    def remembering(node: Any, parent: Any) -> Any:
        place = None if parent is None else parent.value  # all that it looks at
        known = node.__dict__.setdefault("_optimised", {})
        if place not in known:
            known[place] = original(node, parent)
        return known[place]

    optimizer._optimize = remembering


def run_pytest(arguments: list[str], *plugins: object, quiet: bool = False) -> int:
    off = ("cacheprovider", "xdist", "unraisableexception", "threadexception")
    common = [*(f"-pno:{name}" for name in off), "--assert=plain", "--tb=line", "-q"]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere if quiet else sys.stdout):
        return int(pytest.main([*common, *arguments], plugins=list(plugins)))


def run_all(jobs: Iterator[Job], workers: int) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Results as they come; at most `workers` jobs at a time, drawn when one is free."""
    running: dict[int, tuple[Job, float]] = {}
    more = True
    try:
        while more or running:
            while more and len(running) < workers:
                job = next(jobs, None)
                if job is None:
                    more = False
                else:
                    running[_forked(job)] = (job, time.monotonic())
            yield from _ended(running)
            time.sleep(0.02)
    finally:
        for process in running:
            os.kill(process, signal.SIGALRM)  # ends its Anvil too
        for process in running:
            os.waitpid(process, 0)


def _ended(running: dict[int, tuple[Job, float]]) -> Iterator[tuple[Job, dict[str, Any]]]:
    for process, (job, started) in list(running.items()):
        if os.waitpid(process, os.WNOHANG)[0] == process:
            del running[process]
            yield job, _result(job)
        elif time.monotonic() - started > job.seconds + GRACE:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            del running[process]
            yield job, {"status": "hung"}


def _result(job: Job) -> dict[str, Any]:
    path = folder("jobs") / f"{job.name}.json"
    if not path.exists():
        return {"status": "died"}
    result: dict[str, Any] = json.loads(path.read_text())
    path.unlink()
    return result


def _forked(job: Job) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        os.setsid()
        log = os.open(folder("jobs") / f"{job.name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        (folder("jobs") / f"{job.name}.json").unlink(missing_ok=True)
        signal.signal(signal.SIGALRM, _alarm)
        signal.setitimer(signal.ITIMER_REAL, job.seconds)
        try:
            result = job.work()
        except Timeout:
            result = {"status": "timeout"}
        signal.setitimer(signal.ITIMER_REAL, 0)
        temporary = folder("jobs") / f"{job.name}.tmp"
        temporary.write_text(json.dumps(result))
        temporary.rename(folder("jobs") / f"{job.name}.json")
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _alarm(number: int, frame: object) -> None:
    raise Timeout


def remove_variant(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
