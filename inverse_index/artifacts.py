# SPDX-License-Identifier: AGPL-3.0-only
"""Compiled contracts, by name, cached under `build/artifacts`.

A cached artifact is used while the compiler version and the digest of every
source that went into it are unchanged. Files are replaced atomically and one
lock per contract keeps parallel processes from compiling the same one twice.

What is compiled once is also kept by its content for all checkouts of this
account, see `compiled_store`: a fresh clone does not compile what another has.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import compiled_store
from .errors import UserError

EVM_VERSION = "prague"
_altered: dict[Path, str] = {}  # texts that stand for files
_listeners: list[Callable[[str, int, int], None]] = []  # told before each compilation
FORMAT = 2  # raise when the layout of the cache files changes


@dataclass(frozen=True)
class Artifact:
    """One deployable contract. `bytecode` and `runtime` are 0x-prefixed hex."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str
    layout: dict[str, Any]

    @property
    def runtime_size(self) -> int:
        """Deployed bytes, immutables not counted (the limit is 24,576)."""
        return len(self.runtime) // 2 - 1

    @property
    def initcode_size(self) -> int:
        """Creation bytes, arguments not counted (the limit is 49,152)."""
        return len(self.bytecode) // 2 - 1


@cache
def project_root() -> Path:
    """Folder that holds `contracts/`: INVERSE_INDEX_ROOT, else above the package."""
    override = os.environ.get("INVERSE_INDEX_ROOT")
    root = Path(override).resolve() if override else Path(__file__).resolve().parent.parent
    if not (root / "contracts").is_dir():
        raise UserError(
            f"no contracts folder in {root}",
            "set INVERSE_INDEX_ROOT to the folder that holds contracts/",
        )
    return root


def deployables() -> dict[str, Path]:
    """Every deployable contract's source by name; modules are none."""
    folder = project_root() / "contracts"
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.vy")):
        if "modules" in path.relative_to(folder).parts:
            continue
        if path.stem in found:
            raise UserError(
                f"two contracts are called {path.stem}: {found[path.stem]} and {path}",
                "rename one of them",
            )
        found[path.stem] = path
    return found


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract of this name, compiled now if it has changed."""
    sources = deployables()
    if name not in sources:
        raise UserError(f"no contract {name}", f"use one of {', '.join(sources)}")
    target = _build_dir() / f"{name}.json"
    cached = _load(target)
    if cached is not None:
        return cached
    if _altered:
        target = _variant_dir() / f"{name}.json"
    with _locked(target.with_suffix(".lock")):
        cached = _load(target)  # another process may have been faster
        if cached is not None:
            return cached
        stored = compiled_store.find(name, _is_current)
        if stored is not None:
            _write(target, stored)
            return Artifact(**stored["artifact"])
        _tell(name, list(sources))
        return _compile(name, sources[name], target)


@contextmanager
def listening(listener: Callable[[str, int, int], None]) -> Iterator[None]:
    """While open, `listener(name, done, total)` is called before a contract is compiled,
    not when a cache has it. done: how many of all contracts are compiled already, by
    whatever process; variants with altered sources are not told."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _tell(name: str, names: list[str]) -> None:
    if not _listeners or _altered:
        return
    done = sum(_load(_build_dir() / f"{each}.json") is not None for each in names)
    for listener in _listeners:
        listener(name, done, len(names))


@contextmanager
def altered_sources(texts: Mapping[str, str]) -> Iterator[None]:
    """While open, contracts are compiled from these texts instead of the files.

    texts: by path from the project's root. What does not import such a file
    keeps its artifact; what does has one of its own under `build/variants`.
    """
    if _altered:
        raise RuntimeError("sources are altered already")
    for path, text in texts.items():
        source = project_root() / path
        if not source.is_file():
            raise UserError(f"no source {path}", "give its path from the project's root")
        _altered[source.resolve()] = text
    artifact.cache_clear()
    try:
        yield
    finally:
        _altered.clear()
        artifact.cache_clear()


def source_paths(name: str) -> dict[str, Path]:
    """Every source that went into a contract, by its path from the search path it is on."""
    artifact(name)
    stored = json.loads((_build_dir() / f"{name}.json").read_text())
    return {portable.partition(":")[2]: _absolute(portable) for portable in stored["sources"]}


def compile_all(progress: Callable[[str, int, int], None] | None = None) -> dict[str, Artifact]:
    """Compile everything; `progress(name, done, total)` before each contract."""
    names = list(deployables())
    result = {}
    for done, name in enumerate(names):
        if progress is not None:
            progress(name, done, len(names))
        result[name] = artifact(name)
    return result


def _build_dir() -> Path:
    folder = project_root() / "build" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _variant_dir() -> Path:
    """One folder for each set of altered texts."""
    parts = [f"{path.relative_to(project_root())}\0{text}" for path, text in _altered.items()]
    digest = hashlib.sha256("\0".join(sorted(parts)).encode()).hexdigest()
    folder = project_root() / "build" / "variants" / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released when the file is closed
        yield


@cache
def _search_paths() -> tuple[Path, Path]:
    """Site packages (for snekmate), then the project, which goes first."""
    spec = find_spec("snekmate")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("snekmate is not installed", "run `make setup`")
    return Path(spec.submodule_search_locations[0]).parent, project_root()


@cache
def _fingerprint() -> str:
    return f"{FORMAT} vyper {version('vyper')} {EVM_VERSION}"


def _digest(path: Path) -> str:
    text = _altered.get(path)
    return hashlib.sha256(path.read_bytes() if text is None else text.encode()).hexdigest()


def _portable(path: Path) -> str:
    """The path from one of the search paths, so that a moved project stays cached."""
    for number, base in enumerate(_search_paths()):
        if path.is_relative_to(base.resolve()) and (number == 1 or "snekmate" in path.parts):
            return f"{number}:{path.relative_to(base.resolve()).as_posix()}"
    return f"-:{path.as_posix()}"


def _absolute(portable: str) -> Path:
    number, _, relative = portable.partition(":")
    return Path(relative) if number == "-" else _search_paths()[int(number)].resolve() / relative


def _load(target: Path) -> Artifact | None:
    """The cached artifact, or None when there is none or it is out of date."""
    if not target.exists():
        return None
    try:
        stored = json.loads(target.read_text())
    except ValueError:
        return None  # damaged: compile again
    return Artifact(**stored["artifact"]) if _is_current(stored) else None


def _is_current(stored: dict[str, Any]) -> bool:
    """Whether compiler and sources are those that a stored entry was made from."""
    if stored["fingerprint"] != _fingerprint():
        return False
    for portable, digest in stored["sources"].items():
        path = _absolute(portable)
        if not path.exists() or _digest(path) != digest:
            return False
    return True


def _compile(name: str, path: Path, target: Path) -> Artifact:
    from vyper.compiler import compile_from_file_input  # slow to import
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.settings import Settings
    from vyper.exceptions import VyperException

    class Bundle(FilesystemInputBundle):  # type: ignore[misc]
        """Remembers what was read, so that digest and compilation agree."""

        def __init__(self, search_paths: list[Path]) -> None:
            super().__init__(search_paths)
            self.read: dict[Path, str] = {}

        def _load_from_path(self, resolved_path: Path, original_path: Path) -> Any:
            source = super()._load_from_path(resolved_path, original_path)
            if resolved_path in _altered:
                source = replace(source, contents=_altered[resolved_path])
            self.read[resolved_path] = hashlib.sha256(source.contents.encode()).hexdigest()
            return source

    bundle = Bundle(list(_search_paths()))
    try:
        out = compile_from_file_input(
            bundle.load_file(path),
            input_bundle=bundle,
            settings=Settings(evm_version=EVM_VERSION),
            output_formats=["abi", "bytecode", "bytecode_runtime", "layout"],
        )
    except VyperException as error:
        raise UserError(f"{path} does not compile: {error}", "correct the source") from error
    layout = json.loads(json.dumps(out["layout"]))  # plain dicts
    built = Artifact(name, out["abi"], out["bytecode"], out["bytecode_runtime"], layout)
    entry = {
        "fingerprint": _fingerprint(),
        "sources": {_portable(source): digest for source, digest in bundle.read.items()},
        "artifact": vars(built),
    }
    _write(target, entry)
    compiled_store.keep(name, entry)
    return built


def _write(target: Path, content: dict[str, Any]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w") as handle:
            json.dump(content, handle)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
