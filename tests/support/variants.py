# SPDX-License-Identifier: AGPL-3.0-only
"""Contracts with a line changed, to see what the line is good for.

    with variant(Change("contracts/modules/oracle/feeds.vy", "a line", "another")):
        ...  # everything deployed here is compiled from the changed sources

An attack that fails against the real contracts has to succeed against a variant
without the defence; a planted fault has to be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from inverse_index.artifacts import altered_sources, project_root


@dataclass(frozen=True)
class Change:
    """A text that stands exactly once in a source, and what stands there instead."""

    path: str  # from the project's root
    old: str
    new: str

    def applied(self, source: str) -> str:
        count = source.count(self.old)
        if count != 1:
            raise ValueError(f"{self.path}: {count} places like {self.old!r}, expected one")
        return source.replace(self.old, self.new)


def texts_with(changes: tuple[Change, ...]) -> dict[str, str]:
    """The changed sources, by path."""
    texts: dict[str, str] = {}
    for change in changes:
        path = change.path
        source = texts.get(path) or (project_root() / path).read_text()
        texts[path] = change.applied(source)
    return texts


@contextmanager
def variant(*changes: Change) -> Iterator[None]:
    """While open, contracts are compiled with the changes."""
    with altered_sources(texts_with(changes)):
        yield
