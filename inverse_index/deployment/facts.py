# SPDX-License-Identifier: AGPL-3.0-only
"""How a deployment came about: what a registry keeps besides its addresses.

Nothing in it depends on where the project lies or what commit it is at: code, file
and arguments are told by their hashes and bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..artifacts import deployables, project_root
from ..chain import Contract
from ..config import DeploymentFile, IndexDefinition
from ..plan.deployment import Plan
from .system import System


@dataclass(frozen=True)
class Origin:
    """What a deployment was made from. stand_ins: local addresses by the field whose
    address they stand in for."""

    file: DeploymentFile
    plan: Plan
    deployer: str
    stand_ins: Mapping[str, str]


def facts_of(system: System, origin: Origin) -> dict[str, Any]:
    """For the registry; arguments are ABI-encoded, prices USD with 8 decimals."""
    contracts = {part: _creation(contract) for part, contract in created(system)}
    return {
        "deployer": origin.deployer,
        "block": max(each["block"] for each in contracts.values()),
        "config": {
            "file": _portable(origin.file.path),
            "sha256": digest(origin.file.path),
            "index": _index(origin.file),
            "index_sha256": index_digest(origin.file.index),
        },
        "prices": {symbol: str(price) for symbol, price in origin.plan.prices.items()},
        "stand_ins": dict(origin.stand_ins),
        "contracts": contracts,
    }


def created(system: System) -> Iterator[tuple[str, Contract]]:
    """This project's contracts that the deployment has created, by their part's name."""
    own = deployables()
    names = {address: part for part, address in system.addresses().items()}
    for owner in (system, system.venue):
        for field in fields(owner):  # type: ignore[arg-type]
            contract = getattr(owner, field.name)
            if not isinstance(contract, Contract) or contract.creation is None:
                continue
            if contract.contract_name in own:
                yield names[contract.address], contract


def _creation(contract: Contract) -> dict[str, Any]:
    assert contract.creation is not None
    return {
        "contract": contract.contract_name,
        "address": contract.address,
        "arguments": "0x" + contract.creation.arguments.hex(),
        "transaction": contract.creation.tx_hash,
        "block": contract.creation.block_number,
    }


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def index_digest(index: IndexDefinition) -> str:
    """SHA-256 of what an index consists of, however its file is written."""
    return sha256(index.model_dump_json().encode()).hexdigest()


def _index(file: DeploymentFile) -> str:
    """As the deployment file names it, relative to that; an index given instead of it
    relative to the project."""
    inside = file.path.parent / file.deployment.index
    return file.deployment.index if inside.exists() else _portable(Path(file.deployment.index))


def _portable(path: Path) -> str:
    """Relative to the project, or the bare name of a file elsewhere."""
    full = path.resolve()
    root = project_root()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else path.name
