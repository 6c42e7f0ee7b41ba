# SPDX-License-Identifier: AGPL-3.0-only
"""How every contract is laid out: pragmas, header, order of the sections, exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .sources import is_deployable, statements

PRAGMAS = ("# pragma version ==0.4.3", "# SPDX-License-Identifier: AGPL-3.0-only")
LIMIT = 400  # lines of a file
SECTIONS = (
    "imports",
    "exports",
    "types",
    "constants",
    "immutables",
    "storage",
    "__init__",
    "external functions",
    "internal functions",
)
_IMPORTS = ("Import", "ImportFrom", "ImplementsDecl", "UsesDecl", "InitializesDecl")
_TYPES = ("StructDef", "EventDef", "FlagDef", "InterfaceDef")
_INTERFACE = "interfaces"


def faults(path: Path) -> list[str]:
    """Everything in which a file departs from the project's order."""
    lines = path.read_text().splitlines()
    tree = statements(path)
    found = _header(path, lines) + _order(tree) + _import_order(tree) + _whole_exports(tree)
    if len(lines) > LIMIT:
        found.append(f"{len(lines)} lines, more than {LIMIT}")
    return found


def kill_notice(path: Path) -> str:
    """What the header says about how the contract is stopped, "" for nothing."""
    header = path.read_text().split('"""')[1]
    _, mark, notice = header.partition("@custom:kill ")
    return notice.strip() if mark else ""


def _header(path: Path, lines: list[str]) -> list[str]:
    found = []
    if tuple(lines[:2]) != PRAGMAS:
        found.append("does not begin with version pragma and licence")
    head = "\n".join(lines).split('"""')[0]
    if is_deployable(path):
        if "# pragma nonreentrancy" not in head:
            found.append("no pragma nonreentrancy")
        if not kill_notice(path):
            found.append("no @custom:kill in the header")
    title = f"@title {path.stem}"
    if title not in (line.strip() for line in lines):
        found.append(f"the header has no {title!r}")
    return found


def _order(tree: list[Any]) -> list[str]:
    """Statements that stand after a later section has begun."""
    found, reached = [], 0
    for node in tree:
        place = _section(node)
        if place is None:
            continue
        if place < reached:
            found.append(f"line {node.lineno}: {SECTIONS[place]} after {SECTIONS[reached]}")
        reached = max(reached, place)
    return found


def _section(node: Any) -> int | None:
    kind = type(node).__name__
    if kind in _IMPORTS:
        return None  # have an order of their own
    if kind == "ExportsDecl":
        return 1
    if kind in _TYPES:
        return 2
    if kind == "VariableDecl":
        if node.is_constant:
            return 3
        return 4 if node.is_immutable else 5
    if kind == "FunctionDef":
        decorators = {each.id for each in node.decorator_list if hasattr(each, "id")}
        if "deploy" in decorators:
            return 6
        return 7 if "external" in decorators else 8
    return None


def _import_order(tree: list[Any]) -> list[str]:
    """Libraries, then the project's interfaces, then its modules; all before the rest."""
    found, reached = [], 0
    names = ("libraries", "interfaces", "modules", "the rest")
    for node in tree:
        kind = type(node).__name__
        if kind in ("Import", "ImportFrom"):
            place = _import_kind(node)
        elif kind in ("FunctionDef", "VariableDecl", "StructDef", "FlagDef", "ExportsDecl"):
            place = 3
        else:
            continue
        if place < reached:
            found.append(f"line {node.lineno}: imports {names[place]} after {names[reached]}")
        reached = max(reached, place)
    return found


def _import_kind(node: Any) -> int:
    module = getattr(node, "module", None) or ""
    if getattr(node, "level", 0) == 0:
        return 0
    return 1 if module == _INTERFACE else 2


def _whole_exports(tree: list[Any]) -> list[str]:
    """Exports of a whole module: they would take along what must be left out."""
    return [
        f"line {node.lineno}: exports a whole module"
        for node in tree
        if type(node).__name__ == "ExportsDecl" and "__interface__" in node.node_source_code
    ]
