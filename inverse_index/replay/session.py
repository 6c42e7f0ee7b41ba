# SPDX-License-Identifier: AGPL-3.0-only
"""One whole replay: from files and options to figures, charts and a summary."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..chain import Anvil, LocalBackend
from ..config import DeploymentFile, choose_deployment, load_index, with_index
from ..errors import UserError
from ..files import write_atomic
from ..prices import PriceHistory, load_prices
from ..prices.dollar import priced_symbols, with_dollar
from ..prices.scenario import scenario
from ..report.chart import render
from .runner import Progress, Replay, ReplayOptions
from .summary import summarise

BEFORE = 3_600  # the chain starts that many seconds before the first price


@dataclass(frozen=True)
class Outputs:
    """A summary and where it was written."""

    summary: dict[str, Any]
    json: Path
    html: Path
    png: Path


def read_deployment(
    config: Path | None, index: Path | None, venue: str | None = None
) -> DeploymentFile:
    """A deployment file, the venue's own if none is given, on another index if
    one is given."""
    file = choose_deployment(config, venue)
    return file if index is None else with_index(file, load_index(index), str(index))


def read_history(
    file: DeploymentFile,
    prices: Path | None,
    start: int | None = None,
    end: int | None = None,
    max_gap: int | None = None,
    days: int | None = None,
    seed: int | None = None,
) -> PriceHistory:
    """Prices of the index's components: a file's, or the seeded scenario's."""
    symbols = priced_symbols(file.index.symbols, file.deployment.collateral.symbol)
    if prices is not None:
        history = load_prices(prices, symbols, start, end, max_gap)
    else:
        options = {"days": days, "seed": seed}
        history = scenario(symbols, **{k: v for k, v in options.items() if v is not None})
        history = history.between(start, end)
    if len(history) < 2:
        raise UserError(
            f"{history.source}: only {len(history)} row of prices", "choose a longer range of dates"
        )
    return with_dollar(history, file.index.symbols)


def run_replay(
    file: DeploymentFile,
    history: PriceHistory,
    options: ReplayOptions,
    out: Path,
    progress: Progress = lambda done, total: None,
) -> Outputs:
    """Replay on an Anvil of its own and write summary.json and the charts."""
    began = time.monotonic()
    _make(out)
    with (
        Anvil(timestamp=history.start - BEFORE, keep_states=2) as node,
        LocalBackend(node.url) as chain,
    ):
        result = Replay(chain, file, history, options).run(progress)
    html, png = render(result.records, out)
    summary = summarise(result, time.monotonic() - began) | {
        "prices": history.source,
        "notes": list(history.notes),
        "deployment": file.name,
        "index": file.index.name,
        "flows_on": options.flows,
        "seed": options.seed,
    }
    path = write_atomic(out / "summary.json", json.dumps(summary, indent=2) + "\n")
    return Outputs(summary, path, html, png)


def _make(folder: Path) -> None:
    """Find out before the work whether its results can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made: {error.strerror}", "choose another folder with --out"
        ) from error
