# SPDX-License-Identifier: AGPL-3.0-only
"""Field types of the configuration models: exact, ranged, in human units.

A field that is out of range says what would be in range; the text is built
from the same figures that are checked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from inverse_index.config.units import format_units, parse_decimal, parse_units
from inverse_index.errors import UserError

_WHOLE: Final = re.compile(r"\d+(?:_\d+)*", re.ASCII)
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
ZERO_ADDRESS: Final = "0x" + "00" * 20
ADDRESS_TEXT: Final = "an address: 0x and 40 hex digits"


class Model(BaseModel):
    """Base of all configuration models: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def refuse(expected: str) -> PydanticCustomError:
    """The error of one field: what was expected instead of its value."""
    return PydanticCustomError("configuration", "{expected}", {"expected": expected})


@dataclass(frozen=True)
class Rule:
    """How a field reads its raw value, and the text that says what it accepts."""

    read: Callable[[Any], Any]
    expected: str
    words: tuple[str, ...] = ()

    def __call__(self, value: Any) -> Any:
        return value if isinstance(value, str) and value in self.words else self.read(value)

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self)


def _or(words: tuple[str, ...]) -> str:
    return "".join(f" or '{word}'" for word in words)


def whole(low: int, high: int, unit: str = "", *words: str) -> Rule:
    """A whole number of ``unit`` from ``low`` to ``high``, or one of ``words``."""
    expected = f"a whole number from {low} to {high}{unit and ' ' + unit}{_or(words)}"

    def read(value: Any) -> int:
        number: object = value
        if isinstance(value, str) and len(value) <= 80 and _WHOLE.fullmatch(value.strip()):
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise refuse(expected)
        return number

    return Rule(read, expected, words)


def decimal(low: str, high: str, unit: str = "", *words: str, places: int = 18) -> Rule:
    """An exact decimal number of ``unit`` from ``low`` to ``high``, or a word."""
    expected = f"a number from {low} to {high}{unit and ' ' + unit}{_or(words)}"
    least, most = Decimal(low), Decimal(high)

    def read(value: Any) -> Decimal:
        return _exact(value, least, most, places, expected)

    return Rule(read, expected, words)


def percent(low: str, high: str, places: int = 16) -> Rule:
    """A percentage written with its sign; kept as the number before the sign."""
    expected = f"a percentage from {low}% to {high}%, written with its sign"
    least, most = Decimal(low), Decimal(high)

    def read(value: Any) -> Decimal:
        if isinstance(value, Decimal):
            return _exact(value, least, most, places, expected)
        if not isinstance(value, str) or not value.strip().endswith("%"):
            raise refuse(expected)
        return _exact(value.strip().removesuffix("%"), least, most, places, expected)

    return Rule(read, expected)


def _exact(value: Any, least: Decimal, most: Decimal, places: int, expected: str) -> Decimal:
    """Read a decimal inside its range with at most ``places`` decimal places."""
    try:
        number = parse_decimal(value)
        if not least <= number <= most:
            raise refuse(expected)
        parse_units(number, places, signed=True)
    except UserError as error:
        raise refuse(f"{expected} ({error.message})") from error
    return number


def one_of(*numbers: int, unit: str = "") -> Rule:
    """One of a few whole numbers of ``unit``."""
    *first, last = map(str, numbers)
    expected = f"{', '.join(first)} or {last}{unit and ' ' + unit}"
    inside = whole(min(numbers), max(numbers))

    def read(value: Any) -> int:
        try:
            number: int = inside(value)
        except PydanticCustomError:
            raise refuse(expected) from None
        if number not in numbers:
            raise refuse(expected)
        return number

    return Rule(read, expected)


def printable(low: int, high: int) -> Rule:
    """A text of ``low`` to ``high`` printable ASCII characters."""
    expected = f"a text of {low} to {high} printable ASCII characters"

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise refuse(expected)
        if not low <= len(value) <= high or value != value.strip():
            raise refuse(expected)
        return value

    return Rule(read, expected)


def ticker(longest: int) -> Rule:
    """A ticker: letters, digits, ``.``, ``_`` and ``-``."""
    expected = f"a ticker of 1 to {longest} letters and digits, such as UNI"

    def read(value: Any) -> str:
        if not isinstance(value, str) or not _SYMBOL.fullmatch(value) or len(value) > longest:
            raise refuse(expected)
        return value

    return Rule(read, expected)


def read_address(value: Any, expected: str = ADDRESS_TEXT) -> str:
    """A 20-byte address; a mixed-case one must carry a correct checksum."""
    from eth_utils.address import is_checksum_address, to_checksum_address

    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise refuse(expected)
    if value.lower() == ZERO_ADDRESS:
        raise refuse(f"{expected}, not the zero address")
    digits = value[2:]
    mixed = digits != digits.lower() and digits != digits.upper()
    if mixed and not is_checksum_address(value):
        right = to_checksum_address(value)
        raise refuse(
            f"{expected} with a correct checksum (mistyped? of these digits it is {right})"
        )
    return to_checksum_address(value)


MAX_AMOUNT = "1000000000000000000"  # 1e18 whole collateral
Amount = Annotated[Decimal, decimal("0", MAX_AMOUNT, "whole collateral")]
PositiveAmount = Annotated[Decimal, decimal("0.000001", MAX_AMOUNT, "whole collateral")]
Address = Annotated[str, Rule(read_address, ADDRESS_TEXT)]


def near(name: str, known: list[str]) -> str:
    """`` (did you mean X?)`` for a name that resembles a known one, else nothing."""
    lowered = {k.lower(): k for k in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" (did you mean {lowered[found[0]]}?)" if found else ""


def plain(number: Decimal, places: int = 18) -> str:
    """Decimal to its shortest plain text, without exponent."""
    return format_units(parse_units(number, places, signed=True), places)
