# SPDX-License-Identifier: AGPL-3.0-only
"""Compiled contracts kept by content, for every checkout of this account.

The folder is INVERSE_INDEX_CACHE, else `inverse-index` in XDG_CACHE_HOME or
`~/.cache`. One subfolder a contract; an entry is two files of one stem: `.key.json`
says from which compiler and sources it was made, `.json` holds all of it. A few
of the newest entries of a contract are kept. A folder that cannot be written is
no error: then only this checkout's own cache is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY = ("fingerprint", "sources")  # parts of an entry that say what it was made from
KEPT = 40  # entries of one contract, variants of tests and mutants among them


def folder() -> Path:
    named = os.environ.get("INVERSE_INDEX_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "inverse-index" / "compiled"


def find(name: str, is_current: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The entry of this contract whose key is current, None when there is none."""
    try:
        keys = sorted((folder() / name).glob("*.key.json"))
        for path in keys:
            key = _read(path, KEY)
            if key is None or not is_current(key):
                continue
            entry = _read(
                path.with_name(path.name.removesuffix(".key.json") + ".json"), (*KEY, "artifact")
            )
            if entry is not None:
                return entry
    except OSError:
        return None
    return None


def keep(name: str, entry: dict[str, Any]) -> None:
    """Store an entry, and drop the oldest above `KEPT`."""
    key = {part: entry[part] for part in KEY}
    stem = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]
    target = folder() / name
    try:
        target.mkdir(parents=True, exist_ok=True)
        _write(target / f"{stem}.json", entry)
        _write(target / f"{stem}.key.json", key)
        for old in sorted(target.glob("*.key.json"), key=_age)[:-KEPT]:
            old.unlink(missing_ok=True)
            old.with_name(old.name.removesuffix(".key.json") + ".json").unlink(missing_ok=True)
    except OSError:
        return


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # another process has dropped it


def _read(path: Path, parts: tuple[str, ...]) -> dict[str, Any] | None:
    """None when it was dropped meanwhile or is damaged: then it is compiled again."""
    try:
        stored = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return stored if isinstance(stored, dict) and stored.keys() >= set(parts) else None


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as handle:
            json.dump(content, handle)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
