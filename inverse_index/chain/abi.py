# SPDX-License-Identifier: AGPL-3.0-only
"""ABI types prepared once: selectors, topics, encoders, decoders, struct classes."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from keyword import iskeyword
from typing import Any

from eth_abi import decoding, encoding
from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.registry import ABIRegistry, BaseEquals, has_arrlist, is_base_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from .static import Reader, reader_of, words_of

checksum = lru_cache(maxsize=65_536)(to_checksum_address)

Convert = Callable[[Any], Any]
Entry = dict[str, Any]


_equals: Any = BaseEquals
_IS = {kind: _equals(kind) for kind in ("uint", "int", "address", "bool", "string")} | {
    "word": _equals("bytes", with_sub=True),
    "bytes": _equals("bytes", with_sub=False),
}
_CODERS: dict[str, tuple[Any, Any]] = {
    "uint": (encoding.UnsignedIntegerEncoder, decoding.UnsignedIntegerDecoder),
    "int": (encoding.SignedIntegerEncoder, decoding.SignedIntegerDecoder),
    "address": (encoding.AddressEncoder, decoding.AddressDecoder),
    "bool": (encoding.BooleanEncoder, decoding.BooleanDecoder),
    "word": (encoding.BytesEncoder, decoding.BytesDecoder),
    "bytes": (encoding.ByteStringEncoder, decoding.ByteStringDecoder),
    "string": (encoding.TextStringEncoder, decoding.StringDecoder),
}

_stream: Any = ContextFramesBytesIO


def _own_registry() -> Any:
    """Types that no other library can change.

    Ape replaces the unsigned decoder of eth_abi's shared registry by one that
    fills up short data: an address without a contract would then read as zero.
    """
    own: Any = ABIRegistry()  # type: ignore[no-untyped-call]
    for kind in ("uint", "int", "address", "bool", "word", "bytes", "string"):
        own.register(_IS[kind], *_CODERS[kind], label=kind)
    own.register(has_arrlist, encoding.BaseArrayEncoder, decoding.BaseArrayDecoder, label="array")
    own.register(is_base_tuple, encoding.TupleEncoder, decoding.TupleDecoder, label="tuple")
    return own


REGISTRY = _own_registry()


def type_name(entry: Entry) -> str:
    """Canonical type: structs as parenthesised lists."""
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    inner = ",".join(type_name(part) for part in entry["components"])
    return f"({inner}){entry['type'][5:]}"


@cache
def struct_class(fields: tuple[str, ...]) -> Any:
    """The one named tuple class for structs with these fields."""
    return namedtuple("Struct", fields)


class Codec:
    """Encoder and decoder of a list of values."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.types = tuple(type_name(entry) for entry in entries)
        signature = f"({','.join(self.types)})"
        if self.types:  # an empty list has no codec and needs none
            self._encoder = REGISTRY.get_encoder(signature)
            self._decoder = REGISTRY.get_decoder(signature)
        self._into = tuple(_to_abi(entry) for entry in entries)
        self._outof = tuple(_from_abi(entry) for entry in entries)
        self._static = _static_readers(entries)

    def encode(self, args: Sequence[Any]) -> bytes:
        if len(args) != len(self._into):
            raise TypeError(f"takes {len(self._into)} arguments, not {len(args)}")
        if not args:
            return b""
        values = [
            value if convert is None else convert(value)
            for value, convert in zip(args, self._into, strict=True)
        ]
        return bytes(self._encoder(values))

    def decode(self, data: bytes) -> list[Any]:
        if not self._outof:
            return []
        if self._static is not None:
            readers, size = self._static
            words = words_of(data, size)
            return [read(words, at) for read, at in readers]
        values = self._decoder(_stream(data))
        return [
            value if convert is None else convert(value)
            for value, convert in zip(values, self._outof, strict=True)
        ]


def _static_readers(
    entries: Sequence[Entry],
) -> tuple[list[tuple[Reader, int]], int] | None:
    """Reader and place of each value, and all words; None if a size varies."""
    readers, size = [], 0
    for entry in entries:
        found = reader_of(entry, struct_class, checksum)
        if found is None:
            return None
        readers.append((found[0], size))
        size += found[1]
    return readers, size


def _gather(names: Sequence[str]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """What makes one tuple of a function's outputs."""
    usable = all(name.isidentifier() and name[0] != "_" and not iskeyword(name) for name in names)
    if not usable or len(set(names)) != len(names):
        return tuple
    make: Callable[[list[Any]], tuple[Any, ...]] = struct_class(tuple(names))._make
    return make


class FunctionType:
    """One function of an ABI."""

    def __init__(self, entry: Entry) -> None:
        self.name: str = entry["name"]
        self.mutability: str = entry["stateMutability"]
        self.inputs = Codec(entry["inputs"])
        self.outputs = Codec(entry["outputs"])
        self._gather = _gather([part["name"] for part in entry["outputs"]])
        self.signature = f"{self.name}({','.join(self.inputs.types)})"
        self.selector = keccak(text=self.signature)[:4]

    def encode(self, args: Sequence[Any]) -> bytes:
        return self.selector + self.inputs.encode(args)

    def decode(self, data: bytes) -> Any:
        """None, the one value, or a tuple of several, named where the ABI names all."""
        values = self.outputs.decode(data)
        if len(values) == 1:
            return values[0]
        return self._gather(values) if values else None


class EventType:
    """One event of an ABI."""

    def __init__(self, entry: Entry) -> None:
        self.name: str = entry["name"]
        inputs = entry["inputs"]
        self._names = [part["name"] for part in inputs]
        self._indexed = [Codec([_topic_entry(part)]) for part in inputs if part["indexed"]]
        self._is_indexed = [part["indexed"] for part in inputs]
        self._data = Codec([part for part in inputs if not part["indexed"]])
        signature = f"{self.name}({','.join(type_name(part) for part in inputs)})"
        self.topic = keccak(text=signature)

    def decode(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """Fields by name, in the order of the declaration."""
        indexed = iter(
            codec.decode(topic)[0] for codec, topic in zip(self._indexed, topics[1:], strict=True)
        )
        plain = iter(self._data.decode(data))
        return {
            name: next(indexed if is_indexed else plain)
            for name, is_indexed in zip(self._names, self._is_indexed, strict=True)
        }


class Interface:
    """All functions (by name, then number of arguments) and events (by topic)."""

    def __init__(self, abi: Sequence[Entry]) -> None:
        self.functions: dict[str, dict[int, FunctionType]] = {}
        self.events: dict[bytes, EventType] = {}
        self.constructor = Codec([])
        for entry in abi:
            if entry["type"] == "function":
                function = FunctionType(entry)
                overloads = self.functions.setdefault(function.name, {})
                overloads[len(entry["inputs"])] = function
            elif entry["type"] == "event":
                event = EventType(entry)
                self.events[event.topic] = event
            elif entry["type"] == "constructor":
                self.constructor = Codec(entry["inputs"])


_interfaces: dict[int, tuple[Sequence[Entry], Interface]] = {}


def interface_of(abi: Sequence[Entry]) -> Interface:
    """The prepared ABI; one for every list object."""
    known = _interfaces.get(id(abi))
    if known is None:
        known = _interfaces[id(abi)] = (abi, Interface(abi))  # keeps the list, hence its id
    return known[1]


def _topic_entry(entry: Entry) -> Entry:
    """Dynamic values are only hashed into a topic."""
    kind = type_name(entry)
    hashed = kind in ("string", "bytes") or kind.endswith((")", "]"))
    return {"type": "bytes32"} if hashed else entry


def _element(entry: Entry) -> Entry:
    return {**entry, "type": entry["type"][: entry["type"].rindex("[")]}


def _to_abi(entry: Entry) -> Convert | None:
    """What turns an argument into eth_abi's input; None for nothing."""
    kind = entry["type"]
    if kind.endswith("]"):
        inner = _to_abi(_element(entry))
        return None if inner is None else lambda values: [inner(value) for value in values]
    if kind == "tuple":
        return _struct_to_abi(entry)
    if kind == "address":
        return lambda value: value if isinstance(value, (str, bytes)) else value.address
    if kind.startswith("bytes"):
        return lambda value: bytes.fromhex(value[2:]) if isinstance(value, str) else bytes(value)
    return None


def _struct_to_abi(entry: Entry) -> Convert:
    names = [part["name"] for part in entry["components"]]
    inner = [_to_abi(part) for part in entry["components"]]

    def convert(value: Any) -> tuple[Any, ...]:
        return tuple(
            field if change is None else change(field)
            for field, change in zip(_fields(value, names), inner, strict=True)
        )

    return convert


def _fields(value: Any, names: list[str]) -> list[Any]:
    """The struct's fields in order; extra, missing or reordered names are refused."""
    if dataclasses.is_dataclass(value):
        value = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        if set(value) != set(names):
            wrong = ", ".join(sorted(set(value) ^ set(names)))
            raise TypeError(f"struct fields missing or unknown: {wrong}")
        return [value[name] for name in names]
    return list(value)


def _from_abi(entry: Entry) -> Convert | None:
    """What turns eth_abi's output into ours; None for nothing."""
    kind = entry["type"]
    if kind.endswith("]"):
        inner = _from_abi(_element(entry))
        return list if inner is None else lambda values: [inner(value) for value in values]
    if kind == "tuple":
        return _struct_from_abi(entry)
    return checksum if kind == "address" else None


def _struct_from_abi(entry: Entry) -> Convert:
    build = struct_class(tuple(part["name"] for part in entry["components"]))
    inner = [_from_abi(part) for part in entry["components"]]

    def convert(values: Any) -> Any:
        return build(
            *(
                value if change is None else change(value)
                for value, change in zip(values, inner, strict=True)
            )
        )

    return convert
