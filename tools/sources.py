# SPDX-License-Identifier: AGPL-3.0-only
"""The contracts' sources: files, reasons, events, and their parsed form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from inverse_index.artifacts import project_root

_REASON = re.compile(r'^([A-Z_]+): constant\(String\[(\d+)\]\) = "(.*)"', re.M)
_EVENT = re.compile(r"^event (\w+):", re.M)


@dataclass(frozen=True)
class Reason:
    """One constant of `contracts/modules/lib/errors.vy`."""

    name: str
    length: int  # of its type
    text: str

    @property
    def is_prefix(self) -> bool:
        """Whether more follows in what a caller sees."""
        return self.text.endswith(" ")


@dataclass(frozen=True)
class EventName:
    """One event of an interface."""

    interface: str
    name: str


def contract_files(*, mocks: bool = True) -> list[Path]:
    """All contracts and modules."""
    found = sorted((project_root() / "contracts").rglob("*.vy"))
    return [path for path in found if mocks or path.parent.name != "testing"]


def is_deployable(path: Path) -> bool:
    return "modules" not in path.parts


def relative(path: Path) -> str:
    return path.relative_to(project_root()).as_posix()


@cache
def reasons() -> tuple[Reason, ...]:
    text = (project_root() / "contracts" / "modules" / "lib" / "errors.vy").read_text()
    return tuple(Reason(name, int(size), text) for name, size, text in _REASON.findall(text))


@cache
def events() -> tuple[EventName, ...]:
    return tuple(
        EventName(path.stem, name)
        for path in sorted((project_root() / "interfaces").glob("*.vyi"))
        for name in _EVENT.findall(path.read_text())
    )


@cache
def code(*, mocks: bool = True) -> str:
    """All contracts in one text, the reasons themselves left out."""
    files = contract_files(mocks=mocks)
    return "\n".join(path.read_text() for path in files if path.name != "errors.vy")


def statements(path: Path) -> list[Any]:
    """Top level of a contract as the compiler parses it."""
    from vyper.ast.parse import parse_to_ast  # slow to import

    return list(parse_to_ast(path.read_text(), resolved_path=str(path)).body)
