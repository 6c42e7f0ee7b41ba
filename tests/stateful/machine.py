# SPDX-License-Identifier: AGPL-3.0-only
"""What all state machines share: a deployed harness put back before each history,
a record of every step, and a tally of what was reached.

Arguments of steps are plain values (integers, truth values, lists), so that a
history can be written down, replayed and shortened: see `histories`.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

Condition = Callable[[Any], bool]
Carried = tuple[str, dict[str, Any]]  # a step's name and arguments


@dataclass
class Tally:
    """What a run of one machine did.

    steps, examples: how many. rules: how often each step was carried out.
    reached: regimes and events by how often. modes: steps after which the token
    was in the mode.
    """

    steps: int = 0
    examples: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another run's figures over."""
        self.steps += other.steps
        self.examples += other.examples
        self.rules += other.rules
        self.reached += other.reached
        self.modes += other.modes


class Machine(RuleBasedStateMachine):
    """A machine over one deployed harness.

    fresh: the harness, which a class made by `machines` brings; it has a `chain`
        and a `fork()` whose model is its own.
    """

    fresh: ClassVar[Any]
    tally: ClassVar[Tally]
    failure: ClassVar[list[Carried] | None] = None  # the last history that failed

    def __init__(self) -> None:
        super().__init__()
        self.snapshot = self.fresh.chain.snapshot()
        self.harness = self.fresh.fork()
        self.history: list[Carried] = []
        self.steps = 0
        self.inside = False  # a step is being carried out
        self.broken = False  # something failed: no more judgement of the end
        self.tally.examples += 1

    def teardown(self) -> None:
        """The end of a history: its last judgement, then back to the start."""
        try:
            if self.history and not self.broken:
                self.broken = True
                self.finish()
                self.broken = False
        finally:
            if self.broken:
                type(self).failure = list(self.history)
            self.harness.chain.revert(self.snapshot)

    @invariant()
    def all_holds(self) -> None:
        """After every step."""
        if not self.history:
            return
        self.steps += 1
        try:
            self.check()
        except BaseException:
            self.broken = True
            raise
        self.tally.steps += 1

    def __init_subclass__(cls, **more: Any) -> None:
        """A step counts as that many rules."""
        super().__init_subclass__(**more)
        for name, made in list(vars(cls).items()):
            for copy in range(2, getattr(made, "often", 1) + 1):
                setattr(cls, f"{name}_{copy}", made)

    # for the machines

    def check(self) -> None:
        """Every invariant."""
        raise NotImplementedError

    def finish(self) -> None:
        """What must still be possible at the end of any history."""

    def note(self, what: str, is_so: bool = True) -> None:
        """A regime or an event was reached."""
        if is_so:
            self.tally.reached[what] += 1


def _recorded(action: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(action)
    def carried_out(self: Machine, *own: Any, **arguments: Any) -> None:
        if self.inside:  # a part of another step
            action(self, *own, **arguments)
            return
        self.history.append((action.__name__, arguments))
        self.inside = True
        try:
            action(self, *own, **arguments)
        except BaseException:
            self.broken = True
            raise
        finally:
            self.inside = False
        self.tally.rules[action.__name__] += 1

    return carried_out


def step(when: Condition | None = None, often: int = 1, **arguments: st.SearchStrategy[Any]) -> Any:
    """Decorator: a step that histories consist of. `when`: whether it can be taken;
    `often`: how often, against one of 1."""

    def decorate(action: Callable[..., None]) -> Any:
        made = rule(**arguments)(_recorded(action))
        made = made if when is None else precondition(when)(made)
        made.is_possible = when or (lambda self: True)
        made.often = often
        return made

    return decorate


def start(**arguments: st.SearchStrategy[Any]) -> Any:
    """Decorator: the step that every history begins with."""

    def decorate(action: Callable[..., None]) -> Any:
        made = initialize(**arguments)(_recorded(action))
        made.is_possible = lambda self: not self.history
        return made

    return decorate
