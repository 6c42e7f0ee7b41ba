# SPDX-License-Identifier: AGPL-3.0-only
"""What was tried, by whom, what was expected and what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..chain import Reverted

DONE = "done"


@dataclass(frozen=True, slots=True)
class Step:
    """expected, happened: `DONE`, or the reason of the refusal."""

    chapter: str
    by: str
    what: str
    expected: str
    happened: str
    note: str = ""

    @property
    def ok(self) -> bool:
        return self.expected == self.happened


@dataclass(frozen=True, slots=True)
class Figure:
    """What a power can cost a holder, in basis points of the holder's worth.

    leaving: whoever leaves within the delay, on top of an exit without any
    announcement. staying: measured, over what `over` says. bound: what the
    constants permit over the same. calls: of `rebalance`, where each has a bound.
    """

    power: str
    worst: str
    leaving: float
    staying: float
    over: str
    bound: float
    why: str
    calls: int = 0


class Stopped(Exception):
    """A step failed on which the rest of its chapter stands; it is recorded."""


@dataclass
class Record:
    """The steps of a tour in order. tell: called with each as it happens."""

    tell: Callable[[Step], None] = lambda step: None
    steps: list[Step] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    chapter: str = ""

    @property
    def failed(self) -> list[Step]:
        return [step for step in self.steps if not step.ok]

    def done(
        self, by: str, what: str, call: Callable[[], Any], note: Callable[[Any], str] | None = None
    ) -> Any:
        """The call must succeed; what it returned."""
        try:
            result = call()
        except Reverted as error:
            self._add(by, what, DONE, _refusal(error))
            raise Stopped(what) from error
        self._add(by, what, DONE, DONE, note(result) if note else "")
        return result

    def refused(self, by: str, what: str, reason: str, call: Callable[[], Any]) -> None:
        """The call must revert with exactly this reason."""
        happened = DONE
        try:
            call()
        except Reverted as error:
            happened = _refusal(error)
        self._add(by, what, reason, happened)
        if happened == DONE:
            raise Stopped(what)

    def refused_each(
        self, roles: Iterable[str], what: str, reason: str, call: Callable[[str], Any]
    ) -> None:
        """The same by each of them."""
        for role in roles:
            self.refused(role, what, reason, partial(call, role))

    def holds(self, what: str, condition: bool, note: str = "") -> None:
        """Something that must be true now."""
        self._add("", what, DONE, DONE if condition else "not so", note)

    def broken(self, error: Reverted) -> None:
        """A chapter that could not go to its end."""
        self._add("", "the chapter goes to its end", DONE, _refusal(error))

    def figure(self, found: Figure) -> None:
        """It must be within its bound."""
        self.figures.append(found)
        measured = f"{max(found.leaving, found.staying):,.2f} of {found.bound:,.2f} bp"
        within = found.leaving <= 0 and found.staying <= found.bound
        self.holds(f"{found.power}: {found.worst}", within, measured)

    def _add(self, by: str, what: str, expected: str, happened: str, note: str = "") -> None:
        step = Step(self.chapter, by, what, expected, happened, note)
        self.steps.append(step)
        self.tell(step)


def _refusal(error: Reverted) -> str:
    return error.reason or str(error)
