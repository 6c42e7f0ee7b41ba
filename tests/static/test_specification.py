# SPDX-License-Identifier: AGPL-3.0-only
"""docs/specification.md and the tests that prove it."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from inverse_index.artifacts import project_root

ROOT = project_root()
ID = r"[A-Z]+(?:-[A-Z]+)?-\d+"
RULE = re.compile(rf"^\* \*\*({ID})\*\* (\S.*)$", re.M)
CITED = re.compile(rf"\[({ID})\]")


def rules(text: str) -> list[str]:
    """Ids of all rules, in order."""
    return [name for name, _ in RULE.findall(text)]


def citations(source: str) -> Iterator[tuple[str, str]]:
    """Test and id, of every id in the docstring of a test."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for name in CITED.findall(ast.get_docstring(node) or ""):
                yield node.name, name


def all_citations() -> dict[str, set[str]]:
    """The tests by the id that they cite."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path == Path(__file__):
            continue
        for test, name in citations(path.read_text()):
            found[name].add(f"{path.relative_to(ROOT)}::{test}")
    return found


TEXT = (ROOT / "docs" / "specification.md").read_text()


def test_every_id_is_unique() -> None:
    found = rules(TEXT)
    assert len(found) > 300
    assert [name for name, count in Counter(found).items() if count > 1] == []


def test_every_rule_is_a_rule() -> None:
    """No line that looks like one is passed over, and each ends as a sentence."""
    assert len(re.findall(r"^\* ", TEXT, re.M)) == len(rules(TEXT))
    joined = re.sub(r"\n  (?=\S)", " ", TEXT)
    assert [name for name, rule in RULE.findall(joined) if not rule.endswith(".")] == []


def test_every_rule_is_cited_by_a_test() -> None:
    cited = all_citations()
    missing = [name for name in rules(TEXT) if name not in cited]
    assert missing == [], "name each in the docstring of a test that proves it, as [T-DEP-3]"


def test_every_cited_id_is_a_rule() -> None:
    known = {*rules(TEXT)}
    unknown = {name: sorted(tests) for name, tests in all_citations().items() if name not in known}
    assert unknown == {}, "docs/specification.md has no such rule"


def test_numbers_have_no_gaps() -> None:
    """Of each prefix from 1 on, in order: a rule that is dropped is noticed."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for name in rules(TEXT):
        prefix, _, number = name.rpartition("-")
        numbers[prefix].append(int(number))
    assert {p: n for p, n in numbers.items() if n != [*range(1, len(n) + 1)]} == {}


def test_only_docstrings_of_tests_cite() -> None:
    source = '''
"""[A-1]"""
def helper():
    """[A-2]"""
def test_it():
    """Says so. [A-3] [B-C-4]"""
    # [A-5]
    assert "[A-6]"
'''
    assert [*citations(source)] == [("test_it", "A-3"), ("test_it", "B-C-4")]
    assert rules("* **A-1** One.\n* **A-B-2** Two,\n  in two lines.\n  * **A-3** no\n") == [
        "A-1",
        "A-B-2",
    ]
