# SPDX-License-Identifier: AGPL-3.0-only
"""Undoes what fixtures and tests did to the chain, when they end."""

from __future__ import annotations

from dataclasses import dataclass

from inverse_index.chain import LocalBackend
from tests.support.constants import START


@dataclass(eq=False)
class Alive:
    """A fixture of wider scope or a test, and the state to go back to after it."""

    name: str
    snapshot: str


class Isolation:
    """Undoes what fixtures and tests did when they end.

    Something made later and still alive would vanish as well. Then nothing is
    undone yet: the later one takes the older snapshot over, for its own end.

    Where nothing is alive the chain is as it began; if it is not, somebody
    acted outside of all this, and every test after him would depend on it.
    """

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = backend
        self._alive: list[Alive] = []  # oldest first

    def begin(self, name: str) -> Alive:
        if not self._alive:
            self._check_untouched(name)
        started = Alive(name, self._backend.snapshot())
        self._alive.append(started)
        return started

    def _check_untouched(self, name: str) -> None:
        blocks, seconds = self._backend.block_number(), self._backend.now() - START
        if (blocks, seconds) != (0, 0):
            raise RuntimeError(
                f"before {name} the chain is {blocks} blocks and {seconds} s on for good: a folder "
                "with fixtures of package scope needs an __init__.py, and fixtures of session "
                "scope must not act on the chain"
            )

    def end(self, ended: Alive) -> list[str]:
        """Names of what has been made since and is still alive."""
        place = self._alive.index(ended)
        later = self._alive[place + 1 :]
        if later:
            later[0].snapshot = ended.snapshot
        else:
            self._backend.revert(ended.snapshot)
        del self._alive[place]
        return [alive.name for alive in later]
