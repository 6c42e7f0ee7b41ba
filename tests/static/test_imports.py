# SPDX-License-Identifier: AGPL-3.0-only
"""The package's layers: no import leads upward, and no imports form a circle.

Read from the sources, so that imports inside functions count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root

PACKAGE = "inverse_index"
# Parts of the package from the lowest layer to the highest. A part imports from lower
# layers and from itself; two parts of one layer do not import each other.
LAYERS = (
    ("errors", "reasons"),
    ("files", "compiled_store"),
    ("artifacts",),
    ("sources", "config", "chain"),
    ("plan", "protocols"),
    ("model", "payoffs", "prices"),
    ("deployment", "report"),
    ("keeper", "twin"),
    ("replay", "tour", "trading"),
    ("cli",),
)
# Likewise the parts of the model, which mirror the contracts' modules.
MODEL_LAYERS = (
    ("fixed",),
    ("protocols", "oracle"),
    ("exchange", "vault"),
    ("token.nav", "token.modes", "uniswap"),
    ("policy",),
    ("token",),
    ("aave", "perp"),
    ("system",),
    ("compare",),
)

Edges = Mapping[str, set[str]]


def sources() -> dict[str, Path]:
    """Files of the package by the names of their modules."""
    root = project_root()
    return {_module(path.relative_to(root)): path for path in (root / PACKAGE).rglob("*.py")}


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str, path: Path, known: Mapping[str, Path]) -> set[str]:
    """The package's modules that a module imports, wherever in its source."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            found |= {
                full if (full := f"{base}.{alias.name}") in known else base
                for alias in node.names
                if base in known
            }
    return found - {name}


def _base(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def graph() -> dict[str, set[str]]:
    known = sources()
    return {name: imports(name, path, known) for name, path in known.items()}


def circles(edges: Edges) -> Iterator[list[str]]:
    """A circle through each module that is on one, with a shortest way back to it."""
    for start in sorted(edges):
        before: dict[str, str] = {}
        queue = [start]
        for name in queue:
            for target in sorted(edges[name]):
                if target not in before:
                    before[target] = name
                    queue.append(target)
        if start in before:
            circle = [start]
            while (previous := before[circle[-1]]) != start:
                circle.append(previous)
            yield [start, *reversed(circle)]


def layer_of(part: str, layers: tuple[tuple[str, ...], ...]) -> tuple[int, str]:
    """The layer of a part, and the listed name that covers it: the longest one."""
    covering = [
        (len(listed), place, listed)
        for place, layer in enumerate(layers)
        for listed in layer
        if part == listed or part.startswith(f"{listed}.")
    ]
    assert covering, f"{part} has no layer: add it to LAYERS"
    _, place, listed = max(covering)
    return place, listed


def upward(edges: Edges, prefix: str, layers: tuple[tuple[str, ...], ...]) -> list[str]:
    """Imports that do not lead to a lower layer, among modules below `prefix`."""
    found = []
    for name, targets in edges.items():
        for target in targets:
            if not (name.startswith(prefix) and target.startswith(prefix)):
                continue
            (own, part), (other, other_part) = (
                layer_of(each.removeprefix(prefix), layers) for each in (name, target)
            )
            if other >= own and part != other_part:
                found.append(f"{name} imports {target}")
    return sorted(found)


def test_no_import_leads_upward() -> None:
    assert upward(graph(), f"{PACKAGE}.", LAYERS) == []


def test_no_import_leads_upward_in_the_model() -> None:
    assert upward(graph(), f"{PACKAGE}.model.", MODEL_LAYERS) == []


def test_no_circle() -> None:
    assert [" -> ".join(each) for each in circles(graph())] == []


def test_no_import_for_type_checkers_alone() -> None:
    named = [name for name, path in sources().items() if "TYPE_CHECKING" in path.read_text()]
    assert named == []


def test_a_circle_and_an_upward_import_are_found() -> None:
    edges = {"p.low": {"p.high"}, "p.high": {"p.low"}, "p.high.other": {"p.low"}}
    assert list(circles(edges)) == [
        ["p.high", "p.low", "p.high"],
        ["p.low", "p.high", "p.low"],
    ]
    assert upward(edges, "p.", (("low",), ("high",))) == ["p.low imports p.high"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import inverse_index.a", {"inverse_index.a"}),
        ("from inverse_index import a", {"inverse_index.a"}),
        ("from ..a import Name", {"inverse_index.a"}),
        ("from .other import Name", {"inverse_index.b.other"}),
        ("def f():\n    from . import other", {"inverse_index.b.other"}),
    ],
)
def test_how_imports_are_read(source: str, found: set[str], tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(source)
    known = dict.fromkeys(
        ("inverse_index", "inverse_index.a", "inverse_index.b", "inverse_index.b.other"), path
    )
    assert imports("inverse_index.b.own", path, known) == found
