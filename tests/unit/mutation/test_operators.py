# SPDX-License-Identifier: AGPL-3.0-only
"""The faults that are made, and the places that are left alone."""

from __future__ import annotations

import pytest

from tools.mutation.operators import Mutant, mutants
from tools.mutation.sample import population, text_of

HEAD = '''# pragma version ==0.4.3
"""
@dev Not 1 + 1.
"""
LIMIT: constant(uint256) = 7
REASON: constant(String[16]) = "module: 3 < 4"


@internal
def _it(a: uint256, b: uint256, flag: bool) -> uint256:
    """
    @return a + b.
    """
'''


def faults(line: str) -> set[tuple[str, str]]:
    """What is made of one line of a function: operator and line."""
    text = f"{HEAD}    {line}\n"
    found = [each for each in mutants("x.vy", text) if each.function == "_it"]
    for each in found:
        assert each.applied(text) != text
        assert each.before == line
    return {(each.operator, each.after) for each in found}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x: bool = a < b", {("boundary", "x: bool = a <= b"), ("opposite", "x: bool = a >= b")}),
        ("x: bool = a == b", {("opposite", "x: bool = a != b")}),
        (
            "x: bool = flag and a != b",
            {("logic", "x: bool = flag or a != b"), ("opposite", "x: bool = flag and a == b")},
        ),
        ("x: bool = not flag", {("unary", "x: bool = flag")}),
        ("x: bool = True", {("counterpart", "x: bool = False")}),
        (
            "x: uint256 = a - b",
            {
                ("arithmetic", "x: uint256 = a + b"),
                ("operand", "x: uint256 = a"),
                ("operand", "x: uint256 = b"),
            },
        ),
        ("x: uint256 = min(a, b)", {("counterpart", "x: uint256 = max(a, b)")}),
        (
            "x: uint256 = self._mul_up(a, b)",
            {
                ("rounding", "x: uint256 = self._mul_down(a, b)"),
                ("arguments", "x: uint256 = self._mul_up(b, a)"),
            },
        ),
        (
            "x: uint256 = a if flag else b",
            {("condition", "x: uint256 = a"), ("condition", "x: uint256 = b")},
        ),
        ("x: uint256[3] = empty(uint256[3])", set()),
        (
            "self.total += a",
            {
                ("arithmetic", "self.total -= a"),
                ("arithmetic", "self.total = a"),
                ("delete", "pass"),
            },
        ),
        ("self._do(a)", {("delete", "pass")}),
        ("assert flag, REASON", {("delete", "pass")}),
        ("return a", {("return", "return (a) + 1"), ("return", "return not (a)")}),
        ("x: uint256 = 0", {("number", "x: uint256 = 1")}),
    ],
)
def test_one_line(line: str, expected: set[tuple[str, str]]) -> None:
    made = faults(line)
    numbers = {each for each in made if each[0] == "number" and "[" in each[1]}
    assert made - numbers == expected


def test_conditions() -> None:
    text = f"{HEAD}    if a < b:\n        return a\n    return b\n"
    made = {each.after for each in mutants("x.vy", text) if each.operator == "condition"}
    assert made == {"if True:", "if False:"}


def test_loop_bounds_are_left_alone() -> None:
    loop = "for i: uint256 in range(a, bound=10):"
    text = f"{HEAD}    {loop}\n        self.total += i\n    return b\n"
    made = {each.after for each in mutants("x.vy", text) if each.function == "_it"}
    assert not any("bound=9" in each or "bound=11" in each for each in made)


def test_constants_but_no_texts() -> None:
    text = f"{HEAD}    return a\n"
    made = [each.after for each in mutants("x.vy", text) if each.function == "the constants"]
    assert made == [f"LIMIT: constant(uint256) = {value}" for value in (6, 8)]


@pytest.fixture(scope="module")
def everything() -> list[Mutant]:
    return population()


def test_every_mutant_is_one_of_a_kind(everything: list[Mutant]) -> None:
    assert len({each.key for each in everything}) == len(everything) > 8_000


def test_every_mutant_changes_its_source(everything: list[Mutant]) -> None:
    for each in everything:
        text = text_of(each.path)
        assert text[each.start : each.end] != each.new
        assert text[: each.start].count("\n") + 1 == each.line
