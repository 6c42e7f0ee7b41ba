# SPDX-License-Identifier: AGPL-3.0-only
"""docs/evidence/mutation.md: the score, and every survivor with what a review says of it.

The reviews are in static/mutants.json, by the changed line of code: they stay valid
while lines move.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from inverse_index.artifacts import project_root

from .board import KILLED, NOT_VALID, Board
from .operators import Mutant

START, END = "<!-- begin: written by make mutation -->", "<!-- end -->"
Review = dict[str, str]  # file, function, before, after, verdict (equivalent, open), review
Key = tuple[str, str, str, str]


def reviews_path() -> Path:
    return project_root() / "static" / "mutants.json"


def document_path() -> Path:
    return project_root() / "docs" / "evidence" / "mutation.md"


def reviews() -> dict[Key, Review]:
    if not reviews_path().exists():
        return {}
    return {
        (each["file"], each["function"], each["before"], each["after"]): each
        for each in json.loads(reviews_path().read_text())
    }


def key(mutant: Mutant) -> Key:
    return mutant.path, mutant.function, mutant.before, mutant.after


def is_equivalent(mutant: Mutant, known: dict[Key, Review]) -> bool:
    return known.get(key(mutant), {}).get("verdict") == "equivalent"


def write(board: Board, order: Sequence[Mutant], sample: int, seed: int) -> None:
    """The written part of the document anew, and empty reviews for new survivors."""
    judged = board.first_valid(order, sample)
    survivors = [each for each in judged if board.status(each) not in KILLED]
    known = reviews()
    for each in survivors:
        known.setdefault(key(each), {**_entry(each), "verdict": "open", "review": ""})
    reviews_path().write_text(json.dumps(list(known.values()), indent=2) + "\n")
    last = order.index(judged[-1]) + 1 if judged else 0
    text = "\n".join(_lines(board, order[:last], judged, survivors, known, seed))
    document = document_path().read_text() if document_path().exists() else f"{START}\n{END}\n"
    head, rest = document.split(START)
    document_path().write_text(f"{head}{START}\n{text}\n{END}{rest.split(END)[1]}")


def _entry(mutant: Mutant) -> Review:
    file, function, before, after = key(mutant)
    return {"file": file, "function": function, "before": before, "after": after}


def _lines(
    board: Board,
    drawn: Sequence[Mutant],
    judged: Sequence[Mutant],
    survivors: Sequence[Mutant],
    known: dict[Key, Review],
    seed: int,
) -> list[str]:
    status = Counter(board.status(each) for each in drawn)
    equivalent = [each for each in survivors if is_equivalent(each, known)]
    real = len(judged) - len(equivalent)
    killed = len(judged) - len(survivors)
    dropped = ", ".join(f"{status[name]} {name}" for name in NOT_VALID)
    return [
        "",
        f"Seed {seed}: {len(drawn)} mutants drawn ({dropped}), {len(judged)} valid, "
        f"{len(equivalent)} of these equivalent by review, {killed} killed.",
        "",
        f"**Score: {killed} of {real} = {killed / max(real, 1):.1%}.**",
        "",
        *_by("source", judged, survivors, equivalent, lambda each: f"`{each.path}`"),
        *_by("operator", judged, survivors, equivalent, lambda each: each.operator),
        "### Survivors",
        "",
        "| where | mutant | verdict | review |",
        "|---|---|---|---|",
        *(_row(each, known) for each in sorted(survivors, key=lambda m: (m.path, m.start))),
        "",
    ]


def _by(title: str, judged, survivors, equivalent, name) -> list[str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    total, alive, same = (Counter(map(name, each)) for each in (judged, survivors, equivalent))
    rows = []
    for each in sorted(total):
        killed, real = total[each] - alive[each], total[each] - same[each]
        score = f"{killed / real:.0%}" if real else "–"
        rows.append(f"| {each} | {total[each]} | {killed} | {same[each]} | {score} |")
    head = f"| {title} | valid | killed | equivalent | score |"
    return [head, "|---|---|---|---|---|", *rows, ""]


def _row(mutant: Mutant, known: dict[Key, Review]) -> str:
    review = known[key(mutant)]
    shown = f"`{mutant.before}` → `{mutant.after}`".replace("|", "\\|")
    where = f"{mutant.path.removeprefix('contracts/')}, {mutant.function}"
    return f"| {where} | {shown} | {review['verdict']} | {review['review']} |"
