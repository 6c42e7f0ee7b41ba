# SPDX-License-Identifier: AGPL-3.0-only
"""`python -m tools.mutation`: mutants against the tests.

Draws mutants by --seed until --sample of them compile to other bytecode, and runs
the tests that ask for their contracts. Results are kept in build/mutation: what has
been killed stays so; a survivor meets the test files that it has not met as they
are now.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import click

from inverse_index.artifacts import compile_all
from inverse_index.errors import UserError

from . import report
from .board import KILLED, NOT_VALID, Board
from .operators import Mutant
from .sample import drawn
from .suite import TestFile, ready
from .trial import job, ordered
from .warm import Job, run_all


@dataclass
class Run:
    """Judges mutants of an order until enough of them are valid.

    budget: seconds of tests for one mutant, the likely killers first.
    """

    board: Board
    files: list[TestFile]
    order: list[Mutant]
    sample: int
    budget: float
    again: bool
    under_way: dict[str, Mutant] = field(default_factory=dict)
    reviews: dict[report.Key, report.Review] = field(default_factory=report.reviews)

    def jobs(self) -> Iterator[Job]:
        valid, kills = 0, self.board.kills()
        for mutant in self.order:
            status = self.board.status(mutant)
            reviewed = report.is_equivalent(mutant, self.reviews)
            if status is None or (self.again and status == "survived" and not reviewed):
                chosen = self._chosen(ordered(mutant, self.files, kills), mutant)
                if chosen:
                    self.under_way[mutant.key] = mutant
                    yield job(mutant, chosen)
                    kills = self.board.kills()
            valid = self._valid_before(mutant)
            if valid >= self.sample:
                return

    def _valid_before(self, last: Mutant) -> int:
        place = self.order.index(last) + 1
        found = (self.board.status(each) for each in self.order[:place])
        return sum(status is not None and status not in NOT_VALID for status in found)

    def _chosen(self, files: list[TestFile], mutant: Mutant) -> list[TestFile]:
        chosen, seconds = [], 0.0
        for each in self.board.open_files(mutant, files):
            if seconds + each.seconds <= self.budget:
                chosen.append(each)
                seconds += each.seconds
        return chosen


@click.command(help=__doc__)
@click.option("--sample", default=400, help="Valid mutants to judge.")
@click.option("--seed", default=1, help="Decides which.")
@click.option("--workers", default=2, help="Processes at a time.")
@click.option("--budget", default=600.0, help="Seconds of tests for one mutant.")
@click.option("--again/--once", default=True, help="Judge survivors by what they have not met.")
@click.option("--only", default="", help="Mutants whose path or key contains this.")
@click.option(
    "--report/--no-report", "writes", default=True, help="Write docs/evidence/mutation.md."
)
def main(
    sample: int, seed: int, workers: int, budget: float, again: bool, only: str, writes: bool
) -> None:
    compile_all()
    files = ready(workers)
    board = Board()
    order = [each for each in drawn(seed) if only in f"{each.path} {each.key}"]
    run = Run(board, files, order, sample, budget, again)
    started = time.monotonic()
    for counted, (done, result) in enumerate(run_all(run.jobs(), workers), 1):
        mutant = run.under_way.pop(done.name)
        board.note(mutant, result)
        click.echo(
            f"{time.monotonic() - started:6.0f} s  {counted:4}  {result['status']:8}  {mutant}"
            f"  [{mutant.key} {result.get('compile_seconds', '')} {result.get('test_seconds', '')}"
            f" {result.get('by', '')}]"
        )
        sys.stdout.flush()
    judged = board.first_valid(order, sample)
    killed = sum(board.status(each) in KILLED for each in judged)
    click.echo(f"{killed} of {len(judged)} valid mutants killed")
    if writes and not only:
        report.write(board, order, sample, seed)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
