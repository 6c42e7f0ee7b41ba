# SPDX-License-Identifier: AGPL-3.0-only
"""Writing output files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from inverse_index.errors import UserError


def write_atomic(path: str | Path, content: str | bytes) -> Path:
    """Write a file through a temporary one beside it; text as UTF-8."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    return write_atomic_with(path, lambda part: part.write_bytes(data))


def write_atomic_with(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Let ``write`` fill a temporary file of the same kind, then put it in place.

    The folder is made if needed. On any error the old file, if there was one,
    is untouched and nothing half-written is left.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
        _fill(Path(name), target, write)
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror or error}",
            "choose another output folder or free some space",
        ) from error
    return target


def _fill(part: Path, target: Path, write: Callable[[Path], object]) -> None:
    try:
        write(part)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
