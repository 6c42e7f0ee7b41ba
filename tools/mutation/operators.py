# SPDX-License-Identifier: AGPL-3.0-only
"""Small faults of one source, found on the compiler's syntax tree.

The compiler's columns are wrong in a few places (behind `staticcall`): whatever
does not stand where the tree says is left out. So are annotations, loop bounds,
reasons, imports and comments: a fault there is none, or does not compile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OPPOSITE = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not in",
    "not in": "in",
}
ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "//",
    "//": "*",
    "%": "//",
    "&": "|",
    "|": "&",
    "<<": ">>",
    ">>": "<<",
}
SYMBOLS = {
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Eq": "==",
    "NotEq": "!=",
    "In": "in",
    "NotIn": "not in",
    "Add": "+",
    "Sub": "-",
    "Mult": "*",
    "FloorDiv": "//",
    "Mod": "%",
    "BitAnd": "&",
    "BitOr": "|",
    "LShift": "<<",
    "RShift": ">>",
    "Pow": "**",
}
COUNTERPARTS = {"min": "max", "max": "min", "True": "False", "False": "True"}
SIMPLE = ("Assign", "AugAssign", "Expr", "Log", "Assert", "Break", "Continue")


@dataclass(frozen=True)
class Mutant:
    """A source with one text replaced."""

    path: str  # from the project's root
    start: int  # place in the text
    end: int
    new: str
    operator: str
    function: str
    line: int
    before: str  # the line or lines, without indentation
    after: str

    @property
    def key(self) -> str:
        """Stays as long as the source does."""
        parts = (self.path, self.start, self.end, self.new)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.operator}: {self.before}  =>  {self.after}"


def mutants(path: str, text: str) -> list[Mutant]:
    """Every fault this module knows in a source, in the order of the text."""
    found = {(each.start, each.end, each.new): each for each in _Source(path, text).faults()}
    return [found[place] for place in sorted(found)]


Fault = tuple[int, int, str, str]  # start, end, new text, operator


class _Source:
    def __init__(self, path: str, text: str) -> None:
        from vyper.ast.parse import parse_to_ast  # slow to import

        self.path, self.text = path, text
        self.starts = [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.tree = parse_to_ast(text, resolved_path=str(Path(path)))
        self.functions = set(re.findall(r"^def (\w+)", text, re.M))

    def faults(self) -> Iterator[Mutant]:
        for top in self.tree.body:
            kind = type(top).__name__
            if kind == "FunctionDef":
                for statement in top.body:
                    yield from self._of(statement, top.name)
            elif kind == "VariableDecl" and top.value is not None:
                yield from self._of(top.value, "the constants")

    def _of(self, root: Any, function: str) -> Iterator[Mutant]:
        for node in (root, *root.get_descendants()):
            if self._is_code(node, root):
                for start, end, new, operator in self._at(node):
                    yield self._mutant(start, end, new, operator, function)

    def _mutant(self, start: int, end: int, new: str, operator: str, function: str) -> Mutant:
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", end)
        before = self.text[first:last]
        after = self.text[first:start] + new + self.text[end:last]
        line = self.text.count("\n", 0, start) + 1
        shown = (" ".join(before.split()), " ".join(after.split()))
        return Mutant(self.path, start, end, new, operator, function, line, *shown)

    def _is_code(self, node: Any, root: Any) -> bool:
        """Not in an annotation, a loop's bound, a reason or a comment."""
        below = node
        while below is not root:
            above = below.get_ancestor()
            if getattr(above, "annotation", None) is below or getattr(above, "msg", None) is below:
                return False
            if type(above).__name__ == "keyword" and above.arg in ("bound", "default_return_value"):
                return False
            below = above
        return type(node).__name__ != "DocStr"

    # where things stand

    def _start(self, node: Any) -> int:
        return int(self.starts[node.lineno - 1] + node.col_offset)

    def _end(self, node: Any) -> int:
        return int(self.starts[node.end_lineno - 1] + node.end_col_offset)

    def _segment(self, node: Any) -> str:
        return self.text[self._start(node) : self._end(node)]

    def _between(self, left: Any, right: Any, symbol: str) -> int | None:
        """The place of the operator between two operands."""
        start, end = self._end(left), self._start(right)
        found = re.fullmatch(r"([\s)]*)" + re.escape(symbol) + r"[\s(\\]*", self.text[start:end])
        return None if found is None else start + len(found[1])

    def _balanced(self, node: Any) -> bool:
        """Whether the tree's columns can be believed."""
        text = self._segment(node)
        before, after = self.text[self._start(node) - 1], self.text[self._end(node)]
        cut = (before + text[:1]).isidentifier() or (text[-1:] + after).isidentifier()
        return bool(text) and not cut and _is_balanced(text) and text == text.strip()

    # what can go wrong

    def _at(self, node: Any) -> Iterator[Fault]:
        kind = type(node).__name__
        if kind in SIMPLE:
            yield from self._deleted(node)
        method = getattr(self, f"_in_{kind.lower()}", None)
        if method is not None:
            yield from method(node)

    def _deleted(self, node: Any) -> Iterator[Fault]:
        start = self._start(node)
        rest = self.text.find("\n", self._end(node))
        if self.text[self.starts[node.lineno - 1] : start].isspace():
            yield start, rest, "pass", "delete"

    def _in_compare(self, node: Any) -> Iterator[Fault]:
        symbol = SYMBOLS[type(node.op).__name__]
        place = self._between(node.left, node.right, symbol)
        if place is not None:
            for operator, table in (("boundary", BOUNDARY), ("opposite", OPPOSITE)):
                if symbol in table:
                    yield place, place + len(symbol), table[symbol], operator

    def _in_binop(self, node: Any) -> Iterator[Fault]:
        symbol = SYMBOLS[type(node.op).__name__]
        place = self._between(node.left, node.right, symbol)
        if place is None or symbol not in ARITHMETIC:
            return
        yield place, place + len(symbol), ARITHMETIC[symbol], "arithmetic"
        if self._balanced(node) and self._balanced(node.left) and self._balanced(node.right):
            for kept in (node.left, node.right):
                yield self._start(node), self._end(node), self._segment(kept), "operand"

    def _in_boolop(self, node: Any) -> Iterator[Fault]:
        symbol = "and" if type(node.op).__name__ == "And" else "or"
        for left, right in zip(node.values, node.values[1:], strict=False):
            place = self._between(left, right, symbol)
            if place is not None:
                other = "or" if symbol == "and" else "and"
                yield place, place + len(symbol), other, "logic"

    def _in_unaryop(self, node: Any) -> Iterator[Fault]:
        start = self._start(node)
        for symbol in ("not ", "-", "~"):
            if self.text.startswith(symbol, start):
                yield start, start + len(symbol), "", "unary"

    def _in_augassign(self, node: Any) -> Iterator[Fault]:
        symbol = SYMBOLS[type(node.op).__name__] + "="
        place = self._between(node.target, node.value, symbol)
        if place is not None and symbol[:-1] in ARITHMETIC:
            yield place, place + len(symbol), ARITHMETIC[symbol[:-1]] + "=", "arithmetic"
            yield place, place + len(symbol), "=", "arithmetic"

    def _in_if(self, node: Any) -> Iterator[Fault]:
        start, end = self._start(node.test), self._end(node.test)
        head = re.search(r"\b(el)?if (\s*\()?$", self.text[:start][-12:])
        if head is not None and re.match(r"\)?:", self.text[end : end + 2]):
            for value in ("True", "False"):
                yield start, end, value, "condition"

    def _in_ifexp(self, node: Any) -> Iterator[Fault]:
        if all(self._balanced(part) for part in (node, node.body, node.orelse)):
            for part in (node.body, node.orelse):
                yield self._start(node), self._end(node), self._segment(part), "condition"

    def _in_return(self, node: Any) -> Iterator[Fault]:
        value = node.value
        if value is None or type(value).__name__ == "Tuple" or not self._balanced(value):
            return
        start, end = self._start(value), self._end(value)
        if self.text[:start].endswith("return ") and self.text[end] == "\n":
            segment = self.text[start:end]
            yield start, end, f"({segment}) + 1", "return"
            yield start, end, f"not ({segment})", "return"

    def _in_int(self, node: Any) -> Iterator[Fault]:
        segment = self._segment(node)
        if re.fullmatch(r"[\d_]+", segment):
            start, end, value = self._start(node), self._end(node), int(segment)
            yield start, end, str(value + 1), "number"
            if value > 0:
                yield start, end, str(value - 1), "number"

    def _in_name(self, node: Any) -> Iterator[Fault]:
        yield from self._renamed(self._start(node), node.id)

    def _in_nameconstant(self, node: Any) -> Iterator[Fault]:
        yield from self._renamed(self._start(node), str(node.value))

    def _in_attribute(self, node: Any) -> Iterator[Fault]:
        yield from self._renamed(self._end(node) - len(node.attr), node.attr)

    def _renamed(self, start: int, name: str) -> Iterator[Fault]:
        """To the counterpart; what does not exist does not compile."""
        if self.text[start : start + len(name)] != name:
            return
        if name in COUNTERPARTS:
            yield start, start + len(name), COUNTERPARTS[name], "counterpart"
        for ending, other in (("_up", "_down"), ("_down", "_up")):
            if name.endswith(ending):
                yield start, start + len(name), name.removesuffix(ending) + other, "rounding"

    def _in_call(self, node: Any) -> Iterator[Fault]:
        """Neighbouring arguments change places, where that matters."""
        if self._segment(node.func) in COUNTERPARTS:
            return
        for left, right in zip(node.args, node.args[1:], strict=False):
            if not (self._balanced(left) and self._balanced(right)):
                continue
            start, end = self._start(left), self._end(right)
            gap = self.text[self._end(left) : self._start(right)]
            if re.fullmatch(r",\s*", gap) and self._segment(left) != self._segment(right):
                swapped = self._segment(right) + gap + self._segment(left)
                yield start, end, swapped, "arguments"


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return False
    return depth == 0
