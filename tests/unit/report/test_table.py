# SPDX-License-Identifier: AGPL-3.0-only
"""The summary table: every figure with its unit."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from inverse_index.report.table import print_summary

SUMMARY: dict[str, Any] = {
    "periods": 1_623,
    "rebalances": {
        "epoch": 1_623,
        "drift": 800,
        "emergency": 0,
        "reconstitution": 0,
        "netting": 7,
        "chunk": 3,
    },
    "index_return": 0.5532,
    "token_return": -0.9887,
    "ideal_return": -0.98854,
    "tracking_bps": {"median": 0.3, "p99": 2.25, "max": 1_009.1},
    "residual_bps": {"median": 0, "p99": 0.0021, "max": 0.09},
    "cost_bps": {"netting": -0.1, "fees": 0.3, "impact": 0.1, "funding": 0.02, "keeper": 0.5},
    "max_leverage": 1.6104,
    "conservation_error": 0,
    "model_mismatches": 2,
    "hours": 38_971,
    "flows": {"deposits": 10, "redeems": 9},
    "gas": {"rebalance_k7": 812_345},
    "seconds": 99.32,
}


def printed(summary: dict[str, Any], color: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=100, force_terminal=color, color_system="standard" if color else None
    )
    print_summary(summary, console)
    return stream.getvalue()


def rows(text: str) -> list[tuple[str, str]]:
    lines = [line.strip("│").split("│") for line in text.splitlines() if line.startswith("│")]
    return [(cells[0].rstrip(), cells[1].strip()) for cells in lines]


def test_every_figure_with_its_unit() -> None:
    assert rows(printed(SUMMARY)) == [
        ("periods", "1,623"),
        ("hours", "38,971"),
        ("rebalances", "2,433"),
        ("  epoch", "1,623"),
        ("  drift", "800"),
        ("  netting", "7"),
        ("  chunk", "3"),
        ("deposits", "10"),
        ("redeems", "9"),
        ("index return", "+55.32%"),
        ("ideal return, no costs", "-98.85%"),
        ("token return", "-98.87%"),
        ("highest leverage", "1.610x"),
        ("tracking difference per period, median", "0.30 bp"),
        ("tracking difference per period, p99", "2.25 bp"),
        ("tracking difference per period, max", "1,009.10 bp"),
        ("left after itemised costs, median", "0.00 bp"),
        ("left after itemised costs, p99", "0.0021 bp"),
        ("left after itemised costs, max", "0.09 bp"),
        ("cost: fees", "0.30 bp"),
        ("cost: impact", "0.10 bp"),
        ("cost: funding", "0.02 bp"),
        ("cost: keeper", "0.50 bp"),
        ("cost: netting", "-0.10 bp"),
        ("all costs, of N at each period's start", "0.82 bp"),
        ("conservation error", "0"),
        ("differences from the model", "2"),
        ("gas: rebalance_k7", "812,345"),
        ("time", "99.3 s"),
    ]


def test_a_check_that_failed_is_red() -> None:
    lines = printed(SUMMARY, color=True).splitlines()
    assert any("conservation error" in line and "\x1b[32m" in line for line in lines)
    assert any("differences from the model" in line and "\x1b[1;31m" in line for line in lines)


def test_missing_groups_are_left_out() -> None:
    assert rows(printed({"periods": 3})) == [("periods", "3")]
