# SPDX-License-Identifier: AGPL-3.0-only
"""Every failure is one line and an exit code."""

from __future__ import annotations

import json

import click
import pytest

from inverse_index.chain import Reverted
from inverse_index.cli.failure import Failure, failure_of
from inverse_index.cli.remedies import remedy_of
from inverse_index.errors import Unreachable, UserError


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("no funds", "add some"), 1, "error: no funds; add some"),
        (click.UsageError("bad --x"), 2, "error: bad --x; see `ape run --help`"),
        (
            Reverted("token: deadline passed"),
            3,
            "error: token: deadline passed; allow more --deadline seconds",
        ),
        (Reverted("odd: one"), 3, "error: odd: one; nothing was changed"),
        (Unreachable("no answer", "wait"), 5, "error: no answer; wait"),
        (KeyboardInterrupt(), 130, "error: interrupted; what was sent stays sent"),
        (
            ZeroDivisionError("1/0"),
            70,
            "error: ZeroDivisionError: 1/0; this is a defect: run again with --debug and report it",
        ),
    ],
)
def test_lines_and_codes(error: BaseException, code: int, line: str) -> None:
    failure = failure_of(error)
    assert (failure.exit_code, failure.line()) == (code, line)


def test_json() -> None:
    line = failure_of(UserError("a\nb", "c"), as_json=True).line()
    assert json.loads(line) == {"error": {"type": "user", "message": "a b", "remedy": "c"}}


def test_many_lines_become_one() -> None:
    assert Failure(1, "first\n\n  second.", "do;").line() == "error: first second; do"


def test_apes_list_of_networks_is_left_out() -> None:
    error = click.BadOptionUsage("--network", "No ecosystem named 'x'. Options:\na\nb")
    assert failure_of(error).line() == "error: No ecosystem named 'x'; see `ape run --help`"


def test_aaves_codes_are_explained() -> None:
    remedy = remedy_of("vault: Aave refused a loan, code 28")
    assert remedy.startswith("Aave has frozen the reserve") and "--in-kind" in remedy
    assert remedy_of("vault: Aave refused a loan, code 99").startswith("nothing was changed")


def test_reasons_of_a_part_share_a_remedy() -> None:
    assert remedy_of("oracle: anything").endswith("shows the prices")
    assert remedy_of("exchange: anything") == "nothing was changed; use a smaller amount"
