# SPDX-License-Identifier: AGPL-3.0-only
"""Statements for all words at once: halmos walks all paths of the bytecode.

halmos expects what forge builds; it is given the same files made from our
artifacts, and a forge that has nothing to do. It serves for shifts, masks, sums and
comparisons. Quotients and checked products are beyond its solvers, which gave up
after a minute a query on fee_up (64 bits), drift (128) and div_up (even of 32
bits): those are for the grids and lemmas.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_utils.crypto import keccak

from inverse_index.artifacts import artifact, project_root
from inverse_index.errors import UserError

from .proof import Property, Refuted
from .venues import PROPERTIES

WRAPPER = "SymbolicCheck"
SOLVER_TIMEOUT = "120s"
SECONDS = 600
STUB = f"#!{sys.executable}\n"


@dataclass(frozen=True)
class Symbolic:
    """A property and how many bits each of its words has."""

    prop: Property
    bits: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return self.prop.name

    @property
    def ranges(self) -> str:
        return f"words of {', '.join(map(str, self.bits))} bits" if self.bits else "all words"


PROOFS = tuple(
    Symbolic(prop, (160, 24, 23, 1, 1) if prop.name == "hop_packed" else ())
    for prop in PROPERTIES
    if prop.contract == "WordProperties"
)


def find_halmos() -> str:
    """Path of the program: the project's own first, then PATH."""
    own = project_root() / ".venv-proofs" / "bin"
    for path in (str(own), None):
        found = shutil.which("halmos", path=path)
        if found:
            return found
    raise UserError("halmos not found in .venv-proofs/bin nor on PATH", "run `make proofs`")


def prove(proof: Symbolic) -> int:
    """Show that no path makes the property false or revert; how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        contract = proof.prop.contract
        target = root / "out" / f"{contract}.sol" / f"{contract}.json"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(_build(proof)))
        stub = root / "bin" / "forge"
        stub.parent.mkdir()
        stub.write_text(STUB)
        stub.chmod(0o755)
        result = _run(root, stub.parent)
    tests = [test for found in result["test_results"].values() for test in found]
    if len(tests) != 1 or tests[0]["exitcode"] != 0:
        raise Refuted(f"{proof.name}: {tests}")
    return int(tests[0]["num_paths"][0])


def _run(root: Path, forge: Path) -> dict[str, Any]:
    halmos = Path(find_halmos())
    answer = root / "answer.json"
    command = [str(halmos), "--root", str(root), "--storage-layout", "generic", "--no-status"]
    command += ["--solver-timeout-assertion", SOLVER_TIMEOUT, "--json-output", str(answer)]
    paths = os.pathsep.join([str(forge), str(halmos.parent), os.environ["PATH"]])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PATH": paths}, timeout=SECONDS
    )
    if not answer.exists():
        raise UserError(f"halmos says {done.stderr[-500:] or done.stdout[-500:]}", "see above")
    result: dict[str, Any] = json.loads(answer.read_text())
    return result


def _build(proof: Symbolic) -> dict[str, Any]:
    """What forge would have built of a test contract with this one function."""
    prop, name = proof.prop, proof.prop.contract
    built, wrapper = artifact(name), artifact(WRAPPER)
    bits = [*proof.bits, *[256] * (8 - len(proof.bits))]
    arguments = encode(
        ["bytes", "uint256[8]", "uint256[8]"],
        [bytes.fromhex(built.bytecode[2:]), [2**each - 1 for each in bits], [0] * 8],
    )
    function = next(each for each in built.abi if each.get("name") == prop.name)
    types = ",".join(each["type"] for each in function["inputs"])
    selector = keccak(text=f"{prop.name}({types})")[:4].hex()
    contract = {"nodeType": "ContractDefinition", "name": name, "contractKind": "contract"}
    return {
        "id": 0,
        "abi": [{**function, "name": f"check_{prop.name}"}],
        "methodIdentifiers": {f"check_{prop.name}({types})": selector},
        "bytecode": {"object": wrapper.bytecode + arguments.hex(), "linkReferences": {}},
        "deployedBytecode": {"object": wrapper.runtime},
        "ast": {"nodeType": "SourceUnit", "id": 0, "absolutePath": name, "nodes": [contract]},
        "metadata": {"compiler": {"version": "0.4.3"}},
    }
