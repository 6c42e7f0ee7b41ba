# SPDX-License-Identifier: AGPL-3.0-only
"""Failures as one line on the standard error and an exit code.

====  =========================================================================
code  meaning
====  =========================================================================
1     a mistake or a condition that the user can act on
2     wrong options
3     a contract refused, with its reason
4     the keeper is blocked (only `keeper`, once)
5     the network does not answer
70    a defect of this program: `--debug` shows where
130   interrupted
====  =========================================================================
"""

from __future__ import annotations

import json
from typing import IO, Any

import click

from ..chain import Reverted
from ..errors import Unreachable, UserError
from .remedies import remedy_of

USER, USAGE, REVERTED, BLOCKED, NETWORK, DEFECT, INTERRUPTED = 1, 2, 3, 4, 5, 70, 130

_KINDS = {
    USER: "user",
    USAGE: "usage",
    REVERTED: "reverted",
    BLOCKED: "blocked",
    NETWORK: "network",
    DEFECT: "defect",
    INTERRUPTED: "interrupted",
}


class Failure(click.ClickException):
    """Shown as `error: what; remedy`, or as an object in JSON."""

    def __init__(self, code: int, what: str, remedy: str, as_json: bool = False) -> None:
        super().__init__(what)
        self.exit_code = code
        self.remedy = remedy
        self.as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.line(), file=file, err=file is None)

    def line(self) -> str:
        """One line, whatever the message was."""
        what, remedy = _one_line(self.message), _one_line(self.remedy)
        if self.as_json:
            kind = _KINDS[self.exit_code]
            return json.dumps({"error": {"type": kind, "message": what, "remedy": remedy}})
        return f"error: {what}" + (f"; {remedy}" if remedy else "")


def failure_of(error: BaseException, as_json: bool = False) -> Failure:
    """What to show for any exception."""
    if isinstance(error, Unreachable):
        return Failure(NETWORK, error.message, error.remedy, as_json)
    if isinstance(error, UserError):
        return Failure(USER, error.message, error.remedy, as_json)
    if isinstance(error, Reverted):
        return Failure(REVERTED, str(error), remedy_of(error.reason), as_json)
    if isinstance(error, click.UsageError):
        return Failure(USAGE, _usage(error), _usage_remedy(error), as_json)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return Failure(INTERRUPTED, "interrupted", "what was sent stays sent", as_json)
    if isinstance(error, OSError):
        return Failure(USER, str(error), "check path, permissions and free space", as_json)
    return Failure(
        DEFECT,
        f"{type(error).__name__}: {error}",
        "this is a defect: run again with --debug and report it",
        as_json,
    )


def _usage(error: click.UsageError) -> str:
    """Ape lists all networks after the first sentence."""
    text = error.format_message().replace("Usage: ", "")
    return text.split(" Options:")[0]


def _usage_remedy(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "ape run"
    return f"see `{path} --help`"


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(";. ")
