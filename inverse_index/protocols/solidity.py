# SPDX-License-Identifier: AGPL-3.0-only
"""Contracts that npm packages ship as Solidity sources alone, compiled here.

The compilers are npm packages as well, one for each version, run by Node. What
they make is cached under `build/solidity` by the digest of everything that went
into it.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from ..artifacts import project_root
from ..errors import UserError
from .npm import NpmArtifact, node_modules

OPTIMIZER_RUNS = 200
COMPILE_SECONDS = 300.0
FORMAT = 1  # raise when the layout of the cache files changes
REMEDY = "run `make setup`"
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"^\s*import\s[^;]*?[\"']([^\"']+)[\"']", re.MULTILINE)


@cache
def solidity_artifact(source: str, name: str, compiler: str) -> NpmArtifact:
    """A contract of a source file, compiled unless the cache has it.

    source: path below node_modules. compiler: the package's folder there.
    """
    standard = standard_json(source, name)
    cached = _cache_file(standard, name, compiler)
    if not cached.exists():
        _write_atomic(cached, json.dumps(_compiled(standard, source, name, compiler)))
    try:
        found = json.loads(cached.read_text())
        return NpmArtifact(name, found["abi"], bytes.fromhex(found["code"]), {})
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{cached} is damaged", "delete it") from error


def standard_json(source: str, name: str) -> dict[str, Any]:
    """The compiler's input: the file and all that it imports, by path below node_modules."""
    return {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sorted(_sources(source).items())},
        "settings": {
            "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS},
            "outputSelection": {source: {name: ["abi", "evm.bytecode.object"]}},
        },
    }


def imports(path: str, text: str) -> list[str]:
    """Paths that a source imports, relative ones as seen from it."""
    folder = posixpath.dirname(path)
    found = _IMPORT.findall(_COMMENT.sub("", text))
    return [
        posixpath.normpath(posixpath.join(folder, each)) if each[0] == "." else each
        for each in found
    ]


def _sources(first: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path not in texts:
            texts[path] = _read(path)
            waiting += imports(path, texts[path])
    return texts


def _read(path: str) -> str:
    try:
        return (node_modules() / path).read_text()
    except FileNotFoundError as error:
        raise UserError(f"no {path} in {node_modules()}", REMEDY) from error


def _compiled(standard: dict[str, Any], source: str, name: str, compiler: str) -> dict[str, Any]:
    """ABI and creation code."""
    answer = _run(compiler, json.dumps(standard))
    wrong = [each for each in answer.get("errors", []) if each["severity"] == "error"]
    if wrong:
        raise UserError(f"{source}: {wrong[0]['formattedMessage']}", "use the compiler it asks for")
    made = answer["contracts"][source][name]
    return {"abi": made["abi"], "code": made["evm"]["bytecode"]["object"]}


def _run(compiler: str, request: str) -> dict[str, Any]:
    """Through files: what the compiler writes into a pipe is cut off when it ends."""
    program = node_modules() / compiler / str(_package(compiler).get("bin", {}).get("solcjs"))
    if not program.exists():
        raise UserError(f"no Solidity compiler in {program.parent}", REMEDY)
    command = ["node", str(program), "--standard-json"]
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as told:
        given.write(request)
        given.seek(0)
        try:
            done = subprocess.run(
                command,
                stdin=given,
                stdout=told,
                stderr=subprocess.PIPE,
                text=True,
                timeout=COMPILE_SECONDS,
            )
        except FileNotFoundError as error:
            raise UserError("node not found on PATH", "install Node 20 or newer") from error
        told.seek(0)
        return _answer(told.read(), done.stderr, program)


def _answer(told: str, complaint: str, program: Path) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(told[told.index("{") :])
    except ValueError as error:
        said = (complaint or told).strip()[-300:]
        raise UserError(f"{program} gave no answer: {said}", REMEDY) from error
    return answer


def _package(compiler: str) -> dict[str, Any]:
    """What the compiler's package says of itself."""
    path = node_modules() / compiler / "package.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise UserError(f"no npm package {compiler} in {node_modules()}", REMEDY) from error
    return found


def _cache_file(standard: dict[str, Any], name: str, compiler: str) -> Path:
    version = _package(compiler)["version"]
    text = json.dumps([FORMAT, version, standard], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return project_root() / "build" / "solidity" / f"{name}-{digest}.json"


def _write_atomic(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(temporary, path)
