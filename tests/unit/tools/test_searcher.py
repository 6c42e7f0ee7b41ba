# SPDX-License-Identifier: AGPL-3.0-only
"""The trader who knows the next round, on rounds made up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.searcher import main

START = 1_700_000_000
RUNNER = CliRunner(mix_stderr=False)


def written(folder: Path, answers: Sequence[int], columns: str = "round,answer,update") -> Path:
    """A round every ten minutes."""
    path = folder / "rounds.csv"
    rows = [f"{n},{answer},{START + 600 * n}" for n, answer in enumerate(answers)]
    path.write_text("\n".join([columns, *rows]) + "\n")
    return path


def zigzag(percent_hundredths: int) -> list[int]:
    """Up and down by as many basis points, fifty times."""
    low = 2_000 * 10**8
    return [low * (10_000 + percent_hundredths * (n % 2)) // 10_000 for n in range(100)]


def test_moves_beyond_the_fee_pay_and_others_are_left(tmp_path: Path) -> None:
    """60 basis points less twice a fee of 5, and less impact; nothing at a fee of 31. What he
    gains the pool loses, and what his orders pay the insurance."""
    path = written(tmp_path, [0, *zigzag(60)])
    ran = RUNNER.invoke(
        main, ["--rounds", str(path), "--fees", "5,31", "--sizes", "500000", "--json"]
    )
    assert ran.exit_code == 0, ran.output
    cheap, dear = json.loads(ran.stdout.splitlines()[-1])
    assert cheap["trades"] == 99
    assert 99 * 500_000 * 0.0035 < cheap["profit"] < 99 * 500_000 * 0.005
    assert cheap["pool_before"] - cheap["pool_after"] > cheap["profit"]
    assert (dear["trades"], dear["profit"]) == (0, 0)
    assert dear["pool_after"] == dear["pool_before"] == 20_000_000


def test_shown_as_a_table(tmp_path: Path) -> None:
    path = written(tmp_path, zigzag(100))
    ran = RUNNER.invoke(main, ["--rounds", str(path), "--fees", "5", "--sizes", "1000"])
    assert ran.exit_code == 0 and "100 rounds in 1 days" in ran.output


@pytest.mark.parametrize(
    ("answers", "columns", "said"),
    [
        ([1, 2], "round,answer,time", "no column update"),
        ([0, 5], "round,answer,update", "1 rounds with an answer"),
    ],
)
def test_files_that_hold_no_rounds(
    tmp_path: Path, answers: list[int], columns: str, said: str
) -> None:
    path = written(tmp_path, answers, columns)
    ran = RUNNER.invoke(main, ["--rounds", str(path)])
    assert ran.exit_code == 1 and said in ran.stderr


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, zigzag(60))
    ran = RUNNER.invoke(main, ["--rounds", str(path), "--fees", "five"])
    assert ran.exit_code == 2 and "expected numbers like 5,25" in ran.stderr
