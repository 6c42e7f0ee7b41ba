# SPDX-License-Identifier: AGPL-3.0-only
"""Rounds at an interval that no failure outside ends: what every watching runner shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from ..chain import Reverted
from ..errors import Unreachable, UserError
from .replacement import Clock

LONGEST_BACKOFF = 60.0

Event = dict[str, Any]
Tell = Callable[[Event], None]


class Counts(Protocol):
    """What a runner counts."""

    failures: int


S = TypeVar("S", bound=Counts)


def watch(
    round_: Callable[[float], float], interval: float, clock: Clock, tell: Tell, summary: S
) -> S:
    """Rounds until Ctrl-C; the summary.

    round_: gets the longest pause in seconds, and returns the one to make. A network that
    does not answer is asked again, ever more slowly.
    """

    def safely(pause: float) -> float:
        """A failure that the next round may not meet again is only reported."""
        try:
            return round_(pause)
        except Unreachable:
            raise
        except (Reverted, UserError) as error:
            summary.failures += 1
            tell({"event": "failed", "why": str(error)})
            return pause

    def tell_retry(state: RetryCallState) -> None:
        summary.failures += 1
        error = state.outcome.exception() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0.0
        tell({"event": "retry", "why": str(error), "seconds": pause})

    retrying = Retrying(
        retry=retry_if_exception_type(Unreachable),
        wait=wait_exponential(multiplier=1, max=LONGEST_BACKOFF),
        sleep=clock.sleep,
        before_sleep=tell_retry,
    )
    try:
        while True:
            clock.sleep(retrying(safely, interval))
    except KeyboardInterrupt:
        return summary
