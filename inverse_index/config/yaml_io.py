# SPDX-License-Identifier: AGPL-3.0-only
"""Reading YAML files into models, with errors that name file, field and value.

Every scalar stays the text that was written: YAML's own guesses would turn
0.1 into a binary float, an address into a number and 12:30 into 750.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import yaml  # type: ignore[import-untyped, unused-ignore]
from pydantic import BaseModel, ValidationError

from inverse_index.config.fields import Model, near
from inverse_index.errors import UserError

M = TypeVar("M", bound=Model)

_MAX_BYTES: Final = 1_000_000
_SHOWN: Final = 60  # characters of a value in a message
_SHAPES: Final = {
    "model_type": "a group of 'key: value' lines",
    "dict_type": "a group of 'key: value' lines",
    "list_type": "a list of '- ' lines",
}


class _Loader(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
    """Safe loader: scalars stay text, empty is None, a key twice is an error."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem="a key must be a text", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key}' appears twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; all scalars are texts."""
    try:
        data = yaml.load(_read_text(path), Loader=_Loader)
    except yaml.YAMLError as error:
        raise UserError(
            f"{path}{_place(error)}: not valid YAML: {_problem(error)}", "correct that line"
        ) from error
    except RecursionError as error:
        raise UserError(
            f"{path}: nested too deeply", "compare with the files in configs/"
        ) from error
    if not isinstance(data, dict):
        raise UserError(
            f"{path}: holds {'nothing' if data is None else type(data).__name__}, "
            "expected 'key: value' lines",
            "compare with the files in configs/",
        )
    return data


def load_model(path: Path, model: type[M]) -> M:
    """Read and validate a YAML file as ``model``."""
    return validate(read_yaml(path), model, str(path))


def validate(data: dict[str, Any], model: type[M], source: str) -> M:
    """Validate a mapping as ``model``; ``source`` names it in errors."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _to_user_error(error, model, source) from error


def _read_text(path: Path) -> str:
    """Content of a small UTF-8 text file."""
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise UserError(f"{path} {what}", "give the path of a YAML file, such as one in configs/")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UserError(
                f"{path} is larger than {_MAX_BYTES} bytes", "give the path of a configuration file"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text", "give the path of a YAML file") from error
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}", "check its permissions"
        ) from error


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]


def _to_user_error(error: ValidationError, model: type[BaseModel], source: str) -> UserError:
    """One line for the first problem, and the number of the others."""
    problems = error.errors(include_url=False)
    line = _describe(problems[0], model)
    more = len(problems) - 1
    tail = f" (and {more} more problem{'s' if more > 1 else ''} in this file)" if more else ""
    return UserError(f"{source}: {line}{tail}", "correct it; configs/ holds complete examples")


def _describe(problem: Any, model: type[BaseModel]) -> str:
    """``field.path: got value, expected ...`` of one validation problem."""
    loc, owner = _located(model, problem["loc"])
    path = _path(loc)
    kind = problem["type"]
    if kind == "missing":
        return f"{path}: missing{_field_help(owner, loc)}"
    if kind == "extra_forbidden":
        known = list(owner.model_fields) if owner else []
        return f"{path}: unknown key{near(str(loc[-1]), known)}"
    if kind == "union_tag_invalid":
        wanted = problem["ctx"]["expected_tags"].replace(", ", " or ")
        return f"{path}.kind: got {_show(problem['ctx']['tag'])}, expected {wanted}"
    if kind == "value_error":  # of a check over several fields: starts with a field's name
        return ".".join(filter(None, [path, problem["msg"].removeprefix("Value error, ")]))
    expected = _SHAPES.get(kind) or problem["msg"].removeprefix("Input should be ")
    return f"{path}: got {_show(problem['input'])}, expected {expected}"


def _path(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    shown = str(value) if isinstance(value, (str, int)) else type(value).__name__
    return f"'{shown[:_SHOWN]}'" + ("..." if len(shown) > _SHOWN else "")


def _located(
    model: type[BaseModel], loc: tuple[Any, ...]
) -> tuple[tuple[Any, ...], type[BaseModel] | None]:
    """Place of a problem as it is written in the file, and the model that its
    last part is a field of. Pydantic names the kind of a group as a part of its
    own, which is no key."""
    current: type[BaseModel] | None = model
    owner = current
    kinds: dict[str, type[BaseModel]] = {}
    written: list[Any] = []
    for part in loc:
        if part in kinds:
            current, kinds = kinds[part], {}
            continue
        written.append(part)
        owner = current
        if current is not None and isinstance(part, str) and part in current.model_fields:
            annotation = current.model_fields[part].annotation
            current, kinds = model_in(annotation), kinds_in(annotation)
    return tuple(written), owner


def kinds_in(annotation: Any) -> dict[str, type[BaseModel]]:
    """The models of a group that comes in several kinds, by kind; else none."""
    found = [model_in(inner) for inner in getattr(annotation, "__args__", ())]
    models = [each for each in found if each is not None]
    if len(models) < 2:
        return {}
    return {_kind_of(each): each for each in models}


def _kind_of(model: type[BaseModel]) -> str:
    """The one value that the field `kind` of a model accepts."""
    return str(model.model_fields["kind"].annotation.__args__[0])  # type: ignore[union-attr]


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``list[Component]``, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = model_in(inner)
        if found is not None:
            return found
    return None


def _field_help(owner: type[BaseModel] | None, loc: tuple[Any, ...]) -> str:
    field = owner.model_fields.get(str(loc[-1])) if owner else None
    return f", expected: {field.description}" if field and field.description else ""
