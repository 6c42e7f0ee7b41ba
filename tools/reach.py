# SPDX-License-Identifier: AGPL-3.0-only
"""Which reasons and events the contracts use and the tests name.

A test names a reason by its text, or by a constant of the Python package that
holds this text; an event by its name. What docstrings say does not count.
"""

from __future__ import annotations

import ast
import re
from functools import cache

from inverse_index.artifacts import project_root

from .sources import EventName, Reason, code, events, reasons


def unused_reasons() -> list[str]:
    """Constants that no contract uses."""
    used = set(re.findall(r"\berrors\.([A-Z_]+)\b", code()))
    return [reason.name for reason in reasons() if reason.name not in used]


def unreached_reasons() -> list[str]:
    """Texts that no test names."""
    named = named_by_tests()
    return [reason.text for reason in reasons() if not _is_named(reason, named)]


def unlogged_events() -> list[str]:
    """Events that no contract logs (mocks apart)."""
    logged = set(re.findall(r"\blog (\w+)\.(\w+)\(", code(mocks=False)))
    return [_full(each) for each in events() if (each.interface, each.name) not in logged]


def unasserted_events() -> list[str]:
    """Events whose name no test says."""
    named = named_by_tests()
    return [_full(each) for each in events() if each.name not in named]


@cache
def named_by_tests() -> frozenset[str]:
    """Every string that stands in a test, and in the package's constants that
    tests import."""
    found: set[str] = set()
    shared = _package_constants()
    for path in sorted((project_root() / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(), str(path))
        found |= _strings(tree)
        found |= {shared[name] for name in _imported(tree) if name in shared}
    return frozenset(found)


def _strings(tree: ast.AST) -> set[str]:
    """All string constants but docstrings, the constant parts of f-strings too."""
    described = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # a string that is a statement of its own
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in described
    }


def _imported(tree: ast.AST) -> set[str]:
    """Names that a test takes from the package."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inverse_index")
        for alias in node.names
    }


@cache
def _package_constants() -> dict[str, str]:
    """Upper-case names of the package that hold a string, by name."""
    found: dict[str, str] = {}
    for path in sorted((project_root() / "inverse_index").rglob("*.py")):
        for node in ast.parse(path.read_text(), str(path)).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
                value = node.value.value
                found |= {name: value for name in names if isinstance(value, str)}
    return found


def _is_named(reason: Reason, named: frozenset[str]) -> bool:
    if reason.is_prefix:
        return any(text.startswith(reason.text) for text in named)
    return reason.text in named


def _full(event: EventName) -> str:
    return f"{event.interface}.{event.name}"
