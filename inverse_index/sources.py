# SPDX-License-Identifier: AGPL-3.0-only
"""A contract's sources as one document that Vyper compiles to the same bytes anywhere."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from .artifacts import EVM_VERSION, deployables, project_root, source_paths


def compiler_version() -> str:
    """As in "0.4.3"."""
    return version("vyper")


def source_id(name: str) -> str:
    """The contract's file, relative to the project."""
    return deployables()[name].relative_to(project_root()).as_posix()


def standard_json(name: str) -> dict[str, Any]:
    """Vyper's standard JSON input: the contract and everything that it imports."""
    contents = {key: {"content": path.read_text()} for key, path in source_paths(name).items()}
    return {
        "language": "Vyper",
        "sources": contents,
        "settings": {
            "evmVersion": EVM_VERSION,
            "search_paths": ["."],
            "outputSelection": {source_id(name): ["abi", "evm.bytecode", "evm.deployedBytecode"]},
        },
    }
