# SPDX-License-Identifier: AGPL-3.0-only
"""What has been judged, in build/mutation/results.jsonl: one line a trial, the last counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .operators import Mutant
from .sample import text_of
from .suite import TestFile
from .warm import folder

NOT_VALID = ("invalid", "equal")
KILLED = ("killed", "timeout")


class Board:
    """Results by mutant. A mutant of a source that has changed is another one."""

    def __init__(self) -> None:
        self._path: Path = folder() / "results.jsonl"
        self._known: dict[str, dict[str, Any]] = {}
        if self._path.exists():
            for line in self._path.read_text().splitlines():
                entry = json.loads(line)
                self._known[entry["id"]] = entry

    def status(self, mutant: Mutant) -> str | None:
        """invalid, equal, killed, timeout, survived; None when not judged yet."""
        entry = self._known.get(identity(mutant), {"status": "died"})
        failed = entry["status"] in ("died", "hung")  # no judgement
        return None if failed else str(entry["status"])

    def note(self, mutant: Mutant, result: dict[str, Any]) -> None:
        entry = dict(result)
        before = self._known.get(identity(mutant), {})
        if result["status"] == "survived":
            entry["passed"] = {**before.get("passed", {}), **result["passed"]}
        entry |= {"id": identity(mutant), "key": mutant.key, "path": mutant.path}
        entry["mutant"] = str(mutant)
        self._known[entry["id"]] = entry
        with self._path.open("a") as out:
            out.write(json.dumps(entry) + "\n")

    def open_files(self, mutant: Mutant, files: Sequence[TestFile]) -> list[TestFile]:
        """The files that have not been passed by this mutant as they are now."""
        passed = self._known.get(identity(mutant), {}).get("passed", {})
        return [each for each in files if passed.get(each.path) != each.digest]

    def kills(self) -> Counter[tuple[str, str]]:
        """How many mutants of a source each test file has killed."""
        return Counter(
            (entry["path"], entry["by"].split("::")[0])
            for entry in self._known.values()
            if entry["status"] == "killed"
        )

    def first_valid(self, order: Sequence[Mutant], sample: int) -> list[Mutant]:
        """The first valid mutants of an order, as far as all before them are judged."""
        found: list[Mutant] = []
        for mutant in order:
            status = self.status(mutant)
            if status is None or len(found) == sample:
                break
            if status not in NOT_VALID:
                found.append(mutant)
        return found


def identity(mutant: Mutant) -> str:
    """Of a mutant of this very source."""
    import hashlib

    joined = f"{mutant.key} {hashlib.sha256(text_of(mutant.path).encode()).hexdigest()}"
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
