# SPDX-License-Identifier: AGPL-3.0-only
"""The configuration's fields as documentation, straight from the models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from inverse_index.config.fields import Rule, plain
from inverse_index.config.yaml_io import kinds_in, model_in


@dataclass(frozen=True)
class FieldDoc:
    """One field: dotted path, what it accepts, its default and its meaning."""

    path: str
    accepts: str
    default: str
    description: str


def field_docs(model: type[BaseModel], prefix: str = "") -> Iterator[FieldDoc]:
    """All fields of a model and of the models inside it, in order."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        inner, kinds = model_in(field.annotation), kinds_in(field.annotation)
        if kinds:
            yield FieldDoc(path, _group(field), _default(field), field.description or "")
            for kind, model_of_kind in kinds.items():
                yield from field_docs(model_of_kind, f"{path}({kind}).")
        elif inner is None:
            yield FieldDoc(path, _accepts(field), _default(field), field.description or "")
        else:
            yield FieldDoc(path, _group(field), _default(field), field.description or "")
            yield from field_docs(inner, f"{path}{_inner_mark(field)}.")


def markdown_table(model: type[BaseModel]) -> str:
    """The fields of a model as a Markdown table."""
    rows = [
        f"| `{d.path}` | {d.accepts} | {d.default} | {d.description} |" for d in field_docs(model)
    ]
    return "\n".join(["| field | accepts | default | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _kind(field: FieldInfo) -> Any:
    return getattr(field.annotation, "__origin__", None)


def _group(field: FieldInfo) -> str:
    return {list: "a list", dict: "a group by symbol"}.get(_kind(field), "a group")


def _inner_mark(field: FieldInfo) -> str:
    return {list: "[]", dict: ".SYMBOL"}.get(_kind(field), "")


def _accepts(field: FieldInfo) -> str:
    rule = _rule([*field.metadata, field.annotation])
    return rule.expected if rule else " or ".join(f"`{v}`" for v in _literals(field.annotation))


def _rule(parts: Any) -> Rule | None:
    """The rule among the metadata, or inside an optional annotation."""
    for part in parts:
        if isinstance(part, Rule):
            return part
        inner = [*getattr(part, "__metadata__", ()), *getattr(part, "__args__", ())]
        found = _rule(inner)
        if found:
            return found
    return None


def _literals(annotation: Any) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__args__", ()))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None or field.default is None:
        return ""
    rule = _rule([*field.metadata, field.annotation])
    sign = "%" if rule is not None and rule.expected.startswith("a percentage") else ""
    value = field.default
    return f"`{value if isinstance(value, (str, int)) else plain(value)}{sign}`"
