# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run replay`: a token through a price history, beside its exact model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from inverse_index.cli.output import compilations_shown
from inverse_index.config.venue import KINDS
from inverse_index.errors import UserError
from inverse_index.prices import parse_option
from inverse_index.replay import ReplayOptions
from inverse_index.replay.session import Outputs, read_deployment, read_history, run_replay
from inverse_index.report.table import print_summary

EXAMPLES = """
Replay a price history: deploy on an Anvil of its own, post every row of prices
at its own time, let holders mint and redeem and a keeper rebalance, and hold
chain and model against each other in every integer.

\b
Examples
  ape run replay                                  the seeded scenario, 120 days
  ape run replay --prices prices.csv --index configs/indices/defi7.yaml
  ape run replay --config configs/local-3x.yaml --from 2021-04-24 --to 2021-06-23
                 --prices prices.csv
  ape run replay --config configs/local-costless.yaml --no-flows
  ape run replay --venue aave                     on the real Aave v3 and Uniswap v3

A price file has a first column with times and one column per symbol, in USD:
`timestamp,ETH,BTC`. Writes summary.json, chart.html and chart.png.
"""


@click.command(help=EXAMPLES)
@click.option(
    "--prices", type=click.Path(path_type=Path), help="Price file; left out: the seeded scenario."
)
@click.option(
    "--index",
    type=click.Path(path_type=Path),
    help="Index file, in place of the deployment's own.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Deployment file.  [default: configs/local-1x.yaml or the venue's]",
)
@click.option("--from", "start", help="First date or time (UTC), such as 2021-04-24.")
@click.option("--to", "end", help="Last date or time (UTC).")
@click.option(
    "--max-gap", type=click.IntRange(1), help="Longest accepted gap between rows, seconds."
)
@click.option("--days", type=click.IntRange(2, 3650), help="Length of the seeded scenario.")
@click.option("--scenario-seed", type=click.IntRange(0), help="Seed of the scenario.")
@click.option(
    "--flows/--no-flows", default=True, show_default=True, help="Whether holders come and go."
)
@click.option("--seed", default=1, show_default=True, help="Seed of the holders.")
@click.option(
    "--anchor",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="First deposit, whole collateral; stays to the end.",
)
@click.option(
    "--keeper-delay",
    default=300,
    show_default=True,
    type=click.IntRange(0, 3_000),
    help="Seconds from new prices to the keeper's transaction.",
)
@click.option(
    "--venue",
    type=click.Choice(KINDS),
    help="Where the shorts are held: on the embedded perpetual exchange, or on Aave v3 and"
    " Uniswap v3.  [default: as the deployment file says]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/replay"),
    show_default=True,
    help="Folder for the results.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(
    prices: Path | None,
    index: Path | None,
    config: Path | None,
    start: str | None,
    end: str | None,
    max_gap: int | None,
    days: int | None,
    scenario_seed: int | None,
    flows: bool,
    seed: int,
    anchor: int,
    keeper_delay: int,
    venue: str | None,
    out: Path,
    as_json: bool,
    debug: bool,
) -> None:
    try:
        file = read_deployment(config, index, venue)
        history = read_history(
            file,
            prices,
            parse_option(start, "--from") if start else None,
            parse_option(end, "--to") if end else None,
            max_gap,
            days,
            scenario_seed,
        )
        options = ReplayOptions(anchor, flows, seed, keeper_delay)
        with _bar() as bar, compilations_shown():
            task = bar.add_task(
                f"{file.index.name} -{file.deployment.token.leverage}x", total=len(history)
            )
            outputs = run_replay(
                file, history, options, out, lambda done, total: bar.update(task, completed=done)
            )
    except UserError as error:
        if debug:
            raise
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    _show(outputs, as_json)
    if outputs.summary["model_mismatches"] or outputs.summary["conservation_error"]:
        click.echo("Error: chain and model differ, see mismatch_examples in summary.json", err=True)
        sys.exit(2)


def _bar() -> Progress:
    """On stderr, so that --json can be piped; shown in logs too, sparsely."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        refresh_per_second=2,
    )


def _show(outputs: Outputs, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(outputs.summary, indent=2))
        return
    print_summary(outputs.summary, title=f"Replay of {outputs.summary['title']}")
    for note in outputs.summary["notes"]:
        click.echo(f"note: {note}")
    for path in (outputs.json, outputs.html, outputs.png):
        click.echo(f"written: {path}")
