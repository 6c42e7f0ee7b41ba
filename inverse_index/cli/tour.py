# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run tour`: modes, exits and powers, tried one by one on a local chain."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from ..errors import UserError
from ..tour import VENUES, Tour, run_tour
from ..tour.record import DONE, Step
from ..tour.run import CHAPTERS
from .output import Output

HELP = """Try every mode, exit and power of a token, and say what happened.

A token with five components is deployed on an Anvil of its own, owned by a
timelock of two days, with a guardian and two holders. Each chapter begins
there. A step is done, or refused with the reason that the contract gives;
every one is compared with what must happen, and the exit code is 1 when any
differs.

\b
  guardian       stops mints, lowers the cap; all else refused; redemption goes on
  timelock       every change waits two days; holders leave at the old terms
  exits          redeem, withdraw, with a minimum, in kind: each where the
                 others are closed
  wind-down by the owner
                 closed in parts within a bound that doubles daily, settled
                 without prices, the last holder takes the last unit
  dead oracle    ten days after anybody's report anyone ends it
  wiped out      under a hundredth of the last reset's share anyone ends it
  hostile owner  the worst legal value of every power: what a holder loses who
                 leaves within the two days (beyond the usual exit), who stays,
                 and what the constants permit

\b
Examples
  ape run tour                       both venues, all chapters
  ape run tour --venue aave          on the real Aave v3 and Uniswap v3
  ape run tour --chapter exits --chapter timelock
  ape run tour --hostile             the hostile owner alone
  ape run tour --json | jq '.failed'
"""


@click.command(name="tour", help=HELP)
@click.option(
    "--venue",
    type=click.Choice([*VENUES, "all"]),
    default="all",
    show_default=True,
    help="Where the shorts are held.",
)
@click.option(
    "--chapter",
    "chapters",
    multiple=True,
    type=click.Choice(list(CHAPTERS)),
    help="Only this one; can be given again.  [default: all]",
)
@click.option("--hostile", is_flag=True, help="Only the hostile owner.")
@click.option("--json", "as_json", is_flag=True, help="Print steps and figures as JSON.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(venue: str, chapters: tuple[str, ...], hostile: bool, as_json: bool, debug: bool) -> None:
    out = Output(as_json)
    wanted = chapters or (("hostile owner",) if hostile else tuple(CHAPTERS))
    teller = _Teller(out)
    try:
        tours = [
            run_tour(name, teller.of(name), wanted)
            for name in (VENUES if venue == "all" else (venue,))
        ]
    except UserError as error:
        if debug:
            traceback.print_exc()
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    _powers(out, tours)
    _summary(out, tours)
    out.result(_values(tours))
    if any(tour.failed for tour in tours):
        sys.exit(1)


class _Teller:
    """Lines as steps happen, a heading before each chapter."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._last = ("", "")

    def of(self, venue: str) -> Any:
        def tell(step: Step) -> None:
            if (venue, step.chapter) != self._last:
                self._out.say(f"\n{step.chapter}, on {venue}")
                self._last = (venue, step.chapter)
            self._out.say(step_line(step))

        return tell


def step_line(step: Step) -> str:
    """`who  what  -> what happened`."""
    if not step.by:
        happened = "yes" if step.ok else f"NO: {step.happened}"
    elif step.ok:
        happened = "done" if step.happened == DONE else f"refused: {step.happened}"
    else:
        happened = f"NOT AS EXPECTED: {step.happened}; expected: {step.expected}"
    note = f" ({step.note})" if step.note else ""
    return f"  {step.by or '=':<14} {step.what:<60} {happened}{note}"


def _summary(out: Output, tours: Sequence[Tour]) -> None:
    rows = []
    for tour in tours:
        for chapter in dict.fromkeys(step.chapter for step in tour.steps):
            steps = [step for step in tour.steps if step.chapter == chapter]
            acts = [step for step in steps if step.by]
            done = sum(step.happened == DONE for step in acts)
            failed = sum(not step.ok for step in steps)
            checked = len(steps) - len(acts)
            counts = (done, len(acts) - done, checked, failed)
            rows.append([chapter, tour.venue, *map(str, counts)])
    out.say("")
    out.grid(("chapter", "venue", "done", "refused", "checked", "wrong"), rows, "summary")


def _powers(out: Output, tours: Sequence[Tour]) -> None:
    """What a hostile owner's powers cost, in percent of what a holder has."""
    heads = ("power, at its worst legal value", "over", "leaves in time", "stays", "bound")
    for tour in tours:
        rows = [
            [
                f"{each.power}: {each.worst}",
                each.over,
                f"{each.leaving / 100:.2f}%",
                f"{each.staying / 100:.2f}%",
                f"{each.bound / 100:.2f}%",
            ]
            for each in tour.figures
        ]
        if rows:
            out.say("")
            out.grid(heads, rows, f"hostile owner, on {tour.venue}")
        for each in tour.figures:
            out.say(f"  bound of '{each.worst}': {each.why}")


def _values(tours: Sequence[Tour]) -> dict[str, Any]:
    return {
        "steps": [
            {"venue": tour.venue, **asdict(step), "ok": step.ok}
            for tour in tours
            for step in tour.steps
        ],
        "figures": [
            {"venue": tour.venue, **asdict(figure)} for tour in tours for figure in tour.figures
        ],
        "failed": sum(len(tour.failed) for tour in tours),
    }
