# SPDX-License-Identifier: AGPL-3.0-only
"""Histories that failed: written down, replayed, made short.

A history is a list of steps with their arguments. What a step does depends on
the state it meets, so any part of a history is a history as well; a step that
cannot be taken is left out.
"""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inverse_index.errors import UserError
from tests.stateful.machine import Carried, Machine


@dataclass(frozen=True)
class Failure:
    """How a history failed. place: the innermost line of the project's tests."""

    error: BaseException
    place: str
    taken: tuple[Carried, ...]

    @property
    def kind(self) -> tuple[str, str]:
        """Alike for two histories that fail in the same way."""
        return type(self.error).__name__, self.place

    @property
    def message(self) -> str:
        text = str(self.error).strip().splitlines()
        return f"{type(self.error).__name__}: {text[0] if text else ''}"[:300]


def replay(kind: type[Machine], history: Sequence[Carried]) -> Failure | None:
    """Carry a history out; how it failed, or None."""
    machine: Any = kind()
    try:
        try:
            for name, arguments in history:
                step = getattr(machine, name)
                if step.is_possible(machine):
                    step(**arguments)
                    machine.all_holds()
        finally:
            machine.teardown()
    except Exception as error:
        return Failure(error, place_of(error), tuple(machine.history))
    return None


def place_of(error: BaseException) -> str:
    """The innermost line of the project's tests."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/tests/" in frame.filename]
    last = own[-1] if own else frames[-1]
    return f"{Path(last.filename).name}:{last.lineno} in {last.name}"


def shortened(kind: type[Machine], failure: Failure, seconds: float) -> Failure:
    """The same failure with as few steps as can be found in that time: pieces are
    left out, half of the history first, then smaller ones."""
    deadline, best = time.monotonic() + seconds, failure
    size = max(len(best.taken) // 2, 1)
    while True:
        at, shorter = 1, False
        while at < len(best.taken) and time.monotonic() < deadline:
            candidate = best.taken[:at] + best.taken[at + size :]
            found = replay(kind, candidate)
            if found is not None and found.kind == best.kind:
                best, shorter = found, True
            else:
                at += size
        if time.monotonic() >= deadline or (size == 1 and not shorter):
            return best
        size = max(size // 2, 1)


# files


def save(path: Path, machine: str, history: Sequence[Carried]) -> None:
    """As JSON; `load` reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"  {json.dumps([name, arguments])}" for name, arguments in history)
    path.write_text(f'{{"machine": "{machine}", "steps": [\n{lines}\n]}}\n')


def load(path: Path) -> tuple[str, list[Carried]]:
    """The machine's name and the history."""
    try:
        stored = json.loads(path.read_text())
        return stored["machine"], [(name, arguments) for name, arguments in stored["steps"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is no history that can be replayed ({type(error).__name__})",
            "give a file that `make fuzz` wrote into build/fuzz",
        ) from error
