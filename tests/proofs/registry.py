# SPDX-License-Identifier: AGPL-3.0-only
"""All proofs in one list, and the table of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from inverse_index.artifacts import artifact, project_root
from tests.support.proof_harness import ProofHarness

from . import flows, shares, symbolic, venues
from .compared import COMPARISONS, Comparison
from .faults import GROUPS
from .lemmas import LEMMAS, Lemma
from .proof import COMPARED, GRID, LEMMA, SYMBOLIC, WIDE, Property, shown
from .rounded import ELSEWHERE

PROPERTIES = {
    each.name: each for each in (*shares.PROPERTIES, *flows.PROPERTIES, *venues.PROPERTIES)
}
FOR_ALL = "all"
HEAD = """# Proofs of the arithmetic

`make proofs` shows all of this anew and writes this file; `make test` shows the lemmas and
comparisons, the corners and random points, and runs of points of each grid.

A property is a function of a contract in `contracts/testing` that calls the modules' own code and
returns whether something holds; it fails as well where it reverts, so that what holds has no
overflow either. A grid is every combination of the values given. v and b are virtual shares
per unit and virtual collateral; L, N, E, I the multiple, net asset value, exposure, index level.

z3 proves what follows from the directions of rounding, for numbers of any size; the properties
show that the bytecode rounds so. halmos walks the bytecode for all words at once, which serves
for shifts, masks, sums and comparisons; its solvers gave up on quotients, even of 32 bits.
A grid is a proof for its points only, and corners and random points prove no more than
themselves.
"""


@dataclass(frozen=True)
class Proof:
    """One line of the table."""

    name: str
    says: str
    method: str
    ranges: str
    cases: int | str  # of a full run, where they are points
    run: Callable[[ProofHarness], int]


def proofs() -> list[Proof]:
    """Every proof, in the table's order."""
    found = [_lemma(each) for each in LEMMAS]
    found += [_symbolic(each) for each in symbolic.PROOFS]
    found += [_comparison(each) for each in COMPARISONS]
    for prop in PROPERTIES.values():
        found.append(_grid(prop))
        if prop.wide:
            found.append(_wide(prop))
    return found


def table_path() -> Path:
    return project_root() / "docs" / "evidence" / "proofs.md"


def table(seconds: dict[tuple[str, str], float]) -> str:
    """The whole file. seconds: by name and method, what is missing is left out."""
    lines = [HEAD]
    for method in (LEMMA, SYMBOLIC, COMPARED, GRID, WIDE):
        rows = [each for each in proofs() if each.method == method]
        lines += [f"## {method[0].upper()}{method[1:]}", ""]
        lines += _rows(rows, seconds)
    lines += ["## Faults that were planted", ""]
    lines += ["Each has to make its property fail, in the corners or in the grid.", ""]
    lines += ["| module | fault | property that fails |", "|---|---|---|"]
    for group in GROUPS.values():
        lines += [f"| `{f.module}` | `{f.new}` | `{f.prop}` |" for f in group]
    lines += ["", "## Named roundings without a property of their own", ""]
    lines += ["They read a venue, an immutable or storage first.", ""]
    lines += ["| function | shown by |", "|---|---|"]
    lines += [f"| `{name}` | {shown_by} |" for name, shown_by in ELSEWHERE.items()]
    return "\n".join(lines) + "\n"


def without_times(text: str) -> str:
    """The table but for what differs from run to run."""
    return re.sub(r"\| [\d.]* \|$", "| |", text, flags=re.MULTILINE)


def _rows(rows: list[Proof], seconds: dict[tuple[str, str], float]) -> Iterable[str]:
    yield "| proof | property | ranges | cases | seconds |"
    yield "|---|---|---|---|---|"
    for row in rows:
        took = seconds.get((row.name, row.method))
        cases = f"{row.cases:,}" if isinstance(row.cases, int) else row.cases
        says, ranges = row.says.replace("|", "\\|"), row.ranges.replace("|", "\\|")
        took_text = "" if took is None else f"{took:.1f}"
        yield f"| {row.name} | {says} | {ranges} | {cases} | {took_text} |"
    total = [row.cases for row in rows if isinstance(row.cases, int)]
    if total:
        yield f"| together | | | {sum(total):,} | |"
    yield ""


def _lemma(lemma: Lemma) -> Proof:
    return Proof(lemma.name, lemma.says, LEMMA, lemma.ranges, FOR_ALL, lambda _: lemma.prove())


def _symbolic(proof: symbolic.Symbolic) -> Proof:
    says = proof.prop.says
    return Proof(proof.name, says, SYMBOLIC, proof.ranges, FOR_ALL, lambda _: symbolic.prove(proof))


def _comparison(each: Comparison) -> Proof:
    def run(harness: ProofHarness) -> int:
        each.run(harness)
        return each.cases

    return Proof(each.name, each.says, COMPARED, each.ranges, each.cases, run)


def _grid(prop: Property) -> Proof:
    ranges = _named(prop, map(shown, prop.grid))
    return Proof(
        prop.name,
        prop.says,
        GRID,
        ranges,
        prop.size,
        lambda harness: harness.whole(prop),
    )


def _wide(prop: Property) -> Proof:
    ranges = _named(prop, map(str, prop.wide))
    return Proof(
        prop.name,
        prop.says,
        WIDE,
        ranges,
        sum(1 for _ in prop.wide_points()),
        lambda harness: harness.wide(prop),
    )


def _named(prop: Property, texts: Iterable[str]) -> str:
    abi = artifact(prop.contract).abi
    entry = next(each for each in abi if each.get("name") == prop.name)
    names = [each["name"].strip("_") for each in entry["inputs"]]
    return "; ".join(f"{name}: {text}" for name, text in zip(names, texts, strict=True))
