# SPDX-License-Identifier: AGPL-3.0-only
"""Worker processes that run until they are ended, and the queue of their results."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

GRACE = 10.0  # seconds to end in, before a process is killed


@contextmanager
def worker_processes(work: Callable[..., None], job: Any, count: int) -> Iterator[tuple[Any, Any]]:
    """The queue and the processes of work(job, place, queue), place 0 to count - 1;
    all have ended afterwards."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    processes = [
        context.Process(target=work, args=(job, place, results), daemon=True)
        for place in range(count)
    ]
    for each in processes:
        each.start()
    try:
        yield results, processes
    finally:
        for each in processes:
            each.terminate()
        for each in processes:
            each.join(GRACE)
            if each.is_alive():
                each.kill()
                each.join()
