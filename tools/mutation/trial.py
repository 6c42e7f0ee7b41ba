# SPDX-License-Identifier: AGPL-3.0-only
"""One mutant: compile it, compare the bytecode, run the tests until one fails."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from inverse_index.artifacts import _variant_dir, altered_sources

from .operators import Mutant
from .sample import askers, sources, text_of
from .suite import TestFile, Watch, code_of
from .warm import Job, Timeout, remove_variant, run_pytest

SLACK = 60.0  # seconds to compile in
PATIENCE = 3.0  # a mutant may take this many times what the original takes


def job(mutant: Mutant, files: Sequence[TestFile]) -> Job:
    """To be run in a fork; `files` in the order to run them in."""
    seconds = SLACK + PATIENCE * sum(each.seconds for each in files)
    return Job(mutant.key, lambda: judged(mutant, files), seconds)


def judged(mutant: Mutant, files: Sequence[TestFile]) -> dict[str, Any]:
    """status: invalid, equal (same bytecode), killed or survived."""
    users = sources()[mutant.path]
    originals = {name: code_of(name) for name in users}
    started = time.monotonic()
    with altered_sources({mutant.path: mutant.applied(text_of(mutant.path))}):
        try:
            try:
                same = all(code_of(name) == originals[name] for name in users)
            except Exception as error:  # the compiler does not only raise its own
                return {"status": "invalid", "why": repr(error)[-300:]}
            compiled = time.monotonic()
            if same:
                return {"status": "equal"}
            result = _tested(files)
        finally:
            remove_variant(_variant_dir())
    result["compile_seconds"] = round(compiled - started, 2)
    result["test_seconds"] = round(time.monotonic() - compiled, 2)
    return result


def _tested(files: Sequence[TestFile]) -> dict[str, Any]:
    """Together in one session; a failure counts in the first file, or when it comes
    back alone.

    (Alone every file passes without a mutant. Whether it does after these others, in
    this order, nobody has tried.)
    """
    unfit = [f"--deselect={test}" for each in files for test in each.unfit]
    pending = [each.path for each in files]
    while pending:
        failed, why = _failure(["-x", *unfit, *pending])
        if failed is None:
            break
        path = failed.split("::")[0]
        for again in (failed, path):
            if path == pending[0] or _failure(["-x", *unfit, again])[0] is not None:
                return {"status": "killed", "by": failed, "why": why, "confirmed": True}
        pending = pending[pending.index(path) + 1 :]
    return {"status": "survived", "passed": {each.path: each.digest for each in files}}


def _failure(arguments: list[str]) -> tuple[str | None, str]:
    """The first test that fails, and how."""
    watch = Watch()
    code = run_pytest(arguments, watch)
    if watch.failed:
        return watch.failed[0], watch.why
    if code == pytest.ExitCode.INTERRUPTED:
        raise Timeout
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code}")
    return None, ""


def ordered(
    mutant: Mutant, files: Sequence[TestFile], kills: Counter[tuple[str, str]]
) -> list[TestFile]:
    """The files that ask for a contract of the mutant's, likely killers first.

    kills: how many mutants of a source a test file has killed so far.
    """
    users = sources()[mutant.path]
    homes = {"".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:] for name in users}
    homes.add(mutant.path.split("/")[-1].removesuffix(".vy"))
    homes |= {"token"} if "InverseIndexToken" in users else set()

    def worth(each: TestFile) -> float:
        own = each.path.split("/")[-2] in homes
        score = kills[mutant.path, each.path] + (0.5 if own else 0.1)
        return score / (each.seconds + 0.2)

    reached = [each for each in files if askers()[mutant.path] & set(each.asks)]
    return sorted(reached, key=worth, reverse=True)
