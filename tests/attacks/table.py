# SPDX-License-Identifier: AGPL-3.0-only
"""What every attack brought its attacker, at best, with the defence and without it.

    make attacks        runs the attacks, prints the table, writes docs/evidence/attacks.md

An attack is a search: many sizes, moments and splits, each tried on a state of
its own and undone. `settle` takes what each attempt brought against the real
contracts and against those with the defence switched off; the first must never
be a gain, the second must contain one, else the attack proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from inverse_index.artifacts import project_root

FOLDER = "build/attacks"
# Where the part begins that `make search` is about, which stays as it is.
SEARCH = "\n## A search that was not told where to look\n"


@dataclass(frozen=True)
class Finding:
    """Profits in whole units of the collateral, after the attacker's own costs.

    attack: as a reader would call it; venue: where; defence: what was switched off.
    tried: attempts against the real contracts; refused: those that reverted.
    """

    attack: str
    venue: str
    defence: str
    tried: int
    refused: int
    best: float
    best_without: float


def settle(
    attack: str,
    venue: str,
    defence: str,
    unit: int,
    profits: Sequence[int | None],
    without: Sequence[int | None],
) -> Finding:
    """Judge and record an attack.

    profits, without: of each attempt in the collateral's smallest units, None for
    one that reverted as it should.
    """
    brought = [profit for profit in profits if profit is not None]
    gained = [profit for profit in without if profit is not None]
    best, best_without = max(brought, default=0), max(gained, default=0)
    finding = Finding(
        attack,
        venue,
        defence,
        len(profits),
        len(profits) - len(brought),
        best / unit,
        best_without / unit,
    )
    folder = project_root() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in f"{attack} {venue} {defence}".lower())
    (folder / f"{name}.json").write_text(json.dumps(asdict(finding)))
    assert best <= 0, f"{attack}: {best} gained in {venue}"
    assert best_without > 0, f"{attack}: nothing to gain even without {defence}"
    return finding


def findings() -> list[Finding]:
    """All that the last runs recorded."""
    files = sorted((project_root() / FOLDER).glob("*.json"))
    return [Finding(**json.loads(file.read_text())) for file in files]


HEADER = """# Attacks and what they gained

Written by `make attacks`. A profit is the attacker's best of all attempts, in whole units of the
collateral, after all costs; where the row says so, it is the loss of others instead. "Refused" are
attempts that reverted as they should. The last two columns are the same search with one defence
switched off: it has to find a profit, otherwise the attack would prove nothing. The docstrings of
`tests/attacks` explain each attack; [SECURITY.md](../../SECURITY.md#known-limits) lists what is not
prevented.

| attack | on | tried | refused | best profit | switched off | best profit then |
|---|---|---:|---:|---:|---|---:|
"""


def markdown(rows: Sequence[Finding]) -> str:
    """The table as a document."""
    return HEADER + "".join(
        f"| {f.attack} | {f.venue} | {f.tried} | {f.refused} | {f.best:,.6f} | {f.defence} "
        f"| {f.best_without:,.2f} |\n"
        for f in rows
    )


def main() -> None:
    table = Table(title="Attacks: best profit of the attacker, in units of the collateral")
    for heading in ("attack", "on", "tried", "refused", "best profit"):
        table.add_column(heading)
    table.add_column("switched off")
    table.add_column("best profit then")
    for f in findings():
        row = (f.attack, f.venue, str(f.tried), str(f.refused), f"{f.best:,.6f}")
        table.add_row(*row, f.defence, f"{f.best_without:,.6f}")
    Console(width=160).print(table)
    document = project_root() / "docs" / "evidence" / "attacks.md"
    _, heading, rest = document.read_text().partition(SEARCH)
    document.write_text(markdown(findings()) + heading + rest)


if __name__ == "__main__":
    main()
