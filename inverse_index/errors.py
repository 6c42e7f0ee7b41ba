# SPDX-License-Identifier: AGPL-3.0-only
"""Errors that a user can act on."""

from __future__ import annotations


class UserError(Exception):
    """A mistake or an outside failure, with what to do about it.

    `message` names the value at fault, `remedy` the next step.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}"


class Unreachable(UserError):
    """The network did not answer, or asked for patience: trying again may help."""
