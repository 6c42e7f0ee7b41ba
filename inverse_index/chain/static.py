# SPDX-License-Identifier: AGPL-3.0-only
"""Decoding of values whose types have a fixed size: each is a row of words.

Most of what is read from these contracts is of this kind, some of it hundreds
of words once per block, which a general decoder takes many times as long for.
What is not of this kind is left to eth_abi.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.exceptions import InsufficientDataBytes, NonEmptyPaddingBytes

Words = Sequence[int]
Reader = Callable[[Words, int], Any]  # of the words from a place on
Entry = dict[str, Any]

WORD = 32


def words_of(data: bytes, count: int) -> list[int]:
    """The first `count` words of return data."""
    if len(data) < WORD * count:
        raise InsufficientDataBytes(f"{len(data)} bytes where {WORD * count} were expected")
    number = int.from_bytes
    return [number(data[at : at + WORD], "big") for at in range(0, WORD * count, WORD)]


def reader_of(
    entry: Entry, struct_class: Callable[[tuple[str, ...]], Any], checksum: Callable[[str], str]
) -> tuple[Reader, int] | None:
    """Reader of a type and its number of words; None when its size varies."""
    kind = entry["type"]
    if kind.endswith("]"):
        return _array(entry, struct_class, checksum)
    if kind == "tuple":
        return _struct(entry, struct_class, checksum)
    if kind == "address":
        return lambda words, at: checksum(f"0x{_unsigned(words[at], 160):040x}"), 1
    if kind == "bool":
        return lambda words, at: bool(_unsigned(words[at], 1)), 1
    if kind.startswith("uint"):
        bits = int(kind[4:])
        if bits == 256:
            return lambda words, at: words[at], 1
        return lambda words, at: _unsigned(words[at], bits), 1
    if kind.startswith("int"):
        bits = int(kind[3:])
        return lambda words, at: _signed(words[at], bits), 1
    return None


def _unsigned(word: int, bits: int) -> int:
    if word >> bits:
        raise NonEmptyPaddingBytes(f"{word:#x} does not fit into {bits} bits")
    return word


def _signed(word: int, bits: int) -> int:
    number = word - (word >> 255 << 256)
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise NonEmptyPaddingBytes(f"{number} does not fit into {bits} bits")
    return number


def _array(
    entry: Entry, struct_class: Callable[..., Any], checksum: Callable[[str], str]
) -> tuple[Reader, int] | None:
    kind = entry["type"]
    opening = kind.rindex("[")
    length = kind[opening + 1 : -1]
    inner = reader_of({**entry, "type": kind[:opening]}, struct_class, checksum)
    if not length or inner is None:
        return None
    count, (read, size) = int(length), inner
    if entry["type"][:opening] == "uint256":
        return lambda words, at: list(words[at : at + count]), count
    return lambda words, at: [read(words, at + i * size) for i in range(count)], count * size


def _struct(
    entry: Entry, struct_class: Callable[..., Any], checksum: Callable[[str], str]
) -> tuple[Reader, int] | None:
    parts, size = [], 0
    for component in entry["components"]:
        inner = reader_of(component, struct_class, checksum)
        if inner is None:
            return None
        parts.append((inner[0], size))
        size += inner[1]
    made = struct_class(tuple(component["name"] for component in entry["components"]))
    return lambda words, at: made(*[read(words, at + offset) for read, offset in parts]), size
